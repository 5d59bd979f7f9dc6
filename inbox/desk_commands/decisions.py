"""Commands on decisions: decide, approve, return, list."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox.cli import _app, _console, _ready, cli, options
from inbox.desk_commands import claims
from inbox.desk_commands.acting import Acting, act, colleague, read_day, read_minor, read_word, say, say_row, show_ref
from tickets.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from inbox.app import App
    from tickets.decision_letters import Preview
    from tickets.proposals import Part, Proposal


@cli.command()
def decide(  # noqa: PLR0917 - one option each
    claim: str,
    how: Annotated[str, typer.Argument(help="approve, partial, deny, close, reopen, accepted or escalate")],
    acting: Acting,
    amount: Annotated[str, typer.Option("--amount", help="What is paid; all that is payable if left out.")] = "",
    code: Annotated[str, typer.Option("--code", help="D01-D17 of a denial, C01-C03 of a closing.")] = "",
    clause: Annotated[str, typer.Option("--clause", help="The clause a denial rests on.")] = "",
    quote: Annotated[str, typer.Option("--quote", help="The clause's own words.")] = "",
    facts: Annotated[list[str] | None, typer.Option("--facts", help="A fact it rests on; may be repeated.")] = None,
    refuse: Annotated[
        list[str] | None,
        typer.Option("--refuse", help="A refused part, AMOUNT;CODE;CLAUSE;FACTS; may be repeated."),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="For colleagues; the reason of a reopening.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Show the letter and its mark; store nothing.")] = False,  # noqa: FBT002 - typer's way
    letter: Annotated[str, typer.Option("--letter", help="The mark of the letter that was read.")] = "",
    on: Annotated[str, typer.Option("--on", help="The day on which the customer accepted.")] = "",
) -> None:
    """Decide a claim, or propose it to who may; `--preview` shows the letter first."""
    if how in _OTHER_MOVES:
        _OTHER_MOVES[how](claim, acting, code=code, note=note, on=on)
        return
    proposal = _proposal(
        how, amount=amount, code=code, clause=clause, quote=quote, facts=facts or [], refuse=refuse or [], note=note,
        letter=letter,
    )  # fmt: skip
    if preview:
        _preview(claim, acting, proposal)
        return
    from inbox import desk

    app, decision = act(acting, lambda app, staff: desk.decide(app, claim, proposal, staff=staff))
    _print_decision(app, decision.id)


def _proposal(
    how: str, *, amount: str, code: str, clause: str, quote: str, facts: list[str], refuse: list[str], note: str,
    letter: str,
) -> "Proposal":  # fmt: skip
    from tickets.models import DecisionKind
    from tickets.proposals import Proposal

    if how not in ("approve", "partial", "deny"):
        raise ConfigurationError(f"decide {how}: there are approve, partial, deny, {', '.join(_OTHER_MOVES)}")
    return Proposal(
        kind=DecisionKind(how), amount_minor=read_minor(amount, "--amount") if amount else None, code=code or None,
        clause=clause or None, quote=quote, facts="\n".join(facts), refused=tuple(_part(each) for each in refuse),
        note=note, seen=letter,
    )  # fmt: skip


def _part(text: str) -> "Part":
    from tickets.proposals import Part

    amount, _, rest = text.partition(";")
    code, _, rest = rest.partition(";")
    clause, _, facts = rest.partition(";")
    return Part(
        amount_minor=read_minor(amount.strip(), "--refuse"),
        code=code.strip(),
        clause=clause.strip(),
        facts=facts.strip(),
    )


def _preview(claim: str, acting: str, proposal: "Proposal") -> None:
    from inbox import desk

    app = _ready(_app())
    shown = desk.preview_decision(app, claim, proposal, staff=colleague(app, acting))
    say(_letters(claim, shown), "\n\n".join(f"{to.medium}: {words.subject}\n{words.text}" for to, words in shown.words))
    if not options.json:
        _console().print(f"\nread it, then add --letter {shown.mark}")


def _letters(claim: str, shown: "Preview") -> dict[str, Any]:
    return {
        "claim": claim,
        "letter": shown.mark,
        "would_send": [
            {"medium": to.medium, "to": to.address, "subject": words.subject, "text": words.text}
            for to, words in shown.words
        ],
    }


def _print_decision(app: "App", decision_id: int) -> None:
    from tickets import decisions, shown_work

    def shape(session: "Session", names: Mapping[int, str]) -> Mapping[str, Any]:
        row = decisions.get(session, decision_id)
        return {**shown_work.decision(row, names), "claim_state": row.claim.state}

    say_row(app, shape, f"decision {decision_id} is kept; see `claimdesk show`")


def _close(claim: str, acting: str, *, code: str, note: str, on: str) -> None:  # noqa: ARG001 - one signature
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.close(app, claim, code or None, staff=staff, note=note))
    show_ref(app, claim, f"{claim} is closed")


def _reopen(claim: str, acting: str, *, code: str, note: str, on: str) -> None:  # noqa: ARG001 - one signature
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.reopen(app, claim, staff=staff, reason=note))
    show_ref(app, claim, f"{claim} is taken up again")


def _accepted(claim: str, acting: str, *, code: str, note: str, on: str) -> None:  # noqa: ARG001 - one signature
    from inbox import desk

    day = read_day(on, "--on")
    app, _ = act(acting, lambda app, staff: desk.offer_accepted(app, claim, staff=staff, on=day))
    show_ref(app, claim, f"{claim}: the offer is accepted")


def _escalated(claim: str, acting: str, *, code: str, note: str, on: str) -> None:  # noqa: ARG001 - one signature
    claims.escalate(claim, acting, reason=note)


_OTHER_MOVES: Mapping[str, Callable[..., None]] = {
    "close": _close,
    "reopen": _reopen,
    "accepted": _accepted,
    "escalate": _escalated,
}


@cli.command()
def approve(
    decision: Annotated[int, typer.Argument(help="Its id, as `decide` and `decisions` print it.")],
    acting: Acting,
    note: Annotated[str, typer.Option("--note", help="For colleagues; needed to return it.")] = "",
    give_back: Annotated[bool, typer.Option("--return", help="Give it back to its proposer.")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Approve what somebody else proposed, or give it back with a note."""
    from inbox import desk

    how = desk.return_decision if give_back else desk.approve
    app, _ = act(acting, lambda app, staff: how(app, decision, staff=staff, note=note))
    _print_decision(app, decision)


@cli.command("decisions")
def list_decisions(
    state: Annotated[str, typer.Option("--state", help="proposed: what waits for approval.")] = "proposed",
) -> None:
    """List decisions, one line each: those that wait for approval if no state is named."""
    from tickets import decisions, shown_work
    from tickets.models import DecisionState

    wanted = read_word(DecisionState, state, "--state")
    app = _ready(_app())
    with app.store.reading() as session:
        names = shown_work.names(session)
        for row in decisions.listed(session, state=wanted):
            record = shown_work.decision(row, names)
            say(record, f"{row.id}  {row.claim.ref}  {row.kind}  {record['proposed_by']}")

"""The desk's moves as commands, so that everything can be done and checked without a browser.

Each names who acts with --as (id, e-mail address or name), calls the desk's function that the page calls, and prints
one JSON document with --json.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox.cli import _app, _console, _print_json, _ready, cli, options
from tickets.errors import ConfigurationError, GuardError

if TYPE_CHECKING:
    from enum import StrEnum

    from sqlalchemy.orm import Session

    from inbox.app import App
    from tickets.decision_letters import Part, Preview, Proposal
    from tickets.models import Staff

_HUNDRED = 100
Acting = Annotated[str, typer.Option("--as", help="Who acts: id, e-mail address or name.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]

pay = typer.Typer(no_args_is_help=True, help="Payments: proposed, released, handed to the bank.")
task = typer.Typer(no_args_is_help=True, help="Tasks: handed to a department, answered.")
complaint = typer.Typer(no_args_is_help=True, help="Complaints and their register.")
account = typer.Typer(no_args_is_help=True, help="Bank accounts of claims, and changes of what we hold on customers.")
for _name, _group in (("pay", pay), ("task", task), ("complaint", complaint), ("account", account)):
    cli.add_typer(_group, name=_name)


# --- what every command does


def _do(acting: str, move: "Callable[[App, Staff], Any]") -> "tuple[App, Any]":
    """Make one move on a live store as somebody who works here."""
    from inbox import desk

    app = _ready(_app(changes=True))
    with app.store.reading() as session:
        staff = desk.find_staff(session, acting)
    return app, move(app, staff)


def _print(record: Mapping[str, Any], words: str) -> None:
    if options.json:
        _print_json(record)
    else:
        _console().print(words)


def _show(app: "App", ref: str, words: str) -> None:
    """Print a ticket or claim as `show` does."""
    from tickets import shown

    with app.store.reading() as session:
        _print(shown.any(session, ref, app.office, now=app.clock(), restricted=True), words)


def _print_row(app: "App", shape: "Callable[[Session, Mapping[int, str]], Mapping[str, Any]]", words: str) -> None:
    """Print a row that was just changed, read anew."""
    from tickets import shown_work

    with app.store.reading() as session:
        _print(shape(session, shown_work.names(session)), words)


def _minor(text: str, option: str) -> int:
    try:
        amount = Decimal(text) * _HUNDRED
    except InvalidOperation:
        raise ConfigurationError(f"{option} {text}: write an amount as 2450.00") from None
    if amount != amount.to_integral_value() or not amount.is_finite():
        raise ConfigurationError(f"{option} {text}: at most two decimals")
    return int(amount)


def _day(text: str, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ConfigurationError(f"{option} {text}: write a day as 2026-12-07") from None


def _word(kind: "type[StrEnum]", text: str, what: str) -> Any:
    with suppress(ValueError):
        return kind(text)
    raise ConfigurationError(f"{what} {text}: there are {', '.join(kind)}")


# --- claims and tickets


@cli.command()
def move(ref: str, state: str, acting: Acting, reason: Reason = "") -> None:
    """Move a claim or a ticket to a state, if its guards allow it."""
    from inbox import desk
    from tickets.models import ClaimState, TicketState

    if ref.upper().startswith("TKT"):
        to = _word(TicketState, state, "state")
        app, _ = _do(acting, lambda app, staff: desk.move_ticket(app, ref, to, staff=staff, reason=reason))
    elif state == "released":
        app, _ = _do(acting, lambda app, staff: desk.release_hold(app, ref, staff=staff, reason=reason))
    else:
        to = _word(ClaimState, state, "state")
        app, _ = _do(acting, lambda app, staff: desk.move_claim(app, ref, to, staff=staff, reason=reason))
    _show(app, ref, f"{ref} is {state}")


@cli.command()
def describe(  # noqa: PLR0917 - one option each
    claim: str,
    acting: Acting,
    kind: Annotated[str, typer.Option("--type", help="The claim type.")] = "",
    policy: Annotated[str, typer.Option("--policy", help="The policy it falls under; no rule ever picks one.")] = "",
    claimant: Annotated[str, typer.Option("--claimant", help="A customer's id.")] = "",
    loss_date: Annotated[str, typer.Option("--loss-date")] = "",
    cause: Annotated[str, typer.Option("--cause")] = "",
    country: Annotated[str, typer.Option("--country", help="Where it happened, as RO.")] = "",
) -> None:
    """Say what a claim is about: policy, type, claimant, date, cause and country of loss."""
    from inbox import desk

    told = desk.Told(
        type=kind or None, policy=policy or None, claimant=claimant or None, loss_date=_day(loss_date, "--loss-date"),
        cause=cause or None, loss_country=country or None,
    )  # fmt: skip
    app, _ = _do(acting, lambda app, staff: desk.describe_claim(app, claim, told, staff=staff))
    _show(app, claim, f"{claim} is described anew")


@cli.command()
def item(
    claim: str,
    key: str,
    judgement: Annotated[str, typer.Argument(help="accept, reject or waive")],
    acting: Acting,
    reason: Reason = "",
) -> None:
    """Judge what came for an item, or do without it."""
    from inbox import desk

    moves = {
        "accept": lambda app, staff: desk.accept(app, claim, key, staff=staff),
        "reject": lambda app, staff: desk.reject(app, claim, key, staff=staff, reason=reason),
        "waive": lambda app, staff: desk.waive(app, claim, key, staff=staff, reason=reason),
    }
    if judgement not in moves:
        raise ConfigurationError(f"item {judgement}: there are {', '.join(moves)}")
    app, _ = _do(acting, moves[judgement])
    _show(app, claim, f"{claim}: {key} {judgement}")


@cli.command()
def escalate(
    ref: str, acting: Acting, reason: Reason = "", to: Annotated[str, typer.Option("--to", help="Whom.")] = ""
) -> None:
    """Hand a ticket, or a claim with its open tickets, to a supervisor."""
    from inbox import desk

    def run(app: "App", staff: "Staff") -> Any:
        with app.store.reading() as session:
            chosen = desk.find_staff(session, to) if to else None
        return desk.escalate(app, ref, staff=staff, reason=reason, to=chosen)

    app, chosen = _do(acting, run)
    _show(app, ref, f"{ref} is {chosen.name}'s now")


@cli.command()
def merge(source: str, target: str, acting: Acting, reason: Reason = "") -> None:
    """Make a ticket or claim part of another; prints the number by which it is undone."""
    from inbox import desk

    how = desk.merge_tickets if source.upper().startswith("TKT") else desk.merge_claims
    _, number = _do(acting, lambda app, staff: how(app, source, target, staff=staff, reason=reason))
    record = {"merge": number, "source": source, "target": target}
    _print(record, f"{source} is part of {target}; undo it with `claimdesk unmerge {number}`")


@cli.command()
def unmerge(number: int, acting: Acting, reason: Reason = "") -> None:
    """Give back everything a merge took."""
    from inbox import desk

    _do(acting, lambda app, staff: desk.unmerge(app, number, staff=staff, reason=reason))
    _print({"merge": number, "undone": True}, f"merge {number} is undone")


@cli.command()
def split(
    message: Annotated[int, typer.Argument(help="The message's number, as `show TKT…` prints it.")],
    acting: Acting,
    to: Annotated[str, typer.Option("--to", help="The ticket to show it on too; a new one if left out.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="What the new ticket is about.")] = "general_question",
    claim: Annotated[str, typer.Option("--claim", help="The claim the new ticket is about.")] = "",
) -> None:
    """Show one message on a second ticket too; it is kept once."""
    from inbox import desk
    from tickets.intents import IntentKind

    _word(IntentKind, kind, "--kind")
    app, ref = _do(acting, lambda app, staff: desk.split(app, message, staff=staff, to=to, kind=kind, claim_ref=claim))
    _show(app, ref, f"message {message} stands on {ref} too")


# --- decisions


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

    app, decision = _do(acting, lambda app, staff: desk.decide(app, claim, proposal, staff=staff))
    _print_decision(app, decision.id)


def _proposal(
    how: str, *, amount: str, code: str, clause: str, quote: str, facts: list[str], refuse: list[str], note: str,
    letter: str,
) -> "Proposal":  # fmt: skip
    from tickets.decision_letters import Proposal
    from tickets.models import DecisionKind

    if how not in ("approve", "partial", "deny"):
        raise ConfigurationError(f"decide {how}: there are approve, partial, deny, {', '.join(_OTHER_MOVES)}")
    return Proposal(
        kind=DecisionKind(how), amount_minor=_minor(amount, "--amount") if amount else None, code=code or None,
        clause=clause or None, quote=quote, facts="\n".join(facts), refused=tuple(_part(each) for each in refuse),
        note=note, seen=letter,
    )  # fmt: skip


def _part(text: str) -> "Part":
    from tickets.decision_letters import Part

    amount, _, rest = text.partition(";")
    code, _, rest = rest.partition(";")
    clause, _, facts = rest.partition(";")
    return Part(
        amount_minor=_minor(amount.strip(), "--refuse"), code=code.strip(), clause=clause.strip(), facts=facts.strip()
    )


def _preview(claim: str, acting: str, proposal: "Proposal") -> None:
    from inbox import desk

    app = _ready(_app())
    with app.store.reading() as session:
        staff = desk.find_staff(session, acting)
    shown = desk.preview_decision(app, claim, proposal, staff=staff)
    _print(
        _letters(claim, shown), "\n\n".join(f"{to.medium}: {words.subject}\n{words.text}" for to, words in shown.words)
    )
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

    _print_row(app, shape, f"decision {decision_id} is kept; see `claimdesk show`")


def _close(claim: str, acting: str, *, code: str, note: str, on: str) -> None:  # noqa: ARG001 - one signature
    from inbox import desk

    app, _ = _do(acting, lambda app, staff: desk.close(app, claim, code or None, staff=staff, note=note))
    _show(app, claim, f"{claim} is closed")


def _reopen(claim: str, acting: str, *, code: str, note: str, on: str) -> None:  # noqa: ARG001 - one signature
    from inbox import desk

    app, _ = _do(acting, lambda app, staff: desk.reopen(app, claim, staff=staff, reason=note))
    _show(app, claim, f"{claim} is taken up again")


def _accepted(claim: str, acting: str, *, code: str, note: str, on: str) -> None:  # noqa: ARG001 - one signature
    from inbox import desk

    day = _day(on, "--on")
    app, _ = _do(acting, lambda app, staff: desk.offer_accepted(app, claim, staff=staff, on=day))
    _show(app, claim, f"{claim}: the offer is accepted")


def _escalated(claim: str, acting: str, *, code: str, note: str, on: str) -> None:  # noqa: ARG001 - one signature
    escalate(claim, acting, reason=note)


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
    app, _ = _do(acting, lambda app, staff: how(app, decision, staff=staff, note=note))
    _print_decision(app, decision)


@cli.command("decisions")
def list_decisions(
    state: Annotated[str, typer.Option("--state", help="proposed: what waits for approval.")] = "proposed",
) -> None:
    """List decisions, one line each: those that wait for approval if no state is named."""
    from tickets import decisions, shown_work
    from tickets.models import DecisionState

    wanted = _word(DecisionState, state, "--state")
    app = _ready(_app())
    with app.store.reading() as session:
        names = shown_work.names(session)
        for row in decisions.listed(session, state=wanted):
            record = shown_work.decision(row, names)
            _print(record, f"{row.id}  {row.claim.ref}  {row.kind}  {record['proposed_by']}")


# --- payments


@pay.command("propose")
def pay_propose(
    claim: str, acting: Acting, amount: Annotated[str, typer.Option("--amount", help="A part of what is left.")] = ""
) -> None:
    """Propose to pay what the decision in force leaves, or a part of it."""
    from inbox import desk

    part = _minor(amount, "--amount") if amount else None
    app, row = _do(acting, lambda app, staff: desk.propose_payment(app, claim, staff=staff, amount_minor=part))
    _print_payment(app, row.once)


@pay.command("release")
def pay_release(payment: str, acting: Acting) -> None:
    """Let a payment go, as somebody who neither proposed nor approved it."""
    from inbox import desk

    app, _ = _do(acting, lambda app, staff: desk.release_payment(app, payment, staff=staff))
    _print_payment(app, payment)


@pay.command("withdraw")
def pay_withdraw(payment: str, acting: Acting, reason: Reason = "") -> None:
    """Take a proposal back."""
    from inbox import desk

    app, _ = _do(acting, lambda app, staff: desk.withdraw_payment(app, payment, staff=staff, reason=reason))
    _print_payment(app, payment)


@pay.command("state")
def pay_state(
    payment: str,
    state: Annotated[str, typer.Argument(help="confirmed or returned")],
    acting: Acting,
    on: Annotated[str, typer.Option("--on", help="The day it was paid.")] = "",
    reason: Reason = "",
) -> None:
    """Note what the bank says of a payment."""
    from inbox import desk
    from tickets.models import PaymentState

    to, day = _word(PaymentState, state, "state"), _day(on, "--on")
    app, _ = _do(acting, lambda app, staff: desk.payment_state(app, payment, to, staff=staff, on=day, reason=reason))
    _print_payment(app, payment)


@pay.command("file")
def pay_file(
    out: Annotated[Path, typer.Argument(help="Where to write it.")],
    acting: Acting,
    form: Annotated[str, typer.Option("--format", help="pain.001 or csv")] = "pain.001",
    again: Annotated[str, typer.Option("--again", help="Write this file once more, byte for byte.")] = "",
) -> None:
    """Put every released payment into one file for the bank; each payment is in exactly one."""
    from inbox import desk

    if out.exists():
        raise GuardError(f"{out} exists already: name another file")
    if again:
        _, made = _do(acting, lambda app, staff: desk.payment_file_again(app, again, staff=staff))
    else:
        _, made = _do(acting, lambda app, staff: desk.make_payment_file(app, form, staff=staff))
    out.write_bytes(made.content)
    record = {
        "file": made.file.name, "format": made.file.format, "sha256": made.file.sha256, "path": str(out),
        "payments": [each.once for each in made.payments],
    }  # fmt: skip
    _print(record, f"{made.file.name}: {len(made.payments)} payments in {out}")


@pay.command("list")
def pay_list(state: Annotated[str, typer.Option("--state", help="Only payments in this state.")] = "") -> None:
    """List payments, one line each."""
    from tickets import payments, shown_work
    from tickets.models import PaymentState

    wanted = _word(PaymentState, state, "--state") if state else None
    app = _ready(_app())
    with app.store.reading() as session:
        names = shown_work.names(session)
        for row in payments.listed(session, state=wanted):
            _print(shown_work.payment(row, names), f"{row.once}  {row.state}  {row.amount_minor / _HUNDRED:.2f}")


@pay.command("where")
def pay_where(claim: str) -> None:
    """Say how the payment of a claim stands, and who is waited for."""
    from inbox import desk

    stand = desk.payment_stand(_ready(_app()), claim)
    record = {
        "claim": claim, "stands": stand.key, "waits_for": stand.waits_for, "payment": stand.payment,
        "text": {"en": stand.en, "ro": stand.ro},
    }  # fmt: skip
    _print(record, stand.en)


def _print_payment(app: "App", once: str) -> None:
    from tickets import payments, shown_work

    def shape(session: "Session", names: Mapping[int, str]) -> Mapping[str, Any]:
        row = payments.get(session, once)
        return {**shown_work.payment(row, names), "claim_state": row.claim.state}

    _print_row(app, shape, once)


# --- tasks


@task.command("open")
def task_open(  # noqa: PLR0917 - one option each
    ref: Annotated[str, typer.Argument(help="The ticket or claim it is about.")],
    department: str,
    question: str,
    acting: Acting,
    due: Annotated[str, typer.Option("--due", help="The day by which the answer is needed.")] = "",
    kind: Annotated[
        str, typer.Option("--kind", help="question, or asf_file for the authority's request.")
    ] = "question",
    shows: Annotated[list[str] | None, typer.Option("--shows", help="A part of the claim it may see.")] = None,
    restricted: Annotated[bool, typer.Option("--restricted", help="SIU and legal alone see it.")] = False,  # noqa: FBT002 - typer's way
    wait: Annotated[bool, typer.Option("--wait", help="The ticket waits for the answer.")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Hand a question to a department."""
    from inbox import desk

    day = _day(due, "--due")
    app, row = _do(
        acting,
        lambda app, staff: desk.hand_off(
            app, ref, department, staff=staff, question=question, due_on=day, kind=kind, shows=shows or ["summary"],
            restricted=restricted, wait=wait,
        ),
    )  # fmt: skip
    _print_task(app, row.id)


@task.command("answer")
def task_answer(number: int, text: str, acting: Acting) -> None:
    """Answer a task."""
    from inbox import desk

    app, _ = _do(acting, lambda app, staff: desk.answer_task(app, number, staff=staff, text=text))
    _print_task(app, number)


@task.command("cancel")
def task_cancel(number: int, acting: Acting, reason: Reason = "") -> None:
    """Call a task off."""
    from inbox import desk

    app, _ = _do(acting, lambda app, staff: desk.cancel_task(app, number, staff=staff, reason=reason))
    _print_task(app, number)


@task.command("give")
def task_give(number: int, to: str, acting: Acting) -> None:
    """Put a task into one person's hands."""
    from inbox import desk

    def run(app: "App", staff: "Staff") -> Any:
        with app.store.reading() as session:
            chosen = desk.find_staff(session, to)
        return desk.give_task(app, number, chosen, staff=staff)

    app, _ = _do(acting, run)
    _print_task(app, number)


@task.command("list")
def task_list(
    acting: Annotated[str, typer.Option("--as", help="Who looks: what is restricted is listed for whom it is.")] = "",
    department: Annotated[str, typer.Option("--department")] = "",
    state: Annotated[str, typer.Option("--state", help="open, done, cancelled or all")] = "open",
) -> None:
    """List tasks, one line each, the soonest due first."""
    from inbox import desk
    from tickets import shown_work, tasks
    from tickets.models import TaskState

    wanted = None if state == "all" else _word(TaskState, state, "--state")
    app = _ready(_app())
    with app.store.reading() as session:
        staff = desk.find_staff(session, acting) if acting else None
        names = shown_work.names(session)
        for row in tasks.listed(session, staff=staff, department=department, state=wanted):
            _print(shown_work.task(row, names), f"{row.id}  {row.department}  {row.due_on or '-'}  {row.question}")


def _print_task(app: "App", number: int) -> None:
    from tickets import shown_work, tasks

    def shape(session: "Session", names: Mapping[int, str]) -> Mapping[str, Any]:
        return shown_work.task(tasks.get(session, number), names)

    _print_row(app, shape, f"task {number}")


# --- complaints


@complaint.command("register")
def complaint_register(
    ref: Annotated[str, typer.Argument(help="The ticket or claim it is about.")],
    subject: str,
    acting: Acting,
    sal: Annotated[bool, typer.Option("--sal", help="The customer has asked for out-of-court settlement.")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Enter a complaint in the register."""
    from inbox import desk

    app, row = _do(
        acting, lambda app, staff: desk.register_complaint(app, ref, staff=staff, subject=subject, sal_request=sal)
    )
    _print_complaint(app, row.number)


@complaint.command("assign")
def complaint_assign(number: str, to: str, acting: Acting) -> None:
    """Give a complaint to somebody who had no part in the decision."""
    from inbox import desk

    def run(app: "App", staff: "Staff") -> Any:
        with app.store.reading() as session:
            chosen = desk.find_staff(session, to)
        return desk.assign_complaint(app, number, chosen, staff=staff)

    app, _ = _do(acting, run)
    _print_complaint(app, number)


@complaint.command("settle")
def complaint_settle(
    number: str,
    acting: Acting,
    outcome: Annotated[str, typer.Option("--outcome", help="The reasons, for the register.")],
    founded: Annotated[bool, typer.Option("--founded/--unfounded", help="A founded one reopens the claim.")],
    answer: Annotated[str, typer.Option("--answer", help="What is written to who complained.")] = "",
) -> None:
    """Settle a complaint and answer it."""
    from inbox import desk

    app, _ = _do(
        acting,
        lambda app, staff: desk.settle_complaint(
            app, number, staff=staff, founded=founded, outcome=outcome, answer=answer
        ),
    )
    _print_complaint(app, number)


@complaint.command("list")
def complaint_list(
    year: Annotated[int, typer.Option("--year")] = 0,
    out: Annotated[Path | None, typer.Option("--csv", help="Write the register to this file.")] = None,
) -> None:
    """List the register, one line each, or write it as a table."""
    from tickets import complaints, shown_work

    app = _ready(_app())
    now = app.clock()
    with app.store.reading() as session:
        rows, names = complaints.listed(session, year=year or None), shown_work.names(session)
        lines = [complaints.line(row, app.office, now=now) for row in rows]
        if out is not None:
            out.write_bytes(complaints.as_csv(lines).encode("utf-8-sig"))
        for row in rows:
            record = shown_work.complaint(row, names, app.office, now=now)
            _print(record, f"{row.number}  {record['received_on']}  {record['claim']}  {record['outcome'] or 'open'}")


def _print_complaint(app: "App", number: str) -> None:
    from tickets import complaints, shown_work

    def shape(session: "Session", names: Mapping[int, str]) -> Mapping[str, Any]:
        row = complaints.find(session, number)
        shown = shown_work.complaint(row, names, app.office, now=app.clock())
        return {
            **shown,
            "claim_state": row.claim.state if row.claim else None,
            "overturned": complaints.overturned(session),
        }

    _print_row(app, shape, f"complaint {number}")


# --- accounts


@account.command("give")
def account_give(
    claim: str,
    iban: str,
    acting: Acting,
    source: Annotated[str, typer.Option("--source", help="form, call, letter, email or sms")],
    holder: Annotated[str, typer.Option("--holder")] = "",
) -> None:
    """Keep the bank account to pay a claim to."""
    from inbox import desk

    app, _ = _do(
        acting, lambda app, staff: desk.give_account(app, claim, staff=staff, iban=iban, holder=holder, source=source)
    )
    _print_stand(app, claim)


@account.command("call-back")
def account_call_back(claim: str, number: str, acting: Acting) -> None:
    """Note that the claimant confirmed the account on a number that was on file before."""
    from inbox import desk

    app, _ = _do(acting, lambda app, staff: desk.call_back_account(app, claim, staff=staff, number=number))
    _print_stand(app, claim)


@account.command("agree")
def account_agree(claim: str, acting: Acting) -> None:
    """Agree, as a second person, to an account that was called back."""
    from inbox import desk

    app, _ = _do(acting, lambda app, staff: desk.agree_account(app, claim, staff=staff))
    _print_stand(app, claim)


def _print_stand(app: "App", claim: str) -> None:
    from inbox import desk
    from tickets import bank_accounts

    with app.store.reading() as session:
        known = bank_accounts.of_claim(session, desk.find_claim(session, claim))
        refusal = bank_accounts.why_not(known, today=app.office.day(app.clock()))
    record = {
        "claim": claim, "iban": bank_accounts.masked(known.iban) if known else None,
        "holder": known.holder if known else None, "cleared": known.is_cleared if known else False,
        "blocked_by": refusal.guard if refusal else None,
        "text": {"en": refusal.en, "ro": refusal.ro} if refusal else None,
    }  # fmt: skip
    _print(record, refusal.en if refusal else f"{claim} may be paid to this account")


@account.command("change")
def account_change(
    customer: str,
    kind: Annotated[str, typer.Argument(help="address, contact, name or bank_account")],
    values: Annotated[list[str], typer.Argument(help="postal=…, email=…, phone=…, name=…, iban=…, holder=…")],
    acting: Acting,
    ticket: Annotated[str, typer.Option("--ticket")] = "",
) -> None:
    """Write down a customer's wish to change what we hold; a name or account waits for call-back and four eyes."""
    from inbox import desk

    after = dict(each.partition("=")[::2] for each in values)
    app, row = _do(
        acting,
        lambda app, staff: desk.change_account(app, customer, kind, staff=staff, after=after, ticket_ref=ticket),
    )
    _print_change(app, row.id)


@account.command("confirm")
def account_confirm(
    change: int,
    acting: Acting,
    number: Annotated[str, typer.Option("--called", help="The number on file that was called.")] = "",
    refuse: Annotated[str, typer.Option("--refuse", help="Set it aside, for this reason.")] = "",
) -> None:
    """Note the call back of a change, agree to it as a second person, or refuse it."""
    from inbox import desk

    def run(app: "App", staff: "Staff") -> Any:
        if refuse:
            return desk.refuse_change(app, change, staff=staff, reason=refuse)
        if number:
            return desk.call_back_change(app, change, staff=staff, number=number)
        return desk.agree_change(app, change, staff=staff)

    app, _ = _do(acting, run)
    _print_change(app, change)


def _print_change(app: "App", number: int) -> None:
    from tickets import account_changes, shown_work

    def shape(session: "Session", names: Mapping[int, str]) -> Mapping[str, Any]:
        return shown_work.change(account_changes.get(session, number), names)

    _print_row(app, shape, f"change {number}")

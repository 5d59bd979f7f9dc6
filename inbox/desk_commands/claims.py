"""Commands on claims and tickets: move, describe, item, escalate, merge, unmerge, split."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox.cli import cli
from inbox.desk_commands.acting import Acting, Reason, act, colleague, read_day, read_pairs, read_word, say, show_ref
from tickets.errors import ConfigurationError

if TYPE_CHECKING:
    from inbox.app import App
    from tickets.models import Staff


@cli.command()
def move(ref: str, state: str, acting: Acting, reason: Reason = "") -> None:
    """Move a claim or a ticket to a state, if its guards allow it."""
    from inbox import desk
    from tickets.models import ClaimState, TicketState

    if ref.upper().startswith("TKT"):
        to = read_word(TicketState, state, "state")
        app, _ = act(acting, lambda app, staff: desk.move_ticket(app, ref, to, staff=staff, reason=reason))
    elif state == "released":
        app, _ = act(acting, lambda app, staff: desk.release_hold(app, ref, staff=staff, reason=reason))
    else:
        to = read_word(ClaimState, state, "state")
        app, _ = act(acting, lambda app, staff: desk.move_claim(app, ref, to, staff=staff, reason=reason))
    show_ref(app, ref, f"{ref} is {state}")


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
    fact: Annotated[list[str], typer.Option("--fact", help="An answer to what its type asks: flat=yes.")] = [],  # noqa: B006 - typer's way
) -> None:
    """Say what a claim is about: policy, type, claimant, date, cause and country of loss, and what else was told."""
    from inbox import desk

    told = desk.Told(
        type=kind or None, policy=policy or None, claimant=claimant or None,
        loss_date=read_day(loss_date, "--loss-date"), cause=cause or None, loss_country=country or None,
        facts=read_pairs(fact, "--fact"),
    )  # fmt: skip
    app, _ = act(acting, lambda app, staff: desk.describe_claim(app, claim, told, staff=staff))
    show_ref(app, claim, f"{claim} is described anew")


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
    app, _ = act(acting, moves[judgement])
    show_ref(app, claim, f"{claim}: {key} {judgement}")


@cli.command()
def escalate(
    ref: str, acting: Acting, reason: Reason = "", to: Annotated[str, typer.Option("--to", help="Whom.")] = ""
) -> None:
    """Hand a ticket, or a claim with its open tickets, to a supervisor."""
    from inbox import desk

    def run(app: "App", staff: "Staff") -> Any:
        return desk.escalate(app, ref, staff=staff, reason=reason, to=colleague(app, to) if to else None)

    app, chosen = act(acting, run)
    show_ref(app, ref, f"{ref} is {chosen.name}'s now")


@cli.command()
def merge(source: str, target: str, acting: Acting, reason: Reason = "") -> None:
    """Make a ticket or claim part of another; prints the number by which it is undone."""
    from inbox import desk

    how = desk.merge_tickets if source.upper().startswith("TKT") else desk.merge_claims
    _, number = act(acting, lambda app, staff: how(app, source, target, staff=staff, reason=reason))
    record = {"merge": number, "source": source, "target": target}
    say(record, f"{source} is part of {target}; undo it with `claimdesk unmerge {number}`")


@cli.command()
def unmerge(number: int, acting: Acting, reason: Reason = "") -> None:
    """Give back everything a merge took."""
    from inbox import desk

    act(acting, lambda app, staff: desk.unmerge(app, number, staff=staff, reason=reason))
    say({"merge": number, "undone": True}, f"merge {number} is undone")


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

    read_word(IntentKind, kind, "--kind")
    app, ref = act(acting, lambda app, staff: desk.split(app, message, staff=staff, to=to, kind=kind, claim_ref=claim))
    show_ref(app, ref, f"message {message} stands on {ref} too")

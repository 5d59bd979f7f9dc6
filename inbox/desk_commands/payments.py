"""Commands on payments: proposed, released, handed to the bank."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox.cli import _app, _ready, cli
from inbox.desk_commands.acting import Acting, Reason, act, read_day, read_minor, read_word, say, say_row
from tickets.errors import GuardError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from inbox.app import App

pay = typer.Typer(no_args_is_help=True, help="Payments: proposed, released, handed to the bank.")
cli.add_typer(pay, name="pay")


@pay.command("propose")
def pay_propose(
    claim: str, acting: Acting, amount: Annotated[str, typer.Option("--amount", help="A part of what is left.")] = ""
) -> None:
    """Propose to pay what the decision in force leaves, or a part of it."""
    from inbox import desk

    part = read_minor(amount, "--amount") if amount else None
    app, row = act(acting, lambda app, staff: desk.propose_payment(app, claim, staff=staff, amount_minor=part))
    _print_payment(app, row.once)


@pay.command("release")
def pay_release(payment: str, acting: Acting) -> None:
    """Let a payment go, as somebody who neither proposed nor approved it."""
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.release_payment(app, payment, staff=staff))
    _print_payment(app, payment)


@pay.command("withdraw")
def pay_withdraw(payment: str, acting: Acting, reason: Reason = "") -> None:
    """Take a proposal back."""
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.withdraw_payment(app, payment, staff=staff, reason=reason))
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

    to, day = read_word(PaymentState, state, "state"), read_day(on, "--on")
    app, _ = act(acting, lambda app, staff: desk.payment_state(app, payment, to, staff=staff, on=day, reason=reason))
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
        raise GuardError(f"{out} exists already: name another file", ro=f"{out} există deja: numiți alt fișier")
    if again:
        _, made = act(acting, lambda app, staff: desk.payment_file_again(app, again, staff=staff))
    else:
        _, made = act(acting, lambda app, staff: desk.make_payment_file(app, form, staff=staff))
    out.write_bytes(made.content)
    record = {
        "file": made.file.name, "format": made.file.format, "sha256": made.file.sha256, "path": str(out),
        "payments": [each.once for each in made.payments],
    }  # fmt: skip
    say(record, f"{made.file.name}: {len(made.payments)} payments in {out}")


@pay.command("list")
def pay_list(state: Annotated[str, typer.Option("--state", help="Only payments in this state.")] = "") -> None:
    """List payments, one line each."""
    from tickets import payments, shown_work
    from tickets.models import PaymentState

    wanted = read_word(PaymentState, state, "--state") if state else None
    app = _ready(_app())
    with app.store.reading() as session:
        names = shown_work.names(session)
        for row in payments.listed(session, state=wanted):
            say(shown_work.payment(row, names), f"{row.once}  {row.state}  {row.amount_minor / 100:.2f}")


@pay.command("where")
def pay_where(claim: str) -> None:
    """Say how the payment of a claim stands, and who is waited for."""
    from inbox import desk

    stand = desk.payment_stand(_ready(_app()), claim)
    record = {
        "claim": claim, "stands": stand.key, "waits_for": stand.waits_for, "payment": stand.payment,
        "text": {"en": stand.en, "ro": stand.ro},
    }  # fmt: skip
    say(record, stand.en)


def _print_payment(app: "App", once: str) -> None:
    from tickets import payments, shown_work

    def shape(session: "Session", names: Mapping[int, str]) -> Mapping[str, Any]:
        row = payments.get(session, once)
        return {**shown_work.payment(row, names), "claim_state": row.claim.state}

    say_row(app, shape, once)

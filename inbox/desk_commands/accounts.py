"""Commands on bank accounts of claims, on who calls, and on changes of what we hold on customers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox.cli import cli
from inbox.desk_commands.acting import Acting, act, read_word, say, say_row, show_ref

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from inbox.app import App
    from tickets.models import Staff

account = typer.Typer(no_args_is_help=True, help="Bank accounts of claims, and changes of what we hold on customers.")
cli.add_typer(account, name="account")


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

    app, _ = act(
        acting, lambda app, staff: desk.give_account(app, claim, staff=staff, iban=iban, holder=holder, source=source)
    )
    _print_stand(app, claim)


@account.command("call-back")
def account_call_back(claim: str, number: str, acting: Acting) -> None:
    """Note that the claimant confirmed the account on a number that was on file before."""
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.call_back_account(app, claim, staff=staff, number=number))
    _print_stand(app, claim)


@account.command("agree")
def account_agree(claim: str, acting: Acting) -> None:
    """Agree, as a second person, to an account that was called back."""
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.agree_account(app, claim, staff=staff))
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
    say(record, refusal.en if refusal else f"{claim} may be paid to this account")


@cli.command()
def caller(
    ticket: Annotated[str, typer.Argument(help="The ticket on which somebody calls.")],
    asked: Annotated[
        list[str],
        typer.Argument(help="What was asked: birth_date, policy, address, plate, last_contact or national_id_end."),
    ],
    acting: Acting,
    passed: Annotated[bool, typer.Option("--passed/--failed", help="Whether every answer was right.")],
) -> None:
    """Note what a caller was asked and whether the answers were right; it holds for an hour on this ticket."""
    from inbox import desk
    from tickets.identity import Question

    questions = [read_word(Question, each, "question") for each in asked]
    app, _ = act(acting, lambda app, staff: desk.verify_caller(app, ticket, questions, passed=passed, staff=staff))
    show_ref(app, ticket, f"{ticket}: the caller is {'known' if passed else 'not known'}")


@account.command("change")
def account_change(
    customer: str,
    kind: Annotated[str, typer.Argument(help="address, contact, name or bank_account")],
    values: Annotated[list[str], typer.Argument(help="postal=…, email=…, phone=…, name=…, iban=…, holder=…")],
    acting: Acting,
    ticket: Annotated[str, typer.Option("--ticket", help="The ticket on which the customer asks.")],
) -> None:
    """Write down a customer's wish to change what we hold; a name or account waits for call-back and four eyes."""
    from inbox import desk

    after = dict(each.partition("=")[::2] for each in values)
    app, row = act(
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

    app, _ = act(acting, run)
    _print_change(app, change)


def _print_change(app: "App", number: int) -> None:
    from tickets import account_changes, shown_work

    def shape(session: "Session", names: Mapping[int, str]) -> Mapping[str, Any]:
        return shown_work.change(account_changes.get(session, number), names)

    say_row(app, shape, f"change {number}")

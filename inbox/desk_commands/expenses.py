"""Commands on the expenses of a claim: list, add, correct, strike."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox.cli import _app, _ready, cli
from inbox.desk_commands.acting import Acting, Reason, act, read_day, read_minor, say, show_ref

if TYPE_CHECKING:
    from inbox.app import App
    from tickets.expenses import Entry
    from tickets.models import ClaimLine

expense = typer.Typer(no_args_is_help=True, help="The expenses of a claim, written down by a person.")
cli.add_typer(expense, name="expense")

_Coverage = Annotated[str, typer.Option("--coverage", help="Of its policy; the only one if left out.")]
_Day = Annotated[str, typer.Option("--day", help="When it was paid.")]
_File = Annotated[int | None, typer.Option("--file", help="The number of the file that proves it.")]
_Line = Annotated[int, typer.Argument(help="Its number, as `expense list` says it.")]


@expense.command("list")
def expense_list(claim: str) -> None:
    """List a claim's expenses with their numbers."""
    app = _ready(_app())
    for line in _lines(app, claim):
        record = _record(claim, line)
        say(record, f"{line.id}  {line.coverage}  {record['amount']['amount']} {line.currency}  {line.description}")


@expense.command("add")
def expense_add(  # noqa: PLR0917 - one option each
    claim: str,
    description: str,
    amount: str,
    acting: Acting,
    currency: Annotated[str, typer.Option("--currency", help="The claim's if left out.")] = "",
    coverage: _Coverage = "",
    day: _Day = "",
    file: _File = None,
) -> None:
    """Write down one more expense."""
    from inbox import desk
    from tickets.expenses import Entry

    entry = Entry(
        description=description, amount_minor=read_minor(amount, "AMOUNT"), currency=currency.upper(),
        coverage=coverage, spent_on=read_day(day, "--day"), file_id=file,
    )  # fmt: skip
    app, _ = act(acting, lambda app, staff: desk.add_expense(app, claim, _filled(app, claim, entry), staff=staff))
    show_ref(app, claim, f"{claim}: expense added")


@expense.command("correct")
def expense_correct(  # noqa: PLR0917 - one option each
    claim: str,
    line: _Line,
    acting: Acting,
    description: Annotated[str, typer.Option("--description")] = "",
    amount: Annotated[str, typer.Option("--amount")] = "",
    coverage: _Coverage = "",
    day: _Day = "",
    file: _File = None,
    reason: Reason = "",
) -> None:
    """Write an expense anew; what is left out stays, and what it was stays in the history."""
    from inbox import desk

    given: dict[str, Any] = {
        "description": description, "amount_minor": read_minor(amount, "--amount") if amount else None,
        "coverage": coverage, "spent_on": read_day(day, "--day"), "file_id": file,
    }  # fmt: skip

    def move(app: "App", staff: Any) -> None:
        was = _line(app, claim, line)
        entry = replace(_entry(was), **{key: value for key, value in given.items() if value})
        desk.correct_expense(app, claim, line, entry, was_minor=was.total_minor, staff=staff, reason=reason)

    app, _ = act(acting, move)
    show_ref(app, claim, f"{claim}: expense {line} corrected")


@expense.command("strike")
def expense_strike(claim: str, line: _Line, acting: Acting, reason: Reason = "") -> None:
    """Take an expense out, with a reason."""
    from inbox import desk

    def move(app: "App", staff: Any) -> None:
        was = _line(app, claim, line)
        desk.strike_expense(app, claim, line, was_minor=was.total_minor, staff=staff, reason=reason)

    app, _ = act(acting, move)
    show_ref(app, claim, f"{claim}: expense {line} struck")


def _lines(app: "App", ref: str) -> "list[ClaimLine]":
    from tickets import claims

    with app.store.reading() as session:
        return list(claims.find(session, ref).lines)


def _line(app: "App", ref: str, line: int) -> "ClaimLine":
    from tickets import claims, expenses

    with app.store.reading() as session:
        return expenses.find(claims.find(session, ref), line)


def _filled(app: "App", ref: str, entry: "Entry") -> "Entry":
    """With the claim's currency, and the only coverage there is, where none was said."""
    from tickets import claims, value_uses

    with app.store.reading() as session:
        claim = claims.find(session, ref)
        known = value_uses.coverages(claim)
        only = known[0] if len(known) == 1 else ""
        return replace(entry, currency=entry.currency or claim.currency, coverage=entry.coverage or only)


def _entry(line: "ClaimLine") -> "Entry":
    from tickets.expenses import Entry

    return Entry(
        description=line.description, amount_minor=line.total_minor, currency=line.currency, coverage=line.coverage,
        spent_on=line.spent_on, file_id=line.file_id,
    )  # fmt: skip


def _record(ref: str, line: "ClaimLine") -> Mapping[str, Any]:
    return {
        "expense": line.id,
        "claim": ref,
        "coverage": line.coverage,
        "description": line.description,
        "amount": {"amount": f"{line.total_minor // 100}.{line.total_minor % 100:02d}", "currency": line.currency},
        "spent_on": line.spent_on.isoformat() if line.spent_on else None,
        "file": line.file_id,
    }

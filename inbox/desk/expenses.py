"""Expenses of a claim, written down, corrected and struck by a person; what is payable follows."""

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.items import told_more
from inbox.desk.subjects import actor, find_claim, must_work
from tickets import expenses
from tickets.expenses import Entry
from tickets.guards import Cause
from tickets.models import Claim, Staff
from tickets.requests import latest_ticket


def add_expense(app: App, claim_ref: str, entry: Entry, *, staff: Staff) -> None:
    """Write down one more expense."""

    def move(session: Session, claim: Claim, today: date, cause: Cause) -> None:
        expenses.add(session, claim, entry, today=today, cause=cause)

    _do(app, claim_ref, move, staff=staff)


def correct_expense(
    app: App, claim_ref: str, line_id: int, entry: Entry, *, was_minor: int | None, staff: Staff, reason: str = ""
) -> None:
    """Write one anew; what it was stays in the history."""

    def move(session: Session, claim: Claim, today: date, cause: Cause) -> None:
        line = expenses.find(claim, line_id)
        expenses.correct(session, claim, line, entry, was_minor=was_minor, today=today, cause=cause)

    _do(app, claim_ref, move, staff=staff, reason=reason)


def strike_expense(app: App, claim_ref: str, line_id: int, *, was_minor: int | None, staff: Staff, reason: str) -> None:
    """Take one out, with a reason."""

    def move(session: Session, claim: Claim, _today: date, cause: Cause) -> None:
        expenses.strike(session, claim, expenses.find(claim, line_id), was_minor=was_minor, cause=cause)

    _do(app, claim_ref, move, staff=staff, reason=reason)


def _do(
    app: App,
    claim_ref: str,
    move: Callable[[Session, Claim, date, Cause], None],
    *,
    staff: Staff,
    reason: str = "",
) -> None:
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        ticket = latest_ticket(session, claim)
        cause = Cause(actor=actor(staff), at=now, reason=reason.strip(), ticket=ticket)
        move(session, claim, app.office.day(now), cause)
        told_more(app, session, claim, cause=cause)

"""Clocks at the desk: further time that a law gives, added by who may and told to whoever waits."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.conversations import correspondents
from inbox.desk.subjects import find_claim, find_ticket, must_work
from tickets import deadlines, decision_letters, extensions, requests
from tickets.deadlines import Standing
from tickets.errors import UnknownReferenceError
from tickets.models import Clock, Staff, Ticket
from tickets.reach import LISTING, Recipient


def extend_clock(app: App, ref: str, key: str, *, staff: Staff, reason: str, number: int | None = None) -> None:
    """Give a clock of a ticket or claim further time, all that its law has left unless a number is given."""
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        standing = _standing(session, app, ref, key, staff=staff)
        session.refresh(standing.clock, with_for_update=True)  # two people at once add no more than the law gives
        clock = standing.clock
        ticket = clock.ticket or _ticket(session, app, clock)
        to = _addressees(session, app, clock, ticket)
        extensions.extend(
            session, app.office, clock, definition=standing.definition, ticket=ticket, to=to, number=number,
            reason=reason, staff=staff, now=now,
        )  # fmt: skip


def _standing(session: Session, app: App, ref: str, key: str, *, staff: Staff) -> Standing:
    """The open clock of this name: on the ticket itself, else the soonest of the claim and its tickets."""
    found = [each for each in owed(session, app, ref, staff=staff) if each.definition.key == key and each.is_open]
    found.sort(key=lambda each: each.ticket != ref)
    if not found:
        raise UnknownReferenceError(f"{ref}: no clock {key} runs")
    return found[0]


def owed(session: Session, app: App, ref: str, *, staff: Staff) -> list[Standing]:
    """What the page of a ticket shows: its claim's clocks with all its tickets', else the ticket's own."""
    if ref.upper().startswith("CLM"):
        return deadlines.of_claim(session, app.office, find_claim(session, ref))
    return owed_on(session, app, find_ticket(session, ref, staff=staff))


def owed_on(session: Session, app: App, ticket: Ticket) -> list[Standing]:
    """The same of a ticket that is read already."""
    if ticket.claim is not None and ticket.verified:
        return deadlines.of_claim(session, app.office, ticket.claim)
    return deadlines.of_ticket(session, app.office, ticket)


def _ticket(session: Session, app: App, clock: Clock) -> Ticket:
    """The conversation on which a claim's customer is told."""
    claim = clock.claim
    assert claim is not None  # a clock of a task has no customer, and no law gives it more time
    return requests.latest_ticket(session, claim) or requests.open_ticket(session, claim, now=app.clock())


def _addressees(session: Session, app: App, clock: Clock, ticket: Ticket) -> Sequence[Recipient]:
    if clock.claim is not None:
        return decision_letters.recipients(clock.claim, app.office)
    reached = correspondents(session, app, ticket)
    return [reached[medium] for medium in LISTING if medium in reached][:1]

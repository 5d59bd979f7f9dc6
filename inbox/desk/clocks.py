"""Clocks at the desk: what has happened and only a person knows, and further time that a law gives."""

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.conversations import correspondents
from inbox.desk.subjects import actor, find_claim, find_ticket, must_work
from tickets import deadlines, decision_letters, extensions, history, requests
from tickets.deadlines import Standing
from tickets.errors import GuardError, UnknownReferenceError
from tickets.models import Clock, Staff, Ticket
from tickets.reach import LISTING, Recipient


def tell_clocks(app: App, ref: str, what: str, *, staff: Staff, on: date | None = None) -> None:
    """Note on a ticket or claim what has happened, in a word of the clocks; the day is today's unless one is given."""
    must_work(staff)
    now = app.clock()
    at = moment_of(app, on, now=now)
    with app.store.writing() as session:
        claim = find_claim(session, ref) if _is_claim(ref) else None
        ticket = None if claim else find_ticket(session, ref, staff=staff)
        subject = claim or ticket
        assert subject is not None  # both look-ups raise
        told = deadlines.may_be_told(app.office, subject, owed(session, app, ref, staff=staff))
        if refusal := deadlines.why_not(what, subject, told):
            raise refusal.error()
        deadlines.happened(session, app.office, what, at=at, now=now, claim=claim, ticket=ticket)
        history.record(
            session, "clock.told", actor=actor(staff), at=now, claim=claim, ticket=ticket, what=what,
            on=app.office.day(at).isoformat(),
        )  # fmt: skip


def moment_of(app: App, on: date | None, *, now: datetime) -> datetime:
    """Noon of a day that is told, now if it is today or none is; raises `GuardError` for a day to come."""
    today = app.office.day(now)
    if on is None or on == today:
        return now
    if on > today:
        raise GuardError(
            f"{on} is still to come: only what has happened can be told",
            ro=f"{on} este o zi viitoare: se notează numai ce s-a întâmplat",
            guard="day",
        )
    return datetime.combine(on, time(12), tzinfo=app.office.timezone)


def _is_claim(ref: str) -> bool:
    return ref.upper().startswith("CLM")


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
    if _is_claim(ref):
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

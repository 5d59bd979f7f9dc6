"""Tickets: who works on a conversation, when it comes back, its tags, whether it is done; merged, split over two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.subjects import actor, find_claim, find_message, find_ticket, must_work
from tickets import history, merging, requests, ticket_moves, work
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.intents import IntentKind, routing
from tickets.models import Staff, Ticket, TicketState
from tickets.tasks import sees_restricted
from tickets.work import Best, Snooze

#: Tickets that one bulk move may touch, and how many share a transaction.
MOST_AT_ONCE, PAGE = 5_000, 200


def take(app: App, ticket_ref: str, *, staff: Staff) -> None:
    """Make oneself the owner of a ticket."""
    assign(app, ticket_ref, staff.id, staff=staff)


def assign(app: App, ticket_ref: str, to_id: int | None, *, staff: Staff) -> None:
    """Hand a ticket over to somebody, or to nobody. Raises `UnknownReferenceError` for nobody we know."""
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        work.hand_over(session, app.office, ticket, _member(session, to_id), actor=actor(staff), now=app.clock())


def _member(session: Session, staff_id: int | None) -> Staff | None:
    if staff_id is None:
        return None
    found = session.get(Staff, staff_id)
    if found is None:
        raise UnknownReferenceError(f"nobody with the key {staff_id} works here")
    return found


def snooze(app: App, ticket_ref: str, until: datetime | None, *, reason: Snooze, staff: Staff) -> None:
    """Take a ticket out of the views until a moment, a reply or an item. Raises `GuardError`."""
    now = app.clock()
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        work.snooze(session, ticket, until, reason=reason, actor=actor(staff), now=now)


def wake(app: App, ticket_ref: str, *, staff: Staff) -> None:
    """Bring a snoozed ticket back."""
    with app.store.writing() as session:
        work.wake(session, find_ticket(session, ticket_ref, staff=staff), actor=actor(staff), now=app.clock())


def tag(app: App, ticket_ref: str, words: Sequence[str], *, staff: Staff) -> None:
    """Make a ticket's tags exactly these. Raises `GuardError` for too many."""
    with app.store.writing() as session:
        work.tag(session, find_ticket(session, ticket_ref, staff=staff), words, actor=actor(staff), now=app.clock())


def done(app: App, ticket_ref: str, *, staff: Staff) -> None:
    """Resolve a ticket; a new message reopens it."""
    with app.store.writing() as session:
        work.resolve(
            session, app.office, find_ticket(session, ticket_ref, staff=staff), actor=actor(staff), now=app.clock()
        )


def read(app: App, ticket_ref: str, *, staff: Staff | None = None) -> None:
    """Somebody has looked at what came in, and at what named him."""
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        ticket.unread = False
        if staff is not None:
            work.seen(session, ticket, staff.id, now=app.clock())


def next_best(app: App, *, staff: Staff, skip: Sequence[str] = ()) -> Best | None:
    """The ticket to work on next; skipped ones are left out."""
    with app.store.reading() as session:
        return work.next_best(session, staff.id, skip=skip, now=app.clock())


def skip(app: App, ticket_ref: str, reason: str, *, staff: Staff) -> None:
    """Say why the ticket that was next is left for later. Raises `GuardError` without a reason."""
    if not reason.strip():
        raise GuardError("skipping needs a reason")
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        history.record(session, "ticket.skipped", actor=actor(staff), at=app.clock(), ticket=ticket, reason=reason)


def move_ticket(app: App, ticket_ref: str, to: TicketState, *, staff: Staff, reason: str = "") -> None:
    """Move a ticket: waiting for somebody, in progress again, resolved, closed, reopened, discarded as spam."""
    must_work(staff)
    if to is TicketState.MERGED:
        raise GuardError(
            f"{ticket_ref}: name the ticket it is merged into",
            ro=f"{ticket_ref}: numiți tichetul cu care se unește",
            guard="merge",
        )
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        ticket_moves.move(session, app.office, ticket, to, cause=_cause(app, staff, reason))
        ticket.owner_id = ticket.owner_id or staff.id


def merge_tickets(app: App, source_ref: str, target_ref: str, *, staff: Staff, reason: str = "") -> int:
    """Make one conversation part of another; returns the number to undo it by."""
    must_work(staff)
    with app.store.writing() as session:
        source, target = find_ticket(session, source_ref, staff=staff), find_ticket(session, target_ref, staff=staff)
        return merging.merge_tickets(session, source, target, cause=_cause(app, staff, reason)).id


def split(
    app: App,
    message_id: int,
    *,
    staff: Staff,
    to: str = "",
    kind: str = IntentKind.GENERAL_QUESTION,
    claim_ref: str = "",
    reason: str = "",
) -> str:
    """Show a message on a second ticket too, a new one unless `to` names it; returns that ticket."""
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        message = find_message(session, message_id, staff=staff)
        if to:
            ticket = find_ticket(session, to, staff=staff)
        else:
            claim = find_claim(session, claim_ref) if claim_ref else None
            ticket = requests.split_off(session, message, claim, kind=kind, queue=routing(IntentKind(kind)), now=now)
        merging.share(session, message, ticket, cause=_cause(app, staff, reason))
        return ticket.ref


def _cause(app: App, staff: Staff, reason: str = "") -> Cause:
    return Cause(actor=actor(staff), at=app.clock(), reason=reason)


# --- many at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a bulk move changed on one ticket, so that it can be undone."""

    ref: str
    owner_id: int | None
    state: TicketState
    unread: bool
    snoozed_until: datetime | None
    snoozed_for: str | None
    row_version: int  #: After the move: who changed the ticket since keeps his change.


@dataclass(kw_only=True)
class Bulk:
    """One move on many tickets as it goes on: what is changed so far, and which tickets it left as they are."""

    all: int
    changed: list[Before] = field(default_factory=list)
    refused: list[GuardError] = field(default_factory=list)

    @property
    def looked_at(self) -> int:
        """How many tickets are done with."""
        return len(self.changed) + len(self.refused)


def bulk(
    app: App, refs: Sequence[str], move: Callable[[Session, Ticket], object], *, staff: Staff, run: Bulk | None = None
) -> Bulk:
    """Make one move on many tickets, a page a transaction; `run` tells others how far it is. Raises `GuardError`.

    A ticket that refuses the move stays as it is, and the others go on.
    """
    if len(refs) > MOST_AT_ONCE:
        raise GuardError(
            f"at most {MOST_AT_ONCE} tickets at once", ro=f"cel mult {MOST_AT_ONCE} de tichete odată", guard="many"
        )
    run = run or Bulk(all=len(refs))
    for start in range(0, len(refs), PAGE):
        with app.store.writing() as session:
            changed, refused = _move_page(session, refs[start : start + PAGE], move, staff=staff)
        run.changed += changed
        run.refused += refused
    return run


def _move_page(
    session: Session, refs: Sequence[str], move: Callable[[Session, Ticket], object], *, staff: Staff
) -> tuple[list[Before], list[GuardError]]:
    query = select(Ticket).where(Ticket.ref.in_(refs)).order_by(Ticket.id).with_for_update()
    if not sees_restricted(staff):
        query = query.where(Ticket.restricted.is_(False))
    were, refused = [], []
    for each in session.scalars(query).all():
        was = (each, each.owner_id, each.state, each.unread, each.snoozed_until, each.snoozed_for)
        try:
            move(session, each)
        except GuardError as error:  # guards speak before anything is changed
            refused.append(error)
        else:
            were.append(was)
    session.flush()  # the versions after the move say whether anybody has changed a ticket since
    changed = [
        Before(ref=each.ref, owner_id=owner, state=state, unread=unread, snoozed_until=until, snoozed_for=reason,
               row_version=each.row_version)
        for each, owner, state, unread, until, reason in were
    ]  # fmt: skip
    return changed, refused


def undo_bulk(app: App, before: Sequence[Before], *, staff: Staff) -> int:
    """Put back what a bulk move changed, but for tickets somebody has changed since; gives how many."""
    by_ref, restored = {each.ref: each for each in before}, 0

    def restore(session: Session, ticket: Ticket) -> None:
        nonlocal restored
        was = by_ref[ticket.ref]
        if ticket.row_version != was.row_version:
            return
        restored += 1
        ticket_moves.follow(session, ticket, was.state, cause=_cause(app, staff, "undone"))
        ticket.owner_id, ticket.unread = was.owner_id, was.unread
        ticket.snoozed_until, ticket.snoozed_for = was.snoozed_until, was.snoozed_for
        history.record(session, "ticket.restored", actor=actor(staff), at=app.clock(), ticket=ticket)

    bulk(app, list(by_ref), restore, staff=staff)
    return restored

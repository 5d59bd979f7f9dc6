"""Moves of tickets: which state may follow which; escalation is a flag and a change of owner."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import deadlines, history
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import Claim, Role, Staff, Ticket, TicketState
from tickets.moves import DONE_TICKETS
from tickets.office import Office

_T = TicketState
_WAITING = frozenset({_T.WAITING_CUSTOMER, _T.WAITING_THIRD_PARTY, _T.WAITING_INTERNAL})
#: What a ticket that is being worked on may become; whoever answers a new one has triaged it.
_WORK = _WAITING | {_T.IN_PROGRESS, _T.RESOLVED, _T.MERGED}

NEXT: Mapping[TicketState, frozenset[TicketState]] = MappingProxyType(
    {
        _T.NEW: _WORK | {_T.TRIAGED, _T.DISCARDED},
        _T.TRIAGED: _WORK | {_T.DISCARDED},
        _T.IN_PROGRESS: _WORK - {_T.IN_PROGRESS},
        **{state: _WORK - {state} for state in _WAITING},
        _T.RESOLVED: frozenset({_T.CLOSED, _T.REOPENED, _T.MERGED}),
        _T.CLOSED: frozenset({_T.REOPENED, _T.MERGED}),
        _T.REOPENED: _WORK,
        _T.MERGED: frozenset(),
        _T.DISCARDED: frozenset({_T.NEW, _T.MERGED}),  # kept, never deleted: a person may have been wrong
    }
)


#: What the end of the work on a ticket is called by the clocks.
_ENDS: Mapping[TicketState, str] = MappingProxyType(
    {_T.RESOLVED: "ticket.resolved", _T.DISCARDED: "ticket.discarded", _T.TRIAGED: "ticket.triaged"}
)


def move(session: Session, office: Office, ticket: Ticket, to: TicketState, *, cause: Cause) -> None:
    """Move a ticket; raises `GuardError` that says what it may become."""
    if to not in NEXT[ticket.state]:
        may = ", ".join(sorted(NEXT[ticket.state])) or "nothing else"
        raise GuardError(
            f"{ticket.ref} is {ticket.state} and cannot become {to}: it may become {may}",
            ro=f"{ticket.ref} este în starea {ticket.state} și nu poate trece în {to}; poate trece în {may}",
            guard="states",
        )
    follow(session, ticket, to, cause=cause)
    if to in (_T.RESOLVED, _T.CLOSED, _T.DISCARDED):
        ticket.unread = False
    if to in _ENDS:
        deadlines.happened(session, office, _ENDS[to], ticket=ticket, at=cause.at, now=cause.at, message=cause.message)


def follow(session: Session, ticket: Ticket, to: TicketState, *, cause: Cause) -> None:
    """Set the state that follows from something with rules of its own: an answer, a request, a message, an undo.

    The only place that changes a ticket's state; what is so already is no event.
    """
    if ticket.state is to:
        return
    before, ticket.state = ticket.state, to
    history.record(
        session, "ticket.moved", actor=cause.actor, at=cause.at, ticket=ticket, claim=ticket.claim,
        message=cause.message, before=before, after=to, reason=cause.reason,
    )  # fmt: skip


def escalate_matter(session: Session, ref: str, *, to: Staff | None, by: Staff, cause: Cause) -> Staff:
    """Escalate a ticket, or a claim with its open tickets; returns whose they are now."""
    claim = session.scalar(select(Claim).where(Claim.ref == ref))
    query = select(Ticket).where(Ticket.claim_id == claim.id if claim else Ticket.ref == ref)
    tickets = [
        each for each in session.scalars(query.order_by(Ticket.id)) if claim is None or each.state not in DONE_TICKETS
    ]
    if claim is None and not tickets:
        raise UnknownReferenceError(f"there is no ticket or claim {ref}")
    chosen = to or _supervisor(session, but=by)
    for ticket in tickets:
        escalate(session, ticket, chosen, cause=cause)
    if claim is not None:
        before, claim.owner_id = claim.owner_id, chosen.id
        history.record(
            session, "claim.escalated", actor=cause.actor, at=cause.at, claim=claim, before=before, after=chosen.id,
            reason=cause.reason,
        )  # fmt: skip
    return chosen


def _supervisor(session: Session, *, but: Staff) -> Staff:
    """The supervisor with the fewest escalated tickets; raises `GuardError` if there is none."""
    owners = session.scalars(
        select(Ticket.owner_id).where(Ticket.escalated, Ticket.state.not_in(DONE_TICKETS), Ticket.owner_id.is_not(None))
    )
    load = Counter(owners)
    staff = session.scalars(select(Staff).where(Staff.active, Staff.id != but.id).order_by(Staff.id))
    able = [each for each in staff if Role.SUPERVISOR in each.roles]
    if not able:
        raise GuardError(
            "there is no other supervisor to escalate to: name somebody",
            ro="nu există alt supervizor căruia să i se escaladeze: numiți pe cineva",
            guard="supervisor",
        )
    return min(able, key=lambda each: (load[each.id], each.id))


def escalate(session: Session, ticket: Ticket, to: Staff, *, cause: Cause) -> None:
    """Hand a ticket to somebody who may decide more, whatever its state."""
    before, ticket.owner_id, ticket.escalated = ticket.owner_id, to.id, True
    history.record(
        session, "ticket.escalated", actor=cause.actor, at=cause.at, ticket=ticket, claim=ticket.claim,
        message=cause.message, before=before, after=to.id, reason=cause.reason,
    )  # fmt: skip

"""What a move is about, and who makes it."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tickets import claims
from tickets.errors import GuardError, UnknownReferenceError
from tickets.models import (
    Claim,
    Message,
    Role,
    Staff,
    Ticket,
)
from tickets.tasks import sees_restricted

_ONLY_LOOK = frozenset({Role.AUDITOR, Role.TRAINER})


def actor(staff: Staff | None) -> str:
    """How the history names a person; a command at the machine has no sign-in."""
    return f"staff:{staff.id}" if staff else "command"


def must_work(staff: Staff) -> None:
    """Raise `GuardError` for whoever only looks: an auditor, a trainer."""
    if not set(staff.roles) - _ONLY_LOOK or not staff.active:
        raise GuardError(
            f"{staff.name} may look at everything and change nothing",
            ro=f"{staff.name} poate vedea tot, dar nu poate modifica nimic",
            guard="role",
        )


def find_staff(session: Session, name: str) -> Staff:
    """Somebody who works here, by the id a file gave, the address or the name; raises `UnknownReferenceError`."""
    wanted = name.strip().casefold()
    staff = session.scalars(select(Staff).where(Staff.active).order_by(Staff.id)).all()
    for key in ("external_id", "email", "name"):
        found = [each for each in staff if (getattr(each, key) or "").casefold() == wanted]
        if len(found) == 1:
            return found[0]
    raise UnknownReferenceError(f"nobody who works here is called {name}: name the id or e-mail address")


def find_claim(session: Session, ref: str) -> Claim:
    """The claim with its requirements and claimant; raises `UnknownReferenceError`."""
    claim = claims.find(session, ref)
    claims.refresh(claim)
    return claim


def find_ticket(session: Session, ref: str, *, staff: Staff | None = None) -> Ticket:
    """The ticket; raises `UnknownReferenceError`, also for a restricted one if `staff` may not see it."""
    ticket = session.scalar(select(Ticket).where(Ticket.ref == ref).options(joinedload(Ticket.claim)))
    if ticket is None or (ticket.restricted and staff is not None and not sees_restricted(staff)):
        raise UnknownReferenceError(f"there is no ticket {ref}")
    return ticket


def find_message(session: Session, message_id: int, *, staff: Staff) -> Message:
    """The message; raises `UnknownReferenceError`, also for one on a ticket that `staff` may not see."""
    message = session.get(Message, message_id, options=[joinedload(Message.ticket).joinedload(Ticket.claim)])
    if message is None or (message.ticket.restricted and not sees_restricted(staff)):
        raise UnknownReferenceError(f"there is no message {message_id}")
    return message

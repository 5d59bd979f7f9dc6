"""What a move is about, and who makes it."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tickets import claims
from tickets.errors import UnknownReferenceError
from tickets.models import (
    Claim,
    Staff,
    Ticket,
)


def actor(staff: Staff | None) -> str:
    """How the history names a person; a command at the machine has no sign-in."""
    return f"staff:{staff.id}" if staff else "command"


def find_claim(session: Session, ref: str) -> Claim:
    """The claim with its requirements and claimant; raises `UnknownReferenceError`."""
    claim = session.scalar(select(Claim).where(Claim.ref == ref))
    if claim is None:
        raise UnknownReferenceError(f"there is no claim {ref}")
    claims.refresh(claim)
    return claim


def find_ticket(session: Session, ref: str) -> Ticket:
    """The ticket; raises `UnknownReferenceError`."""
    ticket = session.scalar(select(Ticket).where(Ticket.ref == ref).options(joinedload(Ticket.claim)))
    if ticket is None:
        raise UnknownReferenceError(f"there is no ticket {ref}")
    return ticket

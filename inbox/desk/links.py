"""Links between tickets and claims, confirmed and undone by a person."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from inbox.app import App
from inbox.desk.subjects import actor, find_claim, find_ticket
from tickets import history
from tickets.errors import UnknownReferenceError
from tickets.models import (
    Claim,
    Direction,
    Link,
    LinkState,
    Message,
    Staff,
    TargetKind,
)


def link(app: App, ticket_ref: str, claim_ref: str, *, staff: Staff) -> None:
    """Confirm by hand that a ticket belongs to a claim; its messages are linked and its sender may be told facts."""
    now = app.clock()
    with app.store.writing() as session:
        ticket, claim = find_ticket(session, ticket_ref), find_claim(session, claim_ref)
        ticket.claim, ticket.party, ticket.verified = claim, ticket.party or claim.claimant, True
        ticket.owner_id = ticket.owner_id or claim.owner_id
        for message in session.scalars(
            select(Message).where(Message.ticket_id == ticket.id, Message.direction == Direction.IN)
        ):
            _confirm_link(session, message, claim, staff, now)
        history.record(session, "ticket.linked", actor=actor(staff), at=now, ticket=ticket, claim=claim)


def _confirm_link(session: Session, message: Message, claim: Claim, staff: Staff, now: datetime) -> None:
    found = session.scalar(
        select(Link).where(
            Link.message_id == message.id, Link.target_kind == TargetKind.CLAIM, Link.target == claim.ref
        )
    )
    if found is None:
        found = Link(
            message=message, target_kind=TargetKind.CLAIM, target=claim.ref, state=LinkState.ACTIVE, score=1.0, at=now
        )
        session.add(found)
    found.state, found.score, found.made_by = LinkState.ACTIVE, 1.0, actor(staff)
    found.reasons = [*found.reasons, {"evidence": "person", "where": "desk", "value": staff.name}]


def unlink(app: App, link_id: int, *, staff: Staff) -> None:
    """Undo a link; a ticket whose last link to its claim is undone belongs to no claim."""
    now = app.clock()
    with app.store.writing() as session:
        found = session.get(Link, link_id, options=[joinedload(Link.message).joinedload(Message.ticket)])
        if found is None or found.state is LinkState.UNDONE:
            raise UnknownReferenceError(f"there is no link {link_id}")
        found.state, found.made_by = LinkState.UNDONE, actor(staff)
        ticket = found.message.ticket
        if found.target_kind is TargetKind.CLAIM and ticket.claim and ticket.claim.ref == found.target:
            ticket.claim, ticket.verified = None, False
        history.record(
            session,
            "link.undone",
            actor=actor(staff),
            at=now,
            ticket=ticket,
            message=found.message,
            target=found.target,
        )

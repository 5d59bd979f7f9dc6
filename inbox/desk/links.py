"""Links between tickets and claims, confirmed and undone by a person."""

from sqlalchemy.orm import joinedload

from inbox.app import App
from inbox.desk.subjects import actor, find_claim, find_message, find_ticket
from tickets import corrections, history
from tickets.errors import UnknownReferenceError
from tickets.models import Link, LinkState, Message, Staff


def link(app: App, ticket_ref: str, claim_ref: str, *, staff: Staff) -> None:
    """Confirm by hand that a ticket belongs to a claim; its messages are linked and its sender may be told facts."""
    now = app.clock()
    with app.store.writing() as session:
        ticket, claim = find_ticket(session, ticket_ref, staff=staff), find_claim(session, claim_ref)
        corrections.link(session, ticket, claim, by=actor(staff), name=staff.name, now=now)
        history.record(session, "ticket.linked", actor=actor(staff), at=now, ticket=ticket, claim=claim)


def unlink(app: App, link_id: int, *, staff: Staff) -> None:
    """Undo a link, with all that came by it; linking the same again brings back exactly what was."""
    now = app.clock()
    with app.store.writing() as session:
        found = session.get(Link, link_id, options=[joinedload(Link.message).joinedload(Message.ticket)])
        if found is None or found.state is LinkState.UNDONE:
            raise UnknownReferenceError(f"there is no link {link_id}")
        message, target = find_message(session, found.message_id, staff=staff), found.target
        corrections.unlink(session, found, by=actor(staff), now=now)
        history.record(
            session,
            "link.undone",
            actor=actor(staff),
            at=now,
            ticket=message.ticket,
            message=message,
            target=target,
        )

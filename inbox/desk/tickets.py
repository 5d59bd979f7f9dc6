"""Tickets: who works on a conversation, and whether it is done."""

from inbox.app import App
from inbox.desk.subjects import actor, find_ticket
from tickets import deadlines, history
from tickets.models import (
    Staff,
    TicketState,
)


def take(app: App, ticket_ref: str, *, staff: Staff) -> None:
    """Make somebody the owner of a ticket."""
    now = app.clock()
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref)
        ticket.owner_id = staff.id
        if ticket.state in (TicketState.NEW, TicketState.TRIAGED):
            ticket.state = TicketState.IN_PROGRESS
        deadlines.happened(session, app.office, "ticket.triaged", ticket=ticket, at=now, now=now)
        history.record(session, "ticket.taken", actor=actor(staff), at=now, ticket=ticket)


def done(app: App, ticket_ref: str, *, staff: Staff) -> None:
    """Resolve a ticket; a new message reopens it."""
    now = app.clock()
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref)
        ticket.state, ticket.unread = TicketState.RESOLVED, False
        deadlines.happened(session, app.office, "ticket.resolved", ticket=ticket, at=now, now=now)
        history.record(session, "ticket.resolved", actor=actor(staff), at=now, ticket=ticket)


def read(app: App, ticket_ref: str) -> None:
    """Somebody has looked at what came in."""
    with app.store.writing() as session:
        find_ticket(session, ticket_ref).unread = False

"""A ticket's state changes in one place, which writes down who, why and because of what."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.tickets.desk import NOW, Desk, mail
from tickets import ticket_moves, work
from tickets.database import Store
from tickets.guards import Cause
from tickets.models import Event, Ticket, TicketState

ROOT = Path(__file__).parent.parent.parent
ONLY = "tickets/ticket_moves.py"


def settings(source: str) -> Iterator[int]:
    """The lines that set `.state` of something that is called a ticket, directly, in a tuple or by `setattr`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Assign(targets=targets):
                yield from (each.lineno for target in targets for each in ast.walk(target) if _is_state(each))
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target) if _is_state(target):
                yield node.lineno
            case ast.Call(func=ast.Name(id="setattr"), args=[owner, ast.Constant(value="state"), *_]) if _is_ticket(
                owner
            ):
                yield node.lineno


def _is_state(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "state" and _is_ticket(node.value)


def _is_ticket(node: ast.AST) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return "ticket" in name.lower()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("ticket.state = x", [1]),
        ("a, task.ticket.state = 1, 2", [1]),
        ("setattr(request.ticket, 'state', x)", [1]),
        ("claim.state = x", []),
        ("x = ticket.state", []),
    ],
)
def test_search_finds_every_way_to_set_a_state(source: str, found: list[int]) -> None:
    assert list(settings(source)) == found


def test_no_other_file_sets_a_tickets_state() -> None:
    files = [path for package in ("tickets", "inbox") for path in (ROOT / package).rglob("*.py")]
    setting = {str(path.relative_to(ROOT)) for path in files if [*settings(path.read_text(encoding="utf-8"))]}

    assert setting == {ONLY}


def test_state_that_follows_is_an_event_with_its_cause_and_no_event_where_nothing_changes(store: Store) -> None:
    desk = Desk.with_world(store)
    desk.file_one(mail("Buna ziua, o intrebare"))

    with store.writing() as session:
        ticket = session.scalars(select(Ticket)).one()
        cause = Cause(actor="staff:1", at=NOW, reason="R26-1")
        ticket_moves.follow(session, ticket, TicketState.WAITING_CUSTOMER, cause=cause)
        ticket_moves.follow(session, ticket, TicketState.WAITING_CUSTOMER, cause=cause)
        work.resolve(session, desk.office, ticket, actor="staff:1", now=NOW)

    with store.reading() as session:
        moved = list(session.scalars(select(Event).where(Event.kind == "ticket.moved").order_by(Event.id)))
        told = [(each.actor, each.detail["before"], each.detail["after"], each.detail["reason"]) for each in moved]
    assert told == [
        ("staff:1", "new", "waiting_customer", "R26-1"),
        ("staff:1", "waiting_customer", "resolved", "resolved"),
    ]

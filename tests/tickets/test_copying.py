"""Many rows at once are what the same rows one by one are, on whichever store."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.tickets.test_leaves import NOW, claim
from tickets import copying, leaves
from tickets.database import Store
from tickets.messages import Medium
from tickets.models import Direction, Event, Message, ReplyToken, Requirement, Ticket
from tickets.requirements import RequirementState

MANY = 3 * copying.LEAST
ODD = 'a tab\t, a line\n, a back\\slash, \\N, ăâîșț, 😀 and "quotes"'


def kept(session: Session, number: int) -> list[tuple[object, ...]]:
    rows = [
        {
            "at": NOW,
            "actor": ODD,
            "kind": "k",
            "ticket_id": None,
            "claim_id": None,
            "message_id": None,
            "detail": {"n": n, "w": ODD},
        }
        for n in range(number)
    ]
    leaves.write(session, Event, rows)
    found = session.scalars(select(Event).order_by(Event.id)).all()
    return [(each.at, each.actor, each.kind, each.ticket_id, each.detail) for each in found]


def test_many_rows_are_kept_as_few_are(store: Store) -> None:
    with store.rehearsing() as session:
        few = kept(session, 1)
    with store.rehearsing() as session:
        many = kept(session, MANY)

    assert many == [(*few[0][:-1], {"n": number, "w": ODD}) for number in range(MANY)]


def test_column_that_no_row_names_has_its_default_and_nothing_is_null(store: Store) -> None:
    with store.writing() as session:
        made = claim(session, 1)
        session.flush()
        named = {"claim_id": made.id, "stage": "decision", "state": RequirementState.NEEDED}
        leaves.write(session, Requirement, [named | {"item": f"item_{number}"} for number in range(MANY)])

    with store.reading() as session:
        rows = session.scalars(select(Requirement)).all()
        assert {(row.because, row.asked_count, row.reason, row.state) for row in rows} == {
            ("", 0, None, RequirementState.NEEDED)
        }
        assert len(rows) == MANY


def test_refused_rows_are_told_as_the_stores_error_without_a_value(store: Store) -> None:
    secret = "Maria Popescu"
    with store.rehearsing() as session:
        ticket = Ticket(ref="TKT26-000001-00", opened_at=NOW, last_message_at=NOW)
        session.add(ticket)
        session.flush()
        row = {"ticket_id": ticket.id, "request_id": None, "token": secret, "address": secret, "made_at": NOW}
        with pytest.raises(IntegrityError) as refused:
            leaves.write(session, ReplyToken, [row] * MANY)

    assert secret not in str(refused.value)


def test_nothing_kept_as_json_is_null(store: Store) -> None:
    with store.writing() as session:
        ticket = Ticket(ref="TKT26-000001-00", opened_at=NOW, last_message_at=NOW)
        session.add(ticket)
        session.flush()
        session.add(
            Message(
                ticket=ticket, medium=Medium.PHONE, channel="p", direction=Direction.IN, at=NOW, confirmed_intents=None
            )
        )

    with store.reading() as session:
        assert session.execute(text("select count(*) from message where confirmed_intents is null")).scalar() == 1

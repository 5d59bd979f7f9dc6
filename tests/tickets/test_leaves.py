"""Rows that only hang on others are in the store with the commit that made them, each under its own."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import history, leaves
from tickets.database import Store
from tickets.models import Claim, Event, Request, RequestItem, Requirement, Task, TaskState
from tickets.requirements import RequirementState

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def claim(session: Session, number: int) -> Claim:
    made = Claim(ref=f"CLM26-{number:06d}-00", type="home", created_at=NOW)
    session.add(made)
    return made


def lacks(session: Session, claim: Claim, item: str) -> leaves.Leaf:
    return leaves.add(
        session, Requirement, under={"claim_id": claim}, item=item, stage="decision", state=RequirementState.NEEDED
    )


def test_leaves_of_many_rows_stand_each_under_its_own(store: Store) -> None:
    with store.writing() as session:
        for number in range(30):
            made = claim(session, number)
            for item in ("photos", f"paper_{number}"):
                lacks(session, made, item)

    with store.reading() as session:
        for made in session.scalars(select(Claim)):
            assert [row.item for row in made.requirements] == ["photos", f"paper_{int(made.ref[6:12])}"]


def test_leaf_may_hang_on_a_leaf(store: Store) -> None:
    with store.writing() as session:
        for number in range(30):
            made = claim(session, number)
            request = Request(claim=made, number=1, code=f"{made.ref}/R1", created_at=NOW, created_by="test")
            session.add(request)
            for position, item in enumerate((f"second_{number}", f"first_{number}"), start=1):
                under = {"request_id": request, "requirement_id": lacks(session, made, item)}
                leaves.add(session, RequestItem, under=under, position=position)

    with store.reading() as session:
        for request in session.scalars(select(Request)):
            number = int(request.code[6:12])
            assert [item.requirement.item for item in request.items] == [f"second_{number}", f"first_{number}"]
            assert {item.requirement.claim_id for item in request.items} == {request.claim_id}


def test_what_a_leaf_hangs_on_shows_it_after_the_flush(store: Store) -> None:
    with store.writing() as session:
        made = claim(session, 1)
        lacks(session, made, "photos")
        session.flush()  # as whoever reads the collection in the same transaction has to

        assert [row.item for row in made.requirements] == ["photos"]


def test_planted_object_has_its_key_and_every_column_without_joining_the_session(store: Store) -> None:
    with store.writing() as session:
        made = claim(session, 1)
        tasks = [
            Task(
                kind="question",
                department="siu",
                claim=made,
                question=word,
                shows=["summary"],
                made_by="t",
                made_at=NOW,
            )
            for word in map(str, range(30))
        ]
        for task in tasks:
            leaves.plant(session, task, under={"claim_id": made, "ticket_id": None})
        leaves.flush(session)

        assert not any(task in session for task in tasks)
        assert made in session

    with store.reading() as session:
        rows = session.scalars(select(Task).order_by(Task.id)).all()
        assert [(row.id, row.question, row.state, row.shows, row.claim) for row in rows] == [
            (task.id, task.question, TaskState.OPEN, ["summary"], session.get(Claim, made.id)) for task in tasks
        ]


def test_event_alone_is_kept_without_any_other_change(store: Store) -> None:
    with store.writing() as session:
        history.record(session, "something.happened", actor="test", at=NOW, number=7)

    with store.reading() as session:
        [event] = session.scalars(select(Event))
        assert (event.kind, event.detail, event.ticket_id) == ("something.happened", {"number": 7}, None)


def test_rolled_back_transaction_leaves_no_event(store: Store) -> None:
    with store.rehearsing() as session:
        history.record(session, "something.happened", actor="test", at=NOW)
        session.flush()  # a rehearsal writes it and takes it back

    with store.reading() as session:
        assert list(session.scalars(select(Event))) == []


def test_leaf_under_a_row_that_was_never_stored_stops_the_commit(store: Store) -> None:
    stray = Claim(ref="CLM26-000001-00", type="home", created_at=NOW)

    with pytest.raises(RuntimeError, match="Requirement"), store.writing() as session:
        lacks(session, stray, "photos")

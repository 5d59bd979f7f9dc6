"""The store writes many rows at once and still knows which key is whose."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event, func, insert, select, text

from tests.servers.postgres import Reused
from tickets.database import Store
from tickets.models import Claim, Clock, ClockState, Ticket

NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)


def test_hundreds_of_new_rows_are_one_statement_and_each_object_has_the_key_of_its_own_row(store: Store) -> None:
    inserts: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: inserts.append(given[2]))
    refs = [f"CLM26-{number * 7919 % 600:06d}-00" for number in range(600)]  # in no order an index would give

    with store.writing() as session:
        made = [Claim(ref=ref, type="home", created_at=NOW) for ref in refs]
        session.add_all(made)

    with store.reading() as session:
        stored = {row.id: row.ref for row in session.execute(select(Claim.id, Claim.ref))}
    assert {claim.id: claim.ref for claim in made} == stored
    assert [stored[key] for key in sorted(stored)] == refs
    assert sum(statement.startswith("INSERT") for statement in inserts) == 1


def test_sqlite_goes_to_a_tickets_clocks_by_the_ticket_once_it_has_seen_how_many_clocks_run(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    store.migrate()
    tickets = [
        {"ref": f"TKT26-{number:06d}", "opened_at": NOW, "last_message_at": NOW, "row_version": 1}
        for number in range(1, 1_001)
    ]
    clock = {"key": "ro.rca.offer", "statutory": True, "started_at": NOW, "due_at": NOW, "due_on": NOW.date()}
    with store.writing() as session:  # its connection stays open, and knows of no rows
        session.execute(insert(Ticket), tickets)
        session.execute(
            insert(Clock),
            [clock | {"ticket_id": key, "state": ClockState.RUNNING, "recorded_at": NOW} for key in range(1, 1_001)],
        )

    store.measure()

    wanted = "select key from clock where state in ('running', 'breached') and ticket_id in (1, 2, 3, 4, 5)"
    with store.reading() as session:
        (step,) = session.execute(text(f"explain query plan {wanted}"))
    assert "ix_clock_ticket_id_key" in step.detail
    store.close()


def test_who_reads_sees_one_moment_of_the_store_whatever_is_written_meanwhile(store: Store) -> None:
    with store.reading() as session:
        before = session.scalar(select(func.count(Claim.id)))
        with store.writing() as writer:
            writer.add(Claim(ref="CLM26-000001-00", type="home", created_at=NOW))

        assert session.scalar(select(func.count(Claim.id))) == before == 0


def test_what_is_read_again_and_again_is_prepared_on_postgresql_once(migrated_postgres: Reused) -> None:
    store = Store(migrated_postgres.fresh())
    for _ in range(7):  # the driver prepares what it has seen five times
        with store.reading() as session:
            session.scalar(select(func.count(Claim.id)))

    with store.reading() as session:
        prepared = session.scalars(text("select statement from pg_prepared_statements")).all()
    assert [each for each in prepared if "FROM claim" in each]
    store.close()

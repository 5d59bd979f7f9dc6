"""The store writes many rows at once and still knows which key is whose."""

from datetime import UTC, datetime

from sqlalchemy import event, select

from tickets.database import Store
from tickets.models import Claim

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

"""Personal numbers: found by whoever writes them, judged, and nowhere in the store."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, select, text

from tests.servers.postgres import Postgres
from tests.tickets.desk import NOW, OFFICE, Desk, mail
from tests.tickets.test_migrations import to
from tickets import known_numbers
from tickets.database import Store
from tickets.errors import ConfigurationError
from tickets.models import Model, PartyIdentifier

CNP, WRONG = "1960801400017", "1960801400018"
STRANGER = "nobody@elsewhere.example"
STEFAN = {"id": "stefan", "name": "Ștefan Rusu", "cnp": CNP, "emails": [], "phones": []}


def reasons(desk: Desk) -> set[str]:
    filed = desk.file_one(mail(f"Subsemnatul Stefan Rusu, CNP {CNP}, va scriu", sender=STRANGER))
    return {reason.evidence for link in filed.linking.links for reason in link.reasons}


def test_personal_number_is_in_no_row_of_the_store_and_still_finds_its_owner(store: Store) -> None:
    desk = Desk.with_world(store)
    desk.add(customers=[STEFAN])

    with store.reading() as session:
        rows = [str(row) for table in Model.metadata.sorted_tables for row in session.execute(select(table))]

    assert not [row for row in rows if CNP in row]
    assert "cnp_name" in reasons(desk)


def test_number_stored_under_an_older_key_is_found_and_taken_over_by_the_newest(store: Store) -> None:
    before = Desk.with_world(store, replace(OFFICE, keys=(b"older",)))
    before.add(customers=[STEFAN])
    now = Desk(store, OFFICE)
    found = reasons(now)

    now.add(customers=[STEFAN])

    assert "cnp_name" in found
    assert "cnp_name" in reasons(Desk(store, replace(OFFICE, keys=(b"newest",))))
    with store.reading() as session:
        assert len(list(session.scalars(select(PartyIdentifier).where(PartyIdentifier.ending == CNP[-4:])))) == 1


@pytest.mark.parametrize(
    ("written", "valid"), [(CNP, True), (WRONG, False), ("AB 123456", True), (" ro27041363 ", True)]
)
def test_number_is_judged_before_it_is_hidden(written: str, *, valid: bool) -> None:
    number = known_numbers.made(OFFICE, "cui" if "ro" in written else "cnp", written)

    assert (number.valid, number.ending) == (valid, written.strip()[-4:])


@pytest.mark.parametrize("server", ["sqlite", "postgres"])
def test_numbers_that_stood_in_clear_are_hashed_and_gone(
    server: str, tmp_path: Path, postgres_server: Postgres
) -> None:
    url = f"sqlite:///{tmp_path}/old.db" if server == "sqlite" else postgres_server.database()
    store = Store(url)

    with store.engine.begin() as connection:
        _old(connection)
        to(connection, "head", keys=OFFICE.keys)
    with store.reading() as session:
        kept = list(session.scalars(select(PartyIdentifier).order_by(PartyIdentifier.id)))
    store.close()

    expected = [known_numbers.made(OFFICE, kind, value) for kind, value in (("cnp", CNP), ("cnp", WRONG))]
    assert [(each.value_hmac, each.ending, each.valid) for each in kept] == [
        (each.value_hmac, each.ending, each.valid) for each in expected
    ]
    if server == "sqlite":
        assert CNP.encode() not in (tmp_path / "old.db").read_bytes()
    else:
        postgres_server.drop(url)


@pytest.mark.parametrize("server", ["sqlite", "postgres"])
def test_number_that_the_index_of_words_held_is_gone_and_the_words_stay(
    server: str, tmp_path: Path, postgres_server: Postgres
) -> None:
    url = f"sqlite:///{tmp_path}/old.db" if server == "sqlite" else postgres_server.database()
    store = Store(url)

    with store.engine.begin() as connection:
        if server == "sqlite":
            connection.exec_driver_sql("pragma defer_foreign_keys = on")  # the message alone will do
        to(connection, "0019", keys=OFFICE.keys)
        _indexed(connection, server)
        to(connection, "head")
        found = [_in_index(connection, server, word) for word in (CNP, "infiltratie")]
        connection.rollback()
    store.close()

    assert found == [False, True]
    if server == "postgres":
        postgres_server.drop(url)


def _indexed(connection: Connection, server: str) -> None:
    if server == "postgres":
        connection.execute(text("set session_replication_role = replica"))  # without the rows that it belongs to
    table = Table("message", MetaData(), autoload_with=connection)
    row: dict[str, object] = {each.name: _any(each) for each in table.columns if not each.nullable}
    connection.execute(table.insert(), row | {"id": 1, "subject": "", "text": f"CNP {CNP}, infiltratie"})
    if server == "sqlite":
        connection.execute(
            text("insert into message_words(rowid, subject, text) select id, subject, text from message")
        )
    else:
        connection.execute(text("insert into message_words select id, to_tsvector('simple', text) from message"))


def _any(column: Column[Any]) -> object:
    """Something that a column takes."""
    kind = column.type.python_type
    return NOW if kind is datetime else {} if kind in (dict, object) else kind()


def _in_index(connection: Connection, server: str, word: str) -> bool:
    asked = {
        "sqlite": "select count(*) from message_words where message_words match :word",
        "postgres": "select count(*) from message_words where words @@ to_tsquery('simple', :word)",
    }
    return bool(connection.execute(text(asked[server]), {"word": word}).scalar())


def test_numbers_in_clear_are_not_migrated_without_the_offices_secret(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/old.db")

    with store.engine.begin() as connection:
        _old(connection)
        with pytest.raises(ConfigurationError, match="secret"):
            to(connection, "head")
        connection.rollback()
    store.close()


def _old(connection: Connection) -> None:
    to(connection, "0018")
    for key, number in enumerate((CNP, WRONG), start=1):
        connection.execute(
            text("insert into party (id, kind, name, name_folded) values (:key, 'person', 'A', 'a')"), {"key": key}
        )
        connection.execute(
            text("insert into party_identifier (id, party_id, kind, value) values (:key, :key, 'cnp', :number)"),
            {"key": key, "number": number},
        )

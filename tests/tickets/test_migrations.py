"""What a migration makes of rows that were there before it."""

import json
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

import tickets
from tests.servers.postgres import Postgres
from tickets import look_alikes
from tickets.database import Store
from tickets.models import Merge, PictureKey

_FILE = "insert into message_file (id, message_id, part, name, media_type, size, sha256, phash, inline) values "


def to(connection: Connection, revision: str, keys: tuple[bytes, ...] = ()) -> None:
    config = Config(attributes={"connection": connection, "keys": keys})
    config.set_main_option("script_location", str(Path(tickets.__file__).parent / "migrations"))
    command.upgrade(config, revision)


def test_pictures_that_were_there_are_found_by_their_looks(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/old.db")
    with store.engine.begin() as connection:
        connection.exec_driver_sql("pragma defer_foreign_keys = on")  # the files alone will do
        to(connection, "0014")
        for number, phash in enumerate(("'0f1e2d3c4b5a6978'", f"'{'f' * 16}'", "null"), start=1):
            connection.execute(text(f"{_FILE} ({number}, 1, '2', 'a.jpg', 'image/jpeg', 9, 'a', {phash}, 0)"))
        to(connection, "head")
        kept = connection.execute(select(PictureKey.file_id, PictureKey.key)).all()
        connection.rollback()
    store.close()

    assert sorted(kept) == sorted((1, key) for key in look_alikes.keys("0f1e2d3c4b5a6978"))


def test_merges_that_were_there_are_undone_as_the_new_ones_are(postgres_server: Postgres, tmp_path: Path) -> None:
    url = postgres_server.database()
    for each in (f"sqlite:///{tmp_path}/old.db", url):
        [kept] = _merges_of_old(each)
        assert kept == [
            {"row": "ticket", "id": 2, "before": {"state": "new", "unread": True},
             "after": {"state": "merged", "unread": False}},
            {"row": "reply_token", "id": "abc", "before": {"ticket_id": 2}, "after": {"ticket_id": 1}},
        ]  # fmt: skip
    postgres_server.drop(url)


def _merges_of_old(url: str) -> list[list[Any]]:
    noted = [
        {"table": "ticket", "key": 2, "column": "state", "before": "new", "after": "triaged"},
        {"table": "reply_token", "key": "abc", "column": "ticket_id", "before": 2, "after": 1},
        {"table": "finding", "key": 7, "made": True},
        {"table": "ticket", "key": 2, "column": "state", "before": "triaged", "after": "merged"},
        {"table": "ticket", "key": 2, "column": "unread", "before": True, "after": False},
    ]
    store = Store(url)
    with store.engine.begin() as connection:
        to(connection, "0017")
        columns = "kind, source_id, target_id, moved, reason, made_by, made_at"
        connection.execute(
            text(f"insert into merge ({columns}) values ('ticket', 2, 1, :moved, '', 'staff:1', :at)"),
            {"moved": json.dumps({"changes": noted}), "at": "2026-11-28 09:00:00"},
        )
        to(connection, "head")
        kept = list(connection.scalars(select(Merge.changes)))
    store.close()
    return kept

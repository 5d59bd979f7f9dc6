"""What a migration makes of rows that were there before it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

import tickets
from tickets import look_alikes
from tickets.database import Store
from tickets.models import PictureKey

_FILE = "insert into message_file (id, message_id, part, name, media_type, size, sha256, phash, inline) values "


def _to(connection: Connection, revision: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(tickets.__file__).parent / "migrations"))
    command.upgrade(config, revision)


def test_pictures_that_were_there_are_found_by_their_looks(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/old.db")
    with store.engine.begin() as connection:
        connection.exec_driver_sql("pragma defer_foreign_keys = on")  # the files alone will do
        _to(connection, "0014")
        for number, phash in enumerate(("'0f1e2d3c4b5a6978'", f"'{'f' * 16}'", "null"), start=1):
            connection.execute(text(f"{_FILE} ({number}, 1, '2', 'a.jpg', 'image/jpeg', 9, 'a', {phash}, 0)"))
        _to(connection, "head")
        kept = connection.execute(select(PictureKey.file_id, PictureKey.key)).all()
        connection.rollback()
    store.close()

    assert sorted(kept) == sorted((1, key) for key in look_alikes.keys("0f1e2d3c4b5a6978"))

"""What a benchmark runs on: Dovecot with the mail in it, a durable PostgreSQL, stores that know the people."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import people
from benchmarks.people import Person
from inbox.app import App
from tests.servers import dovecot, postgres

ROOT = Path(__file__).parent.parent
SECRET = "for benchmarks only"  # noqa: S105 - signs tokens of invented people
_CONFIGURATION = """
[office]
name = "Exemplu Asigurări"
[store]
url = "{url}"
blobs = "{blobs}"
[security]
secret = "{secret}"
[channels.claims-mail]
kind = "email"
address = "claims@example.ro"
[channels.claims-mail.imap]
host = "127.0.0.1"
port = {port}
tls = "none"
user = "{user}"
password = "{password}"
done = "Archive"
[channels.claims-mail.smtp]
host = "127.0.0.1"
port = 9
tls = "none"
"""


@dataclass
class Ground:
    """A folder, a mail server, and PostgreSQL where it is wanted."""

    folder: Path
    mail: dovecot.Dovecot
    database: postgres.Postgres | None

    def store(self, kind: str, name: str) -> str:
        """The URL of a new, empty store."""
        if kind == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        assert self.database is not None
        return self.database.database()

    def copied(self, url: str, name: str) -> str:
        """The URL of a copy of a store that nobody has open."""
        if url.startswith("sqlite"):
            copy = self.folder / f"{name}.db"
            shutil.copy(url.removeprefix("sqlite:///"), copy)
            return f"sqlite:///{copy}"
        assert self.database is not None
        return self.database.database(url.rpartition("/")[2])

    def mailbox(self, raws: Iterable[bytes]) -> dovecot.Mailbox:
        """A new mailbox with these mails in it."""
        box = self.mail.mailbox()
        for raw in raws:
            box.deliver(raw)
        return box

    def configured(self, url: str, box: dovecot.Mailbox, name: str) -> Path:
        """The configuration of an installation on this store and mailbox."""
        folder = self.folder / name
        folder.mkdir()
        words = _CONFIGURATION.format(
            url=url, blobs=folder / "blobs", secret=SECRET, port=self.mail.port, user=box.user, password=box.password
        )
        (folder / "config.toml").write_text(words, encoding="utf-8")
        return folder / "config.toml"


@contextmanager
def ground(folder: Path, *, with_postgres: bool) -> Iterator[Ground]:
    """Start the servers, and stop them."""
    mail = dovecot.start()
    database = None
    try:
        database = postgres.start(durable=True) if with_postgres else None
        yield Ground(folder, mail, database)
    finally:
        dovecot.stop(mail)
        if database is not None:
            postgres.stop(database)


@contextmanager
def empty_store(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new store, without a mail server; PostgreSQL runs as long as it is used."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'store.db'}"
        return
    server = postgres.start(durable=True)
    try:
        yield server.database()
    finally:
        postgres.stop(server)


def settled(config: Path, everybody: list[Person], *, asked: int, now: datetime) -> list[Person]:
    """Fill a store with everybody, and send requests to some; gives everybody as they can answer now."""
    app = App.from_file(config, clock=lambda: now)
    app.store.migrate()
    with app.store.writing() as session:
        people.settle(session, everybody, now=now)
    with app.store.writing() as session:
        answerable = list(people.ask(session, app.office, everybody, count=asked, now=now))
    if app.store.engine.dialect.name == "sqlite":
        with app.store.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    app.store.close()
    return answerable


def one_run(**given: Any) -> dict[str, Any]:
    """Run in a process of its own; gives what it cost."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "benchmarks.one_run", json.dumps(given)],
        capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the run failed:\n{done.stderr}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told

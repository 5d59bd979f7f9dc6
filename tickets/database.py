"""The store: an engine, two ways to begin a transaction, and migrations. Only `inbox` calls it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic_core import to_json
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import InsertmanyvaluesSentinelOpts

import tickets.models  # noqa: F401 - makes every table known to the mapper
from tickets import known_numbers, turns

if TYPE_CHECKING:
    import psycopg  # not there where all is kept in SQLite

#: SQLite gives the rows of one INSERT ascending keys, in their order, so that SQLAlchemy may write many at once and
#: still knows which key is whose; without this word it writes them one by one.
_KEYS_ASCEND = InsertmanyvaluesSentinelOpts.ANY_AUTOINCREMENT
_READS = "sqlite_reads"
#: Seconds a writer waits for another one before it gives up.
BUSY_SECONDS = 30
#: Statements that a connection to PostgreSQL keeps prepared: ten kinds of pages have over a hundred.
_PREPARED = 300


class Store:
    """One database. `writing()` begins a transaction that may change rows, `reading()` one that may not."""

    def __init__(self, url: str) -> None:
        """Take a SQLAlchemy URL; connects when first used."""
        self.url = url
        self.engine = _engine(url)
        self._reader = _reader(self.engine)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Commit at the end, roll back if anything is raised."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """See one moment of the store and change nothing.

        It is committed, for the driver of PostgreSQL forgets after a rollback which statements it has prepared.
        """
        with (
            self._reader.begin() as connection,
            Session(connection, expire_on_commit=False, autoflush=False) as session,
        ):
            yield session

    @contextmanager
    def rehearsing(self) -> Iterator[Session]:
        """Do everything a writing transaction does, and take it all back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.rollback()

    def migrate(self, *, keys: tuple[bytes, ...] = ()) -> None:
        """Bring the tables to what this version needs; does nothing if they are.

        `keys` are the office's: what an older version kept in clear is hashed with the newest.
        """
        with self.engine.begin() as connection:
            command.upgrade(_alembic(connection, keys), "head")

    def measure(self) -> None:
        """Let SQLite see how its rows are spread, by which it chooses its ways to them; PostgreSQL looks by itself.

        A connection knows what was seen before it was made, so those there are give way to new ones.
        """
        if self.engine.dialect.name == "sqlite":
            with self.engine.begin() as connection:
                connection.exec_driver_sql("ANALYZE")
            self.close()

    def is_current(self) -> bool:
        """Whether the tables are what this version needs."""
        head = ScriptDirectory.from_config(_alembic(None)).get_current_head()
        with self._reader.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head

    def close(self) -> None:
        """Let go of every connection; the store may be used again afterwards."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    """Its errors name the statement and never the values, which are a customer's words."""
    told = {"hide_parameters": True, "json_serializer": _json}
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **told)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        engine.dialect.insertmanyvalues_implicit_sentinel = _KEYS_ASCEND
        return engine
    engine = create_engine(url, pool_pre_ping=True, pool_use_lifo=True, insertmanyvalues_page_size=1000, **told)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _reader(engine: Engine) -> Engine:
    """The same connections, for who only looks: SQLite sees one moment by itself."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_READS: True})
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _json(value: object) -> str:
    """A message brings fifteen such columns; the interpreter's own writer takes six times as long."""
    return to_json(value).decode()


def _prepare_postgresql(connection: "psycopg.Connection", _: ConnectionPoolEntry) -> None:
    """Compile no statement to machine code, and give none to helpers: either takes longer to begin than ours to run.

    The one took 70 ms of a list by clock, the others 250 of one narrowed to a type.
    """
    connection.prepared_max = _PREPARED
    connection.execute("set jit = off")
    connection.execute("set max_parallel_workers_per_gather = 0")
    connection.commit()


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Durable, concurrent, with foreign keys; transactions begin where we say (`_begin_sqlite`)."""
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA analysis_limit = 400")
    connection.create_function("without_numbers", 1, known_numbers.hidden, deterministic=True)


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once, in its turn: two that both read first would deadlock at the write."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    if connection.get_execution_options().get(_READS):
        driver.execute("BEGIN")
        return
    with turns.queued(connection.engine.url.database or ""):
        if not turns.take(driver, seconds=BUSY_SECONDS):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # says what keeps us


def _alembic(connection: Connection | None, keys: tuple[bytes, ...] = ()) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    attributes: dict[str, Any] = {"connection": connection, "keys": keys}
    config.attributes.update(attributes)
    return config

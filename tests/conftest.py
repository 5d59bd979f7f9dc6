"""The servers that tests of every package share: one of each a run, whoever asks first starts it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, event

from tests.servers import certificates, dovecot, postgres, smtp
from tests.servers.shared import shared
from tickets.database import Store

#: How long a machine with other work takes to make up an example says nothing about what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if settings.get_current_profile_name() == "default":
    settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def hasty_stores() -> Iterator[None]:
    """A statement is compiled once a run instead of once a store, and SQLite syncs nothing, like our PostgreSQL here.

    The cache's keys hold the dialect, so the engines of one kind share theirs. What kills a process loses no page that
    the system has; only a power cut would.
    """
    first: dict[str, Engine] = {}

    def hasty(url: str, **options: Any) -> Engine:
        engine = create_engine(url, **options)
        shared_one = first.setdefault(engine.dialect.name, engine)
        engine.dialect = engine.pool._dialect = shared_one.dialect
        engine._compiled_cache = shared_one._compiled_cache
        if engine.dialect.name == "sqlite":
            event.listen(engine, "begin", lambda one: one.exec_driver_sql("PRAGMA synchronous = OFF"), insert=True)
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tickets.database.create_engine", hasty)
        yield


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run see and no other run does."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if own.name.startswith("popen-") else own


@pytest.fixture(scope="session")
def dovecot_server(run_folder: Path) -> Iterator[dovecot.Dovecot]:
    with shared(run_folder, "dovecot", dovecot.start, dovecot.stop) as server:
        yield server


@pytest.fixture
def mailbox(dovecot_server: dovecot.Dovecot) -> dovecot.Mailbox:
    """An empty mailbox that no other test sees."""
    return dovecot_server.mailbox()


@pytest.fixture(scope="session")
def postgres_server(run_folder: Path) -> Iterator[postgres.Postgres]:
    with shared(run_folder, "postgres", postgres.start, postgres.stop) as server:
        yield server


@pytest.fixture(scope="session")
def server_certificates(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    """Certificates for servers that live inside a worker."""
    return certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def make_sink(server_certificates: certificates.Certificates) -> Iterator[Callable[..., smtp.Sink]]:
    """Start an SMTP sink for this test: `make_sink()` speaks STARTTLS; else `tls="tls"` or `tls="none"`."""
    with ExitStack() as sinks:
        yield lambda **options: sinks.enter_context(smtp.sink(server_certificates, **options))


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and no row, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "store.db"
    migrated = Store(f"sqlite:///{path}")
    migrated.migrate()
    migrated.close()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: postgres.Postgres) -> Iterator[postgres.Reused]:
    """A PostgreSQL database with every table, to be emptied for each test."""
    reused = postgres.Reused(postgres_server, postgres_server.template("migrated", _migrate))
    yield reused
    reused.drop()


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new, migrated store: every test that touches one runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    reused: postgres.Reused = request.getfixturevalue("migrated_postgres")
    yield reused.fresh()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    yield opened
    opened.close()


def _migrate(url: str) -> None:
    migrated = Store(url)
    migrated.migrate()
    migrated.close()

"""A real PostgreSQL on loopback, with a database for every test that asks for one."""

import fcntl
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.shared import free_port


@dataclass(frozen=True)
class Postgres:
    """A running server; its databases last as long as the run."""

    folder: Path
    pid: int
    port: int

    def url(self, name: str) -> str:
        """Give the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def database(self, template: str | None = None) -> str:
        """Make a new database, as a copy of `template` (a name that `template` gave) or empty; give its URL.

        Its files are copied, as before PostgreSQL 15; writing every page to the log takes six times as long.
        """
        name = f"test_{secrets.token_hex(8)}"
        copied = "STRATEGY FILE_COPY" if self._version >= 15_00_00 else ""
        self._run(sql.SQL(f"CREATE DATABASE {{}} TEMPLATE {{}} {copied}"), name, template or "template0")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, cutting whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), url.rpartition("/")[2])

    def empty(self, url: str) -> None:
        """Take every row out of a database, cutting whoever is still connected to it."""
        name = url.rpartition("/")[2]
        with self._connected(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s",
                (name, connection.info.backend_pid),
            )
            connection.execute(_EMPTY)

    def template(self, name: str, build: Callable[[str], None]) -> str:
        """Make the database `name` once a run with `build(url)`, to be copied; `build` must close its connections."""
        with self._alone(name):
            if not self._exists(name):
                draft = f"{name}_{secrets.token_hex(4)}"
                self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), draft, "template0")
                build(self.url(draft))
                # Renamed only when whole: a build that failed leaves no half template behind.
                self._run(sql.SQL("ALTER DATABASE {} RENAME TO {}"), draft, name)
        return name

    @property
    def _version(self) -> int:
        with self._connected() as connection:
            return connection.info.server_version

    def _exists(self, name: str) -> bool:
        with self._connected() as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def _run(self, statement: sql.SQL, *names: str) -> None:
        with self._connected() as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))

    @contextmanager
    def _connected(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        conninfo = f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"
        with psycopg.connect(conninfo, autocommit=True) as connection:
            yield connection

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """One worker at a time: CREATE DATABASE cannot run inside a transaction that holds a lock."""
        with (self.folder / f"{name}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


#: No row but the schema's revision, and every number from the start, whatever order the tables are emptied in.
_EMPTY = """
DO $$
DECLARE used regclass;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR used IN
    SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
  LOOP
    EXECUTE format('DELETE FROM %s', used);
  END LOOP;
  PERFORM setval(oid::regclass, 1, false) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'S';
END $$
"""
_ENOUGH = 40  #: Tests after which a database is copied anew: deleted rows stay in its files.


@dataclass
class Reused:
    """One database of a worker, empty for each test: making one takes many times as long as emptying it."""

    server: Postgres
    template: str
    url: str = ""
    uses: int = 0

    def fresh(self) -> str:
        """Give the URL of a database without rows; whoever is still connected to it is cut off."""
        if self.uses % _ENOUGH == 0:
            self.drop()
            self.url = self.server.database(self.template)
        else:
            self.server.empty(self.url)
        self.uses += 1
        return self.url

    def drop(self) -> None:
        """Remove it."""
        if self.url:
            self.server.drop(self.url)


def start(*, durable: bool = False) -> Postgres:
    """Make a cluster in a folder of its own and start it; nothing is synced unless `durable`."""
    folder = Path(tempfile.mkdtemp(prefix="claimdesk-postgres-"))
    folder.chmod(0o755)
    cluster = folder / "cluster"
    cluster.mkdir(mode=0o700)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        for path in (folder, cluster):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    _as_postgres("initdb", "-D", str(cluster), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    port = free_port()
    hasty = "" if durable else "-c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    options = (
        f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {hasty}-c shared_buffers=64MB -c max_connections=200"
    )
    _as_postgres("pg_ctl", "-D", str(cluster), "-w", "-t", "60", "-l", str(folder / "log"), "-o", options, "start")
    return Postgres(folder, int((cluster / "postmaster.pid").read_text().split()[0]), port)


def stop(server: Postgres) -> None:
    """End the server at once and remove its files."""
    os.kill(server.pid, signal.SIGQUIT)
    shutil.rmtree(server.folder, ignore_errors=True)


def _as_postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; they refuse root, so root becomes the user postgres first."""
    command = [str(_program(program)), *arguments]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    # The server inherits what we hand to pg_ctl: a pipe would never end.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd="/", check=False)
        output.seek(0)
        assert done.returncode == 0, f"{program}: {output.read().decode(errors='replace')}"


def _program(name: str) -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which(name)
    assert found or on_path, f"PostgreSQL is missing ({name}): install postgresql"
    return found[-1] if found else Path(str(on_path))

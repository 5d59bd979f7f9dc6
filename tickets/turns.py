"""Turns: who may write to SQLite next, so that nobody is passed over while others write again and again.

SQLite has one writer, and whoever finds it busy looks again later, ever more rarely. Beside a writer who begins anew as
soon as he has ended, as filing a full mailbox does, a person's click waited for as long as there was mail.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: What nobody else can open.
_MEMORY = frozenset({"", ":memory:"})
#: Seconds between two looks of the one who is next.
_LOOK = 0.002


@contextmanager
def queued(database: str) -> Iterator[None]:
    """Wait until nobody else is next; threads and processes of one machine stand in one queue, by a file's lock.

    The lock goes with its holder, however he ends.
    """
    if database in _MEMORY:
        yield
        return
    gate = os.open(f"{database}-turn", os.O_RDWR | os.O_CREAT, 0o660)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)


def take(connection: sqlite3.Connection, *, seconds: float) -> bool:
    """Begin to write as soon as the present writer ends; whether that was within so many seconds."""
    end = time.monotonic() + seconds
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while not _begun(connection):
            if time.monotonic() > end:
                return False
            time.sleep(_LOOK)
        return True
    finally:
        connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")


def _begun(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True

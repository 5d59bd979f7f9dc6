"""Who waits to write to SQLite is next, however busy somebody else is."""

import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tickets import database
from tickets.database import Store

_FRESH = multiprocessing.get_context("spawn")
#: Of a writer who never pauses, what may still begin while we wait: the one that has begun, and one that was quicker.
_PASSED = 2


def _write_again_and_again(url: str, began: Event, stop: Event) -> None:
    store = Store(url)
    while not stop.is_set():
        with store.writing() as session:
            session.execute(text("update turn set taken = taken + 1"))
            began.set()
            time.sleep(0.05)
    store.close()


@contextmanager
def _busy(beside: Callable[..., Any], url: str) -> Iterator[None]:
    began, stop = _FRESH.Event(), _FRESH.Event()
    writer = beside(target=_write_again_and_again, args=(url, began, stop))
    writer.start()
    assert began.wait(30)
    try:
        yield
    finally:
        stop.set()
        writer.join()


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    with store.writing() as session:
        session.execute(text("create table turn (taken integer)"))
        session.execute(text("insert into turn values (0)"))
    yield store
    store.close()


def _taken(store: Store) -> int:
    with store.reading() as session:
        return int(session.scalar(text("select taken from turn")) or 0)


@pytest.mark.parametrize("beside", [threading.Thread, _FRESH.Process], ids=["thread", "process"])
def test_a_writer_is_not_passed_over_by_one_who_writes_without_pause(
    beside: Callable[..., Any], counted: Store
) -> None:
    with _busy(beside, counted.url):
        for _ in range(5):
            before = _taken(counted)
            with counted.writing() as session:
                reached = int(session.scalar(text("select taken from turn")) or 0)
            assert reached - before <= _PASSED


def test_who_waits_too_long_is_told_by_sqlite_itself(counted: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    fresh = Store(counted.url)
    stuck = sqlite3.connect(counted.url.removeprefix("sqlite:///"), isolation_level=None)
    stuck.execute("BEGIN IMMEDIATE")

    with pytest.raises(OperationalError, match="database is locked"), fresh.writing() as session:
        session.execute(text("update turn set taken = 7"))

    stuck.execute("ROLLBACK")
    stuck.close()
    with fresh.writing() as session:  # the turn was given back
        session.execute(text("update turn set taken = 7"))
    assert _taken(fresh) == 7
    fresh.close()


def test_a_store_in_memory_needs_no_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store("sqlite://")
    with store.writing() as session:
        session.execute(text("create table turn (taken integer)"))
    assert list(tmp_path.iterdir()) == []
    store.close()

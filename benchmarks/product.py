"""The product's own path from mailbox to ticket: the rounds of `claimdesk run`, or of `schedule` beside `work`."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.synchronize import Event
from pathlib import Path

from inbox import poller, running
from inbox.app import App
from tickets.models import ArrivalState

CHANNEL = "claims-mail"
_PAUSE = 0.02  #: Seconds between two looks at what waits.
_FIRST_MAIL = b"From: first@example.net\r\nTo: claims@example.ro\r\nSubject: hello\r\n\r\nhello\r\n"


def warmed(config: Path) -> App:
    """An installation that runs already: it has read and filed a mail."""
    app = App.from_file(config)
    first = config.with_name("first.eml")
    first.write_bytes(_FIRST_MAIL)
    running.hand_in(app, first, CHANNEL)
    running.collect_rarely()  # as every running process does
    return app


class Way(StrEnum):
    """Who receives while the worker processes."""

    ONE_THREAD = "one_thread"  #: Nobody: first the one, then the other, as `claimdesk poll --once` does.
    SIDE_BY_SIDE = "side_by_side"  #: Another thread, as in `claimdesk run`.
    TWO_PROCESSES = "two_processes"  #: `claimdesk schedule`, beside `claimdesk work`.


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Whoever receives: told to begin, and asked whether it is still at it."""

    begin: Callable[[], object]
    is_busy: Callable[[], bool]


def run(app: App, receiver: Receiver | None = None) -> int:
    """Bring every mail of the mailbox to its ticket; gives how many were filed."""
    if receiver is None:
        poller.receive(app, CHANNEL)
        return poller.process_all(app, poller.MAIL)
    receiver.begin()
    filed = 0
    while receiver.is_busy():
        filed += poller.process_all(app, poller.MAIL)
        time.sleep(_PAUSE)
    return filed + poller.process_all(app, poller.MAIL)


@contextmanager
def receiver(app: App, config: Path, way: Way) -> Iterator[Receiver | None]:
    """Who receives beside the worker in this way, warm and waiting."""
    if way is Way.ONE_THREAD:
        yield None
    elif way is Way.SIDE_BY_SIDE:
        thread = threading.Thread(target=poller.receive, args=(app, CHANNEL), name="receive")
        yield Receiver(begin=thread.start, is_busy=thread.is_alive)
    else:
        with _process(config) as waiting:
            yield waiting


@contextmanager
def _process(config: Path) -> Iterator[Receiver]:
    fresh = multiprocessing.get_context("spawn")
    ready, begin, done, end = (fresh.Event() for _ in range(4))
    process = fresh.Process(target=_receive, args=(config, ready, begin, done, end), name="schedule")
    process.start()
    ready.wait()
    yield Receiver(begin=begin.set, is_busy=lambda: process.is_alive() and not done.is_set())
    end.set()
    process.join()


def _receive(config: Path, ready: Event, begin: Event, done: Event, end: Event) -> None:
    """The receiving process; it lives until its cost has been measured."""
    app = App.from_file(config)
    running.collect_rarely()
    poller.quarantined(app)  # the store is open, as it is in a process that runs already
    ready.set()
    begin.wait()
    poller.receive(app, CHANNEL)
    done.set()
    end.wait()
    app.close()


def waiting(app: App) -> dict[str, int]:
    """How many arrivals have each state: what was not filed is no result."""
    from tickets import intake

    with app.store.reading() as session:
        return {str(state): number for state, number in intake.counts(session).items()}


def is_whole(counts: dict[str, int], expected: int) -> bool:
    """Whether every mail was filed."""
    return counts.get(str(ArrivalState.FILED), 0) == expected

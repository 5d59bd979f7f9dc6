"""The schedule: when channels are asked, and what waits is processed, sent and swept, in loops that never wait.

APScheduler only says when; what is to do stands in rows, so a missed or doubled run changes nothing.
"""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from functools import partial
from time import monotonic

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import IntegrityError, OperationalError

from inbox import deadlines_sweep, documents, poller, searching, sending
from inbox.app import App
from tickets import leases, quality
from tickets.messages import Medium

_log = structlog.get_logger()

SEND_EVERY = timedelta(seconds=2)
PROCESS_EVERY = timedelta(seconds=1)
INDEX_EVERY = timedelta(seconds=2)
MEASURE_EVERY = timedelta(hours=1)
SWEEP_EVERY = timedelta(seconds=30)
DOCUMENTS_EVERY = timedelta(seconds=3)
DOCUMENTS_LEASE = timedelta(minutes=10)
#: A holder that has not come back for so long, or for two intervals, is gone.
LEAST_LEASE = timedelta(minutes=2)


class Part(StrEnum):
    """What a process may run: any number of workers, and one holder of the schedule at a time."""

    RECEIVE = "receive"
    WORK = "work"


class Schedule:
    """Everything that runs by itself in one process."""

    def __init__(self, app: App, parts: Sequence[Part] = tuple(Part), channels: list[str] | None = None) -> None:
        """Take the parts to run, and the channels to ask and send on, or all of them."""
        self._app = app
        self._parts = parts
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._channels = channels if channels is not None else list(app.settings.channels)
        self._stop = threading.Event()
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._watchers: list[threading.Thread] = []
        self._rounds = {name: _Rounds() for name in self._channels}

    def start(self) -> None:
        """Begin; returns at once."""
        if Part.RECEIVE in self._parts:
            self._start_receiving()
        if Part.WORK in self._parts:
            self._start_working()
        self._scheduler.start()

    def _start_receiving(self) -> None:
        for name in self._channels:
            interval = self._app.settings.poll_interval(name)
            self._every(interval, f"receive {name}", partial(self._receive, name, interval))
            self._watch(name, interval)
        self._every(SWEEP_EVERY, "sweep", partial(sending.expire, self._app))
        self._every(SWEEP_EVERY, "deadlines", partial(deadlines_sweep.sweep, self._app))

    def _start_working(self) -> None:
        for name in self._channels:
            self._every(SEND_EVERY, f"send {name}", partial(sending.send_due, self._app, [name]))
        self._every(PROCESS_EVERY, "process mail", partial(self._process, poller.MAIL))
        self._every(PROCESS_EVERY, "process scans", partial(self._process, poller.SCANS))
        self._every(DOCUMENTS_EVERY, "read documents", self._read_documents)
        self._every(INDEX_EVERY, "index words", partial(searching.catch_up, self._app))
        self._every(MEASURE_EVERY, "measure the store", self._measure)

    def _receive(self, name: str, interval: timedelta) -> None:
        """Ask one channel, unless another process has its lease."""
        with self._app.store.writing() as session:
            lasts = max(2 * interval, LEAST_LEASE)
            ours = leases.hold(session, f"receive {name}", holder=self._holder, now=self._app.clock(), lasts=lasts)
        with self._rounds[name].ended(ours=ours):
            if ours:
                poller.receive(self._app, name)

    def stop(self) -> None:
        """End after what is under way; nothing is lost by a harder end."""
        self._stop.set()
        self._scheduler.shutdown(wait=True)

    def _process(self, media: tuple[Medium, ...]) -> None:
        poller.process_all(self._app, media, stopped=self._stop.is_set)

    def _read_documents(self) -> None:
        """One process at a time reads what is attached: it is slow, and nothing waits for it."""
        with self._app.store.writing() as session:
            ours = leases.hold(
                session, "read documents", holder=self._holder, now=self._app.clock(), lasts=DOCUMENTS_LEASE
            )
        if ours:
            documents.read_all(self._app, stopped=self._stop.is_set)

    def _measure(self) -> None:
        with self._app.store.writing() as session:
            quality.add_up(session)
        self._app.store.measure()

    def _every(self, interval: timedelta, name: str, job: Callable[[], object]) -> None:
        """Run `job` now and then every `interval`; never twice at once, and late rather than not at all."""
        self._scheduler.add_job(
            partial(_guarded, name, job),
            "interval",
            seconds=interval.total_seconds(),
            id=name,
            next_run_time=self._app.clock(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def _watch(self, name: str, interval: timedelta) -> None:
        """Wait on a connection of one's own until the source says that something came, then ask at once."""
        thread = threading.Thread(target=self._wait_and_wake, args=(name, interval), daemon=True, name=f"watch {name}")
        self._watchers.append(thread)
        thread.start()

    def _wait_and_wake(self, name: str, interval: timedelta) -> None:
        """One round is asked for at a time: as long as it has not ended, the source says the same again and again."""
        channel = self._app.connect(name)
        seconds = interval.total_seconds()
        while not self._stop.is_set():
            began = monotonic()
            if not poller.wait_for_more(channel, seconds):
                self._stop.wait(began + seconds - monotonic())  # a source in trouble is left alone as long
            elif not self._stop.is_set() and not self._asked(name, seconds):
                self._stop.wait(seconds)  # another process looks after this channel
        channel.close()

    def _asked(self, name: str, seconds: float) -> bool:
        """Ask for a round and wait for its end; tells whether the channel is ours to ask."""
        with self._rounds[name].next(seconds) as rounds:
            self._scheduler.modify_job(f"receive {name}", next_run_time=self._app.clock())
        return rounds.ours


class _Rounds:
    """The rounds of one channel: whether one has ended, and whether this process had the channel's lease then."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self.ours = True

    @contextmanager
    def ended(self, *, ours: bool) -> Iterator[None]:
        """Tell at the end of a round, however it ended."""
        try:
            yield
        finally:
            self.ours = ours
            self._over.set()

    @contextmanager
    def next(self, seconds: float) -> Iterator["_Rounds"]:
        """What is done inside asks for a round; then wait for the end of one, for so long."""
        self._over.clear()
        yield self
        self._over.wait(seconds)


def _guarded(name: str, job: Callable[[], object]) -> None:
    """A store that is away for a while stops nothing: the next run tries again."""
    try:
        job()
    except (OperationalError, IntegrityError) as error:
        _log.warning("the store did not take it", job=name, error=type(error.orig).__name__)

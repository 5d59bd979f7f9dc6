"""The reading children: processes with time and memory limits that turn raw bytes into messages.

What a customer sent may make a parser crash, loop or eat memory; here it takes a child with it, never the inbox.
"""

import contextlib
import ctypes
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self, TypeAlias

from pydantic import BaseModel

from channels.base import kind
from tickets import gist
from tickets.errors import UnreadableError
from tickets.gist import Gist
from tickets.messages import Content, InboundMessage
from tickets.references import PolicyFormat

_MEGABYTE = 1024 * 1024
_PR_SET_PDEATHSIG = 1
#: Seconds a fresh child gets beyond the limit of its first item, to import what it needs.
_START_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Why an item could not be read; `final` if trying again will not change it."""

    why: str
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One page of a file as a screen shows it: clockwise turn in degrees, width in pixels."""

    page: int = 1
    turn: int = 0
    width: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Raw bytes and the kind of channel whose reader understands them.

    With `part` only that file is taken out, with `view` one page of it is drawn.
    With `content` its words are read, and where they stand. With `received`, the day it came, its gist is worked out.
    """

    reader: str
    raw: bytes
    settings: BaseModel | None = None
    part: str | None = None
    view: View | None = None
    content: bool = False
    received: date | None = None
    formats: tuple[PolicyFormat, ...] = ()  #: How the office's own policy numbers look.


#: What a child answers for one item.
Outcome: TypeAlias = "InboundMessage | Gist | Content | bytes | Unread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one child may use for one item."""

    seconds: float = 10
    megabytes: int = 512


class Readers:
    """A few children that read batches; each is started when first needed and replaced when it dies."""

    def __init__(self, limits: Limits, *, count: int = 1) -> None:
        """Take the limits of one item, and how many children work side by side."""
        self._limits = limits
        self._children = [_Child(limits) for _ in range(count)]
        self._lock = threading.Lock()

    def read(self, items: Sequence[Item]) -> list[InboundMessage | Unread]:
        """Read each item; what a child dies of, or takes too long over, is answered with why."""
        return [each for each in self._work(items) if isinstance(each, InboundMessage | Unread)]

    def gists(self, items: Sequence[Item]) -> list[Gist | Unread]:
        """Read each item and work out what its words say (`received` is set); in the order of the items."""
        return [each for each in self._work(items) if isinstance(each, Gist | Unread)]

    def contents(self, items: Sequence[Item]) -> list[Content | Unread]:
        """Read one file of each item (`content` is set); in the order of the items."""
        return [each for each in self._work(items) if isinstance(each, Content | Unread)]

    def extract(self, item: Item) -> bytes:
        """Give the bytes of one file inside a raw message; raises `UnreadableError`."""
        [outcome] = self._work([item])
        if isinstance(outcome, bytes):
            return outcome
        raise UnreadableError(outcome.why if isinstance(outcome, Unread) else "the file is not in the message")

    def close(self) -> None:
        """End the children; they start again when needed."""
        for child in self._children:
            child.stop()

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the children."""
        self.close()

    def _work(self, items: Sequence[Item]) -> list[Outcome]:
        """Share the items out, one run to each child, and put the answers back in order; one caller after the other."""
        with self._lock:
            return self._shared_out(items)

    def _shared_out(self, items: Sequence[Item]) -> list[Outcome]:
        share = -(-len(items) // len(self._children)) if items else 0
        shares = [items[start : start + share] for start in range(0, len(items), share)] if share else []
        for child, its in zip(self._children, shares, strict=False):
            child.give(its)
        return [outcome for child, its in zip(self._children, shares, strict=False) for outcome in child.take(its)]


class _Child:
    """One reading process and the pipe to it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._is_fresh = True

    def give(self, items: Sequence[Item]) -> None:
        """Hand over a batch; the child takes it whole before it answers, so neither side can block the other."""
        if self._process is None or not self._process.is_alive():
            self._start()
        assert self._pipe is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its death shows when we take
            self._pipe.send(list(items))

    def take(self, items: Sequence[Item]) -> Iterable[Outcome]:
        """Give the answers in order; after a death go on with the items behind the one it died of."""
        outcomes: list[Outcome] = []
        while len(outcomes) < len(items):
            outcome = self._answer()
            outcomes.append(outcome)
            if (
                isinstance(outcome, Unread)
                and not outcome.final
                and self._process is None
                and len(outcomes) < len(items)
            ):
                self.give(items[len(outcomes) :])
        return outcomes

    def stop(self) -> None:
        """Kill the process; what it was reading is lost, the raw bytes are not."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    def _start(self) -> None:
        self.stop()
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["__main__", "inbox.nursery"])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._limits), daemon=True)
        self._process.start()
        theirs.close()
        self._is_fresh = True

    def _answer(self) -> Outcome:
        assert self._pipe is not None
        patience = self._limits.seconds + (_START_SECONDS if self._is_fresh else 0)
        try:
            if not self._pipe.poll(patience):
                self.stop()
                return Unread(why=f"reading took longer than {self._limits.seconds:g} s", final=False)
            self._is_fresh = False
            answer: Outcome = self._pipe.recv()
        except (EOFError, OSError):
            self.stop()
            return Unread(why="the reader died", final=False)
        if isinstance(answer, Unread) and not answer.final:
            self.stop()  # out of memory or worse: what is left of the process is not to be trusted
        return answer


def _serve(pipe: Connection, limits: Limits) -> None:
    """Be a child: read batches until the parent goes away."""
    _live_no_longer_than_the_desk()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    allowed = limits.megabytes * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
    while True:
        try:
            items = pipe.recv()
        except EOFError:
            return
        for item in items:
            pipe.send(_outcome(item))


def _outcome(item: Item) -> Outcome:
    try:
        return _read(item)
    except UnreadableError as error:
        return Unread(why=str(error) or "unreadable", final=True)
    except MemoryError:
        return Unread(why="reading took too much memory", final=False)
    except Exception as error:  # noqa: BLE001 - nothing a customer sent may stop the inbox; its words stay out of the reason
        return Unread(why=f"the reader failed ({type(error).__name__})", final=False)


def _read(item: Item) -> Outcome:
    reader = kind(item.reader)
    if item.part is None:
        inbound = reader.read(item.raw, item.settings)
        return inbound if item.received is None else gist.of(inbound, day=item.received, formats=item.formats)
    file = reader.extract(item.raw, item.part) if item.part else item.raw
    if item.content:
        return _content(file)
    return file if item.view is None else _drawn(file, item.view)


def _drawn(file: bytes, view: View) -> bytes:
    from channels.letter import view as views  # only the children that draw need the libraries

    return views.drawn(file, page=view.page, width=view.width, turn=view.turn)


def _content(file: bytes) -> Content:
    from channels.letter import contents  # the engines take seconds to import, and a mail needs none of them

    return contents.read(file)


def _live_no_longer_than_the_desk() -> None:
    """Die with the desk even if it is killed (Linux); elsewhere the closed pipe ends us.

    The process we were forked from ends when nobody holds the pipe that says so, and takes us with it: we do not hold
    it, as a child otherwise would.
    """
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        os.close(forkserver._forkserver._forkserver_alive_fd)  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other name for it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)

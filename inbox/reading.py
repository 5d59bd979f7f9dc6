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
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import RawValue
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
#: A child keeps answers so long before it sends them together: each that is sent wakes the one who waits.
_KEEP_SECONDS = 0.05


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
        self._kept = RawValue("i", 0)  #: How many answers it holds, shared: a dead child tells no more.
        self._is_fresh = True

    def give(self, items: Sequence[Item]) -> None:
        """Hand over a batch; the child takes it whole before it answers, so neither side can block the other."""
        if self._process is None or not self._process.is_alive():
            self._start()
        assert self._pipe is not None
        self._kept.value = 0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its death shows when we take
            self._pipe.send(list(items))

    def take(self, items: Sequence[Item]) -> list[Outcome]:
        """Give the answers in order; after a death go on with the other items than the one it died of."""
        outcomes: dict[int, Outcome] = {}
        waiting = list(range(len(items)))
        while waiting:
            answers = self._answers()
            if isinstance(answers, Unread):
                fatal = waiting.pop(min(self._kept.value, len(waiting) - 1))
                outcomes[fatal] = answers
            else:
                outcomes.update(zip(waiting, answers, strict=False))
                del waiting[: len(answers)]
            if self._process is None and waiting:
                self.give([items[place] for place in waiting])
        return [outcomes[place] for place in range(len(items))]

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
        self._process = context.Process(target=_serve, args=(theirs, self._kept, self._limits), daemon=True)
        self._process.start()
        theirs.close()
        self._is_fresh = True

    def _answers(self) -> list[Outcome] | Unread:
        """Give the next answers, or why there are none: the item in hand was too much."""
        assert self._pipe is not None
        patience = self._limits.seconds + (_START_SECONDS if self._is_fresh else _KEEP_SECONDS)
        try:
            if not self._pipe.poll(patience):
                self.stop()
                return Unread(why=f"reading took longer than {self._limits.seconds:g} s", final=False)
            self._is_fresh = False
            answers: list[Outcome] = self._pipe.recv()
        except (EOFError, OSError):
            self.stop()
            return Unread(why="the reader died", final=False)
        if _is_worn(answers[-1]):
            self.stop()
        return answers


def _is_worn(answer: Outcome) -> bool:
    """Whether a child was out of memory or worse: what is left of the process is not to be trusted."""
    return isinstance(answer, Unread) and not answer.final


def _serve(pipe: Connection, kept: ctypes.c_int, limits: Limits) -> None:
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
        for answers in _answered(items, kept):
            pipe.send(answers)
            kept.value = 0


def _answered(items: Sequence[Item], kept: ctypes.c_int) -> Iterator[list[Outcome]]:
    """Read a batch: the first answer comes at once, as who waits is patient with it alone, then those of a moment."""
    answers: list[Outcome] = []
    since = 0.0
    for item in items:
        answers.append(_outcome(item))
        kept.value = len(answers)
        if time.monotonic() - since > _KEEP_SECONDS or _is_worn(answers[-1]):
            yield answers
            answers, since = [], time.monotonic()
    if answers:
        yield answers


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

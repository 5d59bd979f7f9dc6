"""Receiving and processing: two loops that never wait for each other, nor for the one that sends.

Receiving: fetch, commit the raw bytes, then acknowledge at the source. Processing: read in a child, file in one
transaction a batch; a batch that fails is filed again one by one, so that one message cannot hold up the others.
"""

import gc
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from channels.base import Channel
from inbox.app import App
from inbox.reading import Unread
from tickets import intake, triage
from tickets.errors import ChannelError, ChannelRefusedError
from tickets.gist import Gist
from tickets.messages import Medium, Pickup
from tickets.models import Arrival, ArrivalState, ChannelState
from tickets.triage import Filed

_log = structlog.get_logger()

#: Pickups that share one durable commit: at most this many, and at most this many bytes.
BATCH = 100
BATCH_BYTES = 16 * 1024 * 1024
#: Messages, and scans, read and filed together; the first batch is small, for nothing is filed while it is read.
FILING_BATCH, SCANS_BATCH, FIRST_BATCH = 100, 4, 25

MAIL = (Medium.EMAIL, Medium.SMS, Medium.PHONE, Medium.UPLOAD)
SCANS = (Medium.LETTER,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How one look at one channel went."""

    channel: str
    received: int = 0
    error: str | None = None
    refused: bool = False


def receive(app: App, name: str) -> Round:
    """Pick up everything that waits at one channel; a channel in trouble stops only itself."""
    received = 0
    try:
        channel = app.channel(name)
        for batch in _batches(channel.fetch()):
            received += _keep(app, name, batch)
            channel.acknowledge_all([pickup.handle for pickup in batch])
    except ChannelError as error:
        _note_trouble(app, name, str(error))
        _log.warning("channel in trouble", channel=name, error=str(error))
        return Round(channel=name, received=received, error=str(error), refused=isinstance(error, ChannelRefusedError))
    _note_health(app, name)
    return Round(channel=name, received=received)


def _keep(app: App, name: str, batch: Sequence[Pickup]) -> int:
    """Keep what is new; where another process keeps the very same at this moment, look again and find it."""
    try:
        return _record(app, name, batch)
    except IntegrityError:
        return _record(app, name, batch)


def _record(app: App, name: str, batch: Sequence[Pickup]) -> int:
    with app.store.writing() as session:
        arrivals = intake.record(session, app.blobs, batch, source=app.source(name), now=app.clock())
    return sum(arrival is not None for arrival in arrivals)


def _batches(pickups: Iterable[Pickup]) -> Iterator[list[Pickup]]:
    batch: list[Pickup] = []
    size = 0
    for pickup in pickups:
        batch.append(pickup)
        size += len(pickup.raw)
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def process(app: App, media: Sequence[Medium] = (*MAIL, *SCANS)) -> list[Filed]:
    """Read and file what waits, one batch; what fails is counted and tried again, up to its third failure."""
    return _settle(app, _read_batch(app, media, after=0))


def process_all(
    app: App,
    media: Sequence[Medium] = (*MAIL, *SCANS),
    *,
    each: Callable[[list[Filed]], object] = len,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Process until nothing of these media waits any more: mail first and in large batches, scans are slow.

    Gives how many were filed; `each` sees them batch by batch, so that a full mailbox needs no more memory than one.
    """
    number = 0
    for group in (MAIL, SCANS):
        its = [medium for medium in group if medium in media]
        while its and _waits(app, its):
            for filed in _once_through(app, its):
                number += len(filed)
                each(filed)
                del filed  # before the collector may look again
                if stopped():
                    return number
    return number


def _once_through(app: App, media: Sequence[Medium]) -> Iterator[list[Filed]]:
    """Try each waiting arrival once, oldest first; while one batch is filed, the children read the next."""
    with ThreadPoolExecutor(1, "read ahead") as ahead:
        coming = ahead.submit(_read_batch, app, media, after=0, limit=FIRST_BATCH)
        while batch := coming.result():
            coming = ahead.submit(_read_batch, app, media, after=max(batch))
            with _uncollected():
                yield _settle(app, batch)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the garbage collector while a batch is filed and looked at: its objects live until it is let go.

    Then nearly all go at once by themselves; before, the collector would walk them again and again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()  # whatever it was: scans, filed beside mail, may have held it too


def _read_batch(
    app: App, media: Sequence[Medium], *, after: int, limit: int = FILING_BATCH
) -> dict[int, Gist | Unread]:
    """Read the next arrivals behind the arrival `after`, by their numbers; empty if none waits."""
    with app.store.reading() as session:
        limit = SCANS_BATCH if Medium.LETTER in media else limit
        waiting = list(_not_too_much(intake.waiting(session, media=media, limit=limit, after=after)))
        raws = app.blobs.get_all(session, [arrival.sha256 for arrival in waiting])
    return {arrival.id: outcome for arrival, outcome in zip(waiting, _read(app, waiting, raws), strict=True)}


def _not_too_much(waiting: Iterable[Arrival]) -> Iterator[Arrival]:
    """As many as fit into memory together, at least one."""
    size = 0
    for arrival in waiting:
        size += arrival.size
        if size > BATCH_BYTES and size > arrival.size:
            return
        yield arrival


def _settle(app: App, batch: dict[int, Gist | Unread]) -> list[Filed]:
    """File what could be read, and count a failure for what could not."""
    _count_failures(app, {number: each for number, each in batch.items() if isinstance(each, Unread)})
    return _file(app, {number: each for number, each in batch.items() if isinstance(each, Gist)})


def _waits(app: App, media: Sequence[Medium]) -> bool:
    with app.store.reading() as session:
        return bool(intake.waiting(session, media=media, limit=1))


def _read(app: App, waiting: Sequence[Arrival], raws: Sequence[bytes]) -> list[Gist | Unread]:
    """Read each medium by its own children; the answers come back in the order of `waiting`."""
    outcomes: dict[int, Gist | Unread] = {}
    for readers, media in ((app.mail_readers, MAIL), (app.scan_readers, SCANS)):
        its = [(arrival, raw) for arrival, raw in zip(waiting, raws, strict=True) if arrival.medium in media]
        if its:
            answers = readers.gists([app.waiting_item(arrival, raw) for arrival, raw in its])
            outcomes.update((arrival.id, answer) for (arrival, _), answer in zip(its, answers, strict=True))
    return [outcomes[arrival.id] for arrival in waiting]


def _count_failures(app: App, unread: dict[int, Unread]) -> None:
    if not unread:
        return
    with app.store.writing() as session:
        for arrival in intake.still_received(session, unread):
            intake.failed(arrival, unread[arrival.id].why, final=unread[arrival.id].final)
            _log.warning("not readable", arrival=arrival.id, why=arrival.error, state=arrival.state)


def _file(app: App, readable: dict[int, Gist]) -> list[Filed]:
    """File a batch in one transaction; if that fails, each message in its own."""
    if not readable:
        return []
    try:
        return _file_together(app, readable)
    except Exception as error:  # around one batch: set aside, go on one by one
        if _is_the_stores(error):
            raise
        _log.warning("a batch could not be filed, going on one by one", arrivals=len(readable), **_trace(error))
    filed: list[Filed] = []
    for arrival_id, read in readable.items():
        filed += _file_alone(app, arrival_id, read)
    return filed


def _file_together(app: App, readable: dict[int, Gist]) -> list[Filed]:
    with app.store.writing() as session:
        batch = [(arrival, readable[arrival.id]) for arrival in intake.still_received(session, readable)]
        return triage.file(session, app.office, batch, now=app.clock())


def _file_alone(app: App, arrival_id: int, read: Gist) -> list[Filed]:
    try:
        return _file_together(app, {arrival_id: read})
    except Exception as error:  # around one message: set aside for a person, go on
        if _is_the_stores(error):
            raise
        _log.error("not filed", arrival=arrival_id, **_trace(error))
        _count_failures(app, {arrival_id: Unread(why=f"filing failed ({type(error).__name__})", final=False)})
        return []


def _is_the_stores(error: Exception) -> bool:
    """Whether the store itself is in trouble; what it will never take (SQLSTATE class 54) is the message's fault."""
    state = str(getattr(getattr(error, "orig", None), "sqlstate", ""))
    return isinstance(error, OperationalError) and not state.startswith("54")


def _trace(error: Exception) -> dict[str, object]:
    """What failed and where, for the log. Not its text, nor the values around it: they may be a customer's words."""
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    return {"error": type(error).__name__, "where": [f"{Path(each.filename).name}:{each.lineno}" for each in frames]}


def _note_trouble(app: App, name: str, error: str) -> None:
    now = app.clock()

    def note(state: ChannelState) -> None:
        state.failing_since = state.failing_since or now
        state.error = error

    _note(app, name, note)


def _note_health(app: App, name: str) -> None:
    now: datetime = app.clock()

    def note(state: ChannelState) -> None:
        state.last_ok_at, state.failing_since, state.error = now, None, None

    _note(app, name, note)


def _note(app: App, name: str, change: Callable[[ChannelState], None]) -> None:
    """Write down how a channel is; two processes that see it for the first time make one row."""
    with app.store.writing() as session:
        try:
            with session.begin_nested():
                state = session.get(ChannelState, name) or ChannelState(name=name)
                session.add(state)
        except IntegrityError:
            state = session.get_one(ChannelState, name)
        change(state)


def quarantined(app: App) -> int:
    """How many arrivals people have to look at."""
    with app.store.reading() as session:
        return intake.counts(session).get(ArrivalState.QUARANTINED, 0)


def wait_for_more(channel: Channel, seconds: float) -> bool:
    """Wait until the source says that something arrived; a channel that cannot say waits its time."""
    try:
        return channel.wait(seconds)
    except ChannelError:
        return False

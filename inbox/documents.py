"""Reading what is attached to messages, after they are filed: a loop of its own that no mailbox ever waits for."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from inbox.app import App
from inbox.reading import Item, Unread
from tickets import file_readings, findings
from tickets.messages import Content
from tickets.models import SETTLED, FileReading, ReadingState

_log = structlog.get_logger()

#: Files read together; each may take a minute.
BATCH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """One file to be read, away from the session."""

    reading_id: int
    item: Item


def read_all(app: App, *, stopped: Callable[[], bool] = lambda: False) -> int:
    """Read every file that waits, each once, oldest first; gives how many were read."""
    number = after = 0
    while not stopped():
        waiting = _waiting(app, after=after)
        if not waiting:
            break
        after = waiting[-1].reading_id
        number += _take(app, waiting, app.file_readers.contents([each.item for each in waiting]))
    return number


def _waiting(app: App, *, after: int) -> list[_Waiting]:
    with app.store.reading() as session:
        rows = [row for row in file_readings.waiting(session, limit=BATCH, after=after) if row.file.message.arrival]
        arrivals = [row.file.message.arrival for row in rows]
        raws = app.blobs.get_all(session, [each.sha256 for each in arrivals if each])
        return [
            _Waiting(
                reading_id=row.id,
                item=app.item(arrival.channel, arrival.reader, raw, part=row.file.part, content=True),
            )
            for row, arrival, raw in zip(rows, arrivals, raws, strict=True)
            if arrival
        ]


def _evaluate(app: App, session: Session, reading: FileReading) -> None:
    """What a file says changes what the checks find; pages show what was found last."""
    claim = reading.file.message.ticket.claim
    if claim is not None and claim.state not in SETTLED:
        session.flush()  # the checks read what was just kept
        findings.refresh(session, app.office, [claim], now=app.clock())


def _take(app: App, waiting: list[_Waiting], outcomes: list[Content | Unread]) -> int:
    """Keep each outcome in its own transaction: a file the store will not take stops no other."""
    taken = 0
    for each, outcome in zip(waiting, outcomes, strict=True):
        with app.store.writing() as session:
            reading = session.get(FileReading, each.reading_id)
            if reading is None or reading.state is not ReadingState.WAITING:
                continue
            if isinstance(outcome, Unread):
                file_readings.failed(reading, outcome.why, final=outcome.final)
                _log.info("file not readable", reading=reading.id, why=outcome.why)
            else:
                file_readings.take(session, reading, outcome, now=app.clock())
                _evaluate(app, session, reading)
                taken += 1
    return taken

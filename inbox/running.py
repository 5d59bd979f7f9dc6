"""Running: everything at once until stopped, one round until nothing waits, or one file handed in."""

import gc
import hashlib
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from inbox import deadlines_sweep, documents, poller, sending
from inbox.app import App
from inbox.poller import Round
from tickets import intake
from tickets.messages import Pickup
from tickets.models import ArrivalState

if TYPE_CHECKING:
    from rich.console import Console

    from inbox.schedule import Part


@dataclass(kw_only=True)
class Outcome:
    """What one round did."""

    rounds: list[Round] = field(default_factory=list)
    filed: int = 0
    sent: int = 0
    quarantined: int = 0

    @property
    def trouble(self) -> list[Round]:
        """The channels that could not be asked, or could not send."""
        return [each for each in self.rounds if each.error]

    def as_json(self) -> dict[str, object]:
        """The round in figures."""
        return {
            "received": sum(each.received for each in self.rounds),
            "filed": self.filed,
            "sent": self.sent,
            "quarantined": self.quarantined,
            "trouble": [{"channel": each.channel, "error": each.error} for each in self.trouble],
        }


def once(app: App, names: Sequence[str], *, console: "Console | None") -> Outcome:
    """Pick up from each channel, file all that waits, send what is due; others go on where one is in trouble."""
    outcome = Outcome()
    for name in names:
        outcome.rounds.append(poller.receive(app, name))
        _say(console, f"{name}: {outcome.rounds[-1].error or f'{outcome.rounds[-1].received} picked up'}")
    outcome.filed = poller.process_all(app)
    _say(console, f"filed {outcome.filed}")
    deadlines_sweep.sweep(app)
    sending.expire(app)
    sent = sending.send_due(app)
    outcome.sent = sent.answered
    outcome.rounds += [Round(channel=name, error=why) for name, why in sent.trouble.items()]
    documents.read_all(app)
    outcome.quarantined = poller.quarantined(app)
    _say(console, f"sent {outcome.sent}, quarantined {outcome.quarantined}")
    return outcome


def run(app: App, *, parts: "Sequence[Part]", web: bool, channels: list[str] | None = None) -> None:
    """Run these parts until told to stop (SIGINT, SIGTERM)."""
    from inbox.schedule import Schedule

    collect_rarely()
    running = Schedule(app, parts, channels)
    running.start()
    try:
        if web:
            serve(app)
        else:
            _until_stopped()
    finally:
        running.stop()


def collect_rarely() -> None:
    """Leave the garbage collector little to do: what is loaded stays, and a batch's objects live until its commit.

    With the interpreter's own thresholds it walked the same 25,000 objects again and again: 2 of 9 ms a message.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)


def serve(app: App) -> None:
    """Serve the pages until told to stop."""
    import uvicorn

    from inbox.web import create

    uvicorn.run(create(app), host=app.settings.web.host, port=app.settings.web.port, log_level="warning")


def _until_stopped() -> None:
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    stopped.wait()


def hand_in(app: App, path: Path, channel: str) -> int:
    """Record and file one raw message as if `channel` had picked it up; nothing is sent. Gives the arrival's number."""
    raw = path.read_bytes()
    now = app.clock()
    sha256 = hashlib.sha256(raw).hexdigest()
    pickup = Pickup(handle=sha256, external_id=sha256, raw=raw, name=path.name, source=f"file {now.isoformat()}")
    with app.store.writing() as session:
        [arrival] = intake.record(session, app.blobs, [pickup], source=app.source(channel), now=now)
        assert arrival is not None  # its source is a moment: never this very copy
        session.flush()  # the caller is told the arrival's number
        number, state = arrival.id, arrival.state
    if state is ArrivalState.RECEIVED:
        poller.process_all(app)
    return number


def _say(console: "Console | None", words: str) -> None:
    if console is not None:
        console.print(words)

"""Dry runs: files one message exactly as the inbox would, and takes it all back."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from inbox.app import App
from inbox.files import content, recognised
from inbox.reading import Unread
from tickets import triage as triage_rules
from tickets.errors import UnreadableError
from tickets.messages import Medium
from tickets.models import Arrival, Blob
from tickets.triage import Filed

Shape = TypeVar("Shape")


def triage(app: App, path: Path, shape: Callable[[Path, Filed], Shape]) -> Shape | str:
    """What would become of one file, shaped while its transaction lasts; why it cannot be read, if it cannot."""
    reader, medium = recognised(path)
    try:
        raw = content(path)
    except UnreadableError as error:
        return str(error)
    channel = next((name for name in app.settings.channels if app.settings.kind_of(name) == reader), reader)
    [outcome] = app.readers(medium).read([app.item(channel, reader, raw)])
    if isinstance(outcome, Unread):
        return outcome.why
    now = app.clock()
    sha256 = hashlib.sha256(raw).hexdigest()
    with app.store.rehearsing() as session:
        session.merge(Blob(sha256=sha256, size=len(raw)))
        session.flush()  # the arrival names the blob
        arrival = Arrival(
            channel=channel, medium=Medium(medium), reader=reader, external_id=f"rehearsal/{sha256}",
            received_at=now, size=len(raw), sha256=sha256,
        )  # fmt: skip
        session.add(arrival)
        [filed] = triage_rules.file(session, app.office, [(arrival, outcome)], now=now)
        session.flush()  # what the store would refuse shows here
        return shape(path, filed)

"""The product's own path from mailbox to ticket: the rounds of `claimdesk run`, receiving and processing at once."""

import threading
from pathlib import Path

from inbox import poller, running
from inbox.app import App
from tickets.models import ArrivalState

CHANNEL = "claims-mail"
_FIRST_MAIL = b"From: first@example.net\r\nTo: claims@example.ro\r\nSubject: hello\r\n\r\nhello\r\n"


def warmed(config: Path) -> App:
    """An installation that runs already: it has read and filed a mail."""
    app = App.from_file(config)
    first = config.with_name("first.eml")
    first.write_bytes(_FIRST_MAIL)
    running.hand_in(app, first, CHANNEL)
    running.collect_rarely()  # as every running process does
    return app


def run(app: App, *, side_by_side: bool) -> int:
    """Bring every mail of the mailbox to its ticket; gives how many were filed."""
    if not side_by_side:
        poller.receive(app, CHANNEL)
        return poller.process_all(app, poller.MAIL)
    receiving = threading.Thread(target=poller.receive, args=(app, CHANNEL), name="receive")
    receiving.start()
    filed = 0
    while receiving.is_alive():
        filed += poller.process_all(app, poller.MAIL)
        receiving.join(0.02)
    return filed + poller.process_all(app, poller.MAIL)


def waiting(app: App) -> dict[str, int]:
    """How many arrivals have each state: what was not filed is no result."""
    from tickets import intake

    with app.store.reading() as session:
        return {str(state): number for state, number in intake.counts(session).items()}


def is_whole(counts: dict[str, int], expected: int) -> bool:
    """Whether every mail was filed."""
    return counts.get(str(ArrivalState.FILED), 0) == expected

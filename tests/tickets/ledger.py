"""Short ways to put pickups into the intake ledger and to look at it."""

from datetime import UTC, datetime

from tickets import intake
from tickets.blobs import Blobs
from tickets.database import Store
from tickets.intake import Source
from tickets.messages import Medium, Pickup
from tickets.models import ArrivalState

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

claims_mail = Source(channel="claims-mail", medium=Medium.EMAIL, reader="email")
post = Source(channel="post", medium=Medium.LETTER, reader="letter")


def mail(uid: int, *, raw: bytes | None = None, validity: int = 1) -> Pickup:
    """One mail of the folder INBOX."""
    content = raw or f"Subject: mail {uid}\r\n\r\nwords".encode()
    return Pickup(handle=uid, external_id=f"INBOX/{validity}/{uid}", raw=content, received_at=NOW)


def record(store: Store, blobs: Blobs, source: Source, *pickups: Pickup) -> list[bool]:
    """Record pickups; True for each that is a new arrival."""
    with store.writing() as session:
        return [each is not None for each in intake.record(session, blobs, pickups, source=source, now=NOW)]


def states(store: Store) -> list[ArrivalState]:
    """The fates in the ledger, oldest first."""
    with store.reading() as session:
        return [line.arrival.state for line in intake.ledger(session)]

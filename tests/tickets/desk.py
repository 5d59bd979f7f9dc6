"""A claims desk for tests: an office, the scenarios' world, and short ways to file a message and look at it."""

import hashlib
import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tickets import claims, outbox, requests, triage, world
from tickets.database import Store
from tickets.messages import Address, Delivery, DeliveryState, File, InboundMessage, Medium, MessageKind, Sender
from tickets.models import Arrival, Blob, Claim, OutboxDelivery, Request, Requirement, Ticket
from tickets.office import Office, Outlet, SendMode
from tickets.references import PolicyFormat
from tickets.requirements import RequirementState
from tickets.triage import Filed

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # Monday 10:00 in Bucharest
WORLD = Path(__file__).parent.parent / "data" / "worlds" / "scenarios.json"
MARIA = "maria.popescu@example.ro"
MARIAS_PHONE = "+40722123456"
CLAIM_A = "CLM26-004711-58"
CLAIM_B = "CLM26-000184-59"
BOTH = ("owners_assoc", "repair_estimate")  #: What claim A lacks.

OFFICE = Office(
    name="Exemplu Asigurări",
    short_name="Exemplu",
    phone="021 555 0100",
    postal_address="Str. Exemplului 1, 010101 București",
    country="RO",
    timezone=ZoneInfo("Europe/Bucharest"),
    languages=("ro", "en"),
    public_url="https://desk.example.ro",
    keys=(b"newest", b"older"),
    outlets={
        Medium.EMAIL: Outlet(channel="claims-mail", address="claims@example.ro"),
        Medium.SMS: Outlet(channel="text", address="+40312345678"),
        Medium.LETTER: Outlet(channel="post", address=""),
    },
    formats=(PolicyFormat(kind="policy.own", pattern=r"CAS-\d{7}"),),
)
AUTO = replace(OFFICE, send=SendMode.AUTO)
_numbers = count(1)


def mail(text: str = "", *, sender: str | None = MARIA, subject: str = "", **changes: object) -> InboundMessage:
    """An ordinary mail; `changes` are fields of `InboundMessage`."""
    number = next(_numbers)
    plain = InboundMessage(
        medium=Medium.EMAIL,
        sender=Address(address=sender, name=""),
        sender_state=Sender.PLAIN if sender else Sender.AMBIGUOUS,
        subject=subject,
        text=text,
        new_text=text,
        message_id=f"mail-{number}@example.ro",
        language="ro",
        acknowledge=True,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def sms(text: str, *, sender: str = MARIAS_PHONE, **changes: object) -> InboundMessage:
    """A text message."""
    return mail(text, sender=sender, medium=Medium.SMS, **changes)


def letter(text: str = "", *, codes: tuple[str, ...] = (), **changes: object) -> InboundMessage:
    """A scanned letter: it has no sender."""
    scan = attachment("scan.pdf", part="")
    fields = {"medium": Medium.LETTER, "codes": codes, "files": (scan,), "acknowledge": False, **changes}
    return replace(mail(text, sender=None), sender_state=Sender.MISSING, message_id=None, **fields)  # type: ignore[arg-type]


def out_of_office(**changes: object) -> InboundMessage:
    """An automatic reply."""
    return mail("I am away", kind=MessageKind.AUTO_REPLY, acknowledge=False, **changes)


def attachment(name: str, *, media_type: str = "application/pdf", part: str = "2") -> File:
    """A file in a message."""
    digest = hashlib.sha256(f"{name}{next(_numbers)}".encode()).hexdigest()
    return File(name=name, media_type=media_type, size=1000, sha256=digest, part=part)


@dataclass
class Desk:
    """A store with the scenarios' world in it, and an office that works on it."""

    store: Store
    office: Office = OFFICE
    now: datetime = NOW

    @classmethod
    def with_world(cls, store: Store, office: Office = OFFICE) -> "Desk":
        fill(store, office)
        return cls(store, office)

    def add(self, **parts: object) -> None:
        """Add customers, policies and claims in the shape of a world file."""
        with self.store.writing() as session:
            outcome = world.load(session, {"schema": 1, **parts}, office=self.office, now=self.now)
            assert not outcome.errors, outcome.errors

    def file(self, *messages: InboundMessage) -> list[Filed]:
        """File messages as one batch, as if they had arrived now."""
        with self.store.writing() as session:
            batch = [(self._arrival(session, message), message) for message in messages]
            return triage.file(session, self.office, batch, now=self.now)

    def file_one(self, message: InboundMessage) -> Filed:
        [filed] = self.file(message)
        return filed

    def ask(self, claim: str = CLAIM_A, *, due_on: date = date(2026, 12, 7), items: tuple[str, ...] = BOTH) -> str:
        """Send the claim's request for these items as a representative does, and let every delivery succeed."""
        with self.store.writing() as session:
            found = session.scalars(select(Claim).where(Claim.ref == claim)).one()
            request = requests.prepare(session, found, now=self.now, actor="staff:1")
            requests.keep_only(request, items)
            requests.ask(session, self.office, request, now=self.now, actor="staff:1", due_on=due_on, author_id=None)
            code = request.code
        self.deliver()
        return code

    def know(self, claim: str = CLAIM_A, **facts: object) -> None:
        """Record facts of a claim; what it needs follows from them."""
        with self.store.writing() as session:
            found = session.scalars(select(Claim).where(Claim.ref == claim)).one()
            found.facts = found.facts | facts
            claims.refresh(found)

    def deliver(self) -> None:
        """Let the other side take everything that is queued."""
        with self.store.writing() as session:
            channels = [outlet.channel for outlet in self.office.outlets.values()]
            later = self.now + timedelta(minutes=1)
            for delivery in outbox.claim_due(session, channels, now=later, limit=100):
                outbox.transmitting(session, delivery.id, now=later)
                outbox.record(session, delivery.id, Delivery(state=DeliveryState.SENT), now=later)

    def outgoing(self) -> list[OutboxDelivery]:
        """Everything in the outbox with its message, oldest first."""
        with self.store.reading() as session:
            found = list(session.scalars(select(OutboxDelivery).order_by(OutboxDelivery.id)))
            for delivery in found:
                assert delivery.message.text
            return found

    def request(self, code: str = f"{CLAIM_A}/R1") -> Request:
        with self.store.reading() as session:
            found = requests.find(session, code)
            assert all(item.requirement for item in found.items)
            return found

    def state(self, item: str, claim: str = CLAIM_A) -> RequirementState:
        with self.store.reading() as session:
            query = select(Requirement.state).join(Claim).where(Claim.ref == claim, Requirement.item == item)
            return session.scalars(query).one()

    def tickets(self) -> list[Ticket]:
        with self.store.reading() as session:
            return list(session.scalars(select(Ticket).order_by(Ticket.id)))

    def _arrival(self, session: "object", message: InboundMessage) -> Arrival:
        number = next(_numbers)
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        session.add(Blob(sha256=sha256, size=1, content=b"x"))  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]  # the arrival names the blob
        arrival = Arrival(
            channel="test", medium=message.medium, reader="email", external_id=str(number), received_at=self.now,
            size=1, sha256=sha256,
        )  # fmt: skip
        session.add(arrival)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        return arrival


def fill(store: Store, office: Office) -> None:
    """Put the scenarios' world into an empty store; on SQLite that is worked out once for each office, then copied."""
    if store.engine.dialect.name != "sqlite":
        _load_world(store, office)
        return
    kept = _world_of(repr(office))
    if not kept.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        _load_world(store, office)
        _sqlite(store).backup(kept)
    else:
        kept.backup(_sqlite(store))


@cache
def _world_of(_office: str) -> sqlite3.Connection:
    return sqlite3.connect(":memory:", check_same_thread=False)


def _sqlite(store: Store) -> sqlite3.Connection:
    with store.engine.connect() as connection:
        own = connection.connection.driver_connection
    assert isinstance(own, sqlite3.Connection)
    return own


def _load_world(store: Store, office: Office) -> None:
    with store.writing() as session:
        outcome = world.load(session, json.loads(WORLD.read_text(encoding="utf-8")), office=office, now=NOW)
        assert not outcome.errors


def links(filed: Filed) -> dict[str, str]:
    """Target to state of a message's links."""
    return {link.target: str(link.state) for link in filed.linking.links}


def evidence(filed: Filed, target: str) -> set[str]:
    """The evidence words of one link."""
    return {each.evidence for link in filed.linking.links if link.target == target for each in link.reasons}

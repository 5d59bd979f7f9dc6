"""The desk behind the pages, and browsers that visit it."""

import json
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import httpx
from pwdlib import PasswordHash
from sqlalchemy import select

import inbox.web
from channels.base import kind
from inbox import accounts
from inbox.app import App
from inbox.config import parse
from tests.tickets.desk import CLAIM_A, MARIA, fill
from tickets import intake, outbox, requests, triage
from tickets.intake import Source
from tickets.messages import Delivery, DeliveryState, Medium, Pickup
from tickets.models import Arrival, Claim, Message, OutboxDelivery, Requirement, SignIn, Staff, Ticket
from tickets.requirements import RequirementState
from tickets.triage import Filed

with warnings.catch_warnings():
    # The successor of httpx that starlette asks for is not among our dependencies.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # Monday 10:00 in Bucharest
PASSWORD = "a long password for tests"
EMAIL = "ana@exemplu.example"
ORIGIN = "http://127.0.0.1:8400"
SID, TOKEN, NUMBER = "AC" + "5" * 32, "an-invented-token", "+40312345678"

MACROS: list[dict[str, Any]] = [
    {
        "name": {"en": "Estimate received, thanks", "ro": "Deviz primit, mulțumim"},
        "actions": [
            {
                "reply": {
                    "en": "Thank you, {name}: the estimate for {claim} has arrived.",
                    "ro": "Vă mulțumim, {name}: devizul pentru {claim} a sosit.",
                }
            },
            {"tag": "deviz"},
            {"assign": "me"},
            {"note": "De comparat."},
            {"snooze": "3d"},
        ],
    },
    {
        "name": {"en": "Tag, then tell of the claim", "ro": "Etichetă, apoi dosarul"},
        "actions": [{"tag": "x"}, {"reply": {"en": "About {claim}", "ro": "Despre {claim}"}}],
    },
    {
        "name": {"en": "Tag, then give to nobody we know", "ro": "Etichetă, apoi altcuiva"},
        "actions": [{"tag": "x"}, {"assign": "nimeni@exemplu.example"}],
    },
]
_CONFIG: dict[str, Any] = {
    "macros": MACROS,
    "office": {
        "name": "Exemplu Asigurări",
        "phone": "021 555 0100",
        "postal_address": "Str. Exemplului 1, 010101 București",
        "public_url": ORIGIN,
        "languages": ["ro", "en"],
    },
    "payments": {"name": "Exemplu Asigurări SA", "iban": "RO49AAAA1B31007593840000", "bic": "BTRLRO22"},
    "security": {"secret": "for tests only"},
    "channels": {
        "claims-mail": {
            "kind": "email",
            "address": "claims@example.ro",
            "imap": {"host": "127.0.0.1", "port": 1, "tls": "none", "user": "claims", "password": "x"},
            "smtp": {"host": "127.0.0.1", "port": 1, "tls": "none", "user": "claims", "password": "x"},
        },
        "text": {"kind": "sms", "number": NUMBER, "account_sid": SID, "auth_token": TOKEN},
        "post": {
            "kind": "letter",
            "scans": "scans/in",
            "done": "scans/done",
            "bad": "scans/bad",
            "print": "print",
        },
    },
}


@cache
def _hashed() -> str:
    """Ana's password as it is kept; made once, because it takes its time on purpose."""
    return PasswordHash.recommended().hash(PASSWORD)


@contextmanager
def new_office(folder: Path, migrated: Path | None, *, url: str = "", **changes: Any) -> "Iterator[Pages]":
    """A new desk in `folder`, on a copy of `migrated` or on the store at `url`; `changes` are keys of [office]."""
    if migrated is not None:
        shutil.copy(migrated, folder / "store.db")
    tables = {
        **_CONFIG,
        "office": {**_CONFIG["office"], **changes},
        "store": {"url": url or f"sqlite:///{folder}/store.db", "blobs": "blobs"},
    }
    pages = Pages(folder=folder)
    pages.app = App(settings=parse(tables, folder=folder), clock=lambda: pages.now)
    fill(pages.app.store, pages.app.office)
    with pages.app.store.writing() as session:
        session.scalars(select(Staff).where(Staff.email == EMAIL)).one().password_hash = _hashed()
    yield pages
    pages.app.close()


@dataclass
class Pages:
    """The installation, and short ways to bring about what the pages show."""

    folder: Path
    now: datetime = NOW
    app: App = field(init=False)

    def browser(self, **options: Any) -> "Browser":
        """A new browser; over TLS its address is that of the office."""
        base = self.app.office.public_url
        client = TestClient(inbox.web.create(self.app), base_url=base, follow_redirects=False, **options)
        return Browser(client=client, origin=base)

    def file(self, raw: bytes, *, channel: str = "claims-mail", medium: Medium = Medium.EMAIL, name: str = "") -> Filed:
        """Record and file raw bytes as if a channel had just picked them up."""
        reader = self.app.settings.kind_of(channel)
        inbound = kind(reader).read(raw, self.app.settings.channel(channel))
        with self.app.store.writing() as session:
            [arrival] = self.record(session, raw, channel=channel, medium=medium, name=name)
            [filed] = triage.file(session, self.app.office, [(arrival, inbound)], now=self.now)
        return filed

    def record(self, session: Any, raw: bytes, *, channel: str, medium: Medium, name: str = "") -> list[Arrival]:
        source = Source(channel=channel, medium=medium, reader=self.app.settings.kind_of(channel))
        pickup = Pickup(handle=1, external_id=f"test/1/{hash(raw)}", raw=raw, name=name)
        arrivals = intake.record(session, self.app.blobs, [pickup], source=source, now=self.now)
        session.flush()
        return [arrival for arrival in arrivals if arrival is not None]

    def file_mail(self, text: str = "", **options: Any) -> Ticket:
        """File a mail and give its ticket."""
        filed = self.file(mail(text, **options))
        assert filed.message is not None
        return filed.message.ticket

    def file_sms(self, text: str, *, sender: str = "+40722123456") -> Ticket:
        """File a text and give its ticket."""
        fields = {"MessageSid": f"SM{abs(hash(text)):032x}"[:34], "From": sender, "To": NUMBER, "Body": text}
        filed = self.file(json.dumps(fields).encode(), channel="text", medium=Medium.SMS)
        assert filed.message is not None
        return filed.message.ticket

    def quarantine(self, raw: bytes = b"\x00 nothing to read", *, name: str = "scan.pdf") -> int:
        """Set an arrival aside for people to look at."""
        with self.app.store.writing() as session:
            [arrival] = self.record(session, raw, channel="post", medium=Medium.LETTER, name=name)
            intake.failed(arrival, "the reader died", final=True)
            return arrival.id

    def ask(self, claim: str = CLAIM_A, *, delivered: bool = True) -> str:
        """Send the claim's request as Ana does, and let every delivery succeed."""
        with self.app.store.writing() as session:
            found = session.scalars(select(Claim).where(Claim.ref == claim)).one()
            request = requests.prepare(session, found, now=self.now, actor="staff:1")
            requests.ask(session, self.app.office, request, now=self.now, actor="staff:1", author_id=1, person="Ana")
            code = request.code
        if delivered:
            self.deliver()
        return code

    def deliver(self, state: DeliveryState = DeliveryState.SENT) -> None:
        """Let everything that is queued end in `state`."""
        later = self.now + timedelta(minutes=1)
        with self.app.store.writing() as session:
            for delivery in outbox.claim_due(session, list(self.app.settings.channels), now=later, limit=100):
                outbox.transmitting(session, delivery.id, now=later)
                outbox.record(session, delivery.id, Delivery(state=state, detail="550 no such mailbox"), now=later)

    def outgoing(self) -> list[OutboxDelivery]:
        """Everything in the outbox with its message, oldest first."""
        with self.app.store.reading() as session:
            found = list(session.scalars(select(OutboxDelivery).order_by(OutboxDelivery.id)))
            assert all(delivery.message.text for delivery in found)
            return found

    def messages(self) -> list[Message]:
        with self.app.store.reading() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))

    def ticket(self, ref: str) -> Ticket:
        with self.app.store.reading() as session:
            found = session.scalars(select(Ticket).where(Ticket.ref == ref)).one()
            assert found.claim is None or found.claim.ref
            return found

    def item(self, item: str, claim: str = CLAIM_A) -> RequirementState:
        with self.app.store.reading() as session:
            query = select(Requirement.state).join(Claim).where(Claim.ref == claim, Requirement.item == item)
            return session.scalars(query).one()

    def staff(self, email: str = EMAIL) -> Staff:
        with self.app.store.reading() as session:
            return session.scalars(select(Staff).where(Staff.email == email)).one()

    def session(self, email: str) -> tuple[str, str]:
        """Begin a session as if somebody had signed in: the cookie's secret, and the token of its forms."""
        secret, csrf = token_urlsafe(), token_urlsafe()
        with self.app.store.writing() as session:
            staff = session.scalars(select(Staff).where(Staff.email == email)).one()
            kept, ends = sha256(secret.encode()).hexdigest(), self.now + accounts.SESSION
            session.add(SignIn(secret_hash=kept, staff=staff, csrf_token=csrf, made_at=self.now, expires_at=ends))
        return secret, csrf

    def arrivals(self) -> list[Arrival]:
        with self.app.store.reading() as session:
            return list(session.scalars(select(Arrival).order_by(Arrival.id)))


@dataclass
class Browser:
    """Somebody's browser: it says where it comes from and fills in the token of the page it is on, as real ones do."""

    client: TestClient
    origin: str
    csrf: str = ""

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD, onward: str = "/") -> httpx.Response:
        answer = self.post_raw("/sign-in", {"email": email, "password": password, "next": onward})
        if answer.status_code == 303:
            page = self.get("/inbox/team")
            page = self.get(page.headers["location"]) if page.status_code == 303 else page
            self.csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)[1]  # type: ignore[index]
        return answer

    def enter(self, office: "Pages", email: str = EMAIL) -> None:
        """Go on with a session that was begun before."""
        secret, self.csrf = office.session(email)
        self.client.cookies.set("claimdesk", secret, domain="127.0.0.1")

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._answer("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """Post a form of the page one is on."""
        return self.post_raw(path, {"csrf": self.csrf, **(fields or {})}, **headers)

    def attach(self, ref: str, *files: tuple[str, bytes, str], **fields: Any) -> httpx.Response:
        """Put files (name, bytes, type) to the answer on a ticket, by the composer's form as it is without script."""
        given = [("files", each) for each in files]
        return self.post_raw(f"/tickets/{ref}/files", {"csrf": self.csrf, **fields}, files=given)

    def post_raw(self, path: str, fields: dict[str, Any], *, files: Any = None, **headers: str) -> httpx.Response:
        given = {"origin": self.origin, "sec-fetch-site": "same-origin"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self._answer("POST", path, data=fields, files=files, headers={k: v for k, v in given.items() if v})

    def _answer(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer: httpx.Response = self.client.request(method, path, **options)
        return answer


def mail(
    text: str = "Bună ziua",
    *,
    sender: str = f"Maria Popescu <{MARIA}>",
    subject: str = "Pagubă de apă",
    html: str | None = None,
    files: tuple[tuple[str, str, bytes], ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """A raw mail; `files` are (name, media type, content)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "claims@example.ro", subject
    message["Message-ID"] = f"<{abs(hash((text, subject, html, files)))}@example.ro>"
    for name, value in headers:
        message[name] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, media_type, content in files:
        main, _, sub = media_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return bytes(message)

"""The acceptance scenarios of the main job, through a real mailbox, a carrier, a scan folder and the commands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest

from inbox import desk
from inbox.demo import letters
from inbox.demo.exchange import Exchange
from inbox.demo.letters import Sheet
from tests.installation import Installation
from tests.servers.carrier import carrier
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import Received, Sink
from tickets.database import Store
from tickets.models import Staff

MARIA = "maria.popescu@example.ro"
MARIAS_PHONE = "+40722123456"
CLAIM_A = "CLM26-004711-58"
R1 = f"{CLAIM_A}/R1"


@dataclass
class Office:
    """A desk with every channel, in the world of the scenarios."""

    installation: Installation
    exchange: Exchange
    scans: Path

    def mail(self, text: str, *, sender: str = MARIA, subject: str = "", **headers: str) -> None:
        message = EmailMessage()
        message["From"], message["To"] = sender, headers.pop("to", "claims@example.ro")
        message["Subject"] = subject
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        self.installation.mailbox.deliver(message.as_bytes())

    def poll(self) -> None:
        self.installation.lines("poll", "--once")

    def ask(self, claim: str = CLAIM_A) -> dict[str, Any]:
        """Ana sends the request, and it leaves."""
        items = ("--item", "owners_assoc", "--item", "repair_estimate")
        [request] = self.installation.lines("ask", claim, "--due", "2026-12-07", *items)
        self.poll()
        return request

    def show(self, ref: str) -> dict[str, Any]:
        [shown] = self.installation.lines("show", ref)
        return shown

    def last_arrival(self) -> dict[str, Any]:
        return self.installation.lines("intake")[-1]

    def last_message(self) -> dict[str, Any]:
        """The message that arrived last, as its ticket shows it."""
        ticket = self.show(self.last_arrival()["ticket"])
        message: dict[str, Any] = [each for each in ticket["messages"] if each["direction"] == "in"][-1]
        return message

    def links(self) -> dict[str, str]:
        return {link["target"]: link["state"] for link in self.last_message()["links"]}

    def items(self, ref: str = R1) -> dict[str, str]:
        return {item["key"]: item["state"] for item in self.show(ref)["items"]}

    @property
    def mails_sent(self) -> list[Received]:
        return self.installation.sink.received


@pytest.fixture
def office(
    tmp_path: Path,
    mailbox: Mailbox,
    make_sink: Callable[[], Sink],
    server_certificates: Certificates,
    store_url: str,
) -> Iterator[Office]:
    with carrier() as exchange:
        extra = f"""
[channels.text]
kind = "sms"
number = "{exchange.number}"
account_sid = "{exchange.account}"
auth_token = "{exchange.token}"
api_url = "{exchange.url}"
[channels.post]
kind = "letter"
scans = "scans/in"
done = "scans/done"
bad = "scans/bad"
print = "print"
settle_seconds = 0.1
"""
        installation = Installation(tmp_path, mailbox, make_sink(), store_url, server_certificates, extra).write()
        installation.load_world()
        yield Office(installation, exchange, tmp_path / "scans" / "in")


def test_s1_new_claim_by_mail(office: Office) -> None:
    office.mail("s-a spart o teava in bucatarie ieri, polita cas 045 1237")

    office.poll()

    arrival = office.last_arrival()
    assert office.links()["CAS-0451237"] == "active"
    assert CLAIM_A not in office.links()
    claim = office.show(arrival["claim"])
    assert (claim["type"], claim["state"], claim["policy"]) == ("home", "draft", "CAS-0451237")
    ticket = office.show(arrival["ticket"])
    assert (ticket["state"], ticket["priority"]) == ("new", 2)
    requirements = {each["key"]: each["state"] for each in claim["requirements"]}
    assert requirements["owners_assoc"] == "maybe"
    [acknowledgement] = office.mails_sent
    assert arrival["claim"] in acknowledgement.message["Subject"]
    assert office.exchange.sent == []


def test_s2_one_request_by_mail_and_text(office: Office) -> None:
    request = office.ask()

    [mail] = office.mails_sent
    [text] = office.exchange.sent
    assert str(make_header(decode_header(mail.message["Subject"]))).startswith(f"[{CLAIM_A}] ")
    assert request["due_on"] == "2026-12-07"
    assert parseaddr(mail.message["Reply-To"])[1] == request["reply_address"]
    body = mail.message.get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "1. " in body
    assert "2. " in body
    assert len(text.body) <= 160
    assert CLAIM_A in text.body
    assert "deviz" not in text.body.lower()
    assert office.show(CLAIM_A)["state"] == "gathering"
    assert office.show(R1)["state"] == "open"
    assert office.items() == {"owners_assoc": "asked", "repair_estimate": "asked"}


def test_s3_reply_by_text_satisfies_nothing_and_the_photo_waits_for_ana(office: Office) -> None:
    office.ask()

    office.exchange.receive(MARIAS_PHONE, "trimit adeverinta maine")
    office.poll()

    assert office.links()[R1] == "active"
    assert office.items() == {"owners_assoc": "asked", "repair_estimate": "asked"}

    photo = letters.jpeg(letters.scan(Sheet(text="ADEVERINTA\nAsociatia de proprietari")))
    office.exchange.receive(MARIAS_PHONE, "", media=[("image/jpeg", photo)])
    office.poll()

    assert office.items()["owners_assoc"] == "received"
    app = office.installation.app()
    desk.accept(app, CLAIM_A, "owners_assoc", staff=ana(app.store))
    app.close()
    assert office.items()["owners_assoc"] == "accepted"


def test_s4_scanned_letter_is_linked_by_its_code_and_counts_from_its_stamp(office: Office) -> None:
    office.ask()
    pages = [
        letters.scan(
            Sheet(text="Alaturat va trimit devizul.", code=R1, stamp="REGISTRATURA\nINTRAT 20.11.2026"), seed=1
        ),
        letters.scan(Sheet(text="Deviz de reparatie\nCIM26-OO4711-58\nTotal 2.450,00 lei"), seed=2),
        letters.scan(Sheet(text="Semnatura si stampila"), seed=3),
    ]
    office.scans.mkdir(parents=True, exist_ok=True)
    scan = letters.pdf(pages)
    (office.scans / "scan-0001.pdf").write_bytes(scan)

    office.poll()

    assert (office.links()[CLAIM_A], office.links()[R1]) == ("active", "active")
    message = office.last_message()
    assert (message["pages"], message["received_on"]) == (3, "2026-11-20")
    assert list(office.scans.iterdir()) == []

    (office.scans / "again.pdf").write_bytes(scan)
    office.poll()

    assert office.last_arrival()["state"] == "duplicate"
    assert len(office.show(office.last_arrival()["ticket"])["messages"]) == 3  # two requests out, one letter in


def test_s6_right_reference_from_a_stranger(office: Office) -> None:
    office.mail("please tell me the amount", sender="gigi@x.example", subject=f"[{CLAIM_A}]")

    office.poll()

    assert office.links() == {CLAIM_A: "unverified"}
    assert office.last_arrival()["claim"] is None
    [acknowledgement] = office.mails_sent
    assert "CLM" not in acknowledgement.raw.decode("ascii", "replace")


def test_s8_out_of_office_and_bounce(office: Office) -> None:
    request = office.ask()
    [sent] = [each["message_id"] for each in request["deliveries"] if each["medium"] == "email"]
    for _ in range(50):
        office.mail("sunt plecata", subject="Raspuns automat", Auto_Submitted="auto-replied", In_Reply_To=f"<{sent}>")
    office.installation.mailbox.deliver(delivery_report(sent, MARIA))

    office.poll()

    assert office.show(R1)["state"] == "open"
    assert len(office.mails_sent) == 1
    deliveries = {each["medium"]: each["state"] for each in office.show(R1)["deliveries"]}
    assert deliveries["email"] == "failed"
    assert {line["kind"] for line in office.installation.lines("intake")} == {"auto_reply", "bounce"}


def test_request_answered_in_three_parts_ends_answered_on_one_ticket(office: Office) -> None:
    request = office.ask()
    office.mail("vedeti atasat", subject="poze de la mine", to=request["reply_address"])
    office.exchange.receive(MARIAS_PHONE, "adeverinta", media=[("image/jpeg", letters.jpeg(letters.scan(Sheet())))])
    office.scans.mkdir(parents=True, exist_ok=True)
    (office.scans / "deviz.png").write_bytes(
        letters.png(letters.scan(Sheet(text="DEVIZ DE REPARATIE\nTotal 2.450,00 lei", code=R1)))
    )

    office.poll()

    assert office.show(R1)["state"] == "answered"
    assert len({line["ticket"] for line in office.installation.lines("intake")}) == 1


def ana(store: Store) -> Staff:
    with store.reading() as session:
        return session.query(Staff).filter_by(name="Ana Ionescu").one()


def delivery_report(message_id: str, address: str) -> bytes:
    """A report as RFC 3464 has it."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.ro\r\nTo: claims@example.ro\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe address does not exist.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.ro\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\nTo: {address}\r\n--b--\r\n"
    ).encode()

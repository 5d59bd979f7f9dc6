"""Acceptance scenarios S5, S6 and S7: whose claim a message is about, and what nobody is told, through the commands."""

from collections.abc import Callable
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import Sink

MARIA = "maria.popescu@example.ro"
CLAIM_A, CLAIM_B = "CLM26-004711-58", "CLM26-000184-59"
#: Facts of claims A and B, and of their parties; nothing of them may reach who is not known to them.
FACTS = ("CLM26", "Maria", "Popescu", "Marin", "CAS-", "RO/25", "12.450", "12450", "2026-11-14", "14 noiembrie", "home")


@pytest.fixture
def office(
    tmp_path: Path, mailbox: Mailbox, make_sink: Callable[[], Sink], server_certificates: Certificates, store_url: str
) -> Installation:
    installation = Installation(tmp_path, mailbox, make_sink(), store_url, server_certificates).write()
    installation.load_world()
    return installation


def written(sender: str, text: str, *, subject: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "claims@example.ro", subject
    message["Message-ID"] = "<one@x.example>"
    message.set_content(text)
    return message


def filed(office: Installation, message: EmailMessage, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `triage` foretells of a message, and what `show` says of it once it has come by the mailbox."""
    path = folder / "one.eml"
    path.write_bytes(message.as_bytes())
    [foretold] = office.lines("triage", str(path))
    office.mailbox.deliver(message.as_bytes())
    office.lines("poll", "--once")
    [ticket] = office.lines("show", office.lines("intake")[-1]["ticket"])
    [shown] = [each for each in ticket["messages"] if each["direction"] == "in"]
    return foretold, shown


def told(office: Installation) -> str:
    """Every word that has left the office: subjects and texts, decoded."""
    messages = [each.message for each in office.sink.received]
    subjects = [str(make_header(decode_header(each["Subject"]))) for each in messages]
    parts = [part for each in messages for part in each.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*subjects, *(part.get_payload(decode=True).decode() for part in parts)])  # type: ignore[union-attr]  # no multipart among them


def test_s5_reference_with_swapped_digits(office: Installation, tmp_path: Path) -> None:
    message = written("gigi@x.example", "Buna ziua, ce suma primesc?", subject="CLM26-004711-85")

    foretold, shown = filed(office, message, tmp_path)

    assert foretold["references"] == []
    [link] = shown["links"]
    assert (link["target"], link["state"]) == (CLAIM_A, "suggested")
    assert "check digits fail; nearest existing: CLM26-004711-58 (digits swapped)" in link["why"]["en"]
    assert "cifre inversate" in link["why"]["ro"]
    assert office.sink.received, "a stranger is answered, with nothing in it"
    assert [fact for fact in FACTS if fact in told(office)] == []
    assert not foretold["disclose"]


def test_s6_right_reference_from_an_unknown_sender(office: Installation, tmp_path: Path) -> None:
    message = written("gigi@x.example", f"[{CLAIM_A}] please tell me the amount")

    foretold, shown = filed(office, message, tmp_path)

    [link] = [each for each in shown["links"] if each["kind"] == "claim"]
    assert (link["target"], link["state"]) == (CLAIM_A, "unverified")
    assert "nothing may be told" in link["why"]["en"]
    assert not foretold["disclose"]
    assert office.sink.received
    assert [fact for fact in FACTS if fact in told(office)] == []


def test_s7_two_claims_in_one_mail(office: Installation, tmp_path: Path) -> None:
    message = written(MARIA, f"{CLAIM_A}/{CLAIM_B}")

    foretold, shown = filed(office, message, tmp_path)

    claims = {each["target"]: each["state"] for each in shown["links"] if each["kind"] == "claim"}
    assert claims == {CLAIM_A: "suggested", CLAIM_B: "suggested"}
    assert {"several_claims", "different_customers"} <= set(foretold["notes"])
    assert {"several_claims", "different_customers"} <= set(shown["notes"])
    assert not foretold["disclose"]
    assert [fact for fact in FACTS if fact in told(office)] == []
    assert "TKT" in told(office)

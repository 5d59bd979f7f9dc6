"""Tests of channels.email.domain_keys: a signature counts if its own domain's key fits the whole mail."""

import base64

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from channels import email
from channels.email import mime
from channels.email.settings import Dkim, Settings
from tests.channels.email.conftest import NOWHERE
from tests.servers.dns import name_server
from tickets.messages import Trust

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
RECORDS = {f"s1._domainkey.{domain}": b"v=DKIM1; k=rsa; p=" + PUBLIC for domain in ("example.org", "other.example")}
MAIL = (
    b"From: Maria <maria@example.org>\r\nTo: claims@example.ro\r\nSubject: Cerere\r\n"
    b"Message-ID: <1@example.org>\r\n\r\nBuna ziua\r\n"
)


def signed(domain: bytes = b"example.org", *, selector: bytes = b"s1", length: bool = False) -> bytes:
    """Sign the mail as its sender's server does."""
    return bytes(dkim.sign(MAIL, selector, domain, PRIVATE, length=length)) + MAIL


def found(raw: bytes, *more: bytes) -> Trust:
    """Read a mail with the keys at hand."""
    fields = b"".join(b"Authentication-Results: mx.example.ro; %s\r\n" % each for each in more)
    return mime.read(
        fields + raw,
        trusted_authserv="mx.example.ro",
        find_record=lambda name: RECORDS.get(name.rstrip(".")),
    ).trust


def test_signature_that_fits_is_a_pass() -> None:
    assert found(signed()) is Trust.PASS


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"Buna ziua", b"Plateste altui cont"), (b"Subject: Cerere", b"Subject: Alta"), (b"maria@", b"ana@")],
)
def test_mail_changed_after_signing_is_a_fail(old: bytes, new: bytes) -> None:
    assert found(signed().replace(old, new)) is Trust.FAIL


@pytest.mark.parametrize(
    "raw",
    [
        MAIL,
        signed(b"other.example"),
        signed(selector=b"gone"),
        signed(length=True),
        b"DKIM-Signature: v=1; d=example.org; " + b"x" * 20_000 + b"\r\n" + MAIL,
        signed().replace(b"From: Maria <maria@example.org>", b"From: victim@example.org <maria@example.org>"),
    ],
    ids=["unsigned", "another domain's", "no key", "covers only a beginning", "endless", "ambiguous sender"],
)
def test_what_cannot_speak_for_the_sender_is_no_evidence(raw: bytes) -> None:
    assert found(raw) is Trust.NONE


def test_fail_of_our_own_server_is_not_outweighed() -> None:
    assert found(signed(), b"dmarc=fail header.from=example.org") is Trust.FAIL
    assert found(MAIL, b"dmarc=pass header.from=example.org") is Trust.PASS


def test_channel_asks_the_configured_name_server() -> None:
    with name_server(RECORDS) as port:
        settings = Settings(
            address="claims@example.ro",
            imap=NOWHERE,
            smtp={"host": "127.0.0.1", "tls": "none"},  # type: ignore[arg-type] # as the configuration writes it
            dkim=Dkim(nameserver="127.0.0.1", port=port),
        )

        assert email.read(signed(), settings).trust is Trust.PASS
        assert email.read(signed(selector=b"gone"), settings).trust is Trust.NONE


def test_name_server_that_does_not_answer_is_no_evidence() -> None:
    settings = Settings(
        address="claims@example.ro",
        imap=NOWHERE,
        smtp={"host": "127.0.0.1", "tls": "none"},  # type: ignore[arg-type] # as the configuration writes it
        dkim=Dkim(nameserver="127.0.0.1", port=9, timeout=0.2),
    )

    assert email.read(signed(), settings).trust is Trust.NONE


def test_name_server_is_given_by_its_address() -> None:
    with pytest.raises(ValidationError):
        Dkim(nameserver="dns.example.org")

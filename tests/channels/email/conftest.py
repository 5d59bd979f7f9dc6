"""A mailbox channel at a real Dovecot, at a scripted server, and an outbox at a sink."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from channels.email import EmailChannel, connect
from channels.email.imap import Mailbox as ImapMailbox
from channels.email.settings import Imap, Settings, Smtp
from tests.servers import smtp
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Mailbox
from tests.servers.imap import ScriptedImap, scripted_imap

NOWHERE = Imap(host="127.0.0.1", port=9, user="claims", password="secret", tls="none")


@pytest.fixture
def open_mailbox(mailbox: Mailbox) -> Iterator[Callable[..., ImapMailbox]]:
    """Connect to this test's own mailbox at Dovecot; keyword arguments change the settings."""
    opened: list[ImapMailbox] = []

    def open_(**changes: Any) -> ImapMailbox:
        server = mailbox.server
        settings = {
            "host": server.host,
            "port": server.tls_port,
            "user": mailbox.user,
            "password": mailbox.password,
            "ca_file": server.ca_file,
            "done": "Archive",
        }
        opened.append(ImapMailbox("claims-mail", Imap.model_validate(settings | changes)))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.fixture
def scripted() -> Iterator[ScriptedImap]:
    with scripted_imap() as server:
        yield server


@pytest.fixture
def at_scripted(scripted: ScriptedImap) -> Iterator[Callable[..., ImapMailbox]]:
    """Connect to the scripted server, without TLS, with a timeout that a test can wait for."""
    opened: list[ImapMailbox] = []

    def open_(**changes: Any) -> ImapMailbox:
        settings = {"host": scripted.host, "port": scripted.port, "tls": "none", "user": "claims", "password": "secret"}
        limits = {"done": "Archive", "timeout": 0.5}
        opened.append(ImapMailbox("claims-mail", Imap.model_validate(settings | limits | changes)))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.fixture
def sink(make_sink: Callable[..., smtp.Sink]) -> smtp.Sink:
    return make_sink()


@pytest.fixture
def open_outbox(sink: smtp.Sink, server_certificates: Certificates) -> Iterator[Callable[..., EmailChannel]]:
    """Connect a channel that sends to the sink; keyword arguments change its SMTP settings."""
    opened: list[EmailChannel] = []

    def open_(*, from_name: str = "", **changes: Any) -> EmailChannel:
        settings = {
            "host": sink.host,
            "port": sink.port,
            "user": smtp.USER,
            "password": smtp.PASSWORD,
            "ca_file": server_certificates.ca,
            "timeout": 5,
            "final_timeout": 5,
        }
        table = Settings(
            address="claims@example.ro",
            from_name=from_name,
            imap=NOWHERE,
            smtp=Smtp.model_validate(settings | changes),
        )
        opened.append(connect("claims-mail", table))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()

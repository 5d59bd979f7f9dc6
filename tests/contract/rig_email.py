"""The e-mail channel between a real Dovecot and an SMTP sink."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from channels import email
from channels.email.settings import Imap, Settings, Smtp
from tests.contract.rigs import Rig
from tests.servers import smtp
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Mailbox
from tickets.errors import (
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    DeliveryUnknownError,
    MessageRefusedError,
)
from tickets.messages import Address, Medium, OutboundMessage


class EmailRig:
    """See `Rig`."""

    receives = True
    sends = True

    def __init__(self, mailbox: Mailbox, sink: smtp.Sink, certificates: Certificates) -> None:
        self._mailbox = mailbox
        self._sink = sink
        self.channel = email.connect("claims-mail", _settings(mailbox, sink, certificates))
        mailbox.make("INBOX")
        mailbox.make("Claims")
        self.fetch_failures: dict[type[ChannelError], Callable[[], None]] = {
            ChannelRefusedError: lambda: mailbox.remove("Claims"),
        }
        self.send_failures: dict[type[ChannelError], Callable[[], None]] = {
            ChannelUnavailableError: lambda: sink.answer("rcpt", "451 4.7.1 try again later"),
            ChannelRefusedError: self._forget_password,
            MessageRefusedError: lambda: sink.answer("rcpt", "550 5.1.1 no such user"),
            DeliveryUnknownError: lambda: sink.answer("dot", smtp.CUT),
        }

    def _forget_password(self) -> None:
        self.channel.close()  # a connection that is signed in stays so
        self._sink.answer("auth", "535 5.7.8 credentials invalid")

    def arrive(self, words: str) -> None:
        self._mailbox.deliver(f"Subject: {words}\r\n\r\nHello\r\n".encode(), folder="Claims")

    def holds(self, raw: bytes, words: str) -> bool:
        return raw == f"Subject: {words}\r\n\r\nHello\r\n".encode()

    def outbound(self, number: int) -> OutboundMessage:
        return OutboundMessage(
            message_id=f"{number}@claims.example",
            medium=Medium.EMAIL,
            to=Address(name="Ana Pop", address="ana@exemplu.ro"),
            subject=f"Question {number}",
            text="Please send us the report.",
        )

    def taken(self) -> int:
        return len(self._sink.received)


@contextmanager
def email_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    make_sink: Callable[[], smtp.Sink] = request.getfixturevalue("make_sink")
    certificates: Certificates = request.getfixturevalue("server_certificates")
    yield EmailRig(request.getfixturevalue("mailbox"), make_sink(), certificates)


def _settings(mailbox: Mailbox, sink: smtp.Sink, certificates: Certificates) -> Settings:
    server = mailbox.server
    return Settings(
        address="claims@example.ro",
        imap=Imap(
            host=server.host,
            port=server.tls_port,
            user=mailbox.user,
            password=mailbox.password,
            folder="Claims",
            done="Archive",
            ca_file=server.ca_file,
        ),
        smtp=Smtp(host=sink.host, port=sink.port, user=smtp.USER, password=smtp.PASSWORD, ca_file=certificates.ca),
    )

"""Handing in mail: one envelope, one recipient, and an exact account of what the server has taken."""

import base64
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from channels.email.oauth import Tokens
from channels.email.outgoing import compose, wire_address
from channels.email.settings import Settings
from tickets.errors import ChannelRefusedError, ChannelUnavailableError, DeliveryUnknownError, MessageRefusedError
from tickets.messages import Delivery, OutboundMessage, Transmitting

STARTTLS_TRY_LATER = 454
SIGN_IN_WANTED = {530, 534, 535, 538}  # RFC 4954, section 6: the account is wrong, not the message
DONE, GO_ON, SIGNED_IN, CONTINUE = 250, 354, 235, 334


class Outbox:
    """The account that sends. One thread at a time; the connection is kept for the next message."""

    def __init__(self, name: str, settings: Settings, tokens: Tokens | None = None) -> None:
        self._name = name
        self._settings = settings
        self._server = settings.smtp
        self._tokens = tokens
        self._own_address = wire_address(settings.address) or settings.address
        self._client: smtplib.SMTP | None = None

    def send(self, message: OutboundMessage, transmitting: Transmitting) -> Delivery:
        """Hand in one message to its one recipient; see `Channel.send`."""
        recipient = wire_address(message.to.address or "")
        if recipient is None:
            raise MessageRefusedError(f"{self._name}: the recipient has no usable e-mail address")
        content = compose(message, address=self._own_address, name=self._settings.from_name)
        with self._nothing_taken():
            client = self._ready()
            self._address(client, sender="" if message.automatic else self._own_address, recipient=recipient)
            self._expect(client.docmd("DATA"), GO_ON, "DATA")
        try:
            transmitting()
        except BaseException:
            self._drop()  # the server has half a transaction: without the final dot it is nothing
            raise
        return self._transmit(client, content, message.message_id)

    def check(self) -> str:
        """Sign in, hand in nothing."""
        with self._nothing_taken():
            self._ready()
        return f"smtp {self._server.host}: signed in"

    def close(self) -> None:
        """Sign out."""
        if self._client is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._client.quit()
        self._drop()

    def _transmit(self, client: smtplib.SMTP, content: bytes, message_id: str) -> Delivery:
        """Send the content and hear what became of it; from here on silence means that nobody knows."""
        try:
            client.send(_dotted(content))
            if client.sock is not None:
                client.sock.settimeout(self._server.final_timeout)
            code, words = client.getreply()
            if client.sock is not None:
                client.sock.settimeout(self._server.timeout)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise DeliveryUnknownError(f"{self._name}: no answer after the message was transmitted") from error
        said = f"{code} {words.decode('utf-8', 'replace')}"
        if code // 100 == 2:  # noqa: PLR2004 - 2xx, RFC 5321, section 4.2.1
            return Delivery(provider_id=message_id, detail=said)
        if code // 100 == 4:  # noqa: PLR2004 - 4xx, same
            self._drop()
            raise ChannelUnavailableError(f"{self._name}: the server did not take the message now: {said}")
        if code // 100 == 5:  # noqa: PLR2004 - 5xx, same
            raise MessageRefusedError(f"{self._name}: the server refuses the message: {said}")
        self._drop()
        raise DeliveryUnknownError(f"{self._name}: the server's answer to the message is not readable: {said}")

    def _address(self, client: smtplib.SMTP, *, sender: str, recipient: str) -> None:
        options = ""
        if not recipient.isascii() or not sender.isascii():
            if not client.has_extn("smtputf8"):
                raise MessageRefusedError(f"{self._name}: the mail server cannot write to this address")
            client.command_encoding = "utf-8"
            options = " SMTPUTF8"
        self._expect(client.docmd("MAIL", f"FROM:<{sender}>{options}"), DONE, "MAIL")
        self._expect(client.docmd("RCPT", f"TO:<{recipient}>"), DONE, "RCPT")

    def _expect(self, answer: tuple[int, bytes], wanted: int, command: str) -> None:
        """Go on only after the wanted answer; nothing has been taken yet."""
        code, words = answer
        if code == wanted or (command == "RCPT" and code == wanted + 1):
            return
        said = f"{self._name}: answer to {command}: {code} {words.decode('utf-8', 'replace')}"
        if code in SIGN_IN_WANTED:
            raise ChannelRefusedError(said)
        if code // 100 == 5:  # noqa: PLR2004 - 5xx, RFC 5321, section 4.2.1
            raise MessageRefusedError(said)
        raise ChannelUnavailableError(said)

    def _ready(self) -> smtplib.SMTP:
        """Give a signed-in connection; one that has died since the last message is replaced."""
        if self._client is not None:
            with suppress(OSError, smtplib.SMTPException):
                if self._client.rset()[0] == DONE:
                    return self._client
            self._drop()
        self._client = self._open()
        return self._client

    def _open(self) -> smtplib.SMTP:
        client = self._connect()
        try:
            if self._server.tls == "starttls":
                self._start_tls(client)
            client.ehlo_or_helo_if_needed()
            self._sign_in(client)
        except BaseException:
            client.close()
            raise
        return client

    def _connect(self) -> smtplib.SMTP:
        server, own_name = self._server, self._own_address.rpartition("@")[2]
        if server.tls == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, own_name, timeout=server.timeout, context=self._trust())
        return smtplib.SMTP(server.host, server.port, own_name, timeout=server.timeout)

    def _trust(self) -> ssl.SSLContext:
        try:
            return self._server.trust()
        except OSError as error:
            raise ChannelRefusedError(f"{self._name}: smtp.ca_file cannot be read") from error

    def _start_tls(self, client: smtplib.SMTP) -> None:
        """Start TLS before anything secret; there is no way on without it (RFC 8314, section 3)."""
        try:
            client.starttls(context=self._trust())
        except smtplib.SMTPNotSupportedError as error:
            raise ChannelRefusedError(f"{self._name}: the server offers no STARTTLS: nothing was sent to it") from error
        except smtplib.SMTPResponseException as error:
            if error.smtp_code == STARTTLS_TRY_LATER:
                raise
            raise ChannelRefusedError(f"{self._name}: the server refuses STARTTLS: {error.smtp_code}") from error

    def _sign_in(self, client: smtplib.SMTP) -> None:
        if not self._server.user:
            return
        if self._tokens is None:
            password = self._server.password.get_secret_value() if self._server.password else ""
            self._judge(_with_password(client, self._server.user, password))
            return
        token = self._tokens.current()
        answer = self._with_token(client, token)
        if answer[0] // 100 == 5:  # noqa: PLR2004 - 5xx: a fresh token may help
            answer = self._with_token(client, self._tokens.renew(token))
        self._judge(answer)

    def _with_token(self, client: smtplib.SMTP, token: str) -> tuple[int, bytes]:
        server = self._server
        if server.auth == "xoauth2":
            shown = f"user={server.user}\x01auth=Bearer {token}\x01\x01"
            return _authenticate(client, "XOAUTH2", shown)
        # RFC 7628, section 3.1; the user is escaped as RFC 5801, section 4 says.
        user = server.user.replace("=", "=3D").replace(",", "=2C")
        shown = f"n,a={user},\x01host={server.host}\x01port={server.port}\x01auth=Bearer {token}\x01\x01"
        return _authenticate(client, "OAUTHBEARER", shown)

    def _judge(self, answer: tuple[int, bytes]) -> None:
        code, words = answer
        if code == SIGNED_IN:
            return
        said = f"{self._name}: answer to the sign-in: {code} {words.decode('utf-8', 'replace')}"
        raise ChannelRefusedError(said) if code // 100 == 5 else ChannelUnavailableError(said)  # noqa: PLR2004 - 5xx

    @contextmanager
    def _nothing_taken(self) -> Iterator[None]:
        """Before 354 every failure means that nothing was taken."""
        try:
            yield
        except (ChannelUnavailableError, ChannelRefusedError):
            self._drop()
            raise
        except ssl.SSLError as error:
            self._drop()
            if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
                raise ChannelUnavailableError(f"{self._name}: the server hung up while TLS began") from error
            told = f"{self._name}: the server's TLS is not trusted, nothing was sent to it: {error}"
            raise ChannelRefusedError(told) from error
        except smtplib.SMTPResponseException as error:
            self._drop()
            told = f"{self._name}: smtp: {error.smtp_code} {error.smtp_error!r}"
            raise ChannelUnavailableError(told) from error
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            self._drop()
            raise ChannelUnavailableError(f"{self._name}: the mail server cannot be reached: {error}") from error

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _with_password(client: smtplib.SMTP, user: str, password: str) -> tuple[int, bytes]:
    """Sign in with PLAIN (RFC 4616) or, where a server has only that, LOGIN; both carry UTF-8."""
    offered = client.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered or "LOGIN" not in offered:
        return _authenticate(client, "PLAIN", f"\0{user}\0{password}")
    answer = client.docmd("AUTH", "LOGIN")
    for secret in (user, password):
        if answer[0] != CONTINUE:
            break
        answer = client.docmd(_base64(secret))
    return answer


def _authenticate(client: smtplib.SMTP, mechanism: str, shown: str) -> tuple[int, bytes]:
    answer = client.docmd("AUTH", f"{mechanism} {_base64(shown)}")
    # RFC 7628, section 3.2.3: a refused token is explained in a challenge; an empty answer ends it.
    return client.docmd("") if answer[0] == CONTINUE else answer


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _dotted(content: bytes) -> bytes:
    """Double the dot at the begin of a line and end with a line of one dot (RFC 5321, section 4.5.2)."""
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"

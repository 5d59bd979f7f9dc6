"""A mail server that takes whatever it is sent and answers, cuts or hangs as a test scripts it."""

import asyncio
import base64
import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from threading import Thread
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, auth_mechanism

from tests.servers.certificates import Certificates

#: Where the script can speak: the greeting, AUTH, MAIL, RCPT, DATA (instead of 354), after 354, at the final dot.
Phase = Literal["greeting", "starttls", "auth", "mail", "rcpt", "data", "body", "dot"]
CUT, HANG = "cut", "hang"
USER, PASSWORD = "claims", "secret"


@dataclass(frozen=True)
class Received:
    """One message the sink has said 250 to."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> Message:
        """The message as any reader would see it."""
        return message_from_bytes(self.raw)


@dataclass
class Sink:
    """A running sink. `script[phase]` holds the answers for the next times, else it says yes."""

    port: int = 0
    host: str = "127.0.0.1"
    received: list[Received] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  #: Every command of every connection, without its credentials.
    credentials: list[tuple[str, bytes]] = field(default_factory=list)  #: (mechanism, what was shown), right or wrong.
    tokens: set[str] = field(default_factory=set)  #: Access tokens that sign in.
    script: dict[str, deque[str]] = field(default_factory=dict)
    offers_smtputf8: bool = True
    connections: list["_Server"] = field(default_factory=list, repr=False)

    def answer(self, phase: Phase, *answers: str) -> None:
        """Say these lines (or CUT, HANG) the next times the phase is reached."""
        self.script.setdefault(phase, deque()).extend(answers)

    def next(self, phase: Phase) -> str | None:
        """Take the scripted answer for this time, if there is one."""
        answers = self.script.get(phase)
        return answers.popleft() if answers else None


class _Server(SMTP):
    """One connection to the sink."""

    def __init__(self, sink: Sink, *arguments: Any, **options: Any) -> None:
        self.sink = sink
        self.greeted = False
        sink.connections.append(self)
        super().__init__(*arguments, **options)

    async def push(self, status: Any) -> None:
        if not self.greeted:
            self.greeted = True
            scripted = self.sink.next("greeting")
            if scripted is not None:
                await self._say(scripted)
                self.hang_up()
                return
        await super().push(status)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds commands by this name
        self.sink.seen.append("STARTTLS")
        if not await self._scripted("starttls"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802 - same
        self.sink.seen.append("AUTH")
        if not await self._scripted("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - same
        self.sink.seen.append(f"MAIL {arg}")
        if await self._scripted("mail"):
            return
        if self.session is None or not self.session.authenticated:
            await self.push("530 5.7.0 Authentication required")
            return
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - same
        self.sink.seen.append(f"RCPT {arg}")
        if not await self._scripted("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - same
        self.sink.seen.append("DATA")
        if await self._scripted("data"):
            return
        after_354 = self.sink.next("body")
        if after_354 is None:
            await super().smtp_DATA(arg)
            return
        await self.push("354 Go on")
        await self._say(after_354)

    async def _scripted(self, phase: Phase) -> bool:
        answer = self.sink.next(phase)
        if answer is not None:
            await self._say(answer)
        return answer is not None

    async def _say(self, answer: str) -> None:
        if answer == CUT:
            self.hang_up()
        elif answer == HANG:
            await asyncio.sleep(3600)
        else:
            await super().push(answer)

    def hang_up(self) -> None:
        """Cut the connection without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


class _Handler:
    """What the sink does with sign-ins and messages."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        scripted = self.sink.next("dot")
        if scripted in {CUT, HANG}:
            await server._say(scripted)
            return "250 nobody reads this"
        if scripted is not None and not scripted.startswith("2"):
            return scripted
        self.sink.received.append(Received(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        return scripted or f"250 OK queued as {len(self.sink.received)}"

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:  # noqa: N802 - same
        return await self._token("XOAUTH2", server, args)

    @auth_mechanism("OAUTHBEARER")
    async def auth_bearer(self, server: Any, args: list[str]) -> AuthResult:
        return await self._token("OAUTHBEARER", server, args)

    async def _token(self, mechanism: str, server: Any, args: list[str]) -> AuthResult:
        shown = base64.b64decode(args[1])
        self.sink.credentials.append((mechanism, shown))
        token = shown.partition(b"auth=Bearer ")[2].partition(b"\x01")[0].decode()
        if token in self.sink.tokens:
            return AuthResult(success=True)
        # RFC 7628, section 3.2.3: the refusal comes as a challenge that the client answers before it hears 535.
        await server.challenge_auth(b'{"status":"401"}')
        return AuthResult(success=False, handled=False)


@contextmanager
def sink(
    certificates: Certificates, *, tls: Literal["tls", "starttls", "none"] = "starttls", offers_smtputf8: bool = True
) -> Iterator[Sink]:
    """Run a sink that demands `USER` and `PASSWORD` (or a token) and speaks TLS as said."""
    state = Sink(offers_smtputf8=offers_smtputf8)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.certificate, certificates.key)
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_listen(state, tls, context), loop).result(10)
    try:
        yield state
    finally:
        asyncio.run_coroutine_threadsafe(_hang_up(state, server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _listen(state: Sink, tls: str, context: ssl.SSLContext) -> asyncio.Server:
    server = await asyncio.get_running_loop().create_server(
        lambda: _Server(state, _Handler(state), **_options(state, tls, context)),
        host=state.host,
        port=0,
        ssl=context if tls == "tls" else None,
    )
    state.port = server.sockets[0].getsockname()[1]
    return server


async def _hang_up(state: Sink, server: asyncio.Server) -> None:
    """End what still talks or hangs, so that the loop can close."""
    server.close()
    for connection in state.connections:
        connection.hang_up()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # aborted transports close their sockets in the next round of the loop


def _options(state: Sink, tls: str, context: ssl.SSLContext) -> dict[str, Any]:
    def authenticate(_server: Any, _session: Any, _envelope: Any, mechanism: str, shown: Any) -> AuthResult:
        state.credentials.append((mechanism, shown.password))
        return AuthResult(success=(shown.login, shown.password) == (USER.encode(), PASSWORD.encode()), handled=False)

    return {
        "hostname": state.host,
        "authenticator": authenticate,
        "auth_require_tls": tls == "starttls",
        "tls_context": context if tls == "starttls" else None,
        "require_starttls": tls == "starttls",
        "enable_SMTPUTF8": state.offers_smtputf8,
        "timeout": 3600,
    }

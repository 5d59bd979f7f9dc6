"""The demo's way out for mail: an SMTP server (aiosmtpd) on loopback that keeps what it takes and sends nothing on."""

from asyncio.base_events import Server
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One mail the sink has said yes to."""

    mail_from: str
    to: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> Message:
        """The mail as any reader sees it."""
        return message_from_bytes(self.raw)


class Sink:
    """`taken` holds every mail, oldest first; it forgets all when it ends."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self._controller = _Controller(_Keeper(self.taken), hostname="127.0.0.1", port=0)

    def start(self) -> int:
        """Listen on a free port of loopback and give it."""
        self._controller.start()
        return int(self._controller.port)

    def stop(self) -> None:
        """Listen no longer."""
        self._controller.stop()

    def last_to(self, address: str) -> Taken:
        """The newest mail to an address; LookupError if there is none."""
        found = [each for each in self.taken if address.casefold() in {to.casefold() for to in each.to}]
        if not found:
            raise LookupError("nothing was sent to this address")
        return found[-1]


class _Controller(Controller):
    """A controller on a free port: it says its first word to the port it was given, not to port 0."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd leaves it untyped


class _Keeper:
    """What aiosmtpd calls for each mail."""

    def __init__(self, taken: list[Taken]) -> None:
        self._taken = taken

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        self._taken.append(Taken(mail_from=envelope.mail_from or "", to=tuple(envelope.rcpt_tos), raw=raw))
        return "250 OK: kept"

"""The e-mail kind of channel: a mailbox at an IMAP server, and an SMTP server that takes what we send."""

from collections.abc import Hashable, Iterable

from pydantic import BaseModel

from channels.email.imap import Mailbox
from channels.email.oauth import SaveToken, Tokens
from channels.email.settings import Server, Settings
from channels.email.smtp import Outbox
from tickets.messages import Delivery, InboundMessage, Medium, OutboundMessage, Pickup, Transmitting

__all__ = ["EmailChannel", "Settings", "connect", "extract", "read"]


class EmailChannel:
    """One mailbox. Picking up and sending have a connection each and may run in two threads."""

    medium = Medium.EMAIL

    def __init__(self, name: str, settings: Settings, *, save_token: SaveToken | None = None) -> None:
        self.name = name
        incoming = _tokens(name, settings.imap, save_token)
        one_account = settings.imap.grant() == settings.smtp.grant()
        outgoing = incoming if one_account else _tokens(name, settings.smtp, save_token)
        self._mailbox = Mailbox(name, settings.imap, incoming)
        self._outbox = Outbox(name, settings, outgoing)

    def fetch(self) -> Iterable[Pickup]:
        """Hand out what waits in the folder; see `Channel`."""
        return self._mailbox.fetch()

    def acknowledge(self, handle: Hashable) -> None:
        """Move or mark one mail; see `Channel`."""
        self._mailbox.acknowledge_all([handle])

    def acknowledge_all(self, handles: Iterable[Hashable]) -> None:
        """Move or mark many mails in one command; see `Channel`."""
        self._mailbox.acknowledge_all(handles)

    def send(self, message: OutboundMessage, transmitting: Transmitting) -> Delivery:
        """Hand one message to the SMTP server; see `Channel`."""
        return self._outbox.send(message, transmitting)

    def wait(self, seconds: float) -> bool:
        """Listen for new mail; see `Channel`."""
        return self._mailbox.wait(seconds)

    def check(self) -> str:
        """Sign in at both servers, changing nothing; see `Channel`."""
        return f"{self._mailbox.check()}; {self._outbox.check()}"

    def close(self) -> None:
        """Sign out at both servers."""
        self._mailbox.close()
        self._outbox.close()


def connect(name: str, settings: BaseModel, *, save_token: SaveToken | None = None) -> EmailChannel:
    """Make the channel `name`; `save_token` stores a refresh token that the token server has replaced."""
    assert isinstance(settings, Settings)
    return EmailChannel(name, settings, save_token=save_token)


def read(raw: bytes, settings: BaseModel | None = None) -> InboundMessage:
    """Say what a raw mail means; see `channels.email.mime.read`."""
    from channels.email.mime import read as read_mail

    if not isinstance(settings, Settings):
        return read_mail(raw)
    find_record = None
    if settings.dkim is not None:
        from channels.email.domain_keys import resolver

        find_record = resolver(settings.dkim)
    return read_mail(
        raw,
        trusted_authserv=settings.trusted_authserv,
        own_addresses=(settings.address,),
        find_record=find_record,
    )


def extract(raw: bytes, part: str) -> bytes:
    """Give the decoded bytes of one part of a raw mail."""
    from channels.email.mime import extract as extract_file

    return extract_file(raw, part)


def _tokens(name: str, server: Server, save_token: SaveToken | None) -> Tokens | None:
    return None if server.grant() is None else Tokens(name, server, save_token)

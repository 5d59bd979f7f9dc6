"""The letter kind of channel: a folder that a scanner fills, and a folder that a printer empties."""

from contextlib import suppress

from pydantic import BaseModel

from channels.letter.channel import LetterChannel
from channels.letter.settings import Settings
from tickets.errors import ChannelError
from tickets.messages import InboundMessage

__all__ = ["LetterChannel", "Settings", "connect", "extract", "read"]


def connect(name: str, settings: BaseModel) -> LetterChannel:
    """Make the channel `name`, and those of its folders that are missing and can be made."""
    assert isinstance(settings, Settings)
    channel = LetterChannel(name, settings)
    with suppress(ChannelError):  # the first fetch or check tells
        channel.make_folders()
    return channel


def read(raw: bytes, settings: BaseModel | None = None) -> InboundMessage:
    """Say what a scan means; see `channels.letter.reading.read`."""
    from channels.letter import reading  # pictures and engines take a second to load

    return reading.read(raw, settings if isinstance(settings, Settings) else None)


def extract(raw: bytes, part: str) -> bytes:
    """Give the scan itself, or a picture of one page; see `channels.letter.reading.extract`."""
    from channels.letter import reading

    return reading.extract(raw, part)

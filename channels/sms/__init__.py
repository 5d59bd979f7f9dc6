"""Text messages through a carrier: one number, its webhook and its list, and what a text says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels.sms.reading import extract, read
from channels.sms.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from channels.sms.twilio import TwilioChannel

__all__ = ["Settings", "connect", "extract", "read"]


def connect(name: str, settings: Settings, known: Callable[[list[str]], set[str]] | None = None) -> TwilioChannel:
    """Make the channel `name`; connects to nothing yet.

    `known` says which of some MessageSids are recorded already, so that they are not fetched again.
    """
    from channels.sms.twilio import TwilioChannel

    return TwilioChannel(name, settings, known)

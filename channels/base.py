"""The three promises of a channel, and how a kind of channel is found by its name."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Hashable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Protocol

import channels
from tickets.errors import ConfigurationError, MessageRefusedError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tickets.messages import Delivery, InboundMessage, Medium, OutboundMessage, Pickup, Transmitting


class Channel(Protocol):
    """One configured account. It never touches the store and knows no other channel."""

    name: str  #: Its table in the configuration.
    medium: Medium

    def fetch(self) -> Iterable[Pickup]:
        """Hand out what waits at the source, oldest first, without changing anything there.

        Raises `ChannelUnavailableError` (try later) or `ChannelRefusedError` (a person must act).
        What was handed out and not acknowledged is handed out again.
        """

    def acknowledge(self, handle: Hashable) -> None:
        """Flag or move one pickup at the source, now that its bytes are durable. Safe to repeat."""

    def acknowledge_all(self, handles: Iterable[Hashable]) -> None:
        """Acknowledge many at once, in as few exchanges as the source allows. Safe to repeat."""

    def send(self, message: OutboundMessage, transmitting: Transmitting) -> Delivery:
        """Transmit `message` once; call `transmitting` at the last moment before it is irrevocable.

        Raises `ChannelUnavailableError` if nothing was taken, `MessageRefusedError` if it never will be,
        `DeliveryUnknownError` if transmission began and no answer came.
        """

    def wait(self, seconds: float) -> bool:
        """Sleep until something may have arrived, at most `seconds`; True if the source says so."""

    def check(self) -> str:
        """Connect, sign in, change nothing; one line for people. Raises as `fetch` does."""

    def close(self) -> None:
        """Let go of connections; the channel may be used again afterwards."""


class HandedIn:
    """A channel whose items people hand in by themselves: there is nothing to pick up, and it cannot send."""

    def __init__(self, name: str, medium: Medium, *, cannot_send: str, says: str) -> None:
        """Take why nothing can be sent, and what `check` says."""
        self.name, self.medium = name, medium
        self._cannot_send, self._says = cannot_send, says
        self._closed = threading.Event()

    def fetch(self) -> Iterable[Pickup]:
        """Hand out nothing."""
        return ()

    def acknowledge(self, handle: Hashable) -> None:
        """Do nothing: there is no source."""

    def acknowledge_all(self, handles: Iterable[Hashable]) -> None:
        """Do nothing: there is no source."""

    def send(self, message: OutboundMessage, transmitting: Transmitting) -> Delivery:  # noqa: ARG002 - the protocol's
        """Raise `MessageRefusedError`."""
        raise MessageRefusedError(f"{self.name}: {self._cannot_send}")

    def wait(self, seconds: float) -> bool:
        """Sleep."""
        self._closed.wait(seconds)
        self._closed.clear()
        return False

    def check(self) -> str:
        """Say that there is nothing to reach."""
        return self._says

    def close(self) -> None:
        """End a `wait`."""
        self._closed.set()


class Kind(Protocol):
    """What a module or package `channels.<kind>` offers."""

    Settings: type[BaseModel]  #: Its table in the configuration.

    def connect(self, name: str, settings: BaseModel) -> Channel:
        """Make the channel `name`; connects to nothing yet."""

    def read(self, raw: bytes, settings: BaseModel | None = None) -> InboundMessage:
        """Say what raw bytes of this kind mean. Runs in a child process with limits; may raise `UnreadableError`."""

    def extract(self, raw: bytes, part: str) -> bytes:
        """Give the decoded bytes of one `File.part` of a raw message."""


def kinds() -> Iterator[str]:
    """Name every kind of channel there is, by walking the package."""
    return (module.name for module in pkgutil.iter_modules(channels.__path__) if module.name != "base")


@cache
def kind(name: str) -> Kind:
    """Import one kind of channel, and only that one; remembered, for every mail asks and the folder answers slowly."""
    if name not in kinds():
        raise ConfigurationError(f"no channel kind {name!r}: there are {', '.join(sorted(kinds()))}")
    module: Kind = importlib.import_module(f"channels.{name}")
    return module

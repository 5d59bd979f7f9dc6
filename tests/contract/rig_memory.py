"""The memory channel, which is its own other side."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from channels import memory
from tests.contract.rigs import Rig
from tickets.errors import (
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    DeliveryUnknownError,
    MessageRefusedError,
)
from tickets.messages import Address, Medium, OutboundMessage


class MemoryRig:
    """See `Rig`."""

    receives = True
    sends = True

    def __init__(self) -> None:
        self.channel = memory.connect("memory", memory.Settings())
        fetch, send = self.channel.fetch_failures, self.channel.send_failures
        self.fetch_failures: dict[type[ChannelError], Callable[[], None]] = {
            kind: lambda kind=kind: fetch.append(kind("scripted"))  # type: ignore[misc]  # a lambda's default
            for kind in (ChannelUnavailableError, ChannelRefusedError)
        }
        self.send_failures: dict[type[ChannelError], Callable[[], None]] = {
            kind: lambda kind=kind: send.append(kind("scripted"))  # type: ignore[misc]  # a lambda's default
            for kind in (ChannelUnavailableError, ChannelRefusedError, MessageRefusedError, DeliveryUnknownError)
        }

    def arrive(self, words: str) -> None:
        self.channel.deliver(words.encode())

    def holds(self, raw: bytes, words: str) -> bool:
        return raw == words.encode()

    def outbound(self, number: int) -> OutboundMessage:
        return OutboundMessage(
            message_id=f"{number}@claims.example",
            medium=Medium.EMAIL,
            to=Address(address="ana@exemplu.ro"),
            text=f"Message {number}",
        )

    def taken(self) -> int:
        return len(self.channel.sent)


@contextmanager
def memory_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    yield MemoryRig()

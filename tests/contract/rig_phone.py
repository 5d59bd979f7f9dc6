"""The telephone: nothing comes from it, nothing leaves by it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from channels import phone
from tests.contract.rigs import Provoke, Rig
from tickets.errors import ChannelError
from tickets.messages import Address, Medium, OutboundMessage


class PhoneRig:
    """See `Rig`."""

    receives = False
    sends = False
    fetch_failures: Mapping[type[ChannelError], Provoke] = {}
    send_failures: Mapping[type[ChannelError], Provoke] = {}

    def __init__(self) -> None:
        self.channel = phone.connect("calls", phone.Settings())

    def arrive(self, words: str) -> None:
        raise AssertionError(f"nothing arrives by itself at a telephone: {words}")

    def holds(self, raw: bytes, words: str) -> bool:
        raise AssertionError(f"nothing arrives by itself at a telephone: {words}, {raw!r}")

    def outbound(self, number: int) -> OutboundMessage:
        return OutboundMessage(
            message_id=f"{number}@claims.example",
            medium=Medium.PHONE,
            to=Address(address="+40722000111"),
            text="Please call us back.",
        )

    def taken(self) -> int:
        return 0


@contextmanager
def phone_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    yield PhoneRig()

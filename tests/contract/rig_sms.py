"""The text channel and a Twilio-shaped exchange."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from channels import sms
from inbox.demo.exchange import Exchange, Fault
from tests.contract.rigs import Rig
from tests.servers.carrier import carrier, settings
from tickets.errors import (
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    DeliveryUnknownError,
    MessageRefusedError,
)
from tickets.messages import Address, Medium, OutboundMessage


class SmsRig:
    """See `Rig`."""

    receives = True
    sends = True

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.channel = sms.connect("text", settings(exchange))
        self.fetch_failures: dict[type[ChannelError], Callable[[], None]] = {
            ChannelUnavailableError: lambda: exchange.fail("GET", Fault(status=503)),
            ChannelRefusedError: lambda: exchange.fail("GET", Fault(status=401, code=20003)),
        }
        self.send_failures: dict[type[ChannelError], Callable[[], None]] = {
            ChannelUnavailableError: lambda: exchange.fail("POST", Fault(status=429, code=20429)),
            ChannelRefusedError: lambda: exchange.fail("POST", Fault(status=401, code=20003)),
            MessageRefusedError: lambda: exchange.fail("POST", Fault(status=400, code=21610)),
            DeliveryUnknownError: lambda: exchange.fail("POST", Fault(status=0)),
        }

    def arrive(self, words: str) -> None:
        self._exchange.receive("+40722000111", words)

    def holds(self, raw: bytes, words: str) -> bool:
        return bool(json.loads(raw)["Body"] == words)

    def outbound(self, number: int) -> OutboundMessage:
        return OutboundMessage(
            message_id=f"{number}@claims.example",
            medium=Medium.SMS,
            to=Address(address=f"+4072200{number:04}"),
            text=f"Exemplu: text {number}",
        )

    def taken(self) -> int:
        return len(self._exchange.sent)


@contextmanager
def sms_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with carrier() as exchange:
        yield SmsRig(exchange)

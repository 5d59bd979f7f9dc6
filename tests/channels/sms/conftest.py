"""A carrier for each test, and our channel at it."""

from collections.abc import Iterator

import pytest

from channels import sms
from channels.sms.twilio import TwilioChannel
from inbox.demo.exchange import Exchange
from tests.servers.carrier import Hook, carrier, hook, settings


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with carrier() as running:
        yield running


@pytest.fixture
def channel(exchange: Exchange) -> TwilioChannel:
    return sms.connect("text", settings(exchange))


@pytest.fixture
def canary() -> Iterator[Hook]:
    """A server that nobody should ever ask, or that takes webhooks."""
    with hook() as running:
        yield running

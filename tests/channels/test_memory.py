"""The channel for tests and training reads simple messages and takes nothing else for one."""

import json

import pytest

from channels.memory import Settings, connect, extract, read
from tickets.errors import ChannelUnavailableError, DeliveryUnknownError, UnreadableError
from tickets.messages import Address, Medium, OutboundMessage, Sender

MESSAGE = OutboundMessage(
    message_id="1@example.ro", medium=Medium.SMS, to=Address(address="+40700000001"), text="Bună ziua"
)


def test_simple_message_says_who_wrote_what() -> None:
    raw = json.dumps({"sender": "ana@exemplu.ro", "subject": "Țeavă spartă", "text": "Vă rog"}).encode()

    message = read(raw)

    assert (message.sender.address, message.sender_state) == ("ana@exemplu.ro", Sender.PLAIN)
    assert (message.subject, message.text, message.medium) == ("Țeavă spartă", "Vă rog", Medium.EMAIL)


def test_message_has_the_medium_of_its_channel() -> None:
    assert read(b'{"text": "Da"}', Settings(medium=Medium.SMS)).medium is Medium.SMS


@pytest.mark.parametrize("raw", [b"", b"\xff", b"[]", b"{", b'{"sender": 7}', b'{"wrong": "key"}', b"[" * 100_000])
def test_anything_else_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        read(raw)


def test_item_has_no_parts() -> None:
    assert extract(b"{}", "") == b"{}"
    with pytest.raises(UnreadableError):
        extract(b"{}", "1.2")


def test_same_item_may_be_delivered_twice() -> None:
    channel = connect("training", Settings())
    channel.deliver(b"{}", external_id="SM1")
    channel.deliver(b"{}", external_id="SM1")

    first, second = channel.fetch()

    assert first.external_id == second.external_id
    assert first.handle != second.handle


def test_scripted_failure_happens_once() -> None:
    channel = connect("training", Settings())
    channel.send_failures.append(DeliveryUnknownError("cut"))
    channel.fetch_failures.append(ChannelUnavailableError("later"))

    with pytest.raises(DeliveryUnknownError):
        channel.send(MESSAGE, lambda: None)
    with pytest.raises(ChannelUnavailableError):
        list(channel.fetch())

    channel.send(MESSAGE, lambda: None)
    assert channel.sent == [MESSAGE]
    assert list(channel.fetch()) == []

"""The promises of every channel, kept by each kind against a real other side."""

import pytest

from channels.base import Channel, kind, kinds
from tests.contract.rigs import Rig
from tickets.errors import ChannelError, DeliveryUnknownError, MessageRefusedError
from tickets.messages import Delivery, DeliveryState


def test_item_comes_back_until_it_is_acknowledged(rig: Rig) -> None:
    if not _receives(rig):
        return
    rig.arrive("hail on the roof")
    [first] = rig.channel.fetch()
    [again] = rig.channel.fetch()
    assert rig.holds(first.raw, "hail on the roof")
    assert (again.external_id, again.raw) == (first.external_id, first.raw)

    rig.channel.acknowledge(again.handle)

    assert list(rig.channel.fetch()) == []


def test_items_are_handed_out_oldest_first_and_none_twice_at_once(rig: Rig) -> None:
    if not _receives(rig):
        return
    for number in range(3):
        rig.arrive(f"item {number}")

    found = list(rig.channel.fetch())

    assert [rig.holds(pickup.raw, f"item {number}") for number, pickup in enumerate(found)] == [True] * 3
    assert len({pickup.external_id for pickup in found}) == 3


def test_only_the_acknowledged_one_of_many_is_gone(rig: Rig) -> None:
    if not _receives(rig):
        return
    for number in range(3):
        rig.arrive(f"item {number}")
    first, second, third = rig.channel.fetch()

    rig.channel.acknowledge(second.handle)

    assert {pickup.external_id for pickup in rig.channel.fetch()} == {first.external_id, third.external_id}


def test_items_can_be_acknowledged_while_more_are_handed_out(rig: Rig) -> None:
    if not _receives(rig):
        return
    for number in range(3):
        rig.arrive(f"item {number}")

    handed_out = 0
    for pickup in rig.channel.fetch():
        handed_out += 1
        rig.channel.acknowledge(pickup.handle)

    assert handed_out == 3
    assert list(rig.channel.fetch()) == []


def test_many_are_acknowledged_at_once(rig: Rig) -> None:
    if not _receives(rig):
        return
    for number in range(3):
        rig.arrive(f"item {number}")

    rig.channel.acknowledge_all([pickup.handle for pickup in rig.channel.fetch()])

    assert list(rig.channel.fetch()) == []


def test_acknowledging_twice_changes_nothing_for_others(rig: Rig) -> None:
    if not _receives(rig):
        return
    rig.arrive("item 1")
    rig.arrive("item 2")
    first, second = rig.channel.fetch()

    rig.channel.acknowledge(first.handle)
    rig.channel.acknowledge(first.handle)
    rig.channel.acknowledge_all([first.handle])

    assert [pickup.external_id for pickup in rig.channel.fetch()] == [second.external_id]


def test_closed_channel_is_used_again_and_has_lost_nothing(rig: Rig) -> None:
    if not _receives(rig):
        return
    rig.arrive("item 1")
    [before] = rig.channel.fetch()

    rig.channel.close()

    [after] = rig.channel.fetch()
    assert (after.external_id, after.raw) == (before.external_id, before.raw)


def test_failure_to_fetch_is_named_by_its_kind(rig: Rig) -> None:
    for error, provoke in rig.fetch_failures.items():
        provoke()
        with pytest.raises(error):
            list(rig.channel.fetch())


def test_message_leaves_once_and_its_intent_is_recorded_once_before(rig: Rig) -> None:
    if not _sends(rig):
        return
    taken_at_intent: list[int] = []

    delivery = rig.channel.send(rig.outbound(1), lambda: taken_at_intent.append(rig.taken()))

    assert taken_at_intent == [0]
    assert rig.taken() == 1
    assert delivery.state in {DeliveryState.SENT, DeliveryState.DELIVERED}


def test_messages_leave_one_after_the_other(rig: Rig) -> None:
    if not _sends(rig):
        return
    for number in range(3):
        _send(rig, number)

    assert rig.taken() == 3


def test_nothing_leaves_when_the_intent_cannot_be_recorded(rig: Rig) -> None:
    if not _sends(rig):
        return

    def store_is_down() -> None:
        raise ConnectionError("the store is down")

    with pytest.raises(ConnectionError, match="the store is down"):
        rig.channel.send(rig.outbound(1), store_is_down)

    assert rig.taken() == 0
    _send(rig, 2)
    assert rig.taken() == 1


def test_failure_to_send_is_named_by_its_kind_and_takes_nothing(rig: Rig) -> None:
    for number, (error, provoke) in enumerate(rig.send_failures.items()):
        provoke()
        intents: list[int] = []

        with pytest.raises(ChannelError) as raised:
            rig.channel.send(rig.outbound(number), lambda intents=intents: intents.append(1))  # type: ignore[misc]  # a lambda's default

        assert type(raised.value) is error
        assert error is not DeliveryUnknownError or intents == [1]
        assert rig.taken() == 0


def test_channel_sends_again_after_each_failure(rig: Rig) -> None:
    for number, provoke in enumerate(rig.send_failures.values()):
        provoke()
        with pytest.raises(ChannelError):
            _send(rig, number)
        _send(rig, 100 + number)

    assert rig.taken() == len(rig.send_failures)


def test_check_says_one_line_and_changes_nothing(rig: Rig) -> None:
    if rig.receives:
        rig.arrive("item 1")

    told = rig.channel.check()

    assert told
    assert "\n" not in told
    assert len(list(rig.channel.fetch())) == int(rig.receives)
    assert rig.taken() == 0


def test_waiting_ends_in_time(channel: Channel) -> None:
    assert channel.wait(0.05) in {True, False}


@pytest.mark.parametrize("name", sorted(kinds()))
def test_kind_offers_what_the_configuration_and_the_reader_need(name: str) -> None:
    module = kind(name)

    assert module.Settings.model_config.get("extra") == "forbid"
    assert all(callable(getattr(module, function)) for function in ("connect", "read", "extract"))


def _receives(rig: Rig) -> bool:
    """Hold a kind that picks nothing up to just that."""
    if not rig.receives:
        assert list(rig.channel.fetch()) == []
    return rig.receives


def _sends(rig: Rig) -> bool:
    """Hold a kind that sends nothing to just that."""
    if not rig.sends:
        with pytest.raises(MessageRefusedError):
            _send(rig, 1)
    return rig.sends


def _send(rig: Rig, number: int) -> Delivery:
    return rig.channel.send(rig.outbound(number), lambda: None)

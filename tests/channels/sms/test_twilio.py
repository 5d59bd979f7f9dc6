"""The carrier's list and the POST of a text, with twilio's own client against a running exchange."""

import json
import logging
import traceback
from typing import Any
from urllib.parse import parse_qsl

import pytest

from channels import sms
from channels.sms import webhook
from channels.sms.twilio import TwilioChannel
from inbox.demo.exchange import Exchange, Fault
from tests.servers.carrier import Hook, carrier, settings
from tickets.errors import (
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    DeliveryUnknownError,
    MessageRefusedError,
)
from tickets.messages import Address, Delivery, DeliveryState, Enclosure, Medium, OutboundMessage

PHONE = "+40722000111"
JPEG = b"\xff\xd8\xff\xe0" + bytes(50)


def outbound(**changes: Any) -> OutboundMessage:
    whole: dict[str, Any] = {
        "message_id": "1@claims.example",
        "medium": Medium.SMS,
        "to": Address(address=PHONE),
        "text": "Exemplu: dosarul CLM26-004711-58 așteaptă 1 document.",
    }
    return OutboundMessage(**(whole | changes))


def send(channel: TwilioChannel, **changes: Any) -> Delivery:
    return channel.send(outbound(**changes), lambda: None)


def bodies(channel: TwilioChannel) -> list[str]:
    return [json.loads(pickup.raw)["Body"] for pickup in channel.fetch()]


# sending


def test_text_goes_out_without_diacritics_and_with_a_place_to_report_to(
    exchange: Exchange, channel: TwilioChannel
) -> None:
    delivery = send(channel, status_url="https://claims.example.ro/hooks/twilio/status")

    [taken] = exchange.sent
    assert (taken.to, taken.sender) == (PHONE, exchange.number)
    assert taken.body == "Exemplu: dosarul CLM26-004711-58 asteapta 1 document."
    assert taken.status_callback == "https://claims.example.ro/hooks/twilio/status"
    assert (delivery.state, delivery.provider_id) == (DeliveryState.SENT, taken.sid)


def test_diacritics_stay_where_the_office_wants_them(exchange: Exchange) -> None:
    send(sms.connect("text", settings(exchange, fold_diacritics=False)))
    assert "așteaptă" in exchange.sent[0].body


def test_intent_is_recorded_when_the_connection_stands_and_nothing_was_posted(
    exchange: Exchange, channel: TwilioChannel
) -> None:
    seen: list[tuple[int, list[tuple[str, str]]]] = []
    channel.send(outbound(), lambda: seen.append((len(exchange.sent), list(exchange.requests))))
    assert seen == [(0, [])]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, code=20429), ChannelUnavailableError),
        (Fault(status=429), ChannelUnavailableError),
        (Fault(status=400, code=21611), ChannelUnavailableError),
        (Fault(status=400, code=21610), MessageRefusedError),
        (Fault(status=403, code=21610), MessageRefusedError),
        (Fault(status=400, code=21211), MessageRefusedError),
        (Fault(status=400, code=21614), MessageRefusedError),
        (Fault(status=400, code=21617), MessageRefusedError),
        (Fault(status=400, code=99999), MessageRefusedError),
        (Fault(status=401, code=20003), ChannelRefusedError),
        (Fault(status=403), ChannelRefusedError),
        (Fault(status=404, code=20404), ChannelRefusedError),
        (Fault(status=400, code=21606), ChannelRefusedError),
        (Fault(status=302), ChannelRefusedError),
        (Fault(status=500), DeliveryUnknownError),
        (Fault(status=503, code=20503), DeliveryUnknownError),
        (Fault(status=502, words="<html>Bad Gateway"), DeliveryUnknownError),
        (Fault(status=201, words="<html>"), DeliveryUnknownError),
        (Fault(status=201, words="[]"), DeliveryUnknownError),
        (Fault(status=201, words="{}"), DeliveryUnknownError),
        (Fault(status=0), DeliveryUnknownError),
    ],
)  # fmt: skip
def test_each_no_of_the_carrier_has_its_meaning(
    exchange: Exchange, channel: TwilioChannel, fault: Fault, error: type[ChannelError]
) -> None:
    exchange.fail("POST", fault)

    with pytest.raises(ChannelError) as raised:
        send(channel)

    assert type(raised.value) is error
    assert fault.code is None or fault.status >= 500 or str(fault.code) in str(raised.value)


@pytest.mark.parametrize(
    "fault", [Fault(hang=True, after=True), Fault(status=0, after=True), Fault(status=500, after=True)]
)
def test_text_that_was_taken_without_an_answer_is_unknown_and_posted_once(exchange: Exchange, fault: Fault) -> None:
    exchange.fail("POST", fault)
    recorded: list[str] = []

    with pytest.raises(DeliveryUnknownError):
        sms.connect("text", settings(exchange, timeout=0.3)).send(outbound(), lambda: recorded.append("intent"))

    assert len(exchange.sent) == 1
    assert recorded == ["intent"]


def test_carrier_that_cannot_be_reached_leaves_no_intent() -> None:
    with carrier() as gone:
        channel = sms.connect("text", settings(gone))
    recorded: list[str] = []

    with pytest.raises(ChannelUnavailableError):
        channel.send(outbound(), lambda: recorded.append("intent"))

    assert recorded == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": Address()},
        {"medium": Medium.EMAIL},
        {"files": (Enclosure(name="a.pdf", media_type="application/pdf", content=b""),)},
    ],
)
def test_what_is_no_text_to_a_number_is_refused_before_anything_happens(
    channel: TwilioChannel, wrong: dict[str, Any]
) -> None:
    with pytest.raises(MessageRefusedError):
        channel.send(outbound(**wrong), lambda: pytest.fail("nothing may be transmitted"))


def test_number_and_words_of_the_customer_are_in_no_error_and_no_log(
    exchange: Exchange, channel: TwilioChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    words = json.dumps({"code": 21211, "message": f"The 'To' number {PHONE} is not valid", "status": 400})
    exchange.fail("POST", Fault(status=400, words=words))
    exchange.receive(PHONE, "CNP 1900101123456")

    with pytest.raises(MessageRefusedError) as raised:
        send(channel)
    assert len(list(channel.fetch())) == 1

    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert "21211" in told
    assert not any(canary in told for canary in (PHONE, PHONE[1:], "1900101123456", "asteapta", exchange.token))


def test_reports_of_the_carrier_come_signed_and_in_any_order(
    exchange: Exchange, channel: TwilioChannel, canary: Hook
) -> None:
    url = canary.url + "/hooks/twilio/status"
    delivery = send(channel, status_url=url)

    for status, code in (("undelivered", 30003), ("sent", None)):
        exchange.report(exchange.sent[0], status, code)

    reports = []
    for body, signature in canary.posts:
        fields = dict(parse_qsl(body))
        webhook.verify(url, fields, signature, exchange.token)
        reports.append(webhook.status(fields))
    assert {report.provider_id for report in reports} == {delivery.provider_id}
    assert [report.state for report in reports] == [DeliveryState.FAILED, DeliveryState.SENT]


# picking up


def test_text_missed_by_the_webhook_is_found_with_its_picture(exchange: Exchange, channel: TwilioChannel) -> None:
    text = exchange.receive(PHONE, "Iată poza", media=[("image/jpeg", JPEG)])

    [pickup] = channel.fetch()

    message = sms.read(pickup.raw)
    assert (pickup.external_id, message.message_id) == (text.sid, text.sid)
    assert pickup.received_at == message.sent_at is not None
    assert (message.text, message.sender.address) == ("Iată poza", PHONE)
    assert [sms.extract(pickup.raw, file.part) for file in message.files] == [JPEG]


def test_text_reads_the_same_by_webhook_and_by_list(exchange: Exchange, channel: TwilioChannel) -> None:
    text = exchange.receive(PHONE, "Iată poza", media=[("image/jpeg", JPEG)])
    fields = exchange.fields(text)

    [listed] = channel.fetch()

    posted = webhook.pickup(fields, channel.fetch_media(fields))
    assert posted.external_id == listed.external_id
    told = {name: value for name, value in json.loads(listed.raw).items() if not name.startswith("Date")}
    assert told == json.loads(posted.raw)


def test_texts_of_ours_are_not_picked_up(exchange: Exchange, channel: TwilioChannel) -> None:
    send(channel, to=Address(address=exchange.number))
    assert list(channel.fetch()) == []


def test_long_list_is_read_to_its_end_oldest_first() -> None:
    with carrier(largest_page=10) as exchange:
        for number in range(35):
            exchange.receive(PHONE, str(number))
        assert bodies(sms.connect("text", settings(exchange))) == [str(number) for number in range(35)]


def test_what_is_recorded_is_not_fetched_again() -> None:
    with carrier() as exchange:
        old = exchange.receive(PHONE, "old", media=[("image/jpeg", JPEG)])
        exchange.receive(PHONE, "new")
        channel = sms.connect("text", settings(exchange), known=lambda sids: {old.sid} & set(sids))
        assert bodies(channel) == ["new"]
        assert not any("/Media" in path for _method, path in exchange.requests)


def test_quiet_list_costs_one_question() -> None:
    with carrier(largest_page=10) as exchange:
        for number in range(35):
            exchange.receive(PHONE, str(number))
        channel = sms.connect("text", settings(exchange))
        channel.acknowledge_all([pickup.handle for pickup in channel.fetch()])
        before = len(exchange.requests)

        assert list(channel.fetch()) == []

        assert len(exchange.requests) == before + 1


def test_text_not_acknowledged_is_found_again_behind_newer_ones() -> None:
    with carrier(largest_page=10) as exchange:
        channel = sms.connect("text", settings(exchange))
        exchange.receive(PHONE, "forgotten")
        assert bodies(channel) == ["forgotten"]
        for number in range(25):
            exchange.receive(PHONE, str(number))
        newer = [pickup.handle for pickup in channel.fetch() if b"forgotten" not in pickup.raw]
        channel.acknowledge_all(newer)

        assert bodies(channel) == ["forgotten"]


def test_text_recorded_by_the_webhook_meanwhile_is_waited_for_no_longer() -> None:
    with carrier(largest_page=10) as exchange:
        recorded: set[str] = set()
        channel = sms.connect("text", settings(exchange), known=lambda sids: recorded & set(sids))
        for number in range(25):
            exchange.receive(PHONE, str(number))
        recorded.update(pickup.external_id for pickup in channel.fetch())
        assert bodies(channel) == []
        before = len(exchange.requests)
        assert bodies(channel) == []
        assert len(exchange.requests) == before + 1


def test_text_deleted_at_the_carrier_is_waited_for_no_longer() -> None:
    with carrier(largest_page=10) as exchange:
        channel = sms.connect("text", settings(exchange))
        for number in range(25):
            exchange.receive(PHONE, str(number))
        [deleted, *others] = channel.fetch()
        channel.acknowledge_all([pickup.handle for pickup in others])
        exchange.texts.pop(0)
        assert bodies(channel) == []
        before = len(exchange.requests)

        assert bodies(channel) == []

        assert len(exchange.requests) == before + 1
        assert b'"Body":"0"' in deleted.raw


def test_text_whose_picture_cannot_be_had_now_waits_and_the_others_go_on(
    exchange: Exchange, channel: TwilioChannel, caplog: pytest.LogCaptureFixture
) -> None:
    late = exchange.receive(PHONE, "with a picture", media=[("image/jpeg", JPEG)])
    exchange.receive(PHONE, "without")
    exchange.fail("MEDIA", Fault(status=503))

    assert bodies(channel) == ["without"]
    assert late.sid in caplog.text

    assert bodies(channel) == ["with a picture", "without"]


def test_text_whose_picture_the_carrier_never_finds_comes_without_it(
    exchange: Exchange, channel: TwilioChannel
) -> None:
    text = exchange.receive(PHONE, "with pictures", media=[("image/jpeg", JPEG), ("image/jpeg", JPEG)])
    exchange.missing.add(text.media[0][0])

    tries = [list(channel.fetch()) for _time in range(4)]

    assert tries[:3] == [[], [], []]
    [[pickup]] = tries[3:]
    message = sms.read(pickup.raw)
    assert [file.part for file in message.files] == ["1"]
    assert "media 1 not fetched" in message.notes


def test_text_still_coming_in_is_waited_for(exchange: Exchange, channel: TwilioChannel) -> None:
    text = exchange.receive(PHONE, "half", media=[("image/jpeg", JPEG)])
    text.status = "receiving"
    assert bodies(channel) == []

    text.status = "received"
    assert bodies(channel) == ["half"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=500), ChannelUnavailableError),
        (Fault(status=429), ChannelUnavailableError),
        (Fault(status=0), ChannelUnavailableError),
        (Fault(hang=True), ChannelUnavailableError),
        (Fault(status=200, words="<html>"), ChannelUnavailableError),
        (Fault(status=200, words='{"a": 1, "b": 2}'), ChannelUnavailableError),
        (Fault(status=200, words='{"messages": null}'), ChannelUnavailableError),
        (Fault(status=200, words='{"messages": [5]}'), ChannelUnavailableError),
        (Fault(status=401, code=20003), ChannelRefusedError),
        (Fault(status=404, code=20404), ChannelRefusedError),
    ],
)
def test_list_that_cannot_be_had_is_named(exchange: Exchange, fault: Fault, error: type[ChannelError]) -> None:
    channel = sms.connect("text", settings(exchange, timeout=0.3))
    exchange.receive(PHONE, "waits")
    exchange.fail("GET", fault)

    with pytest.raises(ChannelError) as raised:
        list(channel.fetch())

    assert type(raised.value) is error
    assert bodies(channel) == ["waits"]


# check


def test_check_tells_that_nobody_can_answer_a_name(exchange: Exchange) -> None:
    assert "nobody can answer" in sms.connect("text", settings(exchange, number="EXEMPLU")).check()
    assert "nobody can answer" not in sms.connect("text", settings(exchange)).check()


def test_check_names_a_suspended_account_and_a_wrong_token(exchange: Exchange) -> None:
    with pytest.raises(ChannelRefusedError, match="auth_token is wrong"):
        sms.connect("text", settings(exchange, auth_token="wrong")).check()
    exchange.account_status = "suspended"
    with pytest.raises(ChannelRefusedError, match="suspended"):
        sms.connect("text", settings(exchange)).check()


def test_environment_of_the_process_changes_nothing(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    assert "signed in" in sms.connect("text", settings(exchange)).check()

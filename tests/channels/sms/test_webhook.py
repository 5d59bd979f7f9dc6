"""What the carrier posts to us, and what others pretend it did."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from channels.sms import webhook
from inbox.demo.exchange import TOKEN, Exchange
from tests.servers.carrier import Hook
from tickets.errors import SignatureError, UnreadableError
from tickets.messages import DeliveryState

URL = "https://claims.example.ro/hooks/twilio/sms"
FIELDS = {
    "MessageSid": "SM" + "7" * 31 + "a",
    "From": "+40722000111",
    "Body": "Bună ziua, CLM26-004711-58",
    "NumMedia": "0",
}


def sign(fields: dict[str, str], url: str = URL, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, fields))


def test_request_the_carrier_signed_is_taken() -> None:
    webhook.verify(URL, FIELDS, sign(FIELDS), TOKEN)


def test_order_of_the_fields_does_not_matter() -> None:
    webhook.verify(URL, dict(reversed(FIELDS.items())), sign(FIELDS), TOKEN)


def test_request_of_a_running_exchange_is_taken(exchange: Exchange, canary: Hook) -> None:
    text = exchange.receive("+40722000111", "Trimit poza mâine & vă sun", webhook=canary.url + "/hooks/twilio/sms?a=b")

    [(body, signature)] = canary.posts
    fields = dict(parse_qsl(body, keep_blank_values=True))
    webhook.verify(canary.url + "/hooks/twilio/sms?a=b", fields, signature, TOKEN)
    assert webhook.pickup(fields).external_id == text.sid


@pytest.mark.parametrize("signature", [None, "", "AAAA", "ș", "=" * 10_000])
def test_request_without_a_right_signature_is_refused(signature: str | None) -> None:
    with pytest.raises(SignatureError):
        webhook.verify(URL, FIELDS, signature, TOKEN)


@pytest.mark.parametrize(
    "url",
    [
        URL.replace("https", "http"),
        URL + "/",
        URL + "?x=1",
        URL.replace("claims", "other"),
        URL.replace("sms", "status"),
    ],
)
def test_request_signed_for_another_place_is_refused(url: str) -> None:
    with pytest.raises(SignatureError):
        webhook.verify(url, FIELDS, sign(FIELDS), TOKEN)


@pytest.mark.parametrize(
    "changed",
    [FIELDS | {"Body": "STOP"}, FIELDS | {"Extra": "1"}, {k: v for k, v in FIELDS.items() if k != "Body"}, {}],
)
def test_request_with_other_fields_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(SignatureError):
        webhook.verify(URL, changed, sign(FIELDS), TOKEN)


def test_request_signed_with_another_token_is_refused() -> None:
    with pytest.raises(SignatureError):
        webhook.verify(URL, FIELDS, sign(FIELDS, token="other"), TOKEN)


def test_signed_request_without_form_fields_is_refused() -> None:
    with pytest.raises(SignatureError):
        webhook.verify(URL, {}, sign({}), TOKEN)


@pytest.mark.parametrize(
    "recut",
    [
        {"MessageSid": "SM" + "7" * 31, "aNumMedia": "0"},
        {"MessageSid": "SM" + "7" * 31 + "aNumMedia0"},
    ],
)
def test_signed_request_cut_anew_to_look_like_another_text_is_refused(recut: dict[str, str]) -> None:
    """The signature joins names and values, so both have the signature of the original."""
    forged = {k: v for k, v in FIELDS.items() if k not in {"MessageSid", "NumMedia"}} | recut
    assert sign(forged) == sign(FIELDS)

    with pytest.raises(SignatureError):
        webhook.verify(URL, forged, sign(FIELDS), TOKEN)


@pytest.mark.parametrize("signed_for", [URL, URL.replace(".ro/", ".ro:443/")])
@pytest.mark.parametrize("configured", [URL, URL.replace(".ro/", ".ro:443/")])
def test_the_usual_port_may_be_named_or_not(signed_for: str, configured: str) -> None:
    webhook.verify(configured, FIELDS, sign(FIELDS, signed_for), TOKEN)


class Twice(dict[str, str]):
    """A form whose names come twice, as the carrier's library wants to see it."""

    def getlist(self, name: str) -> list[str]:
        return [self[name], self[name]]


def test_field_that_comes_twice_is_signed_once() -> None:
    pairs = [*FIELDS.items(), *FIELDS.items()]
    webhook.verify(URL, pairs, sign(Twice(FIELDS)), TOKEN)


NAMES = st.from_regex(r"\A[A-Z][A-Za-z0-9]{0,10}\Z").filter(lambda name: not name.endswith("Sid"))


@given(st.dictionaries(NAMES, st.text(max_size=30), min_size=1, max_size=6))
def test_our_check_agrees_with_the_carriers_library(fields: dict[str, str]) -> None:
    fields = {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}
    webhook.verify(URL, fields, sign(fields), TOKEN)


def test_the_same_text_has_the_same_raw_form_whatever_the_order() -> None:
    assert webhook.envelope(FIELDS, [b"x"]) == webhook.envelope(dict(reversed(FIELDS.items())), [b"x"])


def test_raw_form_holds_every_field_and_the_media() -> None:
    raw = json.loads(webhook.envelope(FIELDS | {"MediaContent0": "forged"}, [None, b"\xff\xd8"]))
    assert raw == FIELDS | {"MediaContent1": "/9g="}


def test_text_without_a_sid_is_no_pickup() -> None:
    with pytest.raises(UnreadableError):
        webhook.pickup({"Body": "hello"})


@pytest.mark.parametrize(
    "written", ["Mon, 23 Nov 2026 08:00:05 +0000", "2026-11-23T08:00:05Z", "2026-11-23T10:00:05+02:00"]
)
def test_time_of_the_carrier_is_kept(written: str) -> None:
    assert webhook.pickup(FIELDS | {"DateSent": written}).received_at == datetime(2026, 11, 23, 8, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "soon", "0001-01-01T00:00:00+14:00", "Mon, 99 Nov 2026", "٣"])
def test_time_that_cannot_be_read_is_left_out(written: str) -> None:
    assert webhook.pickup(FIELDS | {"DateSent": written}).received_at is None


@pytest.mark.parametrize(
    ("word", "code", "state", "detail"),
    [
        ("sent", "", DeliveryState.SENT, "sent"),
        ("delivered", "", DeliveryState.DELIVERED, "delivered"),
        ("undelivered", "30003", DeliveryState.FAILED, "undelivered 30003"),
        ("failed", "30007", DeliveryState.FAILED, "failed 30007"),
        ("queued", "", None, "queued"),
        ("sending", "", None, "sending"),
        ("something-new", "", None, "something-new"),
    ],
)
def test_report_says_what_became_of_a_text(word: str, code: str, state: DeliveryState | None, detail: str) -> None:
    report = webhook.status({"MessageSid": "SM1", "MessageStatus": word, "ErrorCode": code})
    assert (report.provider_id, report.state, report.detail) == ("SM1", state, detail)


def test_report_without_a_sid_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        webhook.status({"MessageStatus": "sent"})

"""The carrier's webhooks, signed as the carrier signs them."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from inbox import sending
from tests.inbox.web.office import NUMBER, SID, TOKEN, Browser, Pages, new_office
from tests.servers import carrier
from tickets import outbox
from tickets.messages import Delivery, DeliveryState
from tickets.models import Arrival, EarlyReport

URL = "https://desk.example.ro"
SMS, STATUS = "/hooks/twilio/sms", "/hooks/twilio/status"
TEXT = {
    "MessageSid": "SM" + "1" * 32,
    "AccountSid": SID,
    "From": "+40722123456",
    "To": NUMBER,
    "Body": "trimit mâine & poimâine",
    "NumMedia": "0",
}


@pytest.fixture
def office(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Pages]:
    """A desk behind a proxy: the carrier knows it by its public address."""
    with new_office(tmp_path, migrated_sqlite, public_url=URL) as pages:
        yield pages


@pytest.fixture
def caller(office: Pages) -> Browser:
    browser = office.browser()
    browser.client.base_url = httpx.URL("http://10.0.0.5:8400")  # what the proxy makes of it
    return browser


def call(
    caller: Browser, path: str, fields: Mapping[str, str], *, signature: str | None = None, url: str = URL
) -> httpx.Response:
    signed = RequestValidator(TOKEN).compute_signature(url + path, dict(fields))
    answer: httpx.Response = caller.client.post(
        path, data=dict(fields), headers={"X-Twilio-Signature": signature or signed}
    )
    return answer


def raw(office: Pages, arrival: Arrival) -> dict[str, Any]:
    with office.app.store.reading() as session:
        return dict(json.loads(office.app.blobs.get(session, arrival.sha256)))


def test_text_is_kept_before_it_is_answered(office: Pages, caller: Browser) -> None:
    answer = call(caller, SMS, TEXT)

    [arrival] = office.arrivals()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response></Response>")
    assert (arrival.channel, arrival.external_id) == ("text", TEXT["MessageSid"])
    assert raw(office, arrival) == TEXT


def test_text_that_comes_twice_is_answered_twice_and_kept_once(office: Pages, caller: Browser) -> None:
    answers = [call(caller, SMS, TEXT).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert len(office.arrivals()) == 1


@pytest.mark.parametrize(
    ("fields", "options"),
    [
        (TEXT, {"signature": "wrong"}),
        (TEXT, {"signature": "é"}),
        (TEXT, {"url": "http://desk.example.ro"}),
        (TEXT, {"url": "https://evil.example"}),
        ({}, {}),
        ({"bodySHA256": "x"}, {}),
        ({"Body": "no Sid"}, {}),
    ],
)
def test_forged_request_is_refused(
    office: Pages, caller: Browser, fields: dict[str, str], options: dict[str, str]
) -> None:
    if options.get("signature") == "é":
        signature = {"X-Twilio-Signature": "é".encode()}
        answer = caller.client.post(SMS, data=fields, headers=signature)
    else:
        answer = call(caller, SMS, fields, **options)

    assert answer.status_code == 403
    assert office.arrivals() == []


def test_request_without_signature_is_refused(office: Pages, caller: Browser) -> None:
    for path in (SMS, STATUS):
        assert caller.client.post(path, data=TEXT).status_code == 403
    assert office.arrivals() == []


@pytest.mark.parametrize(
    "body", [b"x" * 10_000_000, b'{"MessageSid": "SM1"}', b"\xff\xfe%%%=&&&", b"a=1&" * 1000, b"MessageSid=%ff"]
)
def test_body_that_is_no_form_of_the_carrier_is_refused(office: Pages, caller: Browser, body: bytes) -> None:
    headers = {"X-Twilio-Signature": "x", "Content-Type": "application/x-www-form-urlencoded"}

    assert caller.client.post(SMS, content=body, headers=headers).status_code == 403
    assert office.arrivals() == []


@pytest.mark.parametrize("cut", [{"Bodyt": "rimit mâine & poimâine"}, {"Body": "", "Bodyt": "rimit mâine & poimâine"}])
def test_fields_cut_anew_under_a_signature_that_fits_change_nothing(
    office: Pages, caller: Browser, cut: dict[str, str]
) -> None:
    call(caller, SMS, TEXT)
    signature = RequestValidator(TOKEN).compute_signature(URL + SMS, TEXT)
    others = {name: value for name, value in TEXT.items() if name != "Body"}
    call(caller, SMS, others | cut, signature=signature)

    [arrival] = office.arrivals()
    assert raw(office, arrival) == TEXT


def test_sid_cut_anew_under_a_signature_that_fits_is_refused(office: Pages, caller: Browser) -> None:
    signature = RequestValidator(TOKEN).compute_signature(URL + SMS, TEXT)
    cut = {**TEXT, "MessageSidS": TEXT["MessageSid"][1:]}
    del cut["MessageSid"]

    assert call(caller, SMS, cut, signature=signature).status_code == 403
    assert office.arrivals() == []


def test_query_of_the_address_is_signed_too(office: Pages, caller: Browser) -> None:
    assert call(caller, f"{SMS}?{urlencode({'a': 'b c'})}", TEXT).status_code == 200


def test_media_comes_with_the_text_from_the_carriers_host_only(tmp_path: Path, migrated_sqlite: Path) -> None:
    with carrier.carrier() as exchange, carrier.hook() as elsewhere, new_office(tmp_path, migrated_sqlite) as office:
        office.app.settings.channels["text"] |= {
            "api_url": exchange.url, "account_sid": exchange.account, "auth_token": exchange.token,
        }  # fmt: skip
        text = exchange.receive("+40722123456", "poze", media=[("image/jpeg", b"\xff\xd8 a picture")])
        fields = {**exchange.fields(text), "NumMedia": "2", "MediaUrl1": f"{elsewhere.url}/metadata"}
        signature = RequestValidator(exchange.token).compute_signature(office.app.office.public_url + SMS, fields)
        answer = office.browser().client.post(SMS, data=fields, headers={"X-Twilio-Signature": signature})

        assert answer.status_code == 200
        assert office.arrivals()[0].external_id == text.sid
        assert base64.b64decode(raw(office, office.arrivals()[0])["MediaContent0"]) == b"\xff\xd8 a picture"
        assert elsewhere.gets == []


def status(office: Pages, caller: Browser, word: str, **fields: str) -> DeliveryState:
    given = {"MessageSid": "SM" + "2" * 32, "MessageStatus": word, "AccountSid": SID, **fields}
    assert call(caller, STATUS, given).status_code == 204
    return next(delivery.state for delivery in office.outgoing() if delivery.medium == "sms")


@pytest.fixture
def sent_text(office: Pages) -> None:
    """A request has gone out, its text under a Sid of the carrier's."""
    office.ask()
    with office.app.store.writing() as session:
        for delivery in office.outgoing():
            if delivery.medium == "sms":
                session.merge(delivery).provider_id = "SM" + "2" * 32


@pytest.mark.usefixtures("sent_text")
def test_status_moves_a_delivery_forward_only(office: Pages, caller: Browser) -> None:
    delivered = status(office, caller, "delivered")
    late = [status(office, caller, word) for word in ("sent", "queued", "delivered", "nonsense", "")]

    assert delivered is DeliveryState.DELIVERED
    assert set(late) == {DeliveryState.DELIVERED}


@pytest.mark.usefixtures("sent_text")
def test_text_that_did_not_arrive_is_told_on_its_ticket(office: Pages, caller: Browser) -> None:
    assert status(office, caller, "undelivered", ErrorCode="30003") is DeliveryState.FAILED
    assert next(each.detail for each in office.outgoing() if each.medium == "sms") == "undelivered 30003"


@pytest.mark.parametrize("known_by", ["the answer", "a sweep"])
def test_status_that_comes_before_its_sid_is_known_is_kept_and_applied_then(
    office: Pages, caller: Browser, known_by: str
) -> None:
    office.ask()
    [before] = [each.state for each in office.outgoing() if each.medium == "sms"]
    early = [status(office, caller, word) for word in ("delivered", "sent", "delivered")]
    [text] = [each for each in office.outgoing() if each.medium == "sms"]

    with office.app.store.writing() as session:
        if known_by == "the answer":
            outbox.record(session, text.id, Delivery(provider_id="SM" + "2" * 32), now=office.app.clock())
        else:
            session.merge(text).provider_id = "SM" + "2" * 32
    sending.expire(office.app)

    assert set(early) == {before} != {DeliveryState.DELIVERED}
    [text] = [each for each in office.outgoing() if each.medium == "sms"]
    assert (text.state, text.delivered_at is not None) == (DeliveryState.DELIVERED, True)
    with office.app.store.reading() as session:
        assert session.scalars(select(EarlyReport)).all() == []


def test_status_of_a_text_that_is_not_ours_changes_nothing(office: Pages, caller: Browser) -> None:
    fields = {"MessageSid": "SM" + "9" * 32, "MessageStatus": "delivered"}

    assert call(caller, STATUS, fields).status_code == 204
    assert call(caller, STATUS, {"MessageStatus": "delivered"}).status_code == 403

"""Pictures come from the carrier's hosts and from nowhere else."""

from typing import Any

import pytest

from channels.sms import media
from channels.sms.connection import Origin
from inbox.demo.exchange import Exchange, Fault
from tests.servers.carrier import Hook, settings
from tickets.errors import ChannelUnavailableError

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 400


def received(exchange: Exchange, *contents: bytes) -> dict[str, str]:
    text = exchange.receive("+40722000111", "photo", media=[("image/jpeg", content) for content in contents])
    return exchange.fields(text)


def with_url(url: str) -> dict[str, str]:
    return {"NumMedia": "1", "MediaUrl0": url}


def test_pictures_are_fetched_in_order(exchange: Exchange) -> None:
    assert media.fetch(received(exchange, JPEG, b"second"), settings(exchange)) == [JPEG, b"second"]


def test_picture_moved_inside_the_carrier_is_found(exchange: Exchange) -> None:
    fields = received(exchange, JPEG, b"second")
    first, second = fields["MediaUrl0"], fields["MediaUrl1"]
    exchange.redirects[first.rpartition("/")[2]] = second

    assert media.fetch(fields, settings(exchange)) == [b"second", b"second"]


@pytest.mark.parametrize("path", ["", "/latest/meta-data"])
def test_address_of_our_own_network_is_never_asked(exchange: Exchange, canary: Hook, path: str) -> None:
    port = canary.url.rpartition(":")[2]
    hosts = [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "user@127.0.0.1",
    ]
    allowed = settings(exchange, media_hosts=["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "::1"])

    for scheme in ("http", "https", "file", "gopher"):
        for host in hosts:
            url = f"{scheme}://{host}:{port}{path}"
            assert media.fetch(with_url(url), settings(exchange)) == [None]
            assert media.fetch(with_url(url), allowed) == [None]

    assert canary.gets == []


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest", "file:///etc/passwd", "//127.0.0.1/x", "https://api.twilio.com.evil.example/x",
     "https://eviltwilio.com/", "https://api.twilio.com@127.0.0.1/", "https://[::1", "https://a:b:c/", "", "\x00"],
)  # fmt: skip
def test_place_that_is_not_the_carriers_is_left_out(exchange: Exchange, url: str) -> None:
    assert media.fetch(with_url(url), settings(exchange)) == [None]


def test_name_of_a_permitted_host_that_leads_inside_is_left_out(exchange: Exchange) -> None:
    assert media.fetch(with_url("https://localhost/x"), settings(exchange, media_hosts=["localhost"])) == [None]


def test_carrier_cannot_send_us_elsewhere(exchange: Exchange, canary: Hook) -> None:
    fields = received(exchange, JPEG)
    exchange.redirects[fields["MediaUrl0"].rpartition("/")[2]] = canary.url + "/stolen"

    assert media.fetch(fields, settings(exchange)) == [None]
    assert canary.gets == []


def test_redirect_in_circles_ends(exchange: Exchange) -> None:
    fields = received(exchange, JPEG)
    exchange.redirects[fields["MediaUrl0"].rpartition("/")[2]] = fields["MediaUrl0"]

    with pytest.raises(ChannelUnavailableError, match="circles"):
        media.fetch(fields, settings(exchange))


@pytest.mark.parametrize(
    "fault",
    [Fault(status=500), Fault(status=503), Fault(status=0), Fault(status=404), Fault(status=401), Fault(hang=True)],
)
def test_picture_that_may_come_later_is_asked_again(exchange: Exchange, fault: Fault) -> None:
    fields = received(exchange, JPEG)
    exchange.fail("MEDIA", fault)

    with pytest.raises(ChannelUnavailableError):
        media.fetch(fields, settings(exchange, timeout=0.3))

    assert media.fetch(fields, settings(exchange)) == [JPEG]


def test_picture_that_is_gone_is_left_out(exchange: Exchange) -> None:
    fields = received(exchange, JPEG, b"second")
    exchange.fail("MEDIA", Fault(status=410))

    assert media.fetch(fields, settings(exchange)) == [None, b"second"]


def test_picture_over_the_limit_is_left_out(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "LIMIT", 1000)

    assert media.fetch(received(exchange, bytes(900), bytes(101), bytes(100)), settings(exchange)) == [
        bytes(900),
        None,
        bytes(100),
    ]


@pytest.mark.parametrize("announced", ["", "-1", "x", "²", "1e9", "9" * 5000, "1" * 12])
def test_nonsense_count_means_no_media(exchange: Exchange, announced: str) -> None:
    assert media.fetch({"NumMedia": announced}, settings(exchange)) == []


def test_more_than_ten_are_not_asked_for(exchange: Exchange) -> None:
    fields: dict[str, Any] = {"NumMedia": "5000"}
    assert media.fetch(fields, settings(exchange)) == [None] * 10


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://api.twilio.com/x", Origin("https", "api.twilio.com", 443)),
        ("https://mcs.us1.twilio.com/x", Origin("https", "mcs.us1.twilio.com", 443)),
        ("https://media.twiliocdn.com/x", Origin("https", "media.twiliocdn.com", 443)),
        ("https://mms.twiliocdn.com/x", Origin("https", "mms.twiliocdn.com", 443)),
        ("http://api.twilio.com/x", None),
        ("https://api.twilio.com:8443/x", None),
        ("https://twilio.com.evil.example/x", None),
        ("https://eviltwilio.com/x", None),
    ],
)
def test_only_stores_of_the_carrier_are_permitted_and_only_over_tls(
    exchange: Exchange, url: str, place: Origin | None
) -> None:
    assert media._permitted(url, settings(exchange)) == place


def test_token_is_shown_to_the_api_and_to_no_store(exchange: Exchange) -> None:
    api = media._permitted(exchange.url, settings(exchange))
    assert api is not None
    assert "Authorization" in media._headers(api, settings(exchange))
    assert "Authorization" not in media._headers(Origin("https", "mms.twiliocdn.com", 443), settings(exchange))
    assert "Authorization" not in media._headers(Origin("http", "127.0.0.1", api.port + 1), settings(exchange))

"""One connection to one host, and how long and how much it may take."""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse

import pytest

from channels import sms
from channels.sms.connection import AddressError, Origin, TooLargeError, body, connect, origin
from tests.servers.certificates import Certificates
from tickets.errors import ChannelRefusedError

HEAD = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def server(pieces: Sequence[bytes], *, pause: float = 0.0, tls: ssl.SSLContext | None = None) -> Iterator[Origin]:
    """Answer one request with these pieces, with a pause between them, and hang up."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        try:
            accepted, _address = listening.accept()
            with tls.wrap_socket(accepted, server_side=True) if tls else accepted as asked:
                asked.recv(65536)
                for piece in pieces:
                    asked.sendall(piece)
                    over.wait(pause)
        except OSError:  # the other side has had enough
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Origin("https" if tls else "http", "127.0.0.1", listening.getsockname()[1])
    finally:
        over.set()
        listening.close()
        thread.join(5)


@contextmanager
def answer(place: Origin) -> Iterator[HTTPResponse]:
    connection = connect(place, timeout=2, public=False)
    try:
        connection.request("GET", "/")
        with connection.getresponse() as response:
            yield response
    finally:
        connection.close()


def test_answer_that_drips_for_ever_is_given_up() -> None:
    drips = [HEAD + b"Content-Length: 1000\r\n\r\n", *([b"x"] * 1000)]
    with (
        server(drips, pause=0.02) as place,
        answer(place) as response,
        pytest.raises(TimeoutError, match="takes too long"),
    ):
        body(response, limit=10_000, timeout=0.1)


@pytest.mark.parametrize(
    "pieces",
    [[HEAD, b"Content-Length: 10\r\n\r\n", b"12345"], [HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"a\r\n12345"]],
)
def test_answer_that_breaks_off_is_no_answer(pieces: list[bytes]) -> None:
    with server(pieces) as place, answer(place) as response, pytest.raises(HTTPException):
        body(response, limit=100, timeout=2)


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD, b"Content-Length: 101\r\n\r\n", b"x" * 101],
        [HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n"],
        [HEAD, b"\r\n", b"x" * 101],
    ],
)
def test_answer_over_the_limit_is_not_read_on(pieces: list[bytes]) -> None:
    with server(pieces) as place, answer(place) as response, pytest.raises(TooLargeError):
        body(response, limit=100, timeout=2)


def test_answer_at_the_limit_is_whole() -> None:
    with server([HEAD, b"Content-Length: 100\r\n\r\n", b"x" * 100]) as place, answer(place) as response:
        assert body(response, limit=100, timeout=2) == b"x" * 100


def test_carrier_with_a_certificate_nobody_knows_is_refused(server_certificates: Certificates) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server_certificates.certificate, server_certificates.key)
    with server([HEAD], tls=context) as place:
        table = {"number": "+40312345678", "account_sid": "AC1", "auth_token": "x"}
        settings = sms.Settings.model_validate(table | {"api_url": f"https://127.0.0.1:{place.port}"})
        with pytest.raises(ChannelRefusedError, match="certificate"):
            sms.connect("text", settings).check()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "::1", "10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "0.0.0.0"]
)
def test_no_address_of_our_own_network_is_public(host: str) -> None:
    with pytest.raises(AddressError):
        connect(Origin("http", host, 80), timeout=1, public=True)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://api.twilio.com/x", Origin("https", "api.twilio.com", 443)),
        ("HTTPS://API.twilio.com:8443", Origin("https", "api.twilio.com", 8443)),
        ("http://[::1]:80/", Origin("http", "::1", 80)),
        ("ftp://api.twilio.com/", None),
        ("https://user@api.twilio.com/", None),
        ("https://:80/", None),
        ("https://x:99999/", None),
        ("https://[x", None),
        ("/x", None),
    ],
)
def test_url_leads_to_one_place_or_to_none(url: str, place: Origin | None) -> None:
    assert origin(url) == place

"""The text exchange of the demo as the tests' carrier: on loopback, with a clock that ticks one second a text."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from threading import Thread
from typing import Any

from channels.sms.settings import Settings
from inbox.demo.exchange import Exchange

OPENED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@contextmanager
def carrier(**options: Any) -> Iterator[Exchange]:
    """Run an exchange."""
    ticks = count()
    exchange = Exchange(clock=lambda: OPENED + timedelta(seconds=next(ticks)), **options)
    exchange.start()
    try:
        yield exchange
    finally:
        exchange.stop()


def settings(exchange: Exchange, **changes: Any) -> Settings:
    """The table of a number at this exchange."""
    table = {
        "number": exchange.number,
        "account_sid": exchange.account,
        "auth_token": exchange.token,
        "api_url": exchange.url,
        "timeout": 5,
    }
    return Settings.model_validate(table | changes)


class Hook:
    """A web server of ours that remembers the forms and signatures posted to it, and counts what is asked of it."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, str | None]] = []  #: Body and signature.
        self.gets: list[str] = []
        self.url = ""


@contextmanager
def hook() -> Iterator[Hook]:
    """Run a place that takes webhooks, or that nobody should ever ask."""
    state = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.posts.append((body, self.headers.get("X-Twilio-Signature")))
            self._done()

        def do_GET(self) -> None:
            state.gets.append(self.path)
            self._done()

        def _done(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join(5)

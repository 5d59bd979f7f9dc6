"""A text exchange in the shape of Twilio's: takes texts, lists and signs them, and fails as it is told to."""

import base64
import io
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from inbox.clock import Clock, now

ACCOUNT, TOKEN, NUMBER = "AC" + "5" * 32, "an-invented-token", "+40312345678"
_LARGEST_PAGE = 1000


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How the exchange answers the next request of a method, instead of doing what was asked."""

    status: int = 500  #: 0: cut the connection without a word.
    code: int | None = None  #: The carrier's own, in the body.
    after: bool = False  #: Do what was asked first: the text is taken and nobody learns of it.
    hang: bool = False  #: Say nothing until the exchange stops.
    words: str | None = None  #: A body of another shape, with `status`.


@dataclass
class Text:
    """One text at the exchange, on its way in or out."""

    sid: str
    direction: str
    sender: str
    to: str
    body: str
    at: str
    status: str
    media: list[tuple[str, str, bytes]] = field(default_factory=list)  #: Sid, media type, content.
    status_callback: str | None = None


class Exchange:
    """The carrier's side: `sent` holds what it really took, in order; it forgets all when it ends."""

    def __init__(
        self,
        *,
        number: str = NUMBER,
        account: str = ACCOUNT,
        token: str = TOKEN,
        clock: Clock = now,
        largest_page: int = _LARGEST_PAGE,
    ) -> None:
        self.number, self.account, self.token = number, account, token
        self.texts: list[Text] = []
        self.requests: list[tuple[str, str]] = []  #: Method and path of everything asked, with its query.
        self.redirects: dict[str, str] = {}  #: Media Sid to the place it is said to be at.
        self.missing: set[str] = set()  #: Media Sids that are unknown for now.
        self.account_status = "active"
        self.largest_page = largest_page
        self.stopping = threading.Event()
        self._faults: dict[str, deque[Fault]] = {}
        self._numbers = count(1)
        self._clock = clock
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where its API is: the `api_url` of a channel."""
        assert self._server is not None, "the exchange is not started"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def sent(self) -> list[Text]:
        """The texts it took from us, oldest first."""
        return [text for text in self.texts if text.direction == "outbound-api"]

    def start(self, port: int = 0) -> str:
        """Listen on loopback and give the URL."""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"exchange": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self.url

    def stop(self) -> None:
        """Listen no longer, and let every request that hangs go."""
        self.stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(5)
            self._server.server_close()

    def fail(self, method: str, *faults: Fault) -> None:
        """Answer the next requests of `method` (GET, POST, or MEDIA for a medium's content) with these faults."""
        self._faults.setdefault(method, deque()).extend(faults)

    def next_fault(self, method: str) -> Fault | None:
        """Take the scripted fault for this request, if there is one."""
        with self._lock:
            waiting = self._faults.get(method)
            return waiting.popleft() if waiting else None

    def receive(
        self, sender: str, body: str, *, media: Sequence[tuple[str, bytes]] = (), webhook: str | None = None
    ) -> Text:
        """Let a text come in from a phone; with `webhook`, tell that URL of it as the carrier does."""
        held = [(self._sid("ME"), media_type, content) for media_type, content in media]
        text = Text(
            self._sid("MM" if media else "SM"), "inbound", sender, self.number, body, self._at(), "received", held
        )
        with self._lock:
            self.texts.append(text)
        if webhook is not None:
            self.post(webhook, self.fields(text))
        return text

    def take(self, form: Mapping[str, str]) -> Text:
        """Take a text that was posted."""
        text = Text(
            self._sid("SM"),
            "outbound-api",
            form["From"],
            form["To"],
            form["Body"],
            self._at(),
            "queued",
            status_callback=form.get("StatusCallback"),
        )
        with self._lock:
            self.texts.append(text)
        return text

    def report(self, text: Text, status: str, code: int | None = None) -> int:
        """Say what became of a text, to the place it was posted with; gives the answer's status."""
        assert text.status_callback is not None, "the text was posted without a StatusCallback"
        text.status = status
        known = {"MessageSid": text.sid, "SmsSid": text.sid, "MessageStatus": status, "SmsStatus": status}
        addressed = {"To": text.to, "From": text.sender, "AccountSid": self.account, "ApiVersion": "2010-04-01"}
        return self.post(text.status_callback, known | addressed | ({"ErrorCode": str(code)} if code else {}))

    def fields(self, text: Text) -> dict[str, str]:
        """Write a text as the form fields of a webhook."""
        sids = dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), text.sid)
        rest = {"AccountSid": self.account, "ApiVersion": "2010-04-01", "From": text.sender, "To": text.to}
        counts = {"NumMedia": str(len(text.media)), "NumSegments": "1", "SmsStatus": "received", "Body": text.body}
        media: dict[str, str] = {}
        for number, (sid, media_type, _content) in enumerate(text.media):
            media[f"MediaUrl{number}"] = f"{self.url}{self._messages}/{text.sid}/Media/{sid}"
            media[f"MediaContentType{number}"] = media_type
        return sids | rest | counts | media

    def post(self, url: str, fields: Mapping[str, str], *, signature: str | None = None) -> int:
        """Post a signed form to a URL of ours; gives the answer's status."""
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.netloc, timeout=15)  # Twilio waits 15 seconds for a webhook
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "X-Twilio-Signature": signature or self.sign(url, fields),
        }
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body=urlencode(fields).encode(), headers=headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def sign(self, url: str, fields: Mapping[str, str]) -> str:
        """Sign a request with the carrier's own library."""
        from twilio.request_validator import RequestValidator

        return str(RequestValidator(self.token).compute_signature(url, fields))

    def find(self, sid: str) -> Text | None:
        """Find a text by its Sid."""
        return next((text for text in self.texts if text.sid == sid), None)

    @property
    def _messages(self) -> str:
        return f"/2010-04-01/Accounts/{self.account}/Messages"

    def _sid(self, prefix: str) -> str:
        with self._lock:
            return f"{prefix}{next(self._numbers):032x}"

    def _at(self) -> str:
        return format_datetime(self._clock())


class _Handler(BaseHTTPRequestHandler):
    """One request to the exchange."""

    exchange: Exchange
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the exchange remembers its requests itself."""

    def do_GET(self) -> None:
        """Answer a question."""
        self._handle("MEDIA" if self._is_content() else "GET", self._shown)

    def do_POST(self) -> None:
        """Take a text."""
        size = int(self.headers.get("Content-Length", 0))
        form = {name: values[-1] for name, values in parse_qs(self.rfile.read(size).decode(), True).items()}
        self._handle("POST", lambda: self._taken(form))

    def _handle(self, method: str, act: Callable[[], None]) -> None:
        self.exchange.requests.append((self.command, self.path))
        if not self._signed_in():
            self._say(401, {"code": 20003, "message": "Authenticate", "status": 401})
            return
        fault = self.exchange.next_fault(method)
        if fault is None:
            act()
        else:
            self._fail(fault, act)

    def _fail(self, fault: Fault, act: Callable[[], None]) -> None:
        if fault.after:
            answer, self.wfile = self.wfile, io.BytesIO()
            act()
            self.wfile = answer
        if fault.hang:
            self.exchange.stopping.wait(30)
        self.close_connection = True
        if fault.words is not None:
            self._write(fault.status, fault.words.encode(), "text/html")
        elif fault.status and not fault.hang:
            self._say(fault.status, {"code": fault.code, "message": "as scripted", "status": fault.status})

    def _signed_in(self) -> bool:
        pair = f"{self.exchange.account}:{self.exchange.token}".encode()
        return self.headers.get("Authorization") == f"Basic {base64.b64encode(pair).decode()}"

    def _parts(self) -> list[str]:
        """What follows the account's own part of the path, without `.json`."""
        start = f"/2010-04-01/Accounts/{self.exchange.account}"
        path = urlsplit(self.path).path.removesuffix(".json")
        return path.removeprefix(start).split("/")[1:] if path.startswith(start) else ["elsewhere"]

    def _is_content(self) -> bool:
        bare = not urlsplit(self.path).path.endswith(".json")
        match self._parts():
            case ["Messages", _sid, "Media", _medium]:
                return bare
        return False

    def _taken(self, form: Mapping[str, str]) -> None:
        if self._parts() != ["Messages"]:
            self._say(404, {"code": 20404, "message": "not found", "status": 404})
        elif not form.get("Body"):
            self._say(400, {"code": 21602, "message": "a body is required", "status": 400})
        else:
            self._say(201, self._written(self.exchange.take(form)))

    def _shown(self) -> None:
        match self._parts():
            case []:
                self._say(200, {"sid": self.exchange.account, "status": self.exchange.account_status})
            case ["Messages"]:
                self._list()
            case ["Messages", sid] if text := self.exchange.find(sid):
                self._say(200, self._written(text))
            case ["Messages", sid, "Media"] if text := self.exchange.find(sid):
                self._say(200, self._media_list(text))
            case ["Messages", sid, "Media", medium] if text := self.exchange.find(sid):
                self._content(text, medium)
            case _:
                self._say(404, {"code": 20404, "message": "not found", "status": 404})

    def _list(self) -> None:
        """List newest first, a page at a time."""
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        size = min(int(asked.get("PageSize", 50)), self.exchange.largest_page)
        number = int(asked.get("Page", 0))
        wanted = [text for text in reversed(self.exchange.texts) if asked.get("To") in {None, text.to}]
        shown = wanted[number * size : (number + 1) * size]
        more = urlencode({**asked, "Page": number + 1}) if (number + 1) * size < len(wanted) else None
        following = f"{urlsplit(self.path).path}?{more}" if more else None
        self._say(
            200, {"messages": [self._written(text) for text in shown], "next_page_uri": following, "page_size": size}
        )

    def _content(self, text: Text, medium: str) -> None:
        held = [one for one in text.media if one[0] not in self.exchange.missing]
        found = next((one for one in held if one[0] == medium), None)
        if medium in self.exchange.redirects:
            self._write(307, b"", "text/plain", {"Location": self.exchange.redirects[medium]})
        elif found:
            self._write(200, found[2], found[1])
        else:
            self._say(404, {"code": 20404, "message": "not found", "status": 404})

    def _written(self, text: Text) -> dict[str, Any]:
        """Write a text as the API does."""
        return {
            "sid": text.sid,
            "account_sid": self.exchange.account,
            "api_version": "2010-04-01",
            "body": text.body,
            "date_created": text.at,
            "date_sent": text.at,
            "date_updated": text.at,
            "direction": text.direction,
            "from": text.sender,
            "to": text.to,
            "num_media": str(len(text.media)),
            "num_segments": "1",
            "status": text.status,
            "error_code": None,
            "messaging_service_sid": None,
        }

    def _media_list(self, text: Text) -> dict[str, Any]:
        path = urlsplit(self.path).path.removesuffix(".json")
        listed = [{"sid": sid, "content_type": kind, "uri": f"{path}/{sid}.json"} for sid, kind, _content in text.media]
        return {"media_list": listed, "next_page_uri": None}

    def _say(self, status: int, words: Mapping[str, Any]) -> None:
        self._write(status, json.dumps(words).encode(), "application/json")

    def _write(self, status: int, content: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

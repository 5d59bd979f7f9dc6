"""The wall around the pages: headers on every answer, sizes, where a POST may come from, errors that say nothing."""

import re
import traceback
from collections.abc import Mapping
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tickets.errors import ClaimdeskError

_log = structlog.get_logger()

#: Bytes of a form at most; carriers' webhooks are smaller still. Customers send photographs, we answer with files.
LARGEST_BODY, LARGEST_UPLOAD = 512 * 1024, 64 * 1024 * 1024
UPLOADS = re.compile(r"/u/.*|/tickets/[^/]+/files", re.DOTALL)

PAGE_POLICY = (
    "default-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
#: A page that came from outside, or that we made for a customer: no script, no address, shown only inside ours.
FRAMED_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
DOWNLOAD_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"

_EVERYWHERE: Mapping[str, str] = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}


class GivenPasswordError(ClaimdeskError):
    """Who is here has signed in with a password that somebody else made."""


class NotSignedInError(ClaimdeskError):
    """Nobody is signed in, or not any more."""


class ForgedError(ClaimdeskError):
    """The request was not made on one of our pages."""


class TooLargeError(ClaimdeskError):
    """More was sent than any of our forms can hold."""


class Wall:
    """Around every request: caps the body, puts the headers on, and turns what nobody foresaw into a plain 500."""

    def __init__(self, app: ASGIApp) -> None:
        """Take what stands inside."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            await self._app(scope, _capped(receive, _room(scope)), answer)
        except TooLargeError:
            await _failed(413, "Too large.", scope, receive, answer)
        except ClientDisconnect:
            return  # a browser that goes on to another page; nobody is left to be answered
        except Exception as error:  # noqa: BLE001 - around one request: log ids, answer, go on
            _log.error("request failed", **_described(scope, error))
            await _failed(
                500, "Something went wrong here. Nothing was changed. Please try again.", scope, receive, answer
            )


class _Answer:
    """Sends an answer on with our headers; those it brings itself stay."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in _EVERYWHERE.items():
                headers.setdefault(name, value)
        await self._send(message)


async def _failed(status: int, words: str, scope: Scope, receive: Receive, answer: _Answer) -> None:
    """Say it as a page to a browser that shows one, else in plain words."""
    if answer.begun:
        return
    if "text/html" in Headers(scope=scope).get("accept", "") and "app" in scope:
        response: Response = scope["app"].state.failed(Request(scope), status)
    else:
        response = PlainTextResponse(words, status_code=status)
    await response(scope, receive, answer)


def _room(scope: Scope) -> int:
    return LARGEST_UPLOAD if UPLOADS.fullmatch(scope["path"]) else LARGEST_BODY


def _capped(receive: Receive, most: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise TooLargeError("the body is larger than any form")
        return message

    return counted


def _described(scope: Scope, error: Exception) -> dict[str, object]:
    """What failed and where, never with which values: an error's own words may hold a customer's."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if "site-packages" not in each.filename][-6:]
    route = scope.get("route")
    return {
        "method": scope["method"],
        "route": getattr(route, "path", "?"),
        "path": {key: str(value)[:40] for key, value in scope.get("path_params", {}).items()},
        "error": type(error).__name__,
        "at": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames],
    }


def require_same_site(request: Request, public_url: str) -> None:
    """Raise `ForgedError` unless the browser says that one of our own pages made this request.

    Sec-Fetch-Site cannot be set by a page (Fetch Metadata); Origin is what older browsers send with every POST. A
    request with neither does not come from a browser of ours.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is None and origin is None:
        raise ForgedError("the request does not say where it comes from")
    if site is not None and site != "same-origin":
        raise ForgedError("the request comes from another site")
    if origin is not None and not _is_ours(origin, request.headers, public_url):
        raise ForgedError("the request comes from another site")


def _is_ours(origin: str, headers: Headers, public_url: str) -> bool:
    """The configured address, or the very one the browser called us by."""
    try:
        theirs, ours = urlsplit(origin), urlsplit(public_url)
    except ValueError:
        return False
    if theirs.scheme not in ("http", "https") or not theirs.netloc:
        return False
    return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc) or theirs.netloc == headers.get("host")


def safe_path(wanted: str | None, default: str = "/") -> str:
    """A path of ours to go on to; anything that could lead elsewhere becomes `default`."""
    path = wanted or ""
    if not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path or len(path) > 500:  # noqa: PLR2004 - longer than any of ours
        return default
    if any(character < " " or character == "\x7f" for character in path):
        return default
    return path

"""Fetches the pictures and files of a text, from the carrier's hosts and nowhere else."""

import base64
import logging
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from urllib.parse import urljoin

from channels.sms.connection import AddressError, Origin, TooLargeError, body, connect, origin, target
from channels.sms.settings import Settings, is_loopback
from tickets.errors import ChannelUnavailableError

LIMIT = 20_000_000  #: Bytes for all media of one text together; carriers take 5 MB, WhatsApp 16.
MOST = 10  #: Media of one text (Twilio's limit).
_HOPS = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({410, 451})

_log = logging.getLogger(__name__)


class MediaMissingError(ChannelUnavailableError):
    """The carrier knows no such media: not yet, or no longer."""


def count(fields: Mapping[str, str]) -> int:
    """Say how many media a text's form fields announce."""
    announced = fields.get("NumMedia", "").strip()
    return min(int(announced), MOST) if announced.isascii() and announced.isdigit() and len(announced) < MOST else 0


def fetch(fields: Mapping[str, str], settings: Settings, *, missing_ok: bool = False) -> list[bytes | None]:
    """Get the content of each `MediaUrl` in order; None stands for one that can never be had.

    Never to be had: gone, over `LIMIT` together with those before it, or at a host that is not the carrier's; with
    `missing_ok` also one that the carrier does not know. Raises `ChannelUnavailableError` for what may come later.
    """
    contents: list[bytes | None] = []
    for number in range(count(fields)):
        room = LIMIT - sum(len(content or b"") for content in contents)
        try:
            contents.append(_content(fields.get(f"MediaUrl{number}", ""), settings, room))
        except MediaMissingError:
            if not missing_ok:
                raise
            contents.append(None)
    return contents


def _content(url: str, settings: Settings, room: int) -> bytes | None:
    """Follow the carrier's redirects to the bytes; the sign-in goes to its API only, never along."""
    for _hop in range(_HOPS):
        place = _permitted(url, settings)
        if place is None:
            _log.warning("media at a host that is not the carrier's was left out")
            return None
        try:
            found = _exchange(place, url, settings, room)
        except (AddressError, TooLargeError) as error:
            _log.warning("media was left out: %s", type(error).__name__)
            return None
        except (OSError, HTTPException, ValueError) as error:
            raise ChannelUnavailableError(f"media cannot be fetched: {type(error).__name__}") from error
        if not isinstance(found, str):
            return found
        url = _beside(url, found)
    raise ChannelUnavailableError("media cannot be fetched: redirected in circles")


def _beside(url: str, location: str) -> str:
    """Resolve a redirect; one that is no URL leads nowhere."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _permitted(url: str, settings: Settings) -> Origin | None:
    """Say where `url` leads if the carrier keeps media there, else None."""
    place = origin(url)
    if place is None or place == origin(settings.api_url):
        return place
    named = any(_fits(place.host, host) for host in settings.media_hosts)
    return place if named and place.scheme == "https" and place.port == 443 else None  # noqa: PLR2004 - HTTPS


def _fits(host: str, allowed: str) -> bool:
    return host.endswith(allowed.lower()) if allowed.startswith(".") else host == allowed.lower()


def _exchange(place: Origin, url: str, settings: Settings, room: int) -> bytes | str | None:
    """Ask once: the bytes, where to ask instead, or None if they are gone for good."""
    ours = place == origin(settings.api_url)
    connection = connect(place, timeout=settings.timeout, public=not (ours and is_loopback(place.host)))
    try:
        connection.request("GET", target(url), headers=_headers(place, settings))
        return _understood(connection.getresponse(), settings, room)
    finally:
        connection.close()


def _understood(answer: HTTPResponse, settings: Settings, room: int) -> bytes | str | None:
    if answer.status == 200:  # noqa: PLR2004 - OK
        return body(answer, limit=room, timeout=settings.timeout * 6)
    if answer.status in _REDIRECTS:
        return answer.getheader("Location", "")
    if answer.status in _GONE:
        return None
    if answer.status == 404:  # noqa: PLR2004 - Not Found
        raise MediaMissingError("media is not at the carrier")
    raise ChannelUnavailableError(f"media cannot be fetched: the carrier answered {answer.status}")


def _headers(place: Origin, settings: Settings) -> dict[str, str]:
    """Sign in at the carrier's API and nowhere else."""
    if place != origin(settings.api_url):
        return {"Connection": "close"}
    pair = f"{settings.account_sid}:{settings.auth_token.get_secret_value()}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}", "Connection": "close"}

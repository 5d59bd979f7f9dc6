"""Access tokens for a mailbox: asked for when needed, kept until shortly before their end."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from channels.email.settings import Server
from tickets.errors import ChannelRefusedError, ChannelUnavailableError

SaveToken = Callable[[str], None]
EARLY = 120.0  # seconds before its end at which a token counts as old
LIFETIME = 3600.0  # when the answer does not say (RFC 6749, section 5.1: "recommended")
LONGEST_ANSWER = 1_000_000
LATER = {408, 425, 429}  # and 5xx: asking again can help


class Tokens:
    """The access token of one account (RFC 6749: refresh token, section 6, or client credentials, 4.4)."""

    def __init__(self, name: str, server: Server, save_token: SaveToken | None = None) -> None:
        self._name = name
        self._server = server
        self._save_token = save_token
        self._refresh_token = server.refresh_token.get_secret_value() if server.refresh_token else None
        self._access_token: str | None = None
        self._good_until = 0.0
        self._one_at_a_time = Lock()  # picking up and sending share an account, and run in two threads

    def current(self) -> str:
        """Give a token that is good for a while; raises `ChannelUnavailableError` or `ChannelRefusedError`."""
        with self._one_at_a_time:
            if self._access_token is None or monotonic() >= self._good_until:
                self._take(self._ask())
            assert self._access_token is not None
            return self._access_token

    def renew(self, refused: str) -> str:
        """Give another token than the one that a server has just refused."""
        with self._one_at_a_time:
            if self._access_token == refused:
                self._access_token = None
        return self.current()

    def _take(self, answer: dict[str, Any]) -> None:
        token = answer.get("access_token")
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise ChannelRefusedError(f"{self._name}: the token server gave no access token")
        rotated = answer.get("refresh_token")
        if isinstance(rotated, str) and rotated and rotated != self._refresh_token:
            self._refresh_token = rotated
            # At once: the old one may already be dead, and the next crash would lock us out.
            if self._save_token and self._server.refresh_token:
                self._save_token(rotated)
        lifetime = _seconds(answer.get("expires_in"))
        self._access_token = token
        self._good_until = monotonic() + max(lifetime - EARLY, lifetime / 2)

    def _ask(self) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - Settings takes https only (http on this machine)
            str(self._server.token_url),
            data=urlencode(self._form()).encode(),
            headers={"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
        )
        try:
            with _opener().open(request, timeout=self._server.timeout) as response:
                return _document(response.read(LONGEST_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                raise self._translated(error) from error
        except (OSError, HTTPException) as error:
            raise ChannelUnavailableError(f"{self._name}: the token server cannot be reached") from error

    def _form(self) -> dict[str, str]:
        form = {"client_id": str(self._server.client_id)}
        if self._server.client_secret:
            form["client_secret"] = self._server.client_secret.get_secret_value()
        if self._server.scope:
            form["scope"] = self._server.scope
        if self._refresh_token:
            return form | {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        return form | {"grant_type": "client_credentials"}

    def _translated(self, error: urllib.error.HTTPError) -> ChannelUnavailableError | ChannelRefusedError:
        """Name the error word (RFC 6749, section 5.2), never the description: it may repeat what we sent."""
        try:
            word = str(_document(error.read(LONGEST_ANSWER)).get("error", ""))[:60]
        except (OSError, HTTPException):
            word = ""
        told = f"{self._name}: the token server answered {error.code} {word}".rstrip()
        if error.code >= 500 or error.code in LATER or word == "temporarily_unavailable":  # noqa: PLR2004 - 5xx
            return ChannelUnavailableError(told)
        return ChannelRefusedError(f"{told}: sign in to the mailbox again and store a new refresh token or secret")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Our secret goes to the configured address only."""

    def redirect_request(self, *_arguments: Any, **_options: Any) -> None:
        """Follow nothing; the redirect is then reported as an HTTP error."""


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)


def _document(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(stated: object) -> float:
    """How long a token lives; some servers send the number as a string."""
    try:
        seconds = float(stated)  # type: ignore[arg-type]  # anything a JSON document can hold
    except (TypeError, ValueError, OverflowError):
        return LIFETIME
    return seconds if 0 < seconds < 10 * 365 * 86400 else LIFETIME

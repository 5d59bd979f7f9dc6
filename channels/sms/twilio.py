"""The carrier's API: the list of texts that came, and the one POST by which a text goes out. Alone imports twilio."""

import base64
import json
import logging
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

from channels.sms import media
from channels.sms.connection import body, connect, origin, target
from channels.sms.segments import fold
from channels.sms.settings import Settings
from channels.sms.webhook import pickup
from tickets.errors import (
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    DeliveryUnknownError,
    MessageRefusedError,
)
from tickets.messages import Delivery, Medium, OutboundMessage, Pickup, Transmitting

_PAGE = 100
_ANSWER_LIMIT = 20_000_000
_MISSING_TRIES = 3  #: Fetches that wait for media the carrier does not know, before the text comes without them.

#: Codes of the carrier (Twilio, "Error and Warning Dictionary"): it says later; it says that we are set up wrong.
_LATER = frozenset({14107, 20429, 21611, 21730, 63038})
_OURS = {
    10001: "the account is not active",
    20003: "account_sid or auth_token is wrong",
    20005: "the account is not active",
    20404: "account_sid is wrong",
    21603: "number is missing",
    21606: "number cannot send texts or belongs to another account",
    21609: "public_url is not one the carrier can call",
    21659: "number is not one of the carrier's",
    21660: "number belongs to another account",
    21661: "number cannot send texts",
}
_THEIRS = {
    21211: "no valid phone number",
    21408: "texts to this country are not switched on for the account",
    21610: "this person has switched texts off",
    21612: "this number cannot be reached from ours",
    21614: "not a mobile number",
    21617: "the text is too long",
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What twilio's client wants to see of an answer."""

    status_code: int
    text: str
    headers: Mapping[str, str]


class _Http:
    """Twilio's idea of an HTTP client, over a fresh connection a request, with a time limit.

    `transmitting` is called when the connection stands and before the first byte of a POST. Until then nothing was
    taken; from then on no answer means that nobody knows. A kept connection could not be told apart like that.
    """

    is_async = False

    def __init__(self, settings: Settings, transmitting: Transmitting | None = None) -> None:
        self._settings = settings
        self._transmitting = transmitting

    def request(self, method: str, url: str, **options: Any) -> _Answer:
        """Ask once. Raises our errors, never the library's."""
        params = options.get("params")
        data = options.get("data")
        headers = {**(options.get("headers") or {}), **_signed_in(options.get("auth")), "Connection": "close"}
        form = urlencode(data, doseq=True).encode() if data else None
        connection = self._connect(url)
        try:
            if method == "POST" and self._transmitting is not None:
                self._transmitting()
            path = target(f"{url}?{urlencode(params, doseq=True)}" if params else url)
            return self._exchange(connection, method, path, form=form, headers=headers)
        finally:
            connection.close()

    def _connect(self, url: str) -> HTTPConnection:
        place = origin(url)
        if place is None or place != origin(self._settings.api_url):
            raise ChannelUnavailableError("the carrier points elsewhere than to api_url")
        try:
            return connect(place, timeout=self._settings.timeout, public=False)
        except ssl.SSLCertVerificationError as error:
            raise ChannelRefusedError("the carrier's certificate is not good: check api_url") from error
        except (OSError, ValueError) as error:
            raise ChannelUnavailableError(f"the carrier cannot be reached: {type(error).__name__}") from error

    def _exchange(
        self, connection: HTTPConnection, method: str, path: str, *, form: bytes | None, headers: dict[str, str]
    ) -> _Answer:
        posted = method == "POST"
        try:
            connection.request(method, path, body=form, headers=headers)
            answer = connection.getresponse()
            text = body(answer, limit=_ANSWER_LIMIT, timeout=self._settings.timeout * 6).decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            raise _silence(type(error).__name__, posted=posted) from error
        found = _object(text)
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - Successful (RFC 9110, section 15.3)
            raise refusal(answer.status, found.get("code") if found else None, posted=posted)
        if found is None:
            raise _silence("no JSON object", posted=posted)
        return _Answer(answer.status, text, dict(answer.getheaders()))


def _signed_in(auth: tuple[str, str] | None) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(':'.join(auth).encode()).decode()}"} if auth else {}


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _silence(why: str, *, posted: bool) -> ChannelError:
    """Name what it means that no answer came, or none that can be read."""
    if posted:
        return DeliveryUnknownError(f"no answer from the carrier after the text was handed over: {why}")
    return ChannelUnavailableError(f"no answer from the carrier: {why}")


def refusal(status: int, code: object, *, posted: bool) -> ChannelError:
    """Translate the carrier's no. Its own words hold the customer's number, so only the code is kept."""
    number = code if isinstance(code, int) else 0
    said = f"carrier code {number}" if number else f"carrier status {status}"
    if number in _LATER or status == 429:  # noqa: PLR2004 - Too Many Requests
        return ChannelUnavailableError(f"{said}: later")
    if status >= 500 or status == 408:  # noqa: PLR2004 - Server Error, Request Timeout: it may have been taken
        return _silence(said, posted=posted)
    if number in _OURS or not posted or (status in {401, 403} and number not in _THEIRS):
        return ChannelRefusedError(f"{said}: {_OURS.get(number, 'check account_sid, auth_token and api_url')}")
    if status < 400:  # noqa: PLR2004 - a redirect: the text was not taken
        return ChannelRefusedError(f"{said}: check api_url")
    return MessageRefusedError(f"{said}: {_THEIRS.get(number, 'the text was refused')}")


class TwilioChannel:
    """One number of ours at the carrier. The webhook brings texts at once; `fetch` finds what it missed.

    The carrier cannot flag a text, so what was acknowledged is remembered here and asked of `known`.
    """

    medium = Medium.SMS

    def __init__(self, name: str, settings: Settings, known: Callable[[list[str]], set[str]] | None = None) -> None:
        self.name = name
        self._settings = settings
        self._known = known or (lambda _sids: set())
        self._settled: set[str] = set()
        self._waiting: set[str] = set()  #: Seen in the list, not acknowledged yet.
        self._missing: Counter[str] = Counter()
        self._walked = False
        self._closed = threading.Event()

    def fetch(self) -> Iterator[Pickup]:
        """Hand out the inbound texts of the carrier's list that are not settled, oldest first.

        A text whose media cannot be had now stays for the next fetch; the others go on.
        """
        for message in reversed(self._unsettled()):
            try:
                found = self._pickup(_fields(message))
            except ChannelUnavailableError as error:
                _log.warning("text %s waits for its media: %s", message.sid, error)
            else:
                yield found

    def fetch_media(self, fields: Mapping[str, str]) -> list[bytes | None]:
        """Get the media a verified webhook names; None for one that can never be had.

        Raises `ChannelUnavailableError` for what may come later: the carrier asks again, or the next fetch finds it.
        """
        return media.fetch(fields, self._settings)

    def acknowledge(self, handle: Hashable) -> None:
        """Remember that a text is durable; the webhook's route says so too."""
        self._settled.add(str(handle))
        self._waiting.discard(str(handle))

    def acknowledge_all(self, handles: Iterable[Hashable]) -> None:
        """Remember that these texts are durable."""
        for handle in handles:
            self.acknowledge(handle)

    def send(self, message: OutboundMessage, transmitting: Transmitting) -> Delivery:
        """Hand one text to the carrier; `transmitting` is called when the connection stands, before the POST.

        Raises `ChannelUnavailableError` (not reached, "later"), `ChannelRefusedError` (our account or number),
        `MessageRefusedError` (this recipient or text), `DeliveryUnknownError` (posted, no answer, or a server error).
        """
        if message.medium is not Medium.SMS or not message.to.address:
            raise MessageRefusedError(f"{self.name}: no number to send a text to")
        if message.files:
            raise MessageRefusedError(f"{self.name}: a text carries no files")
        text = fold(message.text) if self._settings.fold_diacritics else message.text
        wanted = {"to": message.to.address, "from_": self._settings.number, "body": text}
        if message.status_url:
            wanted["status_callback"] = message.status_url
        sent = self._client(transmitting).messages.create(**wanted)
        if not sent.sid:
            raise DeliveryUnknownError(f"{self.name}: the carrier took the text and gave no Sid")
        return Delivery(provider_id=str(sent.sid), detail=str(sent.status or ""))

    def wait(self, seconds: float) -> bool:
        """Sleep; texts announce themselves at the webhook, not here."""
        self._closed.wait(seconds)
        self._closed.clear()
        return False

    def check(self) -> str:
        """Sign in and look at the account."""
        account = self._client().api.v2010.accounts(self._settings.account_sid).fetch()
        if account.status and account.status != "active":
            raise ChannelRefusedError(f"{self.name}: the carrier's account is {account.status}")
        answers = "" if self._settings.is_two_way else "; nobody can answer a name: use a number"
        return f"signed in to the carrier, texts from {self._settings.number}{answers}"

    def close(self) -> None:
        """End a `wait`; there is no connection to let go of."""
        self._closed.set()

    def _client(self, transmitting: Transmitting | None = None) -> Any:
        from twilio.rest import Client  # takes 270 ms, and most commands send no text

        settings = self._settings
        client = Client(
            settings.account_sid,
            settings.auth_token.get_secret_value(),
            http_client=_Http(settings, transmitting),
            environment={"TWILIO_EDGE": ""},  # else it reads the process's own: only our configuration counts
        )
        client.api.base_url = settings.api_url
        return client

    def _unsettled(self) -> list[Any]:
        """List what is inbound and not settled, newest first, each once.

        The list is read to its end the first time, and as long as something older waits; else to the first page that
        holds nothing new. Dates decide nothing: a text may be listed late.
        """
        found: dict[str, Any] = {}
        awaited = set(self._waiting)
        for page in self._pages():
            fresh = self._fresh(page)
            found.update(fresh)
            listed = {str(message.sid) for message in page}
            awaited -= listed
            self._waiting -= listed - fresh.keys()  # recorded meanwhile, by the webhook
            if self._walked and not awaited and not (fresh.keys() - self._waiting):
                break
        else:
            self._walked = True
            self._waiting -= awaited  # the carrier has them no longer
        self._waiting |= found.keys()
        return [message for message in found.values() if message.status != "receiving"]

    def _fresh(self, page: list[Any]) -> dict[str, Any]:
        """Leave out what is settled here or recorded in the store."""
        inbound = {str(message.sid): message for message in page if message.direction == "inbound"}
        asked = [sid for sid in inbound if sid not in self._settled]
        recorded = self._known(asked) if asked else set()
        return {sid: inbound[sid] for sid in asked if sid not in recorded}

    def _pages(self) -> Iterator[list[Any]]:
        """Walk the list of texts to our number, newest first."""
        from twilio.base.exceptions import TwilioException

        seen: set[str] = set()
        try:
            page = self._client().messages.page(to=self._settings.number, page_size=_PAGE)
            while page is not None:
                yield list(page)
                following = page.next_page_url
                if following in seen:
                    return
                seen.add(following)
                page = page.next_page()
        except (TwilioException, AttributeError, KeyError, TypeError) as error:
            raise ChannelUnavailableError(f"{self.name}: the carrier's list has another shape") from error

    def _pickup(self, fields: dict[str, str]) -> Pickup:
        """Fetch what belongs to a listed text. Media the carrier does not know are waited for, but not for ever."""
        if not media.count(fields):
            return pickup(fields)
        sid = fields["MessageSid"]
        patient = self._missing[sid] < _MISSING_TRIES
        try:
            fields |= self._media_fields(sid)
            return pickup(fields, media.fetch(fields, self._settings, missing_ok=not patient))
        except (ChannelRefusedError, media.MediaMissingError) as error:
            self._missing[sid] += 1
            if patient:
                raise ChannelUnavailableError(f"{self.name}: media is not at the carrier") from error
            return pickup(fields)

    def _media_fields(self, sid: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, one in enumerate(self._client().messages(sid).media.list(limit=media.MOST)):
            place = str(one.uri or "").removesuffix(".json")
            found[f"MediaUrl{number}"] = f"{self._settings.api_url.rstrip('/')}/{place.lstrip('/')}"
            found[f"MediaContentType{number}"] = str(one.content_type or "")
        return found


def _fields(message: Any) -> dict[str, str]:
    """Write a listed text in the webhook's form fields, so that both read the same."""
    given = {
        "AccountSid": message.account_sid,
        "ApiVersion": message.api_version,
        "Body": message.body,
        "DateCreated": _written(message.date_created),
        "DateSent": _written(message.date_sent),
        "From": message.from_,
        "MessageSid": message.sid,
        "MessagingServiceSid": message.messaging_service_sid,
        "NumMedia": message.num_media,
        "NumSegments": message.num_segments,
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": message.status,
        "To": message.to,
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def _written(moment: object) -> str | None:
    """Write a date as the carrier's list does (RFC 2822)."""
    return format_datetime(moment) if isinstance(moment, datetime) else moment if isinstance(moment, str) else None

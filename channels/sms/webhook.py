"""The carrier's requests to us: whether it really sent them, and what they carry."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from tickets.errors import SignatureError, UnreadableError
from tickets.messages import DeliveryState, Pickup

#: A form as parsed: one value a name, or pairs where a name may come twice.
Fields = Mapping[str, str] | Iterable[tuple[str, str]]

_PORTS = {"http": 80, "https": 443}
_FIELD_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,63}", re.ASCII)
_SID = re.compile(r"[A-Za-z0-9]{1,34}", re.ASCII)
_OUR_FIELD = re.compile(r"MediaContent\d")
_ID_FIELDS = ("MessageSid", "SmsSid", "SmsMessageSid")

#: What a status of the carrier's means for a delivery; others (queued, accepted, sending) change nothing.
_STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.DELIVERED,
    "undelivered": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """What the carrier says became of a text we sent. Reports come doubled, late and out of order."""

    provider_id: str
    state: DeliveryState | None  #: None: still under way.
    detail: str  #: The carrier's word and code, e.g. `undelivered 30003`.


def verify(url: str, fields: Fields, signature: str | None, auth_token: str) -> None:
    """Raise `SignatureError` unless the carrier signed exactly this request (Twilio, "Webhooks security").

    `url` is the public one of our configuration with the request's path and query, never what a proxy made of it. The
    signature proves origin, not freshness: a repeat is recognised by its Sid. It joins names and values without a mark
    between them, so names and Sids of another shape than the carrier's are refused: they could be a replay, cut anew.
    """
    pairs = list(fields.items() if isinstance(fields, Mapping) else fields)
    if not signature:
        raise SignatureError("the request is not signed")
    if not pairs or not all(_FIELD_NAME.fullmatch(name) for name, _value in pairs):
        raise SignatureError("the request does not have the carrier's shape")
    if not all(_SID.fullmatch(value) for name, value in pairs if name in _ID_FIELDS):
        raise SignatureError("the request does not have the carrier's shape")
    given = signature.encode("utf-8", "replace")
    expected = [_signature(form, pairs, auth_token) for form in _forms(url)]
    # Every form is compared, so that the time taken says nothing.
    if not any([hmac.compare_digest(one, given) for one in expected]):  # noqa: C419 - see above
        raise SignatureError("the signature does not fit the request: check public_url and auth_token")


def _signature(url: str, pairs: list[tuple[str, str]], auth_token: str) -> bytes:
    """HMAC-SHA1 over the URL and each distinct name with its value, sorted by name, then by value."""
    said = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.new(auth_token.encode(), said.encode("utf-8", "surrogatepass"), hashlib.sha1).digest())


def _forms(url: str) -> list[str]:
    """A URL with and without its port: the carrier signs either."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition(":")[0] if parts.port else parts.netloc
    port = parts.port or _PORTS.get(parts.scheme, 443)
    return [url, _at(parts, host), _at(parts, f"{host}:{port}")]


def _at(parts: SplitResult, netloc: str) -> str:
    return parts._replace(netloc=netloc).geturl()


def sid(fields: Mapping[str, str]) -> str:
    """Give the carrier's own identity of a text; raises `UnreadableError` if there is none."""
    for name in _ID_FIELDS:
        if fields.get(name):
            return fields[name]
    raise UnreadableError("a text without a MessageSid")


def envelope(fields: Mapping[str, str], media: Sequence[bytes | None] = ()) -> bytes:
    """Write the raw form of a text: one JSON object of the form fields, media inside as `MediaContent0`… (base64).

    Equal fields give equal bytes, whichever way they came.
    """
    kept = {name: value for name, value in fields.items() if not _OUR_FIELD.fullmatch(name)}
    contents = {f"MediaContent{n}": base64.b64encode(one).decode() for n, one in enumerate(media) if one is not None}
    return json.dumps(kept | contents, sort_keys=True, separators=(",", ":")).encode()


def pickup(fields: Mapping[str, str], media: Sequence[bytes | None] = ()) -> Pickup:
    """Make a pickup of one inbound text; its identity is the carrier's, from webhook and poll alike."""
    identity = sid(fields)
    raw = envelope(fields, media)
    return Pickup(
        handle=identity, external_id=identity, raw=raw, received_at=moment(fields), name=f"{identity}.sms.json"
    )


def moment(fields: Mapping[str, str]) -> datetime | None:
    """Say when the carrier had the text, aware UTC; webhooks do not tell."""
    for name in ("DateSent", "DateCreated"):
        found = _moment(fields.get(name, ""))
        if found:
            return found
    return None


def _moment(text: str) -> datetime | None:
    """Read RFC 2822 (the list of the carrier) or ISO 8601; without a zone it is UTC."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text.strip())
            return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def status(fields: Mapping[str, str]) -> StatusReport:
    """Read a status callback; raises `UnreadableError` without a Sid."""
    word = (fields.get("MessageStatus") or fields.get("SmsStatus") or "").strip().lower()
    detail = " ".join(filter(None, (word, fields.get("ErrorCode", "").strip())))
    return StatusReport(provider_id=sid(fields), state=_STATES.get(word), detail=detail)

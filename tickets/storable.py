"""What a store takes of a message: text without NUL or half surrogate pairs, and ids short enough for an index.

PostgreSQL takes no NUL, no store takes half a pair, and an index row of PostgreSQL holds 2,700 bytes. Readers clean
what they hand over, each in its own way; here nothing is left to them.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tickets.evidence import Reason
from tickets.intents import Intent
from tickets.messages import Address, BouncedAddress, File, InboundMessage, Sender

#: Characters of an id that stands in an index: 1,020 bytes at four bytes each.
LONGEST_ID = 255
#: An e-mail address has no more characters (RFC 5321, 4.5.3.1.3 without the angle brackets), a number far fewer.
LONGEST_ADDRESS = 254


def text(words: str) -> str:
    """The same words without NUL; half a surrogate pair becomes a question mark."""
    if "\0" in words:
        words = words.replace("\0", "")
    try:
        words.encode()
    except UnicodeEncodeError:
        return words.encode("utf-8", "replace").decode()
    return words


def key(value: str) -> str:
    """An id that any index takes: a longer one is its beginning and its sha256, the same wherever it is written."""
    value = text(value)
    if len(value) <= LONGEST_ID:
        return value
    digest = hashlib.sha256(value.encode()).hexdigest()
    return f"{value[: LONGEST_ID - len(digest) - 1]}~{digest}"


def row(said: Address | Intent | Reason) -> dict[str, Any]:
    """The fields of something small and flat, to be kept as JSON; `asdict` would copy each of them deeply."""
    return {name: getattr(said, name) for name in said.__slots__}


def message(inbound: InboundMessage) -> InboundMessage:
    """The message as any store takes it; a sender's address that had to be changed is nobody's any more.

    Its HTML stays in the raw bytes: a page that shows it takes it from there.
    """
    changes: dict[str, Any] = {}
    for name in InboundMessage.__slots__:
        held = getattr(inbound, name)
        if held is not None and (cleaned := _FIELDS.get(name, _cleaned)(held)) != held:
            changes[name] = cleaned
    if not _is_whole(inbound.sender.address, changes.get("sender", inbound.sender).address):
        changes["sender_state"] = Sender.AMBIGUOUS
    return replace(inbound, **changes) if changes else inbound


def _id(held: str) -> str | None:
    return key(held) if held else None


def _ids(held: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(key, held))


#: What is not merely cleaned.
_FIELDS: dict[str, Callable[[Any], Any]] = {
    "html": lambda _: None,
    "in_reply_to": _ids,
    "references": _ids,
    "message_id": _id,
    "original_message_id": _id,
}


def _is_whole(address: str | None, cleaned: str | None) -> bool:
    return address == cleaned and len(address or "") <= LONGEST_ADDRESS


def _cleaned(value: object) -> object:
    if type(value) is str:
        return text(value)
    if type(value) is tuple:
        return tuple(map(_cleaned, value)) if value else value
    if isinstance(value, (Address, BouncedAddress, File)):
        changes: dict[str, Any] = {}
        for name in value.__slots__:
            held = getattr(value, name)
            if (cleaned := _cleaned(held)) is not held:
                changes[name] = cleaned
        return replace(value, **changes) if changes else value
    return value

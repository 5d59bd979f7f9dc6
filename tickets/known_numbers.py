"""The numbers people and firms are known by, kept so that they can be found and judged but not read."""

import re
from collections.abc import Iterable, Mapping

from tickets import tokens
from tickets.checks import ids
from tickets.models import PartyIdentifier
from tickets.office import Office

#: The shape of a Romanian personal number: sex and century, a day, six digits. Both stores' dialects know its signs.
SHAPE = r"[1-8][0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{6}"
_SHAPE = re.compile(rf"\b{SHAPE}\b")


def hidden(text: str | None) -> str | None:
    """A text for the index of words, in which nobody's personal number stands."""
    return text and _SHAPE.sub(" ", text)


def made(office: Office, kind: str, written: str) -> PartyIdentifier:
    """A number as the store keeps it: hashed under the newest key, its end, and what its check digits say."""
    value = "".join(written.upper().split())
    return PartyIdentifier(
        kind=kind,
        value_hmac=hashed(office.keys[0], kind, value),
        ending=value[-ids.KEPT :],
        valid=ids.is_number(kind, value),
    )


def hashed(key: bytes, kind: str, value: str) -> str:
    """What a number is looked up by: without the key nobody can try all numbers there are."""
    return tokens.make(key, "known number", kind, value)


def by_hash(office: Office, kind: str, values: Iterable[str]) -> Mapping[str, str]:
    """Each value by what it may be stored under, with any key that still counts."""
    return {hashed(key, kind, value): value for value in values for key in office.keys}

"""Counts what a text costs to send and folds it into the characters that cost least (3GPP TS 23.038, 23.040)."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

#: The default alphabet of 3GPP TS 23.038, section 6.2.1, without ESC.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Its extension table (section 6.2.1.1): each of these travels behind an ESC and counts twice.
_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM7 = _BASIC | _EXTENSION

#: What Unicode's own decompositions do not give: quotes, dashes, blanks and letters with a stroke.
_FOLDED = str.maketrans(
    {
        **dict.fromkeys("„“”«»″", '"'),
        **dict.fromkeys("‘’‚‛‹›′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
        **dict.fromkeys("\t\u2028\u2029", " "),
        **dict(zip("•·×\u2044đĐłŁı", "*.x/dDlLi", strict=True)),
        "œ": "oe",
        "Œ": "OE",
    }
)


class Encoding(StrEnum):
    """How the characters of a text travel."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """How many messages a text is billed as, and the room left in the last one."""

    count: int
    encoding: Encoding
    length: int  #: In septets (GSM-7) or UTF-16 units (UCS-2), without what is lost at the seams.
    left: int  #: In the same units, before another segment begins.


def is_gsm7(text: str) -> bool:
    """Say whether every character is in the alphabet that takes 160 to a message."""
    return _GSM7.issuperset(text)


def fold(text: str) -> str:
    """Write `text` in GSM-7 as far as it can be read the same; other scripts and emoji stay as they are.

    `ș` and `ş` become `s`; letters that GSM-7 has (`é`, `ü`) keep their marks.
    """
    return "".join(_folded(character) for character in unicodedata.normalize("NFC", text))


def _folded(character: str) -> str:
    if character in _GSM7:
        return character
    plain = character.translate(_FOLDED)
    if plain != character:
        return plain
    decomposed = unicodedata.normalize("NFKD", character).translate(_FOLDED)
    plain = "".join(part for part in decomposed if not unicodedata.combining(part))
    return plain if is_gsm7(plain) else character


def segments(text: str) -> Segments:
    """Count `text` as a carrier bills it: GSM-7 160, then 153 a part; UCS-2 70, then 67. An empty text has none."""
    if is_gsm7(text):
        return _segments([2 if character in _EXTENSION else 1 for character in text], Encoding.GSM7, (160, 153))
    return _segments([2 if character > "\uffff" else 1 for character in text], Encoding.UCS2, (70, 67))


def _segments(widths: list[int], encoding: Encoding, room: tuple[int, int]) -> Segments:
    """Lay the characters out; one that counts twice is never cut in two, so a seam may waste a unit."""
    alone, part = room
    length = sum(widths)
    if length <= alone:
        return Segments(count=1 if widths else 0, encoding=encoding, length=length, left=alone - length)
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return Segments(count=count, encoding=encoding, length=length, left=part - used)

"""Text folded for reading: capitals without diacritics, one kind of dash, nothing invisible; and the way back."""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

#: Tags, entities and percent signs that survive where a text was pasted, forwarded or taken out of an address.
_LEFTOVER = (
    r"</?(?:b|i|u|em|strong|span|font|a|br|p|div|td|tr|li|wbr)(?:\s[a-z-]{1,20}=[^<>]{0,200})?\s{0,3}/?>"
    r"|&(?:\#x?[0-9a-f]{1,6}|[a-z]{2,8});|%2[0DF]"
)
_OTHER = re.compile(rf"[^\x00-\x7f]|{_LEFTOVER}", re.IGNORECASE)
_MAY_HAVE_LEFTOVERS = re.compile(r"<[a-z/]|&[a-z#]|%2", re.IGNORECASE)
_FOREIGN = re.compile(r"[^\x00-\x7f]")
#: So many different letters with marks are replaced one by one; no alphabet of ours has more.
_ALPHABET = 60
_PERCENT = {"%20": " ", "%2D": "-", "%2F": "/"}
_BREAKS = ("br", "p", "div", "td", "tr", "li")
_MARKS = re.compile(r"[\u0300-\u036f\u200b-\u200f\u2060\ufeff\u00ad]")
#: Most texts with marks are in ASCII without these, which is sooner done than to take all of Unicode apart.
_ROMANIAN = tuple(zip("ăâîșțşţ", "aaistst", strict=True))
_ROMANIAN_CAPITALS = tuple((letter, bare.upper()) for small, bare in _ROMANIAN for letter in (small, small.upper()))
_AS_DASH = frozenset("−⁃˗")
_AS_DOT = frozenset("·•∙")
_AS_SLASH = frozenset("⁄∕")
_AS_QUOTE = frozenset("„“”‟«»‹›‘’‚′″")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and where each of its characters came from."""

    text: str
    shifts: tuple[tuple[int, int], ...] = ()  #: (place in `text`, place in the original) after each change of length.

    def origin(self, place: int) -> int:
        """Give the place in the original text of a place in the folded one."""
        index = bisect_right(self.shifts, place, key=lambda shift: shift[0]) - 1
        if index < 0:
            return place
        folded, original = self.shifts[index]
        return original + place - folded


def fold(text: str) -> Folded:
    """Fold `text` character by character (NFKC, diacritics off, upper case, dashes as `-`, zero-width dropped).

    What is left of markup inside a text goes too: a tag is nothing or a line break, an entity the character it names.
    """
    if _MAY_HAVE_LEFTOVERS.search(text):
        return _pieced(text, _OTHER)
    for letter, folded in _ROMANIAN_CAPITALS if not text.isascii() else ():
        text = text.replace(letter, folded)
    if not text.isascii():
        text = _letter_for_letter(text)
    return Folded(text.upper()) if text.isascii() else _pieced(text, _FOREIGN)


def _letter_for_letter(text: str) -> str:
    """Fold the letters that become one of ASCII: no place moves, and few texts hold any others."""
    letters = set(_FOREIGN.findall(text))
    for letter in letters if len(letters) <= _ALPHABET else ():
        folded = _folded(letter)
        if len(folded) == 1 and folded.isascii():
            text = text.replace(letter, folded)
    return text


def _pieced(text: str, changed: re.Pattern[str]) -> Folded:
    pieces: list[str] = []
    shifts: list[tuple[int, int]] = []
    done = length = 0
    for start, end, piece in _changes(text, changed):
        pieces += (text[done:start].upper(), piece)
        length += start - done + len(piece)
        done = end
        if len(piece) != end - start:
            shifts.append((length, done))
    pieces.append(text[done:].upper())
    return Folded("".join(pieces), tuple(shifts))


def plain(text: str) -> str:
    """Give `text` in lower case without diacritics, for looking up words; places are not kept."""
    lower = text.lower()
    for letter, bare in _ROMANIAN if not lower.isascii() else ():
        lower = lower.replace(letter, bare)
    if lower.isascii():
        return lower
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).replace("’", "'").lower()


def _changes(text: str, changed: re.Pattern[str]) -> Iterator[tuple[int, int, str]]:
    return ((match.start(), match.end(), _folded(match[0])) for match in changed.finditer(text))


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if len(character) > 1:
        return _without_markup(character)
    if character in _AS_QUOTE:
        return '"'
    if character in _AS_DOT:
        return "."
    if character in _AS_SLASH:
        return "/"
    if character in _AS_DASH or unicodedata.category(character) == "Pd":
        return "-"
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    return "".join(map(_visible, unicodedata.normalize("NFKD", character))).upper()


def _without_markup(leftover: str) -> str:
    if leftover[0] == "%":
        return _PERCENT[leftover.upper()]
    if leftover[0] == "&":
        return "".join(map(_folded, html.unescape(leftover))) if html.unescape(leftover) != leftover else leftover
    name = re.sub(r"[^a-z].*", "", leftover.strip("</>").lower(), flags=re.DOTALL)
    return "\n" if name in _BREAKS else ""


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Mn", "Cf"}:  # combining marks; zero-width and direction marks
        return ""
    return "-" if category == "Pd" else character

"""Whether a text is Romanian or English, told from its commonest words and letters, or not told."""

import re

from channels.email.quoting import PHRASES

_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 3_000  #: Characters looked at.
_LEAST = 2  #: Hits a language needs.
_ROMANIAN, _ENGLISH, _OTHER = (frozenset(str(PHRASES["language"][key]).split()) for key in ("ro", "en", "other"))
_COMMON = _ROMANIAN | _ENGLISH | _OTHER
_LETTERS, _FOLDED = "ăâîșşțţ", "aaisstt"
_TELLING = "ășşțţ"  #: Letters that Romanian alone has.


def guess(text: str) -> str | None:
    """Say "ro" or "en" when one is clearly likelier than the other and than a third language, else None."""
    sample = text[:_SAMPLE].lower()
    words = _WORD.findall(_folded(sample))
    letters = sum(map(sample.count, _TELLING))
    found = list(filter(_COMMON.__contains__, words))
    romanian = sum(word in _ROMANIAN for word in found) + min(letters, len(words))
    english = sum(word in _ENGLISH for word in found)
    other = sum(word in _OTHER for word in found)
    best = max(romanian, english)
    if best < _LEAST or other >= best or abs(romanian - english) * 4 < best:
        return None
    return "ro" if romanian > english else "en"


def _folded(text: str) -> str:
    """Letter by letter, seven times over: `str.translate` asks a table for every character of a text that has any."""
    if text.isascii():
        return text
    for letter, folded in zip(_LETTERS, _FOLDED, strict=True):
        text = text.replace(letter, folded)
    return text

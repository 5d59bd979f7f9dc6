"""Whether a text is Romanian or English, told from its commonest words and letters, or not told."""

import re

from channels.email.quoting import PHRASES

_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 3_000  #: Characters looked at.
_LEAST = 2  #: Hits a language needs.
_ROMANIAN, _ENGLISH, _OTHER = (frozenset(str(PHRASES["language"][key]).split()) for key in ("ro", "en", "other"))
_FOLD = str.maketrans("ăâîșşțţ", "aaisstt")


def guess(text: str) -> str | None:
    """Say "ro" or "en" when one is clearly likelier than the other and than a third language, else None."""
    sample = text[:_SAMPLE].lower()
    found = _WORD.findall(sample.translate(_FOLD))
    letters = sum(sample.count(letter) for letter in "ășşțţ")
    romanian = sum(word in _ROMANIAN for word in found) + min(letters, len(found))
    english = sum(word in _ENGLISH for word in found)
    other = sum(word in _OTHER for word in found)
    best = max(romanian, english)
    if best < _LEAST or other >= best or abs(romanian - english) * 4 < best:
        return None
    return "ro" if romanian > english else "en"

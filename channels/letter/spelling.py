"""Letters as people write them, whatever an engine took them for: those of Romanian, and an O read as a nought."""

import re
import unicodedata
from dataclasses import replace

from channels.letter.engines import Recognised

#: Languages whose marks one engine forgets and another keeps.
MARKED = frozenset({"ro"})
#: Comma below for cedilla, breve for whatever else stands on an a; Romanian has no such letters.
_ROMANIAN = str.maketrans("şţŞŢãÃǎǍäÄåÅāĀȃȂ", "șțȘȚăĂăĂăĂăĂăĂăĂ")
_LETTERS = frozenset("ăâîșțĂÂÎȘȚ")
_LEAST = 60.0  #: Confidence of a word whose marks are believed.
#: A nought among letters, in a word without any other digit that is no part of a number: B0N, T0TAL.
_NOUGHT = re.compile(r"(?<![^\W_])(?<!\d[-./])(?=[^\W\d_])[^\W1-9_]*0[^\W1-9_]*[^\W\d_](?![^\W_])(?![-./]\d)")
#: The same at the beginning of a word, 0RA; not in English, whose postcodes have it.
_FIRST_NOUGHT = re.compile(r"(?<![^\W_])(?<![-./])0(?=[^\W\d_]{2,}(?![^\W_])(?![-./]\d))")


def spelt(recognised: Recognised, language: str | None) -> Recognised:
    """Use the letters people write."""
    return Recognised(tuple(replace(word, text=_spelt(word.text, language)) for word in recognised.words))


def _spelt(text: str, language: str | None) -> str:
    text = text.translate(_ROMANIAN) if language == "ro" else text
    if "0" not in text:
        return text
    text = _NOUGHT.sub(lambda match: _with_letter_o(match[0]), text)
    return _FIRST_NOUGHT.sub("O", text) if language not in (None, "en") else text


def _with_letter_o(word: str) -> str:
    return word.replace("0", "o" if any(letter.islower() for letter in word[1:]) else "O")


def marked(recognised: Recognised, other: Recognised) -> Recognised:
    """Take over the marks of words that another engine read the same but for them."""
    known: dict[str, str] = {}
    for word in other.words:
        bare, text = _bare(word.text), word.text.translate(_ROMANIAN).strip(".,;:!?()")
        if word.confidence >= _LEAST and not _LETTERS.isdisjoint(text):
            known[bare] = text
    return Recognised(tuple(replace(word, text=_marked(word.text, known)) for word in recognised.words))


def _marked(text: str, known: dict[str, str]) -> str:
    return " ".join(_with_marks(token, known.get(_bare(token))) for token in text.split(" "))


def _with_marks(token: str, known: str | None) -> str:
    """Put the letters of `known` in place of those of a token, whose signs and case stay."""
    if known is None:
        return token
    core = token.strip(".,;:!?()")
    if len(core) != len(known):
        return token
    letters = "".join(_cased(new, old) for new, old in zip(known, core, strict=True))
    return token.replace(core, letters, 1)


def _cased(letter: str, like: str) -> str:
    return letter.upper() if like.isupper() else letter.lower() if like.islower() else letter


def _bare(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.strip(".,;:!?()").casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))

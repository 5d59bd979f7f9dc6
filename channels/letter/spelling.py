"""The letters of Romanian as people write them, whatever an engine took them for."""

import unicodedata
from dataclasses import replace

from channels.letter.engines import Recognised

#: Languages whose marks one engine forgets and another keeps.
MARKED = frozenset({"ro"})
#: Comma below for cedilla, breve for whatever else stands on an a; Romanian has no such letters.
_ROMANIAN = str.maketrans("şţŞŢãÃǎǍäÄåÅāĀȃȂ", "șțȘȚăĂăĂăĂăĂăĂăĂ")
_LETTERS = frozenset("ăâîșțĂÂÎȘȚ")
_LEAST = 60.0  #: Confidence of a word whose marks are believed.


def spelt(recognised: Recognised, language: str | None) -> Recognised:
    """Use the letters people write."""
    if language != "ro":
        return recognised
    return Recognised(tuple(replace(word, text=word.text.translate(_ROMANIAN)) for word in recognised.words))


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

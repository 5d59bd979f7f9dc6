"""What every engine that recognises letters gives: words with their places and how sure it is of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from PIL import Image

_NO_PAPER_SHOWS = re.compile(r"[\x00-\x1f\u200b-\u200f\u202a-\u202e]")
#: Signs as they are typed here: full-width forms (U+FF01 to U+FF5E), and the x between quantity and price.
_AS_TYPED = {0xFEE0 + code: code for code in range(0x21, 0x7F)} | {0x3000: " ", 0xD7: "x"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as it was read, and where: pixels of the picture that the engine was given."""

    text: str
    confidence: float  #: 0 to 100, as the engine sees itself.
    left: int
    top: int
    right: int
    bottom: int
    line: int  #: Words of one line share the number; lines count in reading order.
    paragraph: int = 0


@dataclass(frozen=True, slots=True)
class Recognised:
    """What an engine read on one picture."""

    words: tuple[Word, ...] = ()

    @property
    def text(self) -> str:
        """Lines as they were printed, with an empty line between paragraphs."""
        paragraphs = groupby(self.words, key=lambda word: word.paragraph)
        return "\n\n".join("\n".join(_lines(words)) for _, words in paragraphs)

    @property
    def letters(self) -> int:
        """How many characters were read."""
        return sum(len(word.text) for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean confidence, long words counting more; 0 if there is no word."""
        return sum(word.confidence * len(word.text) for word in self.words) / self.letters if self.words else 0.0

    @property
    def amount(self) -> float:
        """How much was read with confidence: what tells a good reading from a short one by the same engine."""
        return sum(max(0.0, word.confidence - 50) * len(word.text) for word in self.words)


class Engine(Protocol):
    """Something that recognises letters."""

    doubtful: float  #: Confidence below which what it read may be wrong in every line: other treatments are tried.
    unsure: float  #: Confidence below which one word in four may be wrong: a person has to read the page.

    def read(self, picture: Image.Image, language: str) -> Recognised:
        """Read a grey picture in one language (ISO 639-1)."""


def shown(text: str) -> str:
    """Leave out what no paper shows, and write signs as they are typed here."""
    return _NO_PAPER_SHOWS.sub("", text.translate(_AS_TYPED)).strip()


def _lines(words: Iterator[Word]) -> Iterator[str]:
    for _, line in groupby(words, key=lambda word: word.line):
        yield " ".join(word.text for word in line)

"""Recognising a page: the right way up, the right treatment, the right language, as few looks as it takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from typing import Literal

import numpy as np
from PIL import Image

from channels.letter import treatments
from channels.letter.engines import Engine, RapidOcr, Recognised, Tesseract, Word
from channels.letter.languages import Detector

Choice = Literal["auto", "tesseract", "rapidocr"]

_SMALL = 1000  #: Pixels of the shorter side below which letters are small, as on a receipt.
_COVERED = 0.8  #: Share of the ink that words must cover; else lines were passed over.
_CLEARLY = 1.3  #: How much more another reading must give to be taken.
_ROMANIAN = str.maketrans("şţŞŢãÃǎǍ", "șțȘȚăĂăĂ")
_DUST = 40.0  #: Mean confidence below which a line is a smudge, a logo or a signature.


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One page, recognised."""

    text: str = ""
    words: tuple[Word, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """Reads pages in the office's languages; holds the engines, so there is one a process."""

    engines: tuple[Engine, ...]  #: The one for clean print first.
    languages: tuple[str, ...]  #: ISO 639-1, the usual one first.
    detector: Detector = field(repr=False)

    def read(self, page: Image.Image, *, turn: int | None = None) -> Reading:
        """Recognise a grey page; `turn`: degrees counter-clockwise that set it upright, where that is known already."""
        found = treatments.ink(page)
        if treatments.is_blank(found) or not self.engines:
            return Reading()
        if turn is None:
            turn = 90 if treatments.lies_sideways(found) else 0
            picture = _level(page, turn)
            seen = self._upright(picture)
        else:
            seen = self._best(_level(page, turn))
        return self._in_its_language(seen)

    def _upright(self, picture: Image.Image) -> "_Seen":
        """Read the picture, and the other ways round as long as nothing much is seen."""
        engine = self._engine_for(picture)
        seen = self._quick(picture, engine)
        for turn in seen.recognised.other_turns:
            if seen.recognised.confidence >= engine.hopeless:
                break
            turned = self._quick(picture.rotate(turn, expand=True), engine)
            if turned.recognised.amount > _CLEARLY * seen.recognised.amount:
                seen = turned
        return self._better(seen)

    def _best(self, picture: Image.Image) -> "_Seen":
        return self._better(self._quick(picture, self._engine_for(picture)))

    def _engine_for(self, picture: Image.Image) -> Engine:
        """Clean print for the first engine, photographs and receipts for the last."""
        is_print = min(picture.size) >= _SMALL and treatments.is_evenly_lit(picture)
        return self.engines[0] if is_print else self.engines[-1]

    def _quick(self, picture: Image.Image, engine: Engine) -> "_Seen":
        return _Seen(picture=picture, engine=engine, recognised=engine.read(picture, self.languages[0]))

    def _better(self, seen: "_Seen") -> "_Seen":
        """Look again in other ways until a reading is sure; the one that gives most is kept."""
        if seen.is_sure and _covers_the_ink(seen):
            return seen
        return max((seen, *self._other_looks(seen)), key=lambda look: look.recognised.amount)

    def _other_looks(self, seen: "_Seen") -> Iterator["_Seen"]:
        last = self.engines[-1]
        if last is not seen.engine:
            yield self._quick(seen.picture, last)
        elif isinstance(last, Tesseract):
            picture = treatments.enlarged(treatments.even_light(seen.picture))
            for one_block in (False, True):
                recognised = last.read(picture, self.languages[0], one_block=one_block)
                yield _Seen(picture=picture, engine=last, recognised=recognised, one_block=one_block)

    def _in_its_language(self, seen: "_Seen") -> Reading:
        """Read again in the language that the words are in, if that is another one and the engine becomes surer."""
        recognised, usual = seen.recognised, self.languages[0]
        language = self.detector.detect(recognised.text)
        if language and language != usual and seen.engine.one_language:
            again = seen.engine.read(seen.picture, language, one_block=seen.one_block)
            if again.confidence >= recognised.confidence:
                recognised = again
        kept = _spelt(_without_dust(recognised), language or usual)
        return Reading(text=kept.text, words=kept.words, language=language)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One reading, and how it came about."""

    picture: Image.Image  #: Upright and level, as the engine was given it.
    engine: Engine
    recognised: Recognised
    one_block: bool = False

    @property
    def is_sure(self) -> bool:
        return self.recognised.confidence >= self.engine.sure


def _covers_the_ink(seen: _Seen) -> bool:
    """Whether words were read where the ink is; an engine may be sure of the few lines that it noticed."""
    picture = seen.picture
    if not treatments.is_evenly_lit(picture):
        return True  # shadows and tables count as ink
    rows, columns = treatments.without_rules(treatments.ink(picture))
    factor = treatments.smaller_by(picture)
    covered = np.zeros((picture.height // factor + 2, picture.width // factor + 2), dtype=bool)
    for word in seen.recognised.words:
        covered[word.top // factor : word.bottom // factor + 1, word.left // factor : word.right // factor + 1] = True
    return bool(covered[rows, columns].sum() >= _COVERED * len(rows))


def _level(page: Image.Image, turn: int) -> Image.Image:
    return treatments.level(treatments.turned(page, turn) if turn else page)


def _without_dust(recognised: Recognised) -> Recognised:
    """Leave out lines that are hardly likely to be words."""
    lines = (Recognised(tuple(line)) for _, line in groupby(recognised.words, key=lambda word: word.line))
    return Recognised(tuple(word for line in lines if line.confidence >= _DUST for word in line.words))


def _spelt(recognised: Recognised, language: str) -> Recognised:
    """Use the letters people write: in Romanian a comma below, and a breve that was taken for a tilde."""
    if language != "ro":
        return recognised
    return Recognised(tuple(replace(word, text=word.text.translate(_ROMANIAN)) for word in recognised.words))


@cache
def recogniser(languages: tuple[str, ...], choice: Choice = "auto") -> Recogniser:
    """Make the reader of this process; where no engine is installed it reads nothing."""
    return Recogniser(engines=tuple(_engines(choice, languages[0])), languages=languages, detector=Detector(languages))


def _engines(choice: Choice, language: str) -> Sequence[Engine]:
    tesseract = Tesseract.find(language) if choice != "rapidocr" else None
    rapid = RapidOcr.find() if choice != "tesseract" else None
    return [engine for engine in (tesseract, rapid) if engine is not None]

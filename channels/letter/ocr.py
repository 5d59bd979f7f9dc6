"""Recognising a page: the right engine, way up, treatment and language, in as few looks as it takes."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from math import sqrt
from typing import Literal

import numpy as np
from PIL import Image

from channels.letter import spelling, treatments
from channels.letter.engines import Engine, Recognised, Word
from channels.letter.languages import Detector
from channels.letter.rapid import MOST_PIXELS, Layout, RapidOcr
from channels.letter.sight import Sight
from channels.letter.tesseract import Tesseract

Choice = Literal["auto", "tesseract", "rapidocr"]

_SMALL = 1000  #: Pixels of the shorter side below which letters are small, as on a receipt.
_SURE = 91.0  #: Confidence from which a reading by Tesseract needs no second one.
_VERY_SURE = 93.0  #: And from which English read with another language's data needs none in its own.
_COVERED = 0.8  #: Share of the ink that words must cover; else lines were passed over.
_FAR_LESS = 0.5  #: Of the letters another engine read.
_MORE = 1.3  #: Times as much another way round must give.
_DUST = 40.0  #: Mean confidence below which a line is a smudge, a logo or a signature.
_LINE = 32  #: Pixels that a small line is to be high.
_SMALLEST = 14.5  #: Pixels of a line's height, as photographed, below which one word in three is misread.
_MOST_ENLARGED = 2.5
_TILTED = 0.7  #: Degrees from which a photograph is set level.
_MARGIN = 0.25  #: Of its size that is left on each side of what is cut out of a photograph.


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One page, recognised."""

    text: str = ""
    words: tuple[Word, ...] = ()
    sight: Sight | None = None  #: What the words stand on, and the way from there to the page.
    language: str | None = None
    confidence: float = 100.0  #: 0 to 100, as the engine sees itself.
    is_doubtful: bool = False  #: Whether a person has to read it, because no engine could.


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """Reads pages in the office's languages; holds the engines, so there is one a process."""

    tesseract: Tesseract | None
    rapid: RapidOcr | None
    languages: tuple[str, ...]  #: ISO 639-1, the usual one first.
    detector: Detector = field(repr=False)

    @property
    def can_read(self) -> bool:
        """Whether any engine is installed."""
        return self.tesseract is not None or self.rapid is not None

    def read(self, page: Image.Image, *, turn: int | None = None) -> Reading:
        """Recognise a grey page; `turn`: degrees counter-clockwise that set it upright, where that is known already."""
        seen = self._as_print(page, turn)
        if seen is None and treatments.is_bare(page):
            return Reading()
        if self.rapid is not None and not (seen and self._is_sure(seen.recognised) and _covers_the_ink(seen)):
            seen = self._fuller(seen, _Photograph(self.rapid, self.languages[0]).read(page, turn=turn))
        return self._in_its_language(seen) if seen else Reading()

    def _as_print(self, page: Image.Image, turn: int | None) -> "_Seen | None":
        """Let Tesseract read what may be clean print, and everything where it is alone; None if there is no ink."""
        if self.tesseract is None or (self.rapid is not None and not _is_print(page)):
            return None
        found = treatments.ink(page)
        if treatments.is_blank(found):
            return None
        print_ = _Print(self.tesseract, self.languages[0])
        return print_.read(Sight.of(page), found, turn=turn, alone=self.rapid is None)

    def _is_sure(self, recognised: Recognised) -> bool:
        """Whether clean print was read in a language of the office: of another, Tesseract is sure and wrong."""
        return recognised.confidence >= _SURE and not self.detector.is_foreign(recognised.text)

    def _fuller(self, seen: "_Seen | None", again: "_Seen | None") -> "_Seen | None":
        """Take the second engine's reading, unless it passed over most of what the first was fairly sure of."""
        if seen is None or again is None:
            return again or seen
        is_short = again.recognised.letters < _FAR_LESS * _without_dust(seen.recognised).letters
        return seen if is_short and not seen.is_doubtful else again

    def _in_its_language(self, seen: "_Seen") -> Reading:
        """Read again in the language that the words are in, if that makes a difference."""
        recognised = seen.recognised
        language = self.detector.detect(recognised.text)
        if language and self.tesseract is not None:
            if seen.engine is not self.tesseract:
                recognised = self._with_its_marks(seen, language)
            elif language != self.languages[0] and (language != "en" or recognised.confidence < _VERY_SURE):
                again = self.tesseract.read(seen.picture, language, one_block=seen.one_block)
                recognised = again if again.confidence >= recognised.confidence else recognised
        kept = spelling.spelt(_without_dust(recognised), language)
        return Reading(
            text=kept.text,
            words=kept.words,
            sight=seen.sight,
            language=language,
            confidence=recognised.confidence,
            is_doubtful=not kept.words or seen.is_small or recognised.confidence < seen.engine.unsure,
        )

    def _with_its_marks(self, seen: "_Seen", language: str) -> Recognised:
        """Let Tesseract's data of the language say which letters carry marks; RapidOCR forgets some."""
        if self.tesseract is None or language not in spelling.MARKED or not self.tesseract.knows(language):
            return seen.recognised
        picture = seen.picture if treatments.is_evenly_lit(seen.picture) else treatments.even_light(seen.picture)
        return spelling.marked(seen.recognised, self.tesseract.read(picture, language))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One reading, and how it came about."""

    sight: Sight  #: Upright and level, as the engine was given it.
    recognised: Recognised
    engine: Engine
    one_block: bool = False
    is_small: bool = False  #: Whether its letters were too small to be told apart, however sure the engine is.
    ink: treatments.Ink | None = None  #: Of the picture, where it was found already.

    @property
    def picture(self) -> Image.Image:
        """What the engine was given."""
        return self.sight.picture

    @property
    def is_doubtful(self) -> bool:
        """Whether other treatments are worth their time."""
        return self.recognised.confidence < self.engine.doubtful


@dataclass(frozen=True, slots=True)
class _Print:
    """How a page from a scanner is read by Tesseract."""

    engine: Tesseract
    language: str

    def read(self, page: Sight, found: treatments.Ink, *, turn: int | None, alone: bool) -> _Seen:
        """Read it level; `alone`: there is no better engine, so other ways and treatments are tried here."""
        is_sideways, skew = treatments.lie(found)
        upright = (90 if is_sideways else 0) if turn is None else turn
        sight = page.turned(upright).straightened(skew)
        seen = replace(self._quick(sight), ink=found if sight is page else None)
        if turn is None and seen.is_doubtful:
            seen = self._upright(seen, turns=(180, 90, 270) if alone else (180,))
        if not alone or (seen.recognised.confidence >= _SURE and _covers_the_ink(seen)):
            return seen
        return max((seen, *self._treated(seen.sight)), key=lambda look: look.recognised.amount)

    def _quick(self, sight: Sight) -> _Seen:
        return _Seen(sight=sight, engine=self.engine, recognised=self.engine.read(sight.picture, self.language))

    def _upright(self, seen: _Seen, *, turns: tuple[int, ...]) -> _Seen:
        best = seen
        for turn in turns:
            turned = self._quick(seen.sight.turned(turn))
            if turned.recognised.amount > _MORE * best.recognised.amount:
                best = turned
            if not best.is_doubtful:
                break
        return best

    def _treated(self, sight: Sight) -> Iterator[_Seen]:
        lit = sight.treated(treatments.even_light(sight.picture)).enlarged()
        for one_block in (False, True):
            recognised = self.engine.read(lit.picture, self.language, one_block=one_block)
            yield _Seen(sight=lit, engine=self.engine, recognised=recognised, one_block=one_block)


@dataclass(frozen=True, slots=True)
class _Photograph:
    """How a photograph, a receipt or anything difficult is read by RapidOCR."""

    engine: RapidOcr
    language: str

    def read(self, page: Image.Image, *, turn: int | None) -> _Seen | None:
        """Look where the lines are, cut them out, set them level, and read; None if there is no line."""
        layout = self.engine.look(page)
        if layout is None:
            return None
        sight = _cut_out(Sight.of(page), layout, turn=turn)
        seen = self._quick(sight)
        if seen.is_doubtful:
            seen = max((seen, *self._treated(sight, turn)), key=lambda look: look.recognised.amount)
        return replace(seen, is_small=layout.height < _SMALLEST)

    def _quick(self, sight: Sight) -> _Seen:
        return _Seen(sight=sight, engine=self.engine, recognised=self.engine.read(sight.picture, self.language))

    def _treated(self, sight: Sight, turn: int | None) -> Iterator[_Seen]:
        yield self._quick(sight.treated(treatments.even_light(sight.picture)))
        if turn is None:
            yield self._quick(sight.turned(180))


def _is_print(page: Image.Image) -> bool:
    """Whether a page may be clean print from a scanner, no photograph and no receipt."""
    return min(page.size) >= _SMALL and treatments.is_evenly_lit(page)


def _cut_out(sight: Sight, layout: Layout, *, turn: int | None) -> Sight:
    """Set the lines level and at a readable size; if the page is too large for that, cut them out of it."""
    factor = min(_MOST_ENLARGED, _LINE / max(1.0, layout.height))
    page = sight.picture
    if page.width * page.height * factor**2 > MOST_PIXELS:
        sight = sight.cut(_around(layout, page))
    sight = sight.turned(layout.turn if turn is None else turn)
    if abs(layout.tilt) >= _TILTED:
        sight = sight.turned(layout.tilt)
    width, height = sight.picture.size
    return sight.scaled(min(factor, sqrt(MOST_PIXELS / (width * height))))


def _around(layout: Layout, page: Image.Image) -> tuple[int, int, int, int]:
    """A box with margins: the quick look may have passed over lines at the edges."""
    left, top, right, bottom = layout.box
    across, down = (round(_MARGIN * side + 3 * layout.height) for side in (right - left, bottom - top))
    return max(0, left - across), max(0, top - down), min(page.width, right + across), min(page.height, bottom + down)


def _covers_the_ink(seen: _Seen) -> bool:
    """Whether words were read where the ink is; an engine may be sure of the few lines that it noticed."""
    picture = seen.picture
    rows, columns = treatments.without_rules(seen.ink or treatments.ink(picture))
    factor = treatments.smaller_by(picture)
    covered = np.zeros((picture.height // factor + 2, picture.width // factor + 2), dtype=bool)
    for word in seen.recognised.words:
        covered[word.top // factor : word.bottom // factor + 1, word.left // factor : word.right // factor + 1] = True
    return bool(covered[rows, columns].sum() >= _COVERED * len(rows))


def _without_dust(recognised: Recognised) -> Recognised:
    """Leave out lines that are hardly likely to be words."""
    lines = (Recognised(tuple(line)) for _, line in groupby(recognised.words, key=lambda word: word.line))
    return Recognised(tuple(word for line in lines if line.confidence >= _DUST for word in line.words))


@cache
def recogniser(languages: tuple[str, ...], choice: Choice = "auto") -> Recogniser:
    """Make the reader of this process; where no engine is installed it reads nothing."""
    return Recogniser(
        tesseract=Tesseract.find(languages[0]) if choice != "rapidocr" else None,
        rapid=RapidOcr.find() if choice != "tesseract" else None,
        languages=languages,
        detector=Detector(languages),
    )

"""The two engines that recognise letters on a picture, behind one interface: Tesseract and RapidOCR."""

import importlib.util
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from math import sqrt
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import numpy as np
from PIL import Image

from channels.letter import treatments

_TESSERACT_NAMES = {
    "ro": "ron", "en": "eng", "de": "deu", "fr": "fra", "hu": "hun", "it": "ita", "es": "spa", "bg": "bul", "pl": "pol",
}  # fmt: skip  # one row reads better than nine
_PATIENCE = 8_000  #: Milliseconds for one look; noise that looks like letters takes minutes.
_MODELS = {
    "Det.model_path": "PP-OCRv6_det_small.onnx",
    "Rec.model_path": "PP-OCRv6_rec_small.onnx",
    "Cls.model_path": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}
_RAPID_PARAMETERS: dict[str, Any] = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Det.max_candidates": 400,  # noise looks like a thousand lines
    "Global.max_side_len": 8000,  # we shrink by area: a receipt is long and its letters are small
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # there is a process for every core already
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
_MOST_PIXELS = 3_200_000  #: That RapidOCR is given; an A4 page then has 185 dots an inch.


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
    other_turns: tuple[int, ...] = ()  #: Degrees by which the picture might have to be turned, if this was little.

    @property
    def text(self) -> str:
        """Lines as they were printed, with an empty line between paragraphs."""
        paragraphs = groupby(self.words, key=lambda word: word.paragraph)
        return "\n\n".join("\n".join(_lines(words)) for _, words in paragraphs)

    @property
    def confidence(self) -> float:
        """Mean confidence, long words counting more; 0 if there is no word."""
        letters = sum(len(word.text) for word in self.words)
        return sum(word.confidence * len(word.text) for word in self.words) / letters if letters else 0.0

    @property
    def amount(self) -> float:
        """How much was read with confidence: what tells a good reading from a short one."""
        return sum(max(0.0, word.confidence - 50) * len(word.text) for word in self.words)


class Engine(Protocol):
    """Something that recognises letters."""

    sure: float  #: Confidence from which a reading of this engine needs no second one.
    hopeless: float  #: Confidence below which a page may well stand on its head.
    one_language: bool  #: Whether it reads another language better when told so.

    def read(self, picture: Image.Image, language: str, *, one_block: bool = False) -> Recognised:
        """Read a grey picture in one language (ISO 639-1); `one_block`: lines of one column, as on a receipt."""


class Tesseract:
    """Tesseract through tesserocr: the better one on clean print, as long as it has the language's data."""

    sure, hopeless = 92.0, 75.0
    one_language = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._apis: dict[str, Any] = {}

    @staticmethod
    def find(language: str) -> "Tesseract | None":
        """Give the engine if it is installed with the data of `language`."""
        if importlib.util.find_spec("tesserocr") is None:
            return None
        wanted = f"{_TESSERACT_NAMES.get(language, language)}.traineddata"
        return next((Tesseract(folder) for folder in _tessdata() if (folder / wanted).is_file()), None)

    def read(self, picture: Image.Image, language: str, *, one_block: bool = False) -> Recognised:
        """Read with the layout analysis of Tesseract, or line by line."""
        import tesserocr

        api = self._api(language)
        api.SetPageSegMode(tesserocr.PSM.SINGLE_BLOCK if one_block else tesserocr.PSM.AUTO)
        api.SetImage(treatments.without_grain(picture))
        api.SetSourceResolution(300)
        if not api.Recognize(_PATIENCE):
            return Recognised()
        return Recognised(tuple(_tesseract_words(api)), other_turns=(180, 90, 270))

    def _api(self, language: str) -> Any:
        import tesserocr

        name = _TESSERACT_NAMES.get(language, language)
        if not (self._folder / f"{name}.traineddata").is_file():
            name = next(path.stem for path in sorted(self._folder.glob("[!o]*.traineddata")))
        if name not in self._apis:
            self._apis[name] = tesserocr.PyTessBaseAPI(path=str(self._folder), lang=name)
            self._apis[name].SetVariable("debug_file", os.devnull)
        return self._apis[name]


class RapidOcr:
    """RapidOCR, whole in its package: the better one on photographs, small and faint print."""

    sure = hopeless = 90.0
    one_language = False

    @staticmethod
    def find() -> "RapidOcr | None":
        """Give the engine if it is installed with its models; nothing is ever downloaded."""
        if importlib.util.find_spec("onnxruntime") is None:
            return None
        models = _models()
        return RapidOcr() if models and all(Path(path).is_file() for path in models.values()) else None

    def read(self, picture: Image.Image, language: str, *, one_block: bool = False) -> Recognised:  # noqa: ARG002 - Engine: it finds lines by itself
        """Read every line that is found; the model knows all Latin languages at once."""
        shrink = min(1.0, sqrt(_MOST_PIXELS / (picture.width * picture.height)))
        size = (max(1, round(picture.width * shrink)), max(1, round(picture.height * shrink)))
        grey = np.asarray(picture.resize(size, Image.Resampling.BOX) if shrink < 1 else picture)
        found = self._engine(np.stack([grey] * 3, axis=-1))
        if found.boxes is None or not found.txts:
            return Recognised()
        if _stands_on_its_side(found.boxes, found.txts):
            return Recognised(other_turns=(90, 270))
        return Recognised(tuple(_rapid_words(found.boxes / shrink, found.txts, found.scores)), other_turns=(180,))

    @cached_property
    def _engine(self) -> Any:
        from rapidocr import RapidOCR

        return RapidOCR(params=_RAPID_PARAMETERS | _models())


def _tessdata() -> Iterator[Path]:
    """Folders where Tesseract's language data may be, the appointed one first."""
    appointed = os.environ.get("TESSDATA_PREFIX")  # Tesseract's own switch, not a setting of ours
    if appointed:
        yield from (Path(appointed), Path(appointed) / "tessdata")
    for root in (Path("/usr/share/tesseract-ocr"), Path("/usr/share/tessdata"), Path("/usr/local/share/tessdata")):
        yield from (root, *sorted(root.glob("*/tessdata"), reverse=True))


def _models() -> dict[str, str]:
    package = importlib.util.find_spec("rapidocr")
    if package is None or package.origin is None:
        return {}
    folder = Path(package.origin).parent / "models"
    return {key: str(folder / name) for key, name in _MODELS.items()}


def _lines(words: Iterator[Word]) -> Iterator[str]:
    for _, line in groupby(words, key=lambda word: word.line):
        yield " ".join(word.text for word in line)


def _tesseract_words(api: Any) -> Iterator[Word]:
    from tesserocr import RIL, iterate_level

    line = paragraph = 0
    found = api.GetIterator()
    for at in iterate_level(found, RIL.WORD) if found else ():
        if at.Empty(RIL.WORD):
            continue
        paragraph += at.IsAtBeginningOf(RIL.PARA)
        line += at.IsAtBeginningOf(RIL.TEXTLINE)
        text = _shown(at.GetUTF8Text(RIL.WORD))
        if text:
            left, top, right, bottom = at.BoundingBox(RIL.WORD)
            yield Word(
                text=text, confidence=at.Confidence(RIL.WORD), line=line, paragraph=paragraph,
                left=left, top=top, right=right, bottom=bottom,
            )  # fmt: skip  # four corners belong together


def _rapid_words(boxes: Any, texts: Any, scores: Any) -> Iterator[Word]:
    """Put the pieces that were found into rows, from left to right; each piece is one word with blanks in it."""
    pieces = []
    for box, text, score in zip(boxes, texts, scores, strict=True):
        (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
        pieces.append((int(left), int(top), int(right), int(bottom), _shown(text), score * 100))
    rows = _rows(sorted(piece for piece in pieces if piece[4]))
    usual = median(bottom - top for _, top, _, bottom, *_ in pieces)
    paragraph, last = 0, None
    for line, row in enumerate(rows):
        top = min(piece[1] for piece in row)
        paragraph += last is not None and top - last > 0.8 * usual
        last = max(piece[3] for piece in row)
        for left, high, right, low, text, score in row:
            yield Word(
                text=text, confidence=float(score), line=line, paragraph=paragraph,
                left=left, top=high, right=right, bottom=low,
            )  # fmt: skip  # four corners belong together


def _stands_on_its_side(boxes: Any, texts: Any) -> bool:
    """Whether most of what was found runs up or down: it was read, but in no sensible order."""
    tall = 0
    for box, text in zip(boxes, texts, strict=True):
        width, height = box.max(axis=0) - box.min(axis=0)
        tall += len(text) if height > width else -len(text)
    return tall > 0


Piece = tuple[int, int, int, int, str, float]


def _rows(pieces: list[Piece]) -> list[list[Piece]]:
    """Group pieces by height on the page: one belongs to the row whose last piece it mostly stands beside."""
    rows: list[list[Piece]] = []
    for piece in pieces:
        middle, height = (piece[1] + piece[3]) / 2, piece[3] - piece[1]
        near = (row for row in rows if abs((row[-1][1] + row[-1][3]) / 2 - middle) < height / 2)
        beside = [row for row in near if row[-1][2] - height < piece[0]]
        if beside:
            min(beside, key=lambda row: abs((row[-1][1] + row[-1][3]) / 2 - middle)).append(piece)
        else:
            rows.append([piece])
    return sorted(rows, key=lambda row: sum(piece[1] + piece[3] for piece in row) / len(row))


def _shown(text: str) -> str:
    """Leave out what no paper shows, and use an x between quantity and price."""
    return re.sub(r"[\x00-\x1f\u200b-\u200f\u202a-\u202e]", "", text.replace("×", "x")).strip()

"""RapidOCR, whole in its package: the better engine on photographs, receipts, faint print and foreign languages."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import atan2, degrees, hypot, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from channels.letter import rows
from channels.letter.engines import Recognised, shown
from channels.letter.rows import Piece

_MODELS = {
    "Det.model_path": "PP-OCRv6_det_small.onnx",
    "Rec.model_path": "PP-OCRv6_rec_small.onnx",
    "Cls.model_path": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}
_PARAMETERS: dict[str, Any] = {
    "Global.log_level": "critical",
    "Det.max_candidates": 400,  # noise looks like a thousand lines
    "Global.max_side_len": 8000,  # we shrink by area: a receipt is long and its letters are small
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # there is a process for every core already
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
MOST_PIXELS = 3_200_000  #: That it is given; an A4 page then has 185 dots an inch.
_LOOK_PIXELS = 700_000  #: On which it is asked where lines are, without reading them.
_SLIMMEST = 8  #: Times as long as wide; a slimmer picture is given margins, for its short side is made 736 pixels.
_LOOKED_AT = 8  #: Lines that are asked whether they stand on their head.
_LONG = 3.0  #: Times its height; a shorter line does not tell which way it runs.
_FEW = 4  #: Signs, from which the usual step between two is known.
_FAR = 2.5  #: Times the usual step; signs so far apart are two words, as on a bill.
_BLANK = 0.03  #: Chance of a blank from which it is one, though no blank is likelier: it is trained on Chinese.


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the lines of a picture are, and how they lie."""

    box: tuple[int, int, int, int]  #: Left, top, right, bottom of all lines.
    turn: int = 0  #: Degrees counter-clockwise (0, 90, 180, 270) that set it upright.
    tilt: float = 0.0  #: The few degrees more that set its lines level.
    height: float  #: Of a small line, in pixels.


class RapidOcr:
    """Finds each line and reads it; the model knows all Latin alphabets at once."""

    doubtful = 88.0
    unsure = 94.0

    @staticmethod
    def find() -> "RapidOcr | None":
        """Give the engine if it is installed with its models; nothing is ever downloaded."""
        if importlib.util.find_spec("onnxruntime") is None:
            return None
        models = _models()
        return RapidOcr() if models and all(Path(path).is_file() for path in models.values()) else None

    def look(self, picture: Image.Image) -> Layout | None:
        """Find the lines without reading them, which is quick; None if there is none."""
        small = _at_most(picture, _LOOK_PIXELS)
        found = self._engine(_three_colours(small), use_det=True, use_cls=False, use_rec=False)
        if found.boxes is None or not len(found.boxes):
            return None
        boxes = np.asarray(found.boxes, dtype=np.float64) * (picture.width / small.width)
        heads_up = self._stands_on_its_head(picture, boxes)
        return _layout(boxes, picture, on_its_head=heads_up)

    def read(self, picture: Image.Image, language: str) -> Recognised:  # noqa: ARG002 - Engine: one model for all
        """Read every line that is found."""
        fitted = _at_most(picture, MOST_PIXELS)
        found = self._engine(_three_colours(fitted), use_det=True, use_cls=False, use_rec=True)
        if found.boxes is None or not found.txts:
            return Recognised()
        scale = picture.width / fitted.width
        pieces = [
            _piece(np.asarray(box, dtype=np.float64) * scale, text, float(score) * 100)
            for box, text, score in zip(found.boxes, map(shown, found.txts), found.scores, strict=True)
            if text
        ]
        return Recognised(tuple(rows.words(pieces)))

    def _stands_on_its_head(self, picture: Image.Image, boxes: NDArray[np.float64]) -> bool:
        """Ask the longest lines."""
        longest = sorted(boxes, key=lambda box: -max(_sides(box)))[:_LOOKED_AT]
        answers = [self._engine(_cut_out(picture, box), use_det=False, use_cls=True, use_rec=False) for box in longest]
        votes = [1 if answer.cls_res[0][0] == "180" else -1 for answer in answers if answer.cls_res]
        return sum(votes) > 0

    @cached_property
    def _engine(self) -> Any:
        from rapidocr import RapidOCR

        engine = RapidOCR(params=_PARAMETERS | _models())
        engine(np.full((48, 96, 3), 255, np.uint8), use_det=False, use_cls=False, use_rec=True)  # loads the model
        recogniser: Any = engine.text_rec
        recogniser.postprocess_op = _Decoder(recogniser.postprocess_op.character)
        return engine


class _Decoder:
    """Makes text of the model's chances, step by step along a line (connectionist temporal classification).

    Its own decoder takes the likeliest sign of each step, and so leaves out blanks that are likely enough: "2 x 4.50"
    becomes "2x4.50". In a number, no blank is put in.
    """

    def __init__(self, signs: Sequence[str]) -> None:
        self._signs = signs
        self._blank = list(signs).index(" ")

    def __call__(self, chances: NDArray[np.float32], *_: Any, **__: Any) -> tuple[list[tuple[str, float]], list[None]]:
        """Give text and confidence (0 to 1) of each line."""
        lines = [self._line(line) for line in chances]
        return lines, [None] * len(lines)

    def _line(self, chances: NDArray[np.float32]) -> tuple[str, float]:
        best = chances.argmax(axis=1)
        starts = np.flatnonzero((best != 0) & (best != np.concatenate(([0], best[:-1]))))
        if not len(starts):
            return "", 0.0
        usual = float(np.median(np.diff(starts))) if len(starts) > _FEW else np.inf
        text, end = "", 0
        for start in starts:
            sign = self._signs[best[start]]
            is_likely = chances[end:start, self._blank].max(initial=0) > _BLANK and _may_part(text[-1:], sign)
            if text and (is_likely or (start - end > _FAR * usual and " " not in (text[-1], sign))):
                text += " "
            text += sign
            end = int(start)
        return text, float(chances[starts, best[starts]].mean())


def _may_part(left: str, right: str) -> bool:
    """Whether a blank may stand between two signs that the model wrote together."""
    if " " in (left, right):
        return False
    return _is_of_a_word(left) and _is_of_a_word(right) and not (left.isdigit() and right.isdigit())


def _is_of_a_word(sign: str) -> bool:
    return sign.isalnum() or sign == "×"


def _models() -> dict[str, str]:
    package = importlib.util.find_spec("rapidocr")
    if package is None or package.origin is None:
        return {}
    folder = Path(package.origin).parent / "models"
    return {key: str(folder / name) for key, name in _MODELS.items()}


def _at_most(picture: Image.Image, pixels: int) -> Image.Image:
    """Make a picture smaller."""
    shrink = sqrt(pixels / (picture.width * picture.height))
    if shrink >= 1:
        return picture
    size = (max(1, round(picture.width * shrink)), max(1, round(picture.height * shrink)))
    return picture.resize(size, Image.Resampling.BOX)


def _three_colours(picture: Image.Image) -> NDArray[np.uint8]:
    grey = np.asarray(picture)
    least = -(-max(grey.shape) // _SLIMMEST)
    margins = [(0, max(0, least - side)) for side in grey.shape]
    return np.stack([np.pad(grey, margins, constant_values=255)] * 3, axis=-1)


def _sides(box: NDArray[np.float64]) -> tuple[float, float]:
    """Width and height of a box with corners from the upper left clockwise."""
    return float(hypot(*(box[1] - box[0]))), float(hypot(*(box[3] - box[0])))


def _cut_out(picture: Image.Image, box: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Straighten the beginning of a line; one that runs up or down is turned counter-clockwise."""
    width, height = (max(1, round(side)) for side in _sides(box))
    corners = box[[0, 3, 2, 1]].ravel().tolist()
    line = picture.transform((width, height), Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)
    line = line.rotate(90, expand=True) if height > width else line
    return _three_colours(line.crop((0, 0, min(line.width, _SLIMMEST * line.height), line.height)))


def _layout(boxes: NDArray[np.float64], picture: Image.Image, *, on_its_head: bool) -> Layout:
    sides = [_sides(box) for box in boxes]
    sideways = sum(height - width for width, height in sides if max(width, height) > _LONG * min(width, height)) > 0
    along = 3 if sideways else 1  # the corner at the other end of the line
    long = [
        box
        for box, (width, height) in zip(boxes, sides, strict=True)
        if max(width, height) > _LONG * min(width, height)
    ]
    angles = sorted(_angle(box[along] - box[0]) - (90 if sideways else 0) for box in long)
    left, top = (max(0, int(edge)) for edge in boxes.min(axis=(0, 1)))
    right, bottom = (int(edge) for edge in boxes.max(axis=(0, 1)))
    return Layout(
        box=(left, top, min(right, picture.width), min(bottom, picture.height)),
        turn=90 * sideways + 180 * on_its_head,
        tilt=angles[len(angles) // 2] if angles else 0.0,
        height=sorted(min(each) for each in sides)[len(sides) // 4],
    )


def _angle(vector: NDArray[np.float64]) -> float:
    return degrees(atan2(vector[1], vector[0]))


def _piece(box: NDArray[np.float64], text: str, confidence: float) -> Piece:
    (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
    run = box[1] - box[0]
    return Piece(
        text=text, confidence=confidence, left=int(left), top=int(top), right=int(right), bottom=int(bottom),
        height=max(1.0, _sides(box)[1]), slope=float(run[1] / run[0]) if abs(run[0]) > abs(run[1]) else 0.0,
    )  # fmt: skip  # four corners belong together

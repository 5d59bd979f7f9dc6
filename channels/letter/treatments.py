"""What is done to the picture of a page before it is read: straightened, evenly lit, freed from grain, enlarged."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from math import ceil, cos, radians, sin
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image, ImageFilter

_LOOK = 1000  #: Pixels of the longer side on which a page is judged.
_MOST_SKEW = 15.0  #: Degrees; a page lying more crookedly than that was not scanned.
_FAINTEST = 0.7  #: Of the paper's brightness: what is lighter on a page without ink is grain.
_RULE = 25  #: Pixels of a judged page; no stroke of a letter is that long.
_STRAIGHT = 0.25  #: Degrees; turning by less only blurs and takes time.
_INK = 150  #: Grey below which an evenly lit pixel is ink.
_BARE = 0.92  #: Of the paper's brightness: print that is lighter cannot be read by anybody.
_LEAST_INK = 60  #: Pixels of a judged page; fewer are specks of dust.
_ENOUGH_INK = 12_000  #: Pixels that tell an angle to half a degree.
_LIGHT_GRAIN, _HEAVY_GRAIN = 3.0, 14.0
_FINE = 2000  #: Pixels of the shorter side; the letters of a finer page lose nothing to a quicker way of turning.
_LEAST_GRAIN, _MOST_GRAIN = 10.0, 70.0  #: How much darker than paper still is paper.
_PAPER = 80  #: Pixels of the shorter side on which only the paper is left to see.
_SAMPLED = 150  #: Rows that tell how grainy a page is.
_READABLE_WIDTH = 1800  #: Pixels; on a narrower photograph the letters of a receipt are too small.
_MOST_ENLARGED = 2.5

Grey = NDArray[np.uint8]
Ink = tuple[NDArray[np.intp], NDArray[np.intp]]  #: Rows and columns of the dark pixels.


def ink(page: Image.Image) -> Ink:
    """Find what is dark for its surroundings, on a page made smaller to about 1,000 pixels.

    Of a photograph only the middle counts: around it lies the table on which the paper was put.
    """
    small = page.reduce(smaller_by(page))
    if not is_evenly_lit(small):
        across, down = small.width // 5, small.height // 5
        small = small.crop((across, down, small.width - across, small.height - down))
    if grain(small) > _LIGHT_GRAIN:
        small = _median(small)
    rows, columns = np.nonzero(np.asarray(even_light(small, faintest=_FAINTEST)) < _INK)
    return rows, columns


def smaller_by(page: Image.Image) -> int:
    """By what factor a page is made smaller before it is judged."""
    return max(1, max(page.size) // _LOOK)


def without_rules(found: Ink) -> Ink:
    """Leave out the lines of tables and frames, which no engine reads: ink that goes on straight for long."""
    rows, columns = found
    marks = np.zeros((rows.max(initial=0) + 1, columns.max(initial=0) + 1), dtype=bool)
    marks[rows, columns] = True
    kept_rows, kept_columns = np.nonzero(marks & ~_long_runs(marks) & ~_long_runs(marks.T).T)
    return kept_rows, kept_columns


def _long_runs(marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark what lies in a run of at least 25 dark pixels along a row."""
    if marks.shape[1] < _RULE:
        return np.zeros_like(marks)
    starts = np.all(sliding_window_view(marks, _RULE, axis=1), axis=-1)
    padded = np.pad(starts, ((0, 0), (_RULE - 1, _RULE - 1)))
    runs: NDArray[np.bool_] = np.any(sliding_window_view(padded, _RULE, axis=1), axis=-1)
    return runs


def is_blank(found: Ink) -> bool:
    """Whether there is no ink worth reading."""
    return len(found[0]) < _LEAST_INK


def is_bare(page: Image.Image) -> bool:
    """Whether there is nothing on a page at all, not even the faintest print; grain may hide that it is."""
    small = _median(page.reduce(smaller_by(page)))
    lit = np.asarray(small, dtype=np.float32) / _light(small)
    return int(np.count_nonzero(lit < _BARE)) < _LEAST_INK


def skew(found: Ink) -> tuple[float, float]:
    """Degrees to turn a page counter-clockwise so that its lines lie level, and how clearly they then stand apart.

    The right angle is the one at which the ink falls into the fewest rows (projection profile).
    """
    rows, columns = found
    some, few = (places[:: 1 + len(rows) // _ENOUGH_INK] for places in found)
    coarse = max(np.arange(-_MOST_SKEW, _MOST_SKEW + 0.1, 0.5), key=lambda angle: _sharpness(some, few, angle))
    fine = max(np.arange(coarse - 0.5, coarse + 0.51, 0.05), key=lambda angle: _sharpness(rows, columns, angle))
    return float(fine), _sharpness(rows, columns, float(fine))


def lie(found: Ink) -> tuple[bool, float]:
    """Say whether the lines of a page run from top to bottom, and the few degrees that set it straight."""
    rows, columns = found
    (along, clear), (across, clearer) = skew(found), skew((columns, rows))
    return (False, along) if clear >= clearer else (True, -across)


def level(page: Image.Image) -> Image.Image:
    """Turn a crooked page by its few degrees, whichever way its lines run."""
    found = ink(page)
    return page if is_blank(found) else straightened(page, lie(found)[1])


def straightened(page: Image.Image, degrees: float) -> Image.Image:
    """Turn a page by a few degrees, if that is worth it."""
    return turned(page, degrees) if is_crooked(degrees) else page


def is_crooked(degrees: float) -> bool:
    """Whether turning by so little is worth what it blurs."""
    return abs(degrees) > _STRAIGHT


def _sharpness(rows: NDArray[np.intp], columns: NDArray[np.intp], angle: float) -> float:
    slope = float(np.tan(np.radians(angle)))
    levels = np.round(rows - columns * slope).astype(np.int64)
    profile = np.bincount(levels - levels.min())
    return float(np.square(np.diff(profile)).sum())


def turned(page: Image.Image, degrees: float) -> Image.Image:
    """Turn a page counter-clockwise, with white corners."""
    if degrees % 90 == 0:
        return page.rotate(degrees, expand=True)
    is_fine = min(page.size) >= _FINE
    if (opencv := _opencv()) is not None:
        return _turned_by(opencv, page, degrees, opencv.INTER_LINEAR if is_fine else opencv.INTER_CUBIC)
    way = Image.Resampling.BILINEAR if is_fine else Image.Resampling.BICUBIC
    return page.rotate(degrees, way, expand=True, fillcolor=255)


@cache
def _opencv() -> Any | None:
    """It comes with RapidOCR, and turns a page in a fifth of the time that Pillow takes."""
    if not find_spec("cv2"):
        return None
    opencv = import_module("cv2")
    opencv.setNumThreads(1)  # there is a process for every core already
    return opencv


def _turned_by(opencv: Any, page: Image.Image, degrees: float, way: int) -> Image.Image:
    """Turn it about its middle, which stays the middle of the larger picture."""
    across, down = abs(cos(radians(degrees))), abs(sin(radians(degrees)))
    size = ceil(page.width * across + page.height * down), ceil(page.height * across + page.width * down)
    middle = (page.width - 1) / 2, (page.height - 1) / 2
    step = opencv.getRotationMatrix2D(middle, degrees, 1.0)
    step[:, 2] += [(new - old) / 2 for new, old in zip(size, page.size, strict=True)]
    return Image.fromarray(opencv.warpAffine(np.asarray(page), step, size, flags=way, borderValue=255))


def even_light(page: Image.Image, *, faintest: float = 0.8) -> Image.Image:
    """Divide out the light that fell on the paper, so that a shadow is no darker than the sun.

    `faintest`: what is lighter than this share of the paper is never stretched to black.
    """
    lit = np.asarray(page, dtype=np.float32) / _light(page)
    darkest = min(float(np.percentile(lit[::4, ::4], 2)), faintest)
    stretched = (lit - darkest) / (0.95 - darkest) * 255
    return Image.fromarray(np.clip(stretched, 0, 255).astype(np.uint8))


def is_evenly_lit(page: Image.Image) -> bool:
    """Whether the paper is as bright everywhere as only a flatbed scanner makes it."""
    dark, bright = np.percentile(np.asarray(_paper(page)), (5, 95))
    return bool(dark > 0.8 * bright)


def _paper(page: Image.Image) -> Image.Image:
    """The page without its letters, small: the brightest of each neighbourhood, smoothed."""
    small = page.reduce(max(1, min(page.size) // _PAPER))
    for _ in range(2):
        small = small.filter(ImageFilter.MaxFilter(5))
    return small.filter(ImageFilter.GaussianBlur(3))


def _light(page: Image.Image) -> NDArray[np.float32]:
    """How bright the paper is at each pixel."""
    paper = _paper(page).resize(page.size, Image.Resampling.BILINEAR)
    return np.maximum(np.asarray(paper, dtype=np.float32), 20)


def without_grain(page: Image.Image) -> Image.Image:
    """Smooth a page whose grain would look like letters, and make its bare paper white.

    On a nearly empty page, an engine takes grain for ink and spends minutes on it.
    """
    rough = grain(page)
    if rough >= _HEAVY_GRAIN:
        page = smoothed(page)
        rough = grain(page)
    paper = float(np.percentile(np.asarray(page)[::8, ::8], 75))
    white = max(1.0, paper - min(_MOST_GRAIN, max(_LEAST_GRAIN, 5 * rough)))
    return page.point([min(255, round(255 * grey / white)) for grey in range(256)])


def smoothed(page: Image.Image) -> Image.Image:
    """Take the grain out of a grey page at its full size."""
    return _median(page).filter(ImageFilter.GaussianBlur(1))


def _median(page: Image.Image) -> Image.Image:
    """Make each pixel the median of itself and its eight neighbours: specks go, edges stay.

    Columns of three are put in order first, so that it takes a score of passes over whole rows; Pillow's own filter
    sorts at each pixel and takes twenty-five times as long for the same picture.
    """
    padded = np.pad(np.asarray(page), 1, mode="edge")
    low, middle, high = _in_order(padded[:-2], padded[1:-1], padded[2:])
    lowest = np.maximum(np.maximum(low[:, :-2], low[:, 1:-1]), low[:, 2:])
    highest = np.minimum(np.minimum(high[:, :-2], high[:, 1:-1]), high[:, 2:])
    among = _in_order(middle[:, :-2], middle[:, 1:-1], middle[:, 2:])[1]
    return Image.fromarray(_in_order(lowest, among, highest)[1])


def _in_order(one: Grey, two: Grey, three: Grey) -> tuple[Grey, Grey, Grey]:
    """The least, the middle and the greatest of three pictures at each pixel."""
    less, more = np.minimum(one, two), np.maximum(one, two)
    middle = np.minimum(more, three)
    return np.minimum(less, middle), np.maximum(less, middle), np.maximum(more, three)


def grain(page: Image.Image) -> float:
    """How much neighbouring pixels of bare paper differ, of 255."""
    middle = np.asarray(page, dtype=np.float32)[:: max(1, page.height // _SAMPLED)]
    steps = np.abs(np.diff(middle, axis=1))
    return float(np.median(steps)) if steps.size else 0.0


def enlarged(page: Image.Image) -> Image.Image:
    """Enlarge a small photograph so that its letters are as high as an engine was trained on."""
    return scaled(page, max(1.0, min(_MOST_ENLARGED, _READABLE_WIDTH / max(1, page.width))))


def scaled(page: Image.Image, factor: float) -> Image.Image:
    """Make a page larger or smaller."""
    if factor == 1:
        return page
    size = (max(1, round(page.width * factor)), max(1, round(page.height * factor)))
    return page.resize(size, Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.BOX)

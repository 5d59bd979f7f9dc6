"""Rows of a page: pieces of text, found anywhere on a picture, put into the order in which a person reads them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from channels.letter.engines import Word

_NEW_PARAGRAPH = 0.8  #: Heights of a line between two rows.
_TWO_UP = 1.15  #: Times its height: as wide as that is a sheet on which two pages lie side by side.
_GUTTER = 0.02  #: Of the width; no line crosses the space between two pages.
_MIDDLE = (0.35, 0.65)
_LEAST_ROWS = 5  #: Of either page.
_LEAST_LETTERS = 12  #: Of a usual line on the right; prices beside goods are shorter.


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words of one row that stand together."""

    text: str
    confidence: float
    left: int
    top: int
    right: int
    bottom: int
    height: float  #: Of its letters, however it slopes.
    slope: float = 0.0  #: Pixels down for one to the right.

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle: across, down."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def words(pieces: Sequence[Piece]) -> Iterator[Word]:
    """Give the pieces as words in reading order: row by row, and page by page where two lie side by side."""
    line = paragraph = 0
    for page in _pages(pieces):
        usual = median(piece.height for piece in page)
        last: float | None = None
        for row in _rows(page):
            line += 1
            paragraph += last is None or min(piece.top for piece in row) - last > _NEW_PARAGRAPH * usual
            last = max(piece.bottom for piece in row)
            for piece in row:
                yield _word(piece, line=line, paragraph=paragraph)


def _word(piece: Piece, *, line: int, paragraph: int) -> Word:
    return Word(
        text=piece.text, confidence=piece.confidence, line=line, paragraph=paragraph,
        left=piece.left, top=piece.top, right=piece.right, bottom=piece.bottom,
    )  # fmt: skip  # four corners belong together


def _pages(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Part a sheet where nothing crosses its middle and running text stands on both sides."""
    if not pieces:
        return []
    left, right = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    width, height = right - left, max(piece.bottom for piece in pieces) - min(piece.top for piece in pieces)
    if width > _TWO_UP * height:
        for share in range(int(_MIDDLE[0] * 100), int(_MIDDLE[1] * 100)):
            at, half = left + width * share / 100, _GUTTER * width / 2
            pages = [
                [piece for piece in pieces if piece.right < at - half],
                [piece for piece in pieces if piece.left > at + half],
            ]
            if sum(map(len, pages)) == len(pieces) and all(map(_is_running_text, pages)):
                return pages
    return [list(pieces)]


def _is_running_text(pieces: Sequence[Piece]) -> bool:
    return len(pieces) >= _LEAST_ROWS and median(len(piece.text) for piece in pieces) >= _LEAST_LETTERS


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Group pieces: one belongs to the row on whose last piece's line it lies; lines may slope and bend."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda each: each.left):
        near = [(_aside(row[-1], piece), row) for row in rows if row[-1].right - piece.height < piece.left]
        beside = [(aside, at) for at, (aside, row) in enumerate(near) if aside < min(row[-1].height, piece.height) / 2]
        if beside:
            near[min(beside)[1]][1].append(piece)
        else:
            rows.append([piece])
    return sorted(rows, key=_depth)


def _aside(left: Piece, right: Piece) -> float:
    """How far above or below the line of two pieces the right one lies; a long piece knows its slope better."""
    (x, y), (across, down) = left.middle, right.middle
    one, other = left.right - left.left, right.right - right.left
    slope = (left.slope * one + right.slope * other) / max(1, one + other)
    return abs(y + slope * (across - x) - down)


def _depth(row: Sequence[Piece]) -> float:
    """Where a row lies on the page, carried to the left edge along its slope."""
    length = sum(piece.right - piece.left for piece in row) or 1
    slope = sum(piece.slope * (piece.right - piece.left) for piece in row) / length
    return sum(piece.middle[1] - slope * piece.middle[0] for piece in row) / len(row)

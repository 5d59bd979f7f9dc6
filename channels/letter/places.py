"""Where recognised words stand on their page, in thousandths of its width and height."""

from collections.abc import Iterator, Sequence

from channels.letter.ocr import Reading
from tickets.messages import PlacedWord

_THOUSAND = 1000


def placed(reading: Reading, *, text: str, start: int, page: int) -> Iterator[PlacedWord]:
    """Place the words that stand, in this order, in `text`, which begins at `start` of the whole text."""
    position, sight = 0, reading.sight
    if sight is None:
        return  # no engine was asked
    for word in reading.words:
        found = text.find(word.text, position)
        if found >= 0:
            position = found + len(word.text)
            shares = sight.shares(word.left, word.top, word.right, word.bottom)
            yield at(shares, start=start + found, end=start + position, page=page)


def at(shares: Sequence[float], *, start: int, end: int, page: int) -> PlacedWord:
    """Place one word whose left, top, right and bottom are shares of the page."""
    left, top, right, bottom = (min(_THOUSAND, max(0, round(each * _THOUSAND))) for each in shares)
    return PlacedWord(start, end, page, left, top, right - left, bottom - top)

"""Where recognised words stand on their page, in thousandths of its width and height."""

from collections.abc import Iterator, Sequence

from PIL import Image

from channels.letter.engines import Word
from tickets.messages import PlacedWord

_THOUSAND = 1000


def placed(words: Sequence[Word], image: Image.Image, *, text: str, start: int, page: int) -> Iterator[PlacedWord]:
    """Place the words that stand, in this order, in `text`, which begins at `start` of the whole text."""
    width, height = _size(words, image)
    position = 0
    for word in words:
        found = text.find(word.text, position)
        if found >= 0:
            position = found + len(word.text)
            shares = (word.left / width, word.top / height, word.right / width, word.bottom / height)
            yield at(shares, start=start + found, end=start + position, page=page)


def at(shares: Sequence[float], *, start: int, end: int, page: int) -> PlacedWord:
    """Place one word whose left, top, right and bottom are shares of the page."""
    left, top, right, bottom = (min(_THOUSAND, max(0, round(each * _THOUSAND))) for each in shares)
    return PlacedWord(start, end, page, left, top, right - left, bottom - top)


def _size(words: Sequence[Word], image: Image.Image) -> tuple[float, float]:
    """The size of the picture that the engine was given: the page's, turned on its side, or enlarged."""
    right = max((word.right for word in words), default=1)
    bottom = max((word.bottom for word in words), default=1)
    width, height = image.size
    if right <= width and bottom <= height:
        return width, height
    if right <= height and bottom <= width:
        return height, width
    larger = max(right / width, bottom / height)
    return width * larger, height * larger

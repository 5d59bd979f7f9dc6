"""What a scan says: the words and our codes on its pages, the language, the day it was stamped."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from PIL import Image, ImageDraw

from channels.letter import codes, ocr, pages, places, stamps
from channels.letter.codes import Code
from channels.letter.settings import Settings
from tickets.errors import UnreadableError
from tickets.messages import File, InboundMessage, Medium, PlacedWord

_EXTENSIONS = {"application/pdf": "pdf", "image/tiff": "tif", "image/png": "png", "image/jpeg": "jpg"}
_USUAL = ("ro", "en")
_SECONDS = 120.0  #: In which recognition must end; whoever asked waits 180 before giving up the whole file.
_BETWEEN = "\n\n"  #: Stands between the texts of two pages.
_MOST_WORDS = 5_000  #: That are placed: an invoice says at its head what it is.
_UNSTORABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0x7F, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageRead:
    """What stands on one page."""

    text: str
    codes: tuple[str, ...]
    stamped: date | None
    note: str = ""  #: Why a person has to look at it.
    words: tuple[PlacedWord, ...] = ()  #: Counted from the beginning of its own text.


def read(raw: bytes, settings: Settings | None = None) -> InboundMessage:
    """Read every page of a scan; a page without words is no error.

    Raises `UnreadableError` for a file that is no PDF, TIFF, PNG or JPEG, is broken, locked, or too large to open.
    """
    languages = tuple(settings.languages) if settings else _USUAL
    recogniser = ocr.recogniser(languages, settings.engine if settings else "auto")
    number, end = pages.count(raw), time.monotonic() + _SECONDS
    read_pages = [_read_page(page, recogniser, end=end) for page in pages.read(raw)]
    text = _BETWEEN.join(page.text for page in read_pages if page.text)
    return InboundMessage(
        medium=Medium.LETTER,
        text=text,
        new_text=text,
        language=recogniser.detector.detect(text),
        received_on=read_pages[0].stamped if read_pages else None,
        files=(_file(raw),),
        pages=number,
        codes=tuple(dict.fromkeys(code for page in read_pages for code in page.codes)),
        words=tuple(islice(_words(read_pages), _MOST_WORDS)),
        notes=(*_notes(number, recogniser), *_page_notes(read_pages)),
    )


def extract(raw: bytes, part: str) -> bytes:
    """Give the scan itself (part "") or a picture of one page ("page:3", from 1) as PNG. Raises `UnreadableError`."""
    if not part:
        return raw
    name, _, number = part.partition(":")
    if name != "page" or not (number.isascii() and number.isdigit()) or int(number) < 1:
        raise UnreadableError("a scan has parts called page:1, page:2 and so on")
    for page in islice(pages.read(raw), int(number) - 1, int(number)):
        return pages.png(page.image)
    raise UnreadableError("the scan has no such page")


def _read_page(page: pages.Page, recogniser: ocr.Recogniser, *, end: float) -> _PageRead:
    if page.damage:
        return _PageRead(text="", codes=(), stamped=None, note=page.damage)
    found = codes.find(page.image)
    if page.text is not None:
        text = page.text.translate(_UNSTORABLE).strip()
        return _PageRead(text=text, codes=_texts(found), stamped=stamps.in_text(text), note=page.missing)
    if time.monotonic() > end:
        return _PageRead(text="", codes=_texts(found), stamped=None, note="there was no time to recognise it")
    turn = found[0].turn if found else None
    reading = recogniser.read(_without(found, page.image), turn=turn)
    text = reading.text.translate(_UNSTORABLE).strip()
    doubt = f"recognised with little confidence ({reading.confidence:.0f} of 100)" if reading.is_doubtful else ""
    note = "; ".join(why for why in (page.missing, doubt) if why)
    return _PageRead(
        text=text,
        codes=_texts(found),
        stamped=stamps.on_page(reading.words),
        note=note,
        words=tuple(places.placed(reading, text=text, start=0, page=1)),
    )


def _words(read_pages: Iterable[_PageRead]) -> Iterator[PlacedWord]:
    """Give the words of all pages, counted as the pages' texts are put together."""
    start = 0
    for number, page in enumerate(read_pages, 1):
        for word in page.words:
            yield replace(word, start=start + word.start, end=start + word.end, page=number)
        start += len(page.text) + len(_BETWEEN) if page.text else 0


def _texts(found: tuple[Code, ...]) -> tuple[str, ...]:
    return tuple(code.text for code in found)


def _without(found: tuple[Code, ...], image: Image.Image) -> Image.Image:
    """Cover the codes: an engine would read letters into them."""
    if not found:
        return image
    covered = image.copy()
    for code in found:
        ImageDraw.Draw(covered).rectangle(code.box, fill=255)
    return covered


def _file(raw: bytes) -> File:
    kind = pages.media_type(raw) or "application/octet-stream"
    name = f"scan.{_EXTENSIONS.get(kind, 'bin')}"
    return File(name=name, media_type=kind, size=len(raw), sha256=hashlib.sha256(raw).hexdigest(), part="")


def _notes(number: int, recogniser: ocr.Recogniser) -> Iterator[str]:
    if number > pages.MOST_PAGES:
        yield f"only the first {pages.MOST_PAGES} of {number} pages were read"
    if not recogniser.can_read:
        yield "no text recognition is installed: only codes and the words of PDFs made on a computer were read"


def _page_notes(read_pages: Iterable[_PageRead]) -> Iterator[str]:
    for number, page in enumerate(read_pages, 1):
        if page.note:
            yield f"page {number} needs reading: {page.note}"

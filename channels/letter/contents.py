"""What an attached file says: a PDF, a picture, a Word or Excel file or plain text, with the place of each word.

Runs in a reading child. Only the first pages are read: an invoice says at its head what it is.
"""

import ctypes
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree as ET

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, UnidentifiedImageError

from channels.letter import ocr, pages, places
from tickets.errors import UnreadableError
from tickets.messages import Content, PlacedWord

_MOST_PAGES = 10
_MOST_TEXT = 60_000
_MOST_UNPACKED = 20_000_000  #: Bytes of one part of an office file.
_MOST_SHEETS = 10
_DOCX, _XLSX = "word/document.xml", "xl/workbook.xml"
_WORD_NS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CELL_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_HASH_SIDE = 8
_MOST_PIXELS = 40_000_000
_FINE = 100_000  #: Parts of a page's side: what its words' places are asked in.


def read(raw: bytes, languages: tuple[str, ...] = ("ro", "en"), engine: ocr.Choice = "auto") -> Content:
    """Read a file by its first bytes; what has no words gives none. Raises `UnreadableError`."""
    kind = pages.media_type(raw)
    if kind is not None:
        return _pages(raw, kind, ocr.recogniser(languages, engine))
    if raw.startswith(b"PK\x03\x04"):
        return _office(raw)
    if picture := _other_picture(raw):
        return _pages(picture, "image/png", ocr.recogniser(languages, engine))
    text = _plain(raw)
    if text is None:
        raise UnreadableError("no kind of file that we read")
    return Content(media_type="text/plain", text=text, pages=1)


def _other_picture(raw: bytes) -> bytes | None:
    """Take a GIF, BMP or WebP for a PNG; None if it is no picture."""
    try:
        with Image.open(io.BytesIO(raw), formats=("GIF", "BMP", "WEBP")) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise UnreadableError("the picture is too large")
            return pages.png(image.convert("RGB"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None


def _plain(raw: bytes) -> str | None:
    if b"\0" in raw[:1024]:
        return None
    try:
        return raw[:_MOST_TEXT].decode("utf-8", errors="strict" if len(raw) <= _MOST_TEXT else "ignore")
    except UnicodeDecodeError:
        return raw[:_MOST_TEXT].decode("cp1250", errors="replace")


# --- pages


class _Text:
    """Text that grows word by word, and remembers where each word stands."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.words: list[PlacedWord] = []
        self.length = 0

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def place(self, text: str, page: int, box: Sequence[float]) -> None:
        """Add a word with its box: left, top, right, bottom in shares of the page."""
        self.words.append(places.at(box, start=self.length, end=self.length + len(text), page=page))
        self.add(text)


def _pages(raw: bytes, kind: str, recogniser: ocr.Recogniser) -> Content:
    text, count = _Text(), pages.count(raw)
    layers = _pdf_layers(raw) if kind == "application/pdf" else {}
    phash = None
    for number, page in zip(range(1, _MOST_PAGES + 1), pages.read(raw), strict=False):
        if number in layers and page.text is not None:
            for word, box in layers[number]:
                text.place(word, number, box) if box else text.add(word)
        else:
            _recognised(text, number, page.image, recogniser)
        if kind != "application/pdf" and number == 1:
            phash = perceptual_hash(page.image)
        text.add("\n\n")
        if text.length > _MOST_TEXT:
            break
    return Content(
        media_type=kind, text="".join(text.pieces).strip("\n"), pages=count, words=tuple(text.words), phash=phash
    )


def _recognised(text: _Text, number: int, image: Image.Image, recogniser: ocr.Recogniser) -> None:
    reading = recogniser.read(image)
    text.words += places.placed(reading, text=reading.text, start=text.length, page=number)
    text.add(reading.text)


def _pdf_layers(raw: bytes) -> dict[int, list[tuple[str, Sequence[float] | None]]]:
    """The words of each page's text layer with their boxes, and the spaces and line ends between them."""
    layers: dict[int, list[tuple[str, Sequence[float] | None]]] = {}
    try:
        with pypdfium2.PdfDocument(raw) as document:
            for number in range(min(len(document), _MOST_PAGES)):
                layers[number + 1] = list(_layer(document[number]))
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(f"the PDF cannot be opened: {error}") from error
    return layers


def _layer(page: pypdfium2.PdfPage) -> Iterator[tuple[str, Sequence[float] | None]]:
    layer = page.get_textpage()
    word, boxes = "", []
    for place in range(min(layer.count_chars(), _MOST_TEXT)):
        character = chr(pdfium.FPDFText_GetUnicode(layer, place))
        if not character.isspace() and character.isprintable():
            boxes.append(layer.get_charbox(place))
            word += character
            continue
        if word:
            yield word, _around(page, boxes)
            word, boxes = "", []
        if character.isspace():
            yield "\n" if character in "\r\n" else " ", None
    if word:
        yield word, _around(page, boxes)


def _around(page: pypdfium2.PdfPage, boxes: Sequence[Sequence[float]]) -> Sequence[float]:
    """The box around characters as the page is shown: turned, and cut to what is visible of it."""
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    corners = _shown(page, min(lefts), min(bottoms)), _shown(page, max(rights), max(tops))
    across, down = zip(*corners, strict=True)
    return min(across), min(down), max(across), max(down)


def _shown(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
    """A point of a PDF page in shares of the picture of it."""
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return across.value / _FINE, down.value / _FINE


def perceptual_hash(image: Image.Image) -> str:
    """Hash what a picture looks like: whether each of 8 x 8 fields is lighter than the one to its right."""
    small = image.convert("L").resize((_HASH_SIDE + 1, _HASH_SIDE), Image.Resampling.LANCZOS)
    grey = small.tobytes()
    row = _HASH_SIDE + 1
    bits = [grey[y * row + x] > grey[y * row + x + 1] for y in range(_HASH_SIDE) for x in range(_HASH_SIDE)]
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


# --- Word and Excel: a zip of XML


def _office(raw: bytes) -> Content:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = set(archive.namelist())
            if _DOCX in names:
                text = "\n".join(_paragraphs(_tree(archive, _DOCX)))
                return Content(media_type=f"{_OFFICE}wordprocessingml.document", text=text[:_MOST_TEXT], pages=1)
            if _XLSX in names:
                text = "\n".join(_rows(archive, names))
                return Content(media_type=f"{_OFFICE}spreadsheetml.sheet", text=text[:_MOST_TEXT], pages=1)
    except (
        zipfile.BadZipFile,
        ET.ParseError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise UnreadableError(f"the office file cannot be opened ({type(error).__name__})") from error
    raise UnreadableError("a zip file that is neither Word nor Excel")


def _tree(archive: zipfile.ZipFile, name: str) -> ET.Element:
    """Parse one part; nothing that defines entities, and never more than 20 MB whatever the zip says of itself."""
    with archive.open(name) as part:
        content = part.read(_MOST_UNPACKED + 1)
    if len(content) > _MOST_UNPACKED:
        raise UnreadableError("the office file unpacks to more than we hold")
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", content):
        raise UnreadableError("the office file defines entities")
    return ET.fromstring(content)  # noqa: S314 - no entities, bounded, in a child with limits


def _paragraphs(tree: ET.Element) -> Iterator[str]:
    for paragraph in tree.iter(f"{_WORD_NS}p"):
        yield "".join(_runs(paragraph))


def _runs(paragraph: ET.Element) -> Iterator[str]:
    for each in paragraph.iter():
        if each.tag == f"{_WORD_NS}t":
            yield each.text or ""
        elif each.tag in (f"{_WORD_NS}tab", f"{_WORD_NS}br"):
            yield " "


def _rows(archive: zipfile.ZipFile, names: Iterable[str]) -> Iterator[str]:
    shared: list[str] = []
    if "xl/sharedStrings.xml" in names:
        tree = _tree(archive, "xl/sharedStrings.xml")
        shared = ["".join(each.text or "" for each in item.iter(f"{_CELL_NS}t")) for item in tree.iter(f"{_CELL_NS}si")]
    sheets = sorted(name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
    for name in sheets[:_MOST_SHEETS]:
        for row in _tree(archive, name).iter(f"{_CELL_NS}row"):
            yield "  ".join(filter(None, (_cell(cell, shared) for cell in row.iter(f"{_CELL_NS}c"))))


def _cell(cell: ET.Element, shared: Sequence[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return "".join(each.text or "" for each in cell.iter(f"{_CELL_NS}t"))
    value = cell.findtext(f"{_CELL_NS}v") or ""
    if kind == "s" and value.isdigit() and int(value) < len(shared):
        return shared[int(value)]
    return value

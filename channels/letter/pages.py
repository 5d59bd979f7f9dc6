"""The pages of a scan, one at a time, whatever kind of file it came in."""

import io
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import sqrt
from numbers import Real

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageOps

from tickets.errors import UnreadableError

MOST_PAGES = 200
_MOST_PIXELS = 40_000_000  #: Of one page; a larger one is made smaller.
_MOST_DECODED = 180_000_000  #: Bytes of one picture as it is decoded; beyond that it is a bomb, or nothing we can hold.
_DPI = 300  #: At which a PDF page is drawn.
_POINT = 72  #: PDF units an inch.
_PICTURE_SHARE = 0.2  #: A page with pictures over more of it is a scan, whatever text lies behind.
_LEAST_TEXT = 12  #: Characters; less is a page number beside what was drawn.
_PDF_START = 1024  #: Bytes in which the header of a PDF must stand (ISO 32000-1, annex H.3.4.1).
_ALPHABETS_END = 0x2000  #: Above it, Unicode has signs, not the letters of our customers.
_BYTE = 255
_UNEVEN = 1.2  #: A fax has pixels of which one side is longer than the other.

_KINDS = {
    "application/pdf": re.compile(rb"%PDF-"),
    "image/tiff": re.compile(rb"II\*\0|MM\0\*|II\+\0|MM\0\+"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
}

_DAMAGED = (
    OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, SyntaxError, EOFError, MemoryError,
    struct.error, Image.DecompressionBombError,
)  # fmt: skip  # all were seen, or stand in Pillow's decoders
_ENDS = {"image/png": b"IEND", "image/jpeg": b"\xff\xd9"}
_TAIL = 65_536  #: Bytes in which a picture's end stands, whatever a telephone wrote behind it.


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as a person would see it."""

    image: Image.Image  #: Grey, right way up as far as the file itself says.
    text: str | None = None  #: The words of a page that was made on a computer; None: it has to be recognised.


def media_type(raw: bytes) -> str | None:
    """Tell the kind of file by its first bytes; None if it is none that a scanner makes."""
    for kind, start in _KINDS.items():
        if start.match(raw) or (kind == "application/pdf" and start.search(raw, 0, _PDF_START)):
            return kind
    return None


def count(raw: bytes) -> int:
    """How many pages there are. Raises `UnreadableError` for a file that is broken, locked or no scan."""
    if media_type(raw) == "application/pdf":
        with _open_pdf(raw) as document:
            return len(document)
    with _open_image(raw) as image:
        return _frames(image)


def read(raw: bytes) -> Iterator[Page]:
    """Give the first 200 pages in order, one in memory at a time. Raises `UnreadableError`."""
    if media_type(raw) == "application/pdf":
        yield from _pdf_pages(raw)
    else:
        yield from _image_pages(raw)


# --- PDF


def _open_pdf(raw: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(raw)
        document.init_forms()
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(f"the PDF cannot be opened: {error}") from error
    return document


def _pdf_pages(raw: bytes) -> Iterator[Page]:
    with _open_pdf(raw) as document:
        for number in range(min(len(document), MOST_PAGES)):
            try:
                page = _pdf_page(document, number)
            except (pypdfium2.PdfiumError, MemoryError, ValueError) as error:
                raise UnreadableError(f"page {number + 1} of the PDF cannot be drawn") from error
            yield page


def _pdf_page(document: pypdfium2.PdfDocument, number: int) -> Page:
    page = document[number]
    if document.formenv:
        page.flatten()  # what was typed into a form's fields becomes part of the page's text
        page.close()
        page = document[number]
    width, height = page.get_size()
    scale = min(_DPI / _POINT, sqrt(_MOST_PIXELS / max(1.0, width * height)))
    image = page.render(scale=scale, grayscale=True).to_pil().convert("L")
    text = _text_layer(page, width * height)
    page.close()
    return Page(image=image, text=text)


def _text_layer(page: pypdfium2.PdfPage, area: float) -> str | None:
    """The words behind a page, if it was made on a computer and they are words."""
    if _pictures(page) > _PICTURE_SHARE * area:
        return None
    text = page.get_textpage().get_text_bounded().replace("\r\n", "\n").replace("\0", "")
    return text if _is_sound(text) else None


def _pictures(page: pypdfium2.PdfPage) -> float:
    """Area in square points that pictures cover."""
    bounds = (picture.get_bounds() for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))
    return float(sum((right - left) * (top - bottom) for left, bottom, right, top in bounds))


def _is_sound(text: str) -> bool:
    """Whether a text layer holds words, not the glyph numbers of a font that hides its letters."""
    shown = [character for character in text if not character.isspace()]
    if len(shown) < _LEAST_TEXT:
        return False
    words = sum(character.isalnum() and ord(character) < _ALPHABETS_END for character in shown)
    broken = sum(character == "\ufffd" or "\ue000" <= character <= "\uf8ff" or character < " " for character in shown)
    return words > len(shown) / 2 and broken < len(shown) / 50


# --- TIFF, PNG, JPEG


def _open_image(raw: bytes) -> Image.Image:
    """Open without decoding. Raises `UnreadableError`."""
    end = _ENDS.get(media_type(raw) or "")
    if end and end not in raw[-_TAIL:]:
        raise UnreadableError("the picture is cut off")  # whether Pillow says so depends on who else uses it
    with _decoding("the picture cannot be opened: it is no PDF, TIFF, PNG or JPEG, or broken"):
        return Image.open(io.BytesIO(raw), formats=("TIFF", "PNG", "JPEG"))


@contextmanager
def _decoding(what_failed: str) -> Iterator[None]:
    """Turn whatever Pillow raises on damaged pictures into `UnreadableError`; its warnings say nothing to us."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _DAMAGED as error:
        raise UnreadableError(what_failed) from error


def _frames(image: Image.Image) -> int:
    if image.format != "TIFF":
        return 1  # a telephone's MPO holds the same picture twice
    with _decoding("the TIFF is cut off"):
        return int(getattr(image, "n_frames", 1))


def _image_pages(raw: bytes) -> Iterator[Page]:
    with _open_image(raw) as image:
        for number in range(min(_frames(image), MOST_PAGES)):
            with _decoding(f"page {number + 1} cannot be decoded"):
                page = Page(image=_decoded(image, number))
            yield page


def _decoded(image: Image.Image, number: int) -> Image.Image:
    image.seek(number)
    if image.width * image.height * len(image.getbands()) > _MOST_DECODED:
        raise UnreadableError(f"page {number + 1} is too large: {image.width} by {image.height} pixels")
    resolution = image.info.get("dpi")
    if image.format == "JPEG":
        image.draft("L", (int(sqrt(_MOST_PIXELS)), int(sqrt(_MOST_PIXELS))))
    image.load()
    return _squared(_fitted(_grey(ImageOps.exif_transpose(image))), resolution)


def _grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16 bits a pixel
        values = np.asarray(image, dtype=np.float32)
        top = 65535.0 if values.max(initial=0) > _BYTE else float(_BYTE)
        return Image.fromarray((np.clip(values / top, 0, 1) * _BYTE).astype(np.uint8))
    if "transparency" in image.info or image.mode in {"LA", "RGBA", "PA"}:
        ground = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(ground, image.convert("RGBA")).convert("L")
    return image.convert("L")


def _fitted(image: Image.Image) -> Image.Image:
    pixels = image.width * image.height
    if pixels <= _MOST_PIXELS:
        return image
    factor = sqrt(_MOST_PIXELS / pixels)
    return image.resize((max(1, int(image.width * factor)), max(1, int(image.height * factor))), Image.Resampling.BOX)


def _squared(image: Image.Image, resolution: object) -> Image.Image:
    """Stretch a fax, which has fewer lines than columns an inch."""
    match resolution:
        case (Real() as across, Real() as down) if 0 < float(down) < float(across) / _UNEVEN:
            factor = min(float(across) / float(down), 3.0)
            return _fitted(image.resize((image.width, round(image.height * factor)), Image.Resampling.BICUBIC))
    return image


def png(image: Image.Image) -> bytes:
    """Save a page for people to look at."""
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()

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
from PIL import Image, ImageFile, ImageOps

from tickets.errors import UnreadableError

MOST_PAGES = 200
_MOST_PIXELS = 40_000_000  #: Of one page; a larger one is made smaller.
_MOST_DECODED = 180_000_000  #: Bytes of one picture as it is decoded; beyond that it is a bomb, or nothing we can hold.
_DPI = 300  #: At which a PDF page is drawn at most, and one of pictures at theirs.
_LEAST_DPI = 100  #: For whatever is drawn beside a coarse picture.
_WHOLE_PAGE = 0.5  #: Share of a page that the picture of a scan covers at least.
_POINT = 72  #: PDF units an inch.
_PICTURE_SHARE = 0.2  #: A page with pictures over more of it is a scan, whatever text lies behind.
_LEAST_TEXT = 12  #: Characters; less is a page number beside what was drawn.
_SHORT_TEXT = 200  #: Characters; as few may be a stamp or a footer beside letters drawn as curves,
_COVERED = 0.4  #: unless they stand where this share of the ink is.
_INK = 160
_PDF_START = 1024  #: Bytes in which the header of a PDF must stand (ISO 32000-1, annex H.3.4.1).
_ALPHABETS_END = 0x2000  #: Above it, Unicode has signs, not the letters of our customers.
_BYTE = 255
_HEIC = re.compile(rb"....ftyp(heic|heix|hevc|mif1|msf1|avif)", re.DOTALL)
_OPENED = ("TIFF", "PNG", "JPEG", "WEBP", "BMP", "GIF")  #: The last three come under the others' names.
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
_LEAST_ROWS = 40  #: Of pixels; fewer hold no line of words.
_TAIL = 65_536  #: Bytes in which a picture's end stands, whatever a telephone wrote behind it.


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as a person would see it."""

    image: Image.Image  #: Grey, right way up as far as the file itself says.
    text: str | None = None  #: The words of a page that was made on a computer; None: it has to be recognised.
    damage: str = ""  #: Why the page cannot be seen, though others can; the image is blank then.
    missing: str = ""  #: What is not there of a page that can be seen in part.


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
    """Give the first 200 pages in order, one in memory at a time. Raises `UnreadableError` if none can be seen."""
    whole, first = 0, ""
    for page in _pdf_pages(raw) if media_type(raw) == "application/pdf" else _image_pages(raw):
        whole, first = whole + (not page.damage), first or page.damage
        yield page
    if first and not whole:
        raise UnreadableError(first)


def _damaged(why: str) -> Page:
    return Page(image=Image.new("L", (1, 1), _BYTE), damage=why)


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
                yield _pdf_page(document, number)
            except (pypdfium2.PdfiumError, ValueError):
                yield _damaged(f"page {number + 1} of the PDF cannot be drawn")


def _pdf_page(document: pypdfium2.PdfDocument, number: int) -> Page:
    page = document[number]
    if document.formenv:
        page.flatten()  # what was typed into a form's fields becomes part of the page's text
        page.close()
        page = document[number]
    width, height = page.get_size()
    pictures = [_picture(each) for each in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])]
    scale = min(_scale(pictures, width * height), sqrt(_MOST_PIXELS / max(1.0, width * height)))
    image = page.render(scale=scale, grayscale=True).to_pil().convert("L")
    is_scan = sum(area for area, _ in pictures) > _PICTURE_SHARE * width * height
    text = None if is_scan else _text_layer(page, image)
    page.close()
    return Page(image=image, text=text)


def _picture(picture: pypdfium2.PdfImage) -> tuple[float, float]:
    """Area in square points, and pixels a point."""
    left, bottom, right, top = picture.get_bounds()
    area = max(0.0, (right - left) * (top - bottom))
    across, down = picture.get_px_size()
    return area, sqrt(across * down / area) if area else 0.0


def _scale(pictures: list[tuple[float, float]], area: float) -> float:
    """Pixels a point: a scan is drawn as finely as it was scanned, for more is only slower."""
    finest = max((fine for covered, fine in pictures if covered > _WHOLE_PAGE * area), default=_DPI / _POINT)
    return min(_DPI / _POINT, max(finest, _LEAST_DPI / _POINT if area < _MOST_PIXELS / 4 else finest))


def _text_layer(page: pypdfium2.PdfPage, image: Image.Image) -> str | None:
    """The words behind a page that was made on a computer, if they are words and its only ones."""
    behind = page.get_textpage()
    text = behind.get_text_bounded().replace("\r\n", "\n").replace("\0", "")
    if not _is_sound(text):
        return None
    return text if len(text) > _SHORT_TEXT or _stands_on_the_ink(behind, page, image) else None


def _stands_on_the_ink(behind: pypdfium2.PdfTextPage, page: pypdfium2.PdfPage, image: Image.Image) -> bool:
    """Whether few words are what is seen on a page; a page of drawn letters may have a footer of real ones."""
    dark = np.asarray(image) < _INK
    ink = int(dark.sum())
    width, height = page.get_size()
    across, down = image.width / max(1.0, width), image.height / max(1.0, height)
    for number in range(behind.count_rects()):
        left, bottom, right, top = behind.get_rect(number)
        rows = slice(max(0, int((height - top) * down)), max(0, int((height - bottom) * down) + 1))
        dark[rows, max(0, int(left * across)) : max(0, int(right * across) + 1)] = False
    return int(dark.sum()) <= (1 - _COVERED) * ink


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
    if _HEIC.match(raw):
        raise UnreadableError("the picture is HEIC, which is not read here: ask for a JPEG")
    with _decoding("the picture cannot be opened: it is no PDF, TIFF, PNG or JPEG, or broken"):
        return Image.open(io.BytesIO(raw), formats=_OPENED)


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
        try:
            return int(getattr(image, "n_frames", 1))
        except _DAMAGED:
            return _frames_before_the_end(image)


def _frames_before_the_end(image: Image.Image) -> int:
    """Count the pages of a TIFF that was cut off; its first page opened."""
    for number in range(1, MOST_PAGES):
        try:
            image.seek(number)
        except _DAMAGED:
            return number
    return MOST_PAGES


def _image_pages(raw: bytes) -> Iterator[Page]:
    with _open_image(raw) as image:
        for number in range(min(_frames(image), MOST_PAGES)):
            try:
                with _decoding(f"page {number + 1} cannot be decoded"):
                    page = _cut_page(image) if _is_cut_off(raw) else Page(image=_decoded(image, number))
            except UnreadableError as error:
                page = _damaged(str(error))
            yield page


def _is_cut_off(raw: bytes) -> bool:
    """Whether a picture lacks its end; whether Pillow says so depends on who else uses it."""
    end = _ENDS.get(media_type(raw) or "")
    return end is not None and end not in raw[-_TAIL:]


def _cut_page(image: Image.Image) -> Page:
    """Read a picture as far as it goes: what is missing below was filled with one grey."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
    try:
        seen = _decoded(image, 0, is_cut=True)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
    return Page(image=seen, missing="the picture is cut off")


def _without_filling(image: Image.Image) -> Image.Image:
    """Take off the rows at the end that the decoder made up. Raises `UnreadableError` if hardly any are left."""
    rows = np.asarray(image.convert("L"))
    made_up = (rows.min(axis=1) == rows.max(axis=1)) & (rows[:, 0] == rows[-1, 0])
    kept = len(rows) - int(np.argmin(made_up[::-1])) if not made_up.all() else 0
    if kept < _LEAST_ROWS:
        raise UnreadableError("the picture is cut off")
    return image.crop((0, 0, image.width, kept))


def _decoded(image: Image.Image, number: int, *, is_cut: bool = False) -> Image.Image:
    image.seek(number)
    if image.width * image.height * len(image.getbands()) > _MOST_DECODED:
        raise UnreadableError(f"page {number + 1} is too large: {image.width} by {image.height} pixels")
    resolution = image.info.get("dpi")
    if image.format == "JPEG":
        image.draft("L", (int(sqrt(_MOST_PIXELS)), int(sqrt(_MOST_PIXELS))))
    image.load()
    whole = _without_filling(image) if is_cut else image
    return _squared(_fitted(_grey(ImageOps.exif_transpose(whole))), resolution)


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

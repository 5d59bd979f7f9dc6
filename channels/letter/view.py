"""Views: one page of a file as a picture for a screen, in colour, turned and sized; never the active original."""

import io
from itertools import islice

import pypdfium2
from PIL import Image, ImageOps

from channels.letter.pages import media_type, read
from tickets.errors import UnreadableError

#: Pixels across at most, and pixels of a picture we decode at all.
WIDEST, _MOST_PIXELS = 2400, 120_000_000
_QUALITY = 82
_WHITE = (255, 255, 255)


def drawn(raw: bytes, *, page: int = 1, width: int = 1000, turn: int = 0) -> bytes:
    """A JPEG of one page (the first is 1), `width` pixels across, turned clockwise by 0, 90, 180 or 270 degrees.

    Raises `UnreadableError` for a file that cannot be drawn, or a page it does not have.
    """
    width = max(16, min(width, WIDEST))
    kind = media_type(raw)
    image = _of_pdf(raw, page, width) if kind == "application/pdf" else _of_picture(raw, page)
    if turn % 360:
        image = image.rotate(-turn, expand=True, fillcolor=_WHITE)
    height = max(1, round(image.height * width / image.width))
    if image.width > width:
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def _of_pdf(raw: bytes, page: int, width: int) -> Image.Image:
    try:
        with pypdfium2.PdfDocument(raw) as document:
            if not 1 <= page <= len(document):
                raise UnreadableError(f"there is no page {page}")
            document.init_forms()
            sheet = document[page - 1]
            across, down = sheet.get_size()
            scale = min(width / max(across, 1.0), (_MOST_PIXELS / max(1.0, across * down)) ** 0.5)
            image: Image.Image = sheet.render(scale=scale).to_pil().convert("RGB")
            sheet.close()
            return image
    except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
        raise UnreadableError(f"page {page} of the PDF cannot be drawn") from error


def _of_picture(raw: bytes, page: int) -> Image.Image:
    try:
        with Image.open(io.BytesIO(raw)) as image:
            if image.mode.startswith(("I", "F")):  # 16 bits a pixel: as it is read
                return next(islice(read(raw), page - 1, page)).image.convert("RGB")
            _require_room(image)
            if page > 1:
                image.seek(page - 1)
            image.draft("RGB", (WIDEST, WIDEST))
            return _on_white(ImageOps.exif_transpose(image))
    except UnreadableError:
        raise
    except Exception as error:  # every decoder of Pillow fails in its own way
        raise UnreadableError(f"page {page} of the picture cannot be drawn ({type(error).__name__})") from error


def _require_room(image: Image.Image) -> None:
    if image.width * image.height > _MOST_PIXELS:
        raise UnreadableError("the picture is too large to be drawn")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        ground = Image.new("RGBA", image.size, (*_WHITE, 255))
        return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")

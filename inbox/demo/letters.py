"""Scanned letters for the demo and the tests: pages drawn from words, laid crookedly on a noisy scanner, and saved."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

import fontpkg_noto_sans
import numpy as np
import segno
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont

_INCH = 25.4  #: Millimetres.
_PAPER_MM = (210, 297)  #: A4.
_MARGIN_MM = 22
_CODE_MM = 24
_BAR_MM = 0.3  #: The thinnest bar of a Code 128 that office printers and scanners keep apart.
_LINE = 1.45  #: Distance of two lines, in heights of the type.
_FONT = fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf"
_INK = 25  #: Grey of printed letters.
_STAMP_INK = 70

Symbology = Literal["qr", "datamatrix", "code128"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page: what stands on it, and how it was scanned."""

    text: str = ""  #: Lines as they are printed; a longer one is cut at the paper's edge, as a printer does.
    code: str | None = None  #: Our code, in the upper right corner.
    symbology: Symbology = "qr"
    stamp: str = ""  #: The mail room's stamp, a little crooked, e.g. "REGISTRATURĂ\nINTRAT 20.11.2026".
    point: float = 11.0  #: Height of the type in points.
    dpi: int = 200
    paper_mm: tuple[int, int] = _PAPER_MM
    tilt: float = 0.0  #: Degrees counter-clockwise; the whole page stays visible.
    quarter_turns: int = 0  #: Counter-clockwise, as the page lay in the feeder.
    noise: float = 8.0  #: Standard deviation of the grain, of 255.
    shadow: float = 0.0  #: 0 to 1: how dark the darkest corner of a photographed page is.
    blur: float = 0.0  #: Radius in pixels.


def scan(sheet: Sheet, *, seed: int = 0) -> Image.Image:
    """Draw `sheet` and scan it: a grey image, the same one for the same seed."""
    page = _print(sheet, seed)
    page = page.rotate(sheet.tilt, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    page = page.rotate(90 * sheet.quarter_turns, expand=True)
    if sheet.blur:
        page = page.filter(ImageFilter.GaussianBlur(sheet.blur))
    return _photograph(page, sheet, np.random.default_rng(seed))


def pdf(pages: Sequence[Image.Image], *, dpi: int = 200) -> bytes:
    """Bind pages as a scanner does: a PDF of pictures without any text."""
    return _bind(pages, "PDF", resolution=float(dpi), quality=85)


def tiff(pages: Sequence[Image.Image], *, dpi: int = 200) -> bytes:
    """Bind pages into one TIFF."""
    return _bind(pages, "TIFF", compression="tiff_deflate", dpi=(dpi, dpi))


def png(page: Image.Image, *, dpi: int = 200) -> bytes:
    """Save one page as PNG."""
    return _save(page, "PNG", dpi=(dpi, dpi))


def jpeg(page: Image.Image, *, dpi: int = 200, orientation: int = 1) -> bytes:
    """Save one page as a telephone does: JPEG with an EXIF orientation (1: upright, 6: lies on its left side)."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return _save(page, "JPEG", quality=85, dpi=(dpi, dpi), exif=exif)


def _print(sheet: Sheet, seed: int) -> Image.Image:
    width, height = (_pixels(side, sheet.dpi) for side in sheet.paper_mm)
    page = Image.new("L", (width, height), 255)
    margin = min(_pixels(_MARGIN_MM, sheet.dpi), width // 12)
    size = sheet.point * sheet.dpi / 72
    top = margin
    if sheet.code:
        top = _paste_code(page, sheet.code, sheet, margin)
    draw = ImageDraw.Draw(page)
    draw.multiline_text((margin, top), sheet.text, fill=_INK, font=_font(size), spacing=size * (_LINE - 1.2))
    if sheet.stamp:
        _paste_stamp(page, sheet, np.random.default_rng(seed + 1))
    return page


def _paste_code(page: Image.Image, code: str, sheet: Sheet, margin: int) -> int:
    """Print the code at the upper right; gives the place where the text begins."""
    picture = _code(code, sheet.symbology)
    bar = sheet.dpi * _BAR_MM / _INCH
    scale = ceil(bar) if sheet.symbology == "code128" else max(1, _pixels(_CODE_MM, sheet.dpi) // picture.width)
    picture = picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
    page.paste(picture, (page.width - margin - picture.width, margin))
    return margin + picture.height + margin // 3


def _code(code: str, symbology: Symbology) -> Image.Image:
    if symbology == "qr":
        drawn = io.BytesIO()
        segno.make(code, micro=False, error="m").save(drawn, kind="png", border=4)
        return Image.open(drawn).convert("L")
    form = zxingcpp.BarcodeFormat.DataMatrix if symbology == "datamatrix" else zxingcpp.BarcodeFormat.Code128
    return Image.fromarray(np.array(zxingcpp.create_barcode(code, form).to_image(scale=1, add_quiet_zones=True)))


def _paste_stamp(page: Image.Image, sheet: Sheet, chance: np.random.Generator) -> None:
    """Stamp the lower right part of the page: a frame, capitals, not quite straight."""
    font = _font(14 * sheet.dpi / 72)
    box = ImageDraw.Draw(page).multiline_textbbox((0, 0), sheet.stamp, font=font)
    edge = _pixels(3, sheet.dpi)
    stamp = Image.new("L", (int(box[2]) + 2 * edge, int(box[3]) + 2 * edge), 255)
    draw = ImageDraw.Draw(stamp)
    draw.rectangle((2, 2, stamp.width - 3, stamp.height - 3), outline=_STAMP_INK, width=max(2, sheet.dpi // 100))
    draw.multiline_text((edge, edge), sheet.stamp, fill=_STAMP_INK, font=font)
    stamp = stamp.rotate(float(chance.uniform(-2, 2)), Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    margin = _pixels(_MARGIN_MM, sheet.dpi)
    page.paste(stamp, (page.width - margin - stamp.width, page.height - margin - stamp.height))


def _photograph(page: Image.Image, sheet: Sheet, chance: np.random.Generator) -> Image.Image:
    """Add grain, and the shadow of whoever holds the telephone, falling in from one corner."""
    light = np.asarray(page, dtype=np.float64)
    height, width = light.shape
    if sheet.shadow:
        across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
        falling = across * chance.uniform(0.3, 1) + down * chance.uniform(0.3, 1)
        edge = 1 / (1 + np.exp(-12 * (falling - falling.mean())))
        light = light * (1 - sheet.shadow * (0.6 * edge + 0.4 * falling / falling.max()))
    light = light + chance.normal(0, sheet.noise, light.shape)
    return Image.fromarray(np.clip(light, 0, 255).astype(np.uint8))


def _bind(pages: Sequence[Image.Image], form: str, **options: object) -> bytes:
    first, *others = [page.copy() for page in pages]  # Pillow's writers change the images they are given
    return _save(first, form, save_all=True, append_images=others, **options)


def _save(page: Image.Image, form: str, **options: object) -> bytes:
    target = io.BytesIO()
    page.save(target, form, **options)
    return target.getvalue()


def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, size)


def _pixels(millimetres: float, dpi: int) -> int:
    return round(millimetres / _INCH * dpi)

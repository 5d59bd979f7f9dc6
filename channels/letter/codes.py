"""Our code on paper: found on a page as QR, DataMatrix or Code 128, and drawn for the letters we print."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import segno
import zxingcpp
from PIL import Image

from channels.letter import treatments

_FORMATS = zxingcpp.barcode_formats_from_str("QRCode|DataMatrix|Code128")
_GRAINY, _VERY_GRAINY = 5.0, 10.0
_SMALL = 1500  #: Pixels; a picture narrower than that is also looked at enlarged.
_ALONG_BARS = 6  #: Pixels along the bars of a Code 128 that become one: the grain goes, the bars stay.
_OURS = re.compile(r"(?<![A-Z0-9])(CLM|TKT)([0-9]{2})-?([0-9]{6})-?([0-9]{2})(/R[1-9][0-9]{0,2})?(?![A-Z0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One of our codes on a page."""

    text: str  #: `CLM26-004711-58/R1`
    box: tuple[int, int, int, int]  #: Left, top, right, bottom in pixels, quiet zone included.
    turn: int  #: Degrees counter-clockwise (0, 90, 180, 270) to turn the page so that the code stands upright.


def find(page: Image.Image) -> tuple[Code, ...]:
    """Find our codes on a grey page, from top to bottom, each once; whatever else is printed there is left out.

    Looks again at the page smoothed, evenly lit and enlarged as long as nothing of ours was found.
    """
    for look, scale in _looks(page):
        codes = {code.text: code for code in _read(look, scale)}
        if codes:
            return tuple(sorted(codes.values(), key=lambda code: code.box[1]))
    return ()


def in_text(text: str) -> str | None:
    """Give our code inside what a symbol says (it may be a link); None if there is none with right check digits."""
    match = _OURS.search(unquote(text).upper())
    if match is None:
        return None
    prefix, year, number, check, request = match.groups(default="")
    if check_digits(year + number) != check:
        return None
    return f"{prefix}{year}-{number}-{check}{request}"


def check_digits(digits: str) -> str:
    """Two check digits over eight (ISO/IEC 7064, MOD 97-10): the whole number is 1 modulo 97."""
    return f"{98 - int(digits) * 100 % 97:02d}"


def draw(code: str) -> str:
    """Draw `code` as a QR symbol: SVG, 0.8 mm a module, with the quiet zone of four modules around it."""
    target = io.BytesIO()
    segno.make(code, micro=False, error="m").save(target, kind="svg", border=4, scale=0.8, unit="mm", xmldecl=False)
    return target.getvalue().decode()


def _looks(page: Image.Image) -> Iterator[tuple[Image.Image, float]]:
    """Ways to look at a page, cheapest first, each with its scale."""
    yield page, 1.0
    grain, is_uneven = treatments.grain(page), not treatments.is_evenly_lit(page)
    if page.width <= _SMALL:
        yield page.resize((page.width * 2, page.height * 2), Image.Resampling.BICUBIC), 2.0
    elif grain >= _GRAINY or is_uneven:
        yield page.reduce(2), 0.5
    if is_uneven:
        yield treatments.even_light(page), 1.0
    if grain >= _VERY_GRAINY:
        yield from _smoothed_looks(page)


def _smoothed_looks(page: Image.Image) -> Iterator[tuple[Image.Image, float]]:
    yield treatments.smoothed(page), 1.0
    level = treatments.level(page)
    yield level.reduce((1, _ALONG_BARS)), 1.0
    yield level.reduce((_ALONG_BARS, 1)), 1.0


def _read(look: Image.Image, scale: float) -> Iterator[Code]:
    """Read dark symbols on light paper: ours are printed so, and looking for the opposite takes as long again."""
    for symbol in zxingcpp.read_barcodes(look, formats=_FORMATS, try_invert=False):
        text = in_text(symbol.text)
        if text is not None:
            yield Code(text=text, box=_box(symbol.position, scale), turn=round(symbol.orientation / 90) % 4 * 90)


def _box(position: zxingcpp.Position, scale: float) -> tuple[int, int, int, int]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    across = [round(corner.x / scale) for corner in corners]
    down = [round(corner.y / scale) for corner in corners]
    quiet = max(4, (max(across) - min(across)) // 12)
    return min(across) - quiet, min(down) - quiet, max(across) + quiet, max(down) + quiet

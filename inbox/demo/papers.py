"""What people of the demo world enclose: pictures from a telephone and papers from a scanner, drawn here."""

import io

import numpy as np
from PIL import Image, ImageFilter

from inbox.demo.letters import Sheet, pdf, scan

_PHOTO_SIZE = (640, 480)
_PAPER_DPI = 70  #: Enough to be read on a screen; enclosures of mails are not recognised.


def photo(seed: int) -> bytes:
    """Draw a picture of nothing in particular, as JPEG: a wall with a stain on it."""
    chance = np.random.default_rng(seed)
    width, height = _PHOTO_SIZE
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    middle, size = chance.uniform(-0.5, 0.5, 2), chance.uniform(0.2, 0.5)
    stain = np.exp(-((across - middle[0]) ** 2 + (down - middle[1]) ** 2) / size**2)
    wall = np.array([214, 206, 190]) - stain[..., None] * np.array([90, 110, 130])
    grain = chance.normal(0, 6, (height, width, 1))
    picture = Image.fromarray(np.clip(wall + grain, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=70)
    return target.getvalue()


def paper(text: str, *, seed: int = 0) -> bytes:
    """Scan one page with these words into a small PDF."""
    return pdf([scan(Sheet(text=text, dpi=_PAPER_DPI, noise=2.0), seed=seed)], dpi=_PAPER_DPI)

"""What is done to the picture of a page: as the obvious, slower way does it."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from channels.letter import treatments
from inbox.demo import letters
from inbox.demo.letters import Sheet
from tests.channels.letter.words import ROMANIAN


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 2), (3, 3), (61, 47), (640, 480)])
def test_smoothing_is_that_of_the_picture_librarys_median(size: tuple[int, int]) -> None:
    width, height = size
    grey = np.random.default_rng(width).integers(0, 256, (height, width), dtype=np.uint8)
    page = Image.fromarray(grey)

    obvious = page.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.GaussianBlur(1))

    assert treatments.smoothed(page).tobytes() == obvious.tobytes()


@pytest.mark.parametrize("degrees", [0.8, -1.2, 7.0])
@pytest.mark.parametrize("sides", [(900, 1271), (2100, 2335)])
def test_page_is_turned_as_the_picture_library_turns_it(sides: tuple[int, int], degrees: float) -> None:
    """About its middle, in full, with white corners; within a pixel at the edges of letters."""
    page = letters.scan(Sheet(text=ROMANIAN, noise=0), seed=1).resize(sides)
    turned = treatments.turned(page, degrees)
    obvious = page.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)

    across, down = (new - old for new, old in zip(turned.size, obvious.size, strict=True))
    box = (across // 2, down // 2, across // 2 + obvious.width, down // 2 + obvious.height)
    strangeness = np.abs(np.asarray(turned.crop(box), dtype=float) - np.asarray(obvious, dtype=float))
    assert max(abs(across), abs(down)) <= 2
    assert strangeness.mean() < 2.1  # turned by 0.2 degrees too much it is 2.2 and more
    assert {turned.getpixel((0, 0)), turned.getpixel((turned.width - 1, 0))} == {255}

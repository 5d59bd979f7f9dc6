"""What is done to the picture of a page: as the obvious, slower way does it."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from channels.letter import treatments


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 2), (3, 3), (61, 47), (640, 480)])
def test_smoothing_is_that_of_the_picture_librarys_median(size: tuple[int, int]) -> None:
    width, height = size
    grey = np.random.default_rng(width).integers(0, 256, (height, width), dtype=np.uint8)
    page = Image.fromarray(grey)

    obvious = page.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.GaussianBlur(1))

    assert treatments.smoothed(page).tobytes() == obvious.tobytes()

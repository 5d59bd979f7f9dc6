"""A picture made of a page to be read, and the way from its pixels back to the page's."""

from dataclasses import dataclass, replace
from math import cos, radians, sin

from PIL import Image

from channels.letter import treatments

_ASIS = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Sight:
    """A page as an engine is given it: turned, cut out, made larger or lighter."""

    picture: Image.Image
    page: tuple[int, int]  #: Width and height of the page it was made of.
    back: tuple[float, float, float, float, float, float] = _ASIS  #: x = a u + b v + c, y = d u + e v + f.

    @classmethod
    def of(cls, page: Image.Image) -> "Sight":
        """The page as it is."""
        return cls(page, page.size)

    def shares(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """Where a box of the picture stands on the page: the box around it, in shares of the page's sides."""
        corners = [self._back(x, y) for x in (left, right) for y in (top, bottom)]
        across, down = ([each[side] / self.page[side] for each in corners] for side in (0, 1))
        return min(across), min(down), max(across), max(down)

    def treated(self, picture: Image.Image) -> "Sight":
        """The same seen otherwise, pixel for pixel."""
        return replace(self, picture=picture)

    def turned(self, degrees: float) -> "Sight":
        """Turned counter-clockwise about its middle."""
        if not degrees % 360:
            return self
        picture, angle = treatments.turned(self.picture, degrees), radians(degrees)
        across, down = cos(angle), sin(angle)
        width, height = (side / 2 for side in self.picture.size)
        middle, centre = (side / 2 for side in picture.size)
        step = (
            across, -down, width - across * middle + down * centre,
            down, across, height - down * middle - across * centre,
        )  # fmt: skip
        return self._made(picture, step)

    def straightened(self, degrees: float) -> "Sight":
        """Turned by a few degrees, if that is worth it."""
        return self.turned(degrees) if treatments.is_crooked(degrees) else self

    def cut(self, box: tuple[int, int, int, int]) -> "Sight":
        """Only what is inside `box`."""
        return self._made(self.picture.crop(box), (1.0, 0.0, float(box[0]), 0.0, 1.0, float(box[1])))

    def scaled(self, factor: float) -> "Sight":
        """Made larger or smaller."""
        return self._sized(treatments.scaled(self.picture, factor))

    def enlarged(self) -> "Sight":
        """Enlarged, if its letters are too small."""
        return self._sized(treatments.enlarged(self.picture))

    def _sized(self, picture: Image.Image) -> "Sight":
        across, down = (old / new for old, new in zip(self.picture.size, picture.size, strict=True))
        return self._made(picture, (across, 0.0, 0.0, 0.0, down, 0.0))

    def _made(self, picture: Image.Image, step: tuple[float, float, float, float, float, float]) -> "Sight":
        """The picture that a step made: back over the step first, then over those before it."""
        a, b, c, d, e, f = self.back
        g, h, i, j, k, m = step
        back = (a * g + b * j, a * h + b * k, a * i + b * m + c, d * g + e * j, d * h + e * k, d * i + e * m + f)
        return Sight(picture, self.page, back)

    def _back(self, x: float, y: float) -> tuple[float, float]:
        a, b, c, d, e, f = self.back
        return a * x + b * y + c, d * x + e * y + f

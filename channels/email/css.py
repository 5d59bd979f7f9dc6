"""What a style says about the words in it: whether anybody sees them (CSS 2.2, as mail programs apply it)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_GONE = re.compile(
    r"display:none|mso-hide:all|opacity:0(?:\.0+)?(?![\d.])|text-indent:-\d{3,}|left:-\d{4,}|clip:rect\(0"
)
_FLAT = re.compile(r"max-height:0(?:px|pt|em)?(?![\d.])|(?<!-)\bheight:0(?:px|pt|em)?(?![\d.])")
_FONT_SIZE = re.compile(r"font(?:-size)?:[^;]*?(?<![\d.-])(\d{1,4}(?:\.\d{1,6})?)(px|pt|em|rem|%|ex|vw|;|$)")
_SEEN = re.compile(r"visibility:(hidden|collapse|visible)")
_COLOR = re.compile(r"(?<![\w-])color:([^;!]+)")
_BACKGROUND = re.compile(r"background(?:-color)?:([^;!]+)")
_RGB = re.compile(r"rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})")
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-f])")
_NAMED = {
    "white": (255, 255, 255),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "green": (0, 128, 0),
    "purple": (128, 0, 128),
    "magenta": (255, 0, 255),
    "orange": (255, 165, 0),
    "transparent": None,
}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_CSS_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,2000})\}")
_CSS_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_SELECTOR = re.compile(r"(?:[a-z]+)?[.#][\w-]+|[a-z]+", re.IGNORECASE)

_VIVID = 100  #: Of 255.

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Sight:
    """What an element hands down to what stands in it."""

    gone: bool = False
    tiny: bool = False
    invisible: bool = False
    colour: Colour | None = None
    background: Colour = (255, 255, 255)

    @property
    def hides(self) -> bool:
        """Whether text here is not seen."""
        return self.gone or self.tiny or self.invisible or _alike(self.colour, self.background)


SEEN = Sight()


def sight(above: Sight, css: str, attributes: Mapping[str, str], *, gone: bool = False) -> Sight:
    """Apply an element's own style, written without blanks in lower case, to what it inherits."""
    colour, background = _colours(above, css, attributes)
    return Sight(
        gone=above.gone or gone or "hidden" in attributes or _is_gone(css),
        tiny=_is_tiny(css, above=above.tiny),
        invisible=_is_invisible(css, above=above.invisible),
        colour=colour,
        background=background,
    )


def squeezed(style: str) -> str:
    """Write a style in lower case and without blanks."""
    return _SPACES.sub("", style[:2_000].lower())


def hiding_selectors(sheet: str) -> frozenset[str]:
    """Name the classes, ids and elements that a style sheet hides on every screen."""
    if "none" not in sheet and "hidden" not in sheet:
        return frozenset()
    flat = _outside_media(_CSS_COMMENT.sub("", sheet))
    found = set()
    for selectors, body in _CSS_RULE.findall(flat):
        if _GONE.search(_SPACES.sub("", body.lower())):
            found |= {one.strip().lower() for one in selectors.split(",") if _SELECTOR.fullmatch(one.strip())}
    return frozenset(found)


def _outside_media(sheet: str) -> str:
    """Leave out `@media` and the like with everything in their braces."""
    kept, depth, at_rule, position = [], 0, 0, 0
    for match in re.finditer(r"[{}]", sheet):
        piece = sheet[position : match.end()]
        position = match.end()
        if match.group() == "{":
            depth += 1
            if not at_rule and "@" in piece:
                at_rule = depth
        if not at_rule:
            kept.append(piece)
        if match.group() == "}":
            at_rule = 0 if at_rule == depth else at_rule
            depth = max(0, depth - 1)
    return "".join(kept)


def _is_gone(css: str) -> bool:
    if not css:
        return False
    return bool(_GONE.search(css)) or ("overflow:hidden" in css and bool(_FLAT.search(css)))


def _is_tiny(css: str, *, above: bool) -> bool:
    if "font" not in css or not (match := _FONT_SIZE.search(css)):
        return above
    size, unit = float(match[1]), match[2]
    if unit in {"em", "rem", "%", "ex"} and size > 0:
        return above and unit != "rem"
    return size <= 1


def _is_invisible(css: str, *, above: bool) -> bool:
    match = _SEEN.search(css) if "visibility" in css else None
    return match[1] != "visible" if match else above


def _colours(above: Sight, css: str, attributes: Mapping[str, str]) -> tuple[Colour | None, Colour]:
    colour, background = above.colour, above.background
    said = _COLOR.search(css) if "color" in css else None
    if said or "color" in attributes:
        colour = _colour(said[1] if said else attributes["color"].lower()) or colour
    said = _BACKGROUND.search(css) if "background" in css else None
    if said or "bgcolor" in attributes:
        source = said[1] if said else attributes["bgcolor"].lower()
        # a picture behind the words: nobody can say what is seen, so nothing is hidden by colour
        background = (-1, -1, -1) if "url(" in source or "gradient" in source else _colour(source) or background
    elif "background" in attributes:
        background = (-1, -1, -1)
    return colour, background


def _colour(source: str) -> Colour | None:
    if match := _HEX.search(source):
        digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])  # noqa: PLR2004 - #rrggbb
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if match := _RGB.search(source):
        return int(match[1]), int(match[2]), int(match[3])
    return next((value for name, value in _NAMED.items() if name in source), None)


def is_vivid(colour: Colour | None) -> bool:
    """Whether words in a colour stand out: neither black, grey nor white."""
    return colour is not None and max(colour) - min(colour) >= _VIVID


def _alike(colour: Colour | None, background: Colour) -> bool:
    """Whether nobody can tell the words from the page."""
    if colour is None or background[0] < 0:
        return False
    return all(abs(one - other) <= 6 for one, other in zip(colour, background, strict=True))  # noqa: PLR2004 - of 255

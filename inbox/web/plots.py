"""Plots as SVG made by us: bars by age, two lines, ranges, stacked days; readable without colour."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

_FULL, _LEFT, _ROW = 640, 190, 28
_TALL, _WIDE, _FOOT, _HEAD = 190, 420, 30, 20
_ROOM = 22  #: Pixels that two figures take.
_LINE = 14  #: Pixels from one line of words to the next.
_LETTERS = 28  #: Of a row's name that its column has room for.


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row: its name, its parts in the order of the scale, and where it leads."""

    name: str
    parts: Sequence[int]
    href: str = ""


def stacked(bars: Sequence[Bar], label: str) -> Markup:
    """Horizontal bars whose parts are the steps of one scale; the number stands on each part that has room."""
    scale = (_FULL - _LEFT - 110) / (max((sum(bar.parts) for bar in bars), default=0) or 1)
    rows = []
    for at, bar in enumerate(bars):
        row = "".join(_bar(bar, at * _ROW, scale))
        rows.append(f'<a href="{escape(bar.href)}">{row}</a>' if bar.href else row)
    return _svg(_FULL, len(bars) * _ROW + 4, label, rows)


def _bar(bar: Bar, y: float, scale: float) -> Iterator[str]:
    x = float(_LEFT)
    yield _text(_short(bar.name), x=_LEFT - 10, y=y + 17, look="mid", anchor="end")
    for step, part in enumerate(bar.parts, start=1):
        wide = part * scale
        if part:
            yield _rect(f"q{step}", x=x, y=y + 3, width=max(wide - 1, 1), height=20)
        if wide > _ROOM:
            yield _text(part, x=x + wide / 2, y=y + 17, look=f"on{step}", anchor="middle")
        x += wide
    yield _text(sum(bar.parts), x=x + 8, y=y + 17, look="lab")


def lines(
    points: Sequence[tuple[str, float, float]],
    label: str,
    *,
    names: tuple[str, str],
    unit: str,
    number: Callable[[float], str],
    wide: int = _WIDE,
) -> Markup:
    """Two lines over named points (name, lower, upper), from zero; each ends in its name and last value."""
    most = max((upper for _, _, upper in points), default=0) or 1
    step = (wide - 130) / max(len(points) - 1, 1)
    drawn = list(_grid(most, wide - 100))
    lower, upper = ([point[1] for point in points], [point[2] for point in points])
    room = _height(lower[-1], most) - _height(upper[-1], most)
    apart = max(0.0, (_LINE - room) / 2)  # the ends say their values, also where they meet
    for which, (name, values, moved) in enumerate(zip(names, (lower, upper), (apart, -apart), strict=True), start=1):
        drawn += _line(values, which, f"{name} {number(values[-1])} {unit}", most, step, moved=moved)
    drawn.append(_text(points[0][0], x=_FOOT, y=_TALL - 10))
    if len(points) > 1:
        drawn.append(_text(points[-1][0], x=_FOOT + (len(points) - 1) * step, y=_TALL - 10, anchor="end"))
    return _svg(wide, _TALL, label, drawn)


def _line(values: Sequence[float], which: int, said: str, most: float, step: float, *, moved: float) -> Iterator[str]:
    places = [(_FOOT + at * step, _height(value, most)) for at, value in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    yield f'<polyline class="line{which}" points="{path}"/>'
    yield f'<circle class="dot{which}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
    yield _text(said, x=x + 8, y=y + 4 + moved, look="lab")


def _height(value: float, most: float) -> float:
    return _TALL - _FOOT - value / most * (_TALL - _FOOT - _HEAD)


def ranges(rows: Sequence[tuple[str, float, float]], label: str, *, number: Callable[[float], str]) -> Markup:
    """From a median (a dot) to the 90th percentile (an end), a row each, from zero."""
    scale = (_WIDE - _LEFT - 40) / (max((upper for _, _, upper in rows), default=0) or 1)
    drawn: list[str] = []
    for at, (name, median, p90) in enumerate(rows):
        y, left, right = at * _ROW + 16, _LEFT + median * scale, _LEFT + p90 * scale
        drawn += [
            _text(_short(name), x=_LEFT - 24, y=y + 4, look="mid", anchor="end"),
            f'<line class="span" x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}"/>',
            f'<circle class="dot1" cx="{left:.1f}" cy="{y}" r="5"/>',
            _text(number(median), x=left - 9, y=y + 4, look="lab", anchor="end"),
            _text(number(p90), x=right + 8, y=y + 4),
        ]
    return _svg(_WIDE, len(rows) * _ROW + 8, label, drawn)


def days(columns: Sequence[tuple[str, int, int, bool]], label: str) -> Markup:
    """A column a day (name, below, above, working), the parts stacked, the sum on top."""
    most = max((below + above for _, below, above, _ in columns), default=0) or 1
    step, base = _WIDE / max(len(columns), 1), _TALL - _FOOT - 4
    drawn: list[str] = []
    for at, (name, below, above, working) in enumerate(columns):
        low, high = (part / most * (base - _HEAD - 6) for part in (below, above))
        x, middle = at * step + 4, at * step + step / 2
        drawn.append(_rect("q5", x=x, y=base - low, width=step - 8, height=low))
        drawn.append(_rect("q2", x=x, y=base - low - high, width=step - 8, height=high))
        if below + above:
            drawn.append(_text(below + above, x=middle, y=base - low - high - 5, look="lab", anchor="middle"))
        for line, word in enumerate(name.split(" ", 1)):
            drawn.append(
                _text(word, x=middle, y=base + 14 * (line + 1), look="mid" if working else "off", anchor="middle")
            )
    drawn.append(f'<line class="base" x1="0" x2="{_WIDE}" y1="{base}" y2="{base}"/>')
    return _svg(_WIDE, _TALL, label, drawn)


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1].rstrip()}…"


def _grid(most: float, wide: int) -> Iterator[str]:
    for quarter in range(5):
        y = _height(most * quarter / 4, most)
        yield f'<line class="ax" x1="{_FOOT}" x2="{wide}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(f"{most * quarter / 4:.3g}", x=_FOOT - 6, y=y + 4, anchor="end")


def _text(said: object, *, x: float, y: float, look: str = "", anchor: str = "start") -> str:
    return f'<text class="{look}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(str(said))}</text>'


def _rect(look: str, *, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _svg(width: float, height: float, label: str, inside: Sequence[str]) -> Markup:
    box = f'viewBox="0 0 {width:g} {height:g}" role="group" aria-label="{escape(label)}"'
    return Markup(f'<svg class="plot" {box}>{"".join(inside)}</svg>')  # noqa: S704 - each word was escaped above

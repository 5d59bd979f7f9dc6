"""The mail room's stamp: the date beside PRIMIT, INTRAT, RECEIVED or REGISTRATURA."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from rapidfuzz.distance import Levenshtein

from channels.letter.engines import Word

_STAMP_WORDS = (
    "PRIMIT",
    "PRIMITA",
    "PRIMIRE",
    "INTRAT",
    "INTRATA",
    "INTRARE",
    "INREGISTRAT",
    "REGISTRATURA",
    "RECEIVED",
)
_BESIDE_WORDS = re.compile(
    r"N[RO]|DATA|DATE|LA|IN|ON|DIN|DE|AT|ZIUA|LUNA|ANUL|OFFICE|GENERALA|DAUNE|CLAIMS|MAIL|ROOM|POST|S[CA]"
)
_MOST_OTHER_WORDS = 3  #: Beside which a line may still be a stamp's; a sentence has more.
_NEAR = 3.5  #: Heights of the word within which its date stands above or below.
_ASIDE = 12  #: Heights within which it stands left or right.
_GAP = 2.5  #: Heights between two words that do not belong together.

_MONTHS = {
    "IAN": 1, "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAI": 5, "MAY": 5, "IUN": 6, "JUN": 6, "IUL": 7, "JUL": 7,
    "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "NOI": 11, "DEC": 12,
}  # fmt: skip  # a table, two languages a month
_MISREAD = str.maketrans("OQDILZSB", "00011258")
_FIGURE = "[0-9OQDILZSB|]"
_DAY = f"(?P<d>{_FIGURE}{{1,2}})"
_MONTH = f"(?P<m>{_FIGURE}{{1,2}})"
_NAME = f"(?P<n>{'|'.join(_MONTHS)})[A-Z]{{0,7}}"
_FULL_YEAR = f"(?P<y>[2Z]{_FIGURE}{{3}})"
_YEAR = f"(?P<y>[2Z]{_FIGURE}{{3}}|{_FIGURE}{{2}})"
_WRITTEN = tuple(
    re.compile(rf"(?<![A-Z0-9]){pattern}(?![A-Z0-9])")
    for pattern in (
        rf"{_FULL_YEAR} ?[-./] ?{_MONTH} ?[-./] ?{_DAY}",
        rf"{_DAY} ?[-./, ] ?{_MONTH} ?[-./, ] ?{_YEAR}",
        rf"{_DAY}[-. /]{{0,2}}{_NAME}[-. /,']{{0,2}}{_YEAR}",
        rf"{_NAME}[-. ]{{0,2}}{_DAY}[-. ,]{{1,2}}{_FULL_YEAR}",
        rf"ZIUA[ :.]{{0,3}}{_DAY}[ ,.]{{1,3}}LUNA[ :.]{{0,3}}{_MONTH}[ ,.]{{1,3}}ANUL[ :.]{{0,3}}{_YEAR}",
    )
)
_LONGEST = 200  #: Characters of a line that can be a stamp's.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """Words that stand together on a line, as they are compared: capitals without diacritics."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return max(1.0, self.bottom - self.top)


def on_page(words: Iterable[Word]) -> date | None:
    """Find the day a page was stamped as received, by what stands near the stamp's words."""
    return _stamped(list(_spots(words)))


def in_text(text: str) -> date | None:
    """Find it in a page's text, where nothing is known of places but the order of lines."""
    lines = (_folded(line) for line in text.splitlines() if line.strip())
    return _stamped(
        [_Spot(text=line, left=0, top=2 * row, right=2, bottom=2 * row + 1) for row, line in enumerate(lines)]
    )


def _stamped(spots: list[_Spot]) -> date | None:
    dated = [(spot, day) for spot in spots if (day := read_date(spot.text))]
    if not dated:
        return None
    near = [
        (_distance(stamp, spot), day)
        for stamp in spots
        if _is_stamp(stamp.text)
        for spot, day in dated
        if _is_near(stamp, spot)
    ]
    return min(near)[1] if near else None


def _spots(words: Iterable[Word]) -> Iterator[_Spot]:
    for _, line in groupby(words, key=lambda word: word.line):
        together: list[Word] = []
        for word in line:
            if together and word.left - together[-1].right > _GAP * (word.bottom - word.top):
                yield _spot(together)
                together = []
            together.append(word)
        yield _spot(together)


def _spot(words: list[Word]) -> _Spot:
    return _Spot(
        text=_folded(" ".join(word.text for word in words)),
        left=min(word.left for word in words),
        top=min(word.top for word in words),
        right=max(word.right for word in words),
        bottom=max(word.bottom for word in words),
    )


def _is_near(stamp: _Spot, dated: _Spot) -> bool:
    down, across = _gaps(stamp, dated)
    return down <= _NEAR * stamp.height and across <= _ASIDE * stamp.height


def _distance(stamp: _Spot, dated: _Spot) -> float:
    down, across = _gaps(stamp, dated)
    return down + across / 4


def _gaps(one: _Spot, other: _Spot) -> tuple[float, float]:
    down = max(0.0, other.top - one.bottom, one.top - other.bottom)
    across = max(0.0, other.left - one.right, one.left - other.right)
    return down, across


def _folded(text: str) -> str:
    """Keep the case: a stamp shouts, a sentence that begins "am primit" does not."""
    decomposed = unicodedata.normalize("NFKD", text[:_LONGEST])
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _is_stamp(text: str) -> bool:
    """Whether a line is a stamp's: one of its words, in capitals or first, and no sentence around it."""
    words = re.findall(r"[A-Za-z]{2,}", text)
    if not any(_is_stamp_word(word) and (word.isupper() or at == 0) for at, word in enumerate(words)):
        return False
    others = [
        word
        for word in words
        if not _is_stamp_word(word) and not _BESIDE_WORDS.fullmatch(word.upper()) and word[:3].upper() not in _MONTHS
    ]
    return len(others) <= _MOST_OTHER_WORDS


def _is_stamp_word(word: str) -> bool:
    upper = word.upper()
    return any(
        Levenshtein.distance(upper, known, score_cutoff=len(known) // 6) <= len(known) // 6 for known in _STAMP_WORDS
    )


def read_date(text: str) -> date | None:
    """Read the first day in `text` that exists in the years 2000 to 2099, day before month, misread figures mended."""
    capitals = text.upper()
    for pattern in _WRITTEN:
        for match in pattern.finditer(capitals):
            day = _day(match)
            if day is not None:
                return day
    return None


def _day(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    try:
        year, day = _number(parts["y"]), _number(parts["d"])
        month = _MONTHS[parts["n"]] if parts.get("n") else _number(parts["m"])
        if day <= 12 < month:  # noqa: PLR2004 - months; written in American order
            day, month = month, day
        return date(year if year >= 2000 else 2000 + year, month, day)  # noqa: PLR2004 - two figures of a year
    except ValueError:
        return None


def _number(figures: str) -> int:
    return int(figures.replace("|", "1").translate(_MISREAD))

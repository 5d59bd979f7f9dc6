"""Days and moments as customers read them, in English and Romanian (any other language reads English).

Moments are given in the office's time zone: a template never converts and never reads a clock.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar

T = TypeVar("T")

_WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "ro": ["luni", "marți", "miercuri", "joi", "vineri", "sâmbătă", "duminică"],
}
_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "ro": [
        "ianuarie",
        "februarie",
        "martie",
        "aprilie",
        "mai",
        "iunie",
        "iulie",
        "august",
        "septembrie",
        "octombrie",
        "noiembrie",
        "decembrie",
    ],
}
#: Three letters, also where people write four: an SMS has no room for more.
_SHORT_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "ro": ["ian", "feb", "mar", "apr", "mai", "iun", "iul", "aug", "sep", "oct", "nov", "dec"],
}
_JOINT = {"en": "and", "ro": "și"}


def long_date(day: date, language: str) -> str:
    """Monday 7 December 2026; luni, 7 decembrie 2026."""
    return f"{weekday_date(day, language)} {day.year}"


def weekday_date(day: date, language: str) -> str:
    """Monday 7 December; luni, 7 decembrie."""
    weekday = _in(_WEEKDAYS, language)[day.weekday()]
    return f"{weekday}{',' if language == 'ro' else ''} {day_month(day, language)}"


def day_month(day: date, language: str) -> str:
    """7 December; 7 decembrie."""
    return f"{day.day} {_in(_MONTHS, language)[day.month - 1]}"


def short_date(day: date, language: str) -> str:
    """7 Dec; 7 dec. At most six characters of plain ASCII, for an SMS."""
    return f"{day.day} {_in(_SHORT_MONTHS, language)[day.month - 1]}"


def long_moment(moment: datetime, language: str) -> str:
    """Wednesday 25 November 2026, 17:00; miercuri, 25 noiembrie 2026, ora 17:00."""
    return f"{long_date(moment, language)}, {'ora ' if language == 'ro' else ''}{moment:%H:%M}"


def short_moment(moment: datetime, language: str) -> str:
    """25 Nov 17:00; 25 nov, ora 17:00. Plain ASCII, for an SMS."""
    return f"{short_date(moment, language)}{', ora' if language == 'ro' else ''} {moment:%H:%M}"


def several_days(days: Sequence[date], language: str) -> str:
    """2 and 7 December; 30 November, 2 and 7 December. Days of one month name it once."""
    months = [list(group) for _, group in groupby(days, key=lambda day: (day.year, day.month))]
    parts = [str(day.day) if day is not month[-1] else day_month(day, language) for month in months for day in month]
    return joined(parts, language)


def joined(words: Sequence[str], language: str) -> str:
    """Join as a sentence does: a, b and c."""
    if len(words) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(words)
    return f"{', '.join(words[:-1])} {_in(_JOINT, language)} {words[-1]}"


def _in(table: Mapping[str, T], language: str) -> T:
    return table["ro" if language == "ro" else "en"]

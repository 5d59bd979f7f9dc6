"""Days as people say them, in English and Romanian: numbers, weekdays, months and the forms of a calendar day.

All patterns are for text folded by `tickets.folding.fold`: capitals, no diacritics.
"""

import re
from datetime import date


def by_word(words: dict[int, str]) -> dict[str, int]:
    """Turn a table of words parted by `|` around: each word and its number."""
    return {word: number for number, listed in words.items() for word in listed.split("|")}


NUMBERS = by_word(
    {
        1: "O|UN|UNA|A|ONE",
        2: "DOUA|DOI|TWO",
        3: "TREI|THREE",
        4: "PATRU|FOUR",
        5: "CINCI|FIVE",
        6: "SASE|SIX",
        7: "SAPTE|SEVEN",
        8: "OPT|EIGHT",
        9: "NOUA|NINE",
        10: "ZECE|TEN",
    }
)
COUNT = rf"\d{{1,2}}|{'|'.join(NUMBERS)}"
WEEKDAYS = by_word(
    {
        0: "LUNI|LUNEA|MONDAY",
        1: "MARTI|MARTEA|TUESDAY",
        2: "MIERCURI|MIERCUREA|WEDNESDAY",
        3: "JOI|JOIA|THURSDAY",
        4: "VINERI|VINEREA|FRIDAY",
        5: "SAMBATA|SIMBATA|SATURDAY",
        6: "DUMINICA|SUNDAY",
    }
)
MONTHS = by_word(
    {
        1: "IANUARIE|IAN|JANUARY|JAN",
        2: "FEBRUARIE|FEBR|FEB|FEBRUARY",
        3: "MARTIE|MAR|MARCH",
        4: "APRILIE|APR|APRIL",
        5: "MAI|MAY",
        6: "IUNIE|IUN|JUNE|JUN",
        7: "IULIE|IUL|JULY|JUL",
        8: "AUGUST|AUG",
        9: "SEPTEMBRIE|SEPT|SEP|SEPTEMBER",
        10: "OCTOMBRIE|OCT|OCTOBER",
        11: "NOIEMBRIE|NOV|NOVEMBER",
        12: "DECEMBRIE|DEC|DECEMBER",
    }
)
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
ENGLISH_MONTH = (
    "JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER"
    "|JAN|FEB|APR|AUG|SEPT|SEP|OCT|NOV|DEC"
)
_TH = "(?:ST|ND|RD|TH)?"
NAMED = re.compile(
    rf"\b(?P<day>\d{{1,2}}){_TH}(?: OF)?[ .\-]{{0,2}}(?P<month>{MONTH})\b(?:\.(?= ?\d))?"
    r"(?:[ ,\-]{1,2}(?P<year>\d{4})\b)?"
    rf"|\b(?P<month2>{ENGLISH_MONTH})\b\.? (?:THE )?(?P<day2>\d{{1,2}}){_TH}\b(?![:.]\d)(?:,? (?P<year2>\d{{4}})\b)?"
)
#: Both look back behind their first digit: what begins with a digit is found by skipping all that is none.
ISO = re.compile(r"(?P<year>\d(?<![\d\-].)\d{3})-(?P<month>\d{2})-(?P<day>\d{2})(?![\d\-])")
FIGURES = re.compile(
    r"(?P<day>\d(?<![\d./\-].)\d?)(?P<mark>[./\-])\s?(?P<month>\d{1,2})(?:(?P=mark)\s?(?P<year>\d{4}|\d{2}))?"
    r"(?!\d|[./\-]\d|,\d| ?%| ?(?:LEI|RON|EUR|KM|ORE)\b)"
)
DATE_BEFORE = re.compile(r"\b(?:PE|DIN|IN|LA|DATA|DE|ON|OF|DATE|THE|ZIUA|DATED)[^A-Z0-9]{1,3}$")
_NO_DATE_BEFORE = re.compile(r"\b(?:ORA|ORELE|ORELOR|AT|NR|NO|ART|PAG|PAGINA|PAGE|MAI)[^A-Z0-9]{0,3}$")
_SURELY_A_DAY = 12


def surely_a_date(match: re.Match[str]) -> bool:
    """Tell 14/11 from 2-3 days, page 1/2, version 1.2, 10.30 o'clock."""
    before = match.string[max(0, match.start() - 10) : match.start()]
    if match["mark"] == "-" or len(match["month"]) == 1 or _NO_DATE_BEFORE.search(before):
        return False
    return int(match["day"]) > _SURELY_A_DAY or DATE_BEFORE.search(before) is not None


def full_year(year: str) -> int:
    """Read 26 as 2026."""
    return int(year) + (2000 if len(year) == 2 else 0)  # noqa: PLR2004 - two digits of a year


def day_of(year: int, month: int, day: int) -> date | None:
    """Make the day, or None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None

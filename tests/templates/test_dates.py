"""Days and counts as customers read them."""

from datetime import date, datetime

import pytest

from templates.counts import counted, wanted, wanted_short
from templates.dates import (
    day_month,
    joined,
    long_date,
    long_moment,
    several_days,
    short_date,
    short_moment,
    weekday_date,
)

DAY = date(2026, 12, 7)
MOMENT = datetime(2026, 11, 25, 17, 0)  # noqa: DTZ001 - the caller gives the office's own time


def test_days_are_written_as_each_language_writes_them() -> None:
    assert long_date(DAY, "en") == "Monday 7 December 2026"
    assert long_date(DAY, "ro") == "luni, 7 decembrie 2026"
    assert weekday_date(DAY, "en") == "Monday 7 December"
    assert weekday_date(DAY, "ro") == "luni, 7 decembrie"
    assert day_month(DAY, "ro") == "7 decembrie"
    assert (short_date(DAY, "en"), short_date(DAY, "ro")) == ("7 Dec", "7 dec")


def test_moments_carry_the_hour() -> None:
    assert long_moment(MOMENT, "en") == "Wednesday 25 November 2026, 17:00"
    assert long_moment(MOMENT, "ro") == "miercuri, 25 noiembrie 2026, ora 17:00"
    assert (short_moment(MOMENT, "en"), short_moment(MOMENT, "ro")) == ("25 Nov 17:00", "25 nov, ora 17:00")


@pytest.mark.parametrize("language", ["en", "ro"])
def test_every_day_of_a_year_has_a_weekday_a_month_and_a_short_form_without_diacritics(language: str) -> None:
    days = [date.fromordinal(ordinal) for ordinal in range(DAY.toordinal(), DAY.toordinal() + 365)]

    assert len({long_date(day, language) for day in days}) == 365
    assert all(len(short_date(day, language)) <= 6 and short_date(day, language).isascii() for day in days)


def test_several_days_name_their_month_once() -> None:
    days = [date(2026, 11, 30), date(2026, 12, 2), DAY]

    assert several_days(days[1:], "en") == "2 and 7 December"
    assert several_days(days[1:], "ro") == "2 și 7 decembrie"
    assert several_days(days, "en") == "30 November, 2 and 7 December"
    assert several_days(days[:1], "en") == "30 November"
    assert joined([], "en") == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 documente"),
        (1, "1 document"),
        (2, "2 documente"),
        (19, "19 documente"),
        (20, "20 de documente"),
        (21, "21 de documente"),
        (100, "100 de documente"),
        (101, "101 documente"),
        (119, "119 documente"),
        (120, "120 de documente"),
    ],
)
def test_romanian_numbers_from_twenty_take_de(number: int, words: str) -> None:
    assert counted(number, "document", "ro") == words


def test_one_document_is_no_documents() -> None:
    assert [counted(number, "document", "en") for number in (0, 1, 2)] == ["0 documents", "1 document", "2 documents"]
    assert counted(5, "working_day", "ro") == "5 zile lucrătoare"


def test_what_is_wanted_counts_documents_and_answers_apart() -> None:
    assert wanted(2, 0, "en") == "2 documents"
    assert wanted(0, 1, "ro") == "1 răspuns"
    assert wanted(2, 1, "en") == "2 documents and 1 answer"
    assert wanted(20, 2, "ro") == "20 de documente și 2 răspunsuri"
    assert (wanted_short(2, 0, "ro"), wanted_short(2, 1, "en"), wanted_short(2, 1, "ro")) == (
        "2 documente",
        "3 items",
        "3 lucruri",
    )

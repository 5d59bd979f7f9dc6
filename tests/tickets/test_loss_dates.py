"""The proposed date of a loss, always read on Monday 23 November 2026."""

import json
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.loss_dates import proposed

MONDAY = date(2026, 11, 23)
TOLD = json.loads((Path(__file__).parents[1] / "data" / "loss_dates.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("told", TOLD, ids=lambda told: str(told["text"])[:50])
def test_day_of_the_loss_is_proposed_with_the_words_it_rests_on(told: dict[str, str | None]) -> None:
    loss = proposed(str(told["text"]), received=MONDAY, language=None)

    assert (loss.day.isoformat() if loss else None) == told["expect"]
    assert (loss.words if loss else "") == told["words"]


def test_weekday_of_receipt_means_the_one_a_week_ago() -> None:
    loss = proposed("luni s-a spart teava", received=MONDAY, language="ro")

    assert loss is not None
    assert loss.day == date(2026, 11, 16)


def test_weekday_of_last_week_is_not_this_weeks() -> None:
    loss = proposed("it broke on Monday last week", received=MONDAY + timedelta(days=2), language="en")

    assert loss is not None
    assert loss.day == date(2026, 11, 16)


def test_figures_are_read_day_first_except_for_americans() -> None:
    days = [
        proposed("crash 05/11/2026", received=MONDAY, language=language) for language in ("en", "ro", None, "en-US")
    ]

    assert [loss.day.isoformat() if loss else "" for loss in days] == [
        "2026-11-05",
        "2026-11-05",
        "2026-11-05",
        "2026-05-11",
    ]


@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 300),
    st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%B %d, %Y"]),
)
def test_any_day_with_a_year_is_read_back(received: date, ago: int, shape: str) -> None:
    day = received - timedelta(days=ago)

    loss = proposed(f"The pipe burst on {day.strftime(shape)} at home", received=received, language="en")

    assert loss is not None
    assert loss.day == day


@given(st.text(), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_no_text_raises_and_no_loss_lies_in_the_future(text: str, received: date) -> None:
    loss = proposed(text + " ieri 12.10 luni 3 mai", received=received, language=None)

    assert loss is None or loss.day <= received


@pytest.mark.parametrize(
    "hostile", ["1.", "14.11.", "luni ", "factura ", "from ", "ieri ", "spart ", "1 mai ", "acum ", "din ", "- "]
)
def test_hostile_text_takes_a_moment_only(hostile: str) -> None:
    began = time.process_time()
    proposed(hostile * (1_000_000 // len(hostile)), received=MONDAY, language=None)

    assert time.process_time() - began < 2

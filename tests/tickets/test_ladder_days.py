"""The days on which the steps of a request's ladder fall."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.desk import OFFICE
from tickets import calendars, ladder_days

SENT = datetime(2026, 11, 23, 8, tzinfo=UTC)
CALENDAR = calendars.of(OFFICE)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE.timezone).astimezone(UTC)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants them naive
    st.lists(st.integers(1, 90), min_size=1, max_size=5, unique=True).map(sorted),
)
def test_steps_fall_on_working_days_never_before_their_day(sent: datetime, days: list[int]) -> None:
    office = replace(OFFICE, ladder=tuple(days))

    for step, after in enumerate(days):
        at = ladder_days.step_at(office, sent, step)
        earliest = office.day(sent).toordinal() + after
        assert CALENDAR.is_working(office.day(at))
        assert office.day(at).toordinal() >= earliest
        assert not any(
            CALENDAR.is_working(date.fromordinal(day)) for day in range(earliest, office.day(at).toordinal())
        )


def test_step_that_comes_late_keeps_the_distance_to_the_next() -> None:
    on_time = ladder_days.next_at(OFFICE, SENT, 0, now=local("2026-12-02T09:00"))
    late = ladder_days.next_at(OFFICE, SENT, 0, now=local("2026-12-18T09:00"))

    assert on_time == local("2026-12-07T09:00")
    assert late == local("2026-12-28T09:00")  # a week after, and the Friday is Christmas
    assert ladder_days.next_at(OFFICE, SENT, 2, now=local("2026-12-23T09:00")) is None


def test_law_may_give_the_customer_longer() -> None:
    following = ladder_days.next_at(OFFICE, SENT, 1, now=local("2026-12-07T09:00"), least=45)

    assert following == local("2027-01-08T09:00")
    assert ladder_days.closing(OFFICE, SENT, least=45) == date(2027, 1, 8)
    assert ladder_days.next_at(OFFICE, SENT, 0, now=local("2026-12-02T09:00"), least=45) == local("2026-12-07T09:00")


def test_office_without_a_ladder_reminds_nobody() -> None:
    quiet = replace(OFFICE, ladder=())

    assert ladder_days.first_at(quiet, SENT) is None
    assert ladder_days.closing(quiet, SENT) is None
    assert list(ladder_days.reminders(quiet, SENT)) == []


def test_request_is_followed_on_the_days_of_its_ladder() -> None:
    assert ladder_days.first_at(OFFICE, SENT) == local("2026-12-02T09:00")
    assert list(ladder_days.reminders(OFFICE, SENT)) == [date(2026, 12, 2), date(2026, 12, 7)]
    assert ladder_days.closing(OFFICE, SENT) == date(2026, 12, 23)


def test_step_of_the_same_day_waits_for_no_other() -> None:
    office = replace(OFFICE, ladder=(0, 1))

    assert ladder_days.step_at(office, SENT, 0) == local("2026-11-23T09:00")
    assert ladder_days.next_at(office, SENT, 0, now=SENT) == local("2026-11-24T09:00")
    assert ladder_days.closing(replace(OFFICE, ladder=(0,)), SENT) == date(2026, 11, 23)
    assert ladder_days.next_at(replace(OFFICE, ladder=(0, 0)), SENT, 0, now=SENT) == local("2026-11-23T09:00")
    assert ladder_days.next_at(replace(OFFICE, ladder=(0, 0, 7)), SENT, 0, now=SENT) == local("2026-11-23T09:00")

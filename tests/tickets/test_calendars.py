"""Business time, against a model that looks at every day and every minute."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.desk import OFFICE
from tickets.calendars import Calendar, months_after, of
from tickets.office import AfterHours

BUCHAREST = of(OFFICE)
ZONES = ("Europe/Bucharest", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
MINUTE = timedelta(minutes=1)

days = st.dates(date(2023, 12, 1), date(2029, 3, 31))
moments = st.datetimes(datetime(2023, 12, 1), datetime(2029, 3, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them naive
calendars = st.builds(
    Calendar,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    country=st.sampled_from(["RO", "US", "GB", "AE", "XX"]),
    opens=st.sampled_from([time(9), time(2, 30), time(0), time(8, 15)]),
    closes=st.sampled_from([time(17), time(3), time(12, 45), time(23, 59)]),
    after_hours=st.sampled_from(AfterHours),
).filter(lambda calendar: calendar.opens < calendar.closes)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE.timezone)


@given(calendars, days, st.integers(0, 40))
def test_working_days_are_those_found_by_looking_at_every_day(calendar: Calendar, day: date, count: int) -> None:
    end = calendar.working_after(day, count)

    seen = [each for each in each_day(day + timedelta(days=1), end) if calendar.is_working(each)]
    assert len(seen) == count
    assert not seen or seen[-1] == end
    assert calendar.working_days(day, end) == count


@given(calendars, days)
def test_nearest_working_days_have_none_between_them_and_the_day(calendar: Calendar, day: date) -> None:
    before, after = calendar.last_working(day), calendar.next_working(day)

    assert calendar.is_working(before)
    assert calendar.is_working(after)
    assert not any(map(calendar.is_working, each_day(before + timedelta(days=1), after - timedelta(days=1))))
    assert before <= day <= after


@given(calendars, moments, st.integers(0, 26 * 60))
def test_open_time_is_that_found_by_looking_at_every_minute(calendar: Calendar, start: datetime, minutes: int) -> None:
    start = start.replace(second=0, microsecond=0)
    end = start + minutes * MINUTE

    model = sum(is_open(calendar, start + number * MINUTE) for number in range(minutes))

    assert calendar.open_between(start, end) == model * MINUTE


@given(calendars, moments, st.integers(1, 40 * 60))
def test_moment_after_open_time_is_the_first_with_that_much_behind_it(
    calendar: Calendar, start: datetime, minutes: int
) -> None:
    span = minutes * MINUTE

    end = calendar.after_open(start, span)

    assert calendar.open_between(start, end) == span
    assert calendar.open_between(start, end - MINUTE) < span
    assert calendar.after_open(start, timedelta()) == calendar.in_hours(start)


@given(calendars, days, st.times())
def test_every_reading_of_the_clock_is_one_moment_of_that_day_or_just_after_the_gap(
    calendar: Calendar, day: date, clock: time
) -> None:
    at = calendar.at(day, clock)

    shown = at.astimezone(calendar.zone)
    assert shown.replace(tzinfo=None) >= datetime.combine(day, clock)
    assert shown.replace(tzinfo=None) - datetime.combine(day, clock) <= timedelta(hours=1)
    assert shown.fold == 0


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        ("2026-03-29", "2026-03-29T01:30+00:00"),  # 03:00 comes right after 02:59: half past two is left out
        ("2026-10-25", "2026-10-25T00:30+00:00"),  # 03:00 comes again after 03:59: half past three comes twice
    ],
)
def test_half_past_three_on_a_night_the_clock_changes_is_one_moment(day: str, moment: str) -> None:
    at = BUCHAREST.at(date.fromisoformat(day), time(3, 30))

    assert at == datetime.fromisoformat(moment)


@given(days, st.integers(0, 60))
def test_months_go_to_the_same_day_or_the_last_of_the_month(day: date, count: int) -> None:
    later = months_after(day, count)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == count
    is_last = (later + timedelta(days=1)).day == 1
    assert later.day == day.day or (is_last and later.day < day.day)


@pytest.mark.parametrize(
    ("day", "count", "later"),
    [
        ("2027-01-31", 1, "2027-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_month_without_that_day_ends_on_its_last(day: str, count: int, later: str) -> None:
    assert months_after(date.fromisoformat(day), count) == date.fromisoformat(later)


@pytest.mark.parametrize(
    ("after_hours", "received", "counted"),
    [
        (AfterHours.SAME_DAY, "2026-11-27T17:30", "2026-11-27"),
        (AfterHours.NEXT_DAY, "2026-11-27T17:30", "2026-12-02"),
        (AfterHours.NEXT_DAY, "2026-11-27T17:00", "2026-11-27"),
        (AfterHours.NEXT_DAY, "2026-11-27T06:00", "2026-11-27"),
        (AfterHours.NEXT_DAY, "2026-11-28T10:00", "2026-12-02"),
        (AfterHours.SAME_DAY, "2026-11-28T10:00", "2026-11-28"),
    ],
)
def test_what_comes_after_hours_counts_as_the_office_has_set(
    after_hours: AfterHours, received: str, counted: str
) -> None:
    calendar = Calendar(
        zone=OFFICE.timezone, country="RO", opens=time(9), closes=time(17), after_hours=after_hours
    )  # fmt: skip

    assert calendar.day_received(local(received)) == date.fromisoformat(counted)


def test_public_holidays_of_the_country_are_no_working_days() -> None:
    free = [day for day in each_day(date(2026, 11, 23), date(2027, 1, 8)) if not BUCHAREST.is_working(day)]

    on_weekdays = [day.isoformat() for day in free if day.weekday() < 5]
    assert on_weekdays == ["2026-11-30", "2026-12-01", "2026-12-25", "2027-01-01", "2027-01-06", "2027-01-07"]


def test_years_without_known_holidays_have_their_weekends_free() -> None:
    assert BUCHAREST.is_working(date(2450, 12, 26)) is (date(2450, 12, 26).weekday() < 5)
    assert not BUCHAREST.is_working(date(2450, 12, 31)) or date(2450, 12, 31).weekday() < 5


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-27T08:00", "2026-11-27T09:00"),
        ("2026-11-27T12:00", "2026-11-27T12:00"),
        ("2026-11-27T17:00", "2026-11-27T17:00"),
        ("2026-11-27T17:01", "2026-12-02T09:00"),
        ("2026-11-29T12:00", "2026-12-02T09:00"),
    ],
)
def test_moment_out_of_hours_goes_to_the_next_opening(moment: str, opens: str) -> None:
    found = BUCHAREST.in_hours(local(moment))

    assert found == local(opens)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "hours", "after"),
    [
        ("2026-11-27T16:00", 1, "2026-11-27T17:00"),  # the last open minute is still of that day
        ("2026-11-27T16:00", 2, "2026-12-02T10:00"),
        ("2026-11-27T16:00", 9, "2026-12-02T17:00"),
        ("2026-11-27T17:00", 0, "2026-11-27T17:00"),
    ],
)
def test_open_time_may_end_with_the_day(moment: str, hours: int, after: str) -> None:
    assert BUCHAREST.after_open(local(moment), timedelta(hours=hours)) == local(after)


@pytest.mark.parametrize(
    ("moment", "count", "later"),
    [
        ("2026-11-27T23:59:59", 30, "2026-12-27T23:59:59"),
        ("2027-03-27T23:30", 1, "2027-03-28T23:30"),
        ("2027-03-27T03:30", 1, "2027-03-28T04:30"),  # half past three is left out
        ("2026-10-24T00:30", 45, "2026-12-08T00:30"),
        ("2028-02-28T12:00", 1, "2028-02-29T12:00"),
    ],
)
def test_clock_shows_the_same_some_days_later(moment: str, count: int, later: str) -> None:
    assert BUCHAREST.days_after(local(moment).astimezone(UTC), count) == local(later).astimezone(UTC)


def test_calendar_is_that_of_the_office() -> None:
    office = replace(
        OFFICE, timezone=ZoneInfo("Europe/London"), country="GB", opens=time(8), closes=time(16),
        after_hours=AfterHours.SAME_DAY,
    )  # fmt: skip

    assert of(office) == Calendar(
        zone=ZoneInfo("Europe/London"), country="GB", opens=time(8), closes=time(16), after_hours=AfterHours.SAME_DAY
    )


def each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(max((last - first).days + 1, 0))]


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Whether the clock on the wall is between opening and closing on a working day: nothing but that."""
    shown = moment.astimezone(calendar.zone)
    opening, closing = calendar.opening(shown.date()), calendar.closing(shown.date())
    return calendar.is_working(shown.date()) and opening <= moment < closing

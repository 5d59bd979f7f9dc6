"""Business time: working days, public holidays, opening hours and months, as one office counts them. Pure."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

from tickets.office import AfterHours, Office

_DAY = timedelta(days=1)
_WEEKEND = frozenset({calendar.SATURDAY, calendar.SUNDAY})
_END = time(23, 59, 59)
#: Public holidays are known for these years; outside them only weekends are free.
_KNOWN = range(1950, 2100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Days and hours of one office. Moments in and out are aware; those given out are in UTC."""

    zone: ZoneInfo
    country: str
    opens: time
    closes: time
    after_hours: AfterHours

    # --- days

    def day(self, moment: datetime) -> date:
        """The office's day of a moment."""
        return moment.astimezone(self.zone).date()

    def is_working(self, day: date) -> bool:
        """Whether the office is open on this day."""
        weekend, free = _free(self.country, day.year)
        return day.weekday() not in weekend and day not in free

    def working_after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself is not counted; 0 is the day itself."""
        for _ in range(count):
            day = self.next_working(day + _DAY)
        return day

    def next_working(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        while not self.is_working(day):
            day += _DAY
        return day

    def last_working(self, day: date) -> date:
        """The day itself if it is a working day, else the last one before it."""
        while not self.is_working(day):
            day -= _DAY
        return day

    def working_days(self, after: date, until: date) -> int:
        """How many working days there are after `after`, up to `until` and with it."""
        return sum(map(self.is_working, _days(after + _DAY, until)))

    def day_received(self, moment: datetime) -> date:
        """The day on which our own service levels count something as received (the after-hours rule)."""
        day = self.day(moment)
        late = not self.is_working(day) or moment > self.closing(day)
        if self.after_hours is AfterHours.SAME_DAY or not late:
            return day
        return self.working_after(day, 1)

    # --- moments

    def opening(self, day: date) -> datetime:
        """When the office opens on this day, were it a working day."""
        return self.at(day, self.opens)

    def closing(self, day: date) -> datetime:
        """When the office closes on this day, were it a working day."""
        return self.at(day, self.closes)

    def end_of(self, day: date) -> datetime:
        """The last second of a day."""
        return self.at(day, _END)

    def at(self, day: date, clock: time) -> datetime:
        """What the office's clock shows, as a moment: the first of two, and just after the gap if it is left out."""
        return _moment(self.zone, day, clock)

    def days_after(self, moment: datetime, count: int) -> datetime:
        """The moment at which the office's clock shows the same so many days later, be it changed in between or not."""
        shown = moment.astimezone(self.zone)
        return self.at(shown.date() + timedelta(days=count), shown.time())

    def in_hours(self, moment: datetime) -> datetime:
        """The moment itself if the office is open then, else when it opens next."""
        day = self.day(moment)
        if self.is_working(day) and moment <= self.closing(day):
            return max(moment.astimezone(UTC), self.opening(day))
        return self.opening(self.working_after(day, 1))

    # --- open time: what passes while the office is open

    def after_open(self, moment: datetime, span: timedelta) -> datetime:
        """The first moment at which the office has been open for `span` since `moment`."""
        at = self.in_hours(moment)
        while span > (left := self.closing(self.day(at)) - at):
            span -= left
            at = self.opening(self.working_after(self.day(at), 1))
        return at + span

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the office is open between two moments."""
        spans = (self._open_on(day, start, end) for day in _days(self.day(start), self.day(end)))
        return sum(spans, timedelta())

    def _open_on(self, day: date, start: datetime, end: datetime) -> timedelta:
        if not self.is_working(day):
            return timedelta()
        return max(min(end, self.closing(day)) - max(start, self.opening(day)), timedelta())


def of(office: Office) -> Calendar:
    """The calendar of an office."""
    return Calendar(
        zone=office.timezone,
        country=office.country,
        opens=office.opens,
        closes=office.closes,
        after_hours=office.after_hours,
    )


def months_after(day: date, count: int) -> date:
    """The same day of a later month; its last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


@lru_cache(maxsize=8192)
def _moment(zone: ZoneInfo, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


@cache
def _free(country: str, year: int) -> tuple[frozenset[int], frozenset[date]]:
    """The weekdays and the days of a year on which offices of a country are closed."""
    if year not in _KNOWN:
        return _WEEKEND, frozenset()
    try:
        of_year = holidays.country_holidays(country, years=year)
    except NotImplementedError:  # nobody has listed them; to ask which countries are would load all 250
        return _WEEKEND, frozenset()
    return frozenset(of_year.weekend), frozenset(of_year)

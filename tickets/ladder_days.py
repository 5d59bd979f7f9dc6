"""On which days the steps of a request's ladder fall: so many after it was sent, rolled to working days. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tickets import calendars
from tickets.office import Office


def first_at(office: Office, sent_at: datetime) -> datetime | None:
    """When the first step after a request is due; None where no ladder is configured."""
    return step_at(office, sent_at, 0) if office.ladder else None


def step_at(office: Office, sent_at: datetime, step: int, *, least: int = 0) -> datetime:
    """When a step is due: so many days after the request (at least `least`), when the office opens next."""
    calendar = calendars.of(office)
    day = calendar.day(sent_at) + timedelta(days=max(office.ladder[step], least))
    return calendar.opening(calendar.next_working(day))


def next_at(office: Office, sent_at: datetime, step: int, *, now: datetime, least: int = 0) -> datetime | None:
    """When the step after `step`, taken now, is due; one that comes late moves those behind it on."""
    following = step + 1
    if following >= len(office.ladder):
        return None
    calendar = calendars.of(office)
    is_last = following == len(office.ladder) - 1
    planned = step_at(office, sent_at, following, least=least if is_last else 0)
    if calendar.day(now) == calendar.day(step_at(office, sent_at, step)):
        return planned
    gap = timedelta(days=office.ladder[following] - office.ladder[step])
    return max(planned, calendar.opening(calendar.next_working(calendar.day(now) + gap)))


def reminders(office: Office, sent_at: datetime) -> Sequence[date]:
    """The days on which we write again."""
    return [office.day(step_at(office, sent_at, step)) for step in range(len(office.ladder) - 1)]


def closing(office: Office, sent_at: datetime, *, least: int = 0) -> date | None:
    """The day on which closing is proposed; None where no ladder is configured."""
    return office.day(step_at(office, sent_at, len(office.ladder) - 1, least=least)) if office.ladder else None

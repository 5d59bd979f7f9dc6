"""When a clock is due and when each step of its ladder is raised, from its start and what happened since. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from tickets.calendars import Calendar, months_after
from tickets.deadlines.definitions import Definition, Ends, Roll, Unit

#: Per cent of the time at which somebody is told; the last is the end.
STEPS = (50, 75, 90, 100)


class Mark(StrEnum):
    """What may happen to a clock after it has started."""

    STARTED = "started"  #: Counted from another moment than it was.
    PAUSED = "paused"
    UNPAUSED = "unpaused"  #: The pause turned out never to have begun: the request did not arrive.
    RESUMED = "resumed"
    EXTENDED = "extended"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"
    REVIVED = "revived"  #: What had met or cancelled it was undone.


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened to a clock."""

    kind: str
    at: datetime
    number: int = 0  #: Of an extension: how much, in the definition's unit of extension.


@dataclass(frozen=True, slots=True, kw_only=True)
class Pausing:
    """One span in which the clock stood."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a clock's happenings come to."""

    started_at: datetime
    extended: int = 0
    pauses: tuple[Pausing, ...] = ()
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    is_met: bool = False
    is_breached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the ladder: the day its share of the time is over, and when it is raised."""

    per_cent: int
    day: date
    planned: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """When a clock is due, and its steps."""

    course: Course
    due_on: date
    due_at: datetime
    steps: tuple[Step, ...] = field(default=())


def reckon(
    definition: Definition,
    calendar: Calendar,
    started_at: datetime,
    happenings: Iterable[Happening],
    *,
    steps: Sequence[int] = STEPS,
) -> Reckoned:
    """Work out a clock, with these of its steps; a pause that goes on is left out until it ends."""
    return _reckoned(definition, calendar, follow(started_at, happenings), tuple(steps))


@lru_cache(maxsize=1024)
def _reckoned(definition: Definition, calendar: Calendar, course: Course, steps: tuple[int, ...]) -> Reckoned:
    """Remembered: the messages of a batch came in at one moment, and start the same clocks."""
    due_on, due_at = _due(definition, calendar, course)
    due = Reckoned(course=course, due_on=due_on, due_at=due_at)
    if not definition.is_ours:
        return due
    make = _statutory_step if definition.is_statutory else _internal_step
    return replace(due, steps=tuple(make(definition, calendar, due, share) for share in steps))


def follow(started_at: datetime, happenings: Iterable[Happening]) -> Course:
    """Go through what happened, in the order it became known; no time stands before the start."""
    course = Course(started_at=started_at)
    for each in happenings:
        course = _after(course, each)
    since = course.started_at
    pauses = (replace(each, start=max(each.start, since)) for each in course.pauses if each.end > since)
    return replace(course, pauses=tuple(pauses))


def _after(course: Course, each: Happening) -> Course:
    turn = _TURNS.get(each.kind)
    return turn(course, each) if turn else course


def _resumed(course: Course, each: Happening) -> Course:
    if course.paused_at is None:
        return course
    pausing = Pausing(start=course.paused_at, end=max(each.at, course.paused_at))
    return replace(course, pauses=_apart(course.pauses, pausing), paused_at=None)


def _apart(pauses: Sequence[Pausing], new: Pausing) -> tuple[Pausing, ...]:
    """Pauses in the order of their days, whenever they became known; those that overlap are one."""
    before = [each for each in pauses if each.end < new.start]
    after = [each for each in pauses if each.start > new.end]
    start = min([new.start, *(each.start for each in pauses[len(before) :])])
    end = max([new.end, *(each.end for each in pauses[: len(pauses) - len(after)])])
    return (*before, Pausing(start=start, end=end), *after)


def _extended(course: Course, each: Happening) -> Course:
    return replace(course, extended=course.extended + each.number, is_breached=False)


_TURNS: Mapping[str, Callable[[Course, Happening], Course]] = {
    Mark.STARTED: lambda course, each: replace(course, started_at=each.at),
    Mark.PAUSED: lambda course, each: replace(course, paused_at=each.at),
    Mark.UNPAUSED: lambda course, _: replace(course, paused_at=None),
    Mark.RESUMED: _resumed,
    Mark.EXTENDED: _extended,
    Mark.MET: lambda course, each: replace(course, stopped_at=each.at, is_met=True),
    Mark.CANCELLED: lambda course, each: replace(course, stopped_at=each.at, is_met=False),
    Mark.REVIVED: lambda course, _: replace(course, stopped_at=None, is_met=False),
    Mark.BREACHED: lambda course, _: replace(course, is_breached=True),
}


# --- due


def _due(definition: Definition, calendar: Calendar, course: Course) -> tuple[date, datetime]:
    if definition.unit is Unit.WORKING_HOURS:
        hours = timedelta(hours=definition.duration + course.extended)
        due_at = _past_open(calendar, calendar.after_open(course.started_at, hours), course.pauses)
        return calendar.day(due_at), due_at
    due_on = _past(definition, calendar, _unpaused_end(definition, calendar, course), course.pauses)
    if definition.roll is Roll.NEXT:
        due_on = calendar.next_working(due_on)
    return due_on, _end(definition, calendar, due_on)


def _end(definition: Definition, calendar: Calendar, day: date) -> datetime:
    return calendar.closing(day) if definition.ends is Ends.CLOSING else calendar.end_of(day)


def _first_day(definition: Definition, calendar: Calendar, moment: datetime) -> date:
    """The day that is not counted: statutory times know no office hours."""
    if definition.is_statutory:
        return calendar.day(moment) + timedelta(days=definition.presumed_receipt)
    return calendar.day_received(moment)


def _unpaused_end(definition: Definition, calendar: Calendar, course: Course) -> date:
    first = _first_day(definition, calendar, course.started_at)
    if definition.extend_day is None:
        return counted(calendar, first, definition.duration + course.extended, definition.unit)
    return counted(calendar, counted(calendar, first, definition.duration, definition.unit), course.extended,
                   definition.extend_day)  # fmt: skip


def counted(calendar: Calendar, first: date, number: int, unit: Unit) -> date:
    """The day `number` units after `first`, which is not counted."""
    match unit:
        case Unit.WORKING:
            return calendar.working_after(first, number)
        case Unit.MONTH:
            return months_after(first, number)
        case Unit.WEEK:
            return first + timedelta(weeks=number)
        case _:
            return first + timedelta(days=number)


def _past(definition: Definition, calendar: Calendar, day: date, pauses: Sequence[Pausing]) -> date:
    """Move a day on by the pauses before it: the day of the pause counts, the day it ends does not."""
    for pausing in _joined(definition, calendar, pauses):
        if pausing.start >= _end(definition, calendar, day):
            break
        start, end = calendar.day(pausing.start), _first_day_again(definition, calendar, pausing.end)
        if definition.unit is Unit.WORKING:
            moved = calendar.working_after(day, calendar.working_days(start, end))
            day = max(moved, calendar.next_working(end))  # what stood on its last day goes on for a working day
        else:
            day += end - start
    return day


def _joined(definition: Definition, calendar: Calendar, pauses: Sequence[Pausing]) -> list[Pausing]:
    """Pauses are one where the next begins before the working day on which the clock would have gone on."""
    joined: list[Pausing] = []
    for each in pauses:
        last = joined[-1] if definition.unit is Unit.WORKING and joined else None
        again = calendar.next_working(_first_day_again(definition, calendar, last.end)) if last else None
        if last and again and calendar.day(each.start) < again:
            joined[-1] = Pausing(start=last.start, end=each.end)
        else:
            joined.append(each)
    return joined


def _first_day_again(definition: Definition, calendar: Calendar, moment: datetime) -> date:
    return calendar.day(moment) if definition.is_statutory else calendar.day_received(moment)


def _past_open(calendar: Calendar, moment: datetime, pauses: Sequence[Pausing]) -> datetime:
    """Move a moment on by the open time of the pauses before it."""
    for pausing in pauses:
        if pausing.start < moment:
            moment = calendar.after_open(moment, calendar.open_between(pausing.start, pausing.end))
    return moment


# --- steps


def _statutory_step(definition: Definition, calendar: Calendar, due: Reckoned, share: int) -> Step:
    """Whole days, and never after the fact: a step on a day off is raised on the last working day before."""
    if share == 100:  # noqa: PLR2004 - per cent
        day, planned = due.due_on, due.due_at
    else:
        day = _share_of_days(definition, calendar, due.course, share)
        planned = calendar.opening(day)
    if not calendar.is_working(day):
        planned = calendar.opening(calendar.last_working(day))
    return Step(per_cent=share, day=day, planned=planned)


def _share_of_days(definition: Definition, calendar: Calendar, course: Course, share: int) -> date:
    first = _first_day(definition, calendar, course.started_at)
    end = _unpaused_end(definition, calendar, course)
    unit = Unit.WORKING if definition.unit is Unit.WORKING else Unit.CALENDAR
    whole = calendar.working_days(first, end) if unit is Unit.WORKING else (end - first).days
    day = counted(calendar, first, whole * share // 100, unit)
    return _past(definition, calendar, day, course.pauses)


def _internal_step(_: Definition, calendar: Calendar, due: Reckoned, share: int) -> Step:
    """Shares of the open time: they fall into office hours by themselves."""
    course = due.course
    start = calendar.in_hours(course.started_at)
    whole = calendar.open_between(start, due.due_at)
    stood = (calendar.open_between(each.start, min(each.end, due.due_at)) for each in course.pauses)
    whole -= sum(stood, timedelta())
    planned = _past_open(calendar, calendar.after_open(start, whole * share / 100), course.pauses)
    planned = min(planned, due.due_at) if share < 100 else due.due_at  # noqa: PLR2004 - per cent
    return Step(per_cent=share, day=calendar.day(planned), planned=planned)

"""What a clock's row says: its state and times, brought in line with its start and what has happened since."""

from datetime import datetime
from typing import Any

from tickets.calendars import Calendar
from tickets.deadlines.definitions import Definition
from tickets.deadlines.reckoning import STEPS, Course, Happening, Mark, Reckoned, Step, follow, reckon
from tickets.models import Clock, ClockEvent, ClockState

#: States in which something is still owed.
OPEN = (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED)


def happenings(clock: Clock) -> list[Happening]:
    """The clock's events as the reckoning reads them."""
    return [Happening(kind=each.kind, at=each.at, number=each.detail.get("number", 0)) for each in clock.events]


def standing(clock: Clock, definition: Definition, calendar: Calendar) -> Reckoned:
    """Reckon a clock as its rows tell it."""
    return reckon(definition, calendar, clock.started_at, happenings(clock))


def first(definition: Definition, calendar: Calendar, started_at: datetime) -> dict[str, Any]:
    """The columns of a clock that has just started."""
    reckoned = reckon(definition, calendar, started_at, (), steps=STEPS[:1])
    step = reckoned.steps[0] if reckoned.steps else None
    return {
        "key": definition.key,
        "statutory": definition.is_statutory,
        "state": ClockState.RUNNING,
        "started_at": started_at,
        "due_at": reckoned.due_at,
        "due_on": reckoned.due_on,
        "next_step": step.per_cent if step else None,
        "next_at": step.planned if step else reckoned.due_at,
    }


def mark(
    clock: Clock, kind: str, *, at: datetime, now: datetime, message_id: int | None = None, **detail: object
) -> None:
    """Write down that something happened to a clock; `replan` brings its times in line."""
    event = ClockEvent(kind=kind, at=at, recorded_at=now, message_id=message_id, detail=dict(detail))
    clock.events.append(event)


def hold(clock: Clock, *, now: datetime) -> None:
    """Set what can be said without a calendar: met, standing or running; the sweep works out the rest at once."""
    _set(clock, follow(clock.started_at, happenings(clock)))
    clock.next_at = now if clock.state in OPEN else None


def replan(clock: Clock, definition: Definition, calendar: Calendar) -> Reckoned:
    """Set state, due time and the next step to look at from what has happened."""
    reckoned = standing(clock, definition, calendar)
    _set(clock, reckoned.course)
    clock.started_at, clock.due_at, clock.due_on = reckoned.course.started_at, reckoned.due_at, reckoned.due_on
    clock.next_at = _next_at(clock, definition, calendar, reckoned)
    return reckoned


def extend(clock: Clock, definition: Definition, calendar: Calendar, *, now: datetime, number: int) -> None:
    """Add time: the steps to come are owed again, as those raised spoke of the time before; the end in any case."""
    mark(clock, Mark.EXTENDED, at=now, now=now, what="clock.extended", number=number)
    resumed = Happening(kind=Mark.RESUMED, at=now)  # a clock that stands has its steps before it, however late it is
    steps = reckon(definition, calendar, clock.started_at, [*happenings(clock), resumed]).steps
    again = next((each.per_cent for each in steps if each.planned > now), STEPS[-1])
    clock.next_step = min(again, clock.next_step or again)  # one that was not raised yet still is
    replan(clock, definition, calendar)


def extensions(clock: Clock) -> int:
    """How often a clock was given more time."""
    return sum(each.kind == Mark.EXTENDED for each in clock.events)


def _set(clock: Clock, course: Course) -> None:
    clock.paused_at, clock.stopped_at, clock.state = course.paused_at, course.stopped_at, _state(course)


def _state(course: Course) -> ClockState:
    if course.stopped_at is not None:
        return ClockState.MET if course.is_met else ClockState.CANCELLED
    if course.paused_at is not None:
        return ClockState.PAUSED
    return ClockState.BREACHED if course.is_breached else ClockState.RUNNING


def _next_at(clock: Clock, definition: Definition, calendar: Calendar, reckoned: Reckoned) -> datetime | None:
    """When a clock has something to do without anybody's move; None: never, as one that has ended."""
    match clock.state:
        case ClockState.RUNNING:
            return next((each.planned for each in pending(clock, reckoned)), reckoned.due_at)
        case ClockState.PAUSED:
            return longest_pause(clock, definition, calendar)
        case ClockState.BREACHED:
            report = next_report(clock, definition, calendar, reckoned)
            return report[1] if report else None
        case _:
            return None


def longest_pause(clock: Clock, definition: Definition, calendar: Calendar) -> datetime | None:
    """When a clock that stands goes on by itself; None: it waits for ever."""
    if clock.paused_at is None or definition.max_pause is None:
        return None
    return calendar.days_after(clock.paused_at, definition.max_pause)


def pending(clock: Clock, reckoned: Reckoned) -> list[Step]:
    """The steps that are still to be raised, the soonest first."""
    first_one = clock.next_step
    return [each for each in reckoned.steps if first_one is not None and each.per_cent >= first_one]


def next_report(
    clock: Clock, definition: Definition, calendar: Calendar, reckoned: Reckoned
) -> tuple[int, datetime] | None:
    """The number of the next report on a clock whose time is up, from 101 on, and its time; None where none is owed."""
    if definition.repeat_status is None:
        return None
    first_one = STEPS[-1] + 1
    number = max(clock.next_step or first_one, first_one)
    return number, calendar.days_after(reckoned.due_at, definition.repeat_status * (number - STEPS[-1]))

"""What a move means for the clocks: those it starts, meets, lets stand or go on. Many moves at once, few queries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from tickets import calendars, leaves
from tickets.calendars import Calendar
from tickets.deadlines.definitions import ENDING, PAUSING, WORDS, Definition, Pause, Subject, load
from tickets.deadlines.planning import OPEN, first, hold, mark, replan
from tickets.deadlines.reckoning import Mark
from tickets.models import Claim, Clock, ClockState, Message, Task, Ticket
from tickets.office import Office

#: A moment outside these years is a slip of the pen; it starts nothing (check DAT-01 tells of it).
_YEARS = range(1950, 2150)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened to a claim, a ticket or a task, in a word of the definitions."""

    what: str
    at: datetime  #: What counts: when it arrived or left, not when it was read or written down.
    claim: Claim | None = None
    ticket: Ticket | None = None
    task: Task | None = None
    message: Message | None = None  #: What caused it.
    request: str | None = None  #: The code of the request that was delivered, returned or withdrawn.
    fresh: bool = False  #: What it happened to has just been made, so it has no clock yet.
    without: frozenset[str] = frozenset()  #: Clocks that it does not start this time.
    again: bool = False  #: Told before: starts nothing twice, and corrects when what still runs was started.


def happened(
    session: Session,
    office: Office,
    what: str,
    *,
    at: datetime,
    now: datetime,
    claim: Claim | None = None,
    ticket: Ticket | None = None,
    task: Task | None = None,
    message: Message | None = None,
    request: str | None = None,
) -> None:
    """Tell the clocks of a claim, ticket or task that `what` happened `at`; idempotent while they run."""
    one = Occurrence(what=what, at=at, claim=claim, ticket=ticket, task=task, message=message, request=request)
    happened_all(session, office, [one], now=now)


def happened_all(session: Session, office: Office, occurrences: Sequence[Occurrence], *, now: datetime) -> None:
    """The same for many: clocks are started first, in one statement, then those that run are met or stand."""
    if not occurrences:
        return
    _only_known_words(occurrences)
    session.flush()  # clocks name what they stand on by key
    _start(session, office, occurrences, now)
    _apply(session, occurrences, now, calendars.of(office))


def passed(session: Session, *occurrences: Occurrence, now: datetime) -> None:
    """The same for who knows no office: clocks are met, stand or go on; none is started by it."""
    _only_known_words(occurrences)
    _apply(session, occurrences, now, None)


def _only_known_words(occurrences: Iterable[Occurrence]) -> None:
    if unknown := sorted({each.what for each in occurrences} - WORDS - PAUSING - ENDING):
        raise ValueError(f"no clock knows the word {unknown[0]!r}")


# --- starting


def _start(session: Session, office: Office, occurrences: Sequence[Occurrence], now: datetime) -> None:
    wanted = [(definition, each) for each in occurrences for definition in _started_by(office, each)]
    running = _running(session, [each for _, each in wanted if not each.fresh])
    known = _known(session, [each for _, each in wanted if each.again])
    calendar = calendars.of(office)
    rows: list[dict[str, Any]] = []
    for definition, each in wanted:
        row = _row(calendar, definition, each, now)
        place = (definition.key, row["claim_id"], row["ticket_id"], row["task_id"])
        since = running.get(place)
        if each.again and place in known:
            continue
        if since is None or (definition.pause is Pause.RESET and since < each.at):
            running[place] = each.at
            rows.append(row)
    if rows:
        leaves.write(session, Clock, rows)


def _started_by(office: Office, each: Occurrence) -> Iterator[Definition]:
    if each.at.year not in _YEARS:
        return
    for definition in _listening(each.what):
        if (
            each.what in definition.start
            and definition.key not in each.without
            and definition.runs_under(office.jurisdictions)
            and _stands_on(definition, each)
        ):
            yield definition


@cache
def _listening(word: str) -> tuple[Definition, ...]:
    """The definitions to which a word may mean anything; an end concerns them all."""
    return tuple(
        each
        for each in load().values()
        if word in ENDING
        or word in each.start
        or word in each.stop
        or (word in PAUSING and each.pause is not Pause.NONE)
    )


def _stands_on(definition: Definition, each: Occurrence) -> bool:
    """Whether what it happened to can carry this clock."""
    match definition.on:
        case Subject.CLAIM:
            return each.claim is not None and definition.applies_to(each.claim.type)
        case Subject.TICKET:
            return each.ticket is not None and definition.applies_to(each.ticket.kind)
        case _:
            return each.task is not None


def _row(calendar: Calendar, definition: Definition, each: Occurrence, now: datetime) -> dict[str, Any]:
    on = definition.on
    return {
        **first(definition, calendar, each.at),
        "claim_id": each.claim.id if each.claim and on is not Subject.TICKET else None,
        "ticket_id": each.ticket.id if each.ticket and on is Subject.TICKET else None,
        "task_id": each.task.id if each.task and on is Subject.TASK else None,
        "message_id": each.message.id if each.message else None,
        "recorded_at": now,
    }


_Place = tuple[str, int | None, int | None, int | None]


def _running(session: Session, occurrences: Sequence[Occurrence]) -> dict[_Place, datetime]:
    """The clocks that are open on what these happened to, by key and place, and since when."""
    if not (where := _places(occurrences)):
        return {}
    columns = (Clock.key, Clock.claim_id, Clock.ticket_id, Clock.task_id, Clock.started_at)
    query = select(*columns).where(Clock.state.in_(OPEN), or_(*where)).order_by(Clock.id)
    return {(key, claim_id, ticket_id, task_id): at for key, claim_id, ticket_id, task_id, at in session.execute(query)}


def _known(session: Session, occurrences: Sequence[Occurrence]) -> set[_Place]:
    """The clocks that run or have ended on what these happened to."""
    if not (where := _places(occurrences)):
        return set()
    query = select(Clock.key, Clock.claim_id, Clock.ticket_id, Clock.task_id).where(or_(*where))
    return {(key, claim_id, ticket_id, task_id) for key, claim_id, ticket_id, task_id in session.execute(query)}


def _places(occurrences: Iterable[Occurrence]) -> list[ColumnElement[bool]]:
    listed = list(occurrences)
    claims = {each.claim.id for each in listed if each.claim is not None}
    tickets = {each.ticket.id for each in listed if each.ticket is not None}
    tasks = {each.task.id for each in listed if each.task is not None}
    found = ((Clock.claim_id, claims), (Clock.ticket_id, tickets), (Clock.task_id, tasks))
    return [column.in_(sorted(ids)) for column, ids in found if ids]


# --- what runs already


def _apply(session: Session, occurrences: Sequence[Occurrence], now: datetime, calendar: Calendar | None) -> None:
    touching = [
        each for each in occurrences if any(_may_touch(definition, each) for definition in _listening(each.what))
    ]
    if not touching:
        return
    states = (*OPEN, ClockState.CANCELLED) if any(each.what == "request.undelivered" for each in touching) else OPEN
    query = select(Clock).where(Clock.state.in_(states), or_(*_places(touching))).order_by(Clock.id)
    held = _by_place(session.scalars(query.options(selectinload(Clock.events))))
    for each in touching:
        for clock in _about(each, held):
            definition = load().get(clock.key)
            kind = _mark_on(definition, clock, each) if definition else None
            if definition is None or kind is None:
                continue
            _write(clock, kind, each, now)
            if calendar is None:
                hold(clock, now=now)
            else:
                replan(clock, definition, calendar)


def _may_touch(definition: Definition, each: Occurrence) -> bool:
    """Whether it could mean something to a running clock; most of what arrives does not."""
    if each.what in ENDING or (each.what in PAUSING and definition.pause is not Pause.NONE):
        return True
    if each.what in definition.start and not each.fresh and (each.again or definition.pause is Pause.RESET):
        return True
    return each.what in definition.stop and _could_stand_on(definition, each)


def _could_stand_on(definition: Definition, each: Occurrence) -> bool:
    if each.claim is not None and definition.on is Subject.CLAIM:
        return definition.applies_to(each.claim.type)
    if each.ticket is not None and definition.on is Subject.TICKET:
        return definition.applies_to(each.ticket.kind)
    return definition.on is Subject.TASK


def _by_place(clocks: Iterable[Clock]) -> dict[tuple[str, int], list[Clock]]:
    held: dict[tuple[str, int], list[Clock]] = {}
    for clock in clocks:
        for column, key in (("claim", clock.claim_id), ("ticket", clock.ticket_id), ("task", clock.task_id)):
            if key is not None:
                held.setdefault((column, key), []).append(clock)
    return held


def _about(each: Occurrence, held: Mapping[tuple[str, int], list[Clock]]) -> list[Clock]:
    """The clocks on what it happened to, the oldest first."""
    places = (("claim", each.claim), ("ticket", each.ticket), ("task", each.task))
    found = {clock for column, row in places if row is not None for clock in held.get((column, row.id), ())}
    return sorted(found, key=lambda clock: clock.id)


def _write(clock: Clock, kind: str, each: Occurrence, now: datetime) -> None:
    message_id = each.message.id if each.message is not None else None
    because = {"what": each.what} | ({"request": each.request} if each.request else {})
    mark(clock, kind, at=each.at, now=now, message_id=message_id, **because)


def _mark_on(definition: Definition, clock: Clock, each: Occurrence) -> Mark | None:
    """What the occurrence does to one clock: nothing, or one mark."""
    if clock.state is ClockState.CANCELLED:
        return Mark.REVIVED if _was_reset_by(clock, each) else None
    if each.again and each.what in definition.start and clock.started_at != each.at:
        return Mark.STARTED
    if each.what in definition.stop:
        return Mark.MET
    if each.what in ENDING:
        return Mark.CANCELLED if _is_ended(definition, clock, each) else None
    match definition.pause:
        case Pause.CUSTOMER:
            return _customer_mark(clock, each)
        case Pause.IDENTITY_CHECK:
            return _identity_mark(clock, each)
        case Pause.RESET:
            return Mark.CANCELLED if _is_reset(definition, clock, each) else None
        case _:
            return None


def _is_ended(definition: Definition, clock: Clock, each: Occurrence) -> bool:
    """Work that is done ends our own service levels alone: what the law asks for is still owed."""
    if each.what == "ticket.resolved":
        return clock.ticket_id is not None and not definition.is_statutory
    return (clock.claim_id if each.what.startswith("claim.") else clock.ticket_id) is not None


def _is_reset(definition: Definition, clock: Clock, each: Occurrence) -> bool:
    """Something is asked for again, or a later item has started it anew."""
    return each.what == "request.delivered" or (each.what in definition.start and clock.started_at < each.at)


def _customer_mark(clock: Clock, each: Occurrence) -> Mark | None:
    """A delivered request lets it stand; an answer or a withdrawal lets it go on; a returned one never counted."""
    paused = clock.state is ClockState.PAUSED
    if each.what == "request.delivered" and clock.state is ClockState.RUNNING:
        return Mark.PAUSED
    if each.what == "request.undelivered" and paused and _paused_by(clock) == each.request:
        return Mark.UNPAUSED
    if each.what in ("customer.answered", "request.withdrawn") and paused:
        return Mark.RESUMED
    return None


def _identity_mark(clock: Clock, each: Occurrence) -> Mark | None:
    paused = clock.state is ClockState.PAUSED
    if each.what == "identity_check.asked" and clock.state is ClockState.RUNNING:
        return Mark.PAUSED
    return Mark.RESUMED if each.what == "identity_check.passed" and paused else None


def _paused_by(clock: Clock) -> str | None:
    return next((each.detail.get("request") for each in reversed(clock.events) if each.kind == Mark.PAUSED), None)


def _was_reset_by(clock: Clock, each: Occurrence) -> bool:
    """Whether the very request that now turns out not to have arrived had ended this clock."""
    if each.request is None or each.what != "request.undelivered":
        return False
    return any(last.kind == Mark.CANCELLED and last.detail.get("request") == each.request for last in clock.events[-1:])

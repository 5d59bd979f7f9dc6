"""The ladder of a clock: at which share of its time who is told, and what a breach changes. Rows, each step once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from templates import dates
from tickets import calendars, history
from tickets.calendars import Calendar
from tickets.claim_types import load as load_catalogue
from tickets.deadlines.definitions import Definition, load
from tickets.deadlines.planning import extensions, longest_pause, mark, next_report, pending, replan
from tickets.deadlines.reckoning import STEPS, Mark, Reckoned, Step
from tickets.models import Claim, Clock, ClockState, Escalation, Role, Staff, Task, Ticket
from tickets.office import Office

#: Clocks one transaction looks at.
PAGE = 500
#: Per cent of the time at which the lead's list, the supervisor's tasks and the breach begin.
_LEAD, _SUPERVISOR, _END = STEPS[1:]
ACTOR = "rule:deadlines"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sweep:
    """One look at the clocks: when, by which calendar, and the people who may be told."""

    session: Session
    calendar: Calendar
    now: datetime
    staff: Sequence[Staff]


def raise_due(session: Session, office: Office, *, now: datetime, limit: int = PAGE) -> int:
    """Raise what is due on the next clocks, oldest first; another sweeper's clocks are left to it. Gives how many."""
    query = (
        select(Clock)
        .where(Clock.next_at <= now)
        .order_by(Clock.next_at, Clock.id)
        .limit(limit)
        .options(joinedload(Clock.claim), joinedload(Clock.ticket).joinedload(Ticket.claim), selectinload(Clock.events))
        .with_for_update(skip_locked=True, of=Clock)
    )
    clocks = list(session.scalars(query))
    if clocks:
        staff = list(session.scalars(select(Staff).where(Staff.active).order_by(Staff.id)))
        sweep = _Sweep(session=session, calendar=calendars.of(office), now=now, staff=staff)
        for clock in clocks:
            _look_at(sweep, clock)
    return len(clocks)


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """Whether it is worth taking the writer's lock."""
    return session.scalar(select(Clock.id).where(Clock.next_at <= now).limit(1)) is not None


def _look_at(sweep: _Sweep, clock: Clock) -> None:
    definition = load().get(clock.key)
    if definition is None:
        clock.next_at = None  # the file no longer has it: shown as it stands, raised no more
        return
    _end_longest_pause(sweep, clock, definition)
    reckoned = replan(clock, definition, sweep.calendar)
    if clock.state is ClockState.RUNNING:
        for step in [each for each in pending(clock, reckoned) if each.planned <= sweep.now]:
            _raise(sweep, clock, definition, step)
            clock.next_step = next((each for each in STEPS if each > step.per_cent), None)
        if reckoned.due_at <= sweep.now:
            mark(clock, Mark.BREACHED, at=reckoned.due_at, now=sweep.now)
    elif clock.state is ClockState.BREACHED:
        _report(sweep, clock, definition, reckoned)
    replan(clock, definition, sweep.calendar)


def _end_longest_pause(sweep: _Sweep, clock: Clock, definition: Definition) -> None:
    end = longest_pause(clock, definition, sweep.calendar)
    if clock.state is ClockState.PAUSED and end is not None and end <= sweep.now:
        mark(clock, Mark.RESUMED, at=end, now=sweep.now, what="the longest pause is over")


def _raise(sweep: _Sweep, clock: Clock, definition: Definition, step: Step) -> None:
    """Owner; owner and the lead's list; the supervisor's task; the supervisor becomes the owner."""
    role, to = _role_above(clock), _owner_id(clock)
    if step.per_cent == _SUPERVISOR:
        _task(sweep, clock, definition, role)
    if step.per_cent == _END and definition.moves_owner:
        to = _hand_up(sweep, clock, role)
    sweep.session.add(
        Escalation(
            clock=clock, step=step.per_cent, extension=extensions(clock), planned_for=step.planned, raised_at=sweep.now,
            to_staff_id=to, to_role=role if step.per_cent >= _LEAD else "" if to else Role.REPRESENTATIVE,
        )
    )  # fmt: skip
    history.record(
        sweep.session, "clock.raised", actor=ACTOR, at=sweep.now, ticket=clock.ticket, claim=_claim(clock),
        clock=clock.key, step=step.per_cent, planned_for=step.planned.isoformat(),
    )  # fmt: skip


def _report(sweep: _Sweep, clock: Clock, definition: Definition, reckoned: Reckoned) -> None:
    """The law wants to hear how it stands, again and again until it is decided."""
    report = next_report(clock, definition, sweep.calendar, reckoned)
    if report is None or report[1] > sweep.now:
        return
    number, planned = report
    clock.next_step = number + 1
    to = _owner_id(clock)
    sweep.session.add(
        Escalation(
            clock=clock, step=number, extension=extensions(clock), planned_for=planned, raised_at=sweep.now,
            to_staff_id=to, to_role="" if to else Role.REPRESENTATIVE,
        )
    )  # fmt: skip


# --- who


def _claim(clock: Clock) -> Claim | None:
    return clock.claim or (clock.ticket.claim if clock.ticket else None)


def _owner_id(clock: Clock) -> int | None:
    if clock.ticket is not None and clock.ticket.owner_id is not None:
        return clock.ticket.owner_id
    claim = _claim(clock)
    return claim.owner_id if claim else None


def _role_above(clock: Clock) -> Role:
    """Who hears of it beyond the owner; what is restricted stays with those who may see it."""
    if clock.ticket is not None and clock.ticket.restricted:
        return Role.LEGAL if clock.ticket.queue == "legal" else Role.SIU
    return Role.SUPERVISOR


def _task(sweep: _Sweep, clock: Clock, definition: Definition, role: Role) -> None:
    en, ro = (dates.weekday_date(clock.due_on, language) for language in ("en", "ro"))
    demands = definition.demands
    sweep.session.add(
        Task(
            kind="escalation", department=role, claim=clock.claim, ticket=clock.ticket, due_on=clock.due_on,
            question=f"{clock.key}: {demands.en} due {en} / {demands.ro}, termen {ro}",
            restricted=role is not Role.SUPERVISOR, made_by=ACTOR, made_at=sweep.now, once=once(clock),
        )
    )  # fmt: skip


def once(clock: Clock) -> str:
    """What makes the supervisor's task one for each time that the clock was given."""
    added = extensions(clock)
    return f"clock:{clock.id}:{_SUPERVISOR}" + (f":{added}" if added else "")


def _hand_up(sweep: _Sweep, clock: Clock, role: Role) -> int | None:
    """Make somebody above the owner of the claim or ticket; nobody there: it stays where it is and on the list."""
    above = _above(sweep.staff, role, _line(clock))
    if above is None:
        return _owner_id(clock)
    if clock.ticket is not None:
        clock.ticket.owner_id, clock.ticket.escalated = above.id, True
    if clock.claim is not None:
        clock.claim.owner_id = above.id
    history.record(
        sweep.session, "owner.changed", actor=ACTOR, at=sweep.now, ticket=clock.ticket, claim=_claim(clock),
        to=above.id, clock=clock.key,
    )  # fmt: skip
    return above.id


def _above(staff: Sequence[Staff], role: Role, line: str | None) -> Staff | None:
    """Whoever has the role, of this line of business first."""
    fit = [each for each in staff if role in each.roles]
    return next((each for each in fit if line in each.lines), None) or (fit[0] if fit else None)


def _line(clock: Clock) -> str | None:
    claim = _claim(clock)
    claim_type = load_catalogue().claim_types.get(claim.type) if claim else None
    return claim_type.line if claim_type else None

"""Extensions: the further time a law gives once or twice, for a reason told to whoever waits, before the time is up."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from templates.letters import MoreTime
from tickets import calendars, history, tasks, wording
from tickets.deadlines import Definition, escalation, planning
from tickets.deadlines.definitions import Unit
from tickets.guards import Refusal
from tickets.models import Clock, ClockState, Role, Staff, Task, TaskState, Ticket
from tickets.office import Office
from tickets.reach import LISTING, Recipient

#: Clocks of what the data protection officer answers, who extends them beside the supervisors.
_DPOS = frozenset({"gdpr.request"})


def extend(
    session: Session,
    office: Office,
    clock: Clock,
    *,
    definition: Definition,
    ticket: Ticket,
    to: Sequence[Recipient],
    number: int | None,
    reason: str,
    staff: Staff,
    now: datetime,
) -> None:
    """Add time to a clock, all that may be added if no number is given, and queue the letter that says why.

    Raises `GuardError` where the law gives no more, the time is up, or nobody can be told.
    """
    added = left(clock, definition) if number is None else number
    refusal = why_not(clock, definition, staff=staff, now=now) or _unsound(clock, definition, added, reason)
    if refusal := refusal or _untold(clock, to):
        raise refusal.error()
    before = clock.due_on
    _call_off_task(session, clock, staff=staff, now=now)
    planning.extend(clock, definition, calendars.of(office), now=now, number=added)
    letter = MoreTime(before=before, until=clock.due_on, reason=reason.strip(), is_claim=clock.claim_id is not None)
    wording.write(
        session, office, ticket, to, dict.fromkeys(office.languages, letter), person=staff.name, author_id=staff.id,
        now=now,
    )  # fmt: skip
    history.record(
        session, "clock.extended", actor=f"staff:{staff.id}", at=now, claim=clock.claim, ticket=ticket, clock=clock.id,
        key=clock.key, number=added, before=before.isoformat(), after=clock.due_on.isoformat(), reason=reason.strip(),
    )  # fmt: skip


def _call_off_task(session: Session, clock: Clock, *, staff: Staff, now: datetime) -> None:
    """What a supervisor was asked for speaks of a day that holds no more."""
    query = select(Task).where(Task.once == escalation.once(clock), Task.state == TaskState.OPEN)
    if task := session.scalar(query):
        tasks.cancel(session, task, staff=staff, now=now, reason="clock.extended")


def left(clock: Clock, definition: Definition) -> int:
    """How much may still be added, in the unit in which extensions are counted; 0: nothing."""
    used = planning.extensions(clock)
    allowed = (definition.extend, definition.extend2)
    return (allowed[used] or 0) if used < len(allowed) else 0


def unit(definition: Definition) -> Unit:
    """What an extension is counted in."""
    return definition.extend_day or definition.unit


def why_not(clock: Clock, definition: Definition, *, staff: Staff, now: datetime) -> Refusal | None:
    """Say why somebody may not extend a clock now; None if he may."""
    if not left(clock, definition):
        return Refusal(
            guard="extension",
            en=f"{clock.key} gives no further time" + (" after what was added" if definition.extend else ""),
            ro=f"{clock.key} nu permite altă prelungire",
        )
    if clock.state not in (ClockState.RUNNING, ClockState.PAUSED) or now >= clock.due_at:
        return Refusal(
            guard="time is up",
            en=f"{clock.key} is {clock.state} and was due {clock.due_on}: time is added only before it is up",
            ro=f"{clock.key}: termenul se prelungește numai înainte de {clock.due_on}",
        )
    may = {Role.SUPERVISOR, Role.DPO} if definition.key in _DPOS else {Role.SUPERVISOR}
    if not may & set(staff.roles):
        return Refusal(
            guard="role",
            en=f"{staff.name} adds no time to {clock.key}: {' or '.join(sorted(may))} does",
            ro=f"{staff.name} nu poate prelungi {clock.key}: cereți unui supervizor",
        )
    return None


def _unsound(clock: Clock, definition: Definition, added: int, reason: str) -> Refusal | None:
    most = left(clock, definition)
    if not 0 < added <= most:
        return Refusal(
            guard="extension",
            en=f"{clock.key} may be extended by 1 to {most}, not by {added}",
            ro=f"{clock.key} se poate prelungi cu 1 până la {most}, nu cu {added}",
        )
    if not reason.strip():
        return Refusal(
            guard="reason",
            en="further time needs its reason, as the customer is to read it",
            ro="prelungirea are nevoie de un motiv, așa cum îl va citi clientul",
        )
    return None


def _untold(clock: Clock, to: Sequence[Recipient]) -> Refusal | None:
    """The reason goes by e-mail or on paper: a text message has no room for it, and others read it."""
    if any(each.medium in LISTING for each in to):
        return None
    return Refusal(
        guard="address",
        en=f"{clock.key}: whoever waits must be told the reason, and there is no e-mail or postal address",
        ro=f"{clock.key}: motivul trebuie comunicat, dar nu există o adresă de e-mail sau poștală",
    )

"""How clocks stand: what is owed on a claim or ticket, by when, which steps were raised; for checks, pages and JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select, union_all
from sqlalchemy.orm import Session, selectinload

from templates import dates
from tickets import calendars
from tickets.calendars import Calendar
from tickets.catalogue import Wording
from tickets.deadlines.definitions import Definition, load
from tickets.deadlines.penalties import Penalty, payments, penalty
from tickets.deadlines.planning import OPEN, extensions
from tickets.deadlines.planning import standing as _reckoned
from tickets.deadlines.reckoning import Reckoned
from tickets.models import Claim, Clock, ClockState, Escalation, Payment, Ticket
from tickets.office import Office
from tickets.statements import among


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One clock of a claim or ticket as it stands now."""

    definition: Definition
    clock: Clock
    reckoned: Reckoned
    calendar: Calendar
    ticket: str | None  #: The reference of the ticket it stands on.
    last_working_day: date | None  #: The last one before the day it is due, where that is none itself.
    raised: Mapping[int, datetime]  #: When each step was raised, in the time the clock has now.
    paid: Sequence[Payment] = ()  #: What was paid under it, where a delay costs.

    @property
    def late_days(self) -> int:
        """Days between the day it was due and the one it was met, if that was late."""
        met = self.reckoned.course.stopped_at if self.clock.state is ClockState.MET else None
        return max((self.calendar.day(met) - self.reckoned.due_on).days, 0) if met else 0

    def penalties(self) -> list[tuple[Penalty, str]]:
        """What the delay of each payment costs, with its currency."""
        per_cent, met = self.definition.penalty, self.reckoned.course.stopped_at
        if per_cent is None or met is None or self.clock.state is not ClockState.MET:
            return []
        owed = [
            (penalty(Decimal(each.amount_minor) / 100, due_on=self.reckoned.due_on,
                     paid_on=each.paid_on or self.calendar.day(met), per_cent_a_day=per_cent), each.currency)
            for each in self.paid
        ]  # fmt: skip
        return [(each, currency) for each, currency in owed if each is not None]

    @property
    def is_open(self) -> bool:
        """Whether it is still owed."""
        return self.clock.state in OPEN

    def per_cent(self, now: datetime) -> int:
        """The step its time has come to: 0, 50, 75, 90 or 100; a clock that stands or has ended gets no further."""
        until = self.reckoned.course.stopped_at or self.reckoned.course.paused_at or now
        return max((each.per_cent for each in self.reckoned.steps if each.planned <= until), default=0)

    @property
    def blocks_closing(self) -> bool:
        """Whether we owe it by law."""
        return self.is_open and self.definition.is_statutory and self.definition.is_ours


#: Each clock with the reference and the claim of the ticket it stands on.
_CLOCKS = (
    select(Clock, Ticket.ref, Ticket.claim_id)
    .outerjoin(Ticket, Ticket.id == Clock.ticket_id)
    .options(selectinload(Clock.events))
    .order_by(Clock.id)
)
_OF_TICKETS = _CLOCKS.where(among(Clock.ticket_id, "keys"))
#: Two queries put together: with "or" between them a store would walk over every clock.
_OF_CLAIMS = _CLOCKS.where(
    Clock.id.in_(
        union_all(
            select(Clock.id).where(among(Clock.claim_id, "keys")),
            select(Clock.id).join(Ticket, Ticket.id == Clock.ticket_id).where(among(Ticket.claim_id, "keys")),
        )
    )
)
_RAISED = select(Escalation.clock_id, Escalation.step, Escalation.raised_at, Escalation.extension).where(
    among(Escalation.clock_id, "keys")
)


def of_claim(session: Session, office: Office, claim: Claim) -> list[Standing]:
    """Every clock of one claim and of its tickets; what is owed first, soonest first."""
    return of_claims(session, office, [claim])[claim.id]


def of_claims(session: Session, office: Office, claims: Sequence[Claim]) -> dict[int, list[Standing]]:
    """The same for many claims, by their keys, with four queries at most."""
    found: dict[int, list[Standing]] = {claim.id: [] for claim in claims}
    rows = session.execute(_OF_CLAIMS, {"keys": list(found)}).all()
    claim_of = {clock.id: clock.claim_id or claim_id or 0 for clock, _, claim_id in rows}
    for each in _standings(session, office, [(clock, ref) for clock, ref, _ in rows]):
        found[claim_of[each.clock.id]].append(each)
    return found


def of_ticket(session: Session, office: Office, ticket: Ticket) -> list[Standing]:
    """Every clock that stands on one ticket."""
    rows = session.execute(_OF_TICKETS, {"keys": [ticket.id]})
    return _standings(session, office, [(clock, ref) for clock, ref, _ in rows])


def running_statutory(session: Session, claim: Claim) -> list[Clock]:
    """What we owe by law on a claim and its tickets, soonest first: it cannot be closed in silence."""
    tickets = session.scalars(select(Ticket.id).where(Ticket.claim_id == claim.id))
    return owed_by_law(session, claim_ids=[claim.id], ticket_ids=list(tickets))


def owed_by_law(session: Session, *, claim_ids: Iterable[int], ticket_ids: Iterable[int]) -> list[Clock]:
    """What we owe by law on these claims and tickets, soonest first."""
    query = select(Clock).where(
        Clock.statutory,
        Clock.state.in_(OPEN),
        or_(Clock.claim_id.in_(list(claim_ids)), Clock.ticket_id.in_(list(ticket_ids))),
    )
    owed = session.scalars(query.order_by(Clock.due_at, Clock.id))
    return [each for each in owed if each.key in load() and load()[each.key].is_ours]


def breaches(session: Session, *, limit: int) -> list[Clock]:
    """What is owed and past its time, the oldest law first, then our own levels."""
    query = (
        select(Clock)
        .where(Clock.state == ClockState.BREACHED)
        .order_by(Clock.statutory.desc(), Clock.due_at, Clock.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def demand(clock: Clock, language: str) -> str:
    """What a clock asks for, by when: `ro.rca.offer due 23 Dec: offer or reasoned refusal`."""
    due = dates.short_date(clock.due_on, language)
    word = "termen" if language == "ro" else "due"
    definition = load().get(clock.key)
    return f"{clock.key} {word} {due}" + (f": {definition.demands.in_language(language)}" if definition else "")


def _standings(session: Session, office: Office, clocks: Sequence[tuple[Clock, str | None]]) -> list[Standing]:
    calendar = calendars.of(office)
    raised = _raised(session, [clock for clock, _ in clocks])
    known = [(clock, ref, load()[clock.key]) for clock, ref in clocks if clock.key in load()]
    costly = sorted({clock.claim_id or 0 for clock, _, definition in known if definition.penalty})
    paid = payments(session, costly) if costly else {}
    standings = [
        _standing(
            calendar, clock, definition, ticket=ref, raised=raised.get(clock.id, {}),
            paid=paid.get(clock.claim_id or 0, ()),
        )
        for clock, ref, definition in known
    ]  # fmt: skip
    return sorted(standings, key=lambda each: (not each.is_open, each.reckoned.due_at, each.clock.id))


def _raised(session: Session, clocks: Sequence[Clock]) -> dict[int, dict[int, datetime]]:
    times = {each.id: extensions(each) for each in clocks}
    found: dict[int, dict[int, datetime]] = {}
    for clock_id, step, at, extension in session.execute(_RAISED, {"keys": list(times)}) if clocks else ():
        if extension == times[clock_id]:
            found.setdefault(clock_id, {})[step] = at
    return found


def _standing(
    calendar: Calendar,
    clock: Clock,
    definition: Definition,
    *,
    ticket: str | None,
    raised: Mapping[int, datetime],
    paid: Sequence[Payment],
) -> Standing:
    reckoned = _reckoned(clock, definition, calendar)
    last = calendar.last_working(reckoned.due_on)
    return Standing(
        definition=definition,
        clock=clock,
        reckoned=reckoned,
        calendar=calendar,
        ticket=ticket,
        last_working_day=last if last != reckoned.due_on else None,
        raised=raised,
        paid=paid,
    )


# --- JSON


def as_json(each: Standing, office: Office) -> dict[str, Any]:
    """A clock as `show` prints it; moments as the office's clock shows them."""
    definition, reckoned, clock = each.definition, each.reckoned, each.clock
    return {
        "key": definition.key,
        "name": _both(definition.name),
        "demands": _both(definition.demands),
        "party": definition.party,
        "statutory": definition.is_statutory,
        "state": clock.state,
        "ticket": each.ticket,
        "started_at": _local(office, reckoned.course.started_at),
        "due_at": _local(office, reckoned.due_at),
        "due_on": reckoned.due_on.isoformat(),
        "due": {language: dates.long_date(reckoned.due_on, language) for language in ("en", "ro")},
        "last_working_day": each.last_working_day.isoformat() if each.last_working_day else None,
        "steps": [
            {
                "step": step.per_cent,
                "day": step.day.isoformat(),
                "planned_at": _local(office, step.planned),
                "raised_at": _local(office, each.raised.get(step.per_cent)),
            }
            for step in reckoned.steps
        ],
        "pause": definition.pause,
        "paused_at": _local(office, reckoned.course.paused_at),
        "stopped_at": _local(office, reckoned.course.stopped_at),
        "late_days": each.late_days,
        "penalties": [_penalty(owed, currency) for owed, currency in each.penalties()],
        "breach": _both(definition.breach),
        "source": _both(definition.source),
        "verified": definition.verified,
        "events": [{"kind": event.kind, "at": _local(office, event.at), **event.detail} for event in clock.events],
    }


def _penalty(owed: Penalty, currency: str) -> dict[str, Any]:
    return {
        "days": owed.days,
        "first": owed.first.isoformat(),
        "last": owed.last.isoformat(),
        "per_cent_a_day": str(owed.per_cent_a_day),
        "amount": {"amount": f"{owed.amount:.2f}", "currency": currency},
    }


def _both(words: Wording) -> dict[str, str]:
    return {"en": words.en, "ro": words.ro}


def _local(office: Office, at: datetime | None) -> str | None:
    return at.astimezone(office.timezone).isoformat(timespec="seconds") if at else None

"""A team lead's figures: what is pending and how old, how fast we answer and decide, what is due, what links held."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from sqlalchemy import Date, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from tickets import calendars, learning, quality, queue
from tickets.models import (
    SETTLED,
    Claim,
    ClaimState,
    Clock,
    ClockState,
    Decision,
    DecisionState,
    FirstReply,
    IntentQuality,
    LinkMove,
    Request,
    RequestState,
    Ticket,
    TicketState,
)
from tickets.office import Office
from tickets.quality import Figure
from tickets.queue import EVERYTHING, TICKING, Looking, View, states_of
from tickets.statements import one_of

#: Days at which an age begins: 0 to 2, 3 to 7, 8 to 14, 15 to 30, over 30.
AGES = (0, 3, 8, 15, 31)
WEEKS, DAYS_AHEAD = 12, 10
_PENDING = tuple(state for state in ClaimState if state not in SETTLED)
_OPEN = states_of(View.TEAM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Claims of one type that wait for a decision, by age."""

    type: str
    by_age: tuple[int, ...]  #: As many as there are ages.

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_age)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Median and 90th percentile of so many durations; in hours or days as the figure says."""

    key: str
    median: float
    p90: float
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Clocks that end on one day."""

    day: date
    by_law: int
    own: int
    working: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one person holds; None: what nobody holds."""

    staff_id: int | None
    tickets: int
    due: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A link that a person made or undid: where, and by what triage had linked before."""

    at: datetime
    ticket: str  #: Its reference.
    target: str
    kind: str  #: link | unlink
    evidence: str  #: The first of what triage had found; "" if it had linked nothing.


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything the lead's page shows."""

    pending: Sequence[Pending]
    first_reply: Sequence[Spread]  #: Hours, by week (its Monday as the key), oldest first.
    to_decision: Sequence[Spread]  #: Days, by claim type, the fastest first.
    due: Sequence[Due]
    held: Sequence[Held]
    links: Sequence[Figure]  #: Of all evidence together, oldest week first.
    by_evidence: Sequence[Figure]  #: Of each kind of evidence, latest week first.
    kinds: Sequence[IntentQuality]  #: What messages are for, latest week first; as last brought up to date.
    undone: Sequence[Corrected]
    rounds: Spread | None  #: Requests a claim that went to a decision.
    breached: int
    overturned: int
    undelivered: int

    @property
    def all_pending(self) -> int:
        """Claims that wait for a decision."""
        return sum(each.total for each in self.pending)

    @property
    def old(self) -> int:
        """Those in the oldest age."""
        return sum(each.by_age[-1] for each in self.pending)


def of_team(session: Session, office: Office, *, now: datetime) -> Figures:
    """Compute every figure as of now; a fixed number of queries."""
    since = now - timedelta(weeks=WEEKS)
    links = quality.of_links(session, since=since, until=now)
    return Figures(
        pending=_pending(session, office.day(now)),
        first_reply=_first_reply(session, since),
        to_decision=_to_decision(session, since),
        due=_due(session, office, now),
        held=_held(session, now),
        links=sorted((each for each in links if each.evidence == quality.ANY), key=lambda each: each.week),
        by_evidence=[each for each in links if each.evidence != quality.ANY],
        kinds=learning.quality(session, since=since.date()),
        undone=_undone(session, now - timedelta(weeks=1)),
        rounds=_rounds(session, since),
        breached=_breached(session, now),
        overturned=_count(session, Decision.state == DecisionState.OVERTURNED),
        undelivered=queue.count(session, View.NOT_REACHED, Looking(staff_id=0, now=now), EVERYTHING),
    )


def spread(key: str, durations: Iterable[float]) -> Spread | None:
    """Median and 90th percentile (nearest rank); None for no durations."""
    ordered = sorted(durations)
    return _spread(key, len(ordered), ordered.__getitem__) if ordered else None


def _spread(key: str, number: int, at: Callable[[int], float]) -> Spread:
    """The same of so many durations, of which `at` gives one by its place in their order."""
    middle = number // 2
    median = at(middle) if number % 2 else (at(middle - 1) + at(middle)) / 2
    return Spread(key=key, median=median, p90=at(-(-number * 9 // 10) - 1), number=number)


def _of_counts(key: str, counts: Mapping[float, int]) -> Spread:
    """The same of durations of which it is known how many took how long."""
    ordered = sorted(counts)
    ends = list(accumulate(counts[each] for each in ordered))
    return _spread(key, ends[-1], lambda place: ordered[bisect_right(ends, place)])


def _pending(session: Session, today: date) -> list[Pending]:
    """By claim type in the order of how many there are."""
    ages: dict[str, list[int]] = defaultdict(lambda: [0] * len(AGES))
    for begun, where in (
        (Claim.reported_on, Claim.reported_on.is_not(None)),
        (func.date(Claim.created_at), Claim.reported_on.is_(None)),
    ):
        query = select(Claim.type, begun, func.count()).where(one_of(Claim.state, *_PENDING), where)
        for claim_type, day, number in session.execute(query.group_by(Claim.state, Claim.type, begun)):
            begins = day if isinstance(day, date) else date.fromisoformat(str(day)[:10])
            ages[claim_type][_age((today - begins).days)] += number
    found = [Pending(type=claim_type, by_age=tuple(its)) for claim_type, its in ages.items()]
    return sorted(found, key=lambda each: (-each.total, each.type))


def _age(days: int) -> int:
    return max(place for place, begins in enumerate(AGES) if max(days, 0) >= begins)


def _first_reply(session: Session, since: datetime) -> list[Spread]:
    """By week; the first of them is cut, of the others the store knows the order."""
    monday = since.date() - timedelta(days=since.weekday())
    cut = session.scalars(select(FirstReply.took).where(FirstReply.week == monday, FirstReply.stopped_at >= since))
    first = spread(monday.isoformat(), map(_hours, cut))
    numbers = select(FirstReply.week, func.count()).where(FirstReply.week > monday).group_by(FirstReply.week)
    whole = [_of_week(session, week, number) for week, number in session.execute(numbers.order_by(FirstReply.week))]
    return [*filter(None, [first]), *whole]


def _of_week(session: Session, week: date, number: int) -> Spread:
    places = {number // 2, (number - 1) // 2, -(-number * 9 // 10) - 1}
    query = select(FirstReply.took).where(FirstReply.week == week).order_by(FirstReply.took).limit(1)
    each_at = (select(literal(place), query.offset(place).scalar_subquery()) for place in places)
    hours = {place: _hours(took) for place, took in session.execute(union_all(*each_at))}
    return _spread(week.isoformat(), number, hours.__getitem__)


def _hours(microseconds: int) -> float:
    return timedelta(microseconds=microseconds).total_seconds() / 3600


def _to_decision(session: Session, since: datetime) -> list[Spread]:
    utc = (
        Decision.decided_at
        if session.get_bind().dialect.name == "sqlite"
        else func.timezone("UTC", Decision.decided_at)
    )
    decided = func.date(utc, type_=Date())
    query = (
        select(Claim.type, Claim.reported_on, decided, func.count())
        .join(Claim, Claim.id == Decision.claim_id)
        .where(Decision.decided_at >= since, Claim.reported_on.is_not(None))
        .group_by(Claim.type, Claim.reported_on, decided)
    )
    types: dict[str, Counter[float]] = defaultdict(Counter)
    for claim_type, reported, day, number in session.execute(query):
        assert reported is not None  # asked for above
        types[claim_type][float((day - reported).days)] += number
    found = [_of_counts(claim_type, counts) for claim_type, counts in types.items()]
    return sorted(found, key=lambda each: each.median)


def _due(session: Session, office: Office, now: datetime) -> list[Due]:
    today, calendar = office.day(now), calendars.of(office)
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    query = (
        select(Clock.due_on, Clock.statutory, func.count())
        .where(one_of(Clock.state, *TICKING), Clock.due_on.in_(days))
        .group_by(Clock.due_on, Clock.statutory)
    )
    counts = Counter({(day, by_law): number for day, by_law, number in session.execute(query)})
    return [
        Due(day=day, by_law=counts[day, True], own=counts[day, False], working=calendar.last_working(day) == day)
        for day in days
    ]


def _held(session: Session, now: datetime) -> list[Held]:
    by_ticket, by_claim = (
        select(its).where(one_of(Clock.state, *TICKING), Clock.due_at <= now + timedelta(days=3), its.is_not(None))
        for its in (Clock.ticket_id, Clock.claim_id)
    )
    is_due = or_(Ticket.id.in_(by_ticket), Ticket.claim_id.in_(by_claim))
    waits = Ticket.state == TicketState.WAITING_CUSTOMER
    query = (
        select(Ticket.owner_id, func.count(), func.count().filter(is_due), func.count().filter(waits))
        .where(one_of(Ticket.state, *_OPEN))
        .group_by(Ticket.owner_id)
    )
    found = [Held(staff_id=who, tickets=n, due=due, waiting=waiting) for who, n, due, waiting in session.execute(query)]
    return sorted(found, key=lambda each: (each.staff_id is None, -each.tickets))


def _undone(session: Session, since: datetime) -> list[Corrected]:
    query = select(LinkMove, Ticket.ref).join(Ticket, Ticket.id == LinkMove.ticket_id)
    query = query.where(LinkMove.at >= since, Ticket.restricted.is_(False)).order_by(LinkMove.at.desc()).limit(20)
    return [
        Corrected(at=move.at, ticket=ref, target=move.target, kind=move.kind, evidence=_thought(move))
        for move, ref in session.execute(query)
    ]


def _thought(move: LinkMove) -> str:
    found = (reason["evidence"] for link in move.thought for reason in link["reasons"])
    return next(found, "")


def _rounds(session: Session, since: datetime) -> Spread | None:
    decided = select(Decision.claim_id).where(Decision.decided_at >= since)
    asked = ~one_of(Request.state, RequestState.DRAFT, RequestState.WITHDRAWN)
    of_claims = select(func.count().label("asked")).where(Request.claim_id.in_(decided), asked)
    each = of_claims.group_by(Request.claim_id).subquery()
    counts = {
        float(n): claims for n, claims in session.execute(select(each.c.asked, func.count()).group_by(each.c.asked))
    }
    return _of_counts("rounds", counts) if counts else None


def _breached(session: Session, now: datetime) -> int:
    late = or_(Clock.state == ClockState.BREACHED, Clock.due_at < now)
    query = select(func.count(Clock.id)).where(Clock.statutory, one_of(Clock.state, *TICKING), late)
    return session.scalar(query) or 0


def _count(session: Session, *where: object) -> int:
    return session.scalar(select(func.count(Decision.id)).where(*where)) or 0  # type: ignore[arg-type]  # conditions

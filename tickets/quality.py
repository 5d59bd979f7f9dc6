"""Quality: how often triage's links were right, by week and kind of evidence, from what people undid."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    case,
    column,
    delete,
    distinct,
    func,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session

from tickets.corrections import Move
from tickets.models import Link, LinkCount, LinkMove, LinkState, TargetKind

#: Every link counts once under this, and once under each kind of evidence it rests on.
ANY = "any"
_HOUR, _INSTANT = timedelta(hours=1), timedelta(microseconds=1)
_HOLDING = (LinkState.ACTIVE, LinkState.UNVERIFIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One kind of evidence in one week: links made by triage, and how many of them a person undid."""

    week: date  #: Its Monday.
    evidence: str
    linked: int
    undone: int

    @property
    def precision(self) -> float:
        """The share that stood."""
        return 1 - self.undone / self.linked


@dataclass(frozen=True, slots=True)
class _Judged:
    at: datetime
    reasons: Iterable[Mapping[str, Any]]
    undone: bool


def of_links(session: Session, *, since: datetime, until: datetime) -> list[Figure]:
    """Precision of the links to claims that triage made in a time, the latest week first."""
    counts: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for week, kind, number in _standing(session, since, until):
        counts[week, kind][0] += number
    for judged in _corrected(session, since, until):
        for kind in {ANY, *(reason["evidence"] for reason in judged.reasons)}:
            count = counts[_monday(judged.at), kind]
            count[0] += 1
            count[1] += judged.undone
    ordered = sorted(counts.items(), key=lambda each: (-each[0][0].toordinal(), each[0][1]))
    return [Figure(week=week, evidence=kind, linked=made, undone=undone) for (week, kind), (made, undone) in ordered]


def _monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())


def _standing(session: Session, since: datetime, until: datetime) -> Iterator[tuple[date, str, int]]:
    """How many of triage's links nobody has touched, by week and kind of evidence.

    The store has counted whole hours when their links were made; those at both ends are counted link by link.
    """
    first, last = _hour(since + _HOUR - _INSTANT), _hour(until)
    mondays = _mondays(since, until)
    before = (Link.at >= since, Link.at < first if first <= until else Link.at <= until)
    after = (Link.at >= max(first, last), Link.at <= until)
    one_by_one = (each for stretch in (before, after) for each in _one_by_one(session, stretch, mondays))
    for counting in (_by_hour(first, last, mondays), *one_by_one):
        yield from ((mondays[number], kind, count) for number, kind, count in session.execute(counting) if count)


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _mondays(since: datetime, until: datetime) -> list[date]:
    first = _monday(since)
    return [first + timedelta(weeks=week) for week in range((until.date() - first).days // 7 + 1)]


def _week(moment: InstrumentedAttribute[datetime], mondays: Sequence[date]) -> ColumnElement[int]:
    """Which of the weeks a moment is in."""
    ends = [datetime.combine(monday + timedelta(weeks=1), time(), UTC) for monday in mondays]
    return case(*((moment < end, number) for number, end in enumerate(ends)), else_=len(ends) - 1)


def _by_hour(first: datetime, last: datetime, mondays: Sequence[date]) -> Select[int, str, int]:
    week = _week(LinkCount.hour, mondays).label("week")
    query = select(week, LinkCount.evidence, func.sum(LinkCount.number))
    return query.where(LinkCount.hour >= first, LinkCount.hour < last).group_by("week", LinkCount.evidence)


def _one_by_one(
    session: Session, stretch: Sequence[ColumnElement[bool]], mondays: Sequence[date]
) -> tuple[Select[int, str, int], Select[int, str, int]]:
    """All links of a stretch of time, and the same by kind of evidence."""
    untouched = (Link.target_kind == TargetKind.CLAIM, *stretch, Link.state.in_(_HOLDING), Link.made_by == "triage")
    week, (reason, kind) = _week(Link.at, mondays).label("week"), _reasons(session)
    all_of_them = select(week, literal(ANY), func.count()).where(*untouched).group_by("week")
    of_kind = select(week, kind.label("kind"), func.count(distinct(Link.id))).select_from(Link).join(reason, true())
    return all_of_them, of_kind.where(*untouched).group_by("week", "kind")


def add_up(session: Session) -> None:
    """Make one row of what statements have added to the count of an hour."""
    hour_of = tuple_(LinkCount.hour, LinkCount.evidence)
    several = select(LinkCount.hour, LinkCount.evidence).group_by(LinkCount.hour, LinkCount.evidence)
    rows = delete(LinkCount).where(hour_of.in_(several.having(func.count() > 1)))
    added: Counter[tuple[datetime, str]] = Counter()
    for hour, evidence, number in session.execute(rows.returning(LinkCount.hour, LinkCount.evidence, LinkCount.number)):
        added[hour, evidence] += number
    session.add_all(LinkCount(hour=hour, evidence=kind, number=number) for (hour, kind), number in added.items())


def _reasons(session: Session) -> tuple[FromClause, ColumnElement[str]]:
    """The reasons of a link as rows, and the kind of evidence of each, as either store says it."""
    if session.get_bind().dialect.name == "sqlite":
        rows = func.json_each(Link.reasons).table_valued("value")
        return rows, func.json_extract(rows.c.value, "$.evidence")
    rows = func.jsonb_array_elements(Link.reasons).table_valued(column("value", JSONB)).render_derived()
    return rows, rows.c.value["evidence"].astext


def _corrected(session: Session, since: datetime, until: datetime) -> Iterator[_Judged]:
    """Triage's links that a person confirmed or undid; a move taken back says nothing."""
    for move in session.scalars(select(LinkMove).where(LinkMove.taken_back_at.is_(None), LinkMove.at >= since)):
        for thought in move.thought:
            at = datetime.fromisoformat(thought["at"])
            if thought["target_kind"] == TargetKind.CLAIM and thought["state"] in _HOLDING and since <= at <= until:
                same = thought["target"] == move.target
                if same or move.kind == Move.LINK:
                    yield _Judged(at, thought["reasons"], undone=same is (move.kind == Move.UNLINK))

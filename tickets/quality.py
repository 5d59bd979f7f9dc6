"""Quality: how often triage's links were right, by week and kind of evidence, from what people undid."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, column, distinct, func, literal, select, true, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from tickets.corrections import Move
from tickets.models import Link, LinkMove, LinkState, TargetKind

#: Every link counts once under this, and once under each kind of evidence it rests on.
ANY = "any"
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
    """How many of triage's links nobody has touched, by week and kind of evidence; the store counts them."""
    first = _monday(since)
    mondays = [first + timedelta(weeks=week) for week in range((until.date() - first).days // 7 + 1)]
    ends = [datetime.combine(monday + timedelta(weeks=1), time(), UTC) for monday in mondays]
    week = case(*((Link.at < end, number) for number, end in enumerate(ends)), else_=len(ends) - 1)
    reason, kind = _reasons(session)
    untouched = (
        Link.target_kind == TargetKind.CLAIM, Link.state.in_(_HOLDING), Link.made_by == "triage", Link.at >= since,
        Link.at <= until,
    )  # fmt: skip
    all_of_them = select(week.label("week"), literal(ANY).label("kind"), func.count().label("number")).where(*untouched)
    of_kind = select(week.label("week"), kind.label("kind"), func.count(distinct(Link.id)).label("number"))
    of_kind = of_kind.select_from(Link).join(reason, true()).where(*untouched)
    both = union_all(all_of_them.group_by("week"), of_kind.group_by("week", "kind"))
    return ((mondays[number], name, count) for number, name, count in session.execute(both))


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

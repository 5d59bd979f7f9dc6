"""Quality: how often triage's links were right, by week and kind of evidence, from what people undid."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
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
    for judged in (*_standing(session, since, until), *_corrected(session, since, until)):
        week = judged.at.date() - timedelta(days=judged.at.weekday())
        for evidence in {ANY, *(reason["evidence"] for reason in judged.reasons)}:
            count = counts[week, evidence]
            count[0] += 1
            count[1] += judged.undone
    ordered = sorted(counts.items(), key=lambda each: (-each[0][0].toordinal(), each[0][1]))
    return [Figure(week=week, evidence=kind, linked=made, undone=undone) for (week, kind), (made, undone) in ordered]


def _standing(session: Session, since: datetime, until: datetime) -> Iterator[_Judged]:
    """Triage's links that nobody has touched."""
    query = select(Link.at, Link.reasons).where(
        Link.target_kind == TargetKind.CLAIM,
        Link.state.in_(_HOLDING),
        Link.made_by == "triage",
        Link.at >= since,
        Link.at <= until,
    )
    return (_Judged(at, reasons, undone=False) for at, reasons in session.execute(query))


def _corrected(session: Session, since: datetime, until: datetime) -> Iterator[_Judged]:
    """Triage's links that a person confirmed or undid; a move taken back says nothing."""
    for move in session.scalars(select(LinkMove).where(LinkMove.taken_back_at.is_(None), LinkMove.at >= since)):
        for thought in move.thought:
            at = datetime.fromisoformat(thought["at"])
            if thought["target_kind"] == TargetKind.CLAIM and thought["state"] in _HOLDING and since <= at <= until:
                same = thought["target"] == move.target
                if same or move.kind == Move.LINK:
                    yield _Judged(at, thought["reasons"], undone=same is (move.kind == Move.UNLINK))

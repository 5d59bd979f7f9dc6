"""How often triage's links were right, counted by the store and counted one by one."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from tests.servers.postgres import Postgres
from tests.tickets.test_migrations import to
from tickets import quality
from tickets.database import Store
from tickets.messages import Medium
from tickets.models import Direction, Link, LinkCount, LinkState, Message, TargetKind, Ticket

NOW = datetime(2026, 11, 28, 8, 20, 3, 7, tzinfo=UTC)
SINCE = NOW - timedelta(weeks=3)
_KINDS = ("claim_ref", "plate", "sender_email")
_LINK = "insert into link (id, message_id, target_kind, target, state, score, reasons, made_by, at) values "


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    """A store with one message, to which links may be added, for the length of a transaction."""
    with store.writing() as session:
        ticket = Ticket(ref="TKT26-000001", opened_at=NOW, last_message_at=NOW)
        session.add(Message(ticket=ticket, medium=Medium.EMAIL, channel="mail", direction=Direction.IN, at=NOW))
        session.flush()
        yield session


@pytest.mark.parametrize("seed", range(5))
def test_what_the_store_counts_is_what_a_count_of_every_link_gives(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    session.execute(insert(Link), [_link(chance, number) for number in range(400)])
    for key in session.scalars(select(Link.id)).all():
        other = _link(chance, key + 1_000)
        change = {name: other[name] for name in other if chance.random() < 0.1}
        if change:
            session.execute(update(Link).where(Link.id == key).values(change))
    session.execute(update(Link).where(Link.id % 7 == 0).values(state=LinkState.UNDONE, made_by="radu"))
    session.execute(delete(Link).where(Link.id % 11 == 0))

    for since, until in ((SINCE, NOW), (NOW - timedelta(minutes=9), NOW), (_whole(SINCE), _whole(NOW))):
        assert _figures(session, since, until) == _counted(session, since, until)
    quality.add_up(session)
    assert _figures(session, SINCE, NOW) == _counted(session, SINCE, NOW)
    hours = select(func.count()).select_from(LinkCount).group_by(LinkCount.hour, LinkCount.evidence)
    assert set(session.scalars(hours)) == {1}


def test_links_that_were_there_are_counted_too(postgres_server: Postgres, tmp_path: Path) -> None:
    url = postgres_server.database()
    for each in (f"sqlite:///{tmp_path}/old.db", url):
        assert _counts_of_old(each) == [("any", 2), ("claim_ref", 2), ("plate", 1)]
    postgres_server.drop(url)


def _counts_of_old(url: str) -> list[tuple[str, int]]:
    store = Store(url)
    reasons = ('[{"evidence": "claim_ref"}, {"evidence": "plate"}]', '[{"evidence": "claim_ref"}]', "[]")
    with store.engine.begin() as connection:
        to(connection, "0025")
        is_sqlite = connection.dialect.name == "sqlite"
        unbound = "pragma defer_foreign_keys = on" if is_sqlite else "set local session_replication_role = replica"
        connection.exec_driver_sql(unbound)  # the links alone will do
        for number, (why, state) in enumerate(zip(reasons, ("active", "unverified", "undone"), strict=True), start=1):
            values = f"({number}, 1, 'claim', 'C{number}', '{state}', 1, :why, 'triage', '2026-11-23 08:00:00.000000')"
            typed = values.replace(":why", "cast(:why as jsonb)") if url.startswith("postgres") else values
            connection.execute(text(_LINK + typed.replace("08:00:00", "08\\:00\\:00")), {"why": why})
        to(connection, "head")
        kept = connection.execute(select(LinkCount.evidence, LinkCount.number).order_by(LinkCount.evidence)).all()
        connection.rollback()
    store.close()
    return [(evidence, number) for evidence, number in kept]


def _link(chance: random.Random, number: int) -> dict[str, Any]:
    at = NOW - timedelta(minutes=chance.choice((chance.randint(-60, 90), chance.randint(0, 40_000))))
    return {
        "message_id": 1, "target_kind": chance.choice((TargetKind.CLAIM, TargetKind.CLAIM, TargetKind.POLICY)),
        "target": f"C{number}", "state": chance.choice(list(LinkState)), "score": 1.0,
        "reasons": [{"evidence": chance.choice(_KINDS)} for _ in range(chance.randint(0, 3))],
        "made_by": chance.choice(("triage", "triage", "radu")), "at": chance.choice((at, _whole(at), SINCE, NOW)),
    }  # fmt: skip


def _whole(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _figures(session: Session, since: datetime, until: datetime) -> Counter[tuple[date, str]]:
    found = quality.of_links(session, since=since, until=until)
    return Counter({(each.week, each.evidence): each.linked for each in found})


def _counted(session: Session, since: datetime, until: datetime) -> Counter[tuple[date, str]]:
    """One by one, as plainly as it can be said."""
    numbers: Counter[tuple[date, str]] = Counter()
    for kind, state, by, at, reasons in session.execute(
        select(Link.target_kind, Link.state, Link.made_by, Link.at, Link.reasons)
    ):
        holds = kind is TargetKind.CLAIM and state in (LinkState.ACTIVE, LinkState.UNVERIFIED) and by == "triage"
        if holds and since <= at <= until:
            week = at.date() - timedelta(days=at.weekday())
            numbers.update({(week, each) for each in ("any", *(reason["evidence"] for reason in reasons))})
    return numbers

"""A team lead's figures."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from tests.tickets.desk import NOW, OFFICE, Desk, mail
from tickets import figures
from tickets.database import Store
from tickets.figures import Spread, spread
from tickets.models import (
    SETTLED,
    Claim,
    ClaimState,
    Clock,
    ClockState,
    Decision,
    DecisionKind,
    DecisionState,
    FirstReply,
    Request,
    RequestState,
    Staff,
    Ticket,
    TicketState,
)

SINCE = NOW - timedelta(weeks=figures.WEEKS)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


@pytest.mark.parametrize(
    ("hours", "median", "p90"),
    [([3], 3, 3), ([1, 3], 2, 3), (list(range(1, 11)), 5.5, 9), (list(range(1, 12)), 6, 10)],
)
def test_spread_is_the_median_and_the_nearest_ninetieth_percentile(hours: list[int], median: float, p90: float) -> None:
    found = figures.spread("x", hours)
    assert found is not None
    assert (found.median, found.p90, found.number) == (median, p90, len(hours))
    assert figures.spread("x", []) is None


def test_lead_sees_what_is_pending_due_held_and_answered(desk: Desk) -> None:
    desk.file_one(mail("Bună ziua, în ce stadiu e dosarul CLM26-004711-58?"))
    with desk.store.writing() as session:
        for clock in session.scalars(select(Clock).where(Clock.key == "int.first_response")):
            clock.state, clock.stopped_at = ClockState.MET, NOW + timedelta(hours=2)
        claim = session.scalars(select(Claim).where(Claim.ref == "CLM26-004711-58")).one()
        claim.reported_on = OFFICE.day(NOW) - timedelta(days=40)

    with desk.store.reading() as session:
        found = figures.of_team(session, OFFICE, now=NOW + timedelta(hours=3))

    pending = {each.type: each.by_age for each in found.pending}
    assert pending["home"] == (0, 0, 0, 0, 1)
    assert found.old == 1
    assert [round(each.median, 1) for each in found.first_reply] == [2.0]
    assert sum(each.tickets for each in found.held) == 1
    assert len(found.due) == figures.DAYS_AHEAD
    assert any(each.by_law for each in found.due)


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_those_that_a_plain_count_of_every_row_gives(store: Store, seed: int) -> None:
    with store.writing() as session:
        _some_rows(session, random.Random(seed))
        found = figures.of_team(session, OFFICE, now=NOW)

        assert {each.type: (each.by_age, each.total) for each in found.pending} == dict(_pending(session))
        assert list(found.first_reply) == _first_replies(session)
        assert {each.key: each for each in found.to_decision} == _to_decision(session)
        assert {(each.day, each.by_law, each.own) for each in found.due} == set(_due(session, found))
        assert {each.staff_id: (each.tickets, each.due, each.waiting) for each in found.held} == _held(session)
        assert found.rounds == _rounds(session)
        assert found.breached == _breached(session)


def test_first_reply_of_a_clock_that_goes_is_forgotten(store: Store) -> None:
    with store.writing() as session:
        _some_rows(session, random.Random(7))
        session.execute(delete(Clock))
        assert session.scalars(select(FirstReply)).all() == []


# --- plain counts


def _pending(session: Session) -> Iterator[tuple[str, tuple[tuple[int, ...], int]]]:
    ages: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for claim in session.scalars(select(Claim)):
        if claim.state not in SETTLED:
            days = (OFFICE.day(NOW) - (claim.reported_on or claim.created_at.date())).days
            ages[claim.type][sum(days > last for last in (2, 7, 14, 30))] += 1
    yield from ((name, (tuple(its), sum(its))) for name, its in ages.items())


def _first_replies(session: Session) -> list[Spread]:
    weeks: dict[str, list[float]] = defaultdict(list)
    for clock in session.scalars(select(Clock).where(Clock.key == "int.first_response")):
        if clock.stopped_at and clock.stopped_at >= SINCE and clock.state is not ClockState.CANCELLED:
            monday = clock.stopped_at.date() - timedelta(days=clock.stopped_at.weekday())
            weeks[monday.isoformat()].append((clock.stopped_at - clock.started_at).total_seconds() / 3600)
    return [one for key in sorted(weeks) if (one := spread(key, weeks[key]))]


def _to_decision(session: Session) -> dict[str, Spread]:
    types: dict[str, list[float]] = defaultdict(list)
    for claim, at in session.execute(select(Claim, Decision.decided_at).join(Decision, Decision.claim_id == Claim.id)):
        if at and at >= SINCE and claim.reported_on:
            types[claim.type].append(float((at.date() - claim.reported_on).days))
    return {key: one for key in types if (one := spread(key, types[key]))}


def _ticking(session: Session) -> list[Clock]:
    return [each for each in session.scalars(select(Clock)) if each.state in (ClockState.RUNNING, ClockState.BREACHED)]


def _due(session: Session, found: figures.Figures) -> Iterator[tuple[Any, int, int]]:
    counts = Counter((clock.due_on, clock.statutory) for clock in _ticking(session))
    return ((each.day, counts[each.day, True], counts[each.day, False]) for each in found.due)


def _held(session: Session) -> dict[int | None, tuple[int, int, int]]:
    soon = [clock for clock in _ticking(session) if clock.due_at <= NOW + timedelta(days=3)]
    tickets, claims = {clock.ticket_id for clock in soon}, {clock.claim_id for clock in soon} - {None}
    done = (TicketState.RESOLVED, TicketState.CLOSED, TicketState.MERGED, TicketState.DISCARDED)
    held: dict[int | None, list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in session.scalars(select(Ticket).where(Ticket.state.not_in(done))):
        numbers = (1, each.id in tickets or each.claim_id in claims, each.state is TicketState.WAITING_CUSTOMER)
        held[each.owner_id] = [old + new for old, new in zip(held[each.owner_id], numbers, strict=True)]
    return {who: (one, due, waits) for who, (one, due, waits) in held.items()}


def _rounds(session: Session) -> Spread | None:
    decided = {
        each.claim_id for each in session.scalars(select(Decision)) if each.decided_at and each.decided_at >= SINCE
    }
    asked = Counter(
        each.claim_id
        for each in session.scalars(select(Request))
        if each.claim_id in decided and each.state not in (RequestState.DRAFT, RequestState.WITHDRAWN)
    )
    return spread("rounds", map(float, asked.values()))


def _breached(session: Session) -> int:
    late = [each for each in _ticking(session) if each.state is ClockState.BREACHED or each.due_at < NOW]
    return sum(each.statutory for each in late)


# --- rows by chance


def _some_rows(session: Session, chance: random.Random) -> None:
    """As many as make every figure; some are changed afterwards, and some go."""
    people = [Staff(name=name, email=f"{name}@example.ro") for name in ("ana", "radu")]
    session.add_all(people)
    session.flush()
    owners = [None, *(each.id for each in people)]
    session.execute(insert(Claim), [_claim(chance, number) for number in range(1, 61)])
    session.execute(insert(Ticket), [_ticket(chance, number, owners) for number in range(1, 121)])
    session.execute(insert(Clock), [_clock(chance) for _ in range(400)])
    session.execute(insert(Decision), [_decision(chance, number, people[0].id) for number in range(1, 61)])
    session.execute(insert(Request), [_request(chance, number) for number in range(1, 100)])
    for key in session.scalars(select(Clock.id).where(Clock.id % 3 == 0)).all():
        other = _clock(chance)
        change = {name: value for name, value in other.items() if chance.random() < 0.3}
        session.execute(update(Clock).where(Clock.id == key).values(change or {"state": ClockState.CANCELLED}))
    session.execute(delete(Clock).where(Clock.id % 13 == 0))


def _moment(chance: random.Random, days: int = 100) -> datetime:
    at = NOW - timedelta(microseconds=chance.randint(-5 * 86_400_000_000, days * 86_400_000_000))
    midnight = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return chance.choice((at, at, midnight, midnight - timedelta(microseconds=1), SINCE))


def _claim(chance: random.Random, number: int) -> dict[str, Any]:
    reported = chance.choice((None, OFFICE.day(NOW) - timedelta(days=chance.randint(-1, 40))))
    return {
        "id": number, "ref": f"C{number}", "type": chance.choice(("home", "motor_rca")), "facts": {}, "record": {},
        "state": chance.choice(list(ClaimState)), "reported_on": reported, "row_version": 1,
        "created_at": (NOW - timedelta(days=chance.randint(0, 40))).replace(hour=12),
    }  # fmt: skip


def _ticket(chance: random.Random, number: int, owners: list[int | None]) -> dict[str, Any]:
    return {
        "id": number, "ref": f"T{number}", "state": chance.choice(list(TicketState)), "opened_at": NOW,
        "owner_id": chance.choice(owners), "claim_id": chance.choice((None, chance.randint(1, 60))),
        "last_message_at": NOW, "row_version": 1,
    }  # fmt: skip


def _clock(chance: random.Random) -> dict[str, Any]:
    started, due = _moment(chance), NOW + timedelta(hours=chance.randint(-100, 400))
    hangs = chance.choice(("ticket_id", "claim_id"))
    return {
        "key": chance.choice(("int.first_response", "ro.rca.offer")), "statutory": chance.random() < 0.5,
        "state": chance.choice(list(ClockState)), "started_at": started, "due_at": due, "due_on": due.date(),
        "stopped_at": chance.choice((None, _moment(chance), _moment(chance))), "recorded_at": NOW,
        "ticket_id": None, "claim_id": None, hangs: chance.randint(1, 60),
    }  # fmt: skip


def _decision(chance: random.Random, number: int, staff_id: int) -> dict[str, Any]:
    return {
        "claim_id": number, "number": 1, "kind": DecisionKind.APPROVE, "state": DecisionState.IN_FORCE, "refused": [],
        "basis": {}, "basis_sha256": "", "rules_version": "", "proposed_by_id": staff_id, "proposed_at": NOW,
        "decided_at": chance.choice((None, _moment(chance), _moment(chance))),
    }  # fmt: skip


def _request(chance: random.Random, number: int) -> dict[str, Any]:
    states = (RequestState.DRAFT, RequestState.WITHDRAWN, RequestState.ANSWERED, RequestState.ANSWERED)
    state = states[0 if number <= 20 else chance.randint(1, 3)]
    return {"claim_id": (number - 1) % 60 + 1, "number": (number - 1) // 60 + 1, "code": f"R{number}", "state": state,
            "created_at": NOW, "created_by": "rules"}  # fmt: skip

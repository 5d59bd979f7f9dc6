"""A team lead's figures."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.tickets.desk import NOW, OFFICE, Desk, mail
from tickets import figures
from tickets.database import Store
from tickets.models import Claim, Clock, ClockState


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

"""More time: as often and as much as the law gives, by who may, before the time is up, and told with its reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.tickets.desk import NOW
from tickets import extensions
from tickets.deadlines import load
from tickets.deadlines.definitions import Unit
from tickets.deadlines.reckoning import Mark
from tickets.models import Clock, ClockEvent, ClockState, Role, Staff

DUE = datetime(2026, 12, 23, 21, 59, tzinfo=UTC)
ERISA, GDPR, TEXAS, OFFER = (
    load()[key] for key in ("us.erisa.disability", "gdpr.request", "us.tx.decide", "ro.rca.offer")
)
RADU = Staff(name="Radu Stan", email="radu@exemplu.example", roles=[Role.SUPERVISOR])


def clock(key: str, *, times: int = 0, state: ClockState = ClockState.RUNNING) -> Clock:
    made = Clock(key=key, statutory=True, started_at=NOW, due_at=DUE, due_on=DUE.date(), recorded_at=NOW, state=state)
    made.events = [ClockEvent(kind=Mark.EXTENDED, at=NOW, recorded_at=NOW) for _ in range(times)]
    return made


@pytest.mark.parametrize(
    ("key", "given"),
    [("us.erisa.disability", [30, 30, 0]), ("gdpr.request", [2, 0]), ("us.tx.decide", [45, 0]), ("ro.rca.offer", [0])],
)
def test_law_gives_time_so_often_and_no_oftener(key: str, given: list[int]) -> None:
    assert [extensions.left(clock(key, times=times), load()[key]) for times in range(len(given))] == given


def test_time_is_added_in_what_the_law_counts_it_in() -> None:
    assert [extensions.unit(each) for each in (GDPR, TEXAS, ERISA)] == [Unit.MONTH, Unit.CALENDAR, Unit.CALENDAR]


@pytest.mark.parametrize(
    ("state", "later", "guard"),
    [
        (ClockState.RUNNING, timedelta(seconds=-1), None),
        (ClockState.PAUSED, timedelta(seconds=-1), None),
        (ClockState.RUNNING, timedelta(0), "time is up"),
        (ClockState.BREACHED, timedelta(seconds=-1), "time is up"),
        (ClockState.MET, timedelta(seconds=-1), "time is up"),
        (ClockState.CANCELLED, timedelta(seconds=-1), "time is up"),
    ],
)
def test_time_is_added_only_before_it_is_up(state: ClockState, later: timedelta, guard: str | None) -> None:
    refusal = extensions.why_not(clock("gdpr.request", state=state), GDPR, staff=RADU, now=DUE + later)

    assert (refusal.guard if refusal else None) == guard


@pytest.mark.parametrize(
    ("role", "key", "may"),
    [
        (Role.SUPERVISOR, "us.tx.decide", True),
        (Role.SUPERVISOR, "gdpr.request", True),
        (Role.DPO, "gdpr.request", True),
        (Role.DPO, "us.tx.decide", False),
        (Role.SENIOR_REPRESENTATIVE, "us.tx.decide", False),
        (Role.REPRESENTATIVE, "gdpr.request", False),
    ],
)
def test_supervisor_adds_time_and_the_dpo_to_what_is_his(role: Role, key: str, *, may: bool) -> None:
    staff = Staff(name="Ana Ionescu", email="ana@exemplu.example", roles=[role])

    refusal = extensions.why_not(clock(key), load()[key], staff=staff, now=NOW)

    assert (refusal is None) == may
    assert refusal is None or refusal.guard == "role"


def test_clock_that_gives_no_time_says_so_before_anything_else() -> None:
    late = replace(OFFER)

    refusal = extensions.why_not(clock("ro.rca.offer", state=ClockState.BREACHED), late, staff=RADU, now=DUE)

    assert refusal is not None
    assert (refusal.guard, refusal.en) == ("extension", "ro.rca.offer gives no further time")

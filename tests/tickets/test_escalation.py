"""The sweep of clocks: whom it tells at each step, what it writes down, and which clocks it looks at."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.tickets.desk import NOW, OFFICE
from tickets import calendars
from tickets.database import Store
from tickets.deadlines import escalation, load, planning
from tickets.deadlines.reckoning import Mark
from tickets.models import Claim, Clock, ClockState, Escalation, Event, Staff, Task, Ticket

CALENDAR = calendars.of(OFFICE)
PEOPLE = (
    ("Ana", ["representative"], ["motor"]),
    ("Ion", ["supervisor"], ["property"]),
    ("Radu", ["supervisor"], ["motor"]),
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE.timezone).astimezone(UTC)


def staffed(session: Session) -> dict[str, int]:
    people = [
        Staff(name=name, email=f"{name}@exemplu.example", roles=roles, lines=lines) for name, roles, lines in PEOPLE
    ]
    session.add_all(people)
    session.flush()
    return {each.name: each.id for each in people}


def rca(owner_id: int | None = None, number: int = 1) -> Claim:
    return Claim(ref=f"CLM26-{number:06}-00", type="motor_rca", created_at=NOW, owner_id=owner_id)


def question(number: int = 1, **changes: Any) -> Ticket:
    return Ticket(ref=f"T26-{number:06}-00", opened_at=NOW, last_message_at=NOW, **changes)


def started(key: str, at: str, **on: Claim | Ticket) -> Clock:
    clock = Clock(**planning.first(load()[key], CALENDAR, local(at)), recorded_at=local(at))
    for name, row in on.items():
        setattr(clock, name, row)
    return clock


def sweep(session: Session, at: str, **options: int) -> int:
    return escalation.raise_due(session, OFFICE, now=local(at), **options)


def raised(session: Session) -> list[tuple[int, datetime, datetime, int | None, str]]:
    """Step, when it was planned and raised, and to whom."""
    rows = session.scalars(select(Escalation).order_by(Escalation.id))
    return [(each.step, each.planned_for, each.raised_at, each.to_staff_id, each.to_role) for each in rows]


def events(session: Session) -> list[tuple[str, datetime, str, int | None, int | None, dict[str, Any]]]:
    rows = session.scalars(select(Event).order_by(Event.id))
    return [(each.kind, each.at, each.actor, each.claim_id, each.ticket_id, each.detail) for each in rows]


PLANNED = {50: "2026-11-17T09:00", 75: "2026-11-24T09:00", 90: "2026-11-27T09:00", 100: "2026-12-02T23:59:59"}


def test_owner_then_lead_then_supervisor_hear_of_it_and_then_it_is_the_supervisors(store: Store) -> None:
    with store.writing() as session:
        staff = staffed(session)
        claim = rca(staff["Ana"])
        offer = started("ro.rca.offer", "2026-11-02T09:00", claim=claim)
        session.add(offer)
        session.flush()
        moments = (
            "2026-11-17T08:59:59",
            "2026-11-17T09:00",
            "2026-11-24T09:05",
            "2026-11-27T09:00",
            "2026-12-03T08:00",
        )

        seen = [sweep(session, moment) for moment in moments]
        session.flush()

        assert seen == [0, 1, 1, 1, 1]
        whom = {50: ("Ana", ""), 75: ("Ana", "supervisor"), 90: ("Ana", "supervisor"), 100: ("Radu", "supervisor")}
        assert raised(session) == [
            (step, local(PLANNED[step]), local(moment), staff[whom[step][0]], whom[step][1])
            for step, moment in zip(PLANNED, moments[1:], strict=True)
        ]
        assert (claim.owner_id, offer.state, offer.next_step, offer.next_at) == (
            staff["Radu"], ClockState.BREACHED, None, None
        )  # fmt: skip
        [breach] = offer.events
        assert (breach.kind, breach.at, breach.recorded_at) == ("breached", local(PLANNED[100]), local(moments[-1]))
        told = events(session)
        actor, end = "rule:deadlines", local(moments[-1])
        steps = [
            ("clock.raised", local(moment), actor, claim.id, None,
             {"clock": "ro.rca.offer", "step": step, "planned_for": local(PLANNED[step]).isoformat()})
            for step, moment in zip(PLANNED, moments[1:], strict=True)
        ]  # fmt: skip
        handed = ("owner.changed", end, actor, claim.id, None, {"to": staff["Radu"], "clock": "ro.rca.offer"})
        assert [each for each in told if each[0] == "clock.raised"] == steps
        assert [each for each in told if each[0] == "owner.changed"] == [handed]
        assert len(told) == 5


def test_supervisors_task_says_what_is_demanded_by_when_in_both_languages(store: Store) -> None:
    with store.writing() as session:
        staffed(session)
        claim, ticket = rca(), question()
        session.add_all([started("ro.rca.offer", "2026-11-02T09:00", claim=claim)])
        resolve = started("int.resolve", "2026-10-19T10:00", ticket=ticket)
        ticket.restricted, ticket.queue = True, "legal"
        session.add(resolve)
        session.flush()

        sweep(session, "2026-11-27T09:00")
        session.flush()

        by_claim, by_ticket = session.scalars(select(Task).order_by(Task.due_on.desc()))
        offer = session.scalars(select(Clock).where(Clock.claim_id == claim.id)).one()
        assert by_claim.question == (
            "ro.rca.offer: offer or reasoned refusal due Wednesday 2 December / "
            "ofertă sau refuz motivat, termen miercuri, 2 decembrie"
        )
        assert (by_claim.kind, by_claim.department, by_claim.restricted) == ("escalation", "supervisor", False)
        assert (by_claim.due_on, by_claim.once) == (date(2026, 12, 2), f"clock:{offer.id}:90")
        assert (by_claim.claim_id, by_claim.ticket_id) == (claim.id, None)
        assert (by_claim.made_by, by_claim.made_at) == ("rule:deadlines", local("2026-11-27T09:00"))
        assert (by_ticket.department, by_ticket.restricted) == ("legal", True)
        assert (by_ticket.claim_id, by_ticket.ticket_id) == (None, ticket.id)


def test_first_step_of_what_nobody_owns_goes_to_whoever_is_there(store: Store) -> None:
    with store.writing() as session:
        staff = staffed(session)
        session.add(started("ro.rca.offer", "2026-11-02T09:00", claim=rca()))

        sweep(session, "2026-11-24T09:00")

        assert [each[3:] for each in raised(session)] == [(None, "representative"), (None, "supervisor")]
        assert staff


def test_ticket_that_is_handed_up_is_marked_and_takes_its_claim_not_along(store: Store) -> None:
    with store.writing() as session:
        staff = staffed(session)
        claim = rca(staff["Ana"])
        ticket = question(claim=claim)
        session.add(started("int.resolve", "2026-10-19T10:00", ticket=ticket))
        session.flush()

        sweep(session, "2026-11-27T09:00")
        session.flush()

        assert (ticket.owner_id, ticket.escalated, claim.owner_id) == (staff["Radu"], True, staff["Ana"])
        assert raised(session)[-1][3:] == (staff["Radu"], "supervisor")
        assert {each[3:5] for each in events(session)} == {(claim.id, ticket.id)}
        [handed] = [each for each in events(session) if each[0] == "owner.changed"]
        assert handed[3:] == (claim.id, ticket.id, {"to": staff["Radu"], "clock": "int.resolve"})


def test_level_that_does_not_escalate_leaves_the_owner(store: Store) -> None:
    with store.writing() as session:
        staff = staffed(session)
        ticket = question(owner_id=staff["Ana"])
        session.add(started("int.triage", "2026-11-23T10:00", ticket=ticket))

        sweep(session, "2026-11-27T09:00")

        assert (ticket.owner_id, ticket.escalated) == (staff["Ana"], False)
        assert [each[3:] for each in raised(session)] == [
            (staff["Ana"], ""), *[(staff["Ana"], "supervisor")] * 3
        ]  # fmt: skip


def test_breach_with_nobody_above_stays_with_its_owner(store: Store) -> None:
    with store.writing() as session:
        staff = staffed(session)
        for each in session.scalars(select(Staff)):
            each.active = each.name == "Ana"
        claim = rca(staff["Ana"])
        session.add(started("ro.rca.offer", "2026-11-02T09:00", claim=claim))
        session.flush()

        sweep(session, "2026-12-03T08:00")

        assert claim.owner_id == staff["Ana"]
        assert raised(session)[-1][3:] == (staff["Ana"], "supervisor")
        assert [each for each in events(session) if each[0] == "owner.changed"] == []


def test_first_of_two_supervisors_of_a_line_takes_it_and_who_has_left_takes_nothing(store: Store) -> None:
    with store.writing() as session:
        staff = staffed(session)
        session.add(Staff(name="Vlad", email="vlad@exemplu.example", roles=["supervisor"], lines=["motor"]))
        claim, later = rca(number=1), rca(number=2)
        session.add(started("ro.rca.offer", "2026-11-02T09:00", claim=claim))
        session.flush()
        sweep(session, "2026-12-03T08:00")
        session.get_one(Staff, staff["Radu"]).active = False
        session.add(started("ro.rca.offer", "2026-11-02T09:00", claim=later))
        session.flush()
        sweep(session, "2026-12-03T08:00")

        assert claim.owner_id == staff["Radu"]
        assert session.get_one(Staff, later.owner_id).name == "Vlad"


def test_sweep_looks_at_the_oldest_first_and_at_so_many_at_once(store: Store) -> None:
    with store.writing() as session:
        staffed(session)
        days = (4, 2, 3, 2)
        clocks = [
            started("ro.rca.offer", f"2026-11-{day:02}T09:00", claim=rca(number=number))
            for number, day in enumerate(days)
        ]
        session.add_all(clocks)
        session.flush()
        steps: list[Sequence[int | None]] = []
        for _ in range(3):
            assert escalation.is_anything_due(session, now=local("2026-11-18T09:00"))
            sweep(session, "2026-11-18T09:00", limit=1)
            session.flush()
            steps.append([each.next_step for each in clocks])

        assert steps == [[50, 75, 50, 50], [50, 75, 50, 75], [50, 75, 75, 75]]
        assert not escalation.is_anything_due(session, now=local("2026-11-18T09:00"))
        assert sweep(session, "2026-11-18T09:00") == 0


def test_clock_that_stands_goes_on_when_the_longest_pause_is_over_and_not_before(store: Store) -> None:
    with store.writing() as session:
        resolve = started("int.resolve", "2026-11-23T10:00", ticket=question())
        planning.mark(resolve, Mark.PAUSED, at=local("2026-11-24T10:00"), now=local("2026-11-24T10:00"))
        planning.hold(resolve, now=local("2026-11-24T10:00"))
        session.add(resolve)
        session.flush()

        looked = []
        for moment in ("2026-11-24T10:01", "2026-12-24T09:59", "2026-12-24T10:00"):
            seen = sweep(session, moment)
            looked.append((seen, resolve.state.value, resolve.next_at))

        assert looked[:2] == [(1, "paused", local("2026-12-24T10:00")), (0, "paused", local("2026-12-24T10:00"))]
        assert looked[2][:2] == (1, "running")
        _, resumed = resolve.events
        assert (resumed.kind, resumed.at, resumed.recorded_at, resumed.detail) == (
            "resumed", local("2026-12-24T10:00"), local("2026-12-24T10:00"), {"what": "the longest pause is over"}
        )  # fmt: skip


def test_pause_that_the_program_slept_through_ends_when_it_should_have(store: Store) -> None:
    with store.writing() as session:
        resolve = started("int.resolve", "2026-11-23T10:00", ticket=question())
        planning.mark(resolve, Mark.PAUSED, at=local("2026-11-24T10:00"), now=local("2026-11-24T10:00"))
        planning.replan(resolve, load()["int.resolve"], CALENDAR)
        session.add(resolve)
        session.flush()

        sweep(session, "2026-12-28T15:00")

        assert resolve.events[-1].at == local("2026-12-24T10:00")
        assert resolve.events[-1].recorded_at == local("2026-12-28T15:00")


@pytest.mark.parametrize("owned", [True, False])
def test_reports_are_asked_for_one_by_one_on_their_days(store: Store, owned: bool) -> None:  # noqa: FBT001 - a case's answer
    with store.writing() as session:
        staff = staffed(session)
        claim = rca()
        decide = started("us.ca.decide", "2026-12-02T15:00", claim=claim)
        planning.mark(decide, Mark.BREACHED, at=decide.due_at, now=decide.due_at)
        decide.next_step = None
        planning.replan(decide, load()["us.ca.decide"], CALENDAR)
        claim.owner_id = staff["Ana"] if owned else None
        session.add(decide)
        session.flush()

        seen = [sweep(session, at) for at in ("2027-02-10T23:59:58", "2027-02-10T23:59:59", "2027-04-20T10:00")]
        session.flush()
        seen.append(sweep(session, "2027-04-20T10:00"))

        to = (staff["Ana"], "") if owned else (None, "representative")
        assert seen == [0, 1, 1, 1]  # one report a look: the third is of 11 April
        assert raised(session) == [
            (101, local("2027-02-10T23:59:59"), local("2027-02-10T23:59:59"), *to),
            (102, local("2027-03-12T23:59:59"), local("2027-04-20T10:00"), *to),
            (103, local("2027-04-11T23:59:59"), local("2027-04-20T10:00"), *to),
        ]
        assert (decide.next_step, decide.next_at) == (104, local("2027-05-11T23:59:59"))
        assert claim.owner_id == (staff["Ana"] if owned else None)


def test_report_is_not_asked_for_before_its_day_and_other_laws_want_none(store: Store) -> None:
    with store.writing() as session:
        staffed(session)
        decide, offer = (
            started(key, "2026-12-02T15:00", claim=rca(number=n))
            for n, key in enumerate(("us.ca.decide", "ro.rca.offer"))
        )
        for each in (decide, offer):
            planning.mark(each, Mark.BREACHED, at=each.due_at, now=each.due_at)
            each.state, each.next_step, each.next_at = ClockState.BREACHED, None, each.due_at
        session.add_all([decide, offer])
        session.flush()

        assert sweep(session, "2027-02-01T10:00") == 2

        assert raised(session) == []
        assert (decide.next_at, offer.next_at) == (local("2027-02-10T23:59:59"), None)


def test_clock_is_broken_the_moment_its_time_is_up(store: Store) -> None:
    with store.writing() as session:
        offer = started("ro.rca.offer", "2026-11-02T09:00", claim=rca())
        session.add(offer)
        session.flush()
        states = []
        for moment in ("2026-12-02T23:59:58", "2026-12-02T23:59:59"):
            sweep(session, moment)
            states.append(offer.state.value)

    assert states == ["running", "breached"]


def test_sweep_of_many_clocks_asks_as_often_as_one_of_few(store: Store) -> None:
    def asked(number: int, at: str) -> int:
        with store.writing() as session:
            for each in range(number):
                alone, ticketed = (rca(number=100 * number + 2 * each + which) for which in range(2))
                resolve = started("int.resolve", at, ticket=question(100 * number + each, claim=ticketed))
                session.add_all([started("ro.rca.offer", at, claim=alone), resolve])
        selects: list[str] = []

        def count(*arguments: Any) -> None:
            selects.extend([arguments[2]] * arguments[2].startswith("SELECT"))

        event.listen(store.engine, "before_cursor_execute", count)
        with store.writing() as session:
            assert sweep(session, "2026-11-20T10:00") == 2 * number
        event.remove(store.engine, "before_cursor_execute", count)
        return len(selects)

    assert asked(2, "2026-11-01T10:00") == asked(7, "2026-11-02T10:00")


def test_clock_of_a_law_that_the_file_no_longer_has_stops_nobody_else(store: Store) -> None:
    with store.writing() as session:
        staffed(session)
        gone = started("ro.rca.offer", "2026-11-02T09:00", claim=rca(number=1))
        gone.key = "ro.gone"
        session.add(gone)
        session.flush()
        session.add(started("ro.rca.offer", "2026-11-02T09:00", claim=rca(number=2)))
        session.flush()

        assert sweep(session, "2026-11-17T09:00") == 2

        assert gone.next_at is None
        assert [each[0] for each in raised(session)] == [50]


def extended(clock: Clock, at: str, number: int) -> None:
    planning.extend(clock, load()[clock.key], CALENDAR, now=local(at), number=number)


def steps(session: Session) -> list[tuple[int, int]]:
    """The steps raised, each with the time it belongs to."""
    rows = session.scalars(select(Escalation).order_by(Escalation.id))
    return [(each.extension, each.step) for each in rows]


@pytest.mark.parametrize(
    ("before", "told", "again"),
    [
        ("2026-12-14T10:00", [50, 75, 90], [75, 90, 100]),  # half of 75 days is behind it already
        ("2026-12-09T09:00", [50, 75], [75, 90, 100]),  # and at the very moment that it is
        ("2026-11-30T10:00", [50], [50, 75, 90, 100]),
        ("2026-11-20T10:00", [], [50, 75, 90, 100]),
    ],
)
def test_steps_to_come_are_raised_anew_in_further_time(
    store: Store, before: str, told: list[int], again: list[int]
) -> None:
    with store.writing() as session:
        decide = started("us.erisa.disability", "2026-11-02T09:00", claim=rca())
        session.add(decide)
        session.flush()
        sweep(session, before)
        extended(decide, before, 30)
        session.flush()
        assert sweep(session, before) == 0

        for _ in range(2):
            sweep(session, "2027-01-17T10:00")
            session.flush()

        assert steps(session) == [*((0, each) for each in told), *((1, each) for each in again)]
        assert (decide.state, decide.events[0].detail) == ("breached", {"number": 30, "what": "clock.extended"})
        assert decide.events[0].at == decide.events[0].recorded_at == local(before)


def test_step_that_nobody_had_raised_is_raised_though_further_time_has_passed_it(store: Store) -> None:
    with store.writing() as session:
        decide = started("us.erisa.disability", "2026-11-02T09:00", claim=rca())
        session.add(decide)
        extended(decide, "2026-12-14T10:00", 30)
        session.flush()

        sweep(session, "2026-12-14T10:00")

        assert steps(session) == [(1, 50)]
        assert decide.next_step == 75


def test_end_told_before_a_day_off_is_told_again_of_the_new_day_whichever_it_is(store: Store) -> None:
    with store.writing() as session:
        decide = started("us.erisa.disability", "2026-11-04T09:00", claim=rca())  # due on a Saturday
        session.add(decide)
        session.flush()
        sweep(session, "2026-12-18T10:00")
        extended(decide, "2026-12-18T11:00", 1)
        session.flush()

        for _ in range(2):
            sweep(session, "2026-12-18T11:00")
            session.flush()

        assert steps(session) == [(0, 50), (0, 75), (0, 90), (0, 100), (1, 100)]
        assert (decide.due_on, decide.state, decide.next_step) == (date(2026, 12, 20), "running", None)


def test_clock_that_stands_when_it_is_extended_has_its_steps_before_it(store: Store) -> None:
    with store.writing() as session:
        decide = started("us.erisa.disability", "2026-11-02T09:00", claim=rca())
        session.add(decide)
        session.flush()
        sweep(session, "2026-11-30T10:00")
        planning.mark(decide, Mark.PAUSED, at=local("2026-12-01T10:00"), now=local("2026-12-01T10:00"))
        planning.replan(decide, load()[decide.key], CALENDAR)
        extended(decide, "2027-01-15T10:00", 30)
        assert (decide.state, decide.next_step) == ("paused", 50)
        planning.mark(decide, Mark.RESUMED, at=local("2027-01-15T11:00"), now=local("2027-01-15T11:00"))
        planning.replan(decide, load()[decide.key], CALENDAR)
        session.flush()

        sweep(session, "2027-01-15T12:00")

        assert steps(session) == [(0, 50)]
        sweep(session, "2027-03-31T12:00")
        assert steps(session) == [(0, 50), (1, 50), (1, 75), (1, 90), (1, 100)]


def test_supervisors_task_is_one_for_each_time_a_clock_was_given(store: Store) -> None:
    with store.writing() as session:
        staffed(session)
        decide = started("us.erisa.disability", "2026-11-02T09:00", claim=rca())
        session.add(decide)
        session.flush()
        sweep(session, "2026-12-14T10:00")
        extended(decide, "2026-12-14T10:00", 30)
        session.flush()

        sweep(session, "2027-01-14T10:00")
        session.flush()

        asked = list(session.scalars(select(Task).order_by(Task.id)))
        assert [(each.once, each.due_on) for each in asked] == [
            (f"clock:{decide.id}:90", date(2026, 12, 17)), (f"clock:{decide.id}:90:1", date(2027, 1, 16)),
        ]  # fmt: skip

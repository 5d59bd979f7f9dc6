"""Clocks: what starts, meets and pauses them, when they are due, and the steps of their ladder."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.desk import OFFICE
from tickets import deadlines
from tickets.calendars import Calendar, months_after, of
from tickets.deadlines import Penalty, load, penalty, planning
from tickets.deadlines.definitions import PAUSING, TOLD, Definition, Ends, Unit, read
from tickets.deadlines.reckoning import Course, Happening, Mark, Pausing, Reckoned, follow, reckon
from tickets.errors import ConfigurationError
from tickets.models import Clock, ClockState
from tickets.office import AfterHours

CALENDAR = of(OFFICE)
SAME_DAY = of(replace(OFFICE, after_hours=AfterHours.SAME_DAY))
DAY = timedelta(days=1)

VALID = """
["ro.test"]
scope = "home"
on = "claim"
duration = 3
day = "calendar"
start = "claim.notice"
stop = ["acknowledged"]
name = { en = "a", ro = "a" }
demands = { en = "a", ro = "a" }
source = { en = "a", ro = "a" }
verified = false
"""


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE.timezone)


def clock(
    key: str, started: str, happenings: Sequence[Happening] = (), *, calendar: Calendar = CALENDAR, **changes: object
) -> Reckoned:
    return reckon(replace(load()[key], **changes), calendar, local(started), happenings)  # type: ignore[arg-type]


def did(kind: Mark, at: str, number: int = 0) -> Happening:
    return Happening(kind=kind, at=local(at), number=number)


# --- what the file says


def test_every_clock_says_in_both_languages_what_it_demands_and_on_whose_authority() -> None:
    definitions = load().values()

    assert len(definitions) == 31
    for each in definitions:
        for words in (each.name, each.demands, each.source):
            assert words.en
            assert words.ro
    assert sum(each.verified for each in definitions) == 27
    assert all(each.checked_on == date(2026, 11, 22) for each in definitions if each.verified)


def test_duty_without_a_number_has_no_clock() -> None:
    prompt = load()["uk.claim.prompt"]

    assert prompt.unit is Unit.NONE
    assert prompt.start == prompt.stop == ()


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('"ro.test"', '"xx.test"', "a key begins with one of eu, gdpr, int, ro, uk, us and a dot"),
        ('"ro.test"', '"ro"', "a key begins with one of eu, gdpr, int, ro, uk, us and a dot"),
        ("claim.notice", "claim.noticed", "start: nothing is called 'claim.noticed'"),
        ('"acknowledged"', '"acknowledgd"', "stop: nothing is called 'acknowledgd'"),
        ("claim.notice", "claim.notice | told", "start: nothing is called 'told'"),
        ("duration = 3", "duration = 0", "a time needs duration, start and stop"),
        ('start = "claim.notice"', "", "a time needs duration, start and stop"),
        ('stop = ["acknowledged"]', "", "a time needs duration, start and stop"),
        ('"calendar"', '"none"', "day: none has no duration and no start"),
        ('3\nday = "calendar"', '0\nday = "none"', "day: none has no duration and no start"),
        ('"calendar"\nstart = "claim.notice"', '"none"', "day: none has no duration and no start"),
        ("verified", 'pause = "customer"\nverified', "max_pause: goes with pause = customer, and only there"),
        ("verified", "max_pause = 3\nverified", "max_pause: goes with pause = customer, and only there"),
        ("verified", "extend2 = 3\nverified", "extend2: needs extend"),
    ],
)
def test_wrong_clock_is_refused_naming_file_key_and_rule(was: str, becomes: str, told: str) -> None:
    assert read(VALID)["ro.test"].duration == 3

    with pytest.raises(ConfigurationError) as refused:
        read(VALID.replace(was, becomes, 1))

    key = becomes.strip('"') if was == '"ro.test"' else "ro.test"
    assert str(refused.value) == f"clocks.toml: {key}: {told}"


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("verified", "colour = 3\nverified", "colour"),
        ('"calendar"', '"fortnight"', "unit"),
        ("scope", "scope =", "not TOML"),
    ],
)
def test_file_of_another_shape_is_refused(was: str, becomes: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"clocks\.toml.*{told}"):
        read(VALID.replace(was, becomes, 1))


def test_everything_that_is_wrong_is_told_at_once() -> None:
    twice = VALID.replace("claim.notice", "told").replace('"acknowledged"', '"heard"')

    with pytest.raises(ConfigurationError) as refused:
        read(twice)

    where = "clocks.toml: ro.test"
    told = (f"{where}: start: nothing is called 'told'", f"{where}: stop: nothing is called 'heard'")
    assert str(refused.value) == "; ".join(told)


def test_entry_that_is_no_table_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"clocks\.toml: ro\.test"):
        read('"ro.test" = 3')


@pytest.mark.parametrize(
    ("scope", "kind", "applies"),
    [("*", "home", True), ("motor_rca*", "motor_rca_injury", True), ("motor_rca*", "motor_casco", False),
     ("motor_rca*", "motor_rc_other", False), ("home", "home_pad", False), ("home", "home", True)],
)  # fmt: skip
def test_scope_is_a_type_a_family_or_everything(scope: str, kind: str, applies: bool) -> None:  # noqa: FBT001 - a case's answer
    assert replace(load()["ro.rca.offer"], scope=scope).applies_to(kind) is applies


@pytest.mark.parametrize(
    ("key", "jurisdictions", "runs"),
    [
        ("ro.rca.offer", ("ro", "eu"), True),
        ("ro.rca.offer", ("eu",), False),
        ("us.ca.ack", ("us",), True),
        ("us.ca.ack", ("us.ca",), True),
        ("us.ca.ack", ("us.c",), False),
        ("us.tx.ack", ("us.ca",), False),
        ("int.ack", (), True),
    ],
)
def test_clock_runs_where_its_jurisdiction_is_configured(key: str, jurisdictions: tuple[str, ...], runs: bool) -> None:  # noqa: FBT001 - a case's answer
    assert load()[key].runs_under(jurisdictions) is runs


def test_breach_of_the_law_and_of_the_time_to_resolve_changes_the_owner() -> None:
    moving = {key for key, each in load().items() if each.moves_owner}

    assert {"ro.rca.offer", "gdpr.request", "int.resolve"} <= moving
    assert not {"int.ack", "int.triage", "ro.pad.notice", "us.ssa.appeal", "uk.complaint.quick"} & moving


# --- when they are due


@pytest.mark.parametrize(
    ("key", "started", "due"),
    [
        ("ro.rca.offer", "2026-11-02T09:00", "2026-12-02T23:59:59"),
        ("ro.rca.pay", "2026-12-02T15:00", "2026-12-12T23:59:59"),
        ("ro.complaint", "2026-11-23T10:00", "2026-12-23T23:59:59"),
        ("ro.complaint.asf_file", "2026-11-23T10:00", "2026-12-03T23:59:59"),
        ("eu.motor.reasoned_offer", "2026-11-30T09:00", "2027-02-28T23:59:59"),
        ("uk.complaint.final", "2026-11-23T09:00", "2027-01-18T23:59:59"),
        ("uk.complaint.quick", "2026-11-27T18:00", "2026-12-04T17:00"),
        ("gdpr.request", "2027-01-31T09:00", "2027-02-28T23:59:59"),
        ("us.tx.decide", "2026-11-27T18:00", "2026-12-22T23:59:59"),
        ("us.ssa.appeal", "2026-11-23T10:00", "2027-01-27T23:59:59"),
        ("us.ssa.appeal", "2026-11-20T10:00", "2027-01-25T23:59:59"),
        ("int.ack", "2026-11-23T10:00", "2026-11-24T17:00"),
        ("int.first_response", "2026-11-27T17:30", "2026-12-04T17:00"),
        ("int.triage", "2026-11-27T15:00", "2026-12-02T11:00"),
        ("int.resolve", "2026-11-23T10:00", "2026-12-09T17:00"),
    ],
)
def test_clock_is_due_when_its_law_or_the_office_says(key: str, started: str, due: str) -> None:
    reckoned = clock(key, started)

    assert reckoned.due_at == local(due)
    assert reckoned.due_on == local(due).date()


def test_after_hours_rule_is_for_our_own_service_levels_alone() -> None:
    friday_evening = "2026-11-27T17:30"

    assert clock("int.first_response", friday_evening).due_at == local("2026-12-04T17:00")
    assert clock("int.first_response", friday_evening, calendar=SAME_DAY).due_at == local("2026-12-03T17:00")
    for calendar in (CALENDAR, SAME_DAY):
        assert clock("ro.rca.offer", friday_evening, calendar=calendar).due_on == date(2026, 12, 27)


def test_time_that_is_extended_is_counted_from_the_start() -> None:
    more = [did(Mark.EXTENDED, "2027-02-20T10:00", 2)]

    assert clock("gdpr.request", "2027-01-31T09:00", more).due_on == date(2027, 4, 30)
    texas = [did(Mark.EXTENDED, "2026-12-10T10:00", 45)]
    assert clock("us.tx.decide", "2026-11-23T09:00", texas).due_on == date(2026, 12, 16) + 45 * DAY
    in_working_days = clock("us.tx.decide", "2026-11-23T09:00", texas, extend_day=Unit.WORKING)
    assert in_working_days.due_on == CALENDAR.working_after(date(2026, 12, 16), 45)
    hours = [did(Mark.EXTENDED, "2026-11-23T11:00", 2)]
    assert clock("int.triage", "2026-11-23T10:00", hours).due_at == local("2026-11-23T16:00")


@pytest.mark.parametrize(
    ("paused", "resumed", "due"),
    [
        ("2026-11-23T11:00", "2026-11-23T16:00", "2026-12-09"),  # within a day: nothing is lost or won
        ("2026-11-23T11:00", "2026-11-25T11:00", "2026-12-11"),
        ("2026-11-27T11:00", "2026-12-02T11:00", "2026-12-10"),  # only Wednesday was a working day
        ("2026-11-23T11:00", "2026-11-25T18:00", "2026-12-14"),  # an answer after hours counts from the next day
        ("2026-12-09T12:00", "2026-12-14T12:00", "2026-12-14"),  # on its last day
        ("2026-12-09T16:59", "2026-12-14T12:00", "2026-12-14"),
        ("2026-12-09T17:00", "2026-12-14T12:00", "2026-12-09"),  # too late to save it
    ],
)
def test_time_to_resolve_stands_while_the_customer_is_asked(paused: str, resumed: str, due: str) -> None:
    pause = [did(Mark.PAUSED, paused), did(Mark.RESUMED, resumed)]

    assert clock("int.resolve", "2026-11-23T10:00", pause).due_on == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("spans", "stood"),
    [
        (["05-09", "01-03"], ["01-03", "05-09"]),
        (["05-09", "01-05"], ["01-09"]),
        (["05-09", "01-06"], ["01-09"]),
        (["05-09", "06-08"], ["05-09"]),
        (["05-09", "05-09"], ["05-09"]),
        (["05-09", "09-11"], ["05-11"]),
        (["05-09", "10-11"], ["05-09", "10-11"]),
        (["05-09", "03-11"], ["03-11"]),
        (["05-09", "12-14", "10-11"], ["05-09", "10-11", "12-14"]),
        (["05-09", "12-14", "08-10"], ["05-10", "12-14"]),
        (["05-09", "12-14", "10-13"], ["05-09", "10-14"]),
        (["05-09", "12-14", "07-13"], ["05-14"]),
        (["05-09", "12-14", "01-20"], ["01-20"]),
        (["05-09", "12-14", "16-18", "13-17"], ["05-09", "12-18"]),
    ],
)
def test_time_stands_once_however_many_wait_and_in_whatever_order_it_is_told(
    spans: list[str], stood: list[str]
) -> None:
    marks = [
        did((Mark.PAUSED, Mark.RESUMED)[number], f"2026-12-{day}T10:00")
        for span in spans
        for number, day in enumerate(span.split("-"))
    ]

    course = follow(local("2026-11-23T10:00"), marks)

    assert [f"{each.start:%d}-{each.end:%d}" for each in course.pauses] == stood


@pytest.mark.parametrize(
    ("moved_to", "due"),
    [
        ("2026-11-23T10:00", "2026-12-14"),  # Tuesday to Friday
        ("2026-11-24T12:00", "2026-12-15"),
        ("2026-11-25T10:00", "2026-12-15"),  # Wednesday to Friday
        ("2026-11-27T10:00", "2026-12-15"),
        ("2026-12-03T10:00", "2026-12-17"),
    ],
)
def test_clock_whose_start_is_corrected_stood_only_after_it(moved_to: str, due: str) -> None:
    corrected = [
        did(Mark.PAUSED, "2026-11-24T12:00"), did(Mark.RESUMED, "2026-11-27T10:00"), did(Mark.STARTED, moved_to)
    ]  # fmt: skip

    reckoned = clock("int.resolve", "2026-11-23T10:00", corrected)

    assert reckoned.due_on == date.fromisoformat(due)
    assert all(each.start < each.end for each in reckoned.course.pauses)


def test_pause_after_the_end_hides_none_before_it() -> None:
    known_later = [
        did(Mark.PAUSED, "2026-12-14T10:00"), did(Mark.RESUMED, "2026-12-15T10:00"),
        did(Mark.PAUSED, "2026-11-23T11:00"), did(Mark.RESUMED, "2026-11-25T11:00"),
    ]  # fmt: skip

    assert clock("int.resolve", "2026-11-23T10:00", known_later).due_on == date(2026, 12, 11)


def test_pause_that_goes_on_moves_nothing_yet() -> None:
    standing = clock("int.resolve", "2026-11-23T10:00", [did(Mark.PAUSED, "2026-11-24T10:00")])

    assert standing.course.paused_at == local("2026-11-24T10:00")
    assert standing.due_on == date(2026, 12, 9)


def test_pause_that_never_began_leaves_no_trace() -> None:
    bounced = [did(Mark.PAUSED, "2026-11-24T10:00"), did(Mark.UNPAUSED, "2026-12-04T10:00")]

    assert clock("int.resolve", "2026-11-23T10:00", bounced) == clock("int.resolve", "2026-11-23T10:00")


def test_identity_check_stops_the_month_of_a_data_request() -> None:
    check = [did(Mark.PAUSED, "2026-11-25T10:00"), did(Mark.RESUMED, "2026-12-01T10:00")]

    assert clock("gdpr.request", "2026-11-23T10:00", check).due_on == date(2026, 12, 29)


def test_working_hours_stand_still_too() -> None:
    pause = [did(Mark.PAUSED, "2026-11-23T11:00"), did(Mark.RESUMED, "2026-11-24T10:00")]

    assert clock("int.triage", "2026-11-23T10:00", pause).due_at == local("2026-11-24T13:00")
    late = [did(Mark.PAUSED, "2026-11-23T14:00"), did(Mark.RESUMED, "2026-11-24T10:00")]
    assert clock("int.triage", "2026-11-23T10:00", late).due_at == local("2026-11-23T14:00")


def test_what_happened_is_followed_in_the_order_it_became_known() -> None:
    course = follow(
        local("2026-11-23T10:00"),
        [
            did(Mark.RESUMED, "2026-11-23T11:00"),  # nothing stood
            did(Mark.BREACHED, "2026-12-09T17:00"),
            did(Mark.MET, "2026-12-10T12:00"),
            did(Mark.REVIVED, "2026-12-10T13:00"),
            did(Mark.CANCELLED, "2026-12-11T12:00"),
            Happening(kind="something of a later version", at=local("2026-12-12T12:00")),
            did(Mark.STARTED, "2026-11-16T10:00"),
        ],
    )

    assert course.started_at == local("2026-11-16T10:00")
    assert course.stopped_at == local("2026-12-11T12:00")
    assert course.is_breached
    assert not course.is_met
    assert course.pauses == ()


def test_clock_that_goes_on_stands_no_more() -> None:
    spans = [
        (local("2026-11-24T10:00"), local("2026-11-25T10:00")),
        (local("2026-11-26T10:00"), local("2026-11-27T10:00")),
    ]
    marks = [did(Mark.PAUSED, "2026-11-24T10:00"), did(Mark.RESUMED, "2026-11-25T10:00"),
             did(Mark.PAUSED, "2026-11-26T10:00"), did(Mark.RESUMED, "2026-11-27T10:00")]  # fmt: skip

    course = follow(local("2026-11-23T10:00"), marks)

    pauses = tuple(Pausing(start=start, end=end) for start, end in spans)
    assert course == Course(started_at=local("2026-11-23T10:00"), pauses=pauses)


def test_answer_that_was_written_before_the_pause_takes_no_time_away() -> None:
    backwards = [did(Mark.PAUSED, "2026-11-25T10:00"), did(Mark.RESUMED, "2026-11-24T10:00")]

    assert clock("int.resolve", "2026-11-23T10:00", backwards).due_on == date(2026, 12, 9)


def test_time_that_is_extended_after_a_breach_runs_again() -> None:
    course = clock(
        "gdpr.request",
        "2026-11-23T10:00",
        [did(Mark.BREACHED, "2026-12-23T23:59"), did(Mark.EXTENDED, "2026-12-24T10:00", 2)],
    ).course

    assert course == Course(started_at=local("2026-11-23T10:00"), extended=2)


def test_clock_that_went_on_over_a_holiday_alone_gains_no_day_by_it() -> None:
    one = [did(Mark.PAUSED, "2024-01-03T02:00"), did(Mark.RESUMED, "2024-01-08T02:00")]
    two = [one[0], did(Mark.RESUMED, "2024-01-06T02:00"), did(Mark.PAUSED, "2024-01-06T03:00"), one[1]]
    started_at, definition = local("2024-01-02T02:00"), statutory(1, Unit.WORKING)

    days = [reckon(definition, CALENDAR, started_at, pauses).due_on for pauses in (one, two)]

    assert days == [date(2024, 1, 8), date(2024, 1, 8)]


# --- against a slow, obvious model

started = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them naive


@given(started, st.integers(1, 60), st.sampled_from(["calendar", "working"]), st.lists(st.integers(0, 20), max_size=6))
def test_day_due_is_that_found_by_crossing_off_days(start: datetime, duration: int, day: str, gaps: list[int]) -> None:
    definition = statutory(duration, Unit(day))
    pauses, at = [], start
    for number, gap in enumerate(gaps[: len(gaps) // 2 * 2]):
        at += gap * DAY + timedelta(minutes=1)
        pauses.append(Happening(kind=(Mark.PAUSED, Mark.RESUMED)[number % 2], at=at))

    reckoned = reckon(definition, CALENDAR, start, pauses)

    assert reckoned.due_on == crossed_off(definition, start, pauses)
    assert reckoned.due_at == CALENDAR.end_of(reckoned.due_on)


def crossed_off(definition: Definition, start: datetime, pauses: Sequence[Happening]) -> date:
    """Go day by day: one that is counted uses up one of the duration, unless the clock stood at its beginning."""
    spans = [
        (CALENDAR.day(pauses[number].at), CALENDAR.day(pauses[number + 1].at)) for number in range(0, len(pauses), 2)
    ]
    day, left = CALENDAR.day(start), definition.duration
    while left:
        day += DAY
        stood = any(since < day <= until for since, until in spans)
        if not stood and (definition.unit is Unit.CALENDAR or CALENDAR.is_working(day)):
            left -= 1
    for since, until in spans:
        if since <= day <= until:  # it stood on its last day: the day it goes on is the last
            day = until if definition.unit is Unit.CALENDAR else CALENDAR.next_working(until)
    return day


@given(started, st.integers(1, 12))
def test_months_end_on_the_same_day_or_the_last_one(start: datetime, months: int) -> None:
    reckoned = reckon(statutory(months, Unit.MONTH), CALENDAR, start, ())

    assert reckoned.due_on == months_after(CALENDAR.day(start), months)


@given(started, st.sampled_from(sorted(key for key, each in load().items() if each.unit is not Unit.NONE)))
def test_steps_come_in_order_in_office_hours_and_none_of_a_law_comes_late(start: datetime, key: str) -> None:
    definition = load()[key]

    reckoned = reckon(definition, CALENDAR, start, ())

    if not definition.is_ours:
        assert reckoned.steps == ()
        return
    planned = [each.planned for each in reckoned.steps]
    assert planned == sorted(planned)
    assert [each.per_cent for each in reckoned.steps] == [50, 75, 90, 100]
    for each in reckoned.steps:
        assert CALENDAR.is_working(CALENDAR.day(each.planned))
        if each.per_cent < 100:
            assert CALENDAR.opening(CALENDAR.day(each.planned)) <= each.planned
            assert each.planned <= CALENDAR.closing(CALENDAR.day(each.planned))
        if definition.is_statutory:
            assert CALENDAR.day(each.planned) <= each.day
    assert reckoned.steps[-1].day == reckoned.due_on


@given(
    started,
    st.sampled_from(sorted(key for key, each in load().items() if each.is_ours and each.start)),
    st.lists(st.integers(0, 20 * 24), max_size=6),
)
def test_no_step_comes_after_the_end_however_long_the_clock_stands(start: datetime, key: str, gaps: list[int]) -> None:
    at, pauses = start, []
    for number, gap in enumerate(gaps):
        at += timedelta(hours=gap, minutes=1)
        pauses.append(Happening(kind=(Mark.PAUSED, Mark.RESUMED)[number % 2], at=at))

    reckoned = reckon(load()[key], CALENDAR, start, pauses)

    planned = [each.planned for each in reckoned.steps]
    assert planned == sorted(planned)
    assert planned[-1] <= reckoned.due_at


@pytest.mark.parametrize("hours", [(time(2, 30), time(12)), (time(9), time(17))])
@pytest.mark.parametrize("day", ["2026-03-26", "2026-03-28", "2026-10-22", "2026-10-24"])
def test_change_of_the_clock_neither_loses_nor_doubles_a_step(day: str, hours: tuple[time, time]) -> None:
    night_office = replace(CALENDAR, opens=hours[0], closes=hours[1])
    start = datetime.combine(date.fromisoformat(day), time(2, 30), OFFICE.timezone)

    for key in ("int.triage", "int.resolve"):
        reckoned = reckon(load()[key], night_office, start, ())
        assert len({each.planned for each in reckoned.steps}) == 4
        assert all(start <= each.planned <= reckoned.due_at for each in reckoned.steps)


def test_leap_day_is_a_day_like_others() -> None:
    assert clock("ro.rca.offer", "2028-02-01T09:00").due_on == date(2028, 3, 2)
    assert clock("ro.rca.offer", "2027-02-01T09:00").due_on == date(2027, 3, 3)
    assert clock("gdpr.request", "2028-01-29T09:00").due_on == date(2028, 2, 29)


# --- the steps of the scenarios


def test_steps_of_a_law_on_days_off_are_raised_on_the_last_working_day_before() -> None:
    steps = {each.per_cent: each for each in clock("ro.rca.offer", "2026-11-02T09:00").steps}

    assert [each.day.isoformat() for each in steps.values()] == ["2026-11-17", "2026-11-24", "2026-11-29", "2026-12-02"]
    assert steps[90].planned == local("2026-11-27T09:00")
    assert steps[100].planned == local("2026-12-02T23:59:59")


def test_end_of_a_law_on_a_day_off_is_raised_before_and_broken_after() -> None:
    pay = clock("ro.rca.pay", "2026-12-02T15:00")

    assert pay.steps[-1].planned == local("2026-12-11T09:00")
    assert pay.due_at == local("2026-12-12T23:59:59")


@pytest.mark.parametrize(
    ("duration", "unit", "days"),
    [  # from Monday 1 June 2026, which Romania keeps as Whit Monday; nothing else is free till the middle of August
        (20, Unit.CALENDAR, ["2026-06-11", "2026-06-16", "2026-06-19", "2026-06-21"]),
        (21, Unit.CALENDAR, ["2026-06-11", "2026-06-16", "2026-06-19", "2026-06-22"]),
        (20, Unit.WORKING, ["2026-06-15", "2026-06-22", "2026-06-25", "2026-06-29"]),
        (21, Unit.WORKING, ["2026-06-15", "2026-06-22", "2026-06-25", "2026-06-30"]),
        (1, Unit.WEEK, ["2026-06-04", "2026-06-06", "2026-06-07", "2026-06-08"]),
        (1, Unit.MONTH, ["2026-06-16", "2026-06-23", "2026-06-28", "2026-07-01"]),
    ],
)
def test_share_of_a_law_is_over_with_the_last_whole_day_of_it(duration: int, unit: Unit, days: list[str]) -> None:
    reckoned = reckon(statutory(duration, unit), CALENDAR, local("2026-06-01T10:00"), ())

    assert [each.day.isoformat() for each in reckoned.steps] == days


def test_last_step_of_our_own_levels_is_raised_when_they_are_due() -> None:
    until_midnight = clock("int.resolve", "2026-11-23T10:00", ends=Ends.LAST)

    assert until_midnight.steps[-1].planned == local("2026-12-09T23:59:59")


def test_steps_of_our_own_levels_are_shares_of_open_time() -> None:
    steps = clock("int.resolve", "2026-11-26T13:00").steps

    assert [each.planned for each in steps] == [
        local("2026-12-07T15:00"), local("2026-12-10T12:00"), local("2026-12-11T16:36"), local("2026-12-14T17:00")
    ]  # fmt: skip


def test_steps_wait_with_the_clock() -> None:
    pause = [did(Mark.PAUSED, "2026-11-26T14:00"), did(Mark.RESUMED, "2026-11-27T14:00")]

    assert clock("int.resolve", "2026-11-26T13:00", pause).steps[0].planned == local("2026-12-08T15:00")
    erisa = [did(Mark.PAUSED, "2026-11-10T14:00"), did(Mark.RESUMED, "2026-11-20T14:00")]
    assert clock("us.erisa.post_service", "2026-11-02T09:00", erisa).steps[0].day == date(2026, 11, 27)


# --- what is kept of it


def row(key: str, started: str, **changes: object) -> Clock:
    columns = planning.first(load()[key], CALENDAR, local(started)) | changes
    return Clock(**columns, recorded_at=local(started))


def test_clock_that_starts_waits_for_its_first_step() -> None:
    assert planning.first(load()["ro.rca.offer"], CALENDAR, local("2026-11-02T09:00")) == {
        "key": "ro.rca.offer",
        "statutory": True,
        "state": ClockState.RUNNING,
        "started_at": local("2026-11-02T09:00"),
        "due_at": local("2026-12-02T23:59:59"),
        "due_on": date(2026, 12, 2),
        "next_step": 50,
        "next_at": local("2026-11-17T09:00"),
    }


def test_clock_of_the_customer_waits_for_its_end() -> None:
    appeal = planning.first(load()["us.ssa.appeal"], CALENDAR, local("2026-11-23T10:00"))

    assert (appeal["next_step"], appeal["next_at"]) == (None, local("2027-01-27T23:59:59"))


def test_what_happens_to_a_clock_is_written_down_in_full() -> None:
    resolve, known = row("int.resolve", "2026-11-23T10:00"), local("2026-11-25T10:00")

    planning.mark(resolve, Mark.EXTENDED, at=local("2026-11-24T10:00"), now=known, message_id=7, number=3, what="told")
    planning.mark(resolve, Mark.MET, at=known, now=known)

    extended, met = resolve.events
    assert (extended.kind, extended.at, extended.recorded_at) == ("extended", local("2026-11-24T10:00"), known)
    assert (extended.message_id, extended.detail) == (7, {"number": 3, "what": "told"})
    assert (met.message_id, met.detail) == (None, {})
    assert planning.happenings(resolve) == [
        Happening(kind="extended", at=local("2026-11-24T10:00"), number=3), Happening(kind="met", at=known, number=0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "marks", "state", "next_at"),
    [
        ("int.resolve", [], "running", "2026-12-01T10:00"),
        ("int.resolve", [(Mark.PAUSED, "2026-11-24T10:00")], "paused", "2026-12-01T10:00"),
        ("gdpr.request", [(Mark.PAUSED, "2026-11-24T10:00")], "paused", "2026-12-01T10:00"),
        ("int.resolve", [(Mark.MET, "2026-11-24T10:00")], "met", None),
        ("int.resolve", [(Mark.PAUSED, "2026-11-24T10:00"), (Mark.MET, "2026-11-25T10:00")], "met", None),
        (
            "int.resolve",
            [(Mark.PAUSED, "2026-11-24T10:00"), (Mark.RESUMED, "2026-11-25T10:00")],
            "running",
            "2026-12-01T10:00",
        ),
        ("int.resolve", [(Mark.CANCELLED, "2026-11-24T10:00")], "cancelled", None),
        ("int.resolve", [(Mark.BREACHED, "2026-12-09T17:00")], "breached", "2026-12-01T10:00"),
        ("int.resolve", [(Mark.BREACHED, "2026-12-09T17:00"), (Mark.MET, "2026-12-10T10:00")], "met", None),
    ],
)
def test_row_without_a_calendar_says_what_it_can_and_leaves_the_rest_to_the_sweep(
    key: str, marks: list[tuple[Mark, str]], state: str, next_at: str | None
) -> None:
    now = local("2026-12-01T10:00")
    held = row(key, "2026-11-23T10:00")
    for kind, at in marks:
        planning.mark(held, kind, at=local(at), now=now)

    planning.hold(held, now=now)

    assert (held.state, held.next_at) == (state, local(next_at) if next_at else None)
    stands = state != "running" and marks[0][0] is Mark.PAUSED
    assert held.paused_at == (local(marks[0][1]) if stands else None)
    assert held.stopped_at == (local(marks[-1][1]) if state in ("met", "cancelled") else None)


@pytest.mark.parametrize(
    ("key", "next_step", "marks", "next_at"),
    [
        ("ro.rca.pay", 50, [], "2026-12-07T09:00"),
        ("ro.rca.pay", 75, [], "2026-12-09T09:00"),
        ("ro.rca.pay", 90, [], "2026-12-11T09:00"),
        ("ro.rca.pay", 100, [], "2026-12-11T09:00"),  # its end is a Saturday: told on the Friday before
        ("ro.rca.pay", None, [], "2026-12-12T23:59:59"),
        ("ro.rca.pay", None, [(Mark.BREACHED, "2026-12-12T23:59:59")], None),
        ("us.ca.decide", None, [(Mark.BREACHED, "2027-01-11T23:59:59")], "2027-02-10T23:59:59"),
        ("us.ca.decide", 101, [(Mark.BREACHED, "2027-01-11T23:59:59")], "2027-02-10T23:59:59"),
        ("us.ca.decide", 102, [(Mark.BREACHED, "2027-01-11T23:59:59")], "2027-03-12T23:59:59"),
        ("us.ca.decide", 103, [(Mark.BREACHED, "2027-01-11T23:59:59")], "2027-04-11T23:59:59"),
        ("us.ca.decide", 102, [(Mark.MET, "2027-01-11T23:59:59")], None),
        ("int.resolve", 50, [(Mark.PAUSED, "2026-12-03T10:00")], "2027-01-02T10:00"),
        ("int.resolve", 50, [(Mark.PAUSED, "2027-03-27T23:30")], "2027-04-26T23:30"),  # summer time has begun
        ("gdpr.request", 50, [(Mark.PAUSED, "2026-12-03T10:00")], None),  # no longest pause
    ],
)
def test_sweep_looks_again_when_there_is_something_to_do(
    key: str, next_step: int | None, marks: list[tuple[Mark, str]], next_at: str | None
) -> None:
    planned = row(key, "2026-12-02T15:00", next_step=next_step)
    for kind, at in marks:
        planning.mark(planned, kind, at=local(at), now=local(at))

    planning.replan(planned, load()[key], CALENDAR)

    assert planned.next_at == (local(next_at).astimezone(UTC) if next_at else None)


def test_row_follows_its_start_when_that_is_corrected() -> None:
    offer = row("ro.rca.offer", "2026-11-02T09:00")
    planning.mark(offer, Mark.STARTED, at=local("2026-11-09T09:00"), now=local("2026-11-10T09:00"))

    reckoned = planning.replan(offer, load()["ro.rca.offer"], CALENDAR)

    assert offer.started_at == local("2026-11-09T09:00")
    assert (offer.due_on, offer.due_at) == (date(2026, 12, 9), local("2026-12-09T23:59:59"))
    assert reckoned.due_on == offer.due_on


# --- what a delay costs


def test_penalty_counts_the_days_after_the_time_was_up() -> None:
    owed = penalty(
        Decimal("12450.00"), due_on=date(2026, 12, 12), paid_on=date(2026, 12, 29), per_cent_a_day=Decimal("0.2")
    )

    assert owed == Penalty(
        days=17,
        first=date(2026, 12, 13),
        last=date(2026, 12, 29),
        per_cent_a_day=Decimal("0.2"),
        amount=Decimal("423.30"),
    )


@pytest.mark.parametrize("paid_on", [date(2026, 12, 11), date(2026, 12, 12)])
def test_payment_in_time_costs_nothing_more(paid_on: date) -> None:
    assert penalty(Decimal(100), due_on=date(2026, 12, 12), paid_on=paid_on, per_cent_a_day=Decimal("0.2")) is None


def test_penalty_is_rounded_half_up_once() -> None:
    owed = penalty(
        Decimal("2.50"), due_on=date(2026, 12, 12), paid_on=date(2026, 12, 13), per_cent_a_day=Decimal("0.2")
    )

    assert owed is not None
    assert owed.amount == Decimal("0.01")


def statutory(duration: int, unit: Unit) -> Definition:
    return replace(load()["ro.rca.offer"], duration=duration, unit=unit)


def test_every_word_that_a_clock_waits_for_is_told_by_a_move_or_by_a_person() -> None:
    """A clock that nothing starts, or nothing meets, would be a promise nobody keeps."""
    tickets = Path(deadlines.__file__).parent.parent
    sources = [*tickets.rglob("*.py"), *(tickets.parent / "inbox").rglob("*.py")]
    told = {
        node.value
        for path in sources
        if path.name not in ("definitions.py", "words.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    waited_for = {word for each in load().values() for word in (*each.start, *each.stop)}

    assert waited_for <= told | TOLD
    assert waited_for | PAUSING >= TOLD

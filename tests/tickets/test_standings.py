"""How clocks stand, as checks, pages and `show` read them, and who is told of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.tickets.desk import NOW, OFFICE
from tickets import calendars, deadlines
from tickets.database import Store
from tickets.deadlines import Standing, as_json, demand, escalation, load, planning
from tickets.deadlines.penalties import payments
from tickets.deadlines.reckoning import Mark
from tickets.models import Claim, Clock, Escalation, Payment, PaymentState, Role, Staff, Ticket

CALENDAR = calendars.of(OFFICE)
HOUR = timedelta(hours=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE.timezone).astimezone(UTC)


def standing(key: str, started: str, *marks: tuple[Mark, str], **changes: Any) -> Standing:
    definition = load()[key]
    clock = Clock(**planning.first(definition, CALENDAR, local(started)), recorded_at=local(started))
    for kind, at in marks:
        planning.mark(clock, kind, at=local(at), now=local(at), what="told")
    plain: dict[str, Any] = {"ticket": None, "last_working_day": None, "raised": {}}
    return Standing(
        definition=definition, clock=clock, reckoned=planning.replan(clock, definition, CALENDAR), calendar=CALENDAR,
        **plain | changes,
    )  # fmt: skip


def paid(amount_minor: int, on: date | None, currency: str = "RON") -> Payment:
    return Payment(
        once="1", payee="M", iban="RO", amount_minor=amount_minor, proposed_at=NOW, paid_on=on, currency=currency,
        state=PaymentState.SENT,
    )  # fmt: skip


def a_claim(owner_id: int | None = None, kind: str = "home", ref: str = "CLM26-004720-31") -> Claim:
    return Claim(ref=ref, type=kind, created_at=NOW, owner_id=owner_id)


def a_ticket(ref: str = "T26-000001-00", **changes: Any) -> Ticket:
    return Ticket(ref=ref, opened_at=NOW, last_message_at=NOW, **changes)


# --- how late, and what it costs: ro.rca.pay from 2 December is due on Saturday 12 December


@pytest.mark.parametrize(
    ("marks", "days"),
    [
        ([], 0),
        ([(Mark.MET, "2026-12-11T12:00")], 0),
        ([(Mark.MET, "2026-12-12T23:59")], 0),
        ([(Mark.MET, "2026-12-13T00:00")], 1),  # by the office's day: in UTC it is still the 12th
        ([(Mark.BREACHED, "2026-12-12T23:59"), (Mark.MET, "2026-12-29T12:00")], 17),
        ([(Mark.BREACHED, "2026-12-12T23:59"), (Mark.CANCELLED, "2026-12-29T12:00")], 0),
        ([(Mark.BREACHED, "2026-12-12T23:59")], 0),
    ],
)
def test_clock_that_is_met_late_says_by_how_many_days(marks: list[tuple[Mark, str]], days: int) -> None:
    assert standing("ro.rca.pay", "2026-12-02T15:00", *marks).late_days == days


@pytest.mark.parametrize(
    ("key", "marks", "payments", "costs"),
    [
        ("ro.rca.pay", [(Mark.MET, "2026-12-29T12:00")], [paid(1245000, date(2026, 12, 29))], [(17, "423.30", "RON")]),
        ("ro.rca.pay", [(Mark.MET, "2026-12-13T12:00")], [paid(1245000, None, "EUR")], [(1, "24.90", "EUR")]),
        ("ro.rca.pay", [(Mark.MET, "2026-12-29T12:00")],
         [paid(100000, date(2026, 12, 12)), paid(100000, date(2026, 12, 14)), paid(5000, date(2026, 12, 13), "EUR")],
         [(2, "4.00", "RON"), (1, "0.10", "EUR")]),
        ("ro.rca.pay", [(Mark.MET, "2026-12-12T12:00")], [paid(1245000, None)], []),
        ("ro.rca.pay", [(Mark.MET, "2026-12-29T12:00")], [], []),
        ("ro.rca.pay", [], [paid(1245000, date(2026, 12, 29))], []),
        ("ro.rca.pay", [(Mark.CANCELLED, "2026-12-29T12:00")], [paid(1245000, date(2026, 12, 29))], []),
        ("ro.pad.pay", [(Mark.MET, "2026-12-29T12:00")], [paid(1245000, date(2026, 12, 29))], []),
    ],
)  # fmt: skip
def test_each_payment_that_is_late_costs_its_own_days(
    key: str, marks: list[tuple[Mark, str]], payments: list[Payment], costs: list[tuple[int, str, str]]
) -> None:
    owed = standing(key, "2026-12-02T15:00", *marks, paid=payments).penalties()

    assert [(each.days, str(each.amount), currency) for each, currency in owed] == costs


# --- how far


@pytest.mark.parametrize(
    ("marks", "now", "share"),
    [
        ([], "2026-11-17T08:59:59", 0),
        ([], "2026-11-17T09:00", 50),  # the very moment of the step
        ([], "2026-11-24T08:59:59", 50),
        ([], "2026-11-24T09:00", 75),
        ([], "2026-11-27T08:59:59", 75),
        ([], "2026-11-27T09:00", 90),
        ([], "2026-12-02T23:59:58", 90),
        ([], "2026-12-02T23:59:59", 100),
        ([(Mark.MET, "2026-11-24T10:00")], "2026-12-20T10:00", 75),
        ([(Mark.PAUSED, "2026-11-18T10:00")], "2026-12-20T10:00", 50),
        ([(Mark.PAUSED, "2026-11-18T10:00"), (Mark.MET, "2026-11-28T10:00")], "2026-12-20T10:00", 90),
    ],
)
def test_share_of_the_time_is_that_of_the_step_it_has_come_to(
    marks: list[tuple[Mark, str]], now: str, share: int
) -> None:
    assert standing("ro.rca.offer", "2026-11-02T09:00", *marks).per_cent(local(now)) == share


@pytest.mark.parametrize(
    ("key", "marks", "is_open", "blocks"),
    [
        ("ro.rca.offer", [], True, True),
        ("ro.rca.offer", [(Mark.PAUSED, "2026-11-04T10:00")], True, True),
        ("ro.rca.offer", [(Mark.BREACHED, "2026-12-03T10:00")], True, True),
        ("ro.rca.offer", [(Mark.MET, "2026-11-04T10:00")], False, False),
        ("ro.rca.offer", [(Mark.CANCELLED, "2026-11-04T10:00")], False, False),
        ("int.resolve", [], True, False),
        ("ro.pad.notice", [], True, False),
    ],
)
def test_what_we_owe_by_law_blocks_closing(
    key: str,
    marks: list[tuple[Mark, str]],
    is_open: bool,  # noqa: FBT001 - a case's answer
    blocks: bool,  # noqa: FBT001 - a case's answer
) -> None:
    each = standing(key, "2026-11-02T09:00", *marks)

    assert (each.is_open, each.blocks_closing) == (is_open, blocks)


# --- as it is shown


#: A payment that came seventeen days late, but for the words of the clock's definition.
LATE = {
    "key": "ro.rca.pay",
    "demands": {"en": "payment", "ro": "plata despăgubirii"},
    "party": "us",
    "statutory": True,
    "state": "met",
    "ticket": "T26-1",
    "started_at": "2026-12-02T15:00:00+02:00",
    "due_at": "2026-12-12T23:59:59+02:00",
    "due_on": "2026-12-12",
    "due": {"en": "Saturday 12 December 2026", "ro": "sâmbătă, 12 decembrie 2026"},
    "last_working_day": "2026-12-11",
    "steps": [
        {"step": 50, "day": "2026-12-07", "planned_at": "2026-12-07T09:00:00+02:00",
         "raised_at": "2026-12-07T09:01:00+02:00"},
        {"step": 75, "day": "2026-12-09", "planned_at": "2026-12-09T09:00:00+02:00", "raised_at": None},
        {"step": 90, "day": "2026-12-11", "planned_at": "2026-12-11T09:00:00+02:00", "raised_at": None},
        {"step": 100, "day": "2026-12-12", "planned_at": "2026-12-11T09:00:00+02:00",
         "raised_at": "2026-12-11T09:00:00+02:00"},
    ],
    "pause": "none",
    "paused_at": None,
    "stopped_at": "2026-12-29T12:00:00+02:00",
    "late_days": 17,
    "penalties": [
        {
            "days": 17,
            "first": "2026-12-13",
            "last": "2026-12-29",
            "per_cent_a_day": "0.2",
            "amount": {"amount": "423.30", "currency": "RON"},
        }
    ],
    "verified": True,
    "events": [
        {"kind": "breached", "at": "2026-12-12T23:59:00+02:00", "what": "told"},
        {"kind": "met", "at": "2026-12-29T12:00:00+02:00", "what": "told"},
    ],
}  # fmt: skip


def test_clock_is_shown_in_full() -> None:
    marks = (Mark.BREACHED, "2026-12-12T23:59"), (Mark.MET, "2026-12-29T12:00")
    raised = {50: local("2026-12-07T09:01"), 100: local("2026-12-11T09:00")}
    late = standing(
        "ro.rca.pay", "2026-12-02T15:00", *marks, ticket="T26-1", last_working_day=date(2026, 12, 11), raised=raised,
        paid=[paid(1245000, date(2026, 12, 29))],
    )  # fmt: skip
    definition = late.definition

    shown = as_json(late, OFFICE)

    for words in ("name", "breach", "source"):
        said = getattr(definition, words)
        assert shown.pop(words) == {"en": said.en, "ro": said.ro}
    assert shown == LATE


def test_clock_that_stands_shows_since_when() -> None:
    shown = as_json(standing("int.resolve", "2026-11-23T10:00", (Mark.PAUSED, "2026-11-24T10:00")), OFFICE)

    assert (shown["state"], shown["pause"]) == ("paused", "customer")
    assert (shown["paused_at"], shown["stopped_at"]) == ("2026-11-24T10:00:00+02:00", None)
    assert (shown["ticket"], shown["last_working_day"], shown["penalties"]) == (None, None, [])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "ro.rca.offer due 2 Dec: offer or reasoned refusal"),
        ("ro", "ro.rca.offer termen 2 dec: ofertă sau refuz motivat"),
    ],
)
def test_what_a_clock_demands_is_said_in_one_line(language: str, said: str) -> None:
    clock = standing("ro.rca.offer", "2026-11-02T09:00").clock

    assert demand(clock, language) == said
    clock.key = "ro.gone"
    assert demand(clock, language) == said.replace("ro.rca.offer", "ro.gone").partition(":")[0]


# --- what stands on a claim and its tickets


def clocks_of_three_claims(session: Session) -> tuple[Claim, Claim, Claim, Ticket]:
    """Three claims (clocks of its own, its ticket and a gone kind; one; none) and a stray ticket."""
    mine, other, empty = (a_claim(ref=f"CLM26-00000{number}-00", kind="motor_rca") for number in range(3))
    opened, stray = a_ticket(ref="T26-1", claim=mine), a_ticket(ref="T26-2")
    for key, started, marks, place in (
        ("int.resolve", "2026-11-23T10:00", [], {"ticket": opened}),
        ("ro.rca.offer", "2026-11-02T09:00", [(Mark.MET, "2026-12-09T10:00")], {"claim": mine}),
        ("ro.rca.pay", "2026-11-20T10:00", [], {"claim": mine}),
        ("eu.motor.reasoned_offer", "2026-11-02T09:00", [], {"claim": mine}),
        ("ro.rca.offer", "2026-11-05T09:00", [], {"claim": other}),
        ("int.resolve", "2026-11-23T10:00", [], {"ticket": stray}),
    ):
        clock = standing(key, started, *marks).clock
        for name, row in place.items():
            setattr(clock, name, row)
        session.add(clock)
    gone = standing("ro.rca.pay", "2026-11-02T09:00").clock
    gone.key, gone.claim = "ro.gone", mine
    session.add_all([gone, empty])
    session.flush()
    pay = session.scalars(select(Clock).where(Clock.key == "ro.rca.pay")).one()
    session.add_all(
        [
            Escalation(clock=pay, step=50, planned_for=NOW, raised_at=NOW),
            Escalation(clock=pay, step=75, planned_for=NOW, raised_at=NOW + HOUR),
        ]
    )
    session.flush()
    return mine, other, empty, stray


def test_clocks_of_a_claim_are_its_own_and_its_tickets_with_what_is_owed_first(store: Store) -> None:
    with store.writing() as session:
        mine, other, empty, stray = clocks_of_three_claims(session)

        found = deadlines.of_claims(session, OFFICE, [mine, other, empty])

        assert list(found) == [mine.id, other.id, empty.id]
        of_mine, of_other, of_empty = found.values()
        assert [(each.definition.key, each.ticket) for each in of_mine] == [
            ("ro.rca.pay", None), ("int.resolve", "T26-1"), ("eu.motor.reasoned_offer", None), ("ro.rca.offer", None)
        ]  # fmt: skip
        assert [each.late_days for each in of_mine] == [0, 0, 0, 7]
        assert [each.raised for each in of_mine] == [{50: NOW, 75: NOW + HOUR}, {}, {}, {}]
        assert [(each.clock.started_at, each.ticket) for each in of_other] == [(local("2026-11-05T09:00"), None)]
        assert of_empty == []
        assert deadlines.of_claim(session, OFFICE, mine) == of_mine
        [alone] = deadlines.of_ticket(session, OFFICE, stray)
        assert (alone.definition.key, alone.ticket) == ("int.resolve", "T26-2")


def test_day_due_on_a_day_off_names_the_last_working_day_before(store: Store) -> None:
    with store.writing() as session:
        claim = a_claim(kind="motor_rca")
        for started in ("2026-12-02T15:00", "2026-12-04T15:00"):
            clock = standing("ro.rca.pay", started).clock
            clock.claim = claim
            session.add(clock)
        session.flush()

        saturday, monday = deadlines.of_claim(session, OFFICE, claim)

    assert (saturday.reckoned.due_on, saturday.last_working_day) == (date(2026, 12, 12), date(2026, 12, 11))
    assert (monday.reckoned.due_on, monday.last_working_day) == (date(2026, 12, 14), None)


def test_payments_that_have_left_stand_under_the_clock_whose_delay_costs(store: Store) -> None:
    with store.writing() as session:
        claim, other = a_claim(ref="CLM26-000001-00", kind="motor_rca"), a_claim(ref="CLM26-000002-00")
        session.add(claim)
        session.flush()
        opened = standing("int.resolve", "2026-12-02T15:00").clock
        opened.ticket = a_ticket(claim=claim)
        session.add(opened)
        for key, row in (("ro.rca.pay", claim), ("ro.rca.offer", claim), ("ro.pad.pay", other)):
            clock = standing(key, "2026-12-02T15:00").clock
            clock.claim = row
            session.add(clock)
        states = (PaymentState.CONFIRMED, PaymentState.SENT, PaymentState.PROPOSED, PaymentState.RETURNED)
        for number, state in enumerate(states):
            payment = paid(1000 + number, None)
            payment.once, payment.state, payment.claim = str(number), state, claim
            session.add(payment)
            session.flush()
        elsewhere = paid(5, None)
        elsewhere.once, elsewhere.claim = "elsewhere", other
        session.add(elsewhere)
        session.flush()

        found = {each.definition.key: each.paid for each in deadlines.of_claim(session, OFFICE, claim)}

        assert [each.amount_minor for each in found["ro.rca.pay"]] == [1000, 1001]
        assert found["ro.rca.offer"] == found["ro.rca.pay"]
        assert list(found["int.resolve"]) == []
        [pad] = deadlines.of_claim(session, OFFICE, other)
        assert list(pad.paid) == []
        assert list(payments(session, [claim.id])) == [claim.id]


def test_what_we_owe_by_law_is_found_soonest_first_and_nothing_else(store: Store) -> None:
    with store.writing() as session:
        claim, other = a_claim(ref="CLM26-000001-00", kind="motor_rca"), a_claim(ref="CLM26-000002-00")
        opened = a_ticket(ref="T26-1", claim=claim, kind="complaint_appeal")
        stray = a_ticket(ref="T26-2", kind="complaint_appeal")
        for key, started, marks, place in (
            ("eu.motor.reasoned_offer", "2026-11-02T09:00", [], {"claim": claim}),
            ("ro.rca.offer", "2026-11-02T09:00", [(Mark.BREACHED, "2026-12-02T23:59:59")], {"claim": claim}),
            ("ro.rca.pay", "2026-11-02T09:00", [(Mark.MET, "2026-11-03T10:00")], {"claim": claim}),
            ("ro.pad.notice", "2026-11-02T09:00", [], {"claim": claim}),
            ("int.resolve", "2026-11-02T09:00", [], {"ticket": opened}),
            ("ro.complaint", "2026-11-09T09:00", [], {"ticket": opened}),
            ("gdpr.request", "2026-11-09T09:00", [(Mark.PAUSED, "2026-11-10T10:00")], {"ticket": opened}),
            ("ro.complaint", "2026-11-02T09:00", [], {"ticket": stray}),
            ("ro.rca.offer", "2026-11-02T09:00", [], {"claim": other}),
        ):
            clock = standing(key, started, *marks).clock
            for name, row in place.items():
                setattr(clock, name, row)
            session.add(clock)
        gone = standing("ro.rca.pay", "2026-11-02T09:00").clock
        gone.key, gone.claim = "ro.gone", claim
        session.add(gone)
        session.flush()

        owed = [each.key for each in deadlines.running_statutory(session, claim)]
        of_ticket = [each.key for each in deadlines.owed_by_law(session, claim_ids=[], ticket_ids=[stray.id])]
        breached = [each.key for each in deadlines.breaches(session, limit=5)]

    assert owed == ["ro.rca.offer", "ro.complaint", "gdpr.request", "eu.motor.reasoned_offer"]
    assert of_ticket == ["ro.complaint"]
    assert breached == ["ro.rca.offer"]


def test_breaches_are_those_of_the_oldest_law_first_then_our_own(store: Store) -> None:
    with store.writing() as session:
        for number, (key, started) in enumerate(
            (
                ("int.resolve", "2026-10-01T09:00"),
                ("ro.complaint", "2026-10-09T09:00"),
                ("gdpr.request", "2026-10-01T09:00"),
                ("ro.complaint", "2026-10-09T09:00"),
            )
        ):
            clock = standing(key, started, (Mark.BREACHED, "2026-11-30T09:00")).clock
            clock.ticket = a_ticket(ref=f"T26-{number}", claim=a_claim(ref=f"CLM26-{number}"))
            session.add(clock)
            session.flush()

        found = deadlines.breaches(session, limit=9)

        assert [each.key for each in found] == ["gdpr.request", "ro.complaint", "ro.complaint", "int.resolve"]
        assert found[1].id < found[2].id
        assert [each.id for each in deadlines.breaches(session, limit=2)] == [each.id for each in found[:2]]


# --- who is told


def on(ticket: Ticket | None = None, claim: Claim | None = None) -> Clock:
    clock = standing("int.resolve", "2026-11-23T10:00").clock
    clock.ticket, clock.claim = ticket, claim
    return clock


@pytest.mark.parametrize(
    ("clock", "owner"),
    [
        (on(), None),
        (on(claim=a_claim(1)), 1),
        (on(claim=a_claim()), None),
        (on(a_ticket(owner_id=2)), 2),
        (on(a_ticket()), None),
        (on(a_ticket(owner_id=2, claim=a_claim(1))), 2),
        (on(a_ticket(claim=a_claim(1))), 1),  # nobody has the ticket yet: whoever has the claim
    ],
)
def test_owner_of_a_clock_is_that_of_its_ticket_else_of_its_claim(clock: Clock, owner: int | None) -> None:
    assert escalation._owner_id(clock) == owner


@pytest.mark.parametrize(
    ("clock", "role"),
    [
        (on(), Role.SUPERVISOR),
        (on(claim=a_claim()), Role.SUPERVISOR),
        (on(a_ticket(queue="legal")), Role.SUPERVISOR),
        (on(a_ticket(restricted=True, queue="legal")), Role.LEGAL),
        (on(a_ticket(restricted=True, queue="siu")), Role.SIU),
    ],
)
def test_what_is_restricted_goes_up_to_those_who_may_see_it(clock: Clock, role: Role) -> None:
    assert escalation._role_above(clock) is role


@pytest.mark.parametrize(
    ("clock", "line"),
    [
        (on(), None),
        (on(claim=a_claim(kind="home")), "property"),
        (on(a_ticket(claim=a_claim(kind="motor_rca"))), "motor"),
        (on(a_ticket()), None),
        (on(claim=a_claim(kind="gone")), None),
    ],
)
def test_line_of_business_is_that_of_the_claims_type(clock: Clock, line: str | None) -> None:
    assert escalation._line(clock) == line


@pytest.mark.parametrize(("line", "name"), [("motor", "Radu"), ("property", "Vlad"), ("travel", "Ion"), (None, "Ion")])
def test_supervisor_of_the_line_comes_before_the_others(line: str | None, name: str) -> None:
    staff = [
        Staff(name=who, email=f"{who}@exemplu.example", roles=roles, lines=lines)
        for who, roles, lines in (
            ("Ana", ["representative"], ["motor", "travel"]),
            ("Ion", ["representative", "supervisor"], []),
            ("Radu", ["supervisor"], ["motor"]),
            ("Vlad", ["supervisor"], ["property", "motor"]),
        )
    ]

    found = escalation._above(staff, Role.SUPERVISOR, line)

    assert found is not None
    assert found.name == name
    assert escalation._above(staff, Role.LEGAL, line) is None


def test_cost_of_a_delay_is_exact() -> None:
    late = standing("ro.rca.pay", "2026-12-02T15:00", (Mark.MET, "2026-12-13T12:00"), paid=[paid(250, None)])

    [(owed, _)] = late.penalties()

    assert owed.amount == Decimal("0.01")

"""Complaints: one line a ticket, in hands that did not decide, and what a founded one does to the decision."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.tickets.deciders import DENIAL, Deciders, claim_called, staff_called
from tests.tickets.desk import CLAIM_A, CLAIM_B, NOW, OFFICE, mail
from tickets import complaints, ticket_moves
from tickets.database import Store
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import ClaimState, Complaint, DecisionState, Event, Request, Staff, Ticket, TicketState

IOANA = {"id": "ioana", "name": "Ioana Rusu", "email": "ioana@exemplu.example", "role": "complaints"}
CAUSE = Cause(actor="staff:1", at=NOW)


@pytest.fixture
def desk(store: Store) -> Deciders:
    Deciders.with_world(store)
    opened = Deciders(store)
    opened.add(staff=[IOANA])
    return opened


def registered(desk: Deciders, text: str = "o plangere", ref: str | None = CLAIM_B, **told: object) -> str:
    """Enter a complaint on a ticket of its own; its number."""
    filed = desk.file_one(mail("In ce stadiu este?", subject=text, sender=f"{text.rsplit(maxsplit=1)[-1]}@x.example"))
    assert filed.message is not None
    with desk.store.writing() as session:
        ticket = session.get_one(Ticket, filed.message.ticket_id)
        claim = claim_called(session, ref) if ref else None
        made = complaints.register(
            session, OFFICE, ticket, claim=claim, message=None, subject=text, cause=CAUSE, **told,  # type: ignore[arg-type]
        )  # fmt: skip
        return made.number


def denied(desk: Deciders) -> int:
    """Claim B refused by Radu."""
    return desk.decide(DENIAL, by="radu")


def settled(
    desk: Deciders, number: str, by: str, *, founded: bool = True, outcome: str = "avea dreptate"
) -> int | None:
    """Settle a complaint; the decision it was about."""
    with desk.store.writing() as session:
        decision = complaints.settle(
            session, OFFICE, complaints.find(session, number), founded=founded, outcome=outcome,
            staff=staff_called(session, by), cause=CAUSE, external_body="",
        )  # fmt: skip
        return decision.id if decision else None


def assigned(desk: Deciders, number: str, to: str) -> None:
    with desk.store.writing() as session:
        complaints.assign(session, complaints.find(session, number), staff_called(session, to), cause=CAUSE)


def line(session: Session, number: str) -> Complaint:
    return complaints.find(session, number)


def name(session: Session, staff_id: int | None) -> str | None:
    return session.get_one(Staff, staff_id).external_id if staff_id else None


def test_complaint_on_a_ticket_is_entered_once(desk: Deciders) -> None:
    number = registered(desk)

    with desk.store.writing() as session:
        known = line(session, number)
        again = complaints.register(
            session, OFFICE, known.ticket, claim=None, message=None, subject="iar", cause=CAUSE
        )  # fmt: skip
        assert again is known
    with desk.store.reading() as session:
        assert [each.number for each in complaints.listed(session)] == ["2026/1"]


def test_register_is_listed_by_year_and_by_claim(desk: Deciders) -> None:
    for text, ref in (("plangerea unu", CLAIM_B), ("plangerea doi", CLAIM_A), ("plangerea trei", None)):
        registered(desk, text, ref)

    with desk.store.reading() as session:
        a = claim_called(session, CLAIM_A)
        assert [each.number for each in complaints.listed(session, year=2026)] == ["2026/1", "2026/2", "2026/3"]
        assert complaints.listed(session, year=2025) == []
        assert [each.number for each in complaints.listed(session, claim=a)] == ["2026/2"]
        with pytest.raises(UnknownReferenceError, match="no complaint 2026/9"):
            complaints.find(session, "2026/9")


def test_each_goes_to_whoever_handles_complaints_and_has_the_fewest_open(desk: Deciders) -> None:
    numbers = [registered(desk, f"plangerea {word}") for word in ("unu", "doi", "trei")]
    settled(desk, numbers[0], "mihai", founded=False)
    numbers.append(registered(desk, "plangerea patru"))

    with desk.store.reading() as session:
        handlers = [name(session, line(session, number).handler_id) for number in numbers]
        owners = [name(session, line(session, number).ticket.owner_id) for number in numbers]
    assert handlers == owners == ["mihai", "ioana", "mihai", "mihai"]


def test_nobody_is_left_where_all_who_handle_complaints_decided(desk: Deciders) -> None:
    with desk.store.writing() as session:
        for who in ("mihai", "ioana"):
            staff_called(session, who).active = False

    number = registered(desk)

    with desk.store.reading() as session:
        assert line(session, number).handler_id is None
        assert [each.external_id for each in complaints.handlers(session)] == ["radu"]


def test_whoever_decided_neither_gets_nor_takes_nor_settles_the_complaint(desk: Deciders) -> None:
    decision = denied(desk)
    number = registered(desk)
    with desk.store.writing() as session:
        staff_called(session, "ana").roles = ["representative", "complaints"]

    for to, guard in (("radu", "not the decider"), ("elena", "role")):
        with pytest.raises(GuardError) as told:
            assigned(desk, number, to)
        assert told.value.guard == guard
    for by, outcome, guard in (
        ("radu", "x", "not the decider"), ("ana", "x", "handler"), ("mihai", " ", "outcome")
    ):  # fmt: skip
        with pytest.raises(GuardError) as told:
            settled(desk, number, by, outcome=outcome)
        assert told.value.guard == guard
    assigned(desk, number, "ana")
    with desk.store.reading() as session:
        assert name(session, line(session, number).handler_id) == name(session, line(session, number).ticket.owner_id)
        assert name(session, line(session, number).decider_id) == "radu"
        given = session.scalars(select(Event).where(Event.kind == "complaint.assigned")).one()
        assert given.detail["handler"] == line(session, number).handler_id

    assert settled(desk, number, "ana") == decision
    assert desk.decision(decision).state is DecisionState.OVERTURNED
    assert desk.stands() == ClaimState.IN_REVIEW
    with pytest.raises(GuardError, match="is settled"):
        settled(desk, number, "ana")


def test_second_founded_complaint_finds_the_decision_overturned_and_the_claim_open(desk: Deciders) -> None:
    decision = denied(desk)
    numbers = [registered(desk, f"plangerea {word}") for word in ("unu", "doi")]

    assert [settled(desk, number, by) for number, by in zip(numbers, ("mihai", "ioana"), strict=True)] == [decision] * 2

    with desk.store.reading() as session:
        told = session.scalars(select(Event).where(Event.kind == "decision.overturned")).all()
        assert [each.detail["complaint"] for each in told] == [numbers[0]]
        assert complaints.overturned(session) == 2
    assert desk.stands() == ClaimState.IN_REVIEW


def test_founded_complaint_about_no_claim_reopens_none(desk: Deciders) -> None:
    number = registered(desk, ref=None)

    assert settled(desk, number, "mihai") is None

    with desk.store.reading() as session:
        found = line(session, number)
        assert (found.founded, found.ticket.state) == (True, TicketState.RESOLVED)
        assert complaints.overturned(session) == 0


def test_complaint_whose_ticket_is_closed_already_is_settled_all_the_same(desk: Deciders) -> None:
    number = registered(desk)
    with desk.store.writing() as session:
        ticket_moves.move(session, OFFICE, line(session, number).ticket, TicketState.RESOLVED, cause=CAUSE)

    settled(desk, number, "mihai", founded=False)

    with desk.store.reading() as session:
        assert line(session, number).ticket.state is TicketState.RESOLVED
        assert line(session, number).responded_at == NOW


def test_who_complains_is_not_reminded_and_what_is_not_reminded_of_stays(desk: Deciders) -> None:
    code = desk.ask()
    number = registered(desk, ref=CLAIM_A)
    with desk.store.reading() as session:
        stopped = session.scalars(select(Request)).one()
        assert (stopped.code, stopped.ladder_at) == (code, None)

    again = registered(desk, "plangerea doi", CLAIM_A)

    with desk.store.reading() as session:
        assert session.scalars(select(Event).where(Event.kind == "ladder.stopped")).all() != []
        assert {number, again} == {"2026/1", "2026/2"}


def test_days_of_an_open_complaint_are_counted_until_now_and_of_a_settled_one_until_its_answer(desk: Deciders) -> None:
    number = registered(desk, sal_request=True, product="home")
    later = NOW + timedelta(days=5)
    with desk.store.reading() as session:
        open_line = complaints.line(line(session, number), OFFICE, now=later)
    settled(desk, number, "mihai", founded=False)
    with desk.store.reading() as session:
        done = complaints.line(line(session, number), OFFICE, now=later)

    assert (open_line.days, open_line.outcome, open_line.sal, open_line.product) == (5, "", True, "home")
    assert (open_line.claim, open_line.channel, open_line.received_on) == (CLAIM_B, "phone", "2026-11-23")
    assert (done.days, done.outcome) == (0, "unfounded")
    head, row = complaints.as_csv([done]).splitlines()
    assert (head.lstrip("\ufeff"), row) == (
        "number,received_on,channel,subject,product,claim,outcome,days,sal",
        f"{number},2026-11-23,phone,o plangere,home,{CLAIM_B},unfounded,0,True",
    )


def test_second_complaint_in_a_conversation_is_the_first_ones(desk: Deciders) -> None:
    for _ in range(2):
        desk.file(*(mail("contest decizia", subject=CLAIM_A) for _ in range(2)))

    with desk.store.reading() as session:
        found = complaints.listed(session)
        assert complaints.from_messages(session, OFFICE, [], now=NOW) == {}
        assert complaints.answer_days(session, []) == {}
    assert len({each.ticket_id for each in found}) == len(found)

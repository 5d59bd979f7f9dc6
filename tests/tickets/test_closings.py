"""Closings: no answer is no denial, a law's clock is never closed over, and what was closed can be taken up again."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.tickets.deciders import APPROVAL, DENIAL, Deciders, claim_called
from tests.tickets.desk import CLAIM_A, CLAIM_B, NOW, mail
from tickets import deadlines, references
from tickets.database import Store
from tickets.errors import GuardError
from tickets.models import ContactPoint, Request, Task, TaskState, Ticket, TicketState

AFTER_DUE = datetime(2026, 12, 24, 8, 0, tzinfo=UTC)
SMALL = references.make("CLM", 2026, 810)


@pytest.fixture
def desk(store: Store) -> Deciders:
    desk = Deciders.with_world(store)
    assert isinstance(desk, Deciders)
    return desk


def small_claim(desk: Deciders, **changes: Any) -> str:
    """A complete claim under a policy whose law sets no clock."""
    line = {"coverage": "home", "description": "Reparație", "qty": 1, "unit_minor": 90_000, "total_minor": 90_000}
    claim = {
        "ref": SMALL, "type": "home", "policy": "CAS-0451237", "claimant": "maria", "loss_date": "2026-10-01",
        "reported_on": "2026-10-02", "cause": "water_pipe", "state": "in_review", "owner": "ana", "lines": [line],
        "total_minor": 90_000, "documents": "complete",
    }  # fmt: skip
    desk.add(claims=[claim | changes])
    return SMALL


def test_silence_closes_only_after_the_last_day_of_a_request(desk: Deciders) -> None:
    for moment in (NOW, AFTER_DUE):
        with pytest.raises(GuardError, match="C01 needs a request whose last day has passed"):
            desk.later(moment).close("C01", ref=CLAIM_A)
    desk.ask()
    with pytest.raises(GuardError, match="C01 needs a request"):
        desk.close("C01", ref=CLAIM_A)

    desk.later(AFTER_DUE).close("C01", ref=CLAIM_A)

    assert desk.stands(CLAIM_A) == "closed"
    with desk.store.reading() as session:
        assert claim_called(session, CLAIM_A).closed_reason == "C01"
        assert session.scalars(select(Request.state)).one() == "expired"
    [letter, *_] = desk.letters("closing")
    assert "V-am scris pe 23 noiembrie" in letter.text
    assert "Mai așteptam: " in letter.text


def test_closing_ends_the_task_that_proposed_it_and_the_conversation_that_waits_for_the_customer(
    desk: Deciders,
) -> None:
    filed = desk.file_one(mail("In ce stadiu este?", subject=CLAIM_A))
    desk.ask()
    with desk.store.writing() as session:
        claim = claim_called(session, CLAIM_A)
        session.add(Task(claim=claim, department="x", kind="closing", question="?", made_by="ladder", made_at=NOW))
        for ticket in session.scalars(select(Ticket)):
            ticket.state = TicketState.WAITING_CUSTOMER

    desk.later(AFTER_DUE).close("C01", ref=CLAIM_A)

    assert filed.message is not None
    assert {str(each.state) for each in desk.tickets()} == {"resolved"}
    with desk.store.reading() as session:
        assert session.scalars(select(Task.state).where(Task.kind == "closing")).one() is TaskState.DONE


def test_conversation_that_still_wants_an_answer_keeps_its_claim_open(desk: Deciders) -> None:
    desk.file_one(mail("In ce stadiu este?", subject=CLAIM_A))

    with pytest.raises(GuardError, match="is still open; resolve it first"):
        desk.close("C03", ref=CLAIM_A)


def test_law_that_runs_forbids_closing_but_not_withdrawing(desk: Deciders) -> None:
    desk.file_one(mail("Cerere de despagubire", sender="dan.marin@example.ro", subject=CLAIM_B))
    with desk.store.writing() as session:
        claim = claim_called(session, CLAIM_B)
        deadlines.happened(session, desk.office, "claim.application_received", claim=claim, at=NOW, now=NOW)

    with pytest.raises(GuardError) as told:
        desk.close("C03")
    made = desk.close("C02")

    assert told.value.guard == "no running statutory clock"
    assert desk.stands() == "withdrawn"
    assert made is not None
    assert (made.kind, made.code) == ("withdraw", "C02")


@pytest.mark.parametrize("code", [None, "C04", "D01", "C09"])
def test_claim_that_is_not_decided_closes_only_with_a_closing_code(desk: Deciders, code: str | None) -> None:
    with pytest.raises(GuardError) as told:
        desk.close(code, ref=small_claim(desk))

    assert told.value.guard == "closing code"
    assert SMALL in told.value.ro


def test_decided_claim_closes_without_a_code_and_without_another_letter(desk: Deciders) -> None:
    ref = small_claim(desk, loss_date="2026-02-20")
    desk.decide(DENIAL, ref=ref)
    with desk.store.writing() as session:
        for ticket in session.scalars(select(Ticket)):
            ticket.state = TicketState.RESOLVED

    with pytest.raises(GuardError, match="C02 cannot close it"):
        desk.close("C02", ref=ref)
    made = desk.close(None, ref=ref)

    assert made is None
    assert desk.stands(ref) == "closed"
    assert desk.letters("closing") == []


def test_approved_claim_is_not_closed_before_it_is_paid(desk: Deciders) -> None:
    ref = small_claim(desk)
    desk.decide(APPROVAL, ref=ref)

    with pytest.raises(GuardError) as told:
        desk.close(None, ref=ref)

    assert told.value.guard == "paid in full"


def test_closing_without_an_address_needs_no_letter(desk: Deciders) -> None:
    ref = small_claim(desk)
    with desk.store.writing() as session:
        for point in session.scalars(select(ContactPoint)):
            session.delete(point)

    made = desk.close("C03", ref=ref)

    assert made is not None
    assert (made.letter_id, desk.stands(ref)) == (None, "closed")


def test_who_may_not_reopen_takes_up_again_only_what_was_closed_for_silence(desk: Deciders) -> None:
    ref = small_claim(desk)
    desk.ask()
    desk.close("C03", ref=ref)
    desk.later(AFTER_DUE).close("C01", ref=CLAIM_A)

    with pytest.raises(GuardError, match="PRO-02"):
        desk.reopen("ana", ref)
    with pytest.raises(GuardError, match="reopening needs a reason"):
        desk.reopen("ana", CLAIM_A, reason=" ")
    desk.reopen("ana", CLAIM_A)
    desk.reopen("radu", ref)

    assert (desk.stands(CLAIM_A), desk.stands(ref)) == ("reopened", "in_review")
    with desk.store.reading() as session:
        assert claim_called(session, CLAIM_A).closed_reason is None


def test_claim_that_another_system_decided_is_taken_up_without_a_decision_to_overturn(desk: Deciders) -> None:
    ref = "CLM26-000091-47"  # paid when it was imported

    desk.reopen("radu", ref)

    assert desk.stands(ref) == "in_review"

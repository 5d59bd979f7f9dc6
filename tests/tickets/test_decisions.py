"""Decisions: within authority at once, else by a second person; what holds and what is only proposed."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from tests.tickets.deciders import APPROVAL, DENIAL, PARTIAL, RADA, SENIOR, Deciders, claim_called, staff_called
from tests.tickets.desk import BOTH, CLAIM_A, CLAIM_B, mail
from tickets import deadlines, decisions, moves
from tickets.database import Store
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import Claim, ClaimState, Clock, DecisionState, Event, Payment, Request, Ticket
from tickets.proposals import Proposal
from tickets.requirements import RequirementState


@pytest.fixture
def desk(store: Store) -> Deciders:
    """Claim B is in review and asks for 2,450 lei, within the authority of a representative."""
    desk = Deciders.with_world(store)
    assert isinstance(desk, Deciders)
    desk.costs(245_000)
    return desk


def paid_out(desk: Deciders) -> list[tuple[str, int]]:
    with desk.store.reading() as session:
        rows = session.execute(select(Payment.state, Payment.amount_minor).order_by(Payment.id))
        return [(str(state), amount) for state, amount in rows]


# --- one person


@pytest.mark.parametrize("by", ["ana", "radu"])
def test_decision_within_authority_holds_at_once_and_proposes_its_payment(desk: Deciders, by: str) -> None:
    made = desk.decision(desk.decide(APPROVAL, by))

    assert (made.state, made.approvals_needed, made.amount_minor) == ("in_force", 0, 245_000)
    assert desk.stands() == "approved"
    assert paid_out(desk) == [("proposed", 245_000)]


@pytest.mark.parametrize("by", ["elena", "mihai"])
def test_who_handles_payments_or_complaints_decides_no_claim(desk: Deciders, by: str) -> None:
    for move in (lambda: desk.decide(APPROVAL, by), lambda: desk.close("C02", by)):
        with pytest.raises(GuardError, match=r"PRO-02.*does not decide claims") as told:
            move()
        assert "nu ia decizii" in told.value.ro
    assert desk.stands() == "in_review"


def test_amount_above_what_is_payable_is_nobodys_to_give(desk: Deciders) -> None:
    with pytest.raises(GuardError, match=r"not above what is payable, 2450\.00 RON"):
        desk.decide(replace(APPROVAL, amount_minor=245_001), "radu")


def test_denial_with_a_code_above_ones_authority_is_refused_and_not_proposed(desk: Deciders) -> None:
    with pytest.raises(GuardError, match="D07 is not among the codes of Ana Ionescu"):
        desk.decide(replace(DENIAL, code="D07"))

    desk.decide(replace(DENIAL, code="D07"), "radu")

    assert desk.stands() == "denied"


def test_denial_leaves_only_as_it_was_read(desk: Deciders) -> None:
    with pytest.raises(GuardError, match="read the letter first") as told:
        desk.decide(replace(DENIAL, seen="0" * 16))

    assert told.value.guard == "previewed letter"
    assert desk.stands() == "in_review"


def test_open_item_refuses_an_approval_but_not_a_denial(desk: Deciders) -> None:
    line = {"coverage": "home", "description": "Reparație", "qty": 1, "unit_minor": 90_000, "total_minor": 90_000}
    claim = {
        "ref": "CLM26-004730-98", "type": "home", "policy": "CAS-0451237", "claimant": "maria", "state": "gathering",
        "loss_date": "2026-11-14", "reported_on": "2026-11-16", "cause": "fire", "total_minor": 90_000, "lines": [line],
    }  # fmt: skip
    desk.add(claims=[claim])

    with pytest.raises(GuardError, match="still open are") as told:
        desk.decide(APPROVAL, ref=claim["ref"])
    desk.decide(DENIAL, ref=claim["ref"])

    assert told.value.guard == "no open decision item"
    assert desk.stands(claim["ref"]) == "denied"


def test_complete_claim_that_still_gathers_is_reviewed_before_it_is_approved(desk: Deciders) -> None:
    with desk.store.writing() as session:
        claim_called(session, CLAIM_B).state = "gathering"  # type: ignore[assignment]  # as the store has it

    with pytest.raises(GuardError, match="is gathering and cannot become approved"):
        desk.decide(APPROVAL)


def test_block_stands_in_the_way_of_an_approval_until_it_is_lifted(desk: Deciders) -> None:
    with desk.store.writing() as session:
        claim_called(session, CLAIM_B).loss_date = date(2026, 12, 24)  # after it was reported

    with pytest.raises(GuardError):
        desk.decide(APPROVAL)
    assert desk.stands() == "in_review"


def test_nothing_payable_is_known_where_the_policy_is_not(desk: Deciders) -> None:
    with desk.store.writing() as session:
        claim = claim_called(session, CLAIM_B)
        claim.policy, claim.policy_ref = None, "RO/25/V25/HV 999999999"

    with pytest.raises(GuardError, match="its policy is not settled"):
        desk.decide(replace(APPROVAL, amount_minor=1))


# --- a second person


def test_amount_above_ones_limit_waits_for_who_may_and_holds_with_him(desk: Deciders) -> None:
    desk.costs(1_245_000)
    number = desk.decide(APPROVAL)
    assert (desk.stands(), desk.decision(number).approvals_needed) == ("decision_pending_approval", 1)
    assert paid_out(desk) == []

    desk.approve(number, "radu")

    assert (desk.stands(), desk.decision(number).state) == ("approved", "in_force")
    assert paid_out(desk) == [("proposed", 1_245_000)]


def test_two_supervisors_above_every_limit_the_proposer_being_one_if_he_is(desk: Deciders) -> None:
    desk.add(staff=[RADA, SENIOR])
    desk.costs(3_000_000)
    by_ana = desk.decide(APPROVAL)
    assert desk.decision(by_ana).approvals_needed == 2

    with pytest.raises(GuardError, match="two supervisors decide"):
        desk.approve(by_ana, "sanda")
    desk.approve(by_ana, "radu")
    assert desk.stands() == "decision_pending_approval"
    with pytest.raises(GuardError, match="has approved this already") as again:
        desk.approve(by_ana, "radu")
    desk.return_(by_ana, "rada")
    by_radu = desk.decide(APPROVAL, "radu")
    desk.approve(by_radu, "rada")

    assert again.value.guard == "four eyes"
    assert (desk.decision(by_radu).approvals_needed, desk.stands()) == (1, "approved")


def test_nobody_approves_or_returns_what_he_proposed(desk: Deciders) -> None:
    desk.costs(3_000_000)
    number = desk.decide(APPROVAL, "radu")

    for move in (desk.approve, desk.return_):
        with pytest.raises(GuardError, match="proposed this; a second person"):
            move(number, "radu")


def test_second_person_is_held_to_his_own_limit_and_codes(desk: Deciders) -> None:
    desk.add(staff=[SENIOR])
    number = desk.decide(PARTIAL)  # D10 is not among Ana's codes
    assert desk.stands() == "decision_pending_approval"

    with pytest.raises(GuardError, match="D10 is not among the codes of Sanda Ilie"):
        desk.approve(number, "sanda")
    desk.approve(number, "radu")

    assert desk.stands() == "partially_approved"
    assert paid_out(desk) == [("proposed", 200_000)]


@pytest.mark.parametrize(("proposal", "whole"), [(APPROVAL, 1_245_000), (PARTIAL, 245_000)])
@pytest.mark.parametrize(("by_now", "word"), [(-1, "less"), (1, "more")])
def test_proposal_is_approved_only_of_what_is_payable_by_now(
    desk: Deciders, proposal: Proposal, whole: int, by_now: int, word: str
) -> None:
    desk.costs(whole)
    number = desk.decide(proposal)
    desk.costs(whole + by_now)

    with pytest.raises(GuardError, match=f"{word} is payable now than was proposed; return it") as told:
        desk.approve(number, "radu")

    assert told.value.ro.count("mai puțin" if word == "less" else "mai mult") == 1
    desk.costs(whole)
    desk.approve(number, "radu")
    assert desk.decision(number).state is DecisionState.IN_FORCE


def moved(desk: Deciders, to: ClaimState) -> None:
    with desk.store.writing() as session:
        cause = Cause(actor="staff:1", at=desk.now, reason="altfel")
        moves.move(session, claim_called(session, CLAIM_B), to, cause=cause)


def test_proposal_waits_no_more_once_its_claim_has_gone_elsewhere(desk: Deciders) -> None:
    desk.costs(1_245_000)
    first = desk.decide(APPROVAL)
    moved(desk, ClaimState.IN_REVIEW)
    second = desk.decide(APPROVAL)
    desk.close("C02")

    assert [desk.decision(number).state for number in (first, second)] == ["returned", "returned"]
    with pytest.raises(GuardError, match="nothing waits for approval"):
        desk.approve(first, "radu")
    with desk.store.reading() as session:
        assert decisions.listed(session, state=DecisionState.PROPOSED) == []
        told = session.scalars(select(Event).where(Event.kind == "decision.returned").order_by(Event.id)).all()
    assert [(each.detail["decision"], each.actor, each.detail["reason"]) for each in told] == [
        (first, "staff:1", "altfel"), (second, told[1].actor, "C02")
    ]  # fmt: skip


def test_supervisor_who_decides_himself_leaves_no_proposal_waiting(desk: Deciders) -> None:
    desk.costs(1_245_000)
    waiting = desk.decide(APPROVAL)

    held = desk.decide(APPROVAL, "radu")

    assert [desk.decision(number).state for number in (waiting, held)] == ["returned", "in_force"]
    assert paid_out(desk) == [("proposed", 1_245_000)]


def test_proposal_waits_on_while_its_claim_is_looked_into(desk: Deciders) -> None:
    desk.costs(1_245_000)
    number = desk.decide(APPROVAL)

    moved(desk, ClaimState.SIU_HOLD)
    with pytest.raises(GuardError, match="siu_hold"):
        desk.approve(number, "radu")
    with desk.store.writing() as session:
        moves.release_hold(session, claim_called(session, CLAIM_B), cause=Cause(actor="staff:1", at=desk.now))
    desk.approve(number, "radu")

    assert desk.stands() == "approved"


def test_only_a_supervisor_returns_a_proposal_and_says_why(desk: Deciders) -> None:
    desk.add(staff=[SENIOR])
    desk.costs(1_245_000)
    number = desk.decide(APPROVAL)

    with pytest.raises(GuardError, match="is no supervisor"):
        desk.return_(number, "sanda")
    with pytest.raises(GuardError, match="needs a note"):
        desk.return_(number, "radu", note=" ")
    desk.return_(number, "radu", note=" factura lipsește ")

    made = desk.decision(number)
    assert (made.state, made.note, desk.stands()) == ("returned", "factura lipsește", "in_review")
    for move in (desk.approve, desk.return_):
        with pytest.raises(GuardError, match="nothing waits for approval"):
            move(number, "radu")


def test_returned_claim_that_lacks_something_by_now_gathers_and_its_owner_sees_it(desk: Deciders) -> None:
    filed = desk.file_one(mail("In ce stadiu este?", sender="dan.marin@example.ro", subject=CLAIM_B))
    desk.costs(1_245_000)
    number = desk.decide(APPROVAL)
    with desk.store.writing() as session:
        claim_called(session, CLAIM_B).requirements[0].state = RequirementState.REJECTED
        session.scalars(select(Ticket)).one().unread = False

    desk.return_(number, "radu")

    assert desk.stands() == "gathering"
    assert filed.message is not None
    assert [each.unread for each in desk.tickets()] == [True]


# --- what follows from it


def test_decision_ends_what_was_asked_and_is_told_with_the_ticket(desk: Deciders) -> None:
    with desk.store.writing() as session:
        for row in claim_called(session, CLAIM_A).requirements:
            row.state = RequirementState.NEEDED if row.item in BOTH else row.state
    desk.ask()

    desk.decide(DENIAL, ref=CLAIM_A)

    with desk.store.reading() as session:
        [request] = session.scalars(select(Request))
        assert (request.state, request.ladder_at) == ("withdrawn", None)
        kinds = set(session.scalars(select(Event.kind).where(Event.kind.startswith("decision."))))
    assert kinds == {"decision.proposed", "decision.in_force"}
    assert desk.stands(CLAIM_A) == "denied"


def test_second_decision_replaces_the_first_and_what_that_proposed_to_pay(desk: Deciders) -> None:
    first = desk.decide(APPROVAL)
    desk.reopen()
    assert desk.decision(first).state == "overturned"

    second = desk.decision(desk.decide(PARTIAL, "radu"))

    assert (second.number, second.supersedes_id) == (2, first)
    assert paid_out(desk) == [("withdrawn", 245_000), ("proposed", 200_000)]


def test_claim_paid_and_decided_anew_at_the_same_amount_is_not_paid_twice(desk: Deciders) -> None:
    desk.decide(APPROVAL)
    with desk.store.writing() as session:
        payment = session.scalars(select(Payment)).one()
        payment.state, payment.released_by_id = "confirmed", staff_called(session, "elena").id  # type: ignore[assignment]
        claim_called(session, CLAIM_B).state = "paid"  # type: ignore[assignment]
    desk.reopen()

    desk.decide(APPROVAL)

    assert paid_out(desk) == [("confirmed", 245_000)]


def test_decisions_are_looked_up_by_claim_and_by_state(desk: Deciders) -> None:
    desk.costs(1_245_000)
    number = desk.decide(APPROVAL)

    with desk.store.reading() as session:
        claim = claim_called(session, CLAIM_B)
        assert [each.id for each in decisions.listed(session)] == [number]
        assert [each.id for each in decisions.listed(session, claim=claim)] == [number]
        assert decisions.listed(session, claim=claim_called(session, CLAIM_A)) == []
        assert [each.id for each in decisions.listed(session, state=DecisionState.PROPOSED)] == [number]
        assert decisions.listed(session, state=DecisionState.IN_FORCE) == []
        for look in (decisions.get, decisions.find):
            with pytest.raises(UnknownReferenceError, match="no decision 999"):
                look(session, 999)


@pytest.mark.parametrize("proposal", [APPROVAL, replace(DENIAL, code="D16")])
def test_decision_on_a_benefit_is_the_answer_that_its_petition_waits_for(desk: Deciders, proposal: Proposal) -> None:
    ref = "CLM26-004730-98"
    desk.add(
        claims=[{"ref": ref, "type": "benefit_disability", "claimant": "dan", "state": "in_review",
                 "application_received_on": "2026-11-20", "documents": "complete",
                 "lines": [{"coverage": "x", "unit_minor": 100_000, "total_minor": 100_000}]}]
    )  # fmt: skip

    def petition() -> str:
        with desk.store.reading() as session:
            query = select(Clock).join(Claim).where(Claim.ref == ref, Clock.key == "ro.public.petition")
            return str(session.scalars(query).one().state)

    before = petition()
    desk.decide(proposal, "radu", ref)

    assert (before, petition()) == ("running", "met")


def test_refused_guarantee_is_owed_no_repair(desk: Deciders) -> None:
    ref = "CLM26-004730-98"
    desk.add(claims=[{"ref": ref, "type": "warranty", "claimant": "dan", "state": "in_review",
                      "reported_on": "2026-11-20", "documents": "complete"}])  # fmt: skip

    desk.decide(replace(DENIAL, code="D10"), "radu", ref)

    with desk.store.reading() as session:
        query = select(Clock).join(Claim).where(Claim.ref == ref, Clock.key == "ro.warranty")
        assert session.scalars(query).one().state == "met"
        assert deadlines.running_statutory(session, claim_called(session, ref)) == []


def test_denied_benefit_may_be_appealed_so_long_and_the_appeal_in_the_register_meets_it(desk: Deciders) -> None:
    ref = "CLM26-004730-98"
    desk = Deciders(desk.store, replace(desk.office, jurisdictions=("us.ssa",)))
    desk.add(claims=[{"ref": ref, "type": "benefit_disability", "claimant": "dan", "state": "gathering"}])

    def appeal() -> tuple[str, str]:
        with desk.store.reading() as session:
            clock = session.scalars(select(Clock).where(Clock.key == "us.ssa.appeal")).one()
            return str(clock.state), clock.due_on.isoformat()

    desk.decide(replace(DENIAL, code="D16"), "radu", ref)
    assert appeal() == ("running", "2027-01-27")  # five days until a letter is taken for received, then sixty
    desk.file_one(mail("Contest decizia", sender="dan.marin@example.ro", subject=ref))

    assert appeal()[0] == "met"

"""Random moves by random people: no sequence leads to a state whose guard is violated, or past two people."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from inbox import desk
from tests.inbox.decisions_desk import Office, approval
from tests.tickets.desk import CLAIM_A, CLAIM_B
from tickets import moves
from tickets.catalogue import Stage
from tickets.claims import missing
from tickets.errors import ClaimdeskError
from tickets.models import Claim, ClaimState, Decision, DecisionKind, DecisionState, Event, Payment, PaymentState, Staff
from tickets.proposals import Part, Proposal

PEOPLE = ("ana", "mihai", "radu", "elena", "rada")
ITEMS = ("owners_assoc", "repair_estimate", "bank_account", "damage_photos")
DENIAL = Proposal(kind=DecisionKind.DENY, code="D01", clause="Art. 1", facts="Nu era valabilă.")
PARTIAL = Proposal(
    kind=DecisionKind.PARTIAL, amount_minor=245_000,
    refused=(Part(amount_minor=1_000_000, code="D10", clause="Art. 2", facts="Fără factură."),),
)  # fmt: skip
Move = Callable[[Office, str, Staff], object]


def deny(office: Office, claim: str, staff: Staff) -> None:
    shown = desk.preview_decision(office.app, claim, DENIAL, staff=staff)
    desk.decide(office.app, claim, desk.with_mark(DENIAL, shown), staff=staff)


def each_proposal(office: Office, move: Callable[[int], object]) -> None:
    with office.app.store.reading() as session:
        waiting = session.scalars(select(Decision.id).where(Decision.state == DecisionState.PROPOSED)).all()
    for decision in waiting:
        move(decision)


def each_payment(office: Office, move: Callable[[str], object]) -> None:
    with office.app.store.reading() as session:
        for once in session.scalars(select(Payment.once).order_by(Payment.id.desc()).limit(1)).all():
            move(once)


MOVES: dict[str, Move] = {
    "approve all": lambda o, c, s: desk.decide(o.app, c, approval(), staff=s),
    "approve part": lambda o, c, s: desk.decide(o.app, c, PARTIAL, staff=s),
    "deny": deny,
    "agree": lambda o, _, s: each_proposal(o, lambda each: desk.approve(o.app, each, staff=s)),
    "give back": lambda o, _, s: each_proposal(o, lambda each: desk.return_decision(o.app, each, staff=s, note="x")),
    "close": lambda o, c, s: desk.close(o.app, c, None, staff=s),
    "withdraw": lambda o, c, s: desk.close(o.app, c, "C02", staff=s),
    "reopen": lambda o, c, s: desk.reopen(o.app, c, staff=s, reason="x"),
    "hold": lambda o, c, s: desk.hold(o.app, c, staff=s, reason="x"),
    "end hold": lambda o, c, s: desk.release_hold(o.app, c, staff=s, reason="x"),
    "account": lambda o, c, s: desk.give_account(o.app, c, staff=s, iban="RO14BTRL0130120567890012", source="form"),
    "call": lambda o, c, s: desk.call_back_account(o.app, c, staff=s, number="+40722123456"),
    "second": lambda o, c, s: desk.agree_account(o.app, c, staff=s),
    "pay": lambda o, c, s: desk.propose_payment(o.app, c, staff=s),
    "pay part": lambda o, c, s: desk.propose_payment(o.app, c, staff=s, amount_minor=100_000),
    "release": lambda o, _, s: each_payment(o, lambda each: desk.release_payment(o.app, each, staff=s)),
    "take back": lambda o, _, s: each_payment(o, lambda each: desk.withdraw_payment(o.app, each, staff=s, reason="x")),
    "file": lambda o, _, s: desk.make_payment_file(o.app, "csv", staff=s),
    "paid": lambda o, _, s: each_payment(o, lambda e: desk.payment_state(o.app, e, PaymentState.CONFIRMED, staff=s)),
    "back": lambda o, _, s: each_payment(o, lambda e: desk.payment_state(o.app, e, PaymentState.RETURNED, staff=s)),
    "merge": lambda o, c, s: desk.merge_claims(o.app, c, CLAIM_A, staff=s),
    **{
        f"waive {item}": lambda o, c, s, item=item: desk.waive(o.app, c, item, staff=s, reason="x")  # type: ignore[misc]
        for item in ITEMS
    },
    **{
        f"to {state}": lambda o, c, s, state=state: desk.move_claim(o.app, c, state, staff=s, reason="x")  # type: ignore[misc]
        for state in ClaimState
    },
}
STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from([CLAIM_A, CLAIM_B]), st.sampled_from(PEOPLE)),
    min_size=10,
    max_size=30,
)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_no_sequence_of_moves_leads_past_a_guard(migrated_sqlite: Path, steps: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(migrated_sqlite, Path(folder) / "store.db")
        office = Office.open(f"sqlite:///{folder}/store.db", Path(folder))
        office.add(staff=[{"id": "rada", "name": "Rada Popa", "email": "rada@exemplu.example", "role": "supervisor"}])
        phone = [{"value": "+40722123456"}]
        office.add(
            customers=[{"id": "dan", "name": "Dan Marin", "phones": phone, "emails": [{"value": "d@x.example"}]}]
        )
        try:
            before = states(office)
            for name, claim, person in steps:
                try:
                    MOVES[name](office, claim, getattr(office, person))
                except ClaimdeskError:
                    assert states(office) == before, name  # what is refused changes nothing
                before = holds(office, before)
        finally:
            office.close()


def states(office: Office) -> dict[str, ClaimState]:
    with office.app.store.reading() as session:
        return {claim.ref: claim.state for claim in session.scalars(select(Claim))}


def holds(office: Office, before: dict[str, ClaimState]) -> dict[str, ClaimState]:
    """Check what must be true after every move; gives the states now."""
    with office.app.store.reading() as session:
        claims = list(session.scalars(select(Claim).options(selectinload(Claim.requirements))))
        for claim in claims:
            _is_sound(session, claim, moved=claim.state is not before[claim.ref])
        for payment in session.scalars(select(Payment).where(Payment.released_by_id.is_not(None))):
            decision = payment.decision
            assert decision is not None
            part = {payment.proposed_by_id, decision.proposed_by_id, *(each.staff_id for each in decision.approvals)}
            assert payment.released_by_id not in part
        return {claim.ref: claim.state for claim in claims}


def _is_sound(session: Session, claim: Claim, *, moved: bool) -> None:
    decision, standing = moves.in_force(session, claim), moves.standing(session, claim)
    paying = claim.state in (ClaimState.APPROVED, ClaimState.PARTIALLY_APPROVED, ClaimState.PAYMENT_ORDERED)
    if claim.state is ClaimState.IN_REVIEW:
        assert not missing(claim, Stage.DECISION)
    if claim.state is ClaimState.DENIED:
        assert decision is not None
        assert decision.kind is DecisionKind.DENY
    if paying and claim.record.get("imported") is None:
        assert decision is not None
        assert decision.kind in (DecisionKind.APPROVE, DecisionKind.PARTIAL)
        approvals = [each.staff_id for each in decision.approvals if each.approved]
        assert len(set(approvals)) >= decision.approvals_needed
        assert decision.proposed_by_id not in approvals
        assert standing.gone_minor <= decision.amount_minor
    if moved and claim.state in (ClaimState.APPROVED, ClaimState.PARTIALLY_APPROVED):
        assert not standing.blocks
        assert not missing(claim, Stage.DECISION)
    if moved:
        events = select(Event).where(Event.claim_id == claim.id, Event.kind == "claim.moved").order_by(Event.id.desc())
        last = session.scalars(events.limit(1)).one()
        assert last.detail["after"] == claim.state
        assert last.actor.startswith("staff:")

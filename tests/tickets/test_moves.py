"""Moves of claims: no path leads past a guard."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.tickets.desk import BOTH, CLAIM_A, NOW, Desk
from tickets import moves, references
from tickets.catalogue import Stage
from tickets.database import Store
from tickets.errors import GuardError
from tickets.guards import Cause
from tickets.models import Claim, ClaimState, DecisionKind
from tickets.moves import NEXT, Standing, why_not
from tickets.requirements import RequirementState

_C = ClaimState
READY = Standing(ref="CLM26-004711-58", state=_C.IN_REVIEW, decision=DecisionKind.APPROVE, decided_minor=100)
NAMES = st.sampled_from([(), ("one",), ("one", "two")])
STANDINGS = st.builds(
    Standing,
    ref=st.just("CLM26-004711-58"),
    state=st.sampled_from(ClaimState),
    lacks=st.fixed_dictionaries(dict.fromkeys(Stage, NAMES)),
    blocks=NAMES,
    payment_blocks=NAMES,
    decision=st.none() | st.sampled_from(DecisionKind),
    decided_minor=st.integers(0, 3),
    gone_minor=st.integers(0, 3),
    confirmed_minor=st.integers(0, 3),
    tickets=NAMES,
    clocks=NAMES,
    released=st.booleans(),
)


@given(STANDINGS, st.sampled_from(ClaimState))
def test_no_move_leads_to_a_state_whose_guard_does_not_hold(standing: Standing, to: ClaimState) -> None:
    """The guards of the domain once more, written down as what must be true afterwards."""
    if why_not(standing, to) is not None:
        return
    paying = (DecisionKind.APPROVE, DecisionKind.PARTIAL)
    must = {
        _C.OPEN: not standing.lacks[Stage.FNOL],
        _C.IN_REVIEW: not standing.lacks[Stage.DECISION],
        _C.APPROVED: not standing.lacks[Stage.DECISION]
        and not standing.blocks
        and standing.decision is DecisionKind.APPROVE,
        _C.PARTIALLY_APPROVED: not standing.lacks[Stage.DECISION]
        and not standing.blocks
        and standing.decision is DecisionKind.PARTIAL,
        _C.DENIED: standing.decision is DecisionKind.DENY,
        _C.PAYMENT_ORDERED: not standing.lacks[Stage.PAYMENT]
        and not standing.payment_blocks
        and standing.released
        and standing.decision in paying,
        _C.PAID: standing.confirmed_minor >= standing.decided_minor,
        _C.CLOSED: not standing.tickets
        and not standing.clocks
        and (standing.decision not in paying or standing.confirmed_minor >= standing.decided_minor),
        _C.WITHDRAWN: not standing.gone_minor,
        _C.DUPLICATE_OF: not standing.gone_minor,
    }
    assert must.get(to, True)
    assert to in NEXT[standing.state]


@given(STANDINGS, st.sampled_from(ClaimState))
def test_refusal_names_its_guard_and_speaks_both_languages(standing: Standing, to: ClaimState) -> None:
    refusal = why_not(standing, to)

    if refusal is not None:
        assert refusal.guard
        assert standing.ref in refusal.en
        assert standing.ref in refusal.ro


def test_every_state_is_reached_and_left_as_the_domain_says() -> None:
    reachable = {state for following in NEXT.values() for state in following}

    assert reachable == set(ClaimState) - {_C.DRAFT}
    assert set(NEXT) == set(ClaimState)
    anywhere = {_C.WITHDRAWN, _C.DUPLICATE_OF, _C.SIU_HOLD}
    ends = (_C.WITHDRAWN, _C.DUPLICATE_OF, _C.SIU_HOLD)
    assert all(anywhere <= NEXT[state] for state in ClaimState if state not in ends)
    assert not any(NEXT[state] for state in ends)
    assert {state for state in ClaimState if _C.REOPENED in NEXT[state]} >= {_C.CLOSED, _C.DENIED, _C.PAID}


@pytest.mark.parametrize("to", [_C.APPROVED, _C.PARTIALLY_APPROVED, _C.PAYMENT_ORDERED])
def test_open_required_item_refuses_approval_and_payment(to: ClaimState) -> None:
    lacking = replace(
        READY,
        state=_C.APPROVED if to is _C.PAYMENT_ORDERED else _C.IN_REVIEW,
        lacks={Stage.DECISION: ("repair_estimate",), Stage.PAYMENT: ("repair_estimate",)},
        released=True,
    )

    refusal = why_not(lacking, to)

    assert refusal is not None
    assert "repair_estimate" in refusal.en


def test_guarded_asks_the_guards_alone() -> None:
    ordered = replace(READY, state=_C.PAYMENT_ORDERED, released=True)

    assert moves.guarded(ordered, _C.PAYMENT_ORDERED) is None
    assert why_not(ordered, _C.PAYMENT_ORDERED) is not None


SOUND = Standing(
    ref="CLM26-004711-58", state=_C.IN_REVIEW, decision=DecisionKind.APPROVE, decided_minor=100, gone_minor=0,
    confirmed_minor=100, released=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("to", "changes", "guard"),
    [
        (_C.OPEN, {"lacks": {Stage.FNOL: ("loss_date",)}}, "fnol items present"),
        (_C.IN_REVIEW, {"lacks": {Stage.DECISION: ("repair_estimate",)}}, "no open decision item"),
        (_C.APPROVED, {"lacks": {Stage.DECISION: ("repair_estimate",)}}, "no open decision item"),
        (_C.APPROVED, {"blocks": ("COV-01",)}, "PRO-01"),
        (_C.APPROVED, {"decision": None}, "decision in force"),
        (_C.APPROVED, {"decision": DecisionKind.PARTIAL}, "decision in force"),
        (_C.PAYMENT_ORDERED, {"lacks": {Stage.PAYMENT: ("bank_account",)}}, "payment items present"),
        (_C.PAYMENT_ORDERED, {"payment_blocks": ("ID-05",)}, "PRO-01"),
        (_C.PAYMENT_ORDERED, {"decision": DecisionKind.DENY}, "decision in force"),
        (_C.PAYMENT_ORDERED, {"released": False}, "four eyes"),
        (_C.PAID, {"confirmed_minor": 99}, "paid in full"),
        (_C.CLOSED, {"confirmed_minor": 99}, "paid in full"),
        (_C.CLOSED, {"tickets": ("TKT26-000091-47",)}, "no open ticket"),
        (_C.CLOSED, {"clocks": ("offer",), "clocks_ro": ("ofertă",)}, "no running statutory clock"),
        (_C.WITHDRAWN, {"gone_minor": 1}, "no payment has left"),
        (_C.DUPLICATE_OF, {"gone_minor": 1}, "no payment has left"),
    ],
)
def test_each_guard_speaks_for_the_one_thing_that_is_wrong(
    to: ClaimState, changes: dict[str, object], guard: str
) -> None:
    assert moves.guarded(SOUND, to) is None

    refusal = moves.guarded(replace(SOUND, **changes), to)  # type: ignore[arg-type]  # one field at a time

    assert refusal is not None
    assert refusal.guard == guard


def test_refused_claim_owes_nothing_when_it_is_closed() -> None:
    denied = replace(SOUND, state=_C.DENIED, decision=DecisionKind.DENY, decided_minor=0, confirmed_minor=0)

    assert why_not(denied, _C.CLOSED) is None


# --- in the store


def moved(store: Store, change: Callable[[Session, Claim], None], *, ref: str = CLAIM_A) -> str:
    """Do something to a claim and say where it stands then."""
    with store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == ref)).one()
        change(session, claim)
        return str(claim.state)


CAUSE = Cause(actor="staff:1", at=NOW, reason="x")


def test_hold_of_siu_ends_where_it_began_and_only_what_is_held_is_released(store: Store) -> None:
    Desk.with_world(store)

    assert moved(store, lambda s, c: moves.move(s, c, _C.SIU_HOLD, cause=CAUSE)) == "siu_hold"
    with pytest.raises(GuardError, match="cannot become paid"):
        moved(store, lambda s, c: moves.move(s, c, _C.PAID, cause=CAUSE))
    assert moved(store, lambda s, c: moves.release_hold(s, c, cause=CAUSE)) == "gathering"
    with pytest.raises(GuardError, match="nothing is held"):
        moved(store, lambda s, c: moves.release_hold(s, c, cause=CAUSE))


def test_draft_gathers_only_once_its_first_notice_is_complete(store: Store) -> None:
    desk = Desk.with_world(store)
    draft = {"type": "home", "claimant": "maria", "reported_on": "2026-11-16", "state": "draft"}
    whole = {"policy": "CAS-0451237", "loss_date": "2026-11-14", "cause": "water_pipe", "documents": "complete"}
    bare, full = references.make("CLM", 2026, 801), references.make("CLM", 2026, 802)
    desk.add(claims=[draft | {"ref": bare}, draft | whole | {"ref": full}])

    asked = [moved(store, lambda s, c: moves.start_gathering(s, c, cause=CAUSE), ref=ref) for ref in (bare, full)]

    assert asked == ["draft", "gathering"]


def test_items_carry_a_claim_into_review_and_back_but_never_a_decided_one(store: Store) -> None:
    Desk.with_world(store)

    def settle(state: ClaimState, *, lacks: bool) -> str:
        def change(session: Session, claim: Claim) -> None:
            claim.state = state
            for row in claim.requirements:
                row.state = RequirementState.NEEDED if lacks and row.item in BOTH else RequirementState.ACCEPTED
            moves.settle(session, claim, cause=CAUSE)

        return moved(store, change)

    assert settle(_C.GATHERING, lacks=False) == "in_review"
    assert settle(_C.IN_REVIEW, lacks=False) == "in_review"
    assert settle(_C.IN_REVIEW, lacks=True) == "gathering"
    assert settle(_C.GATHERING, lacks=True) == "gathering"
    assert settle(_C.PAID, lacks=True) == "paid"
    assert settle(_C.DRAFT, lacks=False) == "draft"


def test_payment_that_came_back_is_owed_again(store: Store) -> None:
    Desk.with_world(store)

    state = moved(store, lambda s, c: moves.back_to_payment(s, c, cause=CAUSE), ref="CLM26-000091-47")

    assert state == "payment_ordered"

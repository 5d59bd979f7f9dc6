"""Moves of claims: no path leads past a guard."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import moves
from tickets.catalogue import Stage
from tickets.models import ClaimState, DecisionKind
from tickets.moves import NEXT, Standing, why_not

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

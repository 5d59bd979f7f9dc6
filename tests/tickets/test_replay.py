"""Past decisions recomputed."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from tests.tickets.desk import CLAIM_B, NOW, OFFICE, Desk
from tickets import claim_file, evaluation, replay
from tickets.catalogue import Stage
from tickets.database import Store
from tickets.models import Claim, Decision, DecisionKind, PolicyVersion, Staff
from tickets.replay import Replayed


def decided(store: Store, **changes: Any) -> None:
    """Claim B is approved from its evaluation of today; `changes` are keys of the stored result."""
    with store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        facts = claim_file.gather(session, [claim], office=OFFICE, now=NOW)[claim.id]
        basis = evaluation.basis(facts, Stage.DECISION)
        basis["result"] |= changes
        session.add(
            Decision(
                claim=claim, number=1, kind=DecisionKind.APPROVE, basis=basis,
                basis_sha256=evaluation.fingerprint(basis), rules_version=basis["rules_version"],
                proposed_by_id=session.scalars(select(Staff.id).order_by(Staff.id)).first() or 0, proposed_at=NOW,
            )
        )  # fmt: skip


def replayed(store: Store) -> Replayed:
    with store.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        [found] = replay.replay(session, claim)
        return found


def test_decision_is_the_same_after_policy_and_claim_have_changed(store: Store) -> None:
    Desk.with_world(store)
    decided(store)
    with store.writing() as session:
        for version in session.scalars(select(PolicyVersion)):
            version.effective_to, version.status = date(2026, 2, 1), "cancelled"  # type: ignore[assignment]
            version.recorded_at = datetime(2026, 12, 1, tzinfo=UTC)
        session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one().cause = "flood"

    assert replayed(store).is_same


def test_what_differs_is_named_with_both_values(store: Store) -> None:
    Desk.with_world(store)
    decided(store, recommendation="deny", policy_version=7)

    assert replayed(store).differences == (
        "policy_version: 7 then, 1 now",
        'recommendation: "deny" then, "approve" now',
    )


def test_basis_that_was_changed_in_the_store_is_told(store: Store) -> None:
    Desk.with_world(store)
    decided(store)
    with store.writing() as session:
        row = session.scalars(select(Decision)).one()
        row.basis = row.basis | {"rules_version": "another"}

    [difference] = replayed(store).differences
    assert "sha256" in difference


def test_basis_of_another_shape_is_told_and_not_raised(store: Store) -> None:
    Desk.with_world(store)
    decided(store)
    with store.writing() as session:
        row = session.scalars(select(Decision)).one()
        row.basis = {"facts": {}, "stage": "decision", "result": {}}

    assert any("cannot be read" in each for each in replayed(store).differences)


def test_claim_without_decisions_has_nothing_to_replay(store: Store) -> None:
    Desk.with_world(store)
    with store.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one()
        assert replay.replay(session, claim) == []

"""Findings kept: what speaks, what has fallen silent, what a person has set aside."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.tickets.desk import CLAIM_A, NOW, OFFICE, Desk
from tickets import findings
from tickets.catalogue import Stage
from tickets.database import Store
from tickets.errors import GuardError
from tickets.evaluation import Evaluation
from tickets.models import Claim, ClaimState, Coverage, FindingRow, FindingState, Severity, Staff

LATER = NOW + timedelta(hours=1)


def refreshed(store: Store, **changes: object) -> Evaluation:
    """Change keys of claim A, evaluate it and keep what is found."""
    with store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        for key, value in changes.items():
            setattr(claim, key, value)
        return findings.refresh(session, OFFICE, [claim], now=LATER)[claim.id]


def row(store: Store, code: str) -> FindingRow:
    with store.reading() as session:
        return session.scalars(
            select(FindingRow).where(FindingRow.code == code).join(Claim).where(Claim.ref == CLAIM_A)
        ).one()


def overridden(
    store: Store, code: str, *, by: str = "Radu Stan", reason: str = "the endorsement was signed before"
) -> None:
    with store.writing() as session:
        found = session.scalars(
            select(FindingRow).where(FindingRow.code == code).join(Claim).where(Claim.ref == CLAIM_A)
        ).one()
        staff = session.scalars(select(Staff).where(Staff.name == by)).one()
        findings.override(session, OFFICE, found, staff=staff, reason=reason, now=LATER)


def test_finding_is_kept_and_resolved_when_its_check_is_silent_again(store: Store) -> None:
    Desk.with_world(store)

    refreshed(store, cause="flood")
    assert row(store, "COV-01").state is FindingState.OPEN
    refreshed(store, cause="water_pipe")
    assert row(store, "COV-01").state is FindingState.RESOLVED
    refreshed(store, cause="flood")
    assert row(store, "COV-01").state is FindingState.OPEN


def test_override_stays_while_its_inputs_are_the_same_and_speaks_again_on_others(store: Store) -> None:
    Desk.with_world(store)
    refreshed(store, cause="flood")
    overridden(store, "COV-01")

    result = refreshed(store)
    assert [each.code for each in result.findings if each.state is FindingState.OVERRIDDEN] == ["COV-01"]
    assert "COV-01" not in {each.code for each in result.open_blocks}
    assert (row(store, "COV-01").state, row(store, "COV-01").reason) == (
        FindingState.OVERRIDDEN, "the endorsement was signed before",
    )  # fmt: skip

    with store.writing() as session:
        for cover in session.scalars(select(Coverage)):
            cover.perils = [*cover.perils, "hail"]
    refreshed(store)  # other perils are another input
    assert row(store, "COV-01").state is FindingState.OPEN


@pytest.mark.parametrize(("by", "reason"), [("Ana Ionescu", "she said so"), ("Elena Pop", "paid"), ("Radu Stan", "  ")])
def test_override_takes_a_supervisor_and_a_reason(store: Store, by: str, reason: str) -> None:
    Desk.with_world(store)
    refreshed(store, cause="flood")

    with pytest.raises(GuardError):
        overridden(store, "COV-01", by=by, reason=reason)
    assert row(store, "COV-01").state is FindingState.OPEN


def test_finding_that_is_settled_cannot_be_overridden(store: Store) -> None:
    Desk.with_world(store)
    refreshed(store, cause="flood")
    overridden(store, "COV-01")

    with pytest.raises(GuardError, match="already"):
        overridden(store, "COV-01")


def test_who_is_paid_stops_the_payment_and_not_the_decision(store: Store) -> None:
    Desk.with_world(store)
    with store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        for code in ("CLK-01", "COV-01", "ID-05"):
            session.add(
                FindingRow(claim=claim, code=code, severity=Severity.BLOCK, text_en="", text_ro="", resolver="rep",
                           rules_version="", found_at=NOW)
            )  # fmt: skip
        for finding in session.scalars(select(FindingRow).where(FindingRow.code == "DOC-01")):
            finding.state = FindingState.RESOLVED

        assert [each.code for each in findings.open_blocks(session, claim, Stage.DECISION)] == ["COV-01"]
        assert [each.code for each in findings.open_blocks(session, claim)] == ["COV-01", "ID-05"]


@pytest.mark.parametrize(
    ("state", "reason", "stage"),
    [
        ("draft", None, "fnol"), ("open", None, "decision"), ("gathering", None, "decision"),
        ("in_review", None, "decision"), ("reopened", None, "decision"), ("siu_hold", None, "decision"),
        ("decision_pending_approval", None, "decision"), ("withdrawn", None, "decision"),
        ("approved", None, "payment"), ("partially_approved", None, "payment"), ("payment_ordered", None, "payment"),
        ("paid", None, "payment"), ("denied", None, "payment"), ("closed", None, "payment"),
        ("closed", "C01", "decision"), ("closed", "C03", "payment"),
    ],
)  # fmt: skip
def test_next_stage_is_the_one_not_reached(state: str, reason: str | None, stage: str) -> None:
    claim = Claim(ref="", type="home", created_at=NOW, state=ClaimState(state), closed_reason=reason)

    assert findings.next_stage(claim) == stage

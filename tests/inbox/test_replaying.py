"""`claimdesk replay` and `evaluate --explain`, on a decision that a command has made."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.inbox.decisions_desk import Office
from tests.tickets.desk import CLAIM_A, CLAIM_B
from tickets import evaluation
from tickets.models import Claim, Decision, PolicyVersion


@pytest.fixture
def office(store_url: str, tmp_path: Path) -> Iterator[Office]:
    opened = Office.open(store_url, tmp_path)
    yield opened
    opened.close()


def change_what_it_rested_on(office: Office) -> None:
    """Policies end before the loss, the claim tells another cause, and the rules were others when it was decided."""
    with office.app.store.writing() as session:
        for version in session.scalars(select(PolicyVersion)):
            version.effective_to, version.recorded_at = date(2026, 2, 1), datetime(2026, 12, 1, tzinfo=UTC)
        session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one().cause = "flood"
        session.scalars(select(Decision)).one().rules_version = "of another day"


def test_decision_is_replayed_byte_for_byte_after_all_it_rested_on_has_changed(office: Office) -> None:
    office.does("decide", CLAIM_B, "approve", "--as", "ana")
    before = office.does("evaluate", CLAIM_B)
    change_what_it_rested_on(office)

    replayed = office.does("replay", CLAIM_B)

    assert (replayed["same"], replayed["differences"], replayed["rules_then"]) == (True, [], "of another day")
    assert replayed["rules_now"] != "of another day"
    assert office.does("evaluate", CLAIM_B)["payable"] != before["payable"]
    with office.app.store.reading() as session:
        basis = session.scalars(select(Decision)).one().basis
    assert basis is not None
    assert evaluation.canonical(evaluation.recompute(basis)) == evaluation.canonical(basis["result"])


def test_explained_evaluation_is_one_json_object_with_steps_and_inputs(office: Office) -> None:
    code, out, _ = office.run("evaluate", CLAIM_A, "--explain", "--json")

    told = json.loads(out)
    assert code == 0
    assert {"payable", "findings", "missing", "recommendation", "rules_version"} <= told.keys()
    assert told["payable"] is None or sum(float(step["amount"]) for step in told["payable"]["steps"]) == pytest.approx(
        float(told["payable"]["amount"])
    )

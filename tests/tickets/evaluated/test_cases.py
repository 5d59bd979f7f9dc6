"""What one change in a valid world comes to: findings, what is missing, what is payable, what is recommended."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.tickets.desk import NOW, OFFICE
from tests.tickets.evaluated.cases import CASES
from tests.tickets.evaluated.worlds import Case, joined
from tickets import claim_file, evaluation, world
from tickets.catalogue import Stage
from tickets.database import Store
from tickets.facts import Facts
from tickets.models import Claim


def gathered(store: Store, cases: list[Case]) -> dict[str, Facts]:
    """The facts of every case, by its claim's reference."""
    with store.writing() as session:
        outcome = world.load(session, joined(cases), office=OFFICE, now=NOW)
        assert not outcome.errors, outcome.errors
    with store.reading() as session:
        claims = list(session.scalars(select(Claim)))
        found = claim_file.gather(session, claims, office=OFFICE, now=NOW)
        return {claim.ref: found[claim.id] for claim in claims}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Facts]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('cases')}/store.db")
    store.migrate()
    found = gathered(store, CASES)
    store.close()
    return found


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_one_change_comes_to_its_findings(facts: dict[str, Facts], case: Case) -> None:
    result = evaluation.evaluate(facts[case.ref], Stage(case.stage))

    assert {finding.code for finding in result.findings} == case.codes
    if case.missing is not None:
        assert {item.key for item in result.missing} == case.missing
    amount = evaluation.as_json(result, "en")["payable"]
    assert (amount and amount["amount"]) == case.payable
    assert case.recommendation in (None, result.recommendation)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_steps_add_up_and_a_basis_gives_the_same_result(facts: dict[str, Facts], case: Case) -> None:
    result = evaluation.evaluate(facts[case.ref], Stage(case.stage))
    basis = evaluation.basis(facts[case.ref], Stage(case.stage))

    if result.payable is not None:
        assert sum(step.amount for step in result.payable.steps) == result.payable.amount
    assert evaluation.canonical(evaluation.recompute(basis)) == evaluation.canonical(basis["result"])


def test_both_stores_give_the_same_facts(store: Store, facts: dict[str, Facts]) -> None:
    found = gathered(store, CASES)

    assert {ref: _plain(each) for ref, each in found.items()} == {ref: _plain(each) for ref, each in facts.items()}


def _plain(facts: Facts) -> dict[str, Any]:
    return dict(evaluation.basis(facts, Stage.PAYMENT))

"""What one change in a valid world comes to: findings, what is missing, what is payable, what is recommended."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tickets.evaluated.cases import CASES
from tests.tickets.evaluated.gathering import gathered, of_all_cases, results
from tests.tickets.evaluated.worlds import Case
from tickets import evaluation
from tickets.catalogue import Stage
from tickets.database import Store
from tickets.facts import Facts

REVIEWED = Path(__file__).parent.parent.parent / "data" / "findings.json"


@pytest.fixture
def facts() -> dict[str, Facts]:
    return of_all_cases()


def test_names_and_numbers_of_cases_are_their_own() -> None:
    assert len({case.name for case in CASES}) == len({case.number for case in CASES}) == len(CASES)


def test_every_word_and_figure_is_as_reviewed(facts: dict[str, Facts]) -> None:
    """`python -m tests.tickets.evaluated.gathering` writes the file anew: read what has changed in it."""
    reviewed = json.loads(REVIEWED.read_text(encoding="utf-8"))

    assert results(facts, CASES) == reviewed


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

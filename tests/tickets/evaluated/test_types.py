"""For every claim type and each of its conditions: a complete file passes; one item away is that item, and no other."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from tests.tickets.desk import NOW, OFFICE
from tests.tickets.evaluated.worlds import cover, valid, version
from tickets import claim_file, evaluation, requirements, world
from tickets.catalogue import Stage
from tickets.claim_types import load
from tickets.conditions import Comparison, Operator
from tickets.database import Store
from tickets.evaluation import Evaluation
from tickets.models import Claim
from tickets.references import make
from tickets.requirements import RequirementState

CATALOGUE = load()
#: What the record itself holds: taking it away is taking it out of the record. Without a name there is no customer.
RECORDED = {"loss_date": "loss_date", "loss_cause": "cause", "policy_ref": "policy"}


class File(NamedTuple):
    """One claim file: of a type, under one of its conditions (0: none), without one item ("": complete)."""

    number: int
    type: str
    rule: int
    item: str


def _making_true(comparison: Comparison) -> object:
    value = comparison.values[0]
    match comparison.operator:
        case Operator.ABOVE:
            return int(value) + 1
        case Operator.BELOW:
            return int(value) - 1
        case Operator.UNEQUAL | Operator.NOT_IN:
            return "somewhere"
        case _:
            return int(value) if value.isdigit() else value


def _facts(type_name: str, rule: int) -> dict[str, object]:
    """The facts under which a condition of the type holds."""
    if not rule:
        return {}
    alternative = CATALOGUE.claim_types[type_name].when[rule - 1].condition.alternatives[0]
    return {each.fact: _making_true(each) for each in alternative}


def _needed(type_name: str, rule: int) -> list[str]:
    known = requirements.known_facts(_facts(type_name, rule), cause="fire", loss_country="RO") | _facts(type_name, rule)
    derived = requirements.derive(CATALOGUE.claim_types[type_name], CATALOGUE, known)
    return [each.key for each in derived if each.state is RequirementState.NEEDED and each.key != "mortgage_bank"]


def _files() -> Iterator[tuple[str, int, str]]:
    for name, each in CATALOGUE.claim_types.items():
        always = set(_needed(name, 0))
        yield name, 0, ""
        yield from ((name, 0, item) for item in sorted(always - {"claimant_name"}))
        for rule in range(1, len(each.when) + 1):
            yield name, rule, ""
            yield from ((name, rule, item) for item in sorted(set(_needed(name, rule)) - always))


FILES = [File(number, *each) for number, each in enumerate(_files(), start=1)]


def _world(file: File) -> dict[str, Any]:
    small = valid(file.number)
    [claim] = small["claims"]
    facts = _facts(file.type, file.rule)
    claim.update(
        type=file.type, state="approved", cause=facts.pop("loss_cause", None) or facts.pop("cause", None) or "fire"
    )
    claim.update(facts=facts, loss_country=facts.pop("loss_country", "RO"))
    small["policies"][0]["versions"] = [version(territory=[], coverages=[cover(perils=[])])]
    if file.item:
        claim["documents"] = [{"item": file.item, "missing": True}]
    _take_out_of_the_record(small, file.item)
    return small


def _take_out_of_the_record(small: dict[str, Any], item: str) -> None:
    [claim], [customer] = small["claims"], small["customers"]
    if item in RECORDED:
        del claim[RECORDED[item]]
    if item == "amount_claimed":
        del claim["lines"], claim["total_minor"]
    if item == "contact":
        del customer["emails"]
    if item == "national_id":
        del customer["cnp"]


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Evaluation]:
    whole: dict[str, Any] = {"schema": 1, "customers": [], "policies": [], "claims": []}
    for file in FILES:
        for section, rows in deepcopy(_world(file)).items():
            whole[section] += rows
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('types')}/store.db")
    store.migrate()
    with store.writing() as session:
        assert not world.load(session, whole, office=OFFICE, now=NOW).errors
        found = claim_file.gather(session, list(session.scalars(select(Claim))), office=OFFICE, now=NOW)
    store.close()
    return {facts.claim: evaluation.evaluate(facts, Stage.PAYMENT) for facts in found.values()}


@pytest.mark.parametrize("file", FILES, ids=[f"{each.type}-{each.rule}-{each.item or 'complete'}" for each in FILES])
def test_a_complete_file_passes_and_lacks_exactly_what_is_taken_away(
    evaluated: dict[str, Evaluation], file: File
) -> None:
    result = evaluated[make("CLM", 2026, file.number)]

    assert [item.key for item in result.missing if item.state is not RequirementState.MAYBE] == [file.item][
        : bool(file.item)
    ]
    missing = [finding.subject for finding in result.findings if finding.code == "DOC-01"]
    assert missing == [file.item][: bool(file.item) and file.item != "policy_ref"]


def test_every_type_and_every_condition_has_its_file() -> None:
    assert {each.type for each in FILES} == set(CATALOGUE.claim_types)
    assert len(FILES) > 250

"""What a claim needs, from its type and what is known, and where a requirement may go."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.catalogue import Stage
from tickets.claim_types import load
from tickets.requirements import (
    ALWAYS,
    NEXT,
    SETTLED,
    Needed,
    RequirementState,
    derive,
    known_facts,
    may_become,
    missing,
)


def _needed(name: str, facts: Mapping[str, object], held: tuple[str, ...] = ()) -> dict[str, Needed]:
    catalogue = load()
    return {each.key: each for each in derive(catalogue.claim_types[name], catalogue, facts, held)}


def test_water_damage_in_a_home_of_unknown_kind_asks_whether_it_is_a_flat() -> None:
    found = _needed("home", known_facts({}, cause="water_pipe", loss_country=None))

    assert found["owners_assoc"] == Needed(
        key="owners_assoc",
        stage=Stage.DECISION,
        state=RequirementState.MAYBE,
        because="loss_cause == water_pipe and flat == yes",
        questions=("flat",),
    )


@pytest.mark.parametrize(("flat", "state"), [("yes", RequirementState.NEEDED), (True, RequirementState.NEEDED)])
def test_water_damage_in_a_flat_needs_the_owners_association(flat: object, state: RequirementState) -> None:
    assert _needed("home", {"loss_cause": "water_pipe", "flat": flat})["owners_assoc"].state is state


def test_item_whose_condition_is_false_is_left_out() -> None:
    house, burnt = {"loss_cause": "water_pipe", "flat": "no"}, {"loss_cause": "fire"}

    assert "owners_assoc" not in _needed("home", house)
    assert "owners_assoc" not in _needed("home", burnt)
    assert _needed("home", burnt)["fire_report"].state is RequirementState.NEEDED


def test_items_always_needed_stand_at_the_stage_of_their_list() -> None:
    found = _needed("home", {})

    assert (found["loss_story"].stage, found["loss_story"].because) == (Stage.FNOL, ALWAYS)
    assert found["photos"].stage is Stage.DECISION


def test_bank_account_stands_at_payment_even_under_a_condition() -> None:
    assert _needed("warranty", {"refund": "yes"})["bank_account"].stage is Stage.PAYMENT
    assert _needed("warranty", {})["bank_account"].state is RequirementState.MAYBE


def test_item_that_two_rules_name_is_one_item_and_needed_beats_maybe() -> None:
    catalogue = load()
    facts = {"claimant_is_owner": "no"}

    found = [each for each in derive(catalogue.claim_types["motor_rca"], catalogue, facts) if "attorney" in each.key]

    assert found == [
        Needed(
            key="power_of_attorney",
            stage=Stage.DECISION,
            state=RequirementState.NEEDED,
            because="claimant_is_owner == no",
        )
    ]


def test_item_that_two_rules_may_need_carries_the_questions_of_both() -> None:
    assert _needed("motor_rca", {})["power_of_attorney"].questions == ("claimant_is_owner", "owner_kind")


def test_item_always_needed_is_not_weakened_by_a_rule() -> None:
    found = _needed("motor_casco", {"loss_cause": "theft_vehicle"})

    assert found["police_report"].state is RequirementState.NEEDED
    assert found["police_report"].because == "loss_cause == theft_vehicle"


def test_policy_and_mortgage_bank_are_looked_up_and_never_missing() -> None:
    found = _needed("home", {"mortgaged": "yes"})

    asked = {each.key for each in missing(found.values())}

    assert found["mortgage_bank"].held
    assert not asked & {"policy_ref", "mortgage_bank"}


def test_what_we_hold_is_never_missing() -> None:
    asked = {each.key for each in missing(_needed("home", {}, held=("photos", "contact")).values())}

    assert "claim_form" in asked
    assert not asked & {"photos", "contact"}


@pytest.mark.parametrize("answer", ["no", 0, False, "yes"])
def test_field_is_held_when_the_facts_answer_it(answer: object) -> None:
    assert _needed("motor_rca", {"injuries": answer})["injuries"].held


@pytest.mark.parametrize("answer", [None, ""])
def test_field_without_an_answer_is_missing(answer: object) -> None:
    assert not _needed("motor_rca", {"injuries": answer})["injuries"].held


def test_fact_does_not_stand_in_for_a_document_or_for_what_the_record_holds() -> None:
    found = _needed("home", {"photos": "yes", "bank_account": "yes", "loss_date": "yes"})

    assert not found["photos"].held
    assert not found["bank_account"].held
    assert not found["loss_date"].held


def test_missing_until_a_stage_leaves_later_items_for_later() -> None:
    found = _needed("home", {}).values()

    assert {each.stage for each in missing(found, until=Stage.FNOL)} == {Stage.FNOL}
    assert "bank_account" not in {each.key for each in missing(found, until=Stage.DECISION)}
    assert "bank_account" in {each.key for each in missing(found)}


def test_cause_is_known_under_both_its_names() -> None:
    assert known_facts({"flat": True}, cause="fire", loss_country="RO") == {
        "flat": True,
        "cause": "fire",
        "loss_cause": "fire",
        "loss_country": "RO",
    }
    assert known_facts({"loss_cause": "fire"}, cause=None, loss_country=None)["loss_cause"] == "fire"


def test_death_abroad_by_accident_asks_for_what_the_authorities_wrote() -> None:
    facts = known_facts({"toxicology_required": "no"}, cause="accident", loss_country="IT")

    found = _needed("life_death", facts)

    assert {"police_report", "prosecutor_decision", "translation"} <= set(found)
    assert not {"toxicology", "work_accident"} & set(found)


@pytest.mark.parametrize("name", sorted(load().claim_types))
@given(data=st.data())
def test_learning_a_fact_settles_maybes_and_takes_back_nothing_needed(name: str, data: st.DataObject) -> None:
    answers = st.sampled_from(["yes", "no", 1, 2, 3, "fire", "theft", "company"])
    known = data.draw(st.dictionaries(st.sampled_from(sorted(load().facts)), answers, max_size=20))
    learned = data.draw(st.sampled_from(sorted(set(load().facts) - set(known))))

    before, after = _needed(name, known), _needed(name, {**known, learned: data.draw(answers)})

    assert set(after) <= set(before)
    assert {key for key in before if before[key].state is RequirementState.NEEDED} <= {
        key for key in after if after[key].state is RequirementState.NEEDED
    }
    assert all(each.questions for each in after.values() if each.state is RequirementState.MAYBE)


@pytest.mark.parametrize(
    "path",
    [
        "maybe needed asked received accepted superseded",
        "maybe not_applicable",
        "needed asked received rejected asked",
        "needed waived",
        "needed not_applicable",
        "needed received",
    ],
)
def test_requirement_may_go_the_ways_of_the_work(path: str) -> None:
    states = [RequirementState(word) for word in path.split()]

    assert all(may_become(*step) for step in pairwise(states))


@pytest.mark.parametrize(
    ("state", "following"),
    [
        ("maybe", "asked"),
        ("needed", "accepted"),
        ("asked", "accepted"),
        ("rejected", "accepted"),
        ("accepted", "rejected"),
        ("accepted", "waived"),
        ("superseded", "accepted"),
        ("waived", "asked"),
        ("received", "received"),
    ],
)
def test_requirement_may_not_skip_the_person_who_accepts(state: str, following: str) -> None:
    assert not may_become(RequirementState(state), RequirementState(following))


def test_every_state_has_its_ways_and_accepting_always_follows_receiving() -> None:
    assert set(NEXT) == set(RequirementState)
    assert {state for state in NEXT if RequirementState.ACCEPTED in NEXT[state]} == {RequirementState.RECEIVED}
    assert RequirementState.RECEIVED not in SETTLED

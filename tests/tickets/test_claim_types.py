"""The catalogue that comes with the program, and what its readers refuse."""

import re
from dataclasses import replace

import pytest

from tickets.catalogue import FactKind, Item, ItemKind, Stage, read_facts, read_items
from tickets.claim_types import Catalogue, ClaimType, checked, load, read_claim_type
from tickets.errors import ConfigurationError
from tickets.messages import Medium

BOAT = """
en = "Boat"
ro = "Barcă"
line = "boat"
fnol = ["claimant_name"]
decision = ["photos"]
payment = ["bank_account"]
sources = ["example.org"]
[[when]]
if = "repaired == yes"
need = ["invoices"]
"""

ITEMS_BY_STAGE = {
    "motor_rca": (8, 7, 9),
    "motor_rca_injury": (7, 6, 9),
    "motor_casco": (10, 6, 11),
    "home": (6, 6, 12),
    "home_pad": (6, 4, 3),
    "health": (5, 5, 6),
    "travel_medical": (6, 6, 2),
    "travel_cancel": (5, 6, 2),
    "travel_baggage": (6, 4, 4),
    "life_death": (5, 5, 7),
    "disability": (5, 5, 3),
    "benefit_unemployment": (4, 6, 1),
    "benefit_disability": (4, 5, 1),
    "warranty": (4, 2, 2),
}


def _customer_texts() -> list[tuple[str, str, str]]:
    catalogue = load()
    items = [(key, item.en, item.ro) for key, item in catalogue.items.items()]
    whys = [(key, item.why.en, item.why.ro) for key, item in catalogue.items.items()]
    counts = [(key, item.counts.en, item.counts.ro) for key, item in catalogue.items.items()]
    questions = [(key, fact.en, fact.ro) for key, fact in catalogue.facts.items()]
    choices = [(key, word.en, word.ro) for key, fact in catalogue.facts.items() for word in fact.choices.values()]
    types = [(name, each.en, each.ro) for name, each in catalogue.claim_types.items()]
    return items + [text for text in whys + counts if text[1]] + questions + choices + types


def _counted(claim_type: ClaimType) -> tuple[int, int, int]:
    conditional = {key for rule in claim_type.when for key in rule.need}
    return len(claim_type.fnol), len(claim_type.decision), len(conditional)


def test_catalogue_holds_every_claim_type_with_its_items() -> None:
    catalogue = load()

    assert {name: _counted(claim_type) for name, claim_type in catalogue.claim_types.items()} == ITEMS_BY_STAGE
    assert len(catalogue.items) == 80


def test_bank_account_is_asked_for_only_before_payment() -> None:
    catalogue = load()

    assert catalogue.items["bank_account"].stage is Stage.PAYMENT
    with_account = {name for name, each in catalogue.claim_types.items() if "bank_account" in each.payment}
    assert with_account == set(catalogue.claim_types) - {"warranty"}


def test_identity_papers_health_data_and_accounts_never_go_by_sms() -> None:
    items = load().items

    for key in ("national_id", "id_copy", "bank_account", "medical_report", "forensic_report", "medical_history"):
        assert items[key].sensitive
        assert items[key].channels_forbidden == (Medium.SMS,)


def test_customer_is_never_asked_for_the_policy_we_hold() -> None:
    assert {key for key, item in load().items.items() if item.resolved_by == "lookup"} == {
        "policy_ref",
        "mortgage_bank",
    }


def test_every_document_says_why_we_ask_for_it() -> None:
    assert [key for key, item in load().items.items() if item.kind is ItemKind.DOCUMENT and not item.why.en] == []


def test_every_fact_is_a_question_in_both_languages() -> None:
    for fact in load().facts.values():
        assert fact.question("en").endswith("?")
        assert fact.question("ro").endswith("?")
        assert (fact.kind is FactKind.CHOICE) or not fact.choices


def test_customer_texts_are_there_in_both_languages() -> None:
    assert [key for key, en, ro in _customer_texts() if not en or not ro] == []


def test_romanian_letters_stand_only_in_romanian_texts_and_take_a_comma() -> None:
    assert [key for key, en, _ in _customer_texts() if re.search("[ăâîșț]", en)] == []
    assert [key for key, _, ro in _customer_texts() if re.search("[şţŞŢ]", ro)] == []


def test_every_fact_of_every_condition_has_a_question_and_no_fact_is_idle() -> None:
    catalogue = load()

    used = {
        one.fact for each in catalogue.claim_types.values() for rule in each.when for one in rule.condition.comparisons
    }

    assert used == set(catalogue.facts)


def test_rule_with_a_misspelled_condition_names_file_key_and_rule() -> None:
    with pytest.raises(ConfigurationError) as error:
        read_claim_type(BOAT.replace("==", "="), name="boat")

    assert str(error.value).startswith("claim_types/boat.toml: when 1: if: 'repaired = yes'")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("line =", "lines ="), "line: Field required"),
        (("line =", "lines ="), "lines: Unexpected keyword"),
        (('["photos"]', "3"), "decision: "),
        (("need =", "needs ="), "when 1: need: Field required"),
        (('en = "Boat"', "en"), "not TOML"),
    ],
)
def test_claim_type_with_a_wrong_key_is_refused_by_name(wrong: tuple[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_claim_type(BOAT.replace(*wrong), name="boat")

    assert str(error.value).startswith("claim_types/boat.toml")
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (('"photos"', '"photo"'), "boat.toml: decision: no item 'photo'"),
        (('"invoices"', '"invoice"'), "boat.toml: when 1: need: no item 'invoice'"),
        (("repaired ==", "mended =="), "boat.toml: when 1: if: no fact 'mended'"),
        (("repaired == yes", "loss_cause == watr_pipe"), "boat.toml: when 1: if: loss_cause is never 'watr_pipe'"),
    ],
)
def test_claim_type_naming_what_does_not_exist_is_refused(wrong: tuple[str, str], told: str) -> None:
    boat = read_claim_type(BOAT.replace(*wrong), name="boat")

    with pytest.raises(ConfigurationError) as error:
        checked(replace(load(), claim_types={"boat": boat}))

    assert told in str(error.value)


def test_claim_type_is_one_file() -> None:
    boat = read_claim_type(BOAT, name="boat")

    catalogue = checked(Catalogue(claim_types={"boat": boat}, items=load().items, facts=load().facts))

    assert catalogue.claim_types["boat"].label("ro") == "Barcă"


@pytest.mark.parametrize("table", ['kind = "paper"', 'stage = "later"', 'channels_forbidden = ["fax"]', "colour = 1"])
def test_item_with_an_unknown_word_is_refused_with_its_key(table: str) -> None:
    item = 'en = "A"\nro = "A"\nevidence = []\ncheck = []\n'
    kind = "" if table.startswith("kind") else 'kind = "field"\n'

    with pytest.raises(ConfigurationError, match=r"^items\.toml: hull: " + table.split(maxsplit=1)[0]):
        read_items(f"[hull]\n{item}{kind}{table}")


def test_fact_that_is_no_table_is_refused_with_its_key() -> None:
    with pytest.raises(ConfigurationError, match=r"^facts\.toml: hull: expected a table"):
        read_facts("hull = 3")


def test_catalogue_cannot_be_changed_by_its_readers() -> None:
    items: dict[str, Item] = load().items  # type: ignore[assignment]  # the reader pretends that it is a dict

    with pytest.raises(TypeError):
        items["hull"] = items["photos"]

"""Checks on facts alone: what no world file brings about, and the edges between two answers."""
# ruff: noqa: E501 - one case a line reads as a table

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tickets import checks, evaluation
from tickets.catalogue import Stage
from tickets.checks import cov, ids
from tickets.checks.finding import Finding, Severity, plain
from tickets.cover import country_code, held_since, holds_in, later, relevant, word
from tickets.evaluation import Recommendation
from tickets.facts import (
    Account,
    Bill,
    Contract,
    Cover,
    Deductible,
    Exclusion,
    Expense,
    Facts,
    Item,
    OtherLoss,
    Override,
    Paper,
    Person,
    Proposal,
    Rate,
    Release,
    Reporter,
    SameFile,
    Spent,
    Term,
    Thing,
    Version,
    as_json,
    from_json,
)
from tickets.models import FindingState
from tickets.payable import Reckoning, asked, convert, deductible, reckon
from tickets.rejections import READY, Reason, words
from tickets.requirements import RequirementState

LOSS = date(2026, 11, 14)
MARIA = Person(id="maria", name="Maria Popescu")
ION = Person(id="ion", name="Ion Popa")
HOME = Cover(code="home", perils=("water_pipe", "fire"), deductible=Deductible(abs=30000), clause="3.1")
VERSION = Version(
    number=1, effective_from=date(2026, 3, 1), effective_to=date(2027, 2, 28), recorded_on=date(2026, 2, 20),
    recorded_at=datetime(2026, 2, 20, tzinfo=UTC), territory=("RO",), covers=(HOME,),
)  # fmt: skip
POLICY = Contract(ref="CAS-0451237", holder=MARIA, versions=(VERSION,))
FORM = Item(
    key="claim_form", stage=Stage.DECISION, state=RequirementState.ACCEPTED, en="Claim form", ro="Cererea",
    evidence=("claim_form",), checks=("signed", "legible"),
)  # fmt: skip
COVERED = Facts(
    claim="CLM26-004711-58", type="home", line="property", state="in_review", today=date(2026, 11, 23), loss_date=LOSS,
    reported_on=date(2026, 11, 16), cause="water_pipe", loss_country="RO", policy_ref="CAS-0451237", policy=POLICY,
    claimant=MARIA, expenses=(Expense(number=1, coverage="home", unit=245000, total=245000),), total=245000, items=(FORM,),
)  # fmt: skip
PROPOSAL = Proposal(number=1, approves=True, amount=215000, currency="RON", proposed_by=1)


def seen(facts: Facts, stage: Stage = Stage.PAYMENT) -> list[Finding]:
    return checks.run(facts, stage)


def codes(facts: Facts, stage: Stage = Stage.PAYMENT) -> set[str]:
    return {finding.code for finding in seen(facts, stage)}


def with_version(**changes: Any) -> Facts:
    return replace(COVERED, policy=replace(POLICY, versions=(replace(VERSION, **changes),)))


def test_nothing_is_found_in_a_covered_and_complete_claim() -> None:
    assert seen(COVERED) == []
    assert evaluation.evaluate(COVERED, Stage.PAYMENT).recommendation is Recommendation.APPROVE


def test_facts_come_back_whole_from_plain_data() -> None:
    whole = replace(COVERED, rates=(Rate(source="EUR", target="RON", rate=Decimal("4.9771"), day=LOSS),))

    assert from_json(as_json(whole)) == whole


def test_fingerprint_of_a_basis_knows_no_order_of_keys() -> None:
    assert evaluation.fingerprint({"a": 1, "ă": [2]}) == evaluation.fingerprint({"ă": [2], "a": 1})
    assert evaluation.fingerprint({"a": 1}) != evaluation.fingerprint({"a": "1"})


# --- the proceeding


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"proposal": PROPOSAL}, set()),
        ({"proposal": PROPOSAL, "cause": "flood"}, {"COV-01", "PRO-01"}),
        ({"proposal": replace(PROPOSAL, approves=False), "cause": "flood"}, {"COV-01"}),
        ({"proposal": replace(PROPOSAL, outside=("approvals",))}, {"PRO-02"}),
        ({"proposal": replace(PROPOSAL, outside=("amount",), approved_by=(2,))}, set()),
        ({"proposal": replace(PROPOSAL, outside=("amount",), approved_by=(2,), approvals_needed=2)}, {"PRO-02"}),
        ({"proposal": replace(PROPOSAL, outside=("amount",), approved_by=(2, 3), approvals_needed=2)}, set()),
        ({"release": Release(payment="P1", proposed_by=1)}, set()),
        ({"release": Release(payment="P1", proposed_by=1, released_by=1)}, {"PRO-03"}),
        ({"release": Release(payment="P1", proposed_by=1, approved_by=(2,), released_by=2)}, {"PRO-03"}),
        ({"release": Release(payment="P1", proposed_by=1, approved_by=(2,), released_by=3)}, set()),
    ],
)
def test_proceedings_against_the_rules_are_found(changes: dict[str, Any], found: set[str]) -> None:
    assert codes(replace(COVERED, **changes)) == found


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"proposal": PROPOSAL, "cause": "flood"},
            Finding(
                code="PRO-01", subject="1", severity=Severity.BLOCK, resolver="system",
                text_en="Decision 1 approves while COV-01 still stand in the way.",
                text_ro="Decizia 1 aprobă, deși există încă impedimente: COV-01.",
                inputs={"decision": 1, "codes": ["COV-01"]},
            ),
        ),
        (
            {"proposal": replace(PROPOSAL, outside=("amount", "D10"))},
            Finding(
                code="PRO-02", subject="1", severity=Severity.BLOCK, resolver="system",
                text_en="Decision 1 is outside the authority of who proposed it: amount, D10.",
                text_ro="Decizia 1 depășește competența persoanei care a propus-o: amount, D10.",
                inputs={"decision": 1, "outside": ["amount", "D10"]},
            ),
        ),
        (
            {"release": Release(payment="P1", proposed_by=1, released_by=1)},
            Finding(
                code="PRO-03", subject="P1", severity=Severity.BLOCK, resolver="system",
                text_en="Payment P1 was released by who had proposed or approved it.",
                text_ro="Plata P1 a fost eliberată de cine o propusese sau o aprobase.",
                inputs={"payment": "P1"},
            ),
        ),
        (
            {"terms": (Term(key="ro.rca.offer", percent=75, due_on=date(2026, 12, 2)),)},
            Finding(
                code="CLK-01", subject="ro.rca.offer", severity=Severity.WARN, resolver="ladder",
                text_en="75 % of ro.rca.offer have run; due 2 December 2026.",
                text_ro="A trecut 75 % din termenul ro.rca.offer; scadent la 2 decembrie 2026.",
                inputs={"clock": "ro.rca.offer", "percent": 75, "due_on": "2026-12-02"},
            ),
        ),
        (
            {"reporter": Reporter()},
            None,
        ),
        (
            {"reporter": Reporter(relation="broker")},
            Finding(
                code="AUT-01", severity=Severity.BLOCK, resolver="rep",
                text_en="Somebody (broker) speaks for the claimant; no authority to do so is on file.",
                text_ro="Altcineva (broker) vorbește în numele persoanei păgubite; nu există o împuternicire la dosar.",
                inputs={"reporter": "", "relation": "broker"},
            ),
        ),
        (
            {"items": (replace(FORM, state=RequirementState.REJECTED, reason="coffee on it"),)},
            Finding(
                code="DOC-04", subject="claim_form", severity=Severity.BLOCK, resolver="rep",
                text_en="“Claim form” is another document than the one needed.",
                text_ro="În locul documentului „Cererea” s-a primit altul.",
                inputs={"item": "claim_form", "stage": "decision", "reason": "coffee on it"},
            ),
        ),
    ],
)  # fmt: skip
def test_whole_findings_that_no_world_brings_about(changes: dict[str, Any], said: Finding | None) -> None:
    code = said.code if said else ""
    found = [each for each in seen(replace(COVERED, **changes)) if each.code == code]

    assert found == ([said] if said else [])


def test_approved_while_a_clock_has_run_out_is_late_and_not_against_the_rules() -> None:
    over = Term(key="ro.rca.offer", percent=100, due_on=date(2026, 11, 20))

    assert codes(replace(COVERED, proposal=PROPOSAL, terms=(over,))) == {"CLK-01"}


@pytest.mark.parametrize(("percent", "severity"), [(50, "warn"), (75, "warn"), (90, "warn"), (100, "block")])
def test_clock_warns_on_its_way_and_blocks_when_it_has_run_out(percent: int, severity: str) -> None:
    [finding] = seen(replace(COVERED, terms=(Term(key="ro.rca.offer", percent=percent, due_on=date(2026, 12, 2)),)))

    assert (finding.code, finding.severity, finding.resolver) == ("CLK-01", severity, "ladder")
    assert ("ran out" in finding.text_en, "a expirat" in finding.text_ro) == (percent == 100, percent == 100)


# --- files and documents


@pytest.mark.parametrize(
    ("twin", "words_en", "words_ro"),
    [
        (
            SameFile(document=7, claim="CLM26-000091-47"),
            "Document 7 is byte for byte a file of CLM26-000091-47.",
            "Documentul 7 este identic cu un fișier din CLM26-000091-47.",
        ),
        (
            SameFile(document=7, claim="CLM26-000091-47", distance=4, exact=False),
            "Document 7 looks like a picture of CLM26-000091-47.",
            "Documentul 7 seamănă cu o fotografie din CLM26-000091-47.",
        ),
    ],
)
def test_same_file_or_picture_in_another_claim_is_a_hint(twin: SameFile, words_en: str, words_ro: str) -> None:
    [finding] = seen(replace(COVERED, same_files=(twin,)))

    assert (finding.code, finding.severity, finding.resolver) == ("DUP-03", Severity.WARN, "siu")
    assert (finding.text("en"), finding.text("ro")) == (words_en, words_ro)
    assert finding.subject == "7/CLM26-000091-47"
    assert finding.inputs == {
        "document": 7, "claim": "CLM26-000091-47", "distance": twin.distance, "same_bytes": twin.exact,
    }  # fmt: skip


@pytest.mark.parametrize("reason", list(Reason))
def test_rejected_document_is_the_finding_of_its_reason(reason: Reason) -> None:
    rejected = replace(FORM, state=RequirementState.REJECTED, reason=reason.replace("_", " "))
    bad_paper = Paper(item="claim_form", signed=False, legible=False)  # what was rejected is not judged twice

    found = seen(replace(COVERED, items=(rejected,), papers=(bad_paper,)))

    assert [finding.code for finding in found] == [READY[reason].code]
    assert words(reason, "ro") != words(reason, "en") != str(reason)


def test_rejection_in_own_words_is_the_wrong_document_and_keeps_its_words() -> None:
    rejected = replace(FORM, state=RequirementState.REJECTED, reason="coffee on it")

    assert codes(replace(COVERED, items=(rejected,))) == {"DOC-04"}
    assert words("coffee on it", "ro") == "coffee on it"
    assert words(None, "ro") == ""


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (RequirementState.NEEDED, {"DOC-01"}), (RequirementState.ASKED, {"DOC-01"}), (RequirementState.MAYBE, set()),
        (RequirementState.RECEIVED, set()), (RequirementState.WAIVED, set()), (RequirementState.NOT_APPLICABLE, set()),
    ],
)  # fmt: skip
def test_only_what_is_surely_needed_and_has_not_come_is_missing(state: RequirementState, found: set[str]) -> None:
    assert codes(replace(COVERED, items=(replace(FORM, state=state),))) == found


def test_item_of_a_later_stage_is_not_asked_about_yet() -> None:
    missing = replace(FORM, state=RequirementState.NEEDED)

    assert codes(replace(COVERED, items=(missing,)), Stage.FNOL) == set()
    assert codes(replace(COVERED, items=(missing,)), Stage.DECISION) == {"DOC-01"}


@pytest.mark.parametrize(
    ("item", "paper", "found"),
    [
        ({"checks": ("name_matches:insured",)}, {"person": "Maria Popescu"}, set()),
        ({"checks": ("name_matches:insured",)}, {"person": "Ion Popa"}, {"DOC-06"}),
        ({"checks": ("name_matches:claimant",)}, {"person": "maria"}, set()),
        ({"checks": ("valid_on:loss_date",)}, {"expires_on": date(2026, 11, 13)}, {"DOC-05"}),
        ({"checks": ("valid_on:loss_date",)}, {"expires_on": LOSS}, set()),
        ({"checks": ("not_expired",)}, {"expires_on": LOSS}, {"DOC-05"}),
        ({}, {"language": "DE-at"}, {"DOC-08"}),
        ({}, {"language": "RO"}, set()),
        ({}, {"pages_present": 2}, set()),
    ],
)
def test_papers_are_judged_by_their_items_rules(item: dict[str, Any], paper: dict[str, Any], found: set[str]) -> None:
    facts = replace(COVERED, items=(replace(FORM, **item),), papers=(Paper(item="claim_form", **paper),))

    assert codes(facts) == found


def test_death_is_proved_in_the_name_of_who_was_insured() -> None:
    dead = replace(
        COVERED, about_death=True, claimant=ION, items=(replace(FORM, checks=("name_matches:insured",)),),
        papers=(Paper(item="claim_form", person="Maria Popescu"),),
    )  # fmt: skip

    assert codes(dead) == set()
    assert codes(replace(dead, insured=ION)) == {"COV-06", "DOC-06"}


def test_accepted_translation_lifts_the_need_for_one() -> None:
    german = replace(COVERED, papers=(Paper(item="claim_form", language="de"),))
    translation = replace(FORM, key="translation")

    assert codes(german) == {"DOC-08"}
    assert codes(replace(german, items=(FORM, translation))) == set()
    assert codes(replace(german, items=(FORM, replace(translation, state=RequirementState.RECEIVED)))) == {"DOC-08"}


# --- setting aside


def test_finding_set_aside_on_the_same_inputs_stands_in_nobodys_way() -> None:
    flooded = replace(COVERED, cause="flood")
    [finding] = seen(flooded)
    aside = replace(flooded, overrides=(Override(code="COV-01", subject="flood", inputs=finding.inputs),))
    elsewhere = replace(flooded, overrides=(Override(code="COV-01", subject="hail", inputs=finding.inputs),))

    assert [each.state for each in seen(aside)] == [FindingState.OVERRIDDEN]
    assert [each.state for each in seen(elsewhere)] == [FindingState.OPEN]
    result = evaluation.evaluate(aside, Stage.DECISION)
    assert (result.open_blocks, result.recommendation) == ((), Recommendation.APPROVE)
    assert evaluation.evaluate(flooded, Stage.DECISION).open_blocks == tuple(seen(flooded))
    assert codes(replace(aside, proposal=PROPOSAL)) == {"COV-01"}


# --- cover


def test_rules_on_a_version_say_nothing_without_one() -> None:
    nowhere = replace(COVERED, loss_date=date(2026, 2, 1), reported_on=None)

    assert codes(nowhere) == {"DAT-02"}
    assert relevant(nowhere) == ()
    assert replace(COVERED, policy=None).later_versions == ()
    assert replace(COVERED, loss_date=None).later_versions == ()
    assert replace(COVERED, loss_date=None).version is None


def test_later_record_of_the_same_day_of_effect_is_told_though_it_creates_no_cover() -> None:
    late = replace(VERSION, number=2, recorded_on=date(2026, 11, 16), recorded_at=datetime(2026, 11, 16, tzinfo=UTC))
    facts = replace(COVERED, policy=replace(POLICY, versions=(VERSION, late)))

    assert facts.version == VERSION
    assert facts.later_versions == (late,)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Thing(vin="A"), Thing(vin="A", plate="B"), True),
        (Thing(vin="A", plate="B"), Thing(vin="C", plate="B"), False),
        (Thing(plate="B 123 ABC"), Thing(plate="B 124 ABC"), False),
        (Thing(plate="B 123 ABC"), Thing(vin="A"), None),
        (Thing(address="Str. Florilor 5"), Thing(address="florilor nr 5"), True),
        (Thing(address="Str. Florilor 5"), Thing(address="Str. Florilor 6"), False),
        (Thing(address="Str. Florilor 5"), Thing(address="Str. Pinului 5"), False),
        (Thing(), Thing(address="Str. Florilor 5"), None),
    ],
)
def test_things_are_compared_by_what_both_are_known_by(one: Thing, other: Thing, *, same: bool | None) -> None:
    assert cov._is_same(one, other) is same


@pytest.mark.parametrize(
    ("own", "thing", "found"),
    [
        ("CJ 07 XYZ", Thing(plate="CJ 07 XYZ"), set()),
        ("CJ 07 XYZ", Thing(plate="B 999 XYZ"), {"COV-05"}),
        ("CJ 07 XYZ", Thing(plate="B 123 ABC"), set()),
        (None, Thing(plate="B 999 XYZ"), set()),
        ("CJ 07 XYZ", Thing(address="Str. Florilor 5"), set()),
        ("CJ 07 XYZ", None, set()),
    ],
)
def test_on_liability_lines_the_injured_partys_vehicle_need_not_be_insured(
    own: str | None, thing: Thing | None, found: set[str]
) -> None:
    policy = replace(POLICY, things=(Thing(kind="vehicle", plate="B 123 ABC"),))

    assert codes(replace(COVERED, is_liability=True, policy=policy, own_plate=own, thing=thing)) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"is_personal": True, "claimant": ION}, {"COV-06"}),
        ({"is_personal": True, "claimant": replace(MARIA, id="elsewhere")}, set()),
        ({"claimant": ION}, set()),
        ({"insured": ION, "is_liability": True}, set()),
    ],
)
def test_person_insured_is_asked_for_where_the_claim_is_about_one(changes: dict[str, Any], found: set[str]) -> None:
    assert codes(replace(COVERED, **changes)) == found


def test_same_thing_by_vin_plate_or_address_is_the_same_loss() -> None:
    def other(thing: Thing | None) -> tuple[OtherLoss, ...]:
        return (OtherLoss(claim="CLM26-000091-47", state="open", loss_date=LOSS, cause="fire", thing=thing),)

    vin = "UU1LSDAH501234567"
    mine = Thing(vin=vin, plate="P", address="Str. Florilor 5")
    for theirs in (Thing(vin=vin), Thing(plate="P"), Thing(address="STR. FLORILOR 5")):
        assert codes(replace(COVERED, thing=mine, other_losses=other(theirs))) == {"DUP-01"}
    for theirs in (Thing(vin="W", plate="Q"), Thing(address="Str. Florilor 6"), Thing(), None):
        assert codes(replace(COVERED, thing=mine, other_losses=other(theirs))) == set()
    [finding] = seen(replace(COVERED, cause="fire", thing=mine, other_losses=other(Thing(vin=vin))))
    assert finding.inputs["same"] == ["cause", "asset"]
    assert codes(replace(COVERED, loss_date=None, thing=mine, other_losses=other(Thing(vin=vin)))) == set()


@pytest.mark.parametrize(
    ("territory", "country", "holds"),
    [
        ((), "FR", True), (("RO",), "Romania", True), (("România",), "ro", True), (("EU",), "HR", True),
        (("EEA",), "NO", True), (("EU",), "NO", False), (("*",), "US", True), (("RO", "MD"), "MD", True),
        (("RO",), "Atlantis", False),
    ],
)  # fmt: skip
def test_territories_hold_countries_by_code_name_or_group(
    territory: tuple[str, ...], country: str, *, holds: bool
) -> None:
    assert holds_in(territory, country) is holds


def test_countries_are_known_by_their_names_in_both_languages() -> None:
    assert [country_code(each) for each in ("Germania", "Germany", " de ", "Nowhere")] == ["DE", "DE", "DE", "NOWHERE"]


def test_days_end_with_the_calendar() -> None:
    assert later(date(9999, 12, 30), 5) == date.max
    assert later(date(2026, 11, 30), 1) == date(2026, 12, 1)
    assert held_since(COVERED, VERSION) == VERSION.effective_from


# --- amounts


@pytest.mark.parametrize(
    ("rule", "total", "borne"),
    [
        (Deductible(), 1000, 0), (Deductible(abs=300), 1000, 300), (Deductible(pct=Decimal(10)), 1005, 101),
        (Deductible(pct=Decimal(10)), 1004, 100), (Deductible(pct=Decimal(10), min=200), 1000, 200),
        (Deductible(pct=Decimal(10), max=50), 1000, 50), (Deductible(pct=Decimal(10), min=200, max=150), 1000, 150),
        (Deductible(pct=Decimal(0), abs=300), 1000, 0),
    ],
)  # fmt: skip
def test_deductibles_are_whole_hundredths(rule: Deductible, total: int, borne: int) -> None:
    assert deductible(rule, total) == borne


def test_money_is_converted_once_and_rounded_half_up() -> None:
    rates = (
        Rate(source="USD", target="RON", rate=Decimal(4), day=LOSS),
        Rate(source="EUR", target="RON", rate=Decimal("4.5"), day=LOSS),
    )

    assert convert(1, "EUR", "RON", rates) == 5
    assert convert(7, "RON", "USD", rates) == 2
    assert convert(7, "RON", "RON", ()) == 7
    assert convert(7, "GBP", "RON", rates) is None


def test_nothing_is_reckoned_without_a_policy_or_a_date_where_one_decides() -> None:
    assert reckon(replace(COVERED, policy=None)) is None
    assert reckon(replace(COVERED, loss_date=None)) is None
    benefit = reckon(replace(COVERED, policy=None, needs_policy=False, loss_date=None))
    assert benefit is not None
    assert benefit.amount == 245000


def test_amounts_as_inputs_hold_them() -> None:
    assert [plain(each) for each in (0, 5, 150, -5, -245000)] == ["0.00", "0.05", "1.50", "-0.05", "-2450.00"]


# --- people


@pytest.mark.parametrize(
    ("kind", "written", "valid"),
    [
        ("cnp", "1960801400017", True), ("cnp", "1960801400018", False), ("cnp", "196 080 140 0017", True),
        ("cnp", "12", False), ("cnp", "AB123456", True), ("cnp", "", False), ("cnp", "RO1960801400017", True),
        ("cui", "27041363", True), ("cui", "ro 27041363", True), ("cui", "27041364", False), ("cui", "DE123456789", True),
        ("cui", "RO", False), ("cui", "12-34", False), ("cui", "RO27041364", False), ("cnp", "RO1960801400018", True),
    ],
)  # fmt: skip
def test_numbers_are_judged_and_masked(kind: str, written: str, *, valid: bool) -> None:
    number = ids.number(kind, written)

    assert (number.kind, number.valid) == (kind, valid)
    assert number.masked == f"..{''.join(written.upper().split())[-4:]}"


@pytest.mark.parametrize(("iban", "valid"), [("RO14BTRL0130120567890012", True), ("RO14BTRL0130120567890013", False)])
def test_accounts_are_judged_by_their_check_digits(iban: str, *, valid: bool) -> None:
    assert ids.is_iban(iban) is valid


@pytest.mark.parametrize(
    ("changed", "cleared", "used_by", "found"),
    [
        (date(2026, 10, 25), False, (), {"ID-05"}), (date(2026, 10, 24), False, (), set()),
        (date(2026, 11, 23), True, ("ion",), set()), (None, False, ("ion",), {"ID-05"}),
    ],
)  # fmt: skip
def test_call_back_and_a_second_person_clear_an_account(
    changed: date | None, *, cleared: bool, used_by: tuple[str, ...], found: set[str]
) -> None:
    account = Account(masked="RO..0012", valid=True, changed_on=changed, cleared=cleared, used_by=used_by)

    assert codes(replace(COVERED, account=account)) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"reporter": Reporter(name="Ion Popa", relation="son")}, {"AUT-01"}),
        ({"reporter": Reporter(relation="broker")}, {"AUT-01"}),
        ({"reporter": Reporter(name="Ion Popa")}, {"AUT-01"}),
        ({"reporter": Reporter()}, set()),
        ({"reporter": Reporter(name="Ion Popa", relation="Self")}, set()),
        ({"reporter": Reporter(name="M. Popescu", relation="x")}, set()),
        ({"reporter": Reporter(name="Ion Popa"), "items": (replace(FORM, key="power_of_attorney"),)}, set()),
        ({"reporter": Reporter(name="Ion Popa"), "claimant": None}, {"AUT-01"}),
    ],
)
def test_who_speaks_for_another_needs_a_paper(changes: dict[str, Any], found: set[str]) -> None:
    assert codes(replace(COVERED, **changes)) == found


def test_account_and_payee_say_nothing_where_nobody_is_known() -> None:
    nobody = replace(COVERED, claimant=None, payee=None, account=Account(masked="", valid=True, holder="Ion Popa"))

    assert codes(nobody) == set()
    assert codes(replace(nobody, payee="Ion Popa")) == set()


def test_unknown_status_of_a_policy_is_named_as_it_is() -> None:
    [finding] = seen(with_version(status="frozen"))

    assert (finding.code, finding.text_en) == ("POL-03", "The policy was frozen on 14 November 2026.")


# --- edges that mutants had shown to be untested


@pytest.mark.parametrize(("total", "found"), [(998, True), (999, False), (1001, False), (1002, True)])
def test_item_is_wrong_by_more_than_a_hundredth(total: int, found: bool) -> None:  # noqa: FBT001 - a case's answer
    one = Expense(number=1, coverage="home", qty=Decimal(2), unit=500, total=total)

    assert ("AMT-01" in codes(replace(COVERED, expenses=(one,), total=total))) is found


def test_stated_total_alone_is_one_item_in_its_own_currency_however_small() -> None:
    stated = replace(COVERED, expenses=(), total=1, currency="EUR")

    assert asked(stated) == (Expense(number=1, coverage="home", unit=1, total=1, currency="EUR"),)
    assert not {each for each in codes(replace(stated, currency="RON")) if each.startswith("AMT")}


def test_places_of_cover_are_told_one_by_one() -> None:
    [finding] = seen(replace(with_version(territory=("RO", "BG")), loss_country="FR"))

    assert finding.text_en == "The loss happened in FR; cover holds in RO, BG."


def test_each_kind_is_cut_to_its_own_sub_limit() -> None:
    held = replace(HOME, sub_limits={"glass": 1000, "jewellery": 500})
    lines = tuple(Expense(number=n, coverage="home", kind=kind, unit=900, total=900)
                  for n, kind in enumerate(("glass", "jewellery"), start=1))  # fmt: skip

    reckoning = reckon(replace(with_version(covers=(held,)), expenses=lines, total=1800))

    assert reckoning is not None
    assert [(cut.kind, cut.asked) for cut in reckoning.cuts if cut.kind] == [("jewellery", 900)]


def test_term_in_hours_is_over_after_its_last_moment() -> None:
    at = datetime(2026, 11, 14, 9, tzinfo=UTC)
    told = replace(with_version(notice_days=24, notice_unit="hours"), loss_at=at, report_until=LOSS)

    assert "DAT-03" not in codes(replace(told, reported_at=at + timedelta(hours=24)))
    assert "DAT-03" in codes(replace(told, reported_at=at + timedelta(hours=24, seconds=1)))


def test_grace_begins_after_the_paid_time() -> None:
    assert "POL-03" in codes(with_version(status="lapsed", premium_paid_to=LOSS, grace_days=10))
    assert "POL-03" not in codes(with_version(status="lapsed", premium_paid_to=LOSS - timedelta(days=1), grace_days=10))


def test_everything_that_stands_in_the_way_is_named_with_commas() -> None:
    bill = Bill(issuer="Tehno", number="7", total=245000, elsewhere=("CLM26-000184-59", "CLM26-000185-20"),
                paid_in=("CLM26-000184-59", "CLM26-000185-20"))  # fmt: skip

    [finding] = [each for each in seen(replace(COVERED, bills=(bill,))) if each.code.startswith("DUP")]

    assert finding.text_en.count("CLM26-000184-59, CLM26-000185-20") == 2
    assert finding.text_ro.count("CLM26-000184-59, CLM26-000185-20") == 2


EUR = Expense(number=2, coverage="home", unit=10000, total=10000, currency="EUR")
#: Worth very little: `str` would write it 2E-7.
LIRA = Rate(source="EUR", target="RON", rate=Decimal("0.0000002"), day=LOSS)


def finding(facts: Facts, code: str, stage: Stage = Stage.PAYMENT) -> Finding:
    [found] = [each for each in seen(facts, stage) if each.code == code]
    return found


def test_amount_that_cannot_be_converted_is_no_part_of_the_sum() -> None:
    ron = replace(COVERED.expenses[0], total=1000, unit=1000)
    dollars = replace(EUR, number=3, currency="USD", unit=1000, total=1000)
    rate = Rate(source="USD", target="RON", rate=Decimal(4), day=LOSS)
    mixed = replace(COVERED, expenses=(ron, EUR, dollars), rates=(rate,), total=5000)

    assert finding(mixed, "AMT-01").inputs["difference"] == "40.00"
    assert "AMT-01" not in codes(replace(mixed, expenses=(EUR,), total=5000))


@pytest.mark.parametrize(
    ("total", "vat"), [(1210, "21"), (1211, "21"), (1209, "21"), (1212, None), (1190, "19"), (790, None), (-1210, None)]
)
def test_difference_is_named_as_the_tax_that_it_is_to_the_hundredth(total: int, vat: str | None) -> None:
    one = replace(COVERED.expenses[0], unit=1000, total=1000)

    assert finding(replace(COVERED, expenses=(one,), total=total), "AMT-01").inputs.get("vat") == vat


def test_total_and_items_that_do_not_add_up_are_told_in_one_finding() -> None:
    lines = tuple(replace(COVERED.expenses[0], number=n, qty=Decimal(2), unit=500, total=700) for n in (1, 2))

    found = finding(replace(COVERED, expenses=lines, total=5000), "AMT-01")

    assert found.text_en == (
        "The items add up to 14.00 lei, the stated total is 50.00 lei: a difference of 36.00 lei. "
        "Quantity times price is not the total of item 1, 2."
    )
    assert found.text_ro == (
        "Pozițiile însumează 14,00 lei, totalul declarat este 50,00 lei: o diferență de 36,00 lei. "
        "Cantitatea înmulțită cu prețul nu dă totalul poziției 1, 2."
    )


def test_stated_total_alone_in_another_currency_is_told_and_no_total_is_in_none() -> None:
    stated = replace(COVERED, expenses=(), total=1000, currency="EUR")

    assert (finding(stated, "AMT-02").subject, finding(stated, "AMT-02").inputs["rate"]) == ("EUR", None)
    assert "AMT-02" not in codes(replace(stated, total=None))


def test_rates_are_written_in_figures_however_small() -> None:
    facts = replace(COVERED, expenses=(EUR,), total=None, rates=(LIRA,))

    found = finding(facts, "AMT-02")

    assert found.inputs["rate"] == "0.0000002"
    assert found.text_en.startswith("Amounts in EUR, the policy is in RON: 1 EUR = 0.0000002 RON, rate of 14")
    assert "1 EUR = 0,0000002 RON" in found.text_ro
    [items, *_] = reckoned(replace(facts, rates=(replace(LIRA, rate=Decimal("1E+1")),))).steps
    assert (items.what, items.why_en) == ("items", "1 item, 1 EUR = 10 RON (2026-11-14), home")


def reckoned(facts: Facts) -> Reckoning:
    found = reckon(facts)
    assert found is not None
    return found


def test_only_the_rates_that_were_used_are_told_with_the_items() -> None:
    rates = tuple(
        Rate(source=source, target=target, rate=Decimal(5), day=LOSS)
        for source, target in (("EUR", "RON"), ("GBP", "RON"), ("EUR", "USD"), ("USD", "EUR"))
    )
    dollars = replace(EUR, number=3, currency="USD")

    [items, *_] = reckoned(
        replace(COVERED, expenses=(EUR, dollars), rates=(*rates, replace(rates[0], source="USD")))
    ).steps

    assert items.why_en == "2 items, 1 EUR = 5 RON (2026-11-14), 1 USD = 5 RON (2026-11-14), home"


@pytest.mark.parametrize(
    ("reporter", "said"),
    [
        (Reporter(name="Ion Popa"), "Ion Popa (-) speaks"),
        (Reporter(name="Ion Popa", relation="son"), "Ion Popa (son) speaks"),
    ],
)
def test_who_speaks_for_another_is_named_with_what_he_is(reporter: Reporter, said: str) -> None:
    assert finding(replace(COVERED, reporter=reporter), "AUT-01").text_en.startswith(said)


def test_clock_that_has_run_out_is_told_with_its_day_in_each_language() -> None:
    over = finding(replace(COVERED, terms=(Term(key="ro.pad", percent=100, due_on=date(2026, 11, 20)),)), "CLK-01")

    assert (over.text_en, over.text_ro) == (
        "ro.pad ran out on 20 November 2026.", "Termenul ro.pad a expirat la 20 noiembrie 2026."
    )  # fmt: skip


def two_covers(**changes: Any) -> Facts:
    """A policy with a second coverage, for another cause and under another clause."""
    garden = replace(HOME, code="garden", perils=("flood",), clause="7.2")
    return replace(with_version(covers=(HOME, garden)), **changes)


def test_clauses_of_several_coverages_stand_side_by_side() -> None:
    both = (*COVERED.expenses, replace(COVERED.expenses[0], number=2, coverage="garden"))

    assert finding(two_covers(expenses=both, total=None, loss_country="FR"), "COV-03").clause == "3.1, 7.2"
    small = tuple(replace(each, unit=100, total=100) for each in both)
    assert finding(two_covers(expenses=small, total=200), "LIM-04").clause == "3.1, 7.2"


def test_everything_that_an_exclusion_asks_and_nobody_knows_is_named() -> None:
    found = finding(with_version(exclusions=(Exclusion(code="E1", when="empty == yes and days > 30"),)), "COV-02")

    assert found.text_en == "Exclusion E1 (empty == yes and days > 30) may apply: not known is empty, days."
    assert found.text_ro.endswith("s-ar putea aplica: nu se cunoaște empty, days.")


def test_item_under_a_coverage_for_another_cause_is_told_by_the_causes_name() -> None:
    facts = two_covers(
        expenses=(replace(COVERED.expenses[0], coverage="garden"),),
        cause_names={"water_pipe": ("burst pipe", "țeavă spartă")},
    )

    found = finding(facts, "COV-01")

    assert found.text_en == "Coverage garden does not cover the cause “burst pipe”; another coverage does."
    assert found.text_ro == "Acoperirea garden nu include cauza „țeavă spartă”; o altă acoperire o include."
    assert "COV-01" not in codes(replace(facts, cause=None))


@pytest.mark.parametrize(
    ("covers", "changes", "told"),
    [
        ((HOME, replace(HOME, code="garden")), {"expenses": (replace(EUR, coverage="garden", currency="RON"),)}, True),
        ((HOME,), {"expenses": (replace(EUR, coverage="garden", currency="RON"),)}, False),
        ((replace(HOME, perils=("flood",)),), {"cause": "flood"}, True),
        ((replace(HOME, perils=("hail",)),), {"cause": "flood"}, False),
    ],
)
def test_cover_bought_too_late_is_told_where_it_would_have_covered(
    covers: tuple[Cover, ...],
    changes: dict[str, Any],
    told: bool,  # noqa: FBT001 - a case's answer
) -> None:
    late = replace(
        VERSION, number=2, recorded_on=date(2026, 11, 16), recorded_at=datetime(2026, 11, 16, tzinfo=UTC), covers=covers
    )

    found = finding(replace(COVERED, policy=replace(POLICY, versions=(VERSION, late)), **changes), "COV-01")

    assert ("was recorded on 16 November 2026, after the loss" in found.text_en) is told


def test_addresses_are_one_with_nine_letters_in_ten_alike() -> None:
    assert cov.same_address("Str. Primaverii", "Str. Primavesii")
    assert not cov.same_address("Str. Primaveri", "Str. Primavesi")


def test_thing_that_is_not_insured_is_named_by_what_it_is_known_by() -> None:
    policy = replace(POLICY, things=(Thing(plate="B 1 A", vin="V", address="Str. Florilor 5"),))

    for thing, name in (
        (Thing(plate="B 2 A", vin="W"), "B 2 A"),
        (Thing(vin="W", address="Str. Lungă 1"), "W"),
        (Thing(address="Str. Lungă 1"), "Str. Lungă 1"),
    ):
        assert finding(replace(COVERED, policy=policy, thing=thing), "COV-05").subject == name


@pytest.mark.parametrize(
    ("unit", "changes", "found"),
    [
        ("hours", {"loss_at": datetime(2026, 11, 14, 9, tzinfo=UTC)}, False),  # not known by the hour when it was told
        ("hours", {"reported_at": datetime(2026, 11, 16, 9, tzinfo=UTC)}, False),
        (
            "calendar",
            {"loss_at": datetime(2026, 11, 14, 9, tzinfo=UTC), "reported_at": datetime(2026, 11, 16, 12, tzinfo=UTC)},
            False,
        ),
        ("calendar", {"report_until": date(2026, 11, 15)}, True),
    ],
)
def test_only_terms_in_hours_are_judged_by_the_hour(unit: str, changes: dict[str, Any], found: bool) -> None:  # noqa: FBT001 - a case's answer
    changes = {"report_until": date(2026, 11, 17)} | changes
    told = replace(with_version(notice_days=3, notice_unit=unit), **changes)

    assert ("DAT-03" in codes(told)) is found


def test_every_version_recorded_too_late_is_told_of_a_day_without_cover() -> None:
    late = [
        replace(VERSION, number=n, recorded_on=date(2026, 11, n), recorded_at=datetime(2026, 11, n, tzinfo=UTC))
        for n in (16, 17)
    ]

    found = finding(replace(COVERED, policy=replace(POLICY, versions=tuple(late))), "DAT-02")

    assert found.text_en == (
        "On 14 November 2026 the policy was not in force in any version known then."
        " A version effective from 1 March 2026 was recorded on 16 November 2026, after the loss, and creates no cover."
        " A version effective from 1 March 2026 was recorded on 17 November 2026, after the loss, and creates no cover."
    )


@pytest.mark.parametrize(
    ("rules", "when"), [(("valid_on:loss_date",), "on the day of loss"), (("not_expired",), "now")]
)
def test_expired_paper_says_when_it_should_have_been_valid(rules: tuple[str, ...], when: str) -> None:
    expired = Paper(item="claim_form", expires_on=date(2026, 11, 1))

    found = finding(replace(COVERED, items=(replace(FORM, checks=rules),), papers=(expired,)), "DOC-05")

    assert found.inputs["must_be_valid"] == when


@pytest.mark.parametrize(
    ("language", "found"), [("ro-RO", set()), ("en-GB", set()), ("de-AT", {"DOC-08"}), ("", set())]
)
def test_a_countrys_way_of_writing_is_the_language(language: str, found: set[str]) -> None:
    assert codes(replace(COVERED, papers=(Paper(item="claim_form", language=language),))) == found


@pytest.mark.parametrize(
    ("changes", "rules", "found"),
    [
        ({"claimant": ION}, ("name_matches:insured",), {"DOC-06"}),  # nobody else is insured: it is about the claimant
        ({"claimant": ION, "about_death": True}, ("name_matches:insured",), set()),
        ({"claimant": ION}, (), set()),  # the policy's holder
        ({"claimant": ION, "policy": replace(POLICY, holder=ION)}, (), {"DOC-06"}),
        ({"claimant": ION, "policy": replace(POLICY, holder=ION, insured=(MARIA,))}, (), set()),
        ({"claimant": ION, "policy": replace(POLICY, holder=ION), "payee": "Maria Popescu"}, (), set()),
        ({"claimant": ION, "policy": replace(POLICY, holder=ION), "payee": "Ana Pop"}, (), {"DOC-06"}),
        (
            {"claimant": ION, "policy": replace(POLICY, holder=ION),
             "reporter": Reporter(name="Maria Popescu", has_authority=True)},
            (),
            set(),
        ),
        ({"claimant": ION, "policy": None, "needs_policy": False}, (), {"DOC-06"}),
        ({"claimant": MARIA, "policy": None, "needs_policy": False}, (), set()),
    ],
)  # fmt: skip
def test_paper_may_be_in_the_name_of_whoever_has_a_part_in_the_claim(
    changes: dict[str, Any], rules: tuple[str, ...], found: set[str]
) -> None:
    paper = Paper(item="claim_form", person="Maria Popescu")

    facts = replace(COVERED, items=(replace(FORM, checks=rules),), papers=(paper,), **changes)

    assert codes(facts) - {"ID-04"} == found


def test_paper_without_a_name_is_nobody_elses() -> None:
    assert codes(replace(COVERED, papers=(Paper(item="claim_form", person=""),))) == set()


def test_number_written_in_groups_is_judged_by_all_its_digits() -> None:
    assert not ids.number("cnp", "196 080 140 0018").valid


def test_lapsed_policy_without_a_paid_day_has_no_grace() -> None:
    assert "POL-03" in codes(with_version(status="lapsed", grace_days=30))


def test_approval_is_told_of_everything_that_stands_in_its_way() -> None:
    found = finding(replace(COVERED, proposal=PROPOSAL, cause="flood", loss_country="FR"), "PRO-01")

    assert found.text_en == "Decision 1 approves while COV-01, COV-03 still stand in the way."
    assert found.text_ro == "Decizia 1 aprobă, deși există încă impedimente: COV-01, COV-03."


def test_cover_that_has_paid_its_losses_pays_not_even_a_hundredth() -> None:
    free = replace(HOME, frequency=1, deductible=Deductible())
    spent = (Spent(coverage="home", amount=500),)
    one = replace(COVERED.expenses[0], unit=1, total=1)

    result = reckoned(replace(with_version(covers=(free,)), expenses=(one,), total=1, spent=spent))

    assert [(cut.code, cut.limit, cut.asked, cut.losses) for cut in result.cuts] == [("LIM-02", 0, 1, 1)]
    assert (result.amount, [step.what for step in result.steps]) == (0, ["items", "frequency"])


@pytest.mark.parametrize(("total", "below"), [(1, True), (29999, True), (30000, True), (30001, False)])
def test_whatever_the_deductible_leaves_nothing_of_is_below_it(total: int, below: bool) -> None:  # noqa: FBT001 - a case's answer
    one = replace(COVERED.expenses[0], unit=total, total=total)

    assert ("LIM-04" in codes(replace(COVERED, expenses=(one,), total=total))) is below


@pytest.mark.parametrize(("total", "steps"), [(0, []), (-500, [("items", -500), ("zero", 500)])])
def test_nothing_is_deducted_from_nothing_and_less_than_nothing_is_nothing(
    total: int, steps: list[tuple[str, int]]
) -> None:
    one = replace(COVERED.expenses[0], unit=total, total=total)

    result = reckoned(replace(COVERED, expenses=(one,), total=total))

    assert (result.amount, result.deducted) == (0, 0)
    assert [(step.what, step.amount) for step in result.steps] == steps


def test_total_of_a_benefit_without_a_policy_is_asked_under_no_coverage() -> None:
    benefit = replace(COVERED, policy=None, needs_policy=False, expenses=(), total=500)

    assert [(each.coverage, each.total) for each in asked(benefit)] == [("", 500)]
    assert reckoned(benefit).amount == 500


def test_coverages_that_count_are_those_asked_under_else_those_of_the_cause() -> None:
    def names(facts: Facts) -> list[str]:
        return [each.code for each in relevant(facts)]

    assert names(two_covers(expenses=())) == ["home"]
    assert names(two_covers(expenses=(), cause="flood")) == ["garden"]
    assert names(two_covers(expenses=(), cause="hail")) == ["home", "garden"]
    assert names(two_covers(expenses=(replace(EUR, coverage="garden"),))) == ["garden"]
    assert names(two_covers(expenses=(replace(EUR, coverage="boat"),))) == []


def test_perils_are_one_word_however_they_are_written() -> None:
    assert [word(each) for each in ("Water pipe", " water-pipe ", "WATER_ PIPE")] == ["water_pipe"] * 3

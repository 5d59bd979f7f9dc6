"""Scenarios S14 and S15, through the commands and the desk, at a given moment; and what `evaluate` says to people."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from inbox import desk
from tests.inbox.cover_desk import MONDAY, CoverDesk
from tests.installation import WORLD
from tickets.errors import GuardError
from tickets.references import make

CLAIM_A = "CLM26-004711-58"
CLAIM_C = "CLM26-000091-47"
FLOODED = make("CLM", 2026, 4740)
SCENARIOS: dict[str, Any] = json.loads(WORLD.read_text(encoding="utf-8"))
[HOME, _RCA] = SCENARIOS["policies"]
[A, _B, C] = SCENARIOS["claims"]
NORD = {"issuer_tax_id": "27041363", "number": "NORD 4711", "total_minor": 245000}
LINES = [
    {"coverage": "home", "description": words, "qty": 1, "unit_minor": total, "total_minor": total}
    for words, total in (("floor", 120000), ("wall", 85000), ("paint", 40000))
]


@pytest.fixture
def office(tmp_path: Path, store_url: str) -> Iterator[CoverDesk]:
    with CoverDesk.new(tmp_path, store_url) as desk:
        yield desk


def codes(result: dict[str, Any], state: str = "open") -> set[str]:
    return {finding["code"] for finding in result["findings"] if finding["state"] == state}


def flooded(office: CoverDesk) -> None:
    claim = {**A, "ref": FLOODED, "cause": "flood", "state": "in_review", "documents": "complete", "lines": LINES}
    office.load({"claims": [claim]})


def endorsed(office: CoverDesk) -> None:
    """Flood is added from 1 November, and that is recorded on Monday 16 November."""
    policy = deepcopy(HOME)
    version = deepcopy(policy["versions"][0])
    version.update(effective_from="2026-11-01", recorded_at="2026-11-16T09:00:00+02:00")
    version["coverages"][0]["perils"].append("flood")
    policy["versions"].append(version)
    office.load({"policies": [policy]})


def test_s14_flood_is_not_covered_and_blocks(office: CoverDesk) -> None:
    flooded(office)

    result = office.evaluate(FLOODED)

    [finding] = [each for each in result["findings"] if each["code"] == "COV-01"]
    assert (finding["severity"], finding["clause"], finding["state"]) == ("block", "3.1", "open")
    assert (result["policy_version"], result["recommendation"]) == (1, "deny")
    assert result["payable"]["amount"] == "0.00"


def test_s14_endorsement_recorded_after_the_loss_creates_no_cover_and_both_dates_are_named(office: CoverDesk) -> None:
    flooded(office)
    endorsed(office)

    result = office.evaluate(FLOODED, "--language", "en")

    [finding] = [each for each in result["findings"] if each["code"] == "COV-01"]
    assert "effective from 1 November 2026" in finding["text"]
    assert "recorded on 16 November 2026" in finding["text"]
    assert finding["inputs"]["recorded_later"] == [{"effective_from": "2026-11-01", "recorded_on": "2026-11-16"}]
    assert result["policy_version"] == 1


def test_s14_supervisor_overrides_with_a_reason_that_is_kept_and_ana_may_not(office: CoverDesk) -> None:
    flooded(office)
    endorsed(office)
    app = office.app()
    about = {"code": "COV-01", "subject": office.finding(FLOODED, "COV-01").subject}

    with pytest.raises(GuardError):
        desk.set_aside(app, FLOODED, **about, staff=office.staff("Ana Ionescu"), reason="he meant to")
    desk.set_aside(app, FLOODED, **about, staff=office.staff("Radu Stan"), reason="ordered by telephone on 30 October")

    kept = office.finding(FLOODED, "COV-01")
    assert (kept.state, kept.reason) == ("overridden", "ordered by telephone on 30 October")
    result = office.evaluate(FLOODED)
    assert codes(result, "overridden") == {"COV-01"}
    assert result["payable"]["amount"] == "2150.00"


def test_s15_items_and_stated_total_are_ninety_lei_apart(office: CoverDesk) -> None:
    office.load({"claims": [{**A, "lines": LINES, "total_minor": 254000}]})

    result = office.evaluate(CLAIM_A, "--language", "en")

    [finding] = [each for each in result["findings"] if each["code"] == "AMT-01"]
    assert (finding["inputs"]["items_total"], finding["inputs"]["stated_total"]) == ("2450.00", "2540.00")
    assert finding["inputs"]["difference"] == "90.00"
    assert "2,450.00 lei" in finding["text"]
    assert "90.00 lei" in finding["text"]


def test_s15_invoice_paid_in_another_claim_blocks_and_is_named(office: CoverDesk) -> None:
    office.load({"claims": [{**C, "invoices": [NORD]}]})
    office.load(
        {
            "claims": [
                {**A, "lines": LINES, "invoices": [{**NORD, "issuer_tax_id": "RO 27041363", "number": "Nord-4711"}]}
            ]
        }
    )

    result = office.evaluate(CLAIM_A, "--stage", "payment")

    [finding] = [each for each in result["findings"] if each["code"] == "DUP-02"]
    assert (finding["severity"], finding["resolver"]) == ("block", "supervisor")
    assert finding["inputs"]["claims"] == finding["inputs"]["paid_in"] == [CLAIM_C]
    assert CLAIM_C in finding["text"]


def test_what_is_printed_for_people_names_clause_inputs_and_steps(office: CoverDesk) -> None:
    flooded(office)

    explained = office.run("evaluate", FLOODED, "--explain", "--language", "en")

    assert (explained.returncode, explained.stdout) == (0, "")
    for word in ("COV-01", "3.1", "flood", "not_payable", "-2150.00", "rules"):
        assert word in explained.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("CLM26-004711-85",), 1), (("nothing",), 1), ((CLAIM_A, "--stage", "later"), 2), (("clm26 004711 58",), 0)],
)
def test_evaluate_ends_as_promised(office: CoverDesk, arguments: tuple[str, ...], code: int) -> None:
    assert office.run("evaluate", *arguments, "--json").returncode == code


def test_moment_given_is_the_moment_judged_by(office: CoverDesk) -> None:
    day_before = MONDAY.replace(day=13)

    assert "DAT-01" in codes(office.evaluate(CLAIM_A, at=day_before))
    assert "DAT-01" not in codes(office.evaluate(CLAIM_A))


def test_default_stage_is_the_next_one_and_another_may_be_named(office: CoverDesk) -> None:
    assert {each["key"] for each in office.evaluate(CLAIM_A)["missing"]} == {"owners_assoc", "repair_estimate"}
    assert office.evaluate(CLAIM_A, "--stage", "fnol")["missing"] == []


def test_shape_is_exactly_the_contracts(office: CoverDesk) -> None:
    flooded(office)

    result = office.evaluate(FLOODED)

    assert list(result) == [
        "claim", "policy_version", "findings", "missing", "payable", "recommendation", "rules_version",
    ]  # fmt: skip
    assert set(result["findings"][0]) == {"code", "severity", "text", "clause", "inputs", "state", "resolver"}
    assert set(result["payable"]) == {"amount", "currency", "steps"}
    assert set(result["payable"]["steps"][0]) == {"what", "amount", "why"}


def test_replay_of_a_claim_without_decisions_ends_well(office: CoverDesk) -> None:
    assert office.run("replay", CLAIM_A).returncode == 0
    assert office.run("replay", "CLM26-004711-85").returncode == 1

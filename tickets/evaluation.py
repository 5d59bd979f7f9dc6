"""Evaluation: what the checks find, what is missing, what is payable and what they recommend; nothing is decided here.

Pure: the same facts and stage give the same result, which is what `basis` keeps of a decision and `recompute` repeats.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from tickets import checks, payable
from tickets import facts as known
from tickets.catalogue import Stage
from tickets.checks.doc import due
from tickets.checks.finding import Finding, plain
from tickets.facts import OPEN, Facts, Item
from tickets.models.findings import FindingState, Severity
from tickets.payable import Step


class Recommendation(StrEnum):
    """What the findings come to. A proposal: no rule denies, a person decides."""

    APPROVE = "approve"
    PARTIAL = "partial"
    DENY = "deny"
    ASK = "ask"
    ESCALATE = "escalate"


#: While one of these is open, which policy pays is not known, and so neither is how much.
UNDEFINED = frozenset({"POL-01", "POL-02"})
#: While one of these is open, nothing is payable. Every other block holds the release, not the calculation.
NOTHING_PAYABLE = frozenset(
    {
        "POL-03", "POL-04", "DAT-01", "DAT-02", "COV-01", "COV-03", "COV-04", "COV-05", "COV-06", "LIM-04", "AMT-03",
    }
)  # fmt: skip
#: Of these, what the customer or the representative can put right, so that asking comes before denying.
_TO_BE_ASKED = frozenset({"DAT-01", "AMT-03"})
_CUTS = frozenset({"LIM-01", "LIM-02", "LIM-03"})
_OTHERS_DECIDE = frozenset({"supervisor", "siu", "four_eyes"})
_TWICE = "DUP-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """How much, and how it came about; the steps add up to the amount."""

    amount: int
    currency: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The result for one claim at one stage."""

    claim: str
    stage: Stage
    policy_version: int | None
    findings: tuple[Finding, ...]
    missing: tuple[Item, ...]
    payable: Payable | None  #: None where it is not defined.
    recommendation: Recommendation
    rules_version: str

    @property
    def open_blocks(self) -> tuple[Finding, ...]:
        """What stands in the way."""
        return tuple(each for each in self.findings if each.is_open_block)


def evaluate(facts: Facts, stage: Stage) -> Evaluation:
    """Run every check on the facts and add up what they come to."""
    findings = tuple(checks.run(facts, stage))
    missing = tuple(item for item in due(facts, stage) if item.state in OPEN)
    amount = _payable(facts, findings)
    return Evaluation(
        claim=facts.claim,
        stage=stage,
        policy_version=facts.version.number if facts.version else None,
        findings=findings,
        missing=missing,
        payable=amount,
        recommendation=_recommend(findings, missing, amount),
        rules_version=rules_version(),
    )


def _payable(facts: Facts, findings: Iterable[Finding]) -> Payable | None:
    blocks = {each.code for each in findings if each.is_open_block}
    if blocks & UNDEFINED:
        return None
    reckoning = payable.reckon(facts)
    if reckoning is None:
        return None
    amount, steps = reckoning.amount, reckoning.steps
    stopped = sorted(blocks & NOTHING_PAYABLE)
    if stopped and amount:
        names = ", ".join(stopped)
        steps += (Step(what="not_payable", amount=-amount, why_en=f"open: {names}", why_ro=f"nerezolvat: {names}"),)
        amount = 0
    return Payable(amount=amount, currency=reckoning.currency, steps=steps)


def _recommend(findings: tuple[Finding, ...], missing: tuple[Item, ...], amount: Payable | None) -> Recommendation:
    """The first that fits: no cover; something to ask; something others decide; cut; all of it."""
    still = [each for each in findings if each.state is FindingState.OPEN]
    blocks = {each.code for each in still if each.severity is Severity.BLOCK}
    if amount is None or blocks & _TO_BE_ASKED:
        return Recommendation.ASK
    if blocks & NOTHING_PAYABLE:
        return Recommendation.DENY
    if missing or any(_asks(each) for each in still):
        return Recommendation.ASK
    if any(_is_for_others(each) for each in still):
        return Recommendation.ESCALATE
    return _by_amount(amount, {each.code for each in still})


def _asks(finding: Finding) -> bool:
    return finding.severity is Severity.BLOCK and finding.resolver == "rep" and finding.code != _TWICE


def _is_for_others(finding: Finding) -> bool:
    return finding.code == _TWICE or (finding.resolver in _OTHERS_DECIDE and finding.severity is not Severity.INFO)


def _by_amount(amount: Payable, codes: set[str]) -> Recommendation:
    if not amount.steps:
        return Recommendation.ASK  # nothing has been asked for yet
    if not amount.amount:
        return Recommendation.DENY
    return Recommendation.PARTIAL if codes & _CUTS else Recommendation.APPROVE


# --- what a decision was made from


@cache
def rules_version() -> str:
    """A fingerprint of everything that judges: the checks, the calculation, the catalogue and the claim types."""
    folder = Path(__file__).parent
    judges = [folder / f"{name}.py" for name in ("conditions", "cover", "evaluation", "facts", "likeness", "payable")]
    for pattern in ("checks/*.py", "catalogue/*.toml", "claim_types/*.toml"):
        judges += folder.glob(pattern)
    digest = hashlib.sha256()
    for file in sorted(judges):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def canonical(value: object) -> str:
    """The one way to write plain data: keys in order, no blanks, letters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(basis: Mapping[str, Any]) -> str:
    """The sha256 of a basis as `canonical` writes it."""
    return hashlib.sha256(canonical(basis).encode()).hexdigest()


def basis(facts: Facts, stage: Stage) -> dict[str, Any]:
    """What a decision was made from, as plain data: the facts as known, and the result."""
    return {
        "facts": known.as_json(facts),
        "stage": str(stage),
        "result": as_json(evaluate(facts, stage)),
        "rules_version": rules_version(),
    }


def recompute(basis: Mapping[str, Any]) -> dict[str, Any]:
    """The result that these facts give now."""
    return as_json(evaluate(known.from_json(basis["facts"]), Stage(basis["stage"])))


def as_json(evaluation: Evaluation, language: str | None = None) -> dict[str, Any]:
    """The result as plain data, in one language or, for a basis, in both; without the version of the rules."""
    amount = evaluation.payable
    return {
        "claim": evaluation.claim,
        "policy_version": evaluation.policy_version,
        "findings": [finding_json(each, language) for each in evaluation.findings],
        "missing": [
            {"key": each.key, "stage": str(each.stage), "state": str(each.state)} for each in evaluation.missing
        ],
        "payable": amount
        and {
            "amount": plain(amount.amount),
            "currency": amount.currency,
            "steps": [_step(each, language) for each in amount.steps],
        },
        "recommendation": str(evaluation.recommendation),
    }


def finding_json(finding: Finding, language: str | None) -> dict[str, Any]:
    """A finding as plain data, in one language or both."""
    words: object = finding.text(language) if language else {"en": finding.text_en, "ro": finding.text_ro}
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "text": words,
        "clause": finding.clause,
        "inputs": dict(finding.inputs),
        "state": str(finding.state),
        "resolver": finding.resolver,
    }


def _step(step: Step, language: str | None) -> dict[str, Any]:
    words: object = step.why_ro if language == "ro" else step.why_en
    return {
        "what": step.what,
        "amount": plain(step.amount),
        "why": words if language else {"en": step.why_en, "ro": step.why_ro},
    }

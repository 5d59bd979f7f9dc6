"""What the letters about a claim may say: one class a message (two for the decisions), its fields and how they read.

`letter.template` names the message, `letter.values(language)` are its values, to which the caller adds those of the
office and the addressee: name, office, office_short, office_address, phone, person, reference, list_by (which medium
carries the long text beside an SMS: email, letter or None), and for paper address_lines, code, large_print and today.
Words that are not ours (facts, notes, clauses) come in the letter's language: a caller makes one letter a language.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Protocol

from templates import Value
from templates.counts import counted
from templates.dates import day_month, long_date, short_date
from templates.money import amount

_REASONS = Path(__file__).parent / "reasons.toml"
#: Whom customers may turn to besides us, by the office's country.
_OUTSIDE: Mapping[str, Mapping[str, tuple[tuple[str, str], ...]]] = {
    "RO": {
        "en": (
            ("The Financial Supervisory Authority (ASF)", "asfromania.ro"),
            ("SAL-FIN, out-of-court settlement of disputes with insurers", "salfin.ro"),
        ),
        "ro": (
            ("Autoritatea de Supraveghere Financiară (ASF)", "asfromania.ro"),
            ("SAL-FIN, soluționarea alternativă a litigiilor cu asigurătorii", "salfin.ro"),
        ),
    }
}


class Letter(Protocol):
    """Anything that fills one message."""

    @property
    def template(self) -> str:
        """The message's name."""

    def values(self, language: str) -> dict[str, Value]:
        """Its own values, as read in `language`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Whole hundredths of a currency."""

    minor: int
    currency: str = "RON"

    def read(self, language: str) -> str:
        """Write the amount."""
        return amount(self.minor, self.currency, language)


class Outcome(StrEnum):
    """What was decided; the letter is `decision_<outcome>`."""

    APPROVE = "approve"
    PARTIAL = "partial"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of what was claimed."""

    what: str
    paid: Money
    claimed: Money | None = None
    note: str = ""  #: Why less is paid, one sentence.


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something is not paid: one of our D codes, and the clause it rests on, quoted."""

    code: str
    clause: str = ""  #: "Article 4.2 of the policy terms"; a denial must have one.
    quote: str = ""  #: Its text, word for word.
    words: str = ""  #: In place of our own sentence for the code.
    change: str = ""  #: In place of our own words on what would change it.

    def read(self, language: str) -> Value:
        """Say it in words."""
        ours = denial_words(self.code, language)
        return {
            "words": self.words or ours["words"],
            "clause": self.clause,
            "quote": self.quote,
            "change": self.change or ours["change"],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """decision_approve, decision_partial, decision_deny."""

    outcome: Outcome
    loss_date: date | None = None
    amount: Money | None = None  #: What we pay; none for a denial.
    claimed: Money | None = None
    lines: tuple[Line, ...] = ()
    deductible: Money | None = None
    reasons: tuple[Reason, ...] = ()  #: Of a denial and of the refused part.
    facts: tuple[str, ...] = ()  #: What the decision rests on, one sentence each.
    pay_to: str = ""  #: The account, masked: RO..0012; empty: we do not have it yet.
    pay_by: date | None = None
    appeal_by: date | None = None
    appeal_days: int | None = None  #: In how many days an appeal is answered.
    country: str = "RO"  #: Whose outside bodies are named.

    @property
    def template(self) -> str:
        """One message an outcome."""
        return f"decision_{self.outcome}"

    def values(self, language: str) -> dict[str, Value]:
        """Everything the three messages may say."""
        return {
            "amount": self.amount.read(language) if self.amount else None,
            "claimed": self.claimed.read(language) if self.claimed else None,
            "deductible": self.deductible.read(language) if self.deductible else None,
            "lines": [_line(each, language) for each in self.lines],
            "reasons": [each.read(language) for each in self.reasons],
            "facts": list(self.facts),
            "pay_to": self.pay_to or None,
            "loss_day": day_month(self.loss_date, language) if self.loss_date else None,
            "pay_by": _day(self.pay_by, language),
            "appeal_by": _day(self.appeal_by, language),
            "appeal_in": counted(self.appeal_days, "day", language) if self.appeal_days else None,
            "outside_bodies": outside_bodies(self.country, language),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """closing: C01 no answer, C02 withdrawn, C03 below the deductible, C04 merged into another claim."""

    closing_code: str
    asked_on: date | None = None
    missing: tuple[str, ...] = ()  #: Labels of what was still missing.
    other_reference: str = ""  #: The claim that goes on, of C04.
    template: str = "closing"

    def values(self, language: str) -> dict[str, Value]:
        """The closing's own values."""
        return {
            "closing_code": self.closing_code,
            "asked_on": day_month(self.asked_on, language) if self.asked_on else None,
            "missing": list(self.missing),
            "other_reference": self.other_reference,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """hand_over: who looks after a claim or a request from now on; a person or a department, or both."""

    new_person: str = ""
    department: str = ""
    why: str = ""  #: One whole sentence.
    is_claim: bool = True
    next_by: date | None = None
    template: str = "hand_over"

    def values(self, language: str) -> dict[str, Value]:
        """The hand-over's own values."""
        return {
            "new_person": self.new_person,
            "department": self.department,
            "why": self.why or None,
            "is_claim": self.is_claim,
            **_days("next_by", self.next_by, language),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAcknowledgement:
    """complaint_acknowledgement; `reference` is the complaint's own."""

    complained_on: date
    claim_reference: str = ""
    answer_by: date | None = None
    country: str = "RO"
    template: str = "complaint_acknowledgement"

    def values(self, language: str) -> dict[str, Value]:
        """The acknowledgement's own values."""
        return {
            "complained_on": day_month(self.complained_on, language),
            "claim_reference": self.claim_reference or None,
            **_days("answer_day", self.answer_by, language),
            "outside_bodies": outside_bodies(self.country, language),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAnswer:
    """complaint_answer; `outcome` is founded, partly or unfounded, `body` the person's own words."""

    complained_on: date
    outcome: str
    body: str
    remedy: str = ""
    claim_reference: str = ""
    country: str = "RO"
    template: str = "complaint_answer"

    def values(self, language: str) -> dict[str, Value]:
        """The answer's own values."""
        return {
            "complained_on": day_month(self.complained_on, language),
            "outcome": self.outcome,
            "body": self.body,
            "remedy": self.remedy or None,
            "claim_reference": self.claim_reference or None,
            "outside_bodies": outside_bodies(self.country, language),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseConfirmation:
    """promise_confirmation: by when the customer sends what is missing."""

    promised_by: date
    missing: tuple[str, ...] = ()
    upload_url: str = ""
    template: str = "promise_confirmation"

    def values(self, language: str) -> dict[str, Value]:
        """The confirmation's own values."""
        return {
            **_days("promised", self.promised_by, language, full="promised_day"),
            "missing": list(self.missing),
            "upload_url": self.upload_url or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTime:
    """more_time: why an answer comes later than the law's first day, and by when."""

    before: date  #: By when it was due.
    until: date
    reason: str  #: A person's own words, in the customer's language.
    is_claim: bool = True
    template: str = "more_time"

    def values(self, language: str) -> dict[str, Value]:
        """The message's own values."""
        return {
            "before": _day(self.before, language),
            "reason": self.reason,
            "is_claim": self.is_claim,
            **_days("until", self.until, language),
        }


class ClaimStage(StrEnum):
    """How far a claim is, as a customer needs to know it."""

    RECEIVED = "received"
    WAITING = "waiting"
    THIRD_PARTY = "third_party"
    REVIEW = "review"
    APPROVAL = "approval"
    DECIDED = "decided"
    PAYMENT = "payment"
    PAID = "paid"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAnswer:
    """status_answer: how a claim stands, what it waits for, when the customer hears from us."""

    stage: ClaimStage
    missing: tuple[str, ...] = ()
    next_by: date | None = None
    template: str = "status_answer"

    def values(self, language: str) -> dict[str, Value]:
        """The answer's own values."""
        return {
            "stage": str(self.stage),
            "missing": list(self.missing),
            **_days("next_by", self.next_by, language),
        }


def denial_words(code: str, language: str) -> Mapping[str, str]:
    """Give the customer's words for a denial code: `words` and `change`; `KeyError` names a code we do not have."""
    found: Mapping[str, str] = _reasons()[code]["ro" if language == "ro" else "en"]
    return found


def denial_codes() -> tuple[str, ...]:
    """Name the codes that have words, in order."""
    return tuple(_reasons())


def outside_bodies(country: str, language: str) -> list[Value]:
    """Name whom a customer of an office in `country` may turn to; empty where we know none."""
    bodies = _OUTSIDE.get(country, {}).get("ro" if language == "ro" else "en", ())
    return [{"name": name, "where": where} for name, where in bodies]


@cache
def _reasons() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(_REASONS.read_text(encoding="utf-8"))


def _line(line: Line, language: str) -> Value:
    return {
        "what": line.what,
        "claimed": line.claimed.read(language) if line.claimed else None,
        "paid": line.paid.read(language),
        "note": line.note or None,
    }


def _day(day: date | None, language: str) -> str | None:
    return long_date(day, language) if day else None


def _days(name: str, day: date | None, language: str, *, full: str = "") -> dict[str, Value]:
    """A day in full for a letter and short for an SMS."""
    return {full or name: _day(day, language), f"{name}_short": short_date(day, language) if day else None}

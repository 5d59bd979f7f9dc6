"""Facts: everything the checks and the calculation read of one claim, as it was known at one moment; plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from tickets.catalogue import ItemKind, Stage
from tickets.requirements import RequirementState

#: What is not settled yet, and so is missing.
OPEN = frozenset(RequirementState) - {
    RequirementState.ACCEPTED,
    RequirementState.WAIVED,
    RequirementState.NOT_APPLICABLE,
    RequirementState.SUPERSEDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A person's or company's number: masked, since a basis is kept for good, and what its check digits say."""

    kind: str  #: cnp | cui
    masked: str
    valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer as far as the checks need to know him."""

    id: str
    name: str
    is_person: bool = True
    birth_date: date | None = None
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A vehicle, home or item: insured by a policy, or what a claim is about; plate and VIN in their one form."""

    kind: str = ""
    plate: str | None = None
    vin: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deductible:
    """What the insured bears: an amount, or a percentage between a least and a most; amounts in minor units."""

    abs: int | None = None
    pct: Decimal | None = None
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """One coverage of a version; amounts in minor units of the version's currency."""

    code: str
    perils: tuple[str, ...] = ()  #: None named: every cause.
    limit_event: int | None = None
    limit_person: int | None = None
    limit_aggregate: int | None = None
    frequency: int | None = None  #: How many losses of one period are paid.
    sub_limits: Mapping[str, int] = field(default_factory=dict)
    deductible: Deductible = Deductible()
    waiting_days: int = 0
    territory: tuple[str, ...] = ()  #: In place of the version's, where given.
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """What a version does not cover, as a condition on facts."""

    code: str = ""
    when: str
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a policy said for a period, as recorded at a moment."""

    number: int
    effective_from: date
    effective_to: date  #: Inclusive.
    recorded_on: date  #: The office's day.
    recorded_at: datetime
    status: str = "active"
    premium_paid_to: date | None = None
    grace_days: int = 0
    territory: tuple[str, ...] = ()
    currency: str = "RON"
    covers: tuple[Cover, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    notice_days: int | None = None  #: The contract's term to report a loss, in its own unit.
    notice_unit: str = "calendar"

    def is_effective(self, day: date) -> bool:
        """Whether the period holds `day`."""
        return self.effective_from <= day <= self.effective_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A policy with everything recorded of it until now; which version decides follows from the loss."""

    ref: str
    holder: Person
    insured: tuple[Person, ...] = ()
    things: tuple[Thing, ...] = ()
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """One line asked for; amounts in minor units of its currency."""

    number: int  #: 1 is the first.
    coverage: str
    kind: str | None = None
    qty: Decimal = Decimal(1)
    unit: int
    total: int
    currency: str = "RON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A recorded rate of exchange: one unit of `source` is `rate` units of `target`."""

    source: str
    target: str
    rate: Decimal
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was paid under one coverage before, in minor units."""

    coverage: str
    amount: int
    claim: str = ""  #: Of ours; what an import brought is a loss of its own each time.


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """An invoice the claim rests on, and the other claims that rest on the same one."""

    issuer: str
    number: str
    total: int
    currency: str = "RON"
    elsewhere: tuple[str, ...] = ()  #: References of claims; this one's own, if it is listed twice.
    paid_in: tuple[str, ...] = ()  #: Those of them that have been paid.


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLoss:
    """Another claim under the same policy, about the same time."""

    claim: str
    state: str
    loss_date: date
    cause: str | None = None
    thing: Thing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SameFile:
    """A file of this claim that another claim has too, byte for byte or as a picture that looks the same."""

    document: int
    claim: str
    distance: int = 0  #: Bits that differ between the two pictures; 0 for the same bytes.
    exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where the money is to go; the number masked."""

    masked: str
    valid: bool
    holder: str = ""
    changed_on: date | None = None
    used_by: tuple[str, ...] = ()  #: Other customers' ids.
    cleared: bool = False  #: Called back on a number on file, and a second person agreed.


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who reported the loss, where it was not the claimant."""

    name: str = ""
    relation: str = ""
    has_authority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item the claim needs or may need, with its rules as they were when the facts were gathered."""

    key: str
    stage: Stage
    state: RequirementState
    kind: ItemKind = ItemKind.DOCUMENT
    en: str = ""
    ro: str = ""
    evidence: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    looked_up: bool = False  #: We find it ourselves: nobody is asked.
    reason: str | None = None  #: Why it was rejected.


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What is known of a document held for an item; None: nobody said."""

    item: str
    kind: str | None = None
    signed: bool | None = None
    legible: bool | None = None
    expires_on: date | None = None
    person: str | None = None  #: A name or a customer's id.
    pages_present: int | None = None
    pages_in_all: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A statutory clock that runs on the claim, and how far it has run."""

    key: str
    percent: int  #: 50, 75, 90 or 100: the last step reached.
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A decision that waits or stands: who made it, and whether that was within his authority."""

    number: int
    approves: bool
    amount: int
    currency: str
    proposed_by: int
    outside: tuple[str, ...] = ()  #: What was outside his authority: `amount`, reason codes.
    approved_by: tuple[int, ...] = ()
    approvals_needed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A payment and who has to do with it."""

    payment: str
    proposed_by: int | None
    approved_by: tuple[int, ...] = ()
    released_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A finding that a person with the authority has set aside; it holds while its inputs stay the same."""

    code: str
    subject: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One claim as known at one moment. Nothing in it is looked up again, so that a decision can be recomputed."""

    claim: str
    type: str
    line: str = ""
    state: str
    today: date  #: The office's day.
    needs_policy: bool = True  #: False for benefits and warranties, unless they name a policy.
    is_liability: bool = False  #: The claimant is the other side of the policy.
    is_personal: bool = False  #: Without another name, the claimant is the person insured.
    about_death: bool = False
    loss_date: date | None = None
    loss_at: datetime | None = None  #: Where the hour is known.
    reported_on: date | None = None
    reported_at: datetime | None = None
    report_until: date | None = None  #: The last day of the contract's term to report.
    cause: str | None = None
    cause_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)  #: What causes are called, in en and ro.
    loss_country: str | None = None
    known: Mapping[str, Any] = field(default_factory=dict)  #: What conditions ask about.
    policy_ref: str | None = None  #: As given.
    policy: Contract | None = None
    candidates: tuple[str, ...] = ()  #: Policies that may be meant, where none was found.
    claimant: Person | None = None
    insured: Person | None = None
    thing: Thing | None = None
    own_plate: str | None = None  #: The claimant's vehicle, as told.
    reporter: Reporter | None = None
    expenses: tuple[Expense, ...] = ()
    total: int | None = None  #: As stated, in `currency`.
    currency: str = "RON"
    rates: tuple[Rate, ...] = ()
    spent: tuple[Spent, ...] = ()
    bills: tuple[Bill, ...] = ()
    other_losses: tuple[OtherLoss, ...] = ()
    same_files: tuple[SameFile, ...] = ()
    account: Account | None = None
    payee: str | None = None  #: A name.
    items: tuple[Item, ...] = ()
    papers: tuple[Paper, ...] = ()
    languages: tuple[str, ...] = ("ro", "en")  #: What documents may be written in.
    terms: tuple[Term, ...] = ()
    cover_is_new: int = 30  #: Days (DAT-04).
    same_loss: int = 3  #: Days (DUP-01).
    proposal: Proposal | None = None
    release: Release | None = None
    overrides: tuple[Override, ...] = ()

    @cached_property
    def known_versions(self) -> tuple[Version, ...]:
        """The versions known at the loss, a later record in place of an earlier one of the same beginning."""
        if self.policy is None or self.loss_date is None:
            return ()
        latest: dict[date, Version] = {}
        for version in sorted(self.policy.versions, key=lambda each: each.recorded_at):
            if self._was_known(version):
                latest[version.effective_from] = version
        return tuple(sorted(latest.values(), key=lambda each: each.effective_from))

    def _was_known(self, version: Version) -> bool:
        """Recorded on or before the loss; by the hour where the loss has one."""
        if self.loss_at is not None:
            return version.recorded_at <= self.loss_at
        return self.loss_date is not None and version.recorded_on <= self.loss_date

    @cached_property
    def version(self) -> Version | None:
        """The version that decides: in force on the day of loss, as known then, recorded last."""
        if self.loss_date is None:
            return None
        held = [each for each in self.known_versions if each.is_effective(self.loss_date)]
        return max(held, key=lambda each: each.recorded_at, default=None)

    @cached_property
    def later_versions(self) -> tuple[Version, ...]:
        """Versions that would hold on the day of loss but were recorded after it: they create no cover."""
        if self.policy is None or self.loss_date is None:
            return ()
        day = self.loss_date
        return tuple(each for each in self.policy.versions if each.is_effective(day) and not self._was_known(each))

    def cause_name(self, cause: str, language: str) -> str:
        """A cause as people say it; its own word where nobody gave it a name."""
        en, ro = self.cause_names.get(cause, (cause, cause))
        return ro if language == "ro" else en


_ADAPTER = TypeAdapter(Facts)


def as_json(facts: Facts) -> dict[str, Any]:
    """Plain data for a basis; amounts with fractions and days as text."""
    dumped: dict[str, Any] = _ADAPTER.dump_python(facts, mode="json")
    return dumped


def from_json(data: Mapping[str, Any]) -> Facts:
    """The facts a basis holds; raises pydantic's `ValidationError` if they are none."""
    return _ADAPTER.validate_python(dict(data))

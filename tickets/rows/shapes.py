"""The shapes of an import's rows: what each may say, in which words; an unknown key is an error."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    Strict,
    StringConstraints,
    model_validator,
)

from tickets.conditions import parse
from tickets.errors import ConditionError
from tickets.messages import Medium
from tickets.models import ClaimState, ContactStatus, PartyKind, PolicyStatus, RequestState, Role
from tickets.office import Action

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST = 10**15  #: Minor units; far past any claim, well inside a database's integer.
_MOST_DAYS = 40_000
_NO_RESPONSE = "closed:no_response"


def _day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("there is no such day") from None
    raise ValueError("write a date as 2026-11-14")


def _when(value: object) -> date | datetime:
    if isinstance(value, str) and not _DAY.fullmatch(value.strip()):
        try:
            return datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("write a date as 2026-11-14 or a moment as 2026-11-14T10:00+02:00") from None
    return _day(value)


def _word(value: object) -> object:
    """`Payments clerk` and `payments-clerk` are payments_clerk."""
    return re.sub(r"[\s-]+", "_", value.strip().lower()) if isinstance(value, str) else value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _condition(text: str) -> str:
    try:
        parse(text)
    except ConditionError as error:
        raise ValueError(str(error)) from None
    return text


Day: TypeAlias = Annotated[date, BeforeValidator(_day)]
When: TypeAlias = Annotated[datetime | date, BeforeValidator(_when)]  #: A date is the start of that day at the office.
Minor: TypeAlias = Annotated[int, Strict(), Field(ge=-_MOST, le=_MOST)]
Days: TypeAlias = Annotated[int, Strict(), Field(ge=0, le=_MOST_DAYS)]
Text: TypeAlias = Annotated[str, StringConstraints(min_length=1)]
Currency: TypeAlias = Annotated[str, StringConstraints(to_upper=True, pattern=r"^[A-Za-z]{3}$")]
Texts: TypeAlias = Annotated[tuple[Text, ...], BeforeValidator(_one_or_many)]


class Shape(BaseModel):
    """One object of the file: frozen, no unknown keys; null says the same as leaving the key out."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: object) -> object:
        if not isinstance(given, Mapping) or None not in given.values():
            return given
        unknown = given.keys() - _names(cls)
        return {key: value for key, value in given.items() if value is not None or key in unknown}


def _names(shape: type[BaseModel]) -> set[str]:
    names = set(shape.model_fields)
    for each in shape.model_fields.values():
        names |= {each.alias} if each.alias else set()
        names |= set(each.validation_alias.choices) if isinstance(each.validation_alias, AliasChoices) else set()  # type: ignore[arg-type]  # ours are plain names
    return names


class StaffRow(Shape):
    """Somebody who works here; `role` is one word or several."""

    id: Text
    name: Text
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
    role: Annotated[tuple[Annotated[Role, BeforeValidator(_word)], ...], BeforeValidator(_one_or_many)]
    lines: Texts = ()


class Contact(Shape):
    """One e-mail address or phone of a customer."""

    value: Text
    shared: bool = False
    preferred: bool = False
    status: ContactStatus = ContactStatus.OK


class CustomerRow(Shape):
    """A person or organisation."""

    id: Text
    name: Text
    kind: PartyKind = PartyKind.PERSON
    birth_date: Day | None = None
    language: Annotated[str, StringConstraints(to_lower=True)] | None = None
    cnp: Text | None = None
    cui: Text | None = None
    emails: tuple[Contact, ...] = ()
    phones: tuple[Contact, ...] = ()
    postal: Text | None = None


class Asset(Shape):
    """What a policy insures, or what a claim is about."""

    kind: str = ""
    plate: Text | None = None
    vin: Text | None = None
    address: Text | None = None


class Deductible(Shape):
    """Nothing, an amount, or a percentage between a minimum and a maximum; amounts in minor units."""

    abs: Minor | None = None
    pct: Annotated[float, Field(ge=0, le=100)] | None = None
    min: Minor | None = None
    max: Minor | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Deductible":
        if self.abs is not None and (self.pct, self.min, self.max) != (None, None, None):
            raise ValueError("either abs, or pct with min and max")
        return self


class CoverageRow(Shape):
    """One cover of a version; amounts in minor units."""

    code: Text
    perils: Texts = ()
    limit_event: Minor | None = None
    limit_person: Minor | None = None
    limit_aggregate: Minor | None = None
    frequency: PositiveInt | None = None  #: How many losses of one period are paid.
    sub_limits: dict[str, Minor] = {}
    deductible: Deductible = Deductible()
    waiting_days: Days = 0
    territory: Texts = ()
    clause: str = ""


class Exclusion(Shape):
    """What is not covered, as a condition on the claim's facts."""

    code: str = ""
    when: Annotated[Text, AfterValidator(_condition)]
    clause: str = ""


class Notice(Shape):
    """By when a loss must be told; `day` is what is counted."""

    duration: Days
    day: str = "calendar"


class VersionRow(Shape):
    """What a policy says for a period, as recorded at a moment."""

    effective_from: Day
    effective_to: Day
    recorded_at: When
    status: PolicyStatus
    premium_paid_to: Day | None = None
    grace_days: Days = 0
    territory: Texts = ()
    currency: Currency = "RON"
    coverages: tuple[CoverageRow, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    notice: Notice | None = None


class PolicyRow(Shape):
    """One contract."""

    ref: Text
    product: str = ""
    line: Text
    holder: Text
    insured_persons: Texts = ()
    assets: tuple[Asset, ...] = ()
    versions: tuple[VersionRow, ...] = ()


class Line(Shape):
    """One expense of a claim."""

    coverage: Text
    description: str = ""
    qty: Decimal = Decimal(1)
    unit_minor: Minor
    total_minor: Minor
    currency: Currency | None = None
    kind: str | None = None


class Rate(Shape):
    """A rate of exchange that was recorded, and its day."""

    source: Annotated[Currency, Field(alias="from")]
    to: Currency
    rate: Annotated[Decimal, Field(gt=0)]
    date: Day


class Invoice(Shape):
    """An invoice a claim rests on."""

    issuer_tax_id: Text
    number: Text
    total_minor: Minor


class Paid(Shape):
    """What was paid under one cover before."""

    coverage: Text
    amount_minor: Minor


class BankAccount(Shape):
    """Where the money is to go; a wrong IBAN is kept, evaluation reports it."""

    iban: Text
    holder: str = ""
    changed_on: Day | None = None


class Reporter(Shape):
    """Who reported the loss for the claimant."""

    name: str = ""
    relation: str = ""
    authority_document: bool | str | None = None


class DocumentRow(Shape):
    """A document held for one item, or with `missing` that none is."""

    item: Text
    missing: bool = False
    kind: str | None = None
    signed: bool | None = None
    legible: bool | None = None
    expires_on: Day | None = None
    person: str | None = None
    pages: tuple[Days, Days] | None = None  #: Pages present, pages in all.
    language: str | None = None


class ClaimRow(Shape):
    """One loss that somebody asks us to pay for."""

    ref: Text
    type: Text
    policy: Text | None = None
    claimant: Text
    loss_date: When | None = None
    reported_on: When | None = None
    cause: Text | None = None
    state: ClaimState
    facts: dict[str, Any] = {}
    loss_country: Text | None = None
    insured_person: Text | None = None
    asset: Asset | None = None
    reporter: Reporter | None = None
    owner: Text | None = None
    lines: tuple[Line, ...] = ()
    total_minor: Minor | None = None
    currency: Currency | None = None
    fx: Rate | None = None
    invoices: tuple[Invoice, ...] = ()
    paid: tuple[Paid, ...] = ()
    bank_account: BankAccount | None = None
    payee: Text | None = None
    application_received_on: When | None = None
    merged_into: Text | None = None
    closed_reason: Annotated[str, StringConstraints(pattern=r"^[CD][0-9]{2}$")] | None = None
    documents: Literal["complete"] | tuple[DocumentRow, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_response(cls, given: object) -> object:
        """`closed:no_response` is closed with C01."""
        if isinstance(given, Mapping) and given.get("state") == _NO_RESPONSE:
            return {**given, "state": ClaimState.CLOSED, "closed_reason": given.get("closed_reason") or "C01"}
        return given


class DeliveryRow(Shape):
    """One way a request went; `message_id` is what it went out under (a mail's Message-ID, a text's Sid)."""

    medium: Annotated[
        Literal[Medium.EMAIL, Medium.SMS, Medium.LETTER],
        Field(validation_alias=AliasChoices("medium", "channel")),
    ]
    to: Text
    message_id: Text | None = None


class RequestRow(Shape):
    """A request for information that is with the customer, or was."""

    claim: Text
    no: Annotated[int, Strict(), Field(ge=1, le=9999)]
    tracking: Text | None = None
    state: RequestState
    sent_at: When | None = None
    delivered_at: When | None = None
    due_on: Day | None = None
    items: Annotated[tuple[Text, ...], Field(min_length=1)]
    deliveries: tuple[DeliveryRow, ...] = ()


class PaymentRow(Shape):
    """Money that went out, or is to go out, on a claim."""

    claim: Text
    payment: Text | None = None  #: Our own reference, as the file for the bank had it.
    amount_minor: Minor
    currency: Currency | None = None
    state: Annotated[str, BeforeValidator(_word)] | None = None
    paid_on: Day | None = None
    reason: str | None = None  #: Why the bank sent it back.


class ChecksTable(Shape):
    """`checks`: the margins of the checks."""

    dat04_days: Days | None = None
    duplicate_days: Days | None = None


class RequestsTable(Shape):
    """`requests`: who sends drafts, and how long customers have."""

    send: Literal["person", "auto"] | None = None
    due_days: Days | None = None
    ladder: tuple[Days, ...] | None = None


class AuthorityTable(Shape):
    """One entry of `authority`: what a role may do by itself; `max` is a decimal in major units."""

    role: Annotated[Role, BeforeValidator(_word)]
    line: str = "*"
    action: Annotated[Action, BeforeValidator(_word)]
    max: Decimal = Decimal(0)
    currency: Currency = "RON"
    codes: Texts = ()


class ReferenceTable(Shape):
    """One entry of `reference`: a policy number of our own."""

    kind: Literal["policy.own"] = "policy.own"
    pattern: Text
    canonical: str | None = None


class DeadlinesTable(Shape):
    """`deadlines`: which clocks run."""

    jurisdictions: Texts | None = None
    after_hours: Literal["next_day", "same_day"] | None = None


class SettingsTable(Shape):
    """`settings`: the configuration's tables that a world may bring along."""

    checks: ChecksTable | None = None
    requests: RequestsTable | None = None
    authority: tuple[AuthorityTable, ...] | None = None
    reference: tuple[ReferenceTable, ...] | None = None
    deadlines: DeadlinesTable | None = None

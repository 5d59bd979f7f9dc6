"""Claims, who takes part in them, what they ask for, and what their type requires."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.catalogue import Stage
from tickets.models.base import Key, Model
from tickets.models.parties import Party
from tickets.models.policies import Policy
from tickets.requirements import RequirementState


class ClaimState(StrEnum):
    """Where a claim stands (domain: states and guards)."""

    DRAFT = "draft"
    OPEN = "open"
    GATHERING = "gathering"
    IN_REVIEW = "in_review"
    DECISION_PENDING_APPROVAL = "decision_pending_approval"
    APPROVED = "approved"
    PARTIALLY_APPROVED = "partially_approved"
    DENIED = "denied"
    PAYMENT_ORDERED = "payment_ordered"
    PAID = "paid"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    DUPLICATE_OF = "duplicate_of"
    SIU_HOLD = "siu_hold"


#: States in which a claim takes no more work until somebody reopens it.
SETTLED = frozenset(
    {ClaimState.DENIED, ClaimState.PAID, ClaimState.CLOSED, ClaimState.WITHDRAWN, ClaimState.DUPLICATE_OF}
)


class Claim(Model, kw_only=True):
    """One loss that somebody asks us to pay for. Money in minor units."""

    __tablename__ = "claim"
    __table_args__ = (
        Index(None, "policy_id", "loss_date"),  # the same loss told twice (DUP-01)
        Index(None, "state", "type", "reported_on", "created_at"),  # a lead's figures
        Index(None, "type"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    ref: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    state: Mapped[ClaimState] = mapped_column(default=ClaimState.DRAFT)
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policy.id"), init=False)
    policy_ref: Mapped[str | None] = mapped_column(default=None)  #: As given; may name a policy that does not exist.
    claimant_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True, init=False)
    loss_date: Mapped[date | None] = mapped_column(default=None)
    loss_date_from: Mapped[str | None] = mapped_column(default=None)  #: The words a proposed date of loss rests on.
    reported_on: Mapped[date | None] = mapped_column(default=None)
    application_received_on: Mapped[datetime | None] = mapped_column(default=None)
    cause: Mapped[str | None] = mapped_column(default=None)
    loss_country: Mapped[str | None] = mapped_column(default=None)
    facts: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True, default=None)
    total_minor: Mapped[int | None] = mapped_column(BigInteger, default=None)
    currency: Mapped[str] = mapped_column(default="RON")
    closed_reason: Mapped[str | None] = mapped_column(default=None)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"), default=None)
    held_from: Mapped[ClaimState | None] = mapped_column(default=None)  #: Where a claim on SIU hold goes back to.
    record: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    """What an import brought and later parts read: asset, reporter, invoices, paid, bank_account, payee, documents."""
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(init=False, default=1)

    policy: Mapped[Policy | None] = relationship(default=None)
    claimant: Mapped[Party | None] = relationship(default=None)
    parties: Mapped[list["ClaimParty"]] = relationship(
        back_populates="claim", default_factory=list, cascade="all, delete-orphan"
    )
    vehicles: Mapped[list["ClaimVehicle"]] = relationship(default_factory=list, cascade="all, delete-orphan")
    lines: Mapped[list["ClaimLine"]] = relationship(
        back_populates="claim", default_factory=list, cascade="all, delete-orphan", order_by="ClaimLine.id"
    )
    invoices: Mapped[list["Invoice"]] = relationship(
        back_populates="claim", default_factory=list, cascade="all, delete-orphan", order_by="Invoice.id"
    )
    requirements: Mapped[list["Requirement"]] = relationship(
        back_populates="claim", default_factory=list, cascade="all, delete-orphan", order_by="Requirement.id"
    )

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class ClaimParty(Model, kw_only=True):
    """The part somebody takes in a claim: claimant, driver, injured, witness, representative, payee, garage."""

    __tablename__ = "claim_party"
    __table_args__ = (UniqueConstraint("claim_id", "party_id", "role"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), init=False)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True, init=False)
    role: Mapped[str]

    claim: Mapped[Claim] = relationship(back_populates="parties", default=None)
    party: Mapped[Party] = relationship(default=None)


class ClaimVehicle(Model, kw_only=True):
    """A vehicle a claim is about, as messages name it: the other driver's is on no policy of ours."""

    __tablename__ = "claim_vehicle"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True, init=False)
    plate_norm: Mapped[str | None] = mapped_column(index=True, default=None)
    vin: Mapped[str | None] = mapped_column(index=True, default=None)


class ClaimLine(Model, kw_only=True):
    """One expense asked for."""

    __tablename__ = "claim_line"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True, init=False)
    coverage: Mapped[str]
    description: Mapped[str]
    kind: Mapped[str | None] = mapped_column(default=None)
    qty: Mapped[str] = mapped_column(default="1")  #: A decimal as text: exact on both stores.
    unit_minor: Mapped[int] = mapped_column(BigInteger)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(default="RON")
    spent_on: Mapped[date | None] = mapped_column(default=None)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("message_file.id"), default=None)  #: What proves it.

    claim: Mapped[Claim] = relationship(back_populates="lines", default=None)


class Requirement(Model, kw_only=True):
    """One item a claim's type asks for, and how far it has come."""

    __tablename__ = "requirement"
    __table_args__ = (UniqueConstraint("claim_id", "item"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), init=False)
    item: Mapped[str]  #: Key in the catalogue of items.
    stage: Mapped[Stage]
    state: Mapped[RequirementState]
    because: Mapped[str] = mapped_column(default="")  #: The rule that asks for it.
    reason: Mapped[str | None] = mapped_column(default=None)  #: Why rejected or waived.
    decided_by: Mapped[str | None] = mapped_column(default=None)
    asked_count: Mapped[int] = mapped_column(default=0)

    claim: Mapped[Claim] = relationship(back_populates="requirements", default=None)


class Invoice(Model, kw_only=True):
    """An invoice a claim rests on, so that the same invoice is found wherever else it was handed in (DUP-02)."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("claim_id", "issuer_tax_id", "number_norm"),
        Index(None, "issuer_tax_id", "number_norm", "total_minor"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), init=False)
    issuer_tax_id: Mapped[str]  #: Digits alone, without RO.
    number: Mapped[str]  #: As printed.
    number_norm: Mapped[str]  #: Capitals and digits alone.
    total_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(default="RON")
    issued_on: Mapped[date | None] = mapped_column(default=None)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), default=None)

    claim: Mapped[Claim] = relationship(back_populates="invoices", default=None)

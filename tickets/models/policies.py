"""Policies, what was known of them when, their coverages, insured persons and assets."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.parties import Party


class PolicyStatus(StrEnum):
    """The state of a policy in one version."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PENDING = "pending"


class Policy(Model, kw_only=True):
    """One contract; what it says stands in its versions."""

    __tablename__ = "policy"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    ref: Mapped[str]
    ref_norm: Mapped[str] = mapped_column(unique=True)
    product: Mapped[str] = mapped_column(default="")
    line: Mapped[str]
    holder_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True, init=False)

    holder: Mapped[Party] = relationship(default=None)
    versions: Mapped[list["PolicyVersion"]] = relationship(
        back_populates="policy", default_factory=list, cascade="all, delete-orphan", order_by="PolicyVersion.id"
    )
    persons: Mapped[list["PolicyPerson"]] = relationship(
        back_populates="policy", default_factory=list, cascade="all, delete-orphan"
    )
    assets: Mapped[list["InsuredAsset"]] = relationship(
        back_populates="policy", default_factory=list, cascade="all, delete-orphan"
    )


class PolicyPerson(Model, kw_only=True):
    """A person insured by a policy beside its holder."""

    __tablename__ = "policy_person"
    __table_args__ = (UniqueConstraint("policy_id", "party_id", "role"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"), init=False)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True, init=False)
    role: Mapped[str] = mapped_column(default="insured")

    policy: Mapped[Policy] = relationship(back_populates="persons", default=None)
    party: Mapped[Party] = relationship(default=None)


class InsuredAsset(Model, kw_only=True):
    """A vehicle, a home, an item or a trip a policy insures."""

    __tablename__ = "insured_asset"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"), index=True, init=False)
    kind: Mapped[str]
    plate_norm: Mapped[str | None] = mapped_column(index=True, default=None)
    vin: Mapped[str | None] = mapped_column(index=True, default=None)
    address: Mapped[str | None] = mapped_column(default=None)

    policy: Mapped[Policy] = relationship(back_populates="assets", default=None)


class PolicyVersion(Model, kw_only=True):
    """What a policy said for a period of time, as recorded at a moment (bitemporal)."""

    __tablename__ = "policy_version"
    __table_args__ = (
        UniqueConstraint("policy_id", "effective_from", "recorded_at"),
        Index(None, "policy_id", "effective_from", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"), init=False)
    effective_from: Mapped[date]
    effective_to: Mapped[date]  #: Inclusive.
    recorded_at: Mapped[datetime]
    status: Mapped[PolicyStatus] = mapped_column(default=PolicyStatus.ACTIVE)
    premium_paid_to: Mapped[date | None] = mapped_column(default=None)
    grace_days: Mapped[int] = mapped_column(default=0)
    territory: Mapped[list[Any]] = mapped_column(default_factory=list)
    currency: Mapped[str] = mapped_column(default="RON")
    exclusions: Mapped[list[Any]] = mapped_column(default_factory=list)  #: {code, when, clause}
    notice: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)  #: {duration, day}

    policy: Mapped[Policy] = relationship(back_populates="versions", default=None)
    coverages: Mapped[list["Coverage"]] = relationship(
        back_populates="version", default_factory=list, cascade="all, delete-orphan", order_by="Coverage.id"
    )


class Coverage(Model, kw_only=True):
    """One cover of a version. Money in minor units of the version's currency."""

    __tablename__ = "coverage"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"), index=True, init=False)
    code: Mapped[str]
    perils: Mapped[list[Any]] = mapped_column(default_factory=list)
    limit_event: Mapped[int | None] = mapped_column(BigInteger, default=None)
    limit_person: Mapped[int | None] = mapped_column(BigInteger, default=None)
    limit_aggregate: Mapped[int | None] = mapped_column(BigInteger, default=None)
    frequency: Mapped[int | None] = mapped_column(default=None)  #: How many losses of one period are paid.
    sub_limits: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    deductible: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    waiting_days: Mapped[int] = mapped_column(default=0)
    territory: Mapped[list[Any]] = mapped_column(default_factory=list)  #: In place of the version's, where given.
    clause: Mapped[str] = mapped_column(default="")

    version: Mapped[PolicyVersion] = relationship(back_populates="coverages", default=None)

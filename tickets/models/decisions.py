"""Decisions, what each was made from, and who approved it; the store refuses who approves his own proposal."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.claims import Claim


class DecisionKind(StrEnum):
    """What was decided."""

    APPROVE = "approve"
    PARTIAL = "partial"
    DENY = "deny"
    CLOSE = "close"
    WITHDRAW = "withdraw"


class DecisionState(StrEnum):
    """`RETURNED` goes back to the proposer with a note; `OVERTURNED` by a founded complaint or a reopening."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    RETURNED = "returned"
    OVERTURNED = "overturned"
    SUPERSEDED = "superseded"


class Decision(Model, kw_only=True):
    """One determination of a claim. `basis` holds the inputs and the result of the evaluation it was made from."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("claim_id", "number"),
        UniqueConstraint("id", "proposed_by_id"),  # what an approval refers to, so that the store can compare the two
        Index(None, "decided_at", "claim_id"),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), init=False)
    number: Mapped[int]  #: 1 for the claim's first.
    kind: Mapped[DecisionKind]
    state: Mapped[DecisionState] = mapped_column(default=DecisionState.PROPOSED)
    amount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(default="RON")
    code: Mapped[str | None] = mapped_column(default=None)  #: D01-D17 of a denial, C01-C04 of a closing.
    refused: Mapped[list[Any]] = mapped_column(default_factory=list)  #: Parts: {amount_minor, code, clause, facts}.
    clause: Mapped[str | None] = mapped_column(default=None)
    facts: Mapped[str] = mapped_column(default="")  #: The facts relied on, as the letter tells them.
    note: Mapped[str | None] = mapped_column(default=None)
    basis: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, deferred=True)
    basis_sha256: Mapped[str]
    rules_version: Mapped[str]
    approvals_needed: Mapped[int] = mapped_column(default=0)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), default=None)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), default=None)

    claim: Mapped[Claim] = relationship(default=None)
    approvals: Mapped[list["Approval"]] = relationship(
        back_populates="decision", default_factory=list, cascade="all, delete-orphan", order_by="Approval.id"
    )


class Approval(Model, kw_only=True):
    """What a second person said to a proposed decision."""

    __tablename__ = "approval"
    __table_args__ = (
        UniqueConstraint("decision_id", "staff_id"),
        ForeignKeyConstraint(["decision_id", "proposed_by_id"], ["decision.id", "decision.proposed_by_id"]),
        CheckConstraint("staff_id <> proposed_by_id", name="four_eyes"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    decision_id: Mapped[int] = mapped_column(init=False)
    proposed_by_id: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    approved: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

    decision: Mapped[Decision] = relationship(back_populates="approvals", default=None)

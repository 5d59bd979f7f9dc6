"""Findings: what the checks saw in a claim, with inputs and words, and who settled it how."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.claims import Claim


class Severity(StrEnum):
    """What a finding does to the claim: stop a decision or a payment, warn, or inform."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


class FindingState(StrEnum):
    """`OVERRIDDEN` by a person with the authority, who gave a reason."""

    OPEN = "open"
    RESOLVED = "resolved"
    OVERRIDDEN = "overridden"


class FindingRow(Model, kw_only=True):
    """One thing a check saw; the same code on the same subject is the same row for the life of the claim."""

    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("claim_id", "code", "subject"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), init=False)
    code: Mapped[str]  #: `COV-01`.
    subject: Mapped[str] = mapped_column(default="")  #: Where one code can speak twice: an item, a line.
    severity: Mapped[Severity]
    state: Mapped[FindingState] = mapped_column(default=FindingState.OPEN)
    text_en: Mapped[str]
    text_ro: Mapped[str]
    clause: Mapped[str | None] = mapped_column(default=None)
    inputs: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    resolver: Mapped[str]
    rules_version: Mapped[str]
    found_at: Mapped[datetime]
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)  #: None: a check.
    reason: Mapped[str | None] = mapped_column(default=None)

    claim: Mapped[Claim] = relationship(default=None)

"""Bank accounts, changes of a customer's record, and payments; the store refuses who releases his own proposal."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.claims import Claim
from tickets.models.decisions import Decision
from tickets.models.parties import Party


class BankAccount(Model, kw_only=True):
    """Where a party is paid, since when, and how we know that it is theirs."""

    __tablename__ = "bank_account"
    __table_args__ = (Index(None, "iban"), Index(None, "party_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), init=False)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"), default=None)  #: The claim it was given for.
    iban: Mapped[str]  #: Capitals without blanks, as given: a wrong one is kept, ID-03 reports it.
    holder: Mapped[str] = mapped_column(default="")
    changed_on: Mapped[date | None] = mapped_column(default=None)  #: None: as far as we know, never.
    called_back_at: Mapped[datetime | None] = mapped_column(default=None)
    called_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    called_number: Mapped[str | None] = mapped_column(default=None)  #: A number that was on file before.
    agreed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    source: Mapped[str] = mapped_column(default="import")  #: form | call | letter | import; never mail or text.
    active: Mapped[bool] = mapped_column(default=True)

    party: Mapped[Party] = relationship(default=None)


class ChangeState(StrEnum):
    """How far a change of what we hold on a customer has come."""

    PROPOSED = "proposed"
    CALLED_BACK = "called_back"
    DONE = "done"
    REFUSED = "refused"


class AccountChange(Model, kw_only=True):
    """A customer's wish to change what we hold; a name and a bank account need a call back and four eyes."""

    __tablename__ = "account_change"
    __table_args__ = (CheckConstraint("agreed_by_id <> proposed_by_id", name="four_eyes"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True, init=False)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True, default=None)
    kind: Mapped[str]  #: address | name | contact | bank_account
    before: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    state: Mapped[ChangeState] = mapped_column(default=ChangeState.PROPOSED)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime]
    called_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    called_back_at: Mapped[datetime | None] = mapped_column(default=None)
    called_number: Mapped[str | None] = mapped_column(default=None)
    agreed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(default=None)

    party: Mapped[Party] = relationship(default=None)


class PaymentState(StrEnum):
    """From proposal to the money's arrival."""

    PROPOSED = "proposed"
    RELEASED = "released"
    SENT = "sent"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Payment(Model, kw_only=True):
    """Money that goes out on a claim. Money in minor units."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("released_by_id <> proposed_by_id", name="four_eyes"),
        Index(None, "claim_id", "state"),
        Index(None, "iban"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), init=False)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True, init=False)
    once: Mapped[str] = mapped_column(unique=True)  #: `CLM26-004711-58/P1`; the bank's end-to-end id.
    state: Mapped[PaymentState] = mapped_column(default=PaymentState.PROPOSED)
    payee: Mapped[str]
    iban: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(default="RON")
    coverage: Mapped[str | None] = mapped_column(default=None)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)  #: None: an import.
    proposed_at: Mapped[datetime]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    released_at: Mapped[datetime | None] = mapped_column(default=None)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("payment_file.id"), index=True, init=False)
    paid_on: Mapped[date | None] = mapped_column(default=None)
    returned_reason: Mapped[str | None] = mapped_column(default=None)

    claim: Mapped[Claim] = relationship(default=None)
    decision: Mapped[Decision | None] = relationship(default=None)
    file: Mapped["PaymentFile | None"] = relationship(default=None)


class PaymentFile(Model, kw_only=True):
    """One file handed to the bank: its payments were in it and in no other."""

    __tablename__ = "payment_file"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    name: Mapped[str] = mapped_column(unique=True)  #: The message id inside it.
    format: Mapped[str]  #: pain.001 | csv
    sha256: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

"""Information requests, their items, and the tokens by which an answer finds them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.claims import Claim, Requirement
from tickets.models.tickets import Message, Ticket


class RequestState(StrEnum):
    """`PARTIAL` is still open; `ANSWERED` when every item is received or settled."""

    DRAFT = "draft"
    OPEN = "open"
    PARTIAL = "partial"
    ANSWERED = "answered"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


#: States in which an answer may still come.
WAITING = (RequestState.OPEN, RequestState.PARTIAL)


class Request(Model, kw_only=True):
    """One request for everything a claim still lacks, asked on all media the customer allows."""

    __tablename__ = "request"
    __table_args__ = (
        UniqueConstraint("claim_id", "number"),
        Index(None, "state", "ladder_at"),
        Index(
            "uq_request_one_open",
            "claim_id",
            unique=True,
            sqlite_where=text("state in ('open', 'partial')"),
            postgresql_where=text("state in ('open', 'partial')"),
        ),
        Index(
            "uq_request_one_draft",
            "claim_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), init=False)
    number: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)  #: `CLM26-004711-58/R1`, the tracking number that must come back.
    state: Mapped[RequestState] = mapped_column(default=RequestState.DRAFT)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    delivered_at: Mapped[datetime | None] = mapped_column(
        default=None
    )  #: The first delivery; a pause counts from here.
    due_on: Mapped[date | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    ladder_step: Mapped[int] = mapped_column(default=0)  #: How many reminders and steps after the request were taken.
    ladder_at: Mapped[datetime | None] = mapped_column(default=None)  #: The next one; None: the ladder has stopped.
    ladder_stopped: Mapped[str | None] = mapped_column(default=None)  #: answered, bounced, opted_out, complaint ...
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True, init=False)
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"), init=False)

    claim: Mapped[Claim] = relationship(default=None)
    ticket: Mapped[Ticket | None] = relationship(default=None)
    superseded_by: Mapped["Request | None"] = relationship(remote_side="Request.id", default=None)
    items: Mapped[list["RequestItem"]] = relationship(
        back_populates="request", default_factory=list, cascade="all, delete-orphan", order_by="RequestItem.position"
    )


class RequestItem(Model, kw_only=True):
    """One line of a request; its state is the requirement's, this remembers how it was put."""

    __tablename__ = "request_item"
    __table_args__ = (UniqueConstraint("request_id", "requirement_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), init=False)
    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id"), index=True, init=False)
    position: Mapped[int]
    question: Mapped[str | None] = mapped_column(
        default=None
    )  #: The unknown fact it asks about, for an item that may be needed.
    answered_by_message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), init=False)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)

    request: Mapped[Request] = relationship(back_populates="items", default=None)
    requirement: Mapped[Requirement] = relationship(default=None)
    answered_by: Mapped[Message | None] = relationship(default=None)


class HeldRequest(Model, kw_only=True):
    """What sending a request changed, to take it back exactly while it is held; rows as `tickets.pictures` has them."""

    __tablename__ = "held_request"

    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), primary_key=True)
    changes: Mapped[list[Any]] = mapped_column(default_factory=list)


class ReplyToken(Model, kw_only=True):
    """A keyed token in a reply address: who was written to, about what."""

    __tablename__ = "reply_token"

    token: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), init=False)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"), index=True, init=False)
    party_id: Mapped[int | None] = mapped_column(
        ForeignKey("party.id"), default=None
    )  #: None: written to an address, not to a customer.
    address: Mapped[str]  #: Where the token was sent.
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    proofs_failed: Mapped[int] = mapped_column(default=0)  #: Wrong second proofs on the upload page.

    ticket: Mapped[Ticket] = relationship(default=None)
    request: Mapped[Request | None] = relationship(default=None)

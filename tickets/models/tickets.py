"""Tickets, the messages on them, the files they bring, and the links with their evidence."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.messages import Medium, MessageKind, Sender, Trust
from tickets.models.arrivals import Arrival
from tickets.models.base import Key, Model, Plain
from tickets.models.claims import Claim, Requirement
from tickets.models.parties import Party


class TicketState(StrEnum):
    """Where the work on a conversation stands."""

    NEW = "new"
    TRIAGED = "triaged"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD_PARTY = "waiting_third_party"
    WAITING_INTERNAL = "waiting_internal"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"
    DISCARDED = "discarded"


class Ticket(Model, kw_only=True):
    """One customer matter, from first contact to answer."""

    __tablename__ = "ticket"
    __table_args__ = (
        # What the lists read, and all that their counts ask: neither opens the rows of tickets it does not show.
        Index(
            "ix_ticket_list", "state", "last_message_at", "id", "snoozed_until", "restricted", "owner_id", "claim_id"
        ),
        Index(None, "owner_id", "state"),
        Index(None, "kind"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    ref: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(default="general_question")  #: The first intent of its first message.
    queue: Mapped[str] = mapped_column(default="claims.intake")
    subject: Mapped[str] = mapped_column(default="")
    state: Mapped[TicketState] = mapped_column(default=TicketState.NEW)
    priority: Mapped[int] = mapped_column(default=4)  #: 1 is the highest.
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"), index=True, init=False)
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True, init=False)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    verified: Mapped[bool] = mapped_column(default=False)  #: Facts of the claim may be told to who writes here.
    next_contact_on: Mapped[date | None] = mapped_column(default=None)
    opened_at: Mapped[datetime]
    last_message_at: Mapped[datetime]
    unread: Mapped[bool] = mapped_column(default=True)  #: Something came in that nobody has answered or looked at.
    escalated: Mapped[bool] = mapped_column(default=False)  #: A flag and a change of owner, not a state.
    restricted: Mapped[bool] = mapped_column(default=False)  #: Fraud tips and legal notices: SIU and legal alone.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), default=None)
    snoozed_until: Mapped[datetime | None] = mapped_column(default=None)  #: Out of people's views until then.
    snoozed_for: Mapped[str | None] = mapped_column(default=None)  #: time | reply | item | clock
    row_version: Mapped[int] = mapped_column(init=False, default=1)

    claim: Mapped[Claim | None] = relationship(default=None)
    party: Mapped[Party | None] = relationship(default=None)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads it from the class


class Direction(StrEnum):
    """Which way a message goes; a note goes nowhere."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class Message(Model, kw_only=True):
    """One message on a ticket, whichever way it came or goes."""

    __tablename__ = "message"
    __table_args__ = (
        Index(None, "ticket_id", "at", "medium"),
        Index(None, "medium", "ticket_id"),
        Index(None, "message_id"),
        Index(None, "from_norm", "at"),
        Index(None, "fingerprint"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), init=False)
    arrival_id: Mapped[int | None] = mapped_column(ForeignKey("arrival.id"), unique=True, init=False)
    medium: Mapped[Medium]
    channel: Mapped[str]
    direction: Mapped[Direction]
    kind: Mapped[MessageKind] = mapped_column(default=MessageKind.MESSAGE)
    at: Mapped[datetime]  #: Received or written.
    received_on: Mapped[date | None] = mapped_column(default=None)  #: What counts as the day of receipt, if stamped.
    from_name: Mapped[str] = mapped_column(default="")
    from_address: Mapped[str | None] = mapped_column(default=None)
    from_norm: Mapped[str | None] = mapped_column(default=None)
    sender_state: Mapped[Sender] = mapped_column(default=Sender.MISSING)
    trust: Mapped[Trust] = mapped_column(default=Trust.NONE)
    to: Mapped[list[Any]] = mapped_column(default_factory=list)
    cc: Mapped[list[Any]] = mapped_column(default_factory=list)
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    new_text: Mapped[str] = mapped_column(default="")
    html: Mapped[str | None] = mapped_column(
        default=None, deferred=True
    )  #: Of ours; a customer's stays in the raw message.
    has_html: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(default=None)
    message_id: Mapped[str | None] = mapped_column(default=None)
    fingerprint: Mapped[str | None] = mapped_column(
        default=None
    )  #: Message-ID with words and files: the same is shown once.
    intents: Mapped[list[Any]] = mapped_column(default_factory=list)
    confirmed_intents: Mapped[list[Any] | None] = mapped_column(
        Plain, default=None
    )  #: The kinds a person says it is of, the chief one first.
    proposals: Mapped[dict[str, Any]] = mapped_column(
        default_factory=dict
    )  #: What a person may accept: promise, near miss.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    pages: Mapped[int] = mapped_column(default=0)

    ticket: Mapped[Ticket] = relationship(default=None)
    arrival: Mapped[Arrival | None] = relationship(default=None)
    files: Mapped[list["MessageFile"]] = relationship(
        back_populates="message", default_factory=list, cascade="all, delete-orphan", order_by="MessageFile.id"
    )
    links: Mapped[list["Link"]] = relationship(
        back_populates="message", default_factory=list, cascade="all, delete-orphan", order_by="Link.id"
    )


class MessageFile(Model, kw_only=True):
    """A file in a message; its bytes are a part of the raw message, those of a file we sent a blob of their own."""

    __tablename__ = "message_file"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True, init=False)
    part: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    phash: Mapped[str | None] = mapped_column(default=None)  #: Of a picture: 64 bits in hex, found by `PictureKey`.
    inline: Mapped[bool] = mapped_column(default=False)

    message: Mapped[Message] = relationship(back_populates="files", default=None)


class LinkState(StrEnum):
    """How sure a link is: only `ACTIVE` lets facts of the target out, and only to a known address."""

    SUGGESTED = "suggested"
    UNVERIFIED = "unverified"
    ACTIVE = "active"
    UNDONE = "undone"


class TargetKind(StrEnum):
    """What a message may be linked to."""

    CLAIM = "claim"
    POLICY = "policy"
    CUSTOMER = "customer"
    TICKET = "ticket"
    REQUEST = "request"


class Link(Model, kw_only=True):
    """A message belongs to a claim, policy, customer, ticket or request - and why we think so."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("message_id", "target_kind", "target"),
        Index(None, "target_kind", "target"),
        Index(None, "target_kind", "at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), init=False)
    target_kind: Mapped[TargetKind]
    target: Mapped[str]  #: The printed reference, or a customer's key.
    state: Mapped[LinkState]
    score: Mapped[float]
    reasons: Mapped[list[Any]] = mapped_column(default_factory=list)  #: {evidence, where, value}
    made_by: Mapped[str] = mapped_column(default="triage")
    at: Mapped[datetime]

    message: Mapped[Message] = relationship(back_populates="links", default=None)


class LinkCount(Model, kw_only=True):
    """How many of triage's links to claims hold, by the hour in which they were made and kind of evidence.

    The store keeps it by itself, with the links (`link_made` and the triggers beside it). On PostgreSQL each statement
    adds rows, so that no writer waits for another; `quality.add_up` makes one of them.
    """

    __tablename__ = "link_count"
    __table_args__ = (Index(None, "hour", "evidence", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    hour: Mapped[datetime]
    evidence: Mapped[str]  #: `any`: of all kinds together.
    number: Mapped[int]


class LinkMove(Model, kw_only=True):
    """One link a person made or undid: what it changed, to take it back exactly, and what we had thought, to learn."""

    __tablename__ = "link_move"
    __table_args__ = (Index(None, "ticket_id", "id"), Index(None, "at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    target: Mapped[str]  #: The claim's printed reference.
    kind: Mapped[str]  #: link | unlink
    changes: Mapped[list[Any]] = mapped_column(default_factory=list)  #: {row, id, before, after}; `before` null: new.
    thought: Mapped[list[Any]] = mapped_column(
        default_factory=list
    )  #: {message, state, score, reasons} of triage's links.
    made_by: Mapped[str]
    at: Mapped[datetime]
    taken_back_by: Mapped[str | None] = mapped_column(default=None)
    taken_back_at: Mapped[datetime | None] = mapped_column(default=None)


class DocumentState(StrEnum):
    """A machine proposes what a document is; only a person accepts it."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Document(Model, kw_only=True):
    """A file as evidence in a claim."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True, init=False)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("message_file.id"), index=True, init=False)
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("requirement.id"), init=False)
    kind: Mapped[str | None] = mapped_column(default=None)
    score: Mapped[float] = mapped_column(default=0.0)
    reasons: Mapped[list[Any]] = mapped_column(default_factory=list)
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.PROPOSED)
    reason: Mapped[str | None] = mapped_column(default=None)
    pages: Mapped[str | None] = mapped_column(default=None)  #: `2-3` where only some pages of the file are meant.
    received_at: Mapped[datetime]

    claim: Mapped[Claim] = relationship(default=None)
    file: Mapped[MessageFile | None] = relationship(default=None)
    requirement: Mapped[Requirement | None] = relationship(default=None)

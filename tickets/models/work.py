"""How people share the work: tags, saved views, drafts of replies, who is looking, who was mentioned."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.tickets import Message, Ticket


class TicketTag(Model, kw_only=True):
    """One word people have put on a ticket."""

    __tablename__ = "ticket_tag"
    __table_args__ = (Index(None, "tag", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, init=False)
    tag: Mapped[str] = mapped_column(primary_key=True)  #: Lower case, no blanks at its ends.

    ticket: Mapped[Ticket] = relationship(default=None)


class SavedView(Model, kw_only=True):
    """A filter somebody has named, for himself or for the team."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False)
    filters: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)  #: As in its address: type, tag, owner, q ...


class ReplyDraft(Model, kw_only=True):
    """What somebody has begun to write on a ticket; one a person, kept until it is sent or emptied."""

    __tablename__ = "reply_draft"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, init=False)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    medium: Mapped[str]
    body: Mapped[str]
    saved_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship(default=None)


class DraftFile(Model, kw_only=True):
    """A file somebody has put to the answer he is writing; its bytes are a blob."""

    __tablename__ = "draft_file"
    __table_args__ = (Index(None, "ticket_id", "staff_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), init=False)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    kept_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship(default=None)


class Presence(Model, kw_only=True):
    """Who has a ticket open, and whether he writes; a row counts until its moment has passed."""

    __tablename__ = "presence"
    __table_args__ = (Index(None, "until"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    writes: Mapped[bool]
    until: Mapped[datetime]


class Mention(Model, kw_only=True):
    """Somebody named in a note: he finds the ticket until he has seen it."""

    __tablename__ = "mention"
    __table_args__ = (Index(None, "staff_id", "seen_at"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, init=False)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    seen_at: Mapped[datetime | None] = mapped_column(default=None)

    message: Mapped[Message] = relationship(default=None)

"""Merges and splits: which rows were moved or shared, so that each can be undone exactly."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.tickets import Message, Ticket


class Merge(Model, kw_only=True):
    """Two tickets, or two claims, made one. `changes` holds what each changed row said before and after."""

    __tablename__ = "merge"
    __table_args__ = (Index(None, "kind", "source_id"), Index(None, "kind", "target_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    kind: Mapped[str]  #: ticket | claim
    source_id: Mapped[int]  #: The one that went.
    target_id: Mapped[int]  #: The one that stayed.
    changes: Mapped[list[Any]] = mapped_column(default_factory=list)
    reason: Mapped[str] = mapped_column(default="")
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    undone_by: Mapped[str | None] = mapped_column(default=None)
    undone_at: Mapped[datetime | None] = mapped_column(default=None)


class SharedMessage(Model, kw_only=True):
    """A message that is work for a second ticket too: shown on both, kept once."""

    __tablename__ = "shared_message"
    __table_args__ = (UniqueConstraint("ticket_id", "message_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), init=False)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True, init=False)
    shared_by: Mapped[str]
    at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship(default=None)
    message: Mapped[Message] = relationship(default=None)

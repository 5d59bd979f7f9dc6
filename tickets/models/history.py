"""Events: who did what when, about what, caused by what. Append-only."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.claims import Claim
from tickets.models.tickets import Message, Ticket


class Event(Model, kw_only=True):
    """One thing that happened. `detail` holds ids and our own words, never a customer's."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    at: Mapped[datetime]
    actor: Mapped[str]  #: `staff:7`, or the rule that acted: `triage`, `sender`.
    kind: Mapped[str]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True, init=False)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"), index=True, init=False)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True, init=False)  #: What caused it.
    detail: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)

    ticket: Mapped[Ticket | None] = relationship(default=None)
    claim: Mapped[Claim | None] = relationship(default=None)
    message: Mapped[Message | None] = relationship(default=None)

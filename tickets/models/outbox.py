"""Deliveries: one outgoing message to one recipient over one channel, and what became of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.messages import DeliveryState, Medium
from tickets.models.base import Key, Model
from tickets.models.requests import Request
from tickets.models.tickets import Message


class OutboxDelivery(Model, kw_only=True):
    """A row is written with its cause and sent later by another job."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "to_norm", "template", "queued_at"),
        Index(None, "template", "queued_at"),  # how many acknowledgements have left today
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True, init=False)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("request.id"), index=True, init=False)
    channel: Mapped[str]
    medium: Mapped[Medium]
    template: Mapped[str]
    to_name: Mapped[str] = mapped_column(default="")
    to_address: Mapped[str]
    to_norm: Mapped[str]
    reply_address: Mapped[str | None] = mapped_column(default=None)
    in_reply_to: Mapped[str | None] = mapped_column(default=None)
    references: Mapped[str] = mapped_column(default="")
    automatic: Mapped[bool] = mapped_column(default=False)
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]  #: Held until then: a person may still take it back.
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    transmitting_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    delivered_at: Mapped[datetime | None] = mapped_column(default=None)
    provider_id: Mapped[str | None] = mapped_column(index=True, default=None)
    detail: Mapped[str | None] = mapped_column(default=None)  #: The other side's own words.

    message: Mapped[Message] = relationship(default=None)
    request: Mapped[Request | None] = relationship(default=None)


class EarlyReport(Model, kw_only=True):
    """What a carrier said of a text before we knew that its Sid is one of ours."""

    __tablename__ = "early_report"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    provider_id: Mapped[str] = mapped_column(index=True)
    state: Mapped[DeliveryState]
    detail: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

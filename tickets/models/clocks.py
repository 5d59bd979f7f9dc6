"""Clocks, what happened to each, and the steps raised: rows, so that none is lost while the program was down."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.claims import Claim
from tickets.models.tickets import Ticket


class ClockState(StrEnum):
    """`BREACHED` clocks go on being shown until they are met."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class Clock(Model, kw_only=True):
    """One obligation with a time: what started it, when it is due, what is raised next."""

    __tablename__ = "clock"
    __table_args__ = (
        Index(None, "claim_id", "key"),
        Index(None, "ticket_id", "key"),
        Index(None, "next_at"),  # what the sweep reads
        # What the lists, their counts and a lead's figures read.
        Index(None, "state", "due_at", "ticket_id", "claim_id", "statutory", "due_on"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    key: Mapped[str]  #: `ro.rca.offer`, as in deadlines.toml.
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"), init=False)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), init=False)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True, default=None)
    statutory: Mapped[bool]
    state: Mapped[ClockState] = mapped_column(default=ClockState.RUNNING)
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]  #: The last moment in time, pauses so far counted in.
    due_on: Mapped[date]  #: The office's day of it.
    paused_at: Mapped[datetime | None] = mapped_column(default=None)
    stopped_at: Mapped[datetime | None] = mapped_column(default=None)
    next_step: Mapped[int | None] = mapped_column(
        default=None
    )  #: 50 | 75 | 90 | 100; None: all raised. 101 on: reports.
    next_at: Mapped[datetime | None] = mapped_column(default=None)  #: When the sweep looks at it again.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), default=None)  #: What started it.
    recorded_at: Mapped[datetime]

    claim: Mapped[Claim | None] = relationship(default=None)
    ticket: Mapped[Ticket | None] = relationship(default=None)
    events: Mapped[list["ClockEvent"]] = relationship(
        back_populates="clock", default_factory=list, cascade="all, delete-orphan", order_by="ClockEvent.id"
    )


class FirstReply(Model, kw_only=True):
    """How long a first reply took; the store keeps it by itself, with the clock (`clock_made` and the like)."""

    __tablename__ = "first_reply"
    __table_args__ = (Index(None, "week", "took", "stopped_at"),)

    clock_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    week: Mapped[date]  #: The Monday of the one in which it was given.
    stopped_at: Mapped[datetime]
    took: Mapped[int] = mapped_column(BigInteger)  #: Microseconds.


class ClockEvent(Model, kw_only=True):
    """Something that started, paused, resumed, extended, met or broke a clock; due times follow from these rows."""

    __tablename__ = "clock_event"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"), index=True, init=False)
    kind: Mapped[str]  #: A word of `deadlines.reckoning.Mark`.
    at: Mapped[datetime]  #: When it counts from, which may be before it was recorded.
    recorded_at: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), default=None)  #: What caused it.
    detail: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)

    clock: Mapped[Clock] = relationship(back_populates="events", default=None)


class Escalation(Model, kw_only=True):
    """One step of a clock that was raised: once for each time the clock was given, whoever sweeps."""

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("clock_id", "extension", "step"), Index(None, "to_staff_id", "seen_at"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"), init=False)
    step: Mapped[int]  #: Per cent of the time: 50 | 75 | 90 | 100.
    extension: Mapped[int] = mapped_column(default=0)  #: Of which time: 0, the first; 1, with the first extension.
    planned_for: Mapped[datetime]
    raised_at: Mapped[datetime]
    to_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    to_role: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[datetime | None] = mapped_column(default=None)

    clock: Mapped[Clock] = relationship(default=None)

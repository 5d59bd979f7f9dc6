"""Tasks: a question handed to a department or a person, by when, and the answer; and the register of complaints."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.claims import Claim
from tickets.models.tickets import Ticket


class TaskState(StrEnum):
    """Whether somebody still waits for the answer."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Task(Model, kw_only=True):
    """A child task: the claim's owner stays the owner, the customer hears one voice."""

    __tablename__ = "task"
    __table_args__ = (Index(None, "state", "department", "due_on"), Index(None, "assignee_id", "state"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    kind: Mapped[str]  #: question | phone | escalation | delivery | callback | asf_file | ...: what it is for.
    department: Mapped[str]  #: A role's word: payments_clerk, renewals, account_services, legal, siu, supervisor ...
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"), index=True, init=False)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True, init=False)
    question: Mapped[str]
    due_on: Mapped[date | None] = mapped_column(default=None)
    state: Mapped[TaskState] = mapped_column(default=TaskState.OPEN)
    answer: Mapped[str | None] = mapped_column(default=None)
    restricted: Mapped[bool] = mapped_column(default=False)  #: Seen by the department and legal alone.
    shows: Mapped[list[Any]] = mapped_column(default_factory=list)  #: What of the claim the department may see.
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    made_by: Mapped[str]  #: `staff:7`, or the rule.
    made_at: Mapped[datetime]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    once: Mapped[str | None] = mapped_column(unique=True, default=None)  #: A rule makes a task once.

    claim: Mapped[Claim | None] = relationship(default=None)
    ticket: Mapped[Ticket | None] = relationship(default=None)


class Complaint(Model, kw_only=True):
    """A complaint or appeal in the register; never handled by whoever decided."""

    __tablename__ = "complaint"
    __table_args__ = (CheckConstraint("handler_id <> decider_id", name="not_the_decider"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    number: Mapped[str] = mapped_column(unique=True)  #: `2026/1` in the register.
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True, init=False)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claim.id"), index=True, init=False)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), default=None)
    received_at: Mapped[datetime]
    medium: Mapped[str]
    subject: Mapped[str]
    product: Mapped[str] = mapped_column(default="")
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    founded: Mapped[bool | None] = mapped_column(default=None)
    responded_at: Mapped[datetime | None] = mapped_column(default=None)
    external_body: Mapped[str | None] = mapped_column(default=None)
    sal_request: Mapped[bool] = mapped_column(default=False)

    ticket: Mapped[Ticket] = relationship(default=None)
    claim: Mapped[Claim | None] = relationship(default=None)

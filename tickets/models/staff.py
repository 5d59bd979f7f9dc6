"""The people who work here, and their sign-ins."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model


class Role(StrEnum):
    """What somebody may do (domain: people, authority, departments)."""

    REPRESENTATIVE = "representative"
    SENIOR_REPRESENTATIVE = "senior_representative"
    SUPERVISOR = "supervisor"
    PAYMENTS_CLERK = "payments_clerk"
    ACCOUNT_SERVICES = "account_services"
    RENEWALS = "renewals"
    LEGAL = "legal"
    SIU = "siu"
    COMPLAINTS = "complaints"
    DPO = "dpo"
    TRAINER = "trainer"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Staff(Model, kw_only=True):
    """One person who works here."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    external_id: Mapped[str | None] = mapped_column(unique=True, default=None)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    roles: Mapped[list[Any]] = mapped_column(default_factory=list)
    lines: Mapped[list[Any]] = mapped_column(default_factory=list)
    password_hash: Mapped[str | None] = mapped_column(default=None)  #: None: cannot sign in.
    password_given: Mapped[bool] = mapped_column(default=False)  #: Made by somebody else: good for choosing one's own.
    language: Mapped[str | None] = mapped_column(default=None)
    active: Mapped[bool] = mapped_column(default=True)


class SignIn(Model, kw_only=True):
    """One browser's session; the cookie holds a secret of which only the hash is kept."""

    __tablename__ = "sign_in"

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True, init=False)
    csrf_token: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    staff: Mapped[Staff] = relationship(default=None)

"""What the office itself keeps: counters of references, settings of an imported world, leases, channel health."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from tickets.models.base import Model


class Counter(Model, kw_only=True):
    """The last number given out for one kind of reference in one year."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class Setting(Model, kw_only=True):
    """A table of the configuration that an imported world brought along."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]


class Lease(Model, kw_only=True):
    """Who may do a job that one process at a time does."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


class ChannelState(Model, kw_only=True):
    """How a channel's last round went, shown where people work."""

    __tablename__ = "channel_state"

    name: Mapped[str] = mapped_column(primary_key=True)
    last_ok_at: Mapped[datetime | None] = mapped_column(default=None)
    failing_since: Mapped[datetime | None] = mapped_column(default=None)
    error: Mapped[str | None] = mapped_column(default=None)
    numbering: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)  #: Folder to every UIDVALIDITY it had.
    secrets: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)  #: A refresh token the provider has replaced.

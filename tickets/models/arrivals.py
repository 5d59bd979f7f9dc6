"""The intake ledger: every copy of raw bytes that ever arrived, and its one fate."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tickets.messages import Medium, MessageKind
from tickets.models.base import Key, Model


class ArrivalState(StrEnum):
    """`RECEIVED` waits to be read; each of the others is a fate."""

    RECEIVED = "received"
    FILED = "filed"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    DISCARDED = "discarded"


class Blob(Model, kw_only=True):
    """Bytes addressed by their sha256; small ones stand here, large ones in a file of that name."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, deferred=True)


class Arrival(Model, kw_only=True):
    """One copy of raw bytes from a channel."""

    __tablename__ = "arrival"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index(None, "sha256", "channel"),
        Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    channel: Mapped[str]
    medium: Mapped[Medium]
    reader: Mapped[str]  #: The kind of channel whose reader understands the bytes.
    external_id: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")  #: The copy at the source, where the external id is the content's.
    received_at: Mapped[datetime]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    state: Mapped[ArrivalState] = mapped_column(default=ArrivalState.RECEIVED)
    attempts: Mapped[int] = mapped_column(default=0)
    kind: Mapped[MessageKind | None] = mapped_column(default=None)
    message_id: Mapped[str | None] = mapped_column(default=None, index=True)  #: As the message itself says.
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("arrival.id"), default=None)
    error: Mapped[str | None] = mapped_column(default=None)
    decided_by: Mapped[str | None] = mapped_column(default=None)

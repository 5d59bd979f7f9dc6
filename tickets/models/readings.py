"""What the files of messages say, read after filing; and what was learnt from the team's own judgement."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.models.base import Key, Model
from tickets.models.tickets import MessageFile


class ReadingState(StrEnum):
    """Whether a file's content has been read; `UNREADABLE` is final."""

    WAITING = "waiting"
    READ = "read"
    UNREADABLE = "unreadable"


class FileReading(Model, kw_only=True):
    """One file of a message as its content says it: kind and words are proposed, a person looks at the file."""

    __tablename__ = "file_reading"
    __table_args__ = (
        Index(
            "ix_file_reading_waiting",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    file_id: Mapped[int] = mapped_column(ForeignKey("message_file.id"), unique=True, init=False)
    state: Mapped[ReadingState] = mapped_column(default=ReadingState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None] = mapped_column(default=None)
    error: Mapped[str | None] = mapped_column(default=None)
    kind: Mapped[str | None] = mapped_column(default=None)
    score: Mapped[float] = mapped_column(default=0.0)
    reasons: Mapped[list[Any]] = mapped_column(default_factory=list)
    pages: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(default="", deferred=True)  #: What the file says, for people and the search.

    file: Mapped[MessageFile] = relationship(default=None)


class PictureKey(Model, kw_only=True):
    """A quarter of what a picture looks like: one that looks the same has one alike, or nearly."""

    __tablename__ = "picture_key"

    key: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    file_id: Mapped[int] = mapped_column(ForeignKey("message_file.id"), primary_key=True, index=True, init=False)

    file: Mapped[MessageFile] = relationship(default=None)


class DocumentValue(Model, kw_only=True):
    """One value read from a file and where on the page it stands, so that a person can see why."""

    __tablename__ = "document_value"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    file_id: Mapped[int] = mapped_column(ForeignKey("message_file.id"), index=True, init=False)
    name: Mapped[str]  #: date, total, currency, issuer, issuer_tax_id, invoice_number, person, iban, plate
    value: Mapped[str]  #: Normal form; an account number masked.
    words: Mapped[str] = mapped_column(default="")  #: As printed; empty for what is masked.
    page: Mapped[int] = mapped_column(default=1)
    #: The box on the page in thousandths of its width and height; None where the file has no layout.
    x: Mapped[int | None] = mapped_column(default=None)
    y: Mapped[int | None] = mapped_column(default=None)
    w: Mapped[int | None] = mapped_column(default=None)
    h: Mapped[int | None] = mapped_column(default=None)
    score: Mapped[float] = mapped_column(default=0.0)

    file: Mapped[MessageFile] = relationship(default=None)


class IntentQuality(Model, kw_only=True):
    """How a week's proposals of one kind compare with what the team confirmed."""

    __tablename__ = "intent_quality"
    __table_args__ = (UniqueConstraint("week", "kind"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    week: Mapped[date]  #: Its Monday.
    kind: Mapped[str]
    confirmed: Mapped[int] = mapped_column(default=0)  #: Messages that a person said are of this kind.
    sure: Mapped[int] = mapped_column(default=0)  #: Judged messages for which we were sure of it.
    right: Mapped[int] = mapped_column(default=0)  #: Of these, confirmed.


class LearnedModel(Model, kw_only=True):
    """One model trained from confirmed messages; the newest active one is asked."""

    __tablename__ = "learned_model"

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)  #: Its version.
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    sha256: Mapped[str]  #: Of its bytes among the blobs.
    messages: Mapped[int]  #: Confirmed messages it was trained with, beside our examples.
    figures: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    active: Mapped[bool] = mapped_column(default=True)

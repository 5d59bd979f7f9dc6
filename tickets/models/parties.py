"""People and organisations, how they are reached, and the numbers they are known by."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tickets.messages import Medium
from tickets.models.base import Key, Model


class PartyKind(StrEnum):
    """A person or an organisation."""

    PERSON = "person"
    ORG = "org"


class ContactStatus(StrEnum):
    """Whether a contact point may be used."""

    OK = "ok"
    BOUNCING = "bouncing"
    OPTED_OUT = "opted_out"


class Party(Model, kw_only=True):
    """Somebody who holds a policy, makes a claim, is paid, or speaks for another."""

    __tablename__ = "party"
    __table_args__ = (Index(None, "birth_date", "name_folded"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    external_id: Mapped[str | None] = mapped_column(unique=True, default=None)
    kind: Mapped[PartyKind] = mapped_column(default=PartyKind.PERSON)
    name: Mapped[str]
    name_folded: Mapped[str] = mapped_column(index=True, default="")  #: Words sorted, no diacritics: order free.
    birth_date: Mapped[date | None] = mapped_column(default=None)
    language: Mapped[str | None] = mapped_column(default=None)

    contacts: Mapped[list["ContactPoint"]] = relationship(
        back_populates="party", default_factory=list, cascade="all, delete-orphan", order_by="ContactPoint.id"
    )
    identifiers: Mapped[list["PartyIdentifier"]] = relationship(
        back_populates="party", default_factory=list, cascade="all, delete-orphan"
    )


class PartyIdentifier(Model, kw_only=True):
    """A number a party is known by (cnp, cui), never in clear: enough to find it, to show its end and to judge it."""

    __tablename__ = "party_identifier"
    __table_args__ = (UniqueConstraint("party_id", "kind", "value_hmac"), Index(None, "kind", "value_hmac"))

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), init=False)
    kind: Mapped[str]
    value_hmac: Mapped[str]  #: Under the office's newest key; other keys' are replaced when the customer comes again.
    ending: Mapped[str]  #: Its last characters, which may be shown.
    valid: Mapped[bool]  #: What its check digits say.

    party: Mapped[Party] = relationship(back_populates="identifiers", default=None)


class ContactPoint(Model, kw_only=True):
    """One e-mail address, phone or postal address of a party."""

    __tablename__ = "contact_point"
    __table_args__ = (
        UniqueConstraint("party_id", "medium", "value_norm"),
        Index(None, "value_norm", "party_id", "shared"),  # who holds an address is answered by the index alone
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True, init=False)
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), init=False)
    medium: Mapped[Medium]
    value: Mapped[str]
    value_norm: Mapped[str]  #: E-mail in lower case, phone in E.164, postal address folded.
    shared: Mapped[bool] = mapped_column(default=False)  #: A broker's or family address: never says who is writing.
    preferred: Mapped[bool] = mapped_column(default=False)
    status: Mapped[ContactStatus] = mapped_column(default=ContactStatus.OK)
    details: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)

    party: Mapped[Party] = relationship(back_populates="contacts", default=None)

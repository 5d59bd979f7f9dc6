"""What the rules need to know of the office they work for; `inbox` reads it from the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from tickets.messages import Medium
from tickets.references import PolicyFormat


class SendMode(StrEnum):
    """Who sends a request that the rules have drafted."""

    PERSON = "person"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """The channel by which one medium leaves, and the address people know it by."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One office: its name, languages, ways out, secrets and rules. Never customer data."""

    name: str
    short_name: str  #: For texts: at most 12 characters, no diacritics.
    phone: str
    postal_address: str
    country: str
    timezone: ZoneInfo
    languages: tuple[str, ...]  #: The first is the default.
    public_url: str
    keys: tuple[bytes, ...]  #: Newest first; tokens are made with the first and accepted under each.
    outlets: Mapping[Medium, Outlet]
    formats: tuple[PolicyFormat, ...] = ()
    send: SendMode = SendMode.PERSON
    due_days: int = 14
    undo_seconds: int = 10
    templates: tuple[Path, ...] = ()
    opt_out_words: tuple[str, ...] = ()
    acknowledgements_a_day: int = 2000  #: A cap on all automatic acknowledgements together.

    def day(self, moment: datetime) -> date:
        """The office's calendar day of a moment."""
        return moment.astimezone(self.timezone).date()

    def language(self, *wishes: str | None) -> str:
        """The first wish we write in, else the default."""
        return next((wish for wish in wishes if wish in self.languages), self.languages[0])

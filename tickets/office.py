"""What the rules need to know of the office they work for; `inbox` reads it from the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from tickets.cues.learned import Learned
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


class AfterHours(StrEnum):
    """When what comes in after the office has closed counts as received, for our own service levels alone."""

    NEXT_DAY = "next_day"
    SAME_DAY = "same_day"


class Action(StrEnum):
    """What takes authority."""

    APPROVE = "approve"
    DENY = "deny"
    WAIVE = "waive"
    REOPEN = "reopen"
    PAY = "pay"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What a role or one person may do by themselves; measured on the payable amount of the whole claim."""

    role: str = ""
    person: str = ""  #: The e-mail address or id of one person, in place of a role.
    line: str = "*"
    action: Action
    most: Decimal = Decimal(0)  #: In major units of `currency`.
    currency: str = "RON"
    codes: tuple[str, ...] = ()  #: Reason codes the role may use; empty: every one that no rule keeps for others.
    warnings: bool = True  #: Whether a warning may be open.
    starts: date | None = None
    ends: date | None = None  #: The last day.


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """The account that claims are paid from."""

    name: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """The margins of the checks, in days."""

    cover_is_new: int = 30  #: DAT-04: a loss so soon after the start, or after more cover was bought.
    same_loss: int = 3  #: DUP-01: two losses this close may be one.


#: Roles that decide alone only while no warning is open, unless the configuration says otherwise.
NEEDS_NO_WARNING = ("representative", "senior_representative")

#: What each role may do where the configuration says nothing (domain: people, authority, departments).
DEFAULT_AUTHORITY = (
    Authority(role="representative", action=Action.APPROVE, most=Decimal(2500), warnings=False),
    Authority(role="representative", action=Action.DENY, codes=("D01", "D02", "D04", "D11")),
    Authority(role="supervisor", action=Action.APPROVE, most=Decimal(25000)),
    Authority(role="supervisor", action=Action.DENY),
    Authority(role="supervisor", action=Action.OVERRIDE),
    Authority(role="supervisor", action=Action.REOPEN),
    Authority(role="payments_clerk", action=Action.PAY, most=Decimal(25000)),
)


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
    opens: time = time(9)
    closes: time = time(17)
    after_hours: AfterHours = AfterHours.NEXT_DAY
    jurisdictions: tuple[str, ...] = (
        "ro",
        "eu",
        "gdpr",
    )  #: First parts of clocks' keys; `int` always runs.
    ladder: tuple[int, ...] = (7, 14, 30)  #: Days after a request: reminder, final reminder, proposal to close.
    margins: Margins = Margins()
    authority: tuple[Authority, ...] = DEFAULT_AUTHORITY
    payer: Payer | None = None  #: None: payments leave as CSV alone.
    acknowledgements_a_day: int = 2000  #: A cap on all automatic acknowledgements together.

    learned: Learned | None = None  #: What the team's judgement of earlier messages taught us.

    def day(self, moment: datetime) -> date:
        """The office's calendar day of a moment."""
        return moment.astimezone(self.timezone).date()

    def language(self, *wishes: str | None) -> str:
        """The first wish we write in, else the default."""
        return next((wish for wish in wishes if wish in self.languages), self.languages[0])

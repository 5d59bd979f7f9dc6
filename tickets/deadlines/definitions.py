"""What clocks there are: `clocks.toml` read into frozen definitions, checked when loaded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import ConfigDict, NonNegativeInt, PositiveInt, TypeAdapter

from tickets.catalogue import NOTHING, Wording
from tickets.catalogue.reading import build, tables
from tickets.errors import ConfigurationError

_STRICT = ConfigDict(extra="forbid")

#: What may begin a key. `int` are our own service levels, everything else is somebody's law.
JURISDICTIONS = frozenset({"ro", "eu", "uk", "us", "gdpr", "int"})
INTERNAL = "int"

#: Every word that may start or meet a clock; `happened` takes these and those of `PAUSING` and `ENDING`.
WORDS = frozenset(
    {
        "accepted", "acceptance.sent", "acknowledged", "acknowledged_and_items_requested", "all_items.received",
        "answer_sent", "appeal_received", "asf.request_received", "claim.accepted", "claim.application_received",
        "claim.notice", "claim.presented", "claim.received", "complaint.received", "complaint.registered",
        "decision_sent", "denied", "event.date", "file.finalised", "file_sent", "final_judgment.received",
        "final_response_sent", "fnol.received", "followup_sent", "forwarded", "human_reply_sent", "item_received",
        "items_list_sent", "message.received", "notice.received", "offer.accepted", "offer_sent", "payment_sent",
        "petition.misdirected", "petition.registered", "proof_of_claim.received", "reasoned_reply_sent",
        "refusal_sent", "repaired", "replaced", "request.received", "request.sent", "requested_documents.complete",
        "seller.informed", "summary_resolution_sent", "ticket.opened", "ticket.resolved", "ticket.triaged",
    }
)  # fmt: skip
#: Words that let a clock stand or go on.
PAUSING = frozenset(
    {
        "request.delivered", "request.undelivered", "request.withdrawn", "customer.answered",
        "identity_check.asked", "identity_check.passed",
    }
)  # fmt: skip
#: Words after which nothing about a claim or ticket is owed any more.
ENDING = frozenset(
    {"claim.withdrawn", "claim.duplicate", "claim.closed", "ticket.resolved", "ticket.merged", "ticket.discarded"}
)
#: Those of them that no other move brings with it: a person tells them.
TOLD = frozenset(
    {
        "answer_sent", "appeal_received", "file.finalised", "final_judgment.received", "forwarded",
        "identity_check.asked", "identity_check.passed", "notice.received", "petition.misdirected",
        "reasoned_reply_sent", "repaired", "replaced", "summary_resolution_sent",
    }
)  # fmt: skip


class Unit(StrEnum):
    """How a time is counted."""

    CALENDAR = "calendar"
    WORKING = "working"
    WORKING_HOURS = "working_hours"
    WEEK = "week"
    MONTH = "month"
    NONE = "none"


class Pause(StrEnum):
    """What lets a clock stand."""

    NONE = "none"
    CUSTOMER = "customer"
    RESET = "reset"
    IDENTITY_CHECK = "identity_check"


class Subject(StrEnum):
    """What a clock stands on."""

    CLAIM = "claim"
    TICKET = "ticket"
    TASK = "task"


class Party(StrEnum):
    """Who must act."""

    US = "us"
    CUSTOMER = "customer"


class Ends(StrEnum):
    """When the last day ends."""

    LAST = "last"
    CLOSING = "closing"


class Roll(StrEnum):
    """Where an end on a day that is no working day goes."""

    NONE = "none"
    NEXT = "next"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One obligation: who must do what within which time, counted from what, on whose authority."""

    __pydantic_config__: ClassVar = _STRICT

    key: str
    scope: str
    on: Subject
    party: Party = Party.US
    duration: NonNegativeInt
    unit: Unit
    ends: Ends = Ends.LAST
    roll: Roll = Roll.NONE
    start: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    pause: Pause = Pause.NONE
    max_pause: PositiveInt | None = None
    extend: PositiveInt | None = None
    extend2: PositiveInt | None = None
    extend_day: Unit | None = None
    presumed_receipt: NonNegativeInt = 0
    customer_min: PositiveInt | None = None
    repeat_status: PositiveInt | None = None
    penalty: Decimal | None = None  #: Per cent of the payment, for each day of delay.
    escalates: bool | None = None
    name: Wording
    demands: Wording
    breach: Wording = NOTHING
    source: Wording
    note: str = ""
    verified: bool
    checked_on: date | None = None
    jurisdiction: str = field(init=False)

    def __post_init__(self) -> None:
        """Take the jurisdiction from the key."""
        object.__setattr__(self, "jurisdiction", self.key.partition(".")[0])

    @property
    def is_statutory(self) -> bool:
        """Whether it is somebody's law and not our own service level."""
        return self.jurisdiction != INTERNAL

    @property
    def is_ours(self) -> bool:
        """Whether we must act, and not the customer."""
        return self.party is Party.US

    @property
    def moves_owner(self) -> bool:
        """Whether a supervisor becomes the owner when the time is up; where nothing is said, of statutory ones."""
        return self.is_ours and (self.is_statutory if self.escalates is None else self.escalates)

    def applies_to(self, kind: str) -> bool:
        """Whether a claim of this type, or a ticket of this kind, is in its scope."""
        return kind.startswith(self.scope[:-1]) if self.scope.endswith("*") else kind == self.scope

    def runs_under(self, jurisdictions: Iterable[str]) -> bool:
        """Whether the installation has its jurisdiction; our own service levels run everywhere."""
        return not self.is_statutory or any(f"{self.key}.".startswith(f"{each}.") for each in jurisdictions)


_DEFINITION = TypeAdapter(Definition)


@cache
def load() -> Mapping[str, Definition]:
    """The clocks that come with the program, by key."""
    return read((Path(__file__).parent / "clocks.toml").read_text(encoding="utf-8"))


def read(text: str, *, name: str = "clocks.toml") -> Mapping[str, Definition]:
    """Read clocks from a file's text; raises `ConfigurationError` naming file, key and rule."""
    read_ones = [_one(key, table, f"{name}: {key}") for key, table in tables(text, name).items()]
    return MappingProxyType({each.key: each for each in read_ones})


def _one(key: str, table: object, where: str) -> Definition:
    fields: dict[str, Any] = dict(table) if isinstance(table, Mapping) else {}
    starts = str(fields.pop("start", ""))
    fields |= {"key": key, "start": tuple(each.strip() for each in starts.split("|") if each.strip())}
    for theirs, ours in (("day", "unit"), ("escalate", "escalates")):
        if theirs in fields:
            fields[ours] = fields.pop(theirs)
    found = build(_DEFINITION, fields, where)
    if wrong := list(_problems(found)):
        raise ConfigurationError("; ".join(f"{where}: {each}" for each in wrong))
    return found


def _problems(each: Definition) -> Iterable[str]:
    if each.jurisdiction not in JURISDICTIONS or "." not in each.key:
        yield f"a key begins with one of {', '.join(sorted(JURISDICTIONS))} and a dot"
    for key, words in (("start", each.start), ("stop", each.stop)):
        yield from (f"{key}: nothing is called {word!r}" for word in words if word not in WORDS)
    if each.unit is not Unit.NONE and not (each.duration and each.start and each.stop):
        yield "a time needs duration, start and stop"
    if each.unit is Unit.NONE and (each.duration or each.start):
        yield "day: none has no duration and no start"
    if (each.pause is Pause.CUSTOMER) != (each.max_pause is not None):
        yield "max_pause: goes with pause = customer, and only there"
    if each.extend2 and not each.extend:
        yield "extend2: needs extend"

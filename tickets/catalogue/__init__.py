"""The items of information and the facts that claim types are made of, as their two TOML files say them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from tickets.catalogue.reading import build_each
from tickets.messages import Medium

_FOLDER = Path(__file__).parent
_STRICT = ConfigDict(extra="forbid")


class Stage(StrEnum):
    """What a list is complete enough for: to open the claim, to decide it, to pay it; in this order."""

    place: int  #: Its number in this order.

    FNOL = "fnol"
    DECISION = "decision"
    PAYMENT = "payment"

    def __init__(self, _: str) -> None:
        """Number the stages as they are listed."""
        self.place = len(type(self).__members__)


class ItemKind(StrEnum):
    """Whether an item is a statement, a paper or a signature under ready words."""

    FIELD = "field"
    DOCUMENT = "document"
    DECLARATION = "declaration"


class FactKind(StrEnum):
    """How a question is answered."""

    YES_NO = "yes_no"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One text a customer reads, in both languages."""

    __pydantic_config__: ClassVar = _STRICT

    en: str
    ro: str

    def in_language(self, language: str) -> str:
        """Give the Romanian text for `ro`, the English one otherwise."""
        return self.ro if language == "ro" else self.en


NOTHING = Wording(en="", ro="")
_COUNTED = "min_count:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of information a claim may need."""

    __pydantic_config__: ClassVar = _STRICT

    key: str
    kind: ItemKind
    en: str
    ro: str
    why: Wording = NOTHING  #: One sentence: what the item shows us. May be empty.
    counts: Wording = NOTHING  #: One sentence: what satisfies it, what does not. May be empty.
    evidence: tuple[str, ...]  #: The kinds of document that satisfy it, or text, choice, yes_no.
    check: tuple[str, ...]  #: Names of the rules that judge it.
    stage: Stage | None = None  #: Wins over the list it stands in.
    sensitive: bool = False  #: Never in a subject line, an SMS or a log.
    channels_forbidden: tuple[Medium, ...] = ()  #: Never asked for, and never accepted, by these.
    resolved_by: str | None = None  #: "lookup": we hold it, so nobody is asked.

    @property
    def min_count(self) -> int:
        """How many documents it takes."""
        rules = (rule.removeprefix(_COUNTED) for rule in self.check if rule.startswith(_COUNTED))
        return max(map(int, rules), default=1)

    def label(self, language: str) -> str:
        """Name the item to a customer."""
        return self.ro if language == "ro" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact that a condition may ask about, as a question to the customer."""

    __pydantic_config__: ClassVar = _STRICT

    key: str
    kind: FactKind
    en: str
    ro: str
    choices: Mapping[str, Wording] = field(default_factory=dict)  #: Word and its wording; empty: any word fits.

    def question(self, language: str) -> str:
        """Put the question in the customer's language."""
        return self.ro if language == "ro" else self.en


def read_items(text: str | None = None, *, name: str = "items.toml") -> Mapping[str, Item]:
    """Read items by key, ours if no `text` is given; raises `ConfigurationError` naming file, item and rule."""
    return MappingProxyType(build_each(TypeAdapter(Item), _ours(name) if text is None else text, name))


def read_facts(text: str | None = None, *, name: str = "facts.toml") -> Mapping[str, Fact]:
    """Read facts by key, ours if no `text` is given; raises `ConfigurationError` naming file, fact and rule."""
    return MappingProxyType(build_each(TypeAdapter(Fact), _ours(name) if text is None else text, name))


def _ours(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")

"""What each type of claim needs and when; one TOML file a type, found by its name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from tickets.catalogue import Fact, Item, Stage, read_facts, read_items
from tickets.catalogue.reading import build, tables
from tickets.conditions import Comparison, Condition, parse
from tickets.errors import ConditionError, ConfigurationError

_STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Items that are needed, for the decision, where a condition holds."""

    __pydantic_config__: ClassVar = _STRICT

    condition: Condition
    need: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClaimType:
    """One type of claim: the items it always needs by stage, and those it needs under a condition; equals itself."""

    __pydantic_config__: ClassVar = _STRICT

    name: str
    en: str
    ro: str
    line: str
    fnol: tuple[str, ...]
    decision: tuple[str, ...]
    payment: tuple[str, ...]
    when: tuple[Rule, ...] = ()
    sources: tuple[str, ...]  #: The pages the lists are drawn from.

    def label(self, language: str) -> str:
        """Name the type to a customer."""
        return self.ro if language == "ro" else self.en

    def always(self, stage: Stage) -> tuple[str, ...]:
        """List the items needed at `stage` whatever the facts."""
        return {Stage.FNOL: self.fnol, Stage.DECISION: self.decision, Stage.PAYMENT: self.payment}[stage]


_RULE = TypeAdapter(Rule)
_CLAIM_TYPE = TypeAdapter(ClaimType)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catalogue:
    """All claim types, items and facts, by name; every name used in one is known in the others; equals itself."""

    claim_types: Mapping[str, ClaimType]
    items: Mapping[str, Item]
    facts: Mapping[str, Fact]


@cache
def load() -> Catalogue:
    """Read the files that come with the program, once; raises `ConfigurationError` naming file, key and rule."""
    items, facts = read_items(), read_facts()
    files = sorted(Path(__file__).parent.glob("*.toml"))
    types = (read_claim_type(file.read_text(encoding="utf-8"), name=file.stem) for file in files)
    claim_types = MappingProxyType({claim_type.name: claim_type for claim_type in types})
    return checked(Catalogue(claim_types=claim_types, items=items, facts=facts))


def read_claim_type(text: str, *, name: str) -> ClaimType:
    """Read one type from the text of `<name>.toml`; raises `ConfigurationError` naming file, key and rule."""
    file = f"claim_types/{name}.toml"
    table = tables(text, file)
    rules = tuple(_rule(rule, f"{file}: when {number}") for number, rule in enumerate(table.pop("when", ()), start=1))
    return build(_CLAIM_TYPE, {"name": name, **table, "when": rules}, file)


def checked(catalogue: Catalogue) -> Catalogue:
    """Return `catalogue` if its names fit together; raises `ConfigurationError` naming every one that does not."""
    if wrong := [problem for each in catalogue.claim_types.values() for problem in _problems(each, catalogue)]:
        raise ConfigurationError("; ".join(wrong))
    return catalogue


def _rule(table: Mapping[str, object], where: str) -> Rule:
    rest = {key: value for key, value in table.items() if key != "if"}
    try:
        return build(_RULE, {"condition": parse(str(table.get("if", ""))), **rest}, where)
    except ConditionError as error:
        raise ConfigurationError(f"{where}: if: {error}") from error


def _problems(claim_type: ClaimType, catalogue: Catalogue) -> Iterable[str]:
    file = f"claim_types/{claim_type.name}.toml"
    lists = {str(stage): claim_type.always(stage) for stage in Stage}
    lists |= {f"when {number}: need": rule.need for number, rule in enumerate(claim_type.when, start=1)}
    for key, names in lists.items():
        yield from (f"{file}: {key}: no item {name!r} in items.toml" for name in names if name not in catalogue.items)
    for number, rule in enumerate(claim_type.when, start=1):
        for comparison in rule.condition.comparisons:
            yield from (f"{file}: when {number}: if: {wrong}" for wrong in _misnamed(comparison, catalogue.facts))


def _misnamed(comparison: Comparison, facts: Mapping[str, Fact]) -> Iterable[str]:
    """A word that is not one of a fact's choices would silently never be true."""
    if comparison.fact not in facts:
        yield f"no fact {comparison.fact!r} in facts.toml"
        return
    choices = facts[comparison.fact].choices
    if choices:
        yield from (f"{comparison.fact} is never {value!r}" for value in comparison.values if value not in choices)

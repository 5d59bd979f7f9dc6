"""Which items a claim needs, from its type and what is known, and the states of a requirement."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType

from tickets.catalogue import Item, ItemKind, Stage
from tickets.claim_types import Catalogue, ClaimType, Rule
from tickets.conditions import evaluate, is_comparable, unknown_facts

ALWAYS = "always"  #: The reason for an item that its type needs whatever the facts.
ASKED_BEFORE = "asked before"  #: The reason for one that another system has asked for, whatever the type needs.


class RequirementState(StrEnum):
    """How far one item of one claim has come."""

    MAYBE = "maybe"  #: An unknown fact decides: ask the question, not the document.
    NEEDED = "needed"
    ASKED = "asked"
    RECEIVED = "received"  #: Something came; a person has not looked yet.
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    SUPERSEDED = "superseded"  #: A better document replaced it.


_S = RequirementState

#: Where each state may go next. What is open may be waived, may turn out not to apply, and may come without being asked
#: for; a corrected fact brings an item back that did not apply; a withdrawn request leaves its items needed.
NEXT: Mapping[RequirementState, frozenset[RequirementState]] = MappingProxyType(
    {
        _S.MAYBE: frozenset({_S.NEEDED, _S.NOT_APPLICABLE}),
        _S.NEEDED: frozenset({_S.MAYBE, _S.ASKED, _S.RECEIVED, _S.WAIVED, _S.NOT_APPLICABLE}),
        _S.ASKED: frozenset({_S.NEEDED, _S.RECEIVED, _S.WAIVED, _S.NOT_APPLICABLE}),
        _S.RECEIVED: frozenset({_S.ACCEPTED, _S.REJECTED, _S.WAIVED, _S.NOT_APPLICABLE}),
        _S.ACCEPTED: frozenset({_S.SUPERSEDED}),
        _S.REJECTED: frozenset({_S.ASKED, _S.RECEIVED, _S.WAIVED, _S.NOT_APPLICABLE}),
        _S.WAIVED: frozenset(),
        _S.NOT_APPLICABLE: frozenset({_S.MAYBE, _S.NEEDED}),
        _S.SUPERSEDED: frozenset(),
    }
)

#: States in which nobody waits for the item any more.
SETTLED = frozenset({_S.ACCEPTED, _S.WAIVED, _S.NOT_APPLICABLE, _S.SUPERSEDED})

#: Fields that the claim, policy or customer record itself holds: a fact of the same name does not stand in for them.
RECORDED = frozenset(
    {"claimant_name", "contact", "national_id", "policy_ref", "loss_date", "amount_claimed", "bank_account"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """One item a claim needs, or may need, and why."""

    key: str
    stage: Stage
    state: RequirementState  #: `needed` or `maybe`.
    because: str  #: The rule's condition as written, or `ALWAYS`.
    questions: tuple[str, ...] = ()  #: The unknown facts that decide a `maybe`.
    held: bool = False  #: We have it, or look it up ourselves: never missing, never asked for.


def may_become(state: RequirementState, following: RequirementState) -> bool:
    """Say whether a requirement may go from `state` to `following`; to stay is no move."""
    return following in NEXT[state]


def known_facts(facts: Mapping[str, object], *, cause: str | None, loss_country: str | None) -> dict[str, object]:
    """Join a claim's facts with its cause, under both its names, and the country of loss."""
    known = dict(facts)
    if cause:
        known |= {"cause": cause, "loss_cause": cause}
    if loss_country:
        known["loss_country"] = loss_country
    return known


def derive(
    claim_type: ClaimType, catalogue: Catalogue, facts: Mapping[str, object], held: Iterable[str] = ()
) -> tuple[Needed, ...]:
    """List every item the type and the facts need, by stage, each once; what the facts exclude is left out.

    `held` has the keys of the items we have. A field is also held when `facts` has a value under its key. Where several
    rules name an item, needed beats maybe, then the earlier stage; the questions of a maybe are those of all its rules.
    """
    told = ((name, facts.get(name)) for name in _asked_about(claim_type))
    decisive = tuple((name, str(value)) for name, value in told if is_comparable(value))
    return _derived(claim_type, catalogue, decisive, frozenset({*held, *_stated(catalogue, facts)}))


@lru_cache(maxsize=4096)
def _derived(
    claim_type: ClaimType, catalogue: Catalogue, decisive: tuple[tuple[str, str], ...], held: frozenset[str]
) -> tuple[Needed, ...]:
    """The same; remembered, for claims by the thousand have few types and few answers that rules ask for."""
    found: dict[str, Needed] = {}
    for needed in _named(claim_type, catalogue, dict(decisive)):
        other = found.get(needed.key)
        found[needed.key] = _stronger(other, needed) if other else needed
    listed = (_marked(needed, catalogue.items[needed.key], held) for needed in found.values())
    return tuple(sorted(listed, key=lambda needed: needed.stage.place))


@cache
def _asked_about(claim_type: ClaimType) -> tuple[str, ...]:
    """The facts that the rules of a type compare, each once."""
    compared = (each.fact for rule in claim_type.when for each in rule.condition.comparisons)
    return tuple(dict.fromkeys(compared))


def _stated(catalogue: Catalogue, facts: Mapping[str, object]) -> Iterator[str]:
    """The fields that a fact of the same name answers."""
    for key, value in facts.items():
        item = catalogue.items.get(key)
        if item is not None and item.kind is ItemKind.FIELD and key not in RECORDED and value not in (None, ""):
            yield key


def missing(needed: Iterable[Needed], until: Stage = Stage.PAYMENT) -> list[Needed]:
    """Keep what we do not hold, at the stages up to `until`."""
    return [each for each in needed if not each.held and each.stage.place <= until.place]


def _named(claim_type: ClaimType, catalogue: Catalogue, facts: Mapping[str, object]) -> Iterator[Needed]:
    for stage in Stage:
        for key in claim_type.always(stage):
            yield Needed(key=key, stage=catalogue.items[key].stage or stage, state=_S.NEEDED, because=ALWAYS)
    for rule in claim_type.when:
        yield from _under(rule, catalogue, facts)


def _under(rule: Rule, catalogue: Catalogue, facts: Mapping[str, object]) -> Iterator[Needed]:
    holds = evaluate(rule.condition, facts)
    if holds is False:
        return
    for key in rule.need:
        yield Needed(
            key=key,
            stage=catalogue.items[key].stage or Stage.DECISION,
            state=_S.NEEDED if holds else _S.MAYBE,
            because=rule.condition.text,
            questions=unknown_facts(rule.condition, facts),
        )


def _stronger(first: Needed, second: Needed) -> Needed:
    """Of two reasons for one item, keep needed before maybe, then the earlier stage, then the first named."""
    best, other = sorted((first, second), key=lambda each: (each.state is _S.MAYBE, each.stage.place))
    if best.state is _S.MAYBE:
        return replace(best, questions=tuple(dict.fromkeys((*best.questions, *other.questions))))
    return best


def _marked(needed: Needed, item: Item, held: Container[str]) -> Needed:
    return replace(needed, held=True) if item.resolved_by == "lookup" or item.key in held else needed

"""The grammar of rules about a claim's facts, and their three-valued truth.

A condition is comparisons `fact op value` joined by `and` and `or`; `and` binds tighter, there are no brackets. The
operators are == != > < in not_in; `in` and `not_in` take words separated by commas. What rests on an unknown fact is
unknown (None), unless the rest decides: false and unknown is false, true or unknown is true (Kleene's strong logic).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from itertools import groupby

from tickets.errors import ConditionError


class Operator(StrEnum):
    """How a fact is compared with what the rule says."""

    EQUAL = "=="
    UNEQUAL = "!="
    ABOVE = ">"
    BELOW = "<"
    IN = "in"
    NOT_IN = "not_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One fact compared with one value, or with several for `in` and `not_in`."""

    fact: str
    operator: Operator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition as written, and as alternatives (joined by `or`) of comparisons (joined by `and`)."""

    text: str
    alternatives: tuple[tuple[Comparison, ...], ...]

    @property
    def comparisons(self) -> Iterator[Comparison]:
        """Every comparison, as written from left to right."""
        return (comparison for alternative in self.alternatives for comparison in alternative)


_TOKEN = re.compile(r"[=!<>]+|,|[^\s=!<>,()]+|\S")
_WORD = re.compile(r"-?[^\W_][\w.+:/\-]*")
_FACT = re.compile(r"[a-z]\w*")
_YES_OR_NO = ("yes", "no", "true", "false")  #: A rule with one of these compares truth values.
_TRUTH = {"yes": True, "true": True, "da": True, "1": True, "no": False, "false": False, "nu": False, "0": False}


def parse(text: str) -> Condition:
    """Read a condition; raises `ConditionError`, which says what is wrong and where."""
    tokens = _TOKEN.findall(text)
    alternatives = tuple(
        tuple(_comparison(part, text) for part in _split(alternative, "and")) for alternative in _split(tokens, "or")
    )
    return Condition(text=text, alternatives=alternatives)


@lru_cache(maxsize=4096)
def parsed(text: str) -> Condition:
    """`parse`, once for each text: policies by the thousand share a few exclusions."""
    return parse(text)


def evaluate(condition: Condition, facts: Mapping[str, object]) -> bool | None:
    """Say whether `condition` holds; None where an unknown fact decides."""
    return _any(_all(_holds(comparison, facts) for comparison in each) for each in condition.alternatives)


def unknown_facts(condition: Condition, facts: Mapping[str, object]) -> tuple[str, ...]:
    """Name the facts that keep `condition` from being decided, each once, as written; none if it is decided."""
    if evaluate(condition, facts) is not None:
        return ()
    open_ones = (each for each in condition.alternatives if _all(_holds(one, facts) for one in each) is None)
    return tuple(dict.fromkeys(one.fact for each in open_ones for one in each if _holds(one, facts) is None))


def _split(tokens: list[str], joint: str) -> list[list[str]]:
    """Cut at every `joint`; an empty piece stays, to be told as an error."""
    pieces: list[list[str]] = [[]]
    for is_joint, group in groupby(tokens, key=lambda token: token.casefold() == joint):
        if is_joint:
            pieces.extend([] for _ in group)
        else:
            pieces[-1].extend(group)
    return pieces


def _comparison(tokens: list[str], text: str) -> Comparison:
    if len(tokens) < 3:  # noqa: PLR2004 - a fact, an operator and a value
        raise ConditionError(f"{text!r}: expected `fact op value`, not {' '.join(tokens)!r}")
    fact, sign, *rest = tokens
    if not _FACT.fullmatch(fact):
        raise ConditionError(f"{text!r}: {fact!r} is not the name of a fact")
    if sign not in list(Operator):
        raise ConditionError(f"{text!r}: {sign!r} is not one of {' '.join(Operator)}")
    return Comparison(fact=fact, operator=Operator(sign), values=_values(Operator(sign), rest, text))


def _values(operator: Operator, tokens: list[str], text: str) -> tuple[str, ...]:
    words, commas = tokens[::2], tokens[1::2]
    well_formed = len(tokens) % 2 == 1 and all(comma == "," for comma in commas) and all(map(_WORD.fullmatch, words))
    if not well_formed:
        raise ConditionError(f"{text!r}: {' '.join(tokens)!r} is not a value or a list of values with commas")
    if len(words) > 1 and operator not in {Operator.IN, Operator.NOT_IN}:
        raise ConditionError(f"{text!r}: `{operator}` takes one value, a list takes `in` or `not_in`")
    if operator in {Operator.ABOVE, Operator.BELOW} and _number(words[0]) is None:
        raise ConditionError(f"{text!r}: `{operator}` takes a number, not {words[0]!r}")
    return tuple(words)


def _holds(comparison: Comparison, facts: Mapping[str, object]) -> bool | None:
    known = facts.get(comparison.fact)
    match comparison.operator:
        case Operator.EQUAL | Operator.IN:
            return _any(_equal(known, value) for value in comparison.values)
        case Operator.UNEQUAL | Operator.NOT_IN:
            return _not(_any(_equal(known, value) for value in comparison.values))
        case Operator.ABOVE | Operator.BELOW:
            return _beyond(known, comparison)


def is_comparable(known: object) -> bool:
    """Whether a fact can be compared at all; of one that can, its text says as much as itself."""
    return known is not None and not isinstance(known, Mapping | list | tuple | set)


def _equal(known: object, value: str) -> bool | None:
    """Compare as yes or no, as numbers or as words, whichever the rule's value is; None if the fact cannot be."""
    return _same(str(known), value) if is_comparable(known) else None


@lru_cache(maxsize=4096)
def _same(known: str, value: str) -> bool | None:
    """The same for a fact as it is written; remembered, for facts and rules have few words."""
    if not known.strip():
        return None
    if value.casefold() in _YES_OR_NO:
        said = _truth(known)
        return None if said is None else said == _TRUTH[value.casefold()]
    ours, theirs = _number(known), _number(value)
    if ours is not None and theirs is not None:
        return ours == theirs
    return _folded(known) == _folded(value)


def _beyond(known: object, comparison: Comparison) -> bool | None:
    ours, theirs = _number(known), _number(comparison.values[0])
    if ours is None or theirs is None:
        return None
    return ours > theirs if comparison.operator is Operator.ABOVE else ours < theirs


def _truth(known: object) -> bool | None:
    """Read yes and no in the ways a form, a file and a person write them; a count above zero is yes."""
    number = _number(known)
    if number is not None:
        return number != 0
    return _TRUTH.get(str(known).strip().casefold())


def _number(known: object) -> Decimal | None:
    if not isinstance(known, str | int | float | Decimal) or isinstance(known, bool):
        return None
    try:
        number = Decimal(str(known).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _folded(word: str) -> str:
    """`Water pipe`, `water-pipe` and `water_pipe` are one word."""
    return re.sub(r"[\s_-]+", "_", word.strip().casefold())


def _all(values: Iterable[bool | None]) -> bool | None:
    seen = set(values)
    return False if False in seen else None if None in seen else True


def _any(values: Iterable[bool | None]) -> bool | None:
    seen = set(values)
    return True if True in seen else None if None in seen else False


def _not(value: bool | None) -> bool | None:  # noqa: FBT001 - the negation of a truth value
    return None if value is None else not value

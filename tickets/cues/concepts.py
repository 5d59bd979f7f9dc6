"""Concepts: words that mean the same, and rules of which concepts one sentence must hold, in any order and language."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from tickets.cues import Cue, Phrases, cues, tables, words
from tickets.errors import ConfigurationError

_LANGUAGES = ("en", "ro")
_END = re.compile(r"[.;!\n]+|\?+")
_MOST_SENTENCES = 40  #: Of one text; a customer has said by then what it is about.
_LONGEST = 32  #: Words of a sentence; a longer one is cut, for what stands far apart belongs not together.


@dataclass(frozen=True, slots=True)
class Rule:
    """Concepts that speak for a label when one sentence holds them all and none of the others."""

    label: str
    weight: float
    needs: Mapping[str, int]  #: Concept and how many different words of it.
    without: frozenset[str]
    name: str
    bits: int  #: The concepts needed, as in `_bits`.
    forbidden: int

    def holds(self, bits: int, said: Mapping[str, Sequence[str]]) -> bool:
        """Whether a sentence with these concepts is meant."""
        if bits & self.bits != self.bits or bits & self.forbidden:
            return False
        return all(len(said[concept]) >= count for concept, count in self.needs.items())


@dataclass(frozen=True, slots=True)
class Said:
    """One rule that a sentence fulfils, and the words of the sentence it rests on."""

    rule: Rule
    words: tuple[str, ...]


def find(text: str) -> list[Said]:
    """Give every rule that a sentence of `text` fulfils, each once."""
    found: dict[str, Said] = {}
    for sentence in sentences(text):
        for one in _fulfilled(tuple(sentence)):
            found.setdefault(one.rule.name, one)
    return list(found.values())


@lru_cache(maxsize=1024)
def _fulfilled(sentence: tuple[str, ...]) -> tuple[Said, ...]:
    """The rules that one sentence fulfils; remembered, for greetings, thanks and footers come in every second mail."""
    said = _concepts(sentence)
    bits = _bits(said)
    holding = (rule for rule in _candidates(said) if rule.holds(bits, said))
    return tuple(Said(rule, tuple(said[concept][0] for concept in rule.needs)) for rule in holding)


def sentences(text: str) -> Iterator[list[str]]:
    """Give the words of each sentence; a question ends with `qm`, the first word of all is also `^word`."""
    begin, first, given = 0, True, 0
    for end in [*_END.finditer(text), None]:
        said = words(text[begin : end.start() if end else len(text)])
        begin = end.end() if end else len(text)
        if not said:
            continue
        if end and end[0].startswith("?"):
            said.append("qm")
        if first:
            said.insert(0, f"^{said[0]}")
            first = False
        for start in range(0, len(said), _LONGEST):
            yield said[start : start + _LONGEST]
            given += 1
            if given == _MOST_SENTENCES:
                return


def _concepts(sentence: Sequence[str]) -> Mapping[str, list[str]]:
    """Name the concepts of a sentence with the different phrases that showed them."""
    said: dict[str, list[str]] = {}
    for one in _phrases().find(sentence):
        said.setdefault(one.cue.label, []).append(one.cue.phrase)
    return said


def _bits(concepts: Iterable[str]) -> int:
    numbers = _numbers()
    bits = 0
    for concept in concepts:
        bits |= numbers[concept]
    return bits


def _candidates(said: Iterable[str]) -> Iterator[Rule]:
    by_first = _rules()
    return (rule for concept in said for rule in by_first.get(concept, ()))


@cache
def _numbers() -> Mapping[str, int]:
    """Give each concept a bit of its own."""
    named = dict.fromkeys(concept for language in _LANGUAGES for concept in tables(f"concepts_{language}.toml"))
    return {concept: 1 << number for number, concept in enumerate(named)}


@cache
def _phrases() -> Phrases:
    return Phrases(cue for language in _LANGUAGES for cue in _listed(tables(f"concepts_{language}.toml")))


def _listed(table: Mapping[str, str]) -> Iterator[Cue]:
    for concept, phrases in table.items():
        yield from cues(concept, (phrase.strip() for phrase in phrases.split(",")), 1.0)


@cache
def _rules() -> Mapping[str, list[Rule]]:
    """All rules by the first concept they need."""
    by_first: dict[str, list[Rule]] = {}
    for rule in _read(tables("rules.toml")):
        by_first.setdefault(next(iter(rule.needs)), []).append(rule)
    return by_first


def _read(table: Mapping[str, Mapping[str, Iterable[str]]]) -> Iterator[Rule]:
    weights = {"strong": 3.0, "plain": 1.6, "weak": 0.6, "against": -3.0}
    for label, strengths in table.items():
        for strength, rules in strengths.items():
            for written in rules:
                yield _rule(label, weights[strength], written)


def _rule(label: str, weight: float, written: str) -> Rule:
    parts = written.split()
    needs = Counter[str]()
    for part in parts:
        if not part.startswith("!"):
            concept, _, count = part.partition(":")
            needs[concept] = int(count or 1)
    without = frozenset(part[1:] for part in parts if part.startswith("!"))
    if unknown := (needs.keys() | without) - _numbers().keys():
        raise ConfigurationError(f"tickets/cues/rules.toml: {label}: no concept {', '.join(sorted(unknown))}")
    return Rule(label, weight, dict(needs), without, f"{label}: {written}", _bits(needs), _bits(without))

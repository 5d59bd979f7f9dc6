"""Answers in words: what a customer says to the questions of a request, and which item he says he does not have.

Both are proposed; a person accepts the fact, and asks on about the item.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from tickets import document_kinds
from tickets.catalogue import Fact, FactKind
from tickets.cues import tables, words

_WORDS = "answers.toml"
_MOST = 5_000
_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;\n]?")
_NUMBERED = re.compile(r"(?:^|[\s,;])(\d{1,2})\s?[).:\-]\s*([^\n;]*?)(?=(?:[\s,;]\d{1,2}\s?[).:\-]\s)|[\n;]|$)")
_NONE = re.compile(r"\s*(?:sorry,? |there's |i have |i've got |got )?no ((?:\w+ ?){1,3})", re.IGNORECASE)
_STEM = 5
_SAME = 4  #: Letters that the beginnings of two words share at least.
_WITHIN = 6  #: Words between "I do not have" and what.
_JUST_BEFORE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One question and the answer that the customer's words give it."""

    fact: str
    value: str
    words: str


class _Sentence(NamedTuple):
    """A sentence, its words, and what stands around each "I do not have" in it."""

    text: str
    said: Sequence[str]
    lacks: Sequence[tuple[Sequence[str], Sequence[str]]]


def facts(text: str, questions: Mapping[int, Fact]) -> list[Told]:
    """Propose answers to the open questions of a request, by the number each has in its list.

    By number ("1) da 2) nu"), by what a sentence speaks of ("da, e apartament"), or, if only one question is open, by a
    bare yes or no at the beginning.
    """
    text = text[:_MOST]
    told = {each.fact: each for each in _numbered(text, questions)}
    rest = [fact for fact in questions.values() if fact.key not in told]
    for each in _spoken(text, rest):
        told.setdefault(each.fact, each)
    rest = [fact for fact in rest if fact.key not in told]
    if len(questions) == 1 and len(rest) == 1 and (value := _bare(words(text), rest[0])):
        told[rest[0].key] = Told(fact=rest[0].key, value=value, words=text.strip()[:80])
    return list(told.values())


def lacked(text: str) -> list[tuple[str, str]]:
    """Give the kinds of document that a customer says he does not have, each with the sentence."""
    found: dict[str, str] = {}
    for each in _sentences(text):
        if (bare := _NONE.match(each.text)) and not _listed("sent").intersection(each.said):
            for kind in document_kinds.named(bare[1]):
                found.setdefault(kind.kind, each.text.strip())
        for after, before in each.lacks:
            for kind in document_kinds.named(" ".join(after)) or document_kinds.named(" ".join(before)):
                found.setdefault(kind.kind, each.text.strip())
    return list(found.items())


def lacked_of(text: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Give which of some items a customer says he does not have, in words of its label, or "it" for the only one.

    `labels`: what each item is called, in every language; the value is the sentence.
    """
    stems = {key: _stems(label) for key, label in labels.items()}
    found: dict[str, str] = {}
    for sentence in _sentences(text):
        for after, before in sentence.lacks:
            said = _stems(" ".join(after)), _stems(" ".join(before))
            meant = next((fitting for each in said if (fitting := [key for key in labels if each & stems[key]])), [])
            if not meant and len(labels) == 1 and _listed("unnamed").intersection((*after[:2], *before)):
                meant = list(labels)
            if len(meant) == 1:
                found.setdefault(meant[0], sentence.text.strip())
    return found


@lru_cache(maxsize=16)
def _sentences(text: str) -> tuple[_Sentence, ...]:
    """The sentences of a text, taken apart once for all that is asked of it."""
    found = ((match[0], words(match[0])) for match in _SENTENCE.finditer(text[:_MOST]))
    return tuple(_Sentence(sentence, said, tuple(_around(said))) for sentence, said in found)


def _around(spoken: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """The words behind and just before each "I do not have"; not where he has it, and has not sent it."""
    for begin, end in _lacking(spoken):
        after, before = spoken[end : end + _WITHIN], spoken[max(0, begin - _JUST_BEFORE) : begin]
        if not (after[:1] and after[0] in _listed("sent")):
            yield after, before


def _lacking(spoken: Sequence[str]) -> Iterator[tuple[int, int]]:
    lacks = _lacks()
    if lacks.keys().isdisjoint(spoken):
        return
    for place, word in enumerate(spoken):
        for phrase in lacks.get(word, ()):
            end = place + len(phrase)
            if tuple(spoken[place:end]) == phrase:
                yield place, end


def _numbered(text: str, questions: Mapping[int, Fact]) -> Iterator[Told]:
    answers = {int(match[1]): match[2].strip() for match in _NUMBERED.finditer(text)}
    if len(answers) < 2 and len(questions) > 1:  # noqa: PLR2004 - one number may be anything
        return
    for number, said in answers.items():
        fact = questions.get(number)
        value = fact and (_bare(words(said), fact) or _by_choice(words(said), fact))
        if fact is not None and value:
            yield Told(fact=fact.key, value=value, words=said)


def _bare(said: Sequence[str], fact: Fact) -> str | None:
    """Read what begins with a plain answer."""
    if not said:
        return None
    if fact.kind is FactKind.YES_NO:
        return "yes" if said[0] in _listed("yes") else "no" if said[0] in _listed("no") else None
    if fact.kind is FactKind.NUMBER:
        return next((str(number) for word in said[:4] if (number := _number(word)) is not None), None)
    return _by_choice(said, fact)


def _number(word: str) -> int | None:
    written: int | None = tables(_WORDS)["numbers"].get(word)
    return int(word) if word.isdigit() and len(word) < 3 else written  # noqa: PLR2004 - a count, no year


def _spoken(text: str, questions: Sequence[Fact]) -> Iterator[Told]:
    """Answers by sentences that speak of what one question asks about, and of no other's."""
    asked = [(fact, _beginnings(fact)) for fact in questions]
    for each in _sentences(text) if asked else ():
        if each.text.rstrip().endswith("?"):
            continue  # asks back
        about = [fact for fact, beginnings in asked if any(word.startswith(beginnings) for word in each.said)]
        if len(about) == 1 and (value := _value(each.said, about[0])):
            yield Told(fact=about[0].key, value=value, words=each.text.strip())


def _value(said: Sequence[str], fact: Fact) -> str | None:
    if fact.kind is FactKind.CHOICE:
        return _by_choice(said, fact)
    if fact.kind is FactKind.NUMBER:
        numbers = [number for word in said if (number := _number(word)) is not None and word not in {"o", "un", "una"}]
        return str(numbers[0]) if len(numbers) == 1 else None
    if said[0] in _listed("yes"):
        return "yes"
    return "no" if said[0] in _listed("no") or not _listed("not").isdisjoint(said) else "yes"


def _by_choice(said: Sequence[str], fact: Fact) -> str | None:
    """Give the only choice whose words are said."""
    stems = {word[:_STEM] for word in said}
    fits = [
        choice
        for choice, wording in fact.choices.items()
        if any(each <= stems for each in (_stems(wording.en), _stems(wording.ro)) if each)
    ]
    return fits[0] if len(fits) == 1 else None


def _beginnings(fact: Fact) -> tuple[str, ...]:
    """Give the beginnings of the words that a question is about."""
    return _about(
        fact.key, fact.en, fact.ro, tuple(word for each in fact.choices.values() for word in (each.en, each.ro))
    )


@lru_cache(maxsize=256)
def _about(key: str, english: str, romanian: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    stems = {stem for text in (english, romanian, *choices) for stem in _stems(text)}
    return tuple(stem for stem in {*stems, *_also(key)} if len(stem) >= _SAME or stem in _also(key))


@lru_cache(maxsize=1024)
def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in words(text) if word not in _listed("common") and len(word) > 2)  # noqa: PLR2004 - shorter ones say nothing


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(tables(_WORDS)[name])


@cache
def _lacks() -> Mapping[str, list[tuple[str, ...]]]:
    """Phrases by their first word."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for phrase in tables(_WORDS)["lacks"]:
        split = tuple(phrase.split())
        by_first.setdefault(split[0], []).append(split)
    return by_first


def _also(fact: str) -> tuple[str, ...]:
    return tuple(tables(_WORDS)["also"].get(fact, ()))

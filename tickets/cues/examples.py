"""Examples of each kind of message, and how much the words of a text are like those of one kind (naive Bayes)."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, pairwise

from tickets.cues import tables
from tickets.folding import plain

_WORD = re.compile(r"[a-z0-9]+|\?")
_MOST_WORDS = 40  #: Of one text: what it is about is said first.
_GREETINGS = frozenset(
    {"buna", "ziua", "seara", "dimineata", "salut", "hello", "hi", "hey", "dear", "stimate", "va", "rog", "please"}
)
_STEM = 5
_PIECE = 4
_SMOOTHING = 0.1
_NEVER = math.log(_SMOOTHING)
#: Odds as whole numbers: each is below 2**4, so that no sum of what any examples hold leaves its field.
_UNIT = 1 << 24
_BITS = 48
_FIELD = (1 << _BITS) - 1
_EVEN = 9.0  #: Features overlap, so that their odds are far too sure: divided by this they are as often right as said.


@dataclass(frozen=True, slots=True)
class Example:
    """One text and the kind it is of."""

    kind: str
    text: str


class Likeness:
    """What the words of examples say for each kind; made once, asked often."""

    def __init__(self, examples: Iterable[Example]) -> None:
        """Count the features of each kind; one that a single example has says nothing of the next."""
        texts = Counter[str]()
        holders: dict[str, list[str]] = defaultdict(list)
        for example in examples:
            texts[example.kind] += 1
            for feature in features(example.text):
                holders[feature].append(example.kind)
        self._kinds = tuple(texts)
        self._prior = [math.log(count / texts.total()) for count in texts.values()]
        places = {kind: place for place, kind in enumerate(self._kinds)}
        counted = {feature: Counter(kinds) for feature, kinds in holders.items() if len(kinds) > 1}
        totals = Counter[str]()
        for each in counted.values():
            totals.update(each)
        self._totals = [math.log(totals[kind] + _SMOOTHING * len(counted)) for kind in self._kinds]
        self._rows = {feature: _row(each, places) for feature, each in counted.items()}

    def of(self, text: str) -> Mapping[str, float]:
        """Give the share of each kind, all together 1; nothing if no word is known."""
        rows = list(filter(None, map(self._rows.get, features(text))))
        if not rows:
            return {}
        said = sum(rows)
        sums = [
            prior + len(rows) * (_NEVER - total) + (said >> place * _BITS & _FIELD) / _UNIT
            for place, (prior, total) in enumerate(zip(self._prior, self._totals, strict=True))
        ]
        best = max(sums)
        shares = [math.exp((each - best) / _EVEN) for each in sums]
        whole = sum(shares)
        return {kind: share / whole for kind, share in zip(self._kinds, shares, strict=True)}


def _row(counted: Mapping[str, int], places: Mapping[str, int]) -> int:
    """What one feature says for all kinds as one number, a field of its bits for each kind: above never, in units.

    Two hundred such numbers are added in no time; kind by kind they were a twentieth of reading a mail.
    """
    return sum(
        round((math.log(count + _SMOOTHING) - _NEVER) * _UNIT) << places[kind] * _BITS
        for kind, count in counted.items()
    )


def features(text: str) -> Iterable[str]:
    """Give what we compare, each once: words, their beginnings, pairs of these, and four letters in a row.

    In the text's order: a learnt model's sums differ in their last digit with the order in which they are added.
    """
    said = [word for word in _WORD.findall(plain(text).replace("'", "")) if word not in _GREETINGS][:_MOST_WORDS]
    said = ["#" if word.isdigit() else word for word in said]
    stems = [word[:_STEM] for word in said]
    pairs = (f"p {a} {b}" for a, b in pairwise(stems))
    gaps = (f"g {a} {b}" for a, b in zip(stems, stems[2:], strict=False))
    return dict.fromkeys(chain(pairs, gaps, *map(_of_word, said)))


@lru_cache(maxsize=20_000)
def _of_word(word: str) -> tuple[str, ...]:
    """What a word says alone; remembered, for a few thousand words make most texts."""
    padded = f" {word} "
    pieces = (padded[place : place + _PIECE] for place in range(max(1, len(padded) - _PIECE + 1)))
    return (f"w {word}", f"s {word[:_STEM]}", *pieces)


@cache
def ours() -> Likeness:
    """The likeness to the examples that come with the program."""
    return Likeness(shipped())


def shipped() -> Iterator[Example]:
    """The examples that come with the program."""
    for kind, languages in tables("examples.toml").items():
        for texts in languages.values():
            yield from (Example(kind, text) for text in texts)

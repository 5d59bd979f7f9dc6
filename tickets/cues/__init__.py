"""Cue phrases: word lists in TOML, and which of them a text contains."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from tickets.errors import ConfigurationError
from tickets.folding import plain

_FOLDER = Path(__file__).parent
_WORD = re.compile(r"[a-z0-9]+")
_MOST_WORDS = 2_000  #: Of one text; a customer has said by then what it is about.
_GAP = 3  #: Words that `..` may skip.
_FORGIVING = 80  #: Slips of the finger are forgiven in the first words only: looking for them takes time.
_LONG = 7  #: Letters a word needs before one wrong letter is forgiven.


@dataclass(frozen=True, slots=True)
class Cue:
    """One phrase and what it speaks for."""

    label: str
    phrase: str
    weight: float
    steps: tuple[tuple[str, bool], ...]  #: (word, whether up to three others may stand before it)
    key: str  #: Label and phrase.


class Found(NamedTuple):
    """One cue that a text contains; a tuple, for a text contains dozens."""

    cue: Cue
    place: int  #: Number of its first word in the text.


def words(text: str) -> list[str]:
    """Give the words of `text` folded: small letters, no diacritics, apostrophes gone (`didn't` is `didnt`)."""
    return _WORD.findall(plain(text).replace("'", ""))[:_MOST_WORDS]


@cache
def tables(name: str) -> Mapping[str, Any]:
    """Read one of our TOML files, once; raises `ConfigurationError` naming it."""
    try:
        return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"tickets/cues/{name} cannot be read: {error}") from error


def cues(label: str, phrases: Iterable[str], weight: float) -> Iterator[Cue]:
    """Make cues of phrases: `word*` takes any ending, `..` skips up to three words, `#` is a number."""
    for phrase in phrases:
        yield Cue(label, phrase, weight, tuple(_steps(phrase)), f"{label}: {phrase}")


def _steps(phrase: str) -> Iterator[tuple[str, bool]]:
    skip = False
    for word in re.findall(r"\.\.|#|\^?[a-z0-9]+\*?", plain(phrase).replace("'", "")):
        if word == "..":
            skip = True
            continue
        yield word, skip
        skip = False


@dataclass(slots=True)
class _Pair:
    """The cues that begin with the same two words: hundreds, nearly all of which the third rules out."""

    cues: list[Cue] = field(default_factory=list)
    open: list[Cue] = field(default_factory=list)  #: Those that need no certain third word.
    thirds: set[str] = field(default_factory=set)

    def add(self, cue: Cue) -> None:
        third, skip = cue.steps[2] if len(cue.steps) > 2 else ("", True)  # noqa: PLR2004 - behind the pair
        self.cues.append(cue)
        if skip:
            self.open.append(cue)
        else:
            self.thirds.add(third)

    def before(self, third: "_Word") -> list[Cue]:
        """The cues that may go on with this word."""
        return self.open if self.thirds.isdisjoint(third.meanings) else self.cues


@dataclass(frozen=True, slots=True)
class _Word:
    """What one word of a text may be, and which cues may begin with it."""

    meanings: tuple[str, ...] = ()  #: In one order always: what a text is said to say never hangs on a set's.
    alone: tuple[Cue, ...] = ()  #: Cues of one word, or whose second word may stand further on.
    pairs: tuple[Mapping[str, _Pair], ...] = ()  #: Cues by their second word.


_UNKNOWN = _Word()


class Phrases:
    """Many cues, ready to be looked for at once: one table look-up a word, whatever their number."""

    def __init__(self, listed: Iterable[Cue]) -> None:
        self._alone: dict[str, list[Cue]] = defaultdict(list)
        self._pairs: dict[str, dict[str, _Pair]] = defaultdict(lambda: defaultdict(_Pair))
        self._whole: set[str] = set()
        self._stems: set[str] = set()
        for cue in listed:
            self._add(cue)
        self._long = _by_first_letter(self._whole), _by_first_letter(self._stems)
        self._lengths = tuple(sorted({len(stem) for stem in self._stems}))
        self._exact = lru_cache(maxsize=20_000)(self._read)
        self._forgiven = lru_cache(maxsize=20_000)(self._read_with_slips)

    def find(self, text: Sequence[str]) -> list[Found]:
        """Give every cue in a text's words, each once, at its first place."""
        known = list(map(self._exact, text))
        for place, said in enumerate(text[:_FORGIVING]):
            if len(said) >= _LONG and known[place] is _UNKNOWN:
                known[place] = self._forgiven(said)
        found: dict[str, Found] = {}
        following = [*known, _UNKNOWN, _UNKNOWN]
        for place, word in enumerate(known):
            if word.alone:
                _note(word.alone, known, place, found)
            if word.pairs and (second := following[place + 1]) is not _UNKNOWN:
                for pairs, meaning in product(word.pairs, second.meanings):
                    if meaning in pairs:
                        _note(pairs[meaning].before(following[place + 2]), known, place, found)
        return list(found.values())

    def _add(self, cue: Cue) -> None:
        first, second = cue.steps[0][0], cue.steps[1] if len(cue.steps) > 1 else ("", True)
        if second[1]:
            self._alone[first].append(cue)
        else:
            self._pairs[first][second[0]].add(cue)
        for word, _ in cue.steps:
            if word.endswith("*"):
                self._stems.add(word[:-1])
            elif word != "#":
                self._whole.add(word)

    def _read(self, word: str) -> _Word:
        """Find the cue words that `word` is: itself, a stem with `*`, `#` for a number."""
        meanings = {word[:length] + "*" for length in self._lengths if word[:length] in self._stems}
        if word in self._whole:
            meanings.add(word)
        if word.isdigit():
            meanings.add("#")
        return self._word(meanings)

    def _read_with_slips(self, word: str) -> _Word:
        """Find the cue words one wrong, missing, doubled or swapped letter away; the first letter must be right."""
        whole_words, stems_of = self._long
        whole = {one for one in whole_words.get(word[0], ()) if _a_slip_away(word, one)}
        stems = {stem + "*" for stem in stems_of.get(word[0], ()) if _a_slip_away(word[: len(stem)], stem)}
        return self._word(whole | stems)

    def _word(self, meanings: set[str]) -> _Word:
        if not meanings:
            return _UNKNOWN
        ordered = tuple(sorted(meanings))
        alone = tuple(cue for meaning in ordered for cue in self._alone.get(meaning, ()))
        pairs = tuple(self._pairs[meaning] for meaning in ordered if meaning in self._pairs)
        return _Word(ordered, alone, pairs)


def _a_slip_away(word: str, meant: str) -> bool:
    return abs(len(word) - len(meant)) <= 1 and OSA.distance(word, meant, score_cutoff=1) <= 1


def _by_first_letter(words: Iterable[str]) -> Mapping[str, list[str]]:
    """The words long enough to be meant by another spelling, which has to begin like them."""
    listed: dict[str, list[str]] = defaultdict(list)
    for word in words:
        if len(word) >= _LONG:
            listed[word[0]].append(word)
    return listed


def _note(candidates: Iterable[Cue], known: Sequence[_Word], place: int, found: dict[str, Found]) -> None:
    for cue in candidates:
        if cue.key not in found and (len(cue.steps) == 1 or _goes_on(cue.steps, known, place)):
            found[cue.key] = Found(cue, place)


def _goes_on(steps: tuple[tuple[str, bool], ...], known: Sequence[_Word], place: int) -> bool:
    """Whether the words after `place` are those of `steps`, the first of which is already found."""
    for word, skip in steps[1:]:
        place += 1
        last = min(place + _GAP, len(known)) if skip else place
        while place < last and word not in known[place].meanings:
            place += 1
        if place >= len(known) or word not in known[place].meanings:
            return False
    return True


def labels(found: Iterable[Found]) -> Mapping[str, list[Found]]:
    """Group what was found by label, the weightiest cue of each first."""
    grouped: dict[str, list[Found]] = defaultdict(list)
    for one in sorted(found, key=lambda one: -one.cue.weight):
        grouped[one.cue.label].append(one)
    return grouped

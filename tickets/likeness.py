"""Names compared: how alike two ways of writing a person are, from the same letters to another person."""

from collections import Counter
from enum import IntEnum

from rapidfuzz import fuzz

from tickets.parties import fold, folded_name

_ALIKE = 90  #: Percent of letters in common from which two names may be one with a slip.
_FEWEST = 2  #: Words two names must share before one may be a longer form of the other.


class Likeness(IntEnum):
    """In the order in which they are tried; the first that fits is the answer."""

    EXACT = 0
    FOLDED = 1  #: But for capitals and diacritics.
    SWAPPED = 2  #: But for the order of words.
    SHORTER = 3  #: A maiden or middle name more, or initials.
    FUZZY = 4  #: But for a slip of the pen.
    DIFFERS = 5


def compare(one: str, other: str) -> Likeness:
    """Say how alike two names are."""
    if one == other:
        return Likeness.EXACT
    if _plain(one) == _plain(other):
        return Likeness.FOLDED
    ours, theirs = folded_name(one).split(), folded_name(other).split()
    if ours == theirs:
        return Likeness.SWAPPED
    if _is_shorter(ours, theirs) or _is_shorter(theirs, ours):
        return Likeness.SHORTER
    if ours and theirs and fuzz.ratio(" ".join(ours), " ".join(theirs)) >= _ALIKE:
        return Likeness.FUZZY
    return Likeness.DIFFERS


def _plain(name: str) -> list[str]:
    return fold(name).split()


def _is_shorter(short: list[str], long: list[str]) -> bool:
    """Every word of `short` is a word of `long` or the initial of one; at least one is whole, each is used once."""
    if len(short) < _FEWEST or len(short) > len(long):
        return False
    whole = Counter(word for word in short if len(word) > 1)
    if not whole or whole - Counter(long):
        return False
    left = list((Counter(long) - whole).elements())
    return all(_take_initial(word, left) for word in short if len(word) == 1)


def _take_initial(initial: str, words: list[str]) -> bool:
    found = next((word for word in words if word.startswith(initial)), None)
    if found is not None:
        words.remove(found)
    return found is not None

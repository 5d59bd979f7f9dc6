"""Names of people in a text: which may be meant, who signs, and whether a text has somebody's name in it."""

import re
from collections.abc import Iterator
from itertools import groupby, islice

from rapidfuzz import fuzz

from tickets.folding import plain
from tickets.parties import folded_name

_MOST = 20_000  #: Characters of a text that are searched for names.
_CANDIDATES = 20  #: Names looked up for one text; a list of hundreds is no signature.
_SHORTEST, _LONGEST = 2, 4  #: Words of a name.
_ALIKE = 83  #: Of 100: one letter in six as misread by a scanner; Maria and Marta stay two.
_LEAST_LETTERS = 4
_WORDS = re.compile(r"[^\W_]+")
_CAPITALISED = re.compile(r"[^\W\d_]+(?:[ \t,\-]{1,2}[^\W\d_]+)+")
_NAME = r"[^\W\d_]+(?:[ \-][^\W\d_]+){1,3}"
#: Words behind which somebody says who he is, in folded small letters.
_SAYS = re.compile(
    r"\b(?:subsemnat(?:a|ul)?|ma numesc|numele meu (?:este|e)|nume(?:le)?(?: si prenume(?:le)?)?|semnatura|nume complet"
    rf"|my name is|the undersigned|full name|signed(?: by)?)[ ,:.]{{1,3}}(?P<name>{_NAME})"
)
_CLOSES = re.compile(
    r"\b(?:stima|respect|multumesc|multumim|consideratie|zi buna|regards|sincerely|faithfully|thanks|thank you|wishes"
    rf"|salutari)[ ,.!]{{0,3}}\s{{1,6}}(?P<name>{_NAME})[ .,]{{0,2}}(?:\n|$)"
)
#: Words that follow a name without being one.
_NO_NAMES = frozenset(
    re.findall(
        r"\w+",
        """din de la cu si in pe domiciliat domiciliata locuiesc posesor posesoare cnp titular telefon tel adresa avand
        am va rog sunt and from with for phone email""",
    )
)


def candidates(text: str) -> tuple[str, ...]:
    """Give the folded names that may stand in `text`: runs of capitalised words, and what somebody says of himself."""
    found = (*signed(text), *islice(_runs(text[:_MOST]), 4 * _CANDIDATES))
    return tuple(islice(dict.fromkeys(found), _CANDIDATES))


def signed(text: str) -> tuple[str, ...]:
    """Give the folded names under which `text` is signed, or its writer says he goes by; usually one, often none."""
    folded = plain(text[:_MOST])
    said = (match["name"] for pattern in (_SAYS, _CLOSES) for match in pattern.finditer(folded))
    names = (" ".join(_until_no_name(name)) for name in said)
    return tuple(dict.fromkeys(folded_name(name) for name in names if " " in name))


def has(text_words: frozenset[str], name: str) -> bool:
    """Whether every word of a folded name, two and more, is among a text's words: in any order, misread or not."""
    words = name.split()
    return len(words) >= _SHORTEST and all(_is_among(word, text_words) for word in words)


def words(text: str) -> frozenset[str]:
    """The words of a text, folded, for `has`."""
    return frozenset(_WORDS.findall(plain(text[:_MOST])))


def may_be_one(one: str, other: str) -> bool:
    """Whether two folded names may be one person's: all words of the shorter are in the longer, misread or not."""
    shorter, longer = sorted((one.split(), other.split()), key=len)
    return len(shorter) >= _SHORTEST and all(_is_among(word, frozenset(longer)) for word in shorter)


def _is_among(word: str, others: frozenset[str]) -> bool:
    if word in others:
        return True
    return len(word) >= _LEAST_LETTERS and any(_is_misread(word, other) for other in others)


def _is_misread(word: str, other: str) -> bool:
    """One wrong letter inside a word; the last one tells Cristian from Cristina and Daniel from Daniela."""
    return word[-1] == other[-1] and abs(len(word) - len(other)) <= 1 and fuzz.ratio(word, other) >= _ALIKE


def _runs(text: str) -> Iterator[str]:
    """Every two to four neighbouring words of a run in which each begins with a capital."""
    for match in _CAPITALISED.finditer(text):
        for capital, run in groupby(_WORDS.findall(match[0]), key=_begins_with_capital):
            if capital:
                yield from _parts(list(run))


def _begins_with_capital(word: str) -> bool:
    return word[0].isupper()


def _parts(run: list[str]) -> Iterator[str]:
    for start in range(len(run)):
        for end in range(start + _SHORTEST, min(start + _LONGEST, len(run)) + 1):
            yield folded_name(" ".join(run[start:end]))


def _until_no_name(name: str) -> Iterator[str]:
    for word in re.split(r"[ \-]", name):
        if word in _NO_NAMES:
            return
        yield word

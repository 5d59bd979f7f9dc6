"""What a message says it is not: "I do not want to cancel", "the money has arrived"; and what our own letter said."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from tickets.cues import Cue, Phrases, cues, tables, words

_CLAUSES = re.compile(r"[.;:!?\n]+|,\s|\s(?:dar|ci|but|however)\s", re.IGNORECASE)
#: What we wrote to them and they repeat: a mention of our letter, then words in quotation marks.
_OURS_REPEATED = re.compile(
    r"(?P<lead>\b(?:your (?:letter|message|e-?mail|text|sms|note|website|site)|you (?:wrote|write|sent|say|said)"
    r"|(?:mesajul|scrisoarea|e-?mailul|mailul|sms-?ul|textul|site-?ul) (?:dvs|dumneavoastr[aă]|vostru|voastr[aă])"
    r"|(?:mi-)?a[tț]i (?:scris|trimis|spus))[^\"„“”«»']{0,60})"
    r"(?:[\"„“«][^\"„“”«»]{12,400}[\"“”»]|(?<=[\s:(])'[^\n]{12,400}?'(?!\w))",
    re.IGNORECASE,
)

_MARKS = ('"', "„", "“", "«", "'")  #: Most texts hold no quotation marks, which is seen sooner.
_QUOTES = re.compile(r"[\"„“«]|[\s:(]'")


def own_words(text: str) -> str:
    """Give `text` without what it repeats of a letter of ours in quotation marks."""
    may_repeat = any(mark in text for mark in _MARKS) and _QUOTES.search(text)
    return _OURS_REPEATED.sub(r"\g<lead>", text) if may_repeat else text


def denied(text: str) -> Mapping[str, str]:
    """Give each label that a clause of `text` says it is not about, with the text without those clauses."""
    clauses = _read(text)
    labels = sorted({label for _, said in clauses for label in said})
    return {label: "".join(clause for clause, said in clauses if label not in said) for label in labels}


def affirmed(text: str) -> str:
    """Give `text` without the clauses that say what it is not about."""
    return "".join(clause for clause, said in _read(text) if not said)


@lru_cache(maxsize=64)
def _read(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each clause with the labels it denies."""
    said = words(text)
    labels = {one.cue.label for one in _phrases().find(said)}
    denied = {label for label in labels if not _words("unless_anywhere", label).find(said)}
    if not denied:
        return ((text, frozenset()),)
    return tuple((clause := text[start:end], _of_clause(clause) & denied) for start, end in _spans(text))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each clause begins and ends, with the sign that ends it."""
    start = 0
    for match in _CLAUSES.finditer(text):
        yield start, match.end()
        start = match.end()
    yield start, len(text)


def _of_clause(clause: str) -> frozenset[str]:
    said = words(clause)
    found = {one.cue.label for one in _phrases().find(said)} if said else set()
    asks = clause.rstrip().endswith("?")
    return frozenset(label for label in found if not (asks or _words("unless", label).find(said)))


@cache
def _phrases() -> Phrases:
    return Phrases(_listed())


def _listed() -> Iterator[Cue]:
    for label, denial in tables("denials.toml").items():
        yield from cues(label, (f"{frame} {word}" for frame in denial["frames"] for word in denial["words"]), 1.0)


@cache
def _words(key: str, label: str) -> Phrases:
    return Phrases(cues(label, tables("denials.toml")[label].get(key, ()), 1.0))

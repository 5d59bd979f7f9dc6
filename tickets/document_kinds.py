"""What kind of document a file is, proposed from its name, its text and the words beside it; a person accepts it."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from tickets.cues import Cue, Found, Phrases, cues, labels, tables, words
from tickets.kind_reasons import Reason, Why

_MOST_TEXT = 6_000  #: Characters of a file's own text: what it is stands at its head.
_HEADING = 25  #: Words in which a paper names itself.
_NAME, _TITLE, _HEAD, _BODY, _BESIDE = 0.75, 0.8, 0.55, 0.45, 0.6
_FIELD = 0.3  #: What one label of a form says of the only kind that bears it.
_MOST_BY_FIELDS = 0.75
_LEAST_FIELDS = 2
_A_FIELD_IN = 30  #: Words; a longer text needs more of them, for it bears some by chance.
_FORM = 120  #: Words in which a form shows what it is.
_TITLE_WITHIN = 2  #: Words at the beginning of a line in which a title begins: "RO eFactura".
_EXACT = 0.1  #: A phrase of several words says it more exactly than one word.
_PHOTO, _SOUND, _SHEET = 0.3, 0.4, 0.5
_MOST = 0.97
_GENERAL, _LESS_EXACT = frozenset({"signed_form", "letter"}), 0.25
_NEGATED_WITHIN = 4
_NOT = frozenset(
    {
        "nu",
        "n",
        "fara",
        "no",
        "not",
        "cant",
        "cannot",
        "dont",
        "doesnt",
        "havent",
        "without",
        "niciun",
        "nicio",
        "never",
    }
)
_SHORT = 4
_AS_LETTERS = str.maketrans("015836", "oisbeb")
_SEAMS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_BY_MEDIA_TYPE = {
    "image/": ("photo", _PHOTO),
    "audio/": ("recorded_call", _SOUND),
    "text/csv": ("spreadsheet", _SHEET),
    "application/vnd.ms-excel": ("spreadsheet", _SHEET),
    "application/vnd.openxmlformats-officedocument.spreadsheetml": ("spreadsheet", _SHEET),
    "application/vnd.oasis.opendocument.spreadsheet": ("spreadsheet", _SHEET),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One proposed kind, a word of the catalogue's evidence."""

    kind: str
    score: float  #: 0 to 1; a person accepts or changes it.
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Hint:
    kind: str
    score: float
    reason: Reason


def propose(*, name: str, text: str, media_type: str, words: str = "") -> list[Kind]:
    """Propose kinds of one file, the likeliest first; an image that nothing names is a photo with a low score.

    `name` is the file's, `text` what it says itself, `words` what stands in the message beside it.
    """
    hints = [*_by_name(name), *_by_text(text), *_beside(words), *_by_media_type(media_type)]
    return sorted(_together(hints), key=_rank)


def _rank(kind: Kind) -> float:
    """The likeliest first; that somebody signed a paper, or wrote it as a letter, says less than what is in it."""
    return _LESS_EXACT * (kind.kind in _GENERAL) - kind.score


def named(text: str) -> list[Kind]:
    """Give the kinds of document that a message speaks of, in its order; what it says it lacks is left out."""
    spoken = words(text)
    found = sorted(_meant(_said().find(spoken)), key=lambda one: one.place)
    hints = [_hint(one, _BESIDE, Why.MESSAGE) for one in found if not _negated(one, spoken)]
    return _together(hints)


def _by_name(name: str) -> Iterator[_Hint]:
    spoken = words(_SEAMS.sub(" ", _ENDING.sub("", name)))
    return (_hint(one, _NAME, Why.NAME) for one in _meant(_in_names().find(spoken)))


def _by_text(text: str) -> Iterator[_Hint]:
    """What a paper calls itself, most at the head of it and where a line begins, and the labels it bears."""
    said, begins = _printed_words(text[:_MOST_TEXT])
    for one in _meant(_printed().find(said)):
        leads = any(place in begins for place in range(one.place - _TITLE_WITHIN + 1, one.place + 1))
        at_head = one.place < _HEADING
        yield _hint(one, _TITLE if at_head and leads else _HEAD if at_head or leads else _BODY, Why.TEXT)
    yield from _by_fields(said)


def _by_fields(said: Sequence[str]) -> Iterator[_Hint]:
    """One label alone stands on too many papers; a label that several kinds bear says less of each."""
    head = said[:_FORM]
    least = _LEAST_FIELDS + len(head) // _A_FIELD_IN
    for kind, found in labels(_fields().find(head)).items():
        if len(found) < least:
            continue
        doubt = math.prod(1 - one.cue.weight for one in found)
        phrases = tuple(one.cue.phrase for one in found[:4])
        yield _Hint(kind, min(_MOST_BY_FIELDS, 1 - doubt), Reason(Why.FIELDS, phrases))


def _printed_words(text: str) -> tuple[list[str], set[int]]:
    """The words of a paper, letters read as figures set right, and the places at which its lines begin."""
    said: list[str] = []
    begins: set[int] = set()
    for line in text.splitlines():
        begins.add(len(said))
        said += map(_unspoilt, words(line))
    return said, begins


def _unspoilt(word: str) -> str:
    """Read the figures in a word of letters as the letters they stand for: what a scan makes of "permis"."""
    figures = sum(letter.isdigit() for letter in word)
    spoilt = 0 < figures <= len(word) // 3 and len(word) > _SHORT
    return word.translate(_AS_LETTERS) if spoilt else word


def _beside(text: str) -> Iterator[_Hint]:
    return (_Hint(kind.kind, kind.score, reason) for kind in named(text) for reason in kind.reasons[:1])


def _by_media_type(media_type: str) -> Iterator[_Hint]:
    for beginning, (kind, score) in _BY_MEDIA_TYPE.items():
        if media_type.lower().startswith(beginning):
            yield _Hint(kind, score, Reason(Why.PICTURE if beginning == "image/" else Why.FILE_TYPE))


def _hint(found: Found, score: float, why: Why) -> _Hint:
    exact = _EXACT if len(found.cue.steps) > 1 else 0.0
    return _Hint(found.cue.label, score + exact, Reason(why, (found.cue.phrase,)))


def _together(hints: Iterable[_Hint]) -> list[Kind]:
    """Join the hints of one kind: each further one makes it likelier, in the order of first mention."""
    joined: dict[str, Kind] = {}
    for hint in hints:
        known = joined.get(hint.kind)
        doubt = (1 - known.score if known else 1.0) * (1 - hint.score)
        reasons = (*(known.reasons if known else ()), hint.reason)
        joined[hint.kind] = Kind(kind=hint.kind, score=round(min(_MOST, 1 - doubt), 2), reasons=reasons)
    return list(joined.values())


def _meant(found: Sequence[Found]) -> list[Found]:
    """Leave out what is part of a longer phrase: "adeverinta" in "adeverinta de la anaf"."""
    return [one for one in found if not any(_covers(other, one) for other in found)]


def _covers(longer: Found, one: Found) -> bool:
    if len(longer.cue.steps) <= len(one.cue.steps) or longer.cue.label == one.cue.label:
        return False
    end, longer_end = one.place + len(one.cue.steps), longer.place + len(longer.cue.steps)
    return longer.place <= one.place and end <= longer_end


def _negated(found: Found, spoken: Sequence[str]) -> bool:
    return not _NOT.isdisjoint(spoken[max(0, found.place - _NEGATED_WITHIN) : found.place])


@cache
def _said() -> Phrases:
    return Phrases(_listed("said"))


@cache
def _in_names() -> Phrases:
    return Phrases([*_listed("said"), *_listed("file")])


@cache
def _printed() -> Phrases:
    return Phrases(_listed("printed"))


@cache
def _fields() -> Phrases:
    bearers = Counter(phrase for listed in tables("documents.toml").values() for phrase in listed.get("fields", ()))
    return Phrases(
        cue
        for kind, listed in tables("documents.toml").items()
        for phrase in listed.get("fields", ())
        for cue in cues(kind, [phrase], _FIELD / math.sqrt(bearers[phrase]))
    )


def _listed(where: str) -> Iterator[Cue]:
    for kind, listed in tables("documents.toml").items():
        yield from cues(kind, listed.get(where, ()), 1.0)

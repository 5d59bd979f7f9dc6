"""Every reference in a text: our claim, ticket and request numbers, policies, and the identifiers of others."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from tickets.folding import Folded, fold
from tickets.identifiers import (
    DIGIT,
    GAP,
    NUMBER_WORD,
    Reference,
    ReferenceKind,
    Window,
    cnps,
    digits,
    ibans,
    invoices,
    names_another_number,
    phones,
    plates,
    real_digits,
    vins,
)
from tickets.policy_numbers import EXAMPLE, PolicyFormat, pad_policies, rca_policies

__all__ = [
    "EXAMPLE",
    "POLICY_KINDS",
    "NearMiss",
    "PolicyFormat",
    "Reference",
    "ReferenceKind",
    "find",
    "is_valid",
    "make",
    "near_miss",
    "near_policies",
    "parse",
]

POLICY_KINDS = (ReferenceKind.RCA, ReferenceKind.PAD, ReferenceKind.OWN)

_MOST = 200_000  #: Characters of one text that are read.
_REACH = 80  #: No reference is written with more than this between two of its digits.
_PRINTED = re.compile(r"(CLM|TKT)([0-9]{2})-([0-9]{6})-([0-9]{2})")
_LAST_NUMBER = 999_999
_DIGITS = re.compile(r"[0-9]+")
_LAST_DIGITS = re.compile(r"[0-9]{5,11}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """Something that looks like one of our numbers although its check digits fail."""

    value: str  #: As it was read: `CLM26-004711-85`.
    candidates: tuple[str, ...]  #: Valid numbers one wrong digit or one swap of neighbours away, swaps first.
    start: int
    end: int


def make(prefix: str, year: int, number: int) -> str:
    """Print a reference: three letters, year, six digits, two check digits (ISO 7064 mod 97-10 over the eight).

    Raises ValueError for a number past 999999: the printed form has no room for it.
    """
    if not 0 <= number <= _LAST_NUMBER:
        raise ValueError(f"{prefix} {year}: {number} does not fit into six digits")
    body = f"{year % 100:02d}{number:06d}"
    return f"{prefix}{body[:2]}-{body[2:]}-{_check_digits(body)}"


def parse(ref: str) -> tuple[str, int, int] | None:
    """Give prefix, year and number of a printed reference; None if it is none or its check digits fail."""
    match = _PRINTED.fullmatch(ref)
    if match is None or _check_digits(match[2] + match[3]) != match[4]:
        return None
    return match[1], 2000 + int(match[2]), int(match[3])


def is_valid(ref: str) -> bool:
    """Whether `ref` is a printed claim or ticket number with right check digits; it need not exist."""
    return parse(ref) is not None


def find(text: str, *, own: tuple[PolicyFormat, ...] = ()) -> list[Reference]:
    """Find every reference in `text`, in reading order, each once; places are those of `text`.

    Never raises on a customer's text and takes time in proportion to it; only the first 200,000 characters are read.
    No two references share a character: the kind that proves itself best (check digits, then shape) takes it.
    """
    text = text[:_MOST]
    folded = fold(text)
    windows = [Window(folded.text, start, end) for start, end in _near_digits(folded.text)]
    found: dict[tuple[str, str], Reference] = {}
    taken = bytearray(len(folded.text)) if windows else bytearray()
    for reader in _readers(lambda start, end: text[folded.origin(start) : folded.origin(end)], own):
        for window in windows:
            for reference in reader(window):
                _take(reference, taken, found)
    return sorted((_placed(reference, folded) for reference in found.values()), key=lambda reference: reference.start)


def near_miss(text: str) -> list[NearMiss]:
    """Find what looks like a claim or ticket number but fails its check digits, and what it may have been meant for."""
    folded = fold(text[:_MOST])
    missed: dict[str, NearMiss] = {}
    for start, end in _near_digits(folded.text):
        for written in _written(Window(folded.text, start, end)):
            if not any(_right(figures) for figures, _ in written.readings):
                value = _printed(written.prefix, written.readings[0][0])
                missed.setdefault(value, _missed(written, value, folded))
    return list(missed.values())


def near_policies(value: str) -> tuple[str, ...]:
    """Give what one wrong digit or one swap of neighbours in its number makes of a policy reference."""
    match = _LAST_DIGITS.search(value)
    if match is None:
        return ()
    return tuple(dict.fromkeys(value[: match.start()] + each for each in _slips(match[0]) if each != match[0]))


# --- how the parts are put together

Reader = Callable[[Window], Iterable[Reference]]


def _readers(original: Callable[[int, int], str], own: tuple[PolicyFormat, ...]) -> Iterator[Reader]:
    """Give the readers, the one that proves itself best first."""
    accounts = cache(lambda window: tuple(ibans(window)))
    yield _our_numbers
    yield lambda window: (account for account in accounts(window) if account.valid)
    yield rca_policies
    yield pad_policies
    yield from (policy.find for policy in own)
    yield lambda window: (account for account in accounts(window) if not account.valid)
    yield vins
    yield cnps
    yield phones
    yield invoices
    yield _bare_numbers
    yield lambda window: plates(window, original)


def _near_digits(text: str) -> list[tuple[int, int]]:
    """Give the stretches within reach of a digit: what has no digit near it is never looked at again."""
    stretches: list[tuple[int, int]] = []
    for match in _DIGITS.finditer(text):
        start, end = max(0, match.start() - _REACH), match.end() + _REACH
        if stretches and start <= stretches[-1][1]:
            start = stretches.pop()[0]
        stretches.append((start, end))
    return stretches


def _take(reference: Reference, taken: bytearray, found: dict[tuple[str, str], Reference]) -> None:
    """Keep `reference` unless its characters already belong to another; the surer of two equal ones stays."""
    if taken.find(1, reference.start, reference.end) >= 0:
        return
    taken[reference.start : reference.end] = b"\x01" * (reference.end - reference.start)
    known = found.get((reference.kind, reference.value))
    if known is None or (reference.sure and not known.sure):
        found[reference.kind, reference.value] = reference


def _placed(reference: Reference, folded: Folded) -> Reference:
    if not folded.shifts:
        return reference
    return replace(reference, start=folded.origin(reference.start), end=folded.origin(reference.end))


# --- our own numbers

_PREFIXES = {
    "CIM": "CLM",
    "C1M": "CLM",
    "6LM": "CLM",
    "GLM": "CLM",
    "CLRN": "CLM",
    "CLNN": "CLM",
    "7KT": "TKT",
    "TK7": "TKT",
}
_HEAD = re.compile(rf"(?:CLM|TKT|{'|'.join(_PREFIXES)})(?={GAP}[N0-9OQDIL|!ZSBG])")
#: Check digits stand behind these, so an exclamation mark may be a misread one.
_OURS = rf"(?:{DIGIT}|!)"
_TEN = rf"{_OURS}{GAP}{_OURS}{GAP}{NUMBER_WORD}{_OURS}(?:{GAP}{_OURS}){{7}}(?![0-9])"
_SHORT_YEAR = re.compile(rf"{GAP}{NUMBER_WORD}({_TEN})")
_FULL_YEAR = re.compile(rf"{GAP}{NUMBER_WORD}2{GAP}[0O]{GAP}({_TEN})")
_REQUEST = re.compile(rf"{GAP}R[ \-.]?(?:0?(?P<number>[1-9][0-9O]?)|(?<=/R)(?P<misread>[IL|!Z][0-9O]?))(?![A-Z0-9])")
_GLUED = ("DOSAR", "DOSARUL", "DAUNA", "CLAIM", "REF", "NR", "TICHET", "TICKET")
_LEAST_REAL = 2
_KINDS = {"CLM": ReferenceKind.CLAIM, "TKT": ReferenceKind.TICKET}


@dataclass(frozen=True, slots=True)
class _Written:
    """A prefix of ours with ten digits behind it, read with a two-digit and perhaps with a four-digit year."""

    prefix: str
    start: int
    readings: tuple[tuple[str, int], ...]  #: (ten digits, end)


def _our_numbers(window: Window) -> Iterator[Reference]:
    for written in _written(window):
        for figures, end in written.readings:
            if _right(figures):
                yield _our_number(window, written, figures, end)
                break


def _our_number(window: Window, written: _Written, figures: str, end: int) -> Reference:
    value = _printed(written.prefix, figures)
    request = _REQUEST.match(window.text, end) if written.prefix == "CLM" else None
    if request is None:
        return Reference(kind=_KINDS[written.prefix], value=value, start=written.start, end=end)
    value = f"{value}/R{digits(request['number'] or request['misread'])}"
    return Reference(kind=ReferenceKind.REQUEST, value=value, start=written.start, end=request.end())


def _written(window: Window) -> Iterator[_Written]:
    for head in window.matches(_HEAD):
        matches = (_FULL_YEAR.match(window.text, head.end()), _SHORT_YEAR.match(window.text, head.end()))
        readings = tuple(
            (digits(match[1]), match.end()) for match in matches if match and real_digits(match[1]) >= _LEAST_REAL
        )
        if readings and _begins_a_word(window.text, head):
            yield _Written(_PREFIXES.get(head[0], head[0]), head.start(), readings)


def _begins_a_word(text: str, head: re.Match[str]) -> bool:
    """Whether a prefix stands alone, behind the digits of another number, or stuck to a word that announces it."""
    before = text[max(0, head.start() - 8) : head.start()]
    if not before or not before[-1].isalnum():
        return True
    return before.endswith(_GLUED) or (before[-1].isdigit() and head[0] in _KINDS)


def _right(figures: str) -> bool:
    return _check_digits(figures[:8]) == figures[8:]


def _check_digits(body: str) -> str:
    return f"{98 - int(body) * 100 % 97:02d}"


def _printed(prefix: str, figures: str) -> str:
    return f"{prefix}{figures[:2]}-{figures[2:8]}-{figures[8:]}"


def _missed(written: _Written, value: str, folded: Folded) -> NearMiss:
    figures, end = written.readings[0]
    candidates = tuple(_printed(written.prefix, other) for other in dict.fromkeys(_slips(figures)) if _right(other))
    return NearMiss(value=value, candidates=candidates, start=folded.origin(written.start), end=folded.origin(end))


def _slips(figures: str) -> Iterator[str]:
    """Give what one swap of neighbours, then one wrong digit, makes of ten digits."""
    for place in range(len(figures) - 1):
        yield figures[:place] + figures[place + 1] + figures[place] + figures[place + 2 :]
    for place in range(len(figures)):
        yield from (figures[:place] + digit + figures[place + 1 :] for digit in "0123456789")


# --- digits without a prefix: a suggestion, and only where a claim is spoken of

_BARE = re.compile(
    rf"[2-4](?<![0-9+].)(?<![0-9][.,].)({DIGIT}{GAP}{DIGIT}{{6}}{GAP}{DIGIT}{{2}})"
    r"(?![0-9A-Z]|[.,][0-9]| ?LEI| ?RON| ?EUR)"
)
_CLAIM_WORD = re.compile(r"\b(?:DAUN[AE]|DOSAR|CLAIM|REFER|REF\b|CASE\b|FILE\b|CERER)[A-Z]{0,8}")
_CLAIM_REACH = 40
_LEAST_REAL_BARE = 7
_SPACED_LETTERS = re.compile(r"\b[A-Z](?:[ .]{1,3}[A-Z]\b)+[^A-Z0-9]*$")


def _bare_numbers(window: Window) -> Iterator[Reference]:
    for match in window.matches(_BARE):
        figures = digits(match[0])
        if real_digits(match[0]) >= _LEAST_REAL_BARE and _right(figures) and _claim_is_spoken_of(window, match.start()):
            value = _printed("CLM", figures)
            yield Reference(kind=ReferenceKind.CLAIM, value=value, start=match.start(), end=match.end(), sure=False)


def _claim_is_spoken_of(window: Window, place: int) -> bool:
    """A claim word within 40 characters before, then no other noun for the number and no letter-spaced prefix."""
    words = list(_CLAIM_WORD.finditer(window.text, max(0, place - _CLAIM_REACH - 16), place))
    if not words or place - words[-1].end() > _CLAIM_REACH:
        return False
    between = window.text[words[-1].end() : place]
    if between[-1:].isalpha():
        return False
    return not names_another_number(between) and not _SPACED_LETTERS.search(between)

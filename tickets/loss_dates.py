"""The date of a loss, proposed from a customer's words and the day the message was received."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tickets import spoken_days
from tickets.folding import Folded, fold

_MOST = 20_000  #: Characters that are read: nobody tells the date later than that.


@dataclass(frozen=True, slots=True, kw_only=True)
class LossDate:
    """A proposed date of loss and the customer's words it rests on."""

    day: date
    words: str


@dataclass(frozen=True, slots=True)
class _Mention:
    day: date
    start: int
    end: int
    relative: bool = False  #: "yesterday" is about what happened; a calendar day may be about anything.
    perhaps_ahead: bool = False  #: Without a year, and soon to come round again.


def proposed(text: str, *, received: date, language: str | None) -> LossDate | None:
    """Propose the date of loss; None if no day is named, or only days that belong to something else.

    Never later than `received`; a day without a year is the latest such day that is not. Days of policy periods,
    births, invoices and appointments are left out; the day nearest to words of loss wins, the first of equals.
    Figures are read day first in every `language` but "en-US".
    """
    folded = fold(text[:_MOST])
    mentions = [one for one in _mentions(folded.text, received, language) if not _belongs_elsewhere(folded.text, one)]
    if not mentions:
        return None
    losses = [match.start() for match in _LOSS.finditer(folded.text)] if len(mentions) > 1 else []
    best = min(mentions, key=lambda one: (_distance(one, losses, folded.text), one.start))
    return LossDate(day=best.day, words=_words(text, folded, best))


def _words(text: str, folded: Folded, mention: _Mention) -> str:
    return text[folded.origin(mention.start) : folded.origin(mention.end)]


_FAR = 400
_OTHER_SENTENCE = 60
_LIKELY_AHEAD = 100  #: "on 1 December" said in November is more likely the coming one, which is no loss.
_SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z])|\n\s*\n")


def _distance(mention: _Mention, losses: list[int], text: str) -> int:
    """Count characters to the nearest word of loss; another sentence is further, a relative day nearer."""
    head_start = (10 if mention.relative else 20) + _LIKELY_AHEAD * mention.perhaps_ahead
    if not losses:
        return _FAR + head_start
    after = bisect_left(losses, mention.start)
    nearest = min(losses[max(0, after - 1) : after + 1], key=lambda place: abs(place - mention.start))
    if abs(nearest - mention.start) > _FAR:
        return _FAR + head_start
    between = text[min(nearest, mention.start) : max(nearest, mention.end)]
    return min(_FAR, len(between) + _OTHER_SENTENCE * bool(_SENTENCE_END.search(between))) + head_start


# --- what surrounds a date

_LOSS = re.compile(
    r"\b(?:SPART|SPARS|SPARG|PLESN|CRAPAT|INUND|INCEND|FOC\b|ARS\b|ARDE|EXPLO|FURT|FURAT|FURA|ACCIDENT|LOVI|TAMPON"
    r"|IZBI|CIOCN|AVARI|PAGUB|DAUN[AE]\b|PIERDUT|INTARZI|CAZUT|RUPT|CUTREMUR|FURTUN|GRINDIN|ALUNECARE|VANDAL|ZGARI"
    r"|DISTRUS|STRICAT|DEFECT|INTERNAT|OPERAT|DECEDAT|MURIT|DECES|FRACTUR|RANIT|CONCEDIAT|FARA SERVICIU|INTAMPLAT"
    r"|PRODUS|PRODUCERII|EVENIMENT|CURS\b|CURGE|SCURGE|SCURS|UMFLAT"
    r"|BURST|LEAK|FLOOD|FIRE\b|BURN|EXPLOD|STOLE|THEFT|BURGL|BROKE|CRASH|COLLI|HIT\b|REAR-END|DAMAG|LOST\b|LOSS\b|DELAY"
    r"|FELL\b|STORM|HAIL|EARTHQUAKE|LANDSLIDE|SCRATCH|RUINED|DIED\b|DEATH|HOSPITAL|INJUR|HAPPENED|OCCURRED|INCIDENT"
    r"|STOPPED WORKING|DEAD\b|REDUNDAN|TELEAGA)"
)
_PAPERS = (
    r"(?:FACTUR|INVOICE|DEVIZ|BON\b|CHITANT|RECEIPT|ADRES[AE]|SCRISO|E?-?MAIL|SOLICITARE|CONTRACT|POLITA|POLICY|LETTER"
    r"|CERERE)[^!?\n]{0,30} (?:DIN|OF|FROM|DE LA)"
)
_TERMS = (
    r"VALABIL[A-Z]*|VALID|EXPIR[A-Z]*|INCEPAND(?: CU)?|INCEPE|PANA|TERMEN[A-Z]*|SCADEN[A-Z]*|NASCUT[A-Z]*|NASTERII"
    r"|UNTIL|TILL|DUE|BEFORE|BY|BORN|BIRTH|DATED|STARTING|STARTS|RENEW[A-Z]*|REINNO[A-Z]*"
)
_ACTS = (
    r"(?:CUMPARAT|BOUGHT|PURCHASED|PLATIT|PAID|APROBAT|APPROVED|TRIMIS|SENT|SUNAT|CALLED|SEMNAT|SIGNED|INCHEIAT|PRIMIT"
    r"|RECEIVED|EMIS|ISSUED)A?(?: [A-Z]+){0,2}?"
)
_ELSEWHERE = re.compile(
    rf"\b(?:{_PAPERS}|{_TERMS}|{_ACTS})[^A-Z0-9]{{0,3}}"
    r"(?:(?:PE|LA|DIN|IN|ON|DATA|DATE|DE|THE|FROM|CU|OF|IS|UNTIL)\b[^A-Z0-9]{1,3}){0,3}$"
)
_PERIOD_BEGINS = re.compile(r"\b(?:FROM|DE LA|INTRE|BETWEEN|PERIOADA)[^A-Z0-9]{0,3}(?:DATA )?$")
_PERIOD_GOES_ON = re.compile(r"[^A-Z0-9]{0,3}(?:TO|UNTIL|TILL|PANA|SI|AND|-)\b")
_BEFORE = 70


def _belongs_elsewhere(text: str, mention: _Mention) -> bool:
    """Whether the words just before say that this is the day of a policy, a birth, a paper, a call or a deadline."""
    before = text[max(0, mention.start - _BEFORE) : mention.start]
    if _ELSEWHERE.search(before):
        return True
    return bool(_PERIOD_BEGINS.search(before) and _PERIOD_GOES_ON.match(text, mention.end))


# --- days, as they are said


_BACK = spoken_days.by_word(
    {
        0: "AZI-NOAPTE|AZI NOAPTE|AZI-DIMINEATA|AZI DIMINEATA|AZI|ASTAZI|DE DIMINEATA|DIMINEATA ASTA|ADINEAURI"
        "|TODAY|THIS MORNING|TONIGHT|THIS AFTERNOON",
        1: "IERI|ASEARA|NOAPTEA TRECUTA|YESTERDAY|LAST NIGHT|LAST EVENING",
        2: "ALALTAIERI|ALALTASEARA|THE DAY BEFORE YESTERDAY|DAY BEFORE YESTERDAY",
    }
)
_SAID = re.compile(rf"\b(?:{'|'.join(sorted(_BACK, key=len, reverse=True))})\b")
_AGO = re.compile(
    rf"\b(?:ACUM|IN URMA CU) (?P<ro>{spoken_days.COUNT}) (?:DE )?ZI(?:LE)?\b"
    rf"|\b(?P<late>{spoken_days.COUNT}) (?:DE )?ZI(?:LE)? IN URMA\b"
    rf"|\b(?P<en>{spoken_days.COUNT}) DAYS? (?:AGO|BACK)\b"
)
_AGO_WORDS = ("ACUM", "IN URMA", " AGO", " BACK")
_WEEKDAY = re.compile(
    rf"\b(?:LAST |PAST )?(?P<day>{'|'.join(spoken_days.WEEKDAYS)})\b(?! VIITOARE?\b| URMATOARE\b| DE ZILE| NEXT)"
    r"(?: SEARA| NOAPTEA?| DIMINEATA| NIGHT| MORNING| EVENING)?"
    r"(?P<week>,? (?:DE |DIN )?SAPTAMANA TRECUTA| (?:OF )?LAST WEEK)?(?: TRECUTA?)?"
)
_NOT_A_DAY = re.compile(
    r"(?:\d|\d DE|\b(?:DOUA|TREI|PATRU|CINCI|SASE|CATEVA|MULTE|NEXT|VIITOARE|PANA|UNTIL|BY|EVERY|FIECARE))[ -]$"
)
_OLDEST_DAYS = 3660
_SOON_DAYS = 60


def _mentions(text: str, received: date, language: str | None) -> Iterator[_Mention]:
    yield from _relative(text, received)
    yield from _weekdays(text, received)
    for match in spoken_days.NAMED.finditer(text):
        month = spoken_days.MONTHS[match["month"] or match["month2"]]
        if match["month"] == "MAI" and not (
            match["year"] or spoken_days.DATE_BEFORE.search(text[max(0, match.start() - 10) : match.start()])
        ):
            continue  # "mai" is also "more"
        yield from _calendar(
            match, received, int(match["day"] or match["day2"]), month, match["year"] or match["year2"]
        )
    for match in spoken_days.ISO.finditer(text):
        yield from _calendar(match, received, int(match["day"]), int(match["month"]), match["year"])
    for match in spoken_days.FIGURES.finditer(text):
        yield from _in_figures(match, received, month_first=language == "en-US")


def _relative(text: str, received: date) -> Iterator[_Mention]:
    for match in _SAID.finditer(text):
        yield _Mention(received - timedelta(days=_BACK[match[0]]), match.start(), match.end(), relative=True)
    for match in _AGO.finditer(text) if _holds(text, _AGO_WORDS) else ():
        count = match["ro"] or match["late"] or match["en"]
        days = int(count) if count.isdigit() else spoken_days.NUMBERS[count]
        yield _Mention(received - timedelta(days=days), match.start(), match.end(), relative=True)


def _holds(text: str, some: Iterable[str]) -> bool:
    """Whether any of these stands in a text: most hold none, which is seen in a fraction of a pattern's time."""
    return any(each in text for each in some)


def _weekdays(text: str, received: date) -> Iterator[_Mention]:
    """Take the latest such weekday before the day of receipt; "on Monday" said on a Monday was a week ago."""
    for match in _WEEKDAY.finditer(text) if _holds(text, spoken_days.WEEKDAYS) else ():
        if not _NOT_A_DAY.search(text[max(0, match.start() - 12) : match.start()]):
            back = (received.weekday() - spoken_days.WEEKDAYS[match["day"]]) % 7 or 7
            if match["week"] and back <= received.weekday():
                back += 7
            yield _Mention(received - timedelta(days=back), match.start(), match.end(), relative=True)


def _in_figures(match: re.Match[str], received: date, *, month_first: bool) -> Iterator[_Mention]:
    day, month = int(match["day"]), int(match["month"])
    if match["year"] is None and not spoken_days.surely_a_date(match):
        return
    if month_first:
        day, month = month, day
    yield from _calendar(match, received, day, month, match["year"])


def _calendar(match: re.Match[str], received: date, day: int, month: int, year: str | None) -> Iterator[_Mention]:
    """Give the day if there is one, neither in the future nor ten years past."""
    for candidate in [spoken_days.full_year(year)] if year else [received.year, received.year - 1]:
        found = spoken_days.day_of(candidate, month, day)
        if found and received - timedelta(days=_OLDEST_DAYS) < found <= received:
            ahead = year is None and (received - found).days > 365 - _SOON_DAYS
            yield _Mention(found, match.start(), match.end(), perhaps_ahead=ahead)
            return

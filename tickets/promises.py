"""Promises: by which day a customer says that he will send what is missing. Proposed; a person accepts it."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tickets import spoken_days
from tickets.folding import fold

_MOST = 5_000  #: Characters that are read.
_FRIDAY = 4
_LONGEST = 120  #: Days ahead; what is promised for later is no date to wait for.
_SENTENCE = re.compile(r"(?:[^.!?;\n]|[.](?=\S))+")

#: The customer will do something, or hears from others when they can. All begin where a word does: said once, before
#: them all, it is looked for once.
_WILL = re.compile(
    r"\b(?:(?:VOI|VOM|O SA|OM|AM SA|AVEM SA|URMEAZA SA|POT SA|PUTEM SA|REUSESC SA|INCERC SA|PROMIT SA)"
    r" (?:VI |VA |V |LE |L |O |IL |TI )*"
    r"(?:MAI )?(?:RE)?(?:TRIMIT|TRANSMIT|ADUC|DEPUN|EXPEDI|ATASE|INCARC|OBTIN|PRIMI|AVE|AM\b|FACE|FAC\b"
    r"|DA\b|DAU|SCANE|PUN|AJUNG|SOSE|FIE GATA|LAS)"
    r"|(?<!\bSA )(?<!\bCAND )(?<!\bDACA )(?<!\bSA NU )(?:O|LE|IL) (?:VETI )?AVE(?:TI|A)\b"
    r"|V(?:I|A) (?:L |O |LE |IL )?(?:PUN|SCANEZ|LAS|AJUNGE?|VINE?|SOSESTE?|ADUCE)\b"
    r"|(?<!\bSA NU )(?<!\bNU )(?:O|LE|IL) (?:ADUCE|ADUCA|TRIMITE|DEPUNE|LASA)\b"
    r"|VINE\b(?!.{0,30}\b(?:EXPERT|INSPECTOR|CONSTATATOR)).{0,30}\bCU\b"
    r"|(?<!\bAM )(?<!\bNU )(?<!\bITI )(?:TRIMIT|RETRIMIT|TRANSMIT|ADUC|DEPUN|EXPEDIEZ|REVIN CU)\b"
    r"|(?:O|IL|LE|IL) (?:PRIMESC|AM|IAU|RIDIC|TRIMIT)\b|(?:MI|IMI|NE) (?:L |O |LE |IL )?(?:DA|DAU"
    r"|ELIBEREAZA|TRIMIT|EMIT|FAC|FACE)\b"
    r"|PRIMESC\b.{0,30}\b(?:ABIA|DOAR)|ABIA\b|NU (?:POT|AM CUM|REUSESC)\b.{0,60}\b(?:PANA|INAINTE)\b"
    r"|PRELUNGI|VA (?:FI )?GATA\b|V(?:A|I L|I O|I LE) DAU\b"
    r"|(?:I ?'?LL|WE ?'?LL|I WILL|WE WILL|I SHALL|WILL BE ABLE TO|GOING TO|I CAN|WE CAN|I HOPE TO"
    r"|HOPE TO|WANT TO|ABLE TO) "
    r"(?:ONLY |PROBABLY |SURELY |DEFINITELY |ALSO |THEN |TRY TO )?(?:RE)?(?:SEND|FORWARD|BRING|POST|E ?MAIL|MAIL|UPLOAD"
    r"|SUBMIT|SUPPLY|PROVIDE|GET|HAVE|DELIVER|SCAN|DROP|ATTACH|GIVE|DO|PASS|HAND|TEXT|FAX|LEAVE)"
    r"|(?:GONNA|PROMISE TO|MEAN TO|INTEND TO|PLAN TO|AIM TO|LET ME|TRY TO) "
    r"(?:SEND|FORWARD|BRING|POST|E ?MAIL|UPLOAD|SUBMIT|GET|DELIVER|DROP|GIVE|HAVE)"
    r"|YOU (?:LL|WILL|SHALL|SHOULD|CAN|MAY) (?:SURELY |PROBABLY )?(?:HAVE|GET|RECEIVE|EXPECT|FIND)"
    r"(?! (?:TO|PAID|MY))\b"
    r"|EXPECT (?:IT|THEM)\b|(?:WILL|LL|SHOULD) BE (?:WITH YOU|THERE|IN YOUR|READY|ON ITS WAY)\b"
    r"|(?:IT|THEY|IN THE POST).{0,15}\bSHOULD (?:ARRIVE|REACH|COME)\b"
    r"|GET (?:IT |THEM |THE \w+ )AND (?:SEND|FORWARD|BRING)"
    r"|(?:WILL|SHALL) (?:ONLY )?(?:SEND|FORWARD|BRING|POST|E ?MAIL|MAIL|UPLOAD|SUBMIT|FOLLOW|BE READY|BE SENT"
    r"|DROP|DELIVER"
    r"|ARRIVE|HAVE (?:IT|THEM)|GET|GIVE|ISSUE)"
    r"|(?:SENDING|POSTING|BRINGING|FORWARDING) (?:IT|THEM|THE|YOU|MY|EVERYTHING|ALL)\b|(?:ISSUES?"
    r"|GIVES?) (?:IT|ME|THEM|THE)\b"
    r"|(?:CAN ?'?T|CANNOT|UNABLE TO|NOT ABLE TO) (?:GET|SEND|OBTAIN|HAVE)\b.{0,60}\b(?:BEFORE|UNTIL|TILL)\b"
    r"|(?:CAN|COULD|MAY|MIGHT) (?:YOU|I|WE) (?:PLEASE )?(?:WAIT|HAVE)\b.{0,40}\b(?:UNTIL|TILL)\b"
    r"|NEEDS? UNTIL\b|EXTEN[DS]"
    r"|GIVE ME\b.{0,20}\b(?:UNTIL|TILL)\b|MAI (?:DATI|PUTETI)\b.{0,40}\bPANA\b|TIMP PANA\b"
    r"|ASTEPTA\w*\b.{0,20}\bPANA\b)"
)
#: Somebody else is to send something to the customer, or it has been sent already.
_NOT_MINE = re.compile(
    r"\b(?:BANII\b|(?:THE|MY) MONEY\b"
    r"|NU (?:VA |VI |LE |MAI |O SA |VOI |SA |V )*(?:TRIMIT|DAU|ADUC)\w* NIMIC\b"
    r"|(?:NOT|WONT|WON T) SEND\w* (?:YOU )?(?:ANYTHING|NOTHING)\b"
    r"|(?:IMI|NE|MI) (?:VETI )?(?:TRIMITETI|DATI(?! TIMP)|VIRATI|PLATITI)\b|CAND (?:IMI|NE|VA|MI)\b"
    r"|WHEN (?:WILL|CAN|DO) (?:YOU|I|WE)\b"
    r"|(?:WILL|CAN|COULD) YOU (?:SEND|PAY|CALL|GIVE)\b|NU (?:VA |VI |LE )?(?:MAI )?(?:TRIMIT"
    r"|POT TRIMITE|POT SA TRIMIT)\b(?!.{0,40}\b(?:PANA|INAINTE)\b)"
    r"|(?:WON ?'?T|CAN ?'?T|CANNOT) SEND\b(?!.{0,40}\b(?:UNTIL|TILL|BEFORE)\b))"
)
_AHEAD = spoken_days.by_word(
    {
        0: "AZI|ASTAZI|DISEARA|DESEARA|ASTA SEARA|TODAY|TONIGHT|THIS EVENING|THIS AFTERNOON",
        1: "MAINE|MAINE DIMINEATA|MIINE|TOMORROW|TMRW|TMR|TOMOROW|TOMMOROW|TOMORO",
        2: "POIMAINE|POIMIINE|THE DAY AFTER TOMORROW|DAY AFTER TOMORROW",
        14: "A FORTNIGHT|FORTNIGHT",
    }
)
_SAID = re.compile(rf"\b(?:{'|'.join(sorted(_AHEAD, key=len, reverse=True))})\b")
_IN = re.compile(
    rf"\b(?:IN|PESTE|WITHIN|INTR|CAM IN)(?: MAXIMUM| MAX| MAXIM| CEL MULT| ABOUT| APROXIMATIV| VREO| CAM"
    rf"| URMATOARELE"
    rf"| THE NEXT| THE COMING| ANOTHER| AT MOST)? (?:(?:{spoken_days.COUNT}) )?(?P<count>{spoken_days.COUNT}"
    rf"|COUPLE OF|CATEVA|A FEW|FEW)"
    r" (?:MORE |DE )?(?:WORKING |BUSINESS )?(?P<unit>ZI(?:LE)?|DAYS?|SAPTAMAN[AI]|WEEKS?|LUN[AI]|MONTHS?)\b"
    rf"|\b(?:INCA|ANOTHER) (?P<count2>{spoken_days.COUNT}|CATEVA|FEW) (?:DE )?(?P<unit2>ZI(?:LE)?|DAYS?"
    rf"|SAPTAMAN[AI]|WEEKS?)\b"
)
_WEEK = re.compile(
    r"\b(?P<this>SAPTAMANA ASTA|SAPTAMANA ACEASTA|(?:SFARSITUL|CURSUL) SAPTAMANII(?! VIITOARE| URMATOARE)"
    r"|THIS WEEK|END OF THE WEEK|END OF THIS WEEK)\b"
    r"|\b(?P<next>SAPTAM[AI]N(?:A|II) (?:VIITOARE|URMATOARE|CARE VINE)|SAPT VIITOARE|SAPT\.? VIIT|NEXT WEEK"
    r"|THE FOLLOWING WEEK|THE COMING WEEK|WEEK AFTER)\b"
    r"|\b(?P<month>SFARSITUL LUNII|END OF THE MONTH|MONTH ?'?S END)\b|\b(?P<later>LUN(?:A|II) VIITOARE|NEXT MONTH)\b"
)
_WEEKDAY = re.compile(
    rf"\b(?P<before>NEXT |THIS |ASTA )?(?P<day>{'|'.join(spoken_days.WEEKDAYS)})\b(?! TRECUTA?\b)"
    r"(?P<after> VIITOARE?\b| URMATOARE\b| DE SAPTAMANA VIITOARE\b| NEXT WEEK\b|,? SAPTAMANA VIITOARE\b"
    r"| OF NEXT WEEK\b)?"
)
_MANY = re.compile(rf"(?:\d|\bDE|\b(?:{'|'.join(spoken_days.NUMBERS)})|\bCATEVA|\bFEW|\bLAST|\bPAST|\bDE) ?$")
_DAY_OF_MONTH = re.compile(
    r"\b(?:PANA (?:PE|IN|LA)|PE|PE DATA DE|BY THE|ON THE|UNTIL THE|TILL THE|THE) (?P<day>\d{1,2})(?:ST|ND"
    r"|RD|TH)?\b(?![./:\-\d]|\s*(?:LEI|RON|EUR|DE|ORE|[A-Z]{3,} ?\d))"
)
_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The last day a customer speaks of, and the words it rests on."""

    day: date
    words: str


def promised(text: str, *, received: date, language: str | None) -> Promise | None:
    """Propose by when a customer will send something; None if no sentence both promises and names a day ahead.

    "Next week" is its Friday, a month's end its last day, a weekday the next one after the day of receipt.
    The latest day of all promises counts: before it there is nothing to ask about.
    """
    folded = fold(text[:_MOST])
    found = [
        Promise(day=day, words=text[folded.origin(sentence.start()) : folded.origin(sentence.end())].strip())
        for sentence in _SENTENCE.finditer(folded.text)
        for day in _days_promised(sentence[0], received, month_first=language == "en-US")
    ]
    return max(found, key=lambda one: one.day, default=None)


def _days_promised(sentence: str, received: date, *, month_first: bool) -> Iterator[date]:
    said = sentence.replace("'", " ").replace("-", " ")
    if not _WILL.search(said) or _NOT_MINE.search(said):
        return
    for day in _days(said, sentence, received, month_first=month_first):
        if received <= day <= received + timedelta(days=_LONGEST):
            yield day


def _days(said: str, written: str, received: date, *, month_first: bool) -> Iterator[date]:
    for match in _SAID.finditer(said):
        yield received + timedelta(days=_AHEAD[match[0]])
    yield from _spans(said, received)
    yield from _weekdays(said, received)
    named = list(spoken_days.NAMED.finditer(written))
    for match in named:
        month = spoken_days.MONTHS[match["month"] or match["month2"]]
        yield from _coming(received, int(match["day"] or match["day2"]), month, match["year"] or match["year2"])
    for match in spoken_days.ISO.finditer(written):
        yield from _coming(received, int(match["day"]), int(match["month"]), match["year"])
    for match in spoken_days.FIGURES.finditer(written):
        if match["year"] or spoken_days.surely_a_date(match):
            day, month = int(match["day"]), int(match["month"])
            yield from _coming(received, *((month, day) if month_first else (day, month)), match["year"])
    if not named:
        for match in _DAY_OF_MONTH.finditer(said):
            yield from _next_such(received, int(match["day"]))


def _spans(said: str, received: date) -> Iterator[date]:
    for match in _IN.finditer(said):
        count, unit = match["count"] or match["count2"], match["unit"] or match["unit2"]
        number = int(count) if count.isdigit() else spoken_days.NUMBERS.get(count, _FEW)
        days = 30 if unit[0] in "LM" else 7 if unit[0] in "SW" else 1
        yield received + timedelta(days=number * days)
    for match in _WEEK.finditer(said):
        friday = received + timedelta(days=(_FRIDAY - received.weekday()) % 7)
        if match["this"] or match["next"]:
            monday = received - timedelta(days=received.weekday())
            yield friday if match["this"] else monday + timedelta(days=7 + _FRIDAY)
        else:
            yield _month_end(received, later=bool(match["later"]))


def _weekdays(said: str, received: date) -> Iterator[date]:
    for match in _WEEKDAY.finditer(said):
        if _MANY.search(said[max(0, match.start() - 10) : match.start()]):
            continue  # "two Mondays", and "marti" after a number
        ahead = (spoken_days.WEEKDAYS[match["day"]] - received.weekday()) % 7 or 7
        next_week = bool(match["after"]) or (match["before"] or "").strip() == "NEXT"
        if next_week and ahead < 7 - received.weekday():
            ahead += 7
        yield received + timedelta(days=ahead)


def _month_end(received: date, *, later: bool) -> date:
    year, month = (
        (received.year + received.month // 12, received.month % 12 + 1) if later else (received.year, received.month)
    )
    return date(year, month, monthrange(year, month)[1])


def _next_such(received: date, day: int) -> Iterator[date]:
    """Give the next day with this number that is not past."""
    for later in (False, True):
        end = _month_end(received, later=later)
        found = spoken_days.day_of(end.year, end.month, day)
        if found is not None and found >= received:
            yield found
            return


def _coming(received: date, day: int, month: int, year: str | None) -> Iterator[date]:
    """Give the day in its year, or the next such day."""
    for candidate in [spoken_days.full_year(year)] if year else [received.year, received.year + 1]:
        found = spoken_days.day_of(candidate, month, day)
        if found is not None and found >= received:
            yield found
            return

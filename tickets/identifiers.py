"""Identifiers that others give out, as people write them: IBAN, CNP, VIN, phone numbers, plates, invoices."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from stdnum import iban as iban_numbers
from stdnum import numdb
from stdnum.ro import cnp as cnp_numbers

#: A letter that stands where a digit belongs begins no word: the B of "Buna ziua" behind a number is not its eight.
_NO_WORD = r"(?![OQDILZSBG]{0,8}[ACEFHJKMNPRT-Y])"
#: A character that stands where a digit belongs, as scanners and hurried people write it.
DIGIT = rf"(?:[0-9]|[OQDIL|ZSBG]{_NO_WORD})"
#: A line end with the signs by which mail programs quote.
_LINE_END = r"\r?\n(?:[ \t]{0,3}>){0,9}[ \t]{0,3}"
#: Up to four separators between two characters of one number; a line end counts once.
GAP = rf"(?:{_LINE_END}|[\s\-./:,#_*\\;()'\"=>~+]){{0,4}}+"
#: The same inside a number without check digits: what separates words and lists separates numbers.
NARROW_GAP = rf"(?:{_LINE_END}|[\s\-./_*]){{0,3}}+"
#: A word that only says "number".
NUMBER_WORD = rf"(?:(?:NUMARUL|NUMAR|NUMBER|NUM|NR|NO|N){GAP})?+"
_CONFUSABLES = str.maketrans("OQDIL|!ZSBG", "00011112586")
_LETTERS_IN_WORDS = str.maketrans("0158", "OISB")


class ReferenceKind(StrEnum):
    """What a reference names; configured policy formats may add kinds of their own."""

    CLAIM = "claim"
    TICKET = "ticket"
    REQUEST = "request"
    RCA = "policy.rca"
    PAD = "policy.pad"
    OWN = "policy.own"
    PLATE = "plate"
    VIN = "vin"
    IBAN = "iban"
    PHONE = "phone"
    CNP = "cnp"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One reference found in a text."""

    kind: str  #: A word of `ReferenceKind`, or the kind of a configured policy format.
    value: str  #: The printed form.
    start: int  #: First character, in the text it was found in.
    end: int  #: The character after the last.
    sure: bool = True  #: False: good for a suggestion only.
    valid: bool = True  #: False: has the right shape, but its check digits fail (IBAN only).


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of folded text that may hold references: everything close to a digit."""

    text: str
    start: int
    end: int

    def matches(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Find `pattern` in this stretch."""
        return pattern.finditer(self.text, self.start, self.end)

    def before(self, place: int, reach: int) -> str:
        """Give the text up to `reach` characters before `place`."""
        return self.text[max(0, place - reach) : place]

    def after(self, place: int, reach: int) -> str:
        """Give the text up to `reach` characters from `place` on."""
        return self.text[place : place + reach]


def digits(written: str) -> str:
    """Read digits out of `written`, taking look-alikes for the digits they stand for."""
    return re.sub(r"[^0-9]", "", written.translate(_CONFUSABLES))


def real_digits(written: str) -> int:
    """Count the characters that are digits without any goodwill."""
    return sum(character.isdigit() for character in written)


# --- what stands before a number

_OTHER_NOUN = re.compile(
    r"\b(?:FACTUR|INVOICE|INV\b|COMAND|ORDER|AWB|COLET|PARCEL|TRACKING|BON|POLIT|POLIC|CHITANT|RECEIPT|CUI|CIF|EAN|COD|CODE"
    r"|SERIA|SERIE|SERIAL|CONTRACT|CASIER|REF|TRANZACTI|TRANSACTION|ORDIN)[A-Z]{0,6}"
    r"(?:[ :.,#\-]{0,3}\b(?:NR|NO|NUMARUL|NUMAR|NUMBER|FISCALA|FISCAL|DE|BARE|PLATA|MEA|MY|CU|ESTE|IS|ID|E)\b){0,4}"
    r"[ :.,#\-\n]{0,3}$"
)


def names_another_number(before: str) -> bool:
    """Whether the words just before a number call it an invoice, an order, a parcel, ..."""
    return _OTHER_NOUN.search(before) is not None


def _in_an_address(window: Window, start: int, end: int) -> bool:
    """Whether a number is part of a web address, an e-mail address or a file's name: there it names nobody's own."""
    token = re.split(r"[\s<>(),;]", window.before(start, 200))[-1]
    tail = window.after(end, 40)
    return "://" in token or token.startswith("WWW.") or tail.startswith("@") or _FILE_NAME.match(tail) is not None


_FILE_NAME = re.compile(r"[A-Z0-9_\-]{0,30}\.(?:JPE?G|PNG|PDF|HEIC|DOCX?|XLSX?|TIFF?|GIF|MP4|ZIP|EML)\b")


# --- IBAN (ISO 13616; lengths and shapes by country from the SWIFT registry that stdnum carries)

_IBAN_GAP = r"[\s\-./_>]{0,4}+"
_IBAN_HEAD = re.compile(
    rf"[A-Z](?:(?<![A-Z0-9].)|(?<=IBAN.))[A-Z0](?={_IBAN_GAP}(?:[0-9]{_IBAN_GAP}{DIGIT}|{DIGIT}{_IBAN_GAP}[0-9]))"
)
_IBAN_CHARACTER = re.compile(rf"{_IBAN_GAP}([A-Z0-9|])")
_ACCOUNT_WORD = re.compile(r"\b(?:IBAN|CONT|CONTUL|ACCOUNT|BANCA|BANK)\b")
_FOURS = re.compile(r"[A-Z0-9|]{4}(?:[\s\-./_>]+[A-Z0-9|]{4})*(?:[\s\-./_>]+[A-Z0-9|]{1,4})?")
_LEAST_DIGITS = 8


def ibans(window: Window) -> Iterator[Reference]:
    """Find IBANs; one of the right shape whose check digits are wrong is kept as not valid."""
    for head in window.matches(_IBAN_HEAD):
        layout = _iban_layout(head[0][0] + head[0][1].replace("0", "O"))
        end = _end_of_iban(window, head.start(), layout)
        if not end:
            continue
        written = window.text[head.start() : end]
        value, right = _read_iban(re.sub(r"[\s\-./_>]", "", written), layout)
        if value and (right or _meant_as_iban(window, head.start(), written)):
            yield Reference(kind=ReferenceKind.IBAN, value=value, start=head.start(), end=end, valid=right)


def is_iban(text: str) -> bool:
    """Say whether an account number has the shape and the check digits of its country."""
    return bool(iban_numbers.is_valid(text, check_country=False))


@cache
def _iban_layout(country: str) -> str:
    """Give one letter a character: a letter, n digit, c either; empty for a country without IBANs."""
    [(_, facts), *_] = numdb.get("iban").info(country + "00")
    parts = re.findall(r"(\d+)!([nac])", facts.get("bban", ""))
    return "aann" + "".join(kind * int(count) for count, kind in parts) if parts else ""


def _end_of_iban(window: Window, start: int, layout: str) -> int:
    """Give the place after the last character the layout asks for; 0 if the text there is shorter or longer."""
    if not layout:
        return 0
    place = start
    for _ in layout:
        match = _IBAN_CHARACTER.match(window.text, place)
        if match is None:
            return 0
        place = match.end()
    return 0 if window.after(place, 1).isalnum() else place


def _read_iban(written: str, layout: str) -> tuple[str, bool]:
    value = "".join(map(_fitted, written, layout))
    if not all(map(_fits, value, layout)):
        return "", False
    for reading in (value, value[:8] + value[8:].translate(_CONFUSABLES)):
        if iban_numbers.is_valid(reading):
            return reading, True
    return value, False


def _fitted(character: str, kind: str) -> str:
    if kind == "n":
        return character.translate(_CONFUSABLES)
    return character.translate(_LETTERS_IN_WORDS) if kind == "a" else character


def _fits(character: str, kind: str) -> bool:
    return character.isdigit() if kind == "n" else character.isalpha() if kind == "a" else character.isalnum()


def _meant_as_iban(window: Window, start: int, written: str) -> bool:
    """Without right check digits the writing must show that an account was meant: a word, one block, or fours."""
    if real_digits(written) < _LEAST_DIGITS:
        return False
    return bool(_FOURS.fullmatch(written) or written.isalnum() or _ACCOUNT_WORD.search(window.before(start, 40)))


# --- CNP

_CNP = re.compile(
    r"[1-9](?<![0-9A-Z+].)(?<![0-9][.,/\-].)[0-9]{12}(?![0-9]|[.,/\-][0-9]| ?(?:LEI|RON|EUR|EURO|USD|BUC|KG)\b)"
)
_CNP_WORD = r"\b(?:CNP|COD NUMERIC PERSONAL|PERSONAL (?:IDENTIFICATION )?(?:NUMBER|CODE))"
_CNP_IN_GROUPS = re.compile(
    rf"{_CNP_WORD}{GAP}(?:(?:UL|MEU|ESTE|E|IS|AL){GAP}){{0,3}}{NUMBER_WORD}"
    rf"({DIGIT}(?:[ \-./]{{0,2}}{DIGIT}){{12}})(?![0-9A-Z])"
)


def cnps(window: Window) -> Iterator[Reference]:
    """Find Romanian personal numbers whose date, county and check digit are right; others are no reference."""
    for match in window.matches(_CNP_IN_GROUPS):
        value = digits(match[1])
        if cnp_numbers.is_valid(value):
            yield Reference(kind=ReferenceKind.CNP, value=value, start=match.start(1), end=match.end(1))
    for match in window.matches(_CNP):
        other = names_another_number(window.before(match.start(), 40)) or _in_an_address(window, *match.span())
        if cnp_numbers.is_valid(match[0]) and not other:
            yield Reference(kind=ReferenceKind.CNP, value=match[0], start=match.start(), end=match.end(), sure=False)


# --- VIN (ISO 3779: 17 characters without I, O, Q; the last four are digits)

_VIN = re.compile(r"(?<![A-Z0-9])[A-Z1-9][A-Z0-9]{16}(?![A-Z0-9])")
_VIN_WORD = r"\b(?:SASIU(?:L|LUI)?|VIN|CHASSIS|CAROSERI[A-Z]{1,3}|IDENTIFICATION NUMBER)"
_VIN_IN_GROUPS = re.compile(
    rf"{_VIN_WORD}[^A-Z0-9]{{1,4}}(?:(?:ESTE|E|IS|SERIA|SERIE)[^A-Z0-9]{{1,3}})?{NUMBER_WORD}"
    r"([A-Z1-9](?:[ \-./_\n]{0,2}[A-Z0-9]){16})(?![A-Z0-9])"
)
_VEHICLE_WORD = re.compile(
    rf"{_VIN_WORD}|\b(?:MASIN|AUTO|VEHIC|CAR\b|DACIA|RENAULT|SKODA|VOLKSWAGEN|VW\b|FORD|OPEL|BMW|AUDI|MERCEDES|TOYOTA"
    r"|HYUNDAI|KIA\b|PEUGEOT|FIAT|VOLVO|SUZUKI)"
)
_VIN_LETTERS = str.maketrans("OQI", "001")
_VIN_DIGITS, _VIN_WORDS = 5, 2


def vins(window: Window) -> Iterator[Reference]:
    """Find vehicle identification numbers; sure where a word says that a vehicle is meant."""
    for match in window.matches(_VIN_IN_GROUPS):
        if value := _vin(match[1]):
            yield Reference(kind=ReferenceKind.VIN, value=value, start=match.start(1), end=match.end(1))
    for match in window.matches(_VIN):
        if (value := _vin(match[0])) and not _in_an_address(window, *match.span()):
            before = window.before(match.start(), 60)
            sure = _VEHICLE_WORD.search(before) is not None
            if not sure and (names_another_number(before) or not _may_be_a_vehicle(value)):
                continue
            yield Reference(kind=ReferenceKind.VIN, value=value, start=match.start(), end=match.end(), sure=sure)


_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(
        zip(
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
            strict=True,
        )
    ),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _may_be_a_vehicle(value: str) -> bool:
    """North American numbers must carry their check digit in the ninth place; parcels begin like them."""
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(value, _VIN_WEIGHTS, strict=True))
    return value[0] not in "12345" or value[8] == "0123456789X"[total % 11]


def _vin(written: str) -> str | None:
    value = re.sub(r"[ \-./_\n]", "", written).translate(_VIN_LETTERS)
    value = value[:-4] + value[-4:].translate(_CONFUSABLES)
    mixed = real_digits(written) >= _VIN_DIGITS and sum(map(str.isalpha, value)) >= _VIN_WORDS
    return value if mixed and value[-4:].isdigit() else None


# --- phone numbers (Romanian plan: 07x mobile, 021/031 and 02/03 with 3-7 for the counties)

_DOTS = r"[ .\-/()_\n]{0,3}+"
_NATIONAL = rf"(?:7{_DOTS}[0-9]|[23]{_DOTS}[13-7])(?:{_DOTS}[0-9]){{7}}"
_NOT_LONGER = r"(?![0-9A-Z]|[.,\-][0-9]|/(?!0[237])[0-9])"
_PHONE = re.compile(
    rf"[+0](?<!\d[+0])(?<!\d[.,\-][+0])(?:"
    rf"(?P<home>(?:(?<=\+)|0){_DOTS}4{_DOTS}0{_DOTS}(?:0{_DOTS})?(?P<national>{_NATIONAL}))"
    rf"|(?<=0)(?P<local>{_DOTS}{_NATIONAL})|(?<=\+)(?P<abroad>{_DOTS}[1-9](?:{_DOTS}[0-9]){{7,13}})"
    rf"|0(?P<zeros>{_DOTS}[1-9](?:{_DOTS}[0-9]){{9,12}})){_NOT_LONGER}"
)
_PHONE_MAY_BEGIN = re.compile(r"(?:^|[^A-Z0-9+]|\b(?:TEL|MOBIL|T|M))$")
_CALLED = r"(?:TEL|TELEFON|MOBIL|MOB|PHONE|MOBILE|CELL|CALL|SUNATI|SUNA|WHATSAPP|FAX|SMS|APELATI)[A-Z]{0,3}"
_PHONE_WORD = re.compile(
    rf"\b{_CALLED}\b[^A-Z0-9]{{0,4}}(?:(?:LA|NR|ME|AT|ON|NO|NUMAR|ESTE|E|IS)\b[^A-Z0-9]{{0,3}}){{0,2}}$"
)
#: What else has ten digits and a nought in front.
_ANOTHER_NUMBER = re.compile(
    r"\b(?:(?:ID|COD|CODE|LOT|PIN|OTP|SKU|PNR|NIR|CARD|ITEM|CASE|FILE|IMG|SCAN|DOC|INREG|CONT|CONTUL|AVIZ|DEVIZ)\b"
    r"|(?:MEMBER|ABONAT|CONTOR|INDEX|ARTICOL|PRODUS|PRODUCT|ACCOUNT|BARCODE|TICHET|TICKET|BILET|REZERV|BOOKING|RESERVATION"
    r"|LICENT|CERTIFICAT|INREGISTR|REGISTR|DOSAR|CLAIM|DAUN|CERERE|PROTOCOL|RETUR|LIVRAR|DELIVERY|REFERINT)[A-Z]{0,6})"
    r"(?:[ :.,#\-_]{0,3}\b(?:NR|NO|NUMARUL|NUMAR|NUMBER|CLIENT|PRODUS|INTERN|MEU|MY|DE|ESTE|E|IS|ID|COD|CODE)\b){0,3}"
    r"[ :.,#\-_\n]{0,3}$"
)
_CALLED_PHONE = re.compile(
    rf"\b{_CALLED}\b[^A-Z0-9]{{0,4}}{NUMBER_WORD}(?:(?P<misread>[0O]{_DOTS}{DIGIT}(?:{_DOTS}{DIGIT}){{8}})(?![0-9A-Z])"
    rf"|(?P<bare>40{_DOTS}(?P<national>{_NATIONAL})){_NOT_LONGER})"
)
_PLAN = re.compile(r"0(?:7[0-9]|[23][13-7])[0-9]{7}")
_MONEY_AFTER = re.compile(r" ?(?:LEI|RON|EUR|EURO|USD|BUC|KG)\b")


def phones(window: Window) -> Iterator[Reference]:
    """Find phone numbers and give them in E.164; Romanian ones by their plan, others after a plus sign."""
    for match in window.matches(_PHONE):
        if _meant_as_phone(window, match) and (value := _e164(match)):
            yield Reference(kind=ReferenceKind.PHONE, value=value, start=match.start(), end=match.end())
    for match in window.matches(_CALLED_PHONE):
        value = "0" + digits(match["national"]) if match["bare"] else digits(match["misread"])
        if _PLAN.fullmatch(value):
            start = match.start("bare" if match["bare"] else "misread")
            yield Reference(kind=ReferenceKind.PHONE, value="+4" + value, start=start, end=match.end())


def _meant_as_phone(window: Window, match: re.Match[str]) -> bool:
    """No amount, no part of an address, and called a phone or at least nothing else."""
    before = window.before(match.start(), 40)
    if _MONEY_AFTER.match(window.after(match.end(), 6)) or not _PHONE_MAY_BEGIN.search(before):
        return False
    if _PHONE_WORD.search(before):
        return True
    if names_another_number(before) or _ANOTHER_NUMBER.search(before) or _in_an_address(window, *match.span()):
        return False
    if "\n" in match[0]:
        return False
    return not (match["local"] or match["zeros"]) or _grouped_as_phone(match[0])


def _e164(match: re.Match[str]) -> str | None:
    if match["home"]:
        return "+40" + digits(match["national"])
    if match["local"]:
        return "+40" + digits(match["local"])
    value = digits(match["abroad"] or match["zeros"])
    return None if value.startswith("40") or (match["zeros"] and not _exists_abroad(value)) else f"+{value}"


def _exists_abroad(value: str) -> bool:
    """Two noughts begin many numbers that are no phone's: the other country's plan must have it."""
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{value}"))
    except phonenumbers.NumberParseException:
        return False


def _grouped_as_phone(written: str) -> bool:
    """Tell 0722 123 456 and 07 22 12 34 56 from a date and a time that also have ten digits."""
    groups = [len(group) for group in re.findall(r"[0-9]+", written)]
    if groups[0] == 1 and written[0] != "+":
        return set(groups) == {1} or "(" in written
    return groups[0] != 2 or set(groups) == {2} or written.startswith("00")  # noqa: PLR2004 - no area code is written with two digits


# --- invoices: only a series with a number is one; digits alone may be anything

_INVOICE = re.compile(
    rf"\b(?:FACTUR[A-Z]{{0,4}}|FACT|INVOICES?|INV)\b{GAP}(?:(?:FISCALA|PROFORMA|STORNO|FISCALE){GAP})?"
    rf"(?P<said>(?:SERIA|SERIE|SERIES|NR|NO|NUMARUL|NUMAR|NUMBER)\b{GAP}){{0,2}}"
    rf"(?P<series>[A-Z]{{1,8}}){GAP}(?P<again>(?:NR|NO|NUMARUL|NUMAR|NUMBER)\b{GAP})?(?P<number>[0-9]{{1,10}})"
    r"(?![0-9A-Z]|[.,/\-](?![0-3]?[0-9][./\-][01]?[0-9][./\-]20)[0-9])"
)
_INVOICE_NUMBER_FIRST = re.compile(
    rf"\b(?:FACTUR[A-Z]{{0,4}}|FACT|INVOICE|INV)\b{GAP}(?:FISCALA{GAP})?(?:(?:NR|NO|NUMARUL|NUMAR|NUMBER)\b{GAP})?"
    rf"(?P<number>[0-9]{{1,10}}){GAP}(?:SI{GAP})?(?:SERIA|SERIE|SERIES)\b{GAP}(?P<series>[A-Z]{{1,8}})\b"
)
_NO_SERIES = frozenset(
    re.findall(
        r"\w+",
        """DIN DE PE LA IN CU PT PENTRU SI A AL NR NO PAG OF FOR FROM ON DATED THE AND IS IT TO WITH AT BY SUMA TOTAL
        LEI RON EUR USD TVA VAT CLM TKT PROFORMA PAGE EMISA DATA FISCALA FISCALE STORNO LUNA LUNII MEA NOUA VECHE
        IANUARIE FEBRUARIE MARTIE APRILIE MAI IUNIE IULIE AUGUST SEPTEMBRIE OCTOMBRIE NOIEMBRIE DECEMBRIE JANUARY
        FEBRUARY MARCH APRIL MAY JUNE JULY SEPTEMBER OCTOBER NOVEMBER DECEMBER JAN FEB MAR APR JUN JUL AUG SEP OCT NOV
        DEC ANUL YEAR BUC PAGINI PAGES SCANATA ATASATA PLATITA ACHITATA ESTE ERA AM DOSAR DOSARUL CLAIM CAS AVEM ARE
        THIS THAT MY YOUR OUR ORDER COMANDA AWB TEL PHONE CNP CUI IBAN ZIUA DATE DUE WAS""",
    )
)


def invoices(window: Window) -> Iterator[Reference]:
    """Find invoices named by series and number: `NORD 4711`."""
    for match in window.matches(_INVOICE):
        series = match["series"]
        said = bool(match["said"] or match["again"])
        if series in _NO_SERIES or not (said or len(series) > 1) or _MONEY_AFTER.match(window.after(match.end(), 6)):
            continue
        yield _invoice(match, match.start("series"))
    for match in window.matches(_INVOICE_NUMBER_FIRST):
        yield _invoice(match, match.start("number"))


def _invoice(match: re.Match[str], start: int) -> Reference:
    return Reference(
        kind=ReferenceKind.INVOICE, value=f"{match['series']} {match['number']}", start=start, end=match.end()
    )


# --- plates: county, two digits (Bucharest also three) and three letters, never Q, nor I or O in front; red six

_COUNTIES = (
    "AB|AR|AG|BC|BH|BN|BT|BV|BR|BZ|CS|CL|CJ|CT|CV|DB|DJ|GL|GR|GJ|HR|HD|IL|IS|IF"
    "|MM|MH|MS|NT|OT|PH|SM|SJ|SB|SV|TR|TM|TL|VS|VL|VN"
)
_PLATE_GAP = r"[ \-./_\n]{0,3}"
_PLATE = re.compile(
    rf"(?<![A-Z0-9])(?P<county>B(?={_PLATE_GAP}[0-9OIL|]{{2,3}}{_PLATE_GAP}[A-Z]{{3}})|{_COUNTIES}){_PLATE_GAP}"
    rf"(?:(?P<number>[0-9OIL|]{{2,3}}){_PLATE_GAP}(?P<letters>[A-HJ-NPR-Z][A-PR-Z]{{2}})|(?P<red>[0-9]{{6}}))(?![A-Z0-9])"
)
_RED_PLATE_IN_BUCHAREST = re.compile(r"(?<![A-Z0-9])B[ \-./_]{0,3}(?P<red>[0-9]{6})(?![A-Z0-9])")
_NOT_LETTERS = frozenset(
    re.findall(
        r"\w+",
        """BUC LEI ORE ORA RON EUR USD GBP MII ANI MIN SEC BAN KWH MPH KMH KGS CMC CMP NOV DEC FEB MAR APR MAI AUG
        SEP OCT JAN MAY JUN JUL PAG STR APT ETJ DIN PER CEL CEA FOR THE AND DAY AMP NOT WAS HAS BUT ALL YES NEW OLD ONE
        TWO PCS HRS PLN CHF HUF MDL MIL GRD LUN MIE JOI VIN SAM DUM MON TUE WED THU FRI SAT SUN NOI VOI CAP FAX TEL NRC
        NUM GRA PCT SQM LBS VEZ CUM DAR SAU CAM FIX DUP ZIL LIT MLN MLD SUA UEE RCA PAD VAT TVA""",
    )
)
_CAR_NEARBY = re.compile(
    r"\b(?:MASIN|AUTO|NUMAR|NUMER|ROSI[EI]|PROVIZ|TEMPORAR|NR\b|INMATRICUL|PLAC|PLATE|REG|CAR\b|VEHIC|VAN\b|DUB[AE]|CAMION|TRUCK|MOTO|TAXI|REMORC|LOVIT|TAMPON|DACIA|LOGAN"
    r"|DUSTER|GOLF|PASSAT|SKODA|FORD|OPEL|BMW|AUDI|RENAULT|TOYOTA)"
)
_COUNTIES_IN_PROSE = frozenset(
    {"AR", "DB", "IS", "IF", "B", "AB", "AG", "CL", "CT", "IL", "MM", "MS", "NT", "SM", "TL", "BN", "BR"}
)
_VOWELS = frozenset("AEIOU")


def plates(window: Window, original: Callable[[int, int], str]) -> Iterator[Reference]:
    """Find Romanian plates; they are hints, never sure. `original` gives a stretch as it was written."""
    for match in window.matches(_PLATE):
        value = _ordinary_plate(match) if match["letters"] else _red_plate(window, match)
        if value and (match["red"] or _meant_as_plate(window, match, original)):
            yield _plate(value, match)
    for match in window.matches(_RED_PLATE_IN_BUCHAREST):
        if _is_by_a_car(window, match):
            yield _plate(f"B {match['red']}", match)


def _plate(value: str, match: re.Match[str]) -> Reference:
    return Reference(kind=ReferenceKind.PLATE, value=value, start=match.start(), end=match.end(), sure=False)


def _ordinary_plate(match: re.Match[str]) -> str | None:
    number = match["number"].translate(_CONFUSABLES)
    wrong_number = number.strip("0") == "" or (len(number) > 2 and (match["county"] != "B" or number[0] == "0"))  # noqa: PLR2004 - two digits
    if wrong_number or not real_digits(match["number"]) or match["letters"] in _NOT_LETTERS:
        return None
    return f"{match['county']} {number} {match['letters']}"


def _red_plate(window: Window, match: re.Match[str]) -> str | None:
    return f"{match['county']} {match['red']}" if _is_by_a_car(window, match) else None


def _is_by_a_car(window: Window, match: re.Match[str]) -> bool:
    around = f"{window.before(match.start(), 40)} {window.after(match.end(), 15)}"
    return _CAR_NEARBY.search(around) is not None


def _meant_as_plate(window: Window, match: re.Match[str], original: Callable[[int, int], str]) -> bool:
    """Small letters with spaces are more often prose ("is 25 max") than a plate, unless a vehicle is near."""
    written = original(match.start(), match.end())
    glued = not re.search(r"\s", written)
    prose = match["county"] in _COUNTIES_IN_PROSE and len(match["number"]) == 2 and _VOWELS & set(match["letters"])  # noqa: PLR2004 - not B 123
    if _in_an_address(window, *match.span()):
        return False
    if "\n" not in written and (written.isupper() or glued or not prose):
        return True
    around = window.before(match.start(), 60) + " " + window.after(match.end(), 30)
    return _CAR_NEARBY.search(around) is not None

"""Values a document states: its date, total, issuer, numbers and names, each with the words it was read from.

Proposed with a score; nothing of it is taken into a claim until a person accepts the document.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from stdnum.ro import cui

from tickets import references, spoken_days
from tickets.folding import Folded, fold, plain
from tickets.identifiers import ReferenceKind
from tickets.messages import Content, PlacedWord

_MOST = 20_000
_MOST_OF_A_NAME = 12  #: Values of one name that are kept.
_MASKED_TAIL = 4
_LEAST_DIGITS = 5  #: Of a tax number whose check digit is not right.


class ValueName(StrEnum):
    """What a value is."""

    DATE = "date"
    TOTAL = "total"
    CURRENCY = "currency"
    ISSUER = "issuer"
    ISSUER_TAX_ID = "issuer_tax_id"
    INVOICE_NUMBER = "invoice_number"
    PERSON = "person"
    IBAN = "iban"
    PLATE = "plate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A place on a page, in thousandths."""

    page: int
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value, its normal form, the words as printed and where they stand."""

    name: ValueName
    value: str
    words: str
    score: float
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    name: ValueName
    value: str
    start: int
    end: int
    score: float


def read(content: Content) -> list[Value]:
    """Give the values that a file's text states, the likeliest of each name first, each once."""
    text = content.text[:_MOST]
    folded = _unspoilt(fold(text))
    found = [
        *_amounts(folded), *_dates(folded), *_tax_ids(folded), *_issuers(text, folded), *_numbers(folded),
        *_references(text), *_people(text, folded),
    ]  # fmt: skip
    kept: dict[tuple[ValueName, str], _Found] = {}
    for one in sorted(found, key=lambda one: (-one.score, one.start)):
        kept.setdefault((one.name, one.value), one)
    counts: dict[ValueName, int] = {}
    values: list[Value] = []
    for one in kept.values():
        counts[one.name] = counts.get(one.name, 0) + 1
        if counts[one.name] <= _MOST_OF_A_NAME:
            values.append(_value(one, text, content))
    return values


_SPOILT = re.compile(r"\b[A-Z][A-Z01]{3,19}\b")
_LEAST_LETTERS = 4


def _unspoilt(folded: Folded) -> Folded:
    """Read 0 and 1 in a word of letters as the letters they stand for ("TOTA1"), place for place."""
    return replace(folded, text=_SPOILT.sub(_as_letters, folded.text))


def _as_letters(match: re.Match[str]) -> str:
    word = match[0]
    if sum(letter.isalpha() for letter in word) < _LEAST_LETTERS:
        return word
    return word.replace("0", "O").replace("1", "I")


def _value(one: _Found, text: str, content: Content) -> Value:
    secret = one.name is ValueName.IBAN
    return Value(
        name=one.name,
        value=f"{one.value[:2]}..{one.value[-_MASKED_TAIL:]}" if secret else one.value,
        words="" if secret else " ".join(text[one.start : one.end].split()),
        score=round(one.score, 2),
        box=_box([word for word in content.words if word.start < one.end and word.end > one.start]),
    )


def _box(words: list[PlacedWord]) -> Box | None:
    """Join the boxes of the words on the first page they stand on."""
    its = [word for word in words if word.page == words[0].page]
    if not its:
        return None
    left, top = min(word.x for word in its), min(word.y for word in its)
    right, bottom = max(word.x + word.w for word in its), max(word.y + word.h for word in its)
    return Box(page=its[0].page, x=left, y=top, w=right - left, h=bottom - top)


# --- amounts: the total is the one beside a word of totals; of several, the one that includes VAT, then the largest

_FIGURE = r"(?<![\d.,])(\d{1,3}(?:[ .,\u00a0]\d{3})+(?:[.,]\d{2})?|\d{1,9}(?:[.,]\d{1,2})?)(?![\d]|[.,]\d)"
_UNIT = r"(?:RON|LE[IL]|EUR(?:O)?|USD|GBP|HUF|FT|CHF|PLN|€|\$|£)"
_AMOUNT = re.compile(rf"(?:(?P<before>{_UNIT})\s{{0,3}})?{_FIGURE}(?:\s{{0,3}}(?P<after>{_UNIT}))?")
_TOTAL = re.compile(
    r"\b(?P<best>TOTAL (?:DE )?(?:P[LI]ATA|ACHITAT)|TOTAL GENERAL|TOTAL FACTURA|TOTAL CU TVA"
    r"|SUMA (?:TOTALA )?DE PLATA|DE P[LI]ATA|GRAND TOTAL"
    r"|TOTAL (?:AMOUNT )?DUE|AMOUNT DUE|TOTAL PAYABLE|TOTAL TO PAY|TOTAL PAID|GROSS TOTAL|BALANCE DUE|VALOARE TOTALA"
    r"|TOTAL INCL[A-Z]*(?: VAT)?|TOTAL TTC|MONTANT TTC|NET A PAYER|TOTALE FATTURA|TOTALE DA PAGARE|TOTAL A PAGAR"
    r"|GESAMTBETRAG|RECHNUNGSBETRAG|ENDBETRAG|ZU ZAHLEN|FIZETENDO(?: OSSZESEN)?|DO ZAPLATY)"
    r"|\b(?P<good>TOTAL(?! FARA| NET| HT|\s{0,2}TVA| EXCL)(?: LEI| RON)?|SUMA TOTALA|SUMA DE|SUMA(?= \d)|IN VALOARE DE"
    r"|SUM OF|AMOUNT|VALOARE|TOTALE|SUMME|GESAMT|BETRAG|IMPORTE|OSSZESEN|RAZEM)\b"
    r"|\b(?P<part>SUBTOTAL|TOTAL FARA TVA|TOTAL HT|NET AMOUNT)\b"
)
_UNITS = {"LEI": "RON", "LEL": "RON", "FT": "HUF", "RON": "RON", "EURO": "EUR", "€": "EUR", "$": "USD", "£": "GBP"}
_NEAR = 60


def _amounts(folded: Folded) -> Iterator[_Found]:
    text = folded.text
    for total in _TOTAL.finditer(text):
        score = 0.9 if total["best"] else 0.75 if total["good"] else 0.3
        for match in _AMOUNT.finditer(text, total.end(), min(len(text), total.end() + _NEAR)):
            minor = _minor(match[2])
            if minor is None or re.match(r"0\d", match[2]) or _is_rate(text, match.end()):
                continue
            exact = 0.05 if re.search(r"[.,]\d{2}$", match[2]) else 0.0
            yield _at(folded, ValueName.TOTAL, minor, match.start(2), match.end(2), score=score + exact)
            if unit := match["before"] or match["after"]:
                yield _at(folded, ValueName.CURRENCY, _UNITS.get(unit, unit), match.start(), match.end(), score=score)
            break
    for unit in re.finditer(rf"(?<![A-Z]){_UNIT}(?![A-Z])", text):
        yield _at(folded, ValueName.CURRENCY, _UNITS.get(unit[0], unit[0]), unit.start(), unit.end(), score=0.4)


def _is_rate(text: str, end: int) -> bool:
    return text[end : end + 2].lstrip().startswith("%")


def _minor(figure: str) -> str | None:
    """Read 2.450,00, 2,450.00 and 2450 as hundredths; the last mark with two figures behind it is the decimal one."""
    compact = re.sub(r"[ \u00a0]", "", figure)
    decimals = re.search(r"[.,](\d{1,2})$", compact)
    whole = re.sub(r"[.,]", "", compact[: decimals.start()] if decimals else compact)
    if not whole or len(whole) > 9:  # noqa: PLR2004 - no customer has a thousand million
        return None
    hundredths = int(whole) * 100 + (int(decimals[1].ljust(2, "0")) if decimals else 0)
    return str(hundredths)


# --- days

_ISSUED = re.compile(
    r"\b(?:DATA(?: FACTURII| EMITERII| ELIBERARII| DOCUMENTULUI)?|DIN DATA(?: DE)?|DATE(?: OF ISSUE)?"
    r"|INVOICE DATE|ISSUED(?: ON)?|EMISA? (?:LA|IN)|DATED|DIN|ELIBERAT)[ :.]{0,4}$"
)
_NOT_ISSUED = re.compile(
    r"\b(?:SCADEN[A-Z]*|TERMEN[A-Z ]*|DUE(?: DATE)?|NASCUT[A-Z ]*|NASTERII|BORN|BIRTH|VALABIL[A-Z ]*"
    r"|EXPIR[A-Z ]*|VALID[A-Z ]*|UNTIL|PANA LA)[ :.]{0,4}$"
)
_OLDEST_YEAR, _LATEST_YEAR = 1990, 2100


def _dates(folded: Folded) -> Iterator[_Found]:
    text = folded.text
    for match, day in _days(text):
        before = text[max(0, match.start() - 30) : match.start()]
        if _NOT_ISSUED.search(before):
            continue
        score = 0.85 if _ISSUED.search(before) else 0.5
        yield _at(folded, ValueName.DATE, day.isoformat(), match.start(), match.end(), score=score)


def _days(text: str) -> Iterator[tuple[re.Match[str], date]]:
    for match in spoken_days.NAMED.finditer(text):
        year, month = match["year"] or match["year2"], match["month"] or match["month2"]
        if year:
            yield from _day(match, int(year), spoken_days.MONTHS[month], int(match["day"] or match["day2"]))
    for pattern in (spoken_days.ISO, spoken_days.FIGURES, _BEHIND_NUMBER, _YEAR_FIRST):
        for match in pattern.finditer(text):
            if match["year"]:
                yield from _day(match, spoken_days.full_year(match["year"]), int(match["month"]), int(match["day"]))


#: Days as numbers of papers are joined to them ("nr. 18/04.09.2026"), and as Hungarians write them.
_BEHIND_NUMBER = re.compile(r"(?<=\d/)(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})\b")
_YEAR_FIRST = re.compile(r"\b(?P<year>\d{4})\.\s?(?P<month>\d{1,2})\.\s?(?P<day>\d{1,2})\b")


def _day(match: re.Match[str], year: int, month: int, day: int) -> Iterator[tuple[re.Match[str], date]]:
    found = spoken_days.day_of(year, month, day)
    if found is not None and _OLDEST_YEAR <= year < _LATEST_YEAR:
        yield match, found


# --- who issued it

_TAX_ID = re.compile(
    r"\b(?:C\.?\s?U\.?\s?I\.?|C\.?\s?I\.?\s?F\.?|COD(?:UL)? (?:UNIC|FISCAL)(?: DE INREGISTRARE)?"
    r"|VAT(?: NO| NUMBER| ID| REG[A-Z. ]*)?|COD TVA)[ :.\-]{0,4}(?P<number>(?:RO)?\s?\d{2,10})\b"
)
_CUSTOMER = re.compile(r"\b(?:CUMPARATOR|CLIENT|BENEFICIAR|BUYER|CUSTOMER|BILL TO|FACTURAT CATRE|PACIENT)")
_SELLER = re.compile(r"\b(?:FURNIZOR|VANZATOR|EMITENT|SELLER|SUPPLIER|PRESTATOR|VENDOR|ISSUED BY)[ :]{0,3}")
_CAPITAL = "A-ZĂÂÎȘȚŞŢÀÁÄÅÆÇÈÉËÍÓÔÖØÚÜŐŰ"
_FIRM = re.compile(
    rf"(?:[{_CAPITAL}][\w&.\-]{{0,40}}[ ](?:[a-zăâîșț]{{4,12}}[ ])?"
    rf"(?:(?:[{_CAPITAL}][\w&.\-]{{0,40}}|&|de|du|des|la|le|les|di|am|an|der|und|and|of|i)[ ]){{0,5}})?"
    r"(?:S\.?\s?R\.?\s?L\.?|S\.?r\.?l\.?|S\.?A\.?R\.?L\.?|S\.?A\.?S\.?|S\.?C\.?S\.?|S\.?p\.?A\.?|S\.?\s?A\.?|S\.?L\.?U?\.?"
    r"|P\.?F\.?A\.?|I\.?I\.?|S\.?N\.?C\.?|LTD\.?|Ltd\.?|LIMITED|Limited|LLC|LLP|GMBH|GmbH|INC\.?|Inc\.?|PLC|plc|AG|KG|e\.K\."
    r"|Kft\.?|KFT\.?|Zrt\.?|Bt\.?|Sp\. z o\.o\.|s\.r\.o\.|d\.o\.o\.|B\.?V\.?|EOOD|OOD)(?![A-Za-z])"
)
_LABELS_OF_FIRMS = frozenset(
    {"furnizor", "emitent", "prestator", "vanzator", "seller", "supplier", "vendor"}
    | {"cumparator", "beneficiar", "client", "customer", "buyer", "catre"}
)


def _tax_ids(folded: Folded) -> Iterator[_Found]:
    text = folded.text
    customer = _CUSTOMER.search(text)
    for match in _TAX_ID.finditer(text):
        digits = re.sub(r"\D", "", match["number"])
        if len(digits) < _LEAST_DIGITS and not cui.is_valid(digits):
            continue  # "VAT 20 %"
        behind = customer is not None and match.start() > customer.start()
        score = (0.9 if cui.is_valid(digits) else 0.4) - 0.3 * behind
        yield _at(folded, ValueName.ISSUER_TAX_ID, digits, match.start("number"), match.end("number"), score=score)


def _issuers(text: str, folded: Folded) -> Iterator[_Found]:
    customer, seller = _CUSTOMER.search(folded.text), _SELLER.search(folded.text)
    for match in _FIRM.finditer(text):
        start = _behind_label(match)
        name = " ".join(text[start : match.end()].split())
        if len(name.split()) < 2:  # noqa: PLR2004 - a legal form alone is no name
            continue
        behind = customer is not None and start > folded.origin(customer.start())
        named = seller is not None and 0 <= start - folded.origin(seller.end()) < _NEAR
        yield _Found(ValueName.ISSUER, name, start, match.end(), 0.9 if named else 0.35 if behind else 0.7)


def _behind_label(firm: re.Match[str]) -> int:
    """Where the firm's name begins, if the word before it says what it is there."""
    first, _, rest = firm[0].partition(" ")
    return firm.start() + len(first) + 1 if rest and plain(first) in _LABELS_OF_FIRMS else firm.start()


# --- numbers and people

_NUMBERED = r"(?:N[RO]\.?|N\b|NUMAR(?:UL)?|NUMBER|NUMMER|SORSZAMA?|#)"
_DAY = r"\d{1,4}[./\-]\d{1,2}[./\-]\d{2,4}\b(?![./\-]\d)"
_NUMBER = (
    rf"(?P<number>(?!{_DAY})(?:[A-Z]{{1,6}}(?: \d\d(?= \d{{4}}))?[ \-/]?)?\d+"
    rf"(?:[\-/](?!\d{{1,2}}[./\-]\d{{1,2}}[./\-]\d)[\dA-Z]+){{0,3}})(?![.,]\d)\b"
)
_INVOICE = re.compile(
    r"\b(?:FACTURA|FACTURII|FACTURE|FATTURA|INVOICE|RECHNUNG(?:SNUMMER)?|QUITTUNG|SZAMLA|CHITANTA|RECEIPT"
    r"|(?:NR\.? )?BON(?: FISCAL)?|BF|TICKET(?! DE))(?: (?:FISCA[LI]A|ELECTRONICA|DE [A-Z]+(?: [A-Z]+)?))?"
    r"(?: ?/ ?[A-Z]+)?[\s,:.#\-]{0,4}"
    r"(?:(?:SERI[AE][\s:.]{0,3})?(?P<series>[A-Z]{1,6}\d{0,4})(?=[\s,:.#]{1,4}(?:NR|NUMAR|NO\b)))?[\s,:.#]{0,4}"
    rf"(?:{_NUMBERED}(?:/{_NUMBERED})?)?[\s:.#°]{{0,4}}{_NUMBER}"
)
_PERSON = re.compile(
    r"\b(?:NUME(?:LE)?(?: SI PRENUME(?:LE)?)?|PACIENT(?:UL|A)?|ASIGURAT(?:UL|A)?|PROPRIETAR(?:UL|A)?"
    r"|TITULAR(?:UL)?|CLIENT(?:UL)?|CUMPARATOR(?:UL)?|BENEFICIAR(?:UL)?|DOMNUL|DOAMNA|DL\.?|DNA\.?|D-NA|SUBSEMNATUL|SUBSEMNATA"
    r"|BILL TO|BUYER|NAME|PATIENT|INSURED|OWNER|HOLDER|CUSTOMER|MR\.?|MRS\.?|MS\.?)[ :\-]{1,4}"
)
_CALLED = re.compile(
    r"(?:[A-ZĂÂÎȘȚŞŢ][a-zăâîșțşţ\-]+|[A-ZĂÂÎȘȚŞŢ]{2,})(?:[ \-](?:[A-ZĂÂÎȘȚŞŢ][a-zăâîșțşţ\-]+"
    r"|[A-ZĂÂÎȘȚŞŢ]{2,}|[A-Z]\.)){1,3}"
)


def _numbers(folded: Folded) -> Iterator[_Found]:
    for match in _INVOICE.finditer(folded.text):
        number = re.sub(r"[^A-Z0-9]", "", (match["series"] or "") + match["number"])
        if sum(each.isdigit() for each in number) > 1:
            yield _at(folded, ValueName.INVOICE_NUMBER, number, match.start("number"), match.end("number"), score=0.85)


def _references(text: str) -> Iterator[_Found]:
    names: dict[str, ValueName] = {ReferenceKind.IBAN: ValueName.IBAN, ReferenceKind.PLATE: ValueName.PLATE}
    for each in references.find(text):
        if each.kind in names:
            yield _Found(names[each.kind], each.value, each.start, each.end, 0.9 if each.valid and each.sure else 0.4)


def _people(text: str, folded: Folded) -> Iterator[_Found]:
    for match in _PERSON.finditer(folded.text):
        place = folded.origin(match.end())
        called = _CALLED.match(text, place)
        if called and not _FIRM.match(text, place):
            name = " ".join(word.capitalize() if word.isupper() else word for word in called[0].split())
            yield _Found(ValueName.PERSON, name, called.start(), called.end(), 0.7)


def _at(folded: Folded, name: ValueName, value: str, start: int, end: int, *, score: float) -> _Found:
    return _Found(name, value, folded.origin(start), folded.origin(end), score)

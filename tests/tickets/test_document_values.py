"""What documents state: totals, days, issuers, numbers and names as they are printed, and where they stand."""

import json
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.document_values import Box, ValueName, read
from tickets.messages import Content, PlacedWord

INVOICES = Path(__file__).parents[1] / "data" / "invoices.json"
ROMANIAN = """S.C. INSTAL CONSTRUCT S.R.L.
CUI RO14399840, Reg. com. J40/123/2001
Str. Fabricii 3, Cluj-Napoca    IBAN RO49AAAA1B31007593840000
FACTURA seria CT nr. 2231 din data 16.11.2026   Scadenta: 30.11.2026
Cumparator: Popescu Maria
Inlocuit teava PPR  1   850,00
Total fara TVA 2.450,00 lei
TVA 19% 465,50
TOTAL DE PLATA 2.915,50 LEI
"""
ENGLISH = """ACME REPAIRS LIMITED   VAT No 123456789
Invoice No: INV-2026/118   Invoice date: 3 November 2026   Due date: 3 December 2026
Bill to: Mr John Smith   Vehicle CJ 07 XYZ
Net amount 1,000.00
VAT 20%  200.00
Total due £1,200.00"""
RECEIPT = """CASA MESTERULUI SRL
C.I.F. 11223344
TOTAL LEI                 1158.60
DATA 14/11/2026    16:42"""


def best(text: str) -> dict[str, str]:
    """The likeliest value of each name."""
    found: dict[str, str] = {}
    for value in read(Content(media_type="text/plain", text=text)):
        found.setdefault(value.name, value.value)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            ROMANIAN,
            {
                "total": "291550", "currency": "RON", "date": "2026-11-16", "issuer": "S.C. INSTAL CONSTRUCT S.R.L.",
                "issuer_tax_id": "14399840", "invoice_number": "CT2231", "person": "Popescu Maria", "iban": "RO..0000",
            },
        ),
        (
            ENGLISH,
            {
                "total": "120000", "currency": "GBP", "date": "2026-11-03", "issuer": "ACME REPAIRS LIMITED",
                "issuer_tax_id": "123456789", "invoice_number": "INV2026118", "plate": "CJ 07 XYZ",
            },
        ),
        (RECEIPT, {"total": "115860", "currency": "RON", "date": "2026-11-14", "issuer_tax_id": "11223344"}),
        ("Amount due: 1 250 EUR", {"total": "125000", "currency": "EUR"}),
        ("Suma de plată: 3.400 lei", {"total": "340000", "currency": "RON"}),
        ("Pacient: IONESCU ANA-MARIA, născută 12.03.1985", {"person": "Ionescu Ana-maria"}),
    ],
)  # fmt: skip
def test_document_states_its_values(text: str, expected: dict[str, str]) -> None:
    found = best(text)

    assert {name: found.get(name) for name in expected} == expected


def test_account_number_is_masked_and_its_words_are_not_kept() -> None:
    [iban] = [each for each in read(Content(media_type="x", text=ROMANIAN)) if each.name is ValueName.IBAN]

    assert (iban.value, iban.words) == ("RO..0000", "")


def test_due_date_birth_date_and_rate_are_not_the_documents_date_and_total() -> None:
    found = read(Content(media_type="x", text="Scadenta: 30.11.2026\nNascut 01.02.1980\nTotal TVA 19% 465,50"))

    assert not [each for each in found if each.name is ValueName.DATE]
    assert [each.value for each in found if each.name is ValueName.TOTAL] in ([], ["46550"])


def test_value_knows_its_place_on_the_page() -> None:
    words = (PlacedWord(0, 5, 2, 100, 700, 60, 20), PlacedWord(6, 14, 2, 500, 698, 90, 24))

    [total] = [
        each
        for each in read(Content(media_type="x", text="TOTAL 1.158,60", words=words, pages=2))
        if each.name is ValueName.TOTAL
    ]

    assert total.box == Box(page=2, x=500, y=698, w=90, h=24)


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    values = read(Content(media_type="x", text=f"TOTAL {text} FACTURA {text}"))

    assert all(0 <= each.score <= 1 for each in values)
    assert len({(each.name, each.value) for each in values}) == len(values)


@pytest.mark.parametrize("hostile", ["TOTAL ", "1.", "S.R.L. ", "FACTURA ", "A B ", "CUI RO", "Aa-"])
def test_much_of_anything_takes_a_moment(hostile: str) -> None:

    began = time.process_time()
    read(Content(media_type="x", text=hostile * (20_000 // len(hostile))))

    assert time.process_time() - began < 5


def invoices() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(INVOICES.read_text(encoding="utf-8"))
    return listed


def placed(text: str) -> list[PlacedWord]:
    """The words of a text on one page: a line is ten thousandths deep, a letter ten wide."""
    words = []
    for match in re.finditer(r"\S+", text):
        line, column = text.count("\n", 0, match.start()), match.start() - text.rfind("\n", 0, match.start()) - 1
        words.append(PlacedWord(match.start(), match.end(), 1, 10 * column, 10 * line, 10 * len(match[0]), 10))
    return words


def test_invoices_and_receipts_of_many_layouts_state_their_values() -> None:
    right, asked = Counter[str](), Counter[str]()

    for invoice in invoices():
        found = best(invoice["text"])
        iban = invoice["iban"] and f"{invoice['iban'][:2]}..{invoice['iban'][-4:]}"
        expected = {"date": invoice["date"], "total": invoice["total"], "issuer": invoice["issuer"], "iban": iban}
        expected |= {"currency": invoice["currency"], "invoice_number": invoice["number"]}
        for name, value in expected.items():
            asked[name] += 1
            right[name] += found.get(name) == value

    assert len(invoices()) >= 70
    assert right["date"] == right["currency"] == right["iban"] == asked["total"]
    assert min(right["total"], right["issuer"], right["invoice_number"]) / asked["total"] > 0.95


def test_every_value_of_an_invoice_says_where_it_stands() -> None:
    for invoice in invoices():
        text = invoice["text"]
        for value in read(Content(media_type="application/pdf", text=text, words=tuple(placed(text)))):
            assert value.box is not None
            line = text.splitlines()[value.box.y // 10]
            assert not value.words or value.words.split()[0] in line

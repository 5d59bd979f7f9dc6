"""Payment files: valid by the published schema, and safe to open."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xmlschema import XMLSchema

from tickets import sepa
from tickets.office import Payer
from tickets.sepa import NAMESPACE, Transfer

PAYER = Payer(name="Exemplu Asigurări SA", iban="RO49AAAA1B31007593840000", bic="BTRLRO22")
MADE = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
ONE = Transfer(
    reference="CLM26-004711-58/P1", payee="Maria Popescu", iban="RO14BTRL0130120567890012", amount_minor=215000,
    currency="RON", text="Claim CLM26-004711-58 payment P1",
)  # fmt: skip
TRANSFERS = st.lists(
    st.builds(
        Transfer,
        reference=st.integers(1, 9999).map(lambda number: f"CLM26-004711-58/P{number}"),
        payee=st.text(max_size=90),
        iban=st.just(ONE.iban),
        amount_minor=st.integers(1, 10**11),
        currency=st.sampled_from(["RON", "EUR", "USD"]),
        text=st.text(max_size=200),
    ),
    min_size=1,
    max_size=6,
)


def made(*transfers: Transfer, payer: Payer = PAYER) -> bytes:
    return sepa.pain001("PAY20261127090000-1", transfers, payer=payer, made_at=MADE, on=date(2026, 11, 27))


def texts(content: bytes, path: str) -> list[str]:
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
    return [each.text or "" for each in ET.fromstring(content).findall(f".//{steps}")]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ștefan Țîrcă", "Stefan Tirca"), ("Łukasz Søren Weiß", "Lukasz Soren Weiss"),
        ("Đorđe O’Brien", "Dorde O'Brien"),
        ("Popescu–Ionescu", "Popescu-Ionescu"), ("Auto & Casa SRL", "Auto + Casa SRL"), ("A§B", "A B"),
        ("Иван", "NOTPROVIDED"), ("Иван SRL", "SRL"), ("", "NOTPROVIDED"), ("x" * 90, "x" * 70),
    ],
)  # fmt: skip
def test_names_are_written_in_the_letters_that_banks_take(name: str, written: str) -> None:
    assert texts(made(replace(ONE, payee=name)), "Cdtr/Nm") == [written]


@cache
def published() -> XMLSchema:
    """The schema of ISO 20022 as sepaxml carries it."""
    return XMLSchema(str(resources.files("sepaxml") / "schemas" / "pain.001.001.09.xsd"))


@settings(deadline=None, max_examples=60)
@given(TRANSFERS)
def test_every_file_is_valid_by_the_published_schema(transfers: list[Transfer]) -> None:
    published().validate(made(*transfers).decode())


def test_file_without_a_bic_is_valid_too() -> None:
    published().validate(made(ONE, payer=Payer(name="X", iban=PAYER.iban)).decode())


def test_file_holds_what_is_paid_to_whom_and_under_which_reference() -> None:
    content = made(ONE)

    assert texts(content, "EndToEndId") == ["CLM26-004711-58/P1"]
    assert texts(content, "Cdtr/Nm") == ["Maria Popescu"]
    assert texts(content, "CdtrAcct/Id/IBAN") == [ONE.iban]
    assert texts(content, "InstdAmt") == ["2150.00"]
    assert texts(content, "InitgPty/Nm") == ["Exemplu Asigurari SA"]
    assert texts(content, "SvcLvl/Cd") == []


@given(TRANSFERS)
def test_sums_and_counts_are_those_of_the_payments(transfers: list[Transfer]) -> None:
    content = made(*transfers)

    total = Decimal(sum(each.amount_minor for each in transfers)) / 100
    assert Decimal(texts(content, "GrpHdr/CtrlSum")[0]) == total
    assert sum(map(Decimal, texts(content, "PmtInf/CtrlSum"))) == total
    assert sum(map(int, texts(content, "PmtInf/NbOfTxs"))) == len(transfers)
    assert len(texts(content, "PmtInf/PmtInfId")) == len({each.currency for each in transfers})
    assert made(*transfers) == content


def test_euros_are_marked_as_sepa_apart_from_lei() -> None:
    euros = Transfer(reference="CLM26-004711-58/P2", payee="X", iban=ONE.iban, amount_minor=1, currency="EUR", text="t")

    assert texts(made(ONE, euros), "SvcLvl/Cd") == ["SEPA"]


@pytest.mark.parametrize("wish", ["=1+1", "+40722", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1"])
def test_no_cell_of_the_table_can_act_as_a_formula(wish: str) -> None:
    [_, row] = csv.reader(io.StringIO(sepa.as_csv([replaced(payee=wish)]).decode("utf-8-sig"), newline=""))

    assert row[1] == f"'{wish}"
    assert row[3:5] == ["2150.00", "RON"]


def replaced(**changes: str) -> Transfer:
    from dataclasses import replace

    return replace(ONE, **changes)  # type: ignore[arg-type]

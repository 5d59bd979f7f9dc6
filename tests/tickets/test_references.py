"""References in customers' words: what is read, what is left alone, and how long hostile text takes."""

import json
import random
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tickets import references
from tickets.errors import ConfigurationError
from tickets.references import EXAMPLE, PolicyFormat, find, is_valid, make, near_miss, parse

DATA = Path(__file__).parents[1] / "data"
GIVEN = json.loads((DATA / "references.json").read_text(encoding="utf-8"))
OURS = json.loads((DATA / "written_forms.json").read_text(encoding="utf-8"))
LOOK_ALIKES = {"0": "OQD0", "1": "ILl|!1", "2": "Zz2", "5": "Ss5", "8": "B8", "6": "G6"}
SEPARATORS = " -./:,#_*\n"
ODD_GAPS = ["–", "\u00a0", "\u2009\u200b", "\u00ad", "\n> > ", "-\r\n>> ", "&nbsp;", "<br>", "&#8203;", "%2D"]


def read(text: str) -> list[list[str]]:
    return [
        [r.kind + ("?" if r.kind == "claim" and not r.sure else "") + ("" if r.valid else "!bad"), r.value]
        for r in find(text, own=(EXAMPLE,))
    ]


@pytest.mark.parametrize("form", GIVEN + OURS, ids=lambda form: str(form["text"])[:40])
def test_written_form_is_read_as_the_reference_it_means_and_nothing_else(form: dict[str, Any]) -> None:
    assert read(form["text"]) == form["expect"]


def test_printed_reference_carries_year_number_and_right_check_digits() -> None:
    ref = make("CLM", 2026, 4711)

    assert ref == "CLM26-004711-58"
    assert parse(ref) == ("CLM", 2026, 4711)
    assert is_valid(ref)
    assert make("TKT", 2026, 91) == "TKT26-000091-47"


@pytest.mark.parametrize(
    "ref", ["CLM26-004711-85", "CLM26-004711-5", "clm26-004711-58", "CLM26-004711-58/R1", "", "P26-1"]
)
def test_wrong_or_unprinted_reference_parses_to_nothing(ref: str) -> None:
    assert parse(ref) is None
    assert not is_valid(ref)


@pytest.mark.parametrize("number", [-1, 1_000_000])
def test_number_without_room_in_the_printed_form_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="six digits"):
        make("CLM", 2026, number)


def test_swapped_digits_are_a_near_miss_that_names_the_number_meant() -> None:
    [miss] = near_miss("Subject: CLM26-004711-85")

    assert miss.value == "CLM26-004711-85"
    assert miss.candidates[0] == "CLM26-004711-58"
    assert all(map(is_valid, miss.candidates))
    assert find("CLM26-004711-85") == []


def test_right_number_and_prose_are_no_near_miss() -> None:
    assert near_miss("CLM26-004711-58, comanda 1234567890, C L M 26 004711 85") == []


@given(st.integers(0, 999_999), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_never_read_and_the_right_number_is_among_the_candidates(
    number: int, place: int, change: int
) -> None:
    ref = make("CLM", 2026, number)
    figures = "".join(filter(str.isdigit, ref))
    wrong = figures[:place] + str((int(figures[place]) + change) % 10) + figures[place + 1 :]

    [miss] = near_miss(f"CLM{wrong}")

    assert find(f"CLM{wrong}") == []
    assert ref in miss.candidates


@st.composite
def typed_claims(draw: st.DrawFn) -> tuple[str, str]:
    """A claim number and one way to type or scan it: case, look-alikes, up to four separators anywhere."""
    ref = make("CLM", draw(st.integers(2020, 2049)), draw(st.integers(0, 999_999)))
    figures = "".join(filter(str.isdigit, ref))
    shown = [draw(st.sampled_from(LOOK_ALIKES.get(figure, figure))) for figure in figures]
    shown[2], shown[-1] = figures[2], figures[-1]  # a scan keeps a few digits
    gaps = [draw(st.text(SEPARATORS, max_size=4) | st.sampled_from(ODD_GAPS)) for _ in shown]
    prefix = draw(st.sampled_from(["CLM", "clm", "Clm", "CIM", "C1M", "6LM", "GLM", "CLRN", "clrn", "CLNN"]))
    return ref, prefix + "".join(gap + figure for gap, figure in zip(gaps, shown, strict=True))


@given(
    typed_claims(),
    st.sampled_from(["", "dosar ", "Ref: ", "Bună ziua, ", "("]),
    st.sampled_from(["", ".", " va rog", ") mersi", "\n"]),
)
def test_claim_number_is_read_however_it_was_typed(claim: tuple[str, str], before: str, after: str) -> None:
    ref, written = claim

    [reference] = find(before + written + after)

    assert (reference.kind, reference.value, reference.sure) == ("claim", ref, True)


@given(typed_claims(), st.text("șțăâî…½\u200be\u0301 "))
@example(("CLM26-004711-58", "CLM26\u200b-004711-58"), "…\u200b")
def test_places_point_into_the_text_as_it_was_given(claim: tuple[str, str], before: str) -> None:
    text = f"{before} {claim[1]} ș"

    [reference] = [found for found in find(text) if found.kind == "claim"]

    assert text[reference.start : reference.end] == claim[1]


def test_none_of_twenty_thousand_order_invoice_and_phone_numbers_is_read_as_ours() -> None:
    chance = random.Random(4711)
    nouns = ["factura nr.", "comanda", "order no.", "AWB", "tel", "suma", "CL", "cont", "bon fiscal", "cod client",
             "id", "dosar, comanda", "claim invoice", "CLM comanda", "polita", "colet", "pret", ""]  # fmt: skip

    for text in (f"{chance.choice(nouns)} {_foreign(chance)} din 03.11.2026, 2.450,00 lei" for _ in range(20_000)):
        kinds = {found.kind for found in find(text, own=(EXAMPLE,))}
        assert not kinds & {"claim", "ticket", "request", "policy.rca", "policy.pad", "policy.own", "plate"}, text


def _foreign(chance: random.Random) -> str:
    """A number of somebody else's: plain, in our grouping, an amount, a phone, a moment, a parcel, a measure."""

    def figures(count: int) -> str:
        return "".join(chance.choices("0123456789", k=count))

    measure = (
        f"{chance.choice(['CL', 'B', 'TM', 'IS'])} {chance.randint(1, 120)} {chance.choice(['buc', 'LEI', 'ore'])}"
    )
    shapes = [
        (5,), (6,), (8,), (9,), (10,), (11,), (13,), (2, "-", 6, "-", 2), (2, " ", 6, " ", 2),
        (1, ".", 3, ".", 3, ",", 2, " lei"), ("07", 8), ("07", 2, " ", 3, " ", 3), (2, ".", 2, ".20", 2, " 12:", 2),
        ("RO", 8), ("1Z", 3, "AA", 11), ("RR", 9, "RO"), ("+40", 9), ("00", 11), (measure,),
    ]  # fmt: skip
    return "".join(part if isinstance(part, str) else figures(part) for part in chance.choice(shapes))


def test_order_numbers_amounts_and_dates_are_neither_phones_nor_personal_numbers() -> None:
    chance = random.Random(12)
    for _ in range(2000):
        digits = "".join(chance.choices("0123456789", k=13))
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 525_000))
        amount = f"{digits[:1]}.{digits[1:4]}.{digits[4:7]},50 lei"
        text = f"comanda {digits} din {moment:%d.%m.%Y %H:%M}, order no. 0{digits[:9]}, AWB {digits[:10]}, {amount}"

        assert not {found.kind for found in find(text)} & {"phone", "cnp", "claim"}, text


@pytest.mark.parametrize("hostile", [
    "CLM 26 ", "CLM26-0047", "1", "1 ", "-", "RO14 ", "RO14BTRL0130", "+1", "0722 ", "dosar 26 ", "factura nr AB ",
    "B 1 ", "RA 0", "ă1", "SASIU A1B2 ", "CNP 1", "CAS 0", "R0/2S/", "CLM" + " " * 50 + "2", "\u200b1",
    "\n> > >", "CLM26\n> ", "&nbsp;", "<a b=", "<p class=x 1", "O", "SOLID 0",
    "x://1", "tel 40 7", "00 1", "img_0722123456.",
])  # fmt: skip
def test_hostile_text_takes_time_in_proportion_and_never_raises(hostile: str) -> None:
    whole = hostile * (1_000_000 // len(hostile))

    began = time.process_time()
    find(whole, own=(EXAMPLE,))
    near_miss(whole)

    assert time.process_time() - began < 3


def test_us_vehicle_number_without_its_check_digit_is_somebody_elses_parcel() -> None:
    assert [found.value for found in find("1HGCM82633A004352, 1HGCM82653A004352")] == ["1HGCM82633A004352"]


@given(st.text(st.characters() | st.sampled_from("CLMTK0123456789ROSBGI|-/. \n"), max_size=200))
def test_any_text_at_all_is_read_without_an_error_and_no_two_references_share_a_character(text: str) -> None:
    found = find(text, own=(EXAMPLE,))

    near_miss(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(first.end <= second.start for first, second in pairwise(found))


def test_reference_that_occurs_twice_is_one_and_the_surer_stays() -> None:
    found = find("dosar 2600471158, adica CLM26-004711-58")

    assert [(one.value, one.sure) for one in found] == [("CLM26-004711-58", True)]


def test_plates_and_bare_numbers_are_hints_only() -> None:
    assert {one.kind: one.sure for one in find("dosar 2600471158, masina CJ 07 XYZ")} == {
        "claim": False,
        "plate": False,
    }


# --- configured policy formats


def test_configured_pattern_is_read_tolerantly_and_printed_as_configured() -> None:
    home = PolicyFormat(kind="policy.own", pattern=r"POL/\d{4}/\d{6}")

    found = find("polita pol 2026 - 0O1234 si POL2026001235", own=(home,))

    assert [one.value for one in found] == ["POL/2026/001234", "POL/2026/001235"]


def test_other_regular_expression_is_used_as_it_is_on_capitals_without_diacritics() -> None:
    odd = PolicyFormat(kind="policy.life", pattern=r"\b(VIAȚĂ|VIATA)-([A-F]{2}\d+)\b", canonical=r"V-\2")

    [reference] = find("poliță viață-ab123", own=(odd,))

    assert (reference.kind, reference.value) == ("policy.life", "V-AB123")


@pytest.mark.parametrize(
    ("pattern", "canonical"),
    [("CAS-(", None), ("", None), ("A" * 201, None), (r"CAS(\d+)", r"\2"), (r"X{99999999999}", None)],
)
def test_pattern_that_cannot_be_used_names_its_table(pattern: str, canonical: str | None) -> None:
    with pytest.raises(ConfigurationError, match=r"\[\[reference\]\] kind 'policy.own'"):
        PolicyFormat(kind="policy.own", pattern=pattern, canonical=canonical)


def test_office_without_formats_reads_no_own_policies() -> None:
    assert references.find("CAS-0451237") == []

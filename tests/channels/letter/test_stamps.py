"""The mail room's stamp, and what is none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.letter import stamps

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "written",
    [
        "INTRAT 20.11.2026",
        "REGISTRATURĂ\nINTRAT NR. 4711 / 20.11.2026",
        "RECEIVED 20 NOV 2026",
        "RECEIVED\nNOV 20, 2026",
        "PRIMIT 20-11-26",
        "PRIMIT LA 2026-11-20",
        "Received: 20 November 2026",
        "Primit 20/11/2026",
        "20 NOI. 2026\nREGISTRATURA GENERALĂ",
        "EXEMPLU ASIGURĂRI\nINTRARE Nr. 17\nZiua 20 Luna 11 Anul 2026",
        "INTRAT 2O.l1.2O26",  # as recognition reads it
        "RECElVED 20.11.2026",
        "REGlSTRATURA\n20.11.2O26",
    ],
)
def test_date_beside_the_stamps_word_is_the_day_it_came(written: str) -> None:
    assert stamps.in_text(f"{written}\n\nBună ziua,\n\nfactura din 12.11.2026 este atașată.") == FRIDAY


@pytest.mark.parametrize(
    "written",
    [
        "Vă scriu în legătură cu avaria din 20.11.2026",
        "Am primit scrisoarea dumneavoastră din 20.11.2026",
        "We received your letter of 20 November 2026 and thank you for it",
        "Primit banii de la dumneavoastră nu am văzut până la 20.11.2026",
        "INTRAT 31.11.2026",
        "INTRAT 99.99.9999",
        "INTRAT\n\n\n\nBună ziua\n\nvă scriu\n\nfactura\n\n20.11.2026",
        "",
    ],
)
def test_other_dates_are_no_stamp(written: str) -> None:
    assert stamps.in_text(written) is None


def test_nearest_date_is_taken() -> None:
    page = "Cluj, 14.11.2026\nREGISTRATURĂ\nINTRAT 20.11.2026\nTermen 30.11.2026"

    assert stamps.in_text(page) == FRIDAY


@given(st.text(alphabet=st.sampled_from("RECEIVED INTRAT 0123456789OlI|./-\n")))
def test_no_text_makes_it_fail(text: str) -> None:
    stamps.in_text(text)

"""Letters as people write them: an O that an engine took for a nought, and numbers that stay what they are."""

import pytest

from channels.letter.engines import Recognised, Word
from channels.letter.spelling import spelt


def as_spelt(text: str, language: str | None) -> str:
    word = Word(text=text, confidence=99.0, left=0, top=0, right=9, bottom=9, line=0)
    return spelt(Recognised((word,)), language).text


@pytest.mark.parametrize(
    ("read", "meant", "language"),
    [
        ("B0N FISCAL 0412", "BON FISCAL 0412", "ro"),
        ("T0TAL", "TOTAL", "en"),
        ("C00P", "COOP", None),
        ("fact0ra", "factora", "ro"),
        ("0RA 10:42", "ORA 10:42", "ro"),
        ("R0MÂNIA", "ROMÂNIA", "ro"),
    ],
)
def test_nought_among_letters_is_a_letter(read: str, meant: str, language: str | None) -> None:
    assert as_spelt(read, language) == meant


@pytest.mark.parametrize(
    "number",
    [
        "CLM26-004711-58",
        "RO49AAAA1B31007593840000",
        "A0B-12",
        "2026-B0N",
        "M1 0AB",
        "EUR0",
        "0,50",
        "X0",
        "10L",
        "0x1F",
    ],
)
def test_nought_of_a_number_stays(number: str) -> None:
    assert as_spelt(number, "en") == number

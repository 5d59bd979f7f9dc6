"""The palette's words: which letters are marked, which days are understood."""

from datetime import date

import pytest

from inbox.web.palette import marked
from inbox.web.palette_steps import typed_day

TODAY = date(2026, 11, 28)


def hits(words: str, typed: str) -> list[str]:
    pieces = marked(words, typed)
    assert "".join(piece for piece, _ in pieces) == words
    return [piece for piece, is_hit in pieces if is_hit]


def test_letters_typed_are_marked_where_they_begin_a_word_however_they_are_written() -> None:
    assert hits("Deviz de reparație", "dev") == ["Dev"]
    assert hits("Țuică și țiglă", "ți") == ["ți"]
    assert hits("Șef de echipă: Ștefan", "st se") == ["Șe", "Șt"]
    assert hits("CLM26-004711-58", "clm26-0047") == ["CLM26", "0047"]
    assert hits("Ana <b>", "") == []
    assert hits("", "x") == []
    assert hits("Mihaela", "ela") == []


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-12-07", date(2026, 12, 7)),
        ("7.12.2026", date(2026, 12, 7)),
        ("7.12", date(2026, 12, 7)),
        ("07/12", date(2026, 12, 7)),
        ("7.12.", date(2026, 12, 7)),
        ("1.3", date(2027, 3, 1)),
        ("28.11", date(2027, 11, 28)),
        ("29.2", None),
        ("31.2.2027", None),
        ("1.1.2020", None),
        ("12", None),
        ("1.2.3.4", None),
        ("1.1.99999", None),
        ("²·³", None),
        ("mâine", None),
        ("", None),
        ("-", None),
    ],
)
def test_day_to_come_is_understood_as_people_write_it(typed: str, day: date | None) -> None:
    assert typed_day(typed, TODAY) == day

"""Names compared, in the order in which their likeness is tried."""

import pytest

from tickets.likeness import Likeness, compare


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Maria Popescu", "Maria Popescu", Likeness.EXACT),
        ("MARIA  POPESCU", "Maria Popescu", Likeness.FOLDED),
        ("Ștefan Țîrcă", "Stefan Tirca", Likeness.FOLDED),
        ("Popescu Maria", "Maria Popescu", Likeness.SWAPPED),
        ("Popescu, Maria", "Maria Popescu", Likeness.SWAPPED),
        ("Popescu M.", "Maria Popescu", Likeness.SHORTER),
        ("Maria Popescu", "Maria Elena Popescu", Likeness.SHORTER),
        ("Maria Popescu-Ionescu", "Maria Popescu", Likeness.SHORTER),
        ("P. Maria M.", "Maria Mihaela Popescu", Likeness.SHORTER),
        ("Maria Popescuu", "Maria Popescu", Likeness.FUZZY),
        ("Maria Popa", "Maria Popi", Likeness.FUZZY),  # nine letters in ten
        ("Mara Popa", "Mara Popi", Likeness.DIFFERS),
        ("Li M.", "Li Maria", Likeness.SHORTER),  # a whole word, however short
        ("Maria Ionescu", "Maria Popescu", Likeness.DIFFERS),
        ("M. P.", "Maria Popescu", Likeness.DIFFERS),
        ("Popescu X.", "Maria Popescu", Likeness.DIFFERS),
        ("Maria M.", "Maria Popescu", Likeness.DIFFERS),
        ("Popescu", "Maria Popescu", Likeness.DIFFERS),
        ("Maria Maria", "Maria Popescu", Likeness.DIFFERS),
        ("", "Maria Popescu", Likeness.DIFFERS),
    ],
)
def test_names_are_as_alike_as_the_first_way_that_fits(one: str, other: str, likeness: Likeness) -> None:
    assert compare(one, other) is likeness
    assert compare(other, one) is likeness

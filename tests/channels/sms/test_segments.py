"""What a text costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.segments import Encoding, fold, is_gsm7, segments

REQUEST = "Exemplu: dosarul CLM26-004711-58 are nevoie de 2 documente (lista e în e-mail). Trimiteți până la 7 dec."


def test_romanian_request_costs_two_texts_with_its_diacritics_and_one_without() -> None:
    assert (segments(REQUEST).count, segments(REQUEST).encoding) == (2, Encoding.UCS2)
    assert (segments(fold(REQUEST)).count, segments(fold(REQUEST)).encoding) == (1, Encoding.GSM7)


@pytest.mark.parametrize("letter", "ăâîșțşţĂÂÎȘȚŞŢ")
def test_no_romanian_diacritic_fits_but_each_is_folded(letter: str) -> None:
    assert not is_gsm7(letter)
    assert fold(letter) in set("aistAIST")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("„Da”, a zis – în sfârșit…", '"Da", a zis - in sfarsit...'),
        ("s\u0326i t\u0327ara", "si tara"),
        ("Łódź, čaj, façade", "Lódź, caj, facade".replace("ó", "o").replace("ź", "z")),
        ("2\u00a0150,00\u202fRON", "2 150,00 RON"),
        ("so\u00adft\u200b", "soft"),
    ],
)
def test_typographic_text_is_sent_in_plain_letters(typed: str, sent: str) -> None:
    assert fold(typed) == sent


def test_letter_typed_in_two_parts_is_the_same_letter() -> None:
    assert fold("caf" + "e\u0301") == "café"


@pytest.mark.parametrize("kept", ["é à ü Ö ñ ß £ €", "[x] {y} ~ \\ | ^", "Привет", "😀 bine", "日本"])
def test_what_can_be_sent_or_cannot_be_replaced_stays(kept: str) -> None:
    assert fold(kept) == kept


@pytest.mark.parametrize(
    ("text", "count", "length", "left"),
    [
        ("", 0, 0, 160),
        ("a" * 160, 1, 160, 0),
        ("a" * 161, 2, 161, 145),
        ("a" * 306, 2, 306, 0),
        ("a" * 307, 3, 307, 152),
        ("€" * 80, 1, 160, 0),
        ("€" * 81, 2, 162, 143),
        ("ș" * 70, 1, 70, 0),
        ("ș" * 71, 2, 71, 63),
        ("ș" * 134, 2, 134, 0),
        ("😀" * 35, 1, 70, 0),
        ("😀" * 36, 2, 72, 61),
    ],
)
def test_text_is_counted_as_the_carrier_bills_it(text: str, count: int, length: int, left: int) -> None:
    found = segments(text)
    assert (found.count, found.length, found.left) == (count, length, left)


def test_a_character_of_two_is_not_cut_at_the_seam() -> None:
    assert segments("a" * 152 + "€" + "a" * 10).count == 2
    assert segments("a" * 152 + "€" + "a" * 151).count == 2
    assert segments("a" * 152 + "€" + "a" * 152).count == 3


@given(st.text(max_size=400))
def test_folding_again_changes_nothing_and_costs_no_more(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    if is_gsm7(text):
        assert once == text


@given(st.text(min_size=1, max_size=500))
def test_count_covers_the_length_and_no_segment_is_empty(text: str) -> None:
    found = segments(text)
    room = 153 if found.encoding is Encoding.GSM7 else 67
    assert found.count == 1 or (found.count - 1) * (room - 1) < found.length <= found.count * room
    assert found.left >= 0

"""Our codes on paper: found however the page lay, and never mistaken."""

import pytest
from PIL import Image

from channels.letter import codes
from inbox.demo import letters
from inbox.demo.letters import Sheet, Symbology

CODE = "CLM26-004711-58/R1"
A6 = (148, 105)


def found(page: Image.Image) -> list[str]:
    return [code.text for code in codes.find(page)]


@pytest.mark.parametrize("symbology", ["qr", "datamatrix", "code128"])
@pytest.mark.parametrize(("noise", "tilt"), [(5.0, 0.0), (25.0, 4.0), (40.0, -5.0)])
def test_code_is_read_from_a_noisy_crooked_page(symbology: Symbology, noise: float, tilt: float) -> None:
    page = letters.scan(
        Sheet(text="Bună ziua", code=CODE, paper_mm=A6, symbology=symbology, noise=noise, tilt=tilt), seed=1
    )

    assert found(page) == [CODE]


@pytest.mark.parametrize("symbology", ["qr", "datamatrix", "code128"])
@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_code_tells_which_way_is_up(symbology: Symbology, quarter_turns: int) -> None:
    page = letters.scan(Sheet(code=CODE, paper_mm=A6, symbology=symbology, quarter_turns=quarter_turns), seed=2)

    [code] = codes.find(page)

    assert (code.turn + 90 * quarter_turns) % 360 == 0


def test_photographed_code_in_a_shadow_is_read() -> None:
    page = letters.scan(Sheet(code=CODE, shadow=0.7, blur=1, dpi=120), seed=3)

    assert found(page) == [CODE]


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("CLM26-004711-58/R1", "CLM26-004711-58/R1"),
        ("clm26-000184-59", "CLM26-000184-59"),
        ("TKT26-000091-47", "TKT26-000091-47"),
        ("https://claims.example.ro/c/CLM26-004711-58/R12?x=1", "CLM26-004711-58/R12"),
        ("https://claims.example.ro/c?code=CLM26-004711-58%2FR1", "CLM26-004711-58/R1"),
        ("CLM2600471158", "CLM26-004711-58"),
        ("CLM26-004712-58", None),  # a digit is wrong
        ("CLM26-004711-85", None),  # two are swapped
        ("XCLM26-004711-58", None),
        ("CLM26-004711-581", None),
        ("https://shop.example.com/4711", None),
        ("", None),
    ],
)
def test_only_our_codes_with_right_check_digits_count(said: str, ours: str | None) -> None:
    assert codes.in_text(said) == ours


def test_other_peoples_codes_on_the_page_are_left_out() -> None:
    page = letters.scan(Sheet(code="https://shop.example.com/4711"), seed=4)

    assert found(page) == []


def test_two_codes_are_given_from_top_to_bottom() -> None:
    upper = letters.scan(Sheet(code="CLM26-000184-59", paper_mm=(210, 100)), seed=5)
    lower = letters.scan(Sheet(code=CODE, symbology="code128", paper_mm=(210, 100)), seed=6)
    page = Image.new("L", (upper.width, 2 * upper.height), 255)
    page.paste(upper, (0, 0))
    page.paste(lower, (0, upper.height))

    assert found(page) == ["CLM26-000184-59", CODE]

"""Where a value was read: the place on the page as a person sees it, however the page lay."""

import io

import pypdfium2
import pytest
from PIL import Image

from channels.letter import contents, ocr, view
from inbox.demo import letters
from inbox.demo.letters import Sheet
from tickets import document_values
from tickets.document_values import Box, Value

WORDS = """Dosar CLM26-004711-58

INSTAL CONSTRUCT SRL
FACTURA nr. 2231 din 16.11.2026

TOTAL DE PLATA        2.915,50 lei"""
AT = """<style>@page{size:A4;margin:0} p{position:absolute;margin:0;font-size:14pt}</style>
<p style="left:20mm;top:20mm">S.C. INSTAL CONSTRUCT S.R.L.</p>
<p style="left:30mm;top:60mm">FACTURA nr. 2231 din 16.11.2026</p>
<p style="left:25mm;top:200mm">TOTAL DE PLATĂ</p><p style="left:150mm;top:200mm">2.915,50 lei</p>"""
MARGIN = 5  #: Thousandths left around a box.


def values(raw: bytes) -> dict[str, Value]:
    return {str(each.name): each for each in document_values.read(contents.read(raw)) if each.box}


def reread(raw: bytes, box: Box | None, *, turn: int) -> str:
    """What text recognition makes of the box alone, cut out of the page as the desk shows it and set upright."""
    assert box is not None
    page = Image.open(io.BytesIO(view.drawn(raw, width=1700))).convert("L")
    sides = (box.x - MARGIN, box.y - MARGIN, box.x + box.w + MARGIN, box.y + box.h + MARGIN)
    cut = page.crop(tuple(side * page.size[place % 2] // 1000 for place, side in enumerate(sides)))  # type: ignore[arg-type]  # four of them
    upright = cut.rotate(turn, expand=True)
    paper = Image.new("L", (1200, 400), 255)
    paper.paste(upright, (100, 150))
    return ocr.recogniser(("ro", "en")).read(paper).text


@pytest.mark.parametrize(
    ("tilt", "quarter_turns", "shadow"), [(0.0, 0, 0.0), (2.0, 0, 0.0), (-1.2, 1, 0.0), (0.0, 2, 0.0), (4.0, 0, 0.6)]
)
def test_box_of_a_scanned_value_holds_its_ink_on_the_page_as_it_lay(
    tilt: float, quarter_turns: int, shadow: float
) -> None:
    sheet = Sheet(text=WORDS, point=14, tilt=tilt, quarter_turns=quarter_turns, shadow=shadow)
    raw = letters.pdf([letters.scan(sheet)])

    total = values(raw)["total"]

    assert total.value == "291550"
    assert "2.915,50" in reread(raw, total.box, turn=-90 * quarter_turns)


@pytest.mark.parametrize(
    ("turn", "visible"), [(0, None), (90, None), (180, None), (270, None), (0, (30, 60, 590, 800))]
)
def test_box_of_a_pdf_without_scan_is_where_the_words_are_printed(
    turn: int, visible: tuple[float, float, float, float] | None
) -> None:
    import weasyprint  # heavy: only here a PDF of words is made

    with pypdfium2.PdfDocument(weasyprint.HTML(string=AT).write_pdf()) as document:
        document[0].set_rotation(turn)
        if visible:
            document[0].set_cropbox(*visible)
        target = io.BytesIO()
        document.save(target)

    found = values(target.getvalue())

    assert "2.915,50" in reread(target.getvalue(), found["total"].box, turn=turn)
    assert "INSTAL CONSTRUCT" in reread(target.getvalue(), found["issuer"].box, turn=turn)


def test_box_is_in_thousandths_of_a_page_whose_measures_are_known() -> None:
    import weasyprint  # heavy: only here a PDF of words is made

    box = values(weasyprint.HTML(string=AT).write_pdf())["total"].box

    assert box is not None
    assert box.x == pytest.approx(1000 * 150 / 210, abs=4)
    assert box.y == pytest.approx(1000 * 201.5 / 297, abs=4)

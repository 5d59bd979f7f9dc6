"""Attached files by their bytes: words and their places, pictures that look alike, and files that mean harm."""

import io
import zipfile

import pytest
from PIL import Image, ImageDraw

from channels.letter import contents
from inbox.demo import letters
from inbox.demo.letters import Sheet
from tests.channels.letter.words import RECEIPT
from tickets.errors import UnreadableError

INVOICE = """<p>S.C. INSTAL S.R.L.</p><p>FACTURA nr. 2231</p>
<p style="position: absolute; top: 20cm; left: 10cm">TOTAL DE PLATA 2.915,50 lei</p>"""


def pdf(html: str) -> bytes:
    import weasyprint  # heavy: only these tests make a PDF of words

    made: bytes = weasyprint.HTML(string=html).write_pdf()
    return made


def packed(**parts: str) -> bytes:
    """An office file with these parts; `__` in a name is a slash and a dot stands before the last word."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CELL = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_words_of_a_pdf_stand_where_they_are_printed() -> None:
    read = contents.read(pdf(INVOICE))

    assert "TOTAL DE PLATA 2.915,50 lei" in read.text
    place = read.text.index("2.915,50")
    [word] = [each for each in read.words if each.start == place]
    assert (word.page, word.end - word.start) == (1, 8)
    assert 480 < word.x < 900
    assert 650 < word.y < 800  # twenty centimetres of thirty below the upper margin
    assert word.w > 20


def test_picture_is_recognised_with_places_and_hashed_by_its_looks() -> None:
    page = letters.scan(Sheet(text=RECEIPT, dpi=150), seed=1)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")

    read = contents.read(buffer.getvalue())

    assert "1158.60" in read.text
    assert all(0 <= word.x <= 1000 and 0 <= word.y <= 1000 for word in read.words)
    assert read.phash is not None
    assert len(read.phash) == 16


def test_picture_made_smaller_and_darker_looks_alike_and_another_does_not() -> None:
    first = Image.new("L", (800, 600), 200)
    ImageDraw.Draw(first).ellipse((100, 100, 500, 400), fill=40)
    other = Image.new("L", (800, 600), 200)
    ImageDraw.Draw(other).rectangle((500, 300, 780, 580), fill=90)
    smaller = first.resize((400, 300)).point(lambda value: value * 0.9)

    one, same, different = (int(contents.perceptual_hash(each), 16) for each in (first, smaller, other))

    assert (one ^ same).bit_count() <= 6
    assert (one ^ different).bit_count() > 10


def test_word_and_excel_files_are_read_without_opening_anything_else() -> None:
    document = packed(
        word__document_xml=f"<w:document {WORD}><w:p><w:r><w:t>DEVIZ nr. 7</w:t></w:r></w:p></w:document>"
    )
    sheet = packed(
        xl__workbook_xml=f"<workbook {CELL}/>",
        xl__sharedStrings_xml=f"<sst {CELL}><si><t>TOTAL</t></si></sst>",
        xl__worksheets__sheet1_xml=f'<worksheet {CELL}><row><c t="s"><v>0</v></c><c><v>2450</v></c></row></worksheet>',
    )

    assert contents.read(document).text == "DEVIZ nr. 7"
    assert contents.read(sheet).text == "TOTAL  2450"


def test_plain_text_is_taken_as_it_stands() -> None:
    assert contents.read("Adeverință".encode()).text == "Adeverință"
    assert contents.read("Adeverință".encode("cp1250", errors="replace")).text.startswith("Adeverin")


@pytest.mark.parametrize(
    "raw",
    [
        b"\0\1\2 nothing we know",
        packed(a_txt="no office file"),
        b"PK\x03\x04 broken",
        packed(word__document_xml='<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'),
        packed(word__document_xml="<w:document"),
        packed(word__document_xml=" " * 21_000_000),
        b"%PDF-1.7 broken",
        b"\x89PNG\r\n\x1a\n broken",
    ],
    ids=["bytes", "zip", "broken zip", "entities", "broken xml", "bomb", "broken pdf", "broken png"],
)
def test_file_that_is_broken_unknown_or_means_harm_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        contents.read(raw)

"""What a whole scan says."""

import hashlib
import io
from datetime import date

import pypdfium2
import pytest
from PIL import Image

from channels.letter import extract, read, reading
from inbox.demo import letters
from inbox.demo.letters import Sheet
from tests.channels.letter.words import ROMANIAN
from tickets.errors import UnreadableError
from tickets.messages import InboundMessage, Medium, PlacedWord, Sender

CODE = "CLM26-004711-58/R1"
A6 = (148, 105)
OTHER = "CLM26-000184-59"


@pytest.fixture(scope="module")
def stack() -> bytes:
    """Three pages of one letter: stamped and coded, with a misread reference, and with another claim's code."""
    first = Sheet(text=ROMANIAN, code=CODE, stamp="REGISTRATURĂ\nINTRAT 20.11.2026", tilt=2, noise=15)
    second = Sheet(text="Referitor la CIM26-OO4711-58", tilt=-1)
    third = Sheet(text="Anexă", code=OTHER, symbology="datamatrix", quarter_turns=2)
    return letters.pdf([letters.scan(sheet, seed=seed) for seed, sheet in enumerate((first, second, third))])


def test_scanned_letter_says_its_words_codes_pages_and_the_day_it_came(stack: bytes) -> None:
    message = read(stack)

    assert (message.medium, message.sender_state) == (Medium.LETTER, Sender.MISSING)
    assert message.pages == 3
    assert message.codes == (CODE, OTHER)
    assert message.received_on == date(2026, 11, 20)
    assert message.language == "ro"
    assert "adeverința de la asociația de proprietari" in message.text
    assert message.text.index("Popescu") < message.text.index("Referitor") < message.text.index("Anexă")
    assert message.new_text == message.text
    assert not message.acknowledge


def test_scan_itself_is_the_only_file() -> None:
    raw = letters.pdf([letters.scan(Sheet(paper_mm=(60, 40)))])

    [file] = read(raw).files

    assert (file.name, file.media_type, file.part) == ("scan.pdf", "application/pdf", "")
    assert file.sha256 == hashlib.sha256(raw).hexdigest()
    assert extract(raw, file.part) == raw


def test_words_of_a_scan_say_where_they_stand(stack: bytes) -> None:
    message = read(stack)

    exemplu, popescu, referitor = (_place(message, text) for text in ("Exemplu", "Popescu", "Referitor"))
    assert (popescu.page, referitor.page) == (1, 2)
    assert exemplu.y < popescu.y
    assert all(0 <= word.x <= 1000 and 0 <= word.y <= 1000 for word in message.words)


def _place(message: InboundMessage, text: str) -> PlacedWord:
    """Give the place of the word, or the line, that holds `text`."""
    return next(word for word in message.words if text in message.text[word.start : word.end])


def test_picture_that_was_cut_off_is_read_and_needs_reading() -> None:
    raw = letters.jpeg(letters.scan(Sheet(text=ROMANIAN)))

    message = read(raw[: len(raw) * 6 // 10])

    assert "departamentul daune" in message.text.lower()
    assert message.notes == ("page 1 needs reading: the picture is cut off",)


def test_one_page_can_be_looked_at(stack: bytes) -> None:
    shown = Image.open(io.BytesIO(extract(stack, "page:3")))

    assert shown.format == "PNG"
    assert shown.height > shown.width


@pytest.mark.parametrize("part", ["page:4", "page:0", "page:-1", "page:x", "page:²", "../../etc/passwd", "1"])
def test_part_that_is_not_there_is_unreadable(stack: bytes, part: str) -> None:
    with pytest.raises(UnreadableError):
        extract(stack, part)


@pytest.mark.parametrize("stamp", ["RECEIVED\n20 NOV 2026", "PRIMIT\n20-11-26", "INTRAT NR. 812\n2026-11-20"])
def test_stamp_is_read_from_the_paper(stamp: str) -> None:
    sheet = Sheet(text="Bună ziua,\nfactura din 12.11.2026 este atașată.", stamp=stamp, noise=15, tilt=-2, paper_mm=A6)

    assert read(letters.png(letters.scan(sheet, seed=4))).received_on == date(2026, 11, 20)


def test_stamp_on_a_later_page_is_not_the_day_it_came() -> None:
    stack = [
        letters.scan(Sheet(text=text, stamp=stamp, paper_mm=A6))
        for text, stamp in (("Bună ziua", ""), ("", "INTRAT\n20.11.2026"))
    ]

    assert read(letters.tiff(stack)).received_on is None


def test_same_code_on_every_page_is_one_code() -> None:
    page = letters.scan(Sheet(code=CODE, paper_mm=A6))

    assert read(letters.tiff([page, page])).codes == (CODE,)


def test_page_without_words_is_no_error() -> None:
    message = read(letters.jpeg(letters.scan(Sheet(noise=20, paper_mm=A6))))

    assert (message.text, message.pages, message.language) == ("", 1, None)


def test_locked_pdf_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        read(LOCKED)


def test_more_pages_than_anybody_reads_are_noted() -> None:
    document = pypdfium2.PdfDocument.new()
    for _ in range(201):
        document.new_page(10, 10)
    target = io.BytesIO()
    document.save(target)

    message = read(target.getvalue())

    assert message.pages == 201
    assert message.notes == ("only the first 200 of 201 pages were read",)


def test_page_that_no_engine_can_read_is_left_to_a_person() -> None:
    scrawl = letters.scan(Sheet(text=ROMANIAN, point=4, dpi=75, blur=1.6, noise=12, paper_mm=A6), seed=5)

    message = read(letters.tiff([letters.scan(Sheet(text=ROMANIAN)), scrawl]))

    [note] = message.notes
    assert note.startswith("page 2 needs reading")


def test_damaged_page_is_named_and_the_others_are_read() -> None:
    stack = letters.tiff(
        [letters.scan(Sheet(text="Bună ziua, trimit factura", paper_mm=A6), seed=at) for at in (1, 2, 3)]
    )
    with Image.open(io.BytesIO(stack)) as image:
        image.seek(1)
        start, length = image.tag_v2[273][0], image.tag_v2[279][0]

    message = read(stack[:start] + bytes(length) + stack[start + length :])

    assert message.text.count("factura") == 2
    assert message.notes == ("page 2 needs reading: page 2 cannot be decoded",)


def test_pages_for_which_there_is_no_time_still_give_their_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_SECONDS", -1.0)

    message = read(letters.png(letters.scan(Sheet(text="Bună", code=CODE, paper_mm=A6))))

    assert message.codes == (CODE,)
    assert message.notes == ("page 1 needs reading: there was no time to recognise it",)


#: A PDF whose password nobody told us (standard handler, revision 2): the hashes fit no empty password.
LOCKED = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
    b"4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\n%%EOF"
)

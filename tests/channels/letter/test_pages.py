"""Pages of every kind of file, also of those that were made to harm."""

import io
import struct
import zlib

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from channels.letter import pages
from channels.letter.print import render
from inbox.demo import letters
from inbox.demo.letters import Sheet
from tickets.errors import UnreadableError
from tickets.messages import Address, Medium, OutboundMessage

SMALL = Sheet(text="Bună ziua", paper_mm=(100, 60), noise=0)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def letter(text: str) -> bytes:
    to = Address(name="Maria Popescu")
    return render(OutboundMessage(message_id="1@x", medium=Medium.LETTER, to=to, text=text, subject="Dosar"))


def huge_png(width: int, height: int) -> bytes:
    """A picture of few bytes and very many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * 64), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["pdf", "tiff"])
def test_stack_is_read_page_by_page_in_order(kind: str) -> None:
    widths = [80, 100, 120]
    stack = [letters.scan(Sheet(paper_mm=(width, 60), noise=0)) for width in widths]
    raw = letters.pdf(stack) if kind == "pdf" else letters.tiff(stack)

    read = [page.image.width for page in pages.read(raw)]

    assert pages.count(raw) == 3
    assert read == sorted(read)
    assert len(set(read)) == 3


@pytest.mark.parametrize(("kind", "media_type"), [("png", "image/png"), ("jpeg", "image/jpeg")])
def test_single_picture_is_one_page(kind: str, media_type: str) -> None:
    page = letters.scan(SMALL)
    raw = letters.png(page) if kind == "png" else letters.jpeg(page)

    assert pages.media_type(raw) == media_type
    assert [read.image.size for read in pages.read(raw)] == [page.size]


def test_telephone_held_sideways_gives_an_upright_page() -> None:
    page = letters.scan(SMALL)
    raw = letters.jpeg(page.rotate(90, expand=True), orientation=6)

    [read] = pages.read(raw)

    assert read.image.size == page.size
    assert np.abs(np.asarray(read.image, dtype=int) - np.asarray(page, dtype=int)).max() < 60


@pytest.mark.parametrize(
    "image",
    [
        Image.new("1", (64, 48), 1),
        Image.new("P", (64, 48)),
        Image.new("RGBA", (64, 48), (0, 0, 0, 0)),
        Image.new("LA", (64, 48), (0, 0)),
        Image.new("I;16", (64, 48), 65535),
    ],
    ids=lambda image: image.mode,
)
def test_every_colour_of_picture_becomes_grey(image: Image.Image) -> None:
    [page] = pages.read(saved(image, "PNG"))

    assert (page.image.mode, page.image.size) == ("L", (64, 48))


def test_nothing_behind_a_transparent_picture_is_paper() -> None:
    [page] = pages.read(saved(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG"))

    assert page.image.getextrema() == (255, 255)


def test_cmyk_and_fax_are_read() -> None:
    [printed] = pages.read(saved(Image.new("CMYK", (64, 48)), "TIFF"))
    [fax] = pages.read(saved(Image.new("1", (1728, 1100), 1), "TIFF", compression="group4", dpi=(204, 98)))

    assert printed.image.mode == "L"
    assert fax.image.height == round(1100 * 204 / 98)


def test_words_of_a_pdf_made_on_a_computer_are_taken_as_they_are() -> None:
    [page] = pages.read(letter("Vă trimitem alăturat adeverința și factura."))

    assert "Vă trimitem alăturat adeverința și factura." in (page.text or "")


def test_scanned_pdf_has_no_words_of_its_own() -> None:
    [page] = pages.read(letters.pdf([letters.scan(SMALL)]))

    assert page.text is None


@pytest.mark.parametrize(
    "layer", ["\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdabc d", "\ue001\ue002\ue003" * 9, "12", "!§$%&/()=" * 9]
)
def test_letters_that_are_none_are_not_taken_for_words(layer: str) -> None:
    assert not pages._is_sound(layer)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no scan at all",
        b"%PDF-1.7\nbroken",
        b"\x89PNG\r\n\x1a\n broken",
        b"\xff\xd8\xff broken",
        b"II*\0\xff\xff\xff\xff",
        letters.png(letters.scan(SMALL))[:300],
        letters.jpeg(letters.scan(SMALL))[:300],
        letters.tiff([letters.scan(SMALL)])[:200],
        b"GIF89a" + bytes(100),
    ],
)
def test_broken_file_is_unreadable_and_nothing_worse(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        list(pages.read(raw))


def test_bomb_is_unreadable_before_it_is_decoded() -> None:
    for raw in (huge_png(60_000, 60_000), huge_png(19_000, 19_000)):
        assert len(raw) < 10_000
        with pytest.raises(UnreadableError):
            list(pages.read(raw))


def test_pdf_page_as_large_as_a_house_is_drawn_small() -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(14_400, 14_400)
    target = io.BytesIO()
    document.save(target)

    [page] = pages.read(target.getvalue())

    assert page.image.width * page.image.height <= 40_100_000


def test_stack_of_a_thousand_pages_is_read_to_the_two_hundredth() -> None:
    document = pypdfium2.PdfDocument.new()
    for _ in range(1000):
        document.new_page(10, 10)
    target = io.BytesIO()
    document.save(target)

    assert sum(1 for _ in pages.read(target.getvalue())) == 200
    assert pages.count(target.getvalue()) == 1000

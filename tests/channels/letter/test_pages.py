"""Pages of every kind of file, also of those that were made to harm."""

import io
import struct
import zlib
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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
        letters.png(letters.scan(SMALL))[:90],
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


def test_broken_page_of_a_stack_does_not_lose_the_others() -> None:
    stack = bytearray(letters.tiff([letters.scan(replace(SMALL, noise=9), seed=seed) for seed in range(3)]))
    with Image.open(io.BytesIO(bytes(stack))) as image:
        image.seek(1)
        [start], [length] = image.tag_v2[273][:1], image.tag_v2[279][:1]
    stack[start : start + length] = bytes(length)

    damage = [page.damage for page in pages.read(bytes(stack))]

    assert damage == ["", "page 2 cannot be decoded", ""]


def test_stack_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    stack = letters.tiff([letters.scan(SMALL, seed=seed) for seed in range(4)])

    seen = list(pages.read(stack[: len(stack) * 5 // 8]))

    assert [page.damage for page in seen][:2] == ["", ""]
    assert 2 <= len(seen) < 4


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_picture_that_was_cut_off_is_seen_as_far_as_it_goes_and_says_so(form: str) -> None:
    page = letters.scan(Sheet(text="Bună ziua\n" * 20, noise=4))
    raw = saved(page, form)

    [seen] = pages.read(raw[: len(raw) // 2])

    assert page.height * 0.4 < seen.image.height < page.height * 0.6
    assert (seen.missing, pages.count(raw[: len(raw) // 2])) == ("the picture is cut off", 1)


def test_picture_of_which_hardly_anything_is_left_is_unreadable() -> None:
    raw = saved(letters.scan(Sheet(noise=4)), "JPEG")

    with pytest.raises(UnreadableError, match="cut off"):
        list(pages.read(raw[:1_000]))


def test_telephones_own_kind_of_picture_says_what_to_ask_for() -> None:
    with pytest.raises(UnreadableError, match="HEIC"):
        list(pages.read(b"\0\0\0\x18ftypheic" + bytes(200)))


@pytest.mark.parametrize("kind", ["WEBP", "BMP", "GIF"])
def test_picture_of_another_kind_under_a_scans_name_is_seen(kind: str) -> None:
    page = letters.scan(SMALL)

    [seen] = pages.read(saved(page, kind))

    assert seen.image.size == page.size


def test_scan_in_a_pdf_is_drawn_as_finely_as_it_was_scanned() -> None:
    page = letters.scan(Sheet(noise=9), seed=1)

    [coarse] = pages.read(letters.pdf([page], dpi=200))
    [fine] = pages.read(letters.pdf([page], dpi=900))

    assert abs(coarse.image.width - page.width) <= 2
    assert abs(fine.image.width - page.width / 3) <= 2


def drawn(text: str) -> bytes:
    """A PDF of rectangles all over the page, with one line of real letters at its foot."""
    boxes = " ".join(f"{60 + column * 20} {120 + row * 24} 12 14 re f" for row in range(25) for column in range(24))
    content = f"{boxes} BT /F1 10 Tf 60 40 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"".join(b"%d 0 obj%bendobj\n" % (number, each) for number, each in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 6>>\n%%EOF"


def test_footer_of_a_page_of_drawn_letters_is_not_taken_for_the_page() -> None:
    [page] = pages.read(drawn("Exemplu Asigurari SA, page 1 of 1"))

    assert page.text is None


@given(seed=st.integers(0, 3), at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=40), cut=st.integers(0, 200))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_damaged_file_is_pages_or_unreadable_and_nothing_worse(seed: int, at: float, junk: bytes, cut: int) -> None:
    raw = WHOLE[seed]
    place = int(at * len(raw))
    damaged = raw[:place] + junk + raw[place + cut :]

    try:
        seen = list(pages.read(damaged))
    except UnreadableError:
        return
    assert all(page.image.mode == "L" for page in seen)


TINY = Sheet(text="Bună", paper_mm=(40, 20), noise=0, dpi=60)
WHOLE = (
    letters.pdf([letters.scan(TINY)] * 2),
    letters.tiff([letters.scan(TINY)] * 2),
    letters.png(letters.scan(TINY)),
    letters.jpeg(letters.scan(TINY)),
)

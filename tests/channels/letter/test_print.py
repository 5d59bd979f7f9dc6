"""Letters out: printed once, whole, with our code on every page, and nothing read from this machine."""

import builtins
import ctypes
import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from channels.letter import LetterChannel, Settings, codes, pages
from channels.letter.print import file_name, render
from tickets.errors import ChannelUnavailableError, MessageRefusedError
from tickets.messages import Address, DeliveryState, Enclosure, Medium, OutboundMessage

LETTER = OutboundMessage(
    message_id="request-1.3@claims.example",
    medium=Medium.LETTER,
    to=Address(name="Maria Popescu", address="Str. Fântânilor 14, Cluj-Napoca"),
    subject="Dosar CLM26-004711-58",
    text="Bună ziua,\n\nVă rugăm să ne trimiteți adeverința.",
    code="CLM26-004711-58/R1",
)
LONG = replace(
    LETTER, html="<html><body><h1>Dosar</h1>" + "<p>Vă rugăm să ne trimiteți factura.</p>" * 90 + "</body></html>"
)


def words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def language(document: pypdfium2.PdfDocument) -> str:
    length = pdfium.FPDFCatalog_GetLanguage(document, None, 0)
    room = ctypes.create_string_buffer(length)
    pdfium.FPDFCatalog_GetLanguage(document, ctypes.cast(room, ctypes.POINTER(pdfium.FPDF_WCHAR)), length)
    return room.raw.decode("utf-16-le").rstrip("\0")


def printed(settings: Settings) -> list[str]:
    return sorted(path.name for path in settings.print.iterdir())


def test_code_and_reference_stand_on_every_page() -> None:
    letter = render(LONG)

    found = [[code.text for code in codes.find(page.image)] for page in pages.read(letter)]

    assert len(found) >= 3
    assert found == [["CLM26-004711-58/R1"]] * len(found)
    assert words(letter).count("CLM26-004711-58/R1") == len(found)
    assert f"pagina 2 din {len(found)}" in words(letter)


def test_letter_is_a4_accessible_and_in_its_language() -> None:
    letter = render(replace(LONG, language="en"))

    with pypdfium2.PdfDocument(letter) as document:
        assert tuple(round(side) for side in document[0].get_size()) == (595, 842)
        assert document.is_tagged()
        assert language(document) == "en"
    assert "page 1 of" in words(letter)


def test_message_without_html_becomes_paragraphs() -> None:
    text = words(render(replace(LETTER, text="Un <b>rând</b> & altul.")))

    assert "Un <b>rând</b> & altul." in text
    assert "Maria Popescu" in text


def test_template_cannot_take_the_code_away() -> None:
    html = (
        "<html><head><style>@page { margin: 0; @bottom-right { content: none } }</style></head><body>Bună</body></html>"
    )

    [page] = pages.read(render(replace(LETTER, html=html)))

    assert [code.text for code in codes.find(page.image)] == ["CLM26-004711-58/R1"]


@pytest.mark.parametrize(
    "smuggled",
    [
        '<img src="{address}">',
        "<style>@import url({address});</style>",
        '<link rel="stylesheet" href="{address}">',
        '<p style="background: url({address})">x</p>',
        '<object data="{address}"></object>',
        '<link rel="attachment" href="{address}">',
        '<a rel="attachment" href="{address}">x</a>',
        '<svg><image href="{address}"/></svg>',
        '<iframe src="{address}"></iframe>',
        "<style>@font-face {{ font-family: x; src: url({address}) }} p {{ font-family: x }}</style>",
    ],
)
def test_letter_reads_no_file_and_no_address(smuggled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = tmp_path / "canary.css"
    canary.write_text('p::after { content: "CANARY" }')
    opened: list[str] = []

    def watched(file: Any, *rest: Any, **more: Any) -> Any:
        opened.append(str(file))
        return sys_open(file, *rest, **more)

    sys_open = builtins.open
    monkeypatch.setattr(builtins, "open", watched)

    body = "".join(
        smuggled.format(address=address) for address in (canary.as_uri(), "http://127.0.0.1:9/x", "data:text/css,p{}")
    )
    letter = render(replace(LETTER, html=f"<html><body><p>Bună</p>{body}</body></html>"))

    assert "Bună" in words(letter)
    assert "CANARY" not in words(letter)
    assert str(canary) not in opened
    assert b"EmbeddedFile" not in letter


def test_letter_appears_once_however_often_it_is_sent(settings: Settings, channel: LetterChannel) -> None:
    intents: list[int] = []

    first = channel.send(LETTER, lambda: intents.append(len(printed(settings))))
    again = channel.send(LETTER, lambda: intents.append(len(printed(settings))))

    assert first.state is again.state is DeliveryState.SENT
    assert printed(settings) == [first.provider_id] == [again.provider_id]
    assert intents == [0]


def test_letter_whose_intent_was_not_recorded_does_not_appear(settings: Settings, channel: LetterChannel) -> None:
    def store_is_down() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        channel.send(LETTER, store_is_down)

    assert printed(settings) == []


def test_disk_that_fails_leaves_no_half_letter(
    settings: Settings, channel: LetterChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("channels.letter.folders._sync", full)
    with pytest.raises(ChannelUnavailableError):
        channel.send(LETTER, lambda: None)

    assert printed(settings) == []


@pytest.mark.parametrize("message_id", ["../../etc/x", "a/b\\c:d", "", ".", "x" * 500, "é\u202e\x00", "\ud800"])
def test_name_of_a_letter_is_safe_and_its_own(message_id: str) -> None:
    name = file_name(message_id)

    assert name.isascii()
    assert not set(name) & set("/\\:\x00")
    assert not name.startswith(".")
    assert len(name) < 200
    assert name != file_name(message_id + "2")


def test_letters_wait_where_the_drawing_library_is_missing(
    settings: Settings, channel: LetterChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)

    with pytest.raises(ChannelUnavailableError, match="install libpango"):
        channel.send(LETTER, lambda: None)

    assert "install libpango" in channel.check()


def test_enclosed_pdf_is_printed_behind_the_letter() -> None:
    target = io.BytesIO()
    sheet = pypdfium2.PdfDocument.new()
    sheet.new_page(595, 842)
    sheet.save(target)
    enclosure = Enclosure(name="formular.pdf", media_type="application/pdf", content=target.getvalue())

    from channels.letter.print import _with_enclosures

    assert pages.count(_with_enclosures(render(LETTER), (enclosure,))) == 2


def test_enclosure_that_cannot_be_printed_is_refused(settings: Settings, channel: LetterChannel) -> None:
    sheet = Enclosure(name="tabel.xlsx", media_type="application/vnd.ms-excel", content=b"x")

    with pytest.raises(MessageRefusedError):
        channel.send(replace(LETTER, files=(sheet,)), lambda: None)

    assert printed(settings) == []

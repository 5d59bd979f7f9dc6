"""Letters out: a message becomes a PDF in the printer's folder, once, with our code on every page."""

import hashlib
import html
import io
import logging
import re
from base64 import b64encode
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from channels.letter import folders
from tickets.errors import ChannelUnavailableError, MessageRefusedError
from tickets.messages import Delivery, Enclosure, OutboundMessage, Transmitting

_PAGE_WORDS = {"ro": ("pagina", "din"), "en": ("page", "of")}
_LONGEST_NAME = 120
_NEEDS = "install libpango: letters wait"


class Printer:
    """The printer's folder of one channel."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._folder = folder

    def send(self, message: OutboundMessage, transmitting: Transmitting) -> Delivery:
        """Let the letter appear in the folder; one that is there already is not printed again. See `Channel`."""
        name = file_name(message.message_id)
        if self._is_there(name):
            return Delivery(provider_id=name, detail="already printed")
        content = self._rendered(message)
        transmitting()
        with folders.reaching(self._name, self._folder):
            folders.write(self._folder, name, content)
        return Delivery(provider_id=name)

    def make_folder(self) -> None:
        """Make the folder if it is missing. Raises a `ChannelError`."""
        with folders.reaching(self._name, self._folder):
            folders.make(self._folder)

    def check(self) -> str:
        """Make the folder; say whether letters can be drawn."""
        self.make_folder()
        try:
            _weasyprint()
        except (ImportError, OSError):
            return _NEEDS
        return "letters can be printed"

    def _is_there(self, name: str) -> bool:
        with folders.reaching(self._name, self._folder):
            return name in {path.name for path in self._folder.iterdir()}

    def _rendered(self, message: OutboundMessage) -> bytes:
        try:
            letter = render(message)
        except (ImportError, OSError) as error:
            raise ChannelUnavailableError(f"{self._name}: {_NEEDS}") from error
        try:
            return _with_enclosures(letter, message.files)
        except ValueError as error:
            raise MessageRefusedError(f"{self._name}: {error}") from error


def file_name(message_id: str) -> str:
    """The name a letter is printed under: always the same for a message id, and safe on every file system."""
    safe = re.sub(r"[^A-Za-z0-9@_-]+", "_", message_id)[:_LONGEST_NAME].strip("_")
    return f"{safe}-{hashlib.sha256(message_id.encode(errors='surrogatepass')).hexdigest()[:8]}.pdf"


def render(message: OutboundMessage) -> bytes:
    """Draw a letter as an accessible PDF (PDF/UA-1) on A4; nothing outside the message is read.

    Raises OSError or ImportError if the drawing libraries are missing.
    """
    weasyprint = _weasyprint()
    symbol = _symbol(message.code)
    fetcher = _fetcher(symbol)
    frame = weasyprint.CSS(string=_frame(message, symbol), url_fetcher=fetcher)
    document = weasyprint.HTML(string=_document(message), url_fetcher=fetcher, base_url=None)
    pdf: bytes = document.write_pdf(stylesheets=[frame], pdf_variant="pdf/ua-1")
    return pdf


def _weasyprint() -> ModuleType:
    """Import the library that draws; it looks for libpango, and where there is none it talks to stdout."""
    with redirect_stdout(io.StringIO()):
        import weasyprint

    for talker in ("weasyprint", "fontTools"):
        logging.getLogger(talker).setLevel(logging.CRITICAL)  # they log what stands in the letter
    return weasyprint  # type: ignore[no-any-return]  # weasyprint ships no types


def _fetcher(symbol: str) -> Any:
    """A fetcher that knows one address only: the code's own picture (osTicket CVE-2026-22200)."""
    from weasyprint.urls import URLFetcher

    class OnlyTheCode(URLFetcher):  # type: ignore[misc]  # weasyprint ships no types
        def fetch(self, url: str, headers: object = None) -> Any:
            if not symbol or url != symbol:
                raise ValueError("letters fetch nothing")
            return super().fetch(url, headers)

    return OnlyTheCode(allowed_protocols=("data",), allow_redirects=False)


def _symbol(code: str | None) -> str:
    """The code's picture as an address that holds all of it."""
    if not code:
        return ""
    from channels.letter import codes

    return f"data:image/svg+xml;base64,{b64encode(codes.draw(code).encode()).decode()}"


def _frame(message: OutboundMessage, symbol: str) -> str:
    """What stands at the foot of every page: the reference, the page's number, the code. Mail rooms split pages."""
    page, of = _PAGE_WORDS.get(message.language, _PAGE_WORDS["en"])
    picture = f'url("{symbol}")' if symbol else '""'
    reference, small = _quoted(message.code or ""), "font: 9pt sans-serif; vertical-align: middle"
    return f"""
      @page {{
        size: A4 !important; margin: 20mm 20mm 34mm 25mm !important;
        @bottom-left {{ content: {reference} !important; {small} }}
        @bottom-center {{ content: "{page} " counter(page) " {of} " counter(pages) !important; {small} }}
        @bottom-right {{ content: {picture} !important; vertical-align: middle; text-align: right }}
      }}
      html {{ font-family: "Noto Sans", "DejaVu Sans", sans-serif; font-size: 11pt; line-height: 1.4 }}
    """


def _quoted(text: str) -> str:
    """Write a CSS string in which no character means anything (CSS Syntax 3, 4.3.7)."""
    return '"' + "".join(f"\\{ord(character):x} " if not character.isalnum() else character for character in text) + '"'


def _document(message: OutboundMessage) -> str:
    """The letter's own HTML with its language; a message without one becomes plain paragraphs."""
    written = message.html or _plain(message)
    opening = re.search(r"<html\b[^>]*>", written, re.IGNORECASE)
    if opening is None:
        return f'<html lang="{_quoted_attribute(message.language)}">{_title(message)}{written}</html>'
    if re.search(r"\slang\s*=", opening[0], re.IGNORECASE):
        return written
    return f'{written[: opening.end() - 1]} lang="{_quoted_attribute(message.language)}"{written[opening.end() - 1 :]}'


def _plain(message: OutboundMessage) -> str:
    paragraphs = (paragraph for paragraph in re.split(r"\n\s*\n", message.text) if paragraph.strip())
    lines = "".join(f"<p style='white-space: pre-line'>{html.escape(paragraph)}</p>" for paragraph in paragraphs)
    receiver = html.escape("\n".join(filter(None, (message.to.name, message.to.address))))
    return f"<body><p style='white-space: pre-line; margin: 25mm 0 20mm'>{receiver}</p>{lines}</body>"


def _title(message: OutboundMessage) -> str:
    return f"<title>{html.escape(message.subject or message.code or message.message_id)}</title>"


def _quoted_attribute(value: str) -> str:
    return html.escape(value, quote=True)


def _with_enclosures(letter: bytes, files: Sequence[Enclosure]) -> bytes:
    """Put enclosed PDFs behind the letter. Raises ValueError for what cannot be printed."""
    if not files:
        return letter
    import pypdfium2

    bound = pypdfium2.PdfDocument(letter)
    for file in files:
        if file.media_type != "application/pdf":
            raise ValueError(f"an enclosure of the type {file.media_type} cannot be printed")
        try:
            bound.import_pages(pypdfium2.PdfDocument(file.content))
        except pypdfium2.PdfiumError as error:
            raise ValueError("an enclosed PDF is broken") from error
    target = io.BytesIO()
    bound.save(target)
    return target.getvalue()

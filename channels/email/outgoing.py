"""An outbound message as the bytes of an internet mail (RFC 5322); nothing in it can become a header of its own."""

import base64
import quopri
import re
import unicodedata
from collections.abc import Iterator, Sequence
from email.header import Header
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import quote

from tickets.messages import Enclosure, OutboundMessage

#: Encoded words of one line: RFC 2047, section 2 allows 75 bytes a word, RFC 5322 wants lines below 78.
LINE = 76
LONGEST_NAME = 200  # characters of a printed name or a file name; no mail program shows more
LONGEST_SUBJECT = 900
FILE_NAME_PIECE = 55  # bytes of a file name on one line
MOST_REFERENCES = 20
#: RFC 5322, section 3.2.3: what may stand in a printed name without quotes.
PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]*")
MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")
#: RFC 5321, section 4.1.2, and letters of other scripts (RFC 6531); what is not this is no argument for a command.
LOCAL_PART = re.compile(r"""[^\s"(),:;<>@\[\\\]\x00-\x1f\x7f-\x9f]{1,64}|"[^"<>\\\x00-\x1f\x7f-\x9f]{1,62}\"""")
LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
LONGEST_ADDRESS = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets
MESSAGE_ID = re.compile(r"[!-;=?-~]{1,900}")


def wire_address(address: str) -> str | None:
    """Give an address as commands and headers carry it, its domain in ASCII; None if it is not one address."""
    local, _, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
        length = len(f"{local}@{domain}".encode())
    except UnicodeError:
        return None
    whole = LOCAL_PART.fullmatch(local) and all(LABEL.fullmatch(label) for label in domain.split("."))
    return f"{local}@{domain}" if whole and length <= LONGEST_ADDRESS else None


def compose(message: OutboundMessage, *, address: str, name: str) -> bytes:
    """Write `message` from our `address`, CRLF line ends, at most 998 bytes a line.

    Every byte is ASCII unless an address itself is not (then the headers are UTF-8, RFC 6532). The same message
    gives the same bytes at every attempt.
    """
    headers = [f"{field}: {value}" for field, value in _headers(message, address=address, name=name) if value]
    return "\r\n".join(["MIME-Version: 1.0", *headers]).encode() + b"\r\n" + _body(message)


def _headers(message: OutboundMessage, *, address: str, name: str) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(name, address)
    yield "To", _mailbox(message.to.name, message.to.address or "")
    yield "Reply-To", _mailbox(name, message.reply_to) if message.reply_to else ""
    yield "Subject", _words(message.subject)
    yield "Date", format_datetime(message.sent_at) if message.sent_at else ""
    yield "Message-ID", _ids([message.message_id])
    yield "In-Reply-To", _ids([message.in_reply_to or ""])
    # The first and the last ones keep a thread together (RFC 5537, section 3.4.4, says the same for news).
    yield "References", _ids([*message.references[:1], *message.references[1:][-MOST_REFERENCES:]])
    yield "Content-Language", message.language if re.fullmatch(r"[A-Za-z-]{1,35}", message.language) else ""
    if message.automatic:
        yield "Auto-Submitted", "auto-generated"
        yield "X-Auto-Response-Suppress", "All"


def one_line(text: str) -> str:
    """Give text as it may stand in a header: without line ends, other control characters or half characters."""
    kept = (" " if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} else character for character in text)
    return " ".join("".join(kept).split())


def _words(text: str) -> str:
    """Write free text; what is not plain ASCII, or looks encoded already, becomes encoded words."""
    line = one_line(text)[:LONGEST_SUBJECT]
    if line.isascii() and "=?" not in line and len(line) <= LINE:
        return line
    return Header(line, "utf-8", maxlinelen=LINE, header_name="Subject").encode(linesep="\r\n")


def _mailbox(name: str, address: str) -> str:
    line, address = one_line(name)[:LONGEST_NAME], wire_address(address) or one_line(address)
    if not line:
        return f"<{address}>"
    if not line.isascii() or "=?" in line or len(line) > LINE // 2:
        line = Header(line, "utf-8", maxlinelen=LINE, header_name="Reply-To").encode(linesep="\r\n")
    elif not PLAIN_NAME.fullmatch(line):
        line = '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'
    last_line = line.rpartition("\r\n")[2]
    return (
        f"{line} <{address}>"
        if len(last_line) + len(address) < LINE - len("Reply-To:  <>")
        else f"{line}\r\n <{address}>"
    )


def _ids(ids: Sequence[str]) -> str:
    """Write message ids, one a line; what cannot be one (a customer's mail named it) is left out."""
    return "\r\n ".join(f"<{id_}>" for id_ in ids if MESSAGE_ID.fullmatch(id_))


def _body(message: OutboundMessage) -> bytes:
    parts = [_text(message.text, "plain")]
    if message.html is not None:
        parts = [_multipart("alternative", [*parts, _text(message.html, "html")], message.message_id)]
    if message.files:
        parts = [_multipart("mixed", [*parts, *map(_enclosure, message.files)], message.message_id)]
    return parts[0]


def _text(text: str, subtype: str) -> bytes:
    """Write text in quoted-printable: its lines stay below 76 bytes and survive every server."""
    clean = text.encode("utf-8", "replace").replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"")
    encoded = quopri.encodestring(clean).replace(b"\n", b"\r\n")
    return f"Content-Type: text/{subtype}; charset=utf-8\r\n".encode() + _encoding("quoted-printable") + encoded


def _enclosure(file: Enclosure) -> bytes:
    media_type = file.media_type if MEDIA_TYPE.fullmatch(file.media_type) else "application/octet-stream"
    if media_type.startswith(("multipart/", "message/")):
        media_type = "application/octet-stream"  # RFC 2045, section 6.4: these must not be base64
    content = base64.encodebytes(file.content).replace(b"\n", b"\r\n")
    return (
        f"Content-Type: {media_type}\r\nContent-Disposition: attachment{_file_name(file.name)}\r\n".encode()
        + _encoding("base64")
        + content
    )


def _file_name(name: str) -> str:
    """Write a file name as RFC 2231 says, in pieces of at most one line; plain names stay readable."""
    line = one_line(name)[:LONGEST_NAME]
    if re.fullmatch(r"[A-Za-z0-9._ -]{1,50}", line):
        return f'; filename="{line}"'
    pieces, piece = list[str](), "utf-8''"
    for character in line:
        encoded = quote(character, safe="")
        if len(piece) + len(encoded) > FILE_NAME_PIECE:
            pieces, piece = [*pieces, piece], ""
        piece += encoded
    if not pieces:
        return f";\r\n filename*={piece}"
    return "".join(f";\r\n filename*{number}*={piece}" for number, piece in enumerate([*pieces, piece]))


def _multipart(subtype: str, parts: Sequence[bytes], seed: str) -> bytes:
    # `=_` cannot occur in quoted-printable nor in base64 (RFC 2045, section 6.7), so no content can hold the boundary.
    boundary = f"=_{subtype}_{sha256(seed.encode()).hexdigest()[:32]}"
    opening, closing = f"--{boundary}\r\n".encode(), f"--{boundary}--\r\n".encode()
    inner = b"".join(opening + part + b"\r\n" for part in parts)
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode() + inner + closing


def _encoding(name: str) -> bytes:
    return f"Content-Transfer-Encoding: {name}\r\n\r\n".encode()

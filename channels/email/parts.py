"""The tree of parts in raw mail bytes (RFC 2046), found with limits, in linear time, whatever is broken in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels.email import headers, transfer
from channels.email.headers import Headers

MOST_PARTS = 1_000
MOST_DEPTH = 30
_MOST_BOUNDARY = 250
_SNIFFED = re.compile(rb"(?:^|\n)--([^\s\r\n][^\r\n]{0,200}?)[ \t]*\r?\n(?=content-)", re.IGNORECASE)
_SNIFF_BYTES = 100_000
_ENCODING = re.compile(r"([a-z0-9_-]{1,40})")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Part:
    """One node: its fields, and where its body lies in the raw bytes. Leaves have no children."""

    path: str  #: As IMAP numbers parts: "1", "2.1"; the root of a multipart is "".
    headers: Headers
    media_type: str
    parameters: dict[str, str]
    disposition: str
    file_parameters: dict[str, str]
    start: int
    end: int
    depth: int = 0
    children: list["Part"] = field(default_factory=list)

    @property
    def is_multipart(self) -> bool:
        """Whether it is a container with something in it."""
        return bool(self.children)

    @property
    def encoding(self) -> str:
        """Its transfer encoding, in lower case."""
        written = _ENCODING.search(self.headers.first("content-transfer-encoding").lower())
        return written[1].replace("-", "").replace("_", "") if written else ""

    def leaves(self) -> Iterator["Part"]:
        """Walk everything that is not a container, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(slots=True, kw_only=True)
class Mail:
    """Raw mail bytes with their tree of parts, and what was broken in it."""

    raw: bytes
    root: Part
    notes: list[str] = field(default_factory=list)
    count: int = 0

    def content(self, part: Part) -> bytes:
        """Give the decoded bytes of a leaf."""
        body = self.raw[part.start : part.end]
        return transfer.decode(body, part.encoding, is_text=part.media_type.startswith("text/"))

    def find(self, path: str) -> Part | None:
        """Give the part with this path."""
        part = self.root
        if path == part.path:
            return part
        for number in path.split("."):
            if not number.isdecimal() or not 0 < int(number[:6]) <= len(part.children):
                return None
            part = part.children[int(number[:6]) - 1]
        return part


def parse(raw: bytes) -> Mail:
    """Find the parts of a raw mail; never raises. Where lines end in CR alone, they end in LF in `Mail.raw`."""
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    while raw[start : start + 1] in (b"\n", b"\r", b" ", b"\t", b"\0") and start < len(raw):
        start += 1
    fields, body = headers.split(raw, start, len(raw))
    if not fields:
        body = start
    mail = Mail(raw=raw, root=_part("", fields, body, len(raw)))
    if len(fields) >= headers.MOST_FIELDS:
        mail.notes.append(f"only the first {headers.MOST_FIELDS} header fields were read")
    _divide(mail, mail.root)
    if not mail.root.children:
        mail.root.path = "1"
    return mail


def _part(path: str, fields: list[tuple[str, bytes]], start: int, end: int, default: str = "text/plain") -> Part:
    known = Headers(fields)
    content_type = next((value for name, value in fields if name == "content-type"), b"")
    hint = _CHARSET.search(content_type)
    known.hint = hint[1].decode("ascii") if hint else None
    typed, disposed = known.first("content-type"), known.first("content-disposition")
    return Part(
        path=path,
        headers=known,
        media_type=headers.media_type(typed, default),
        parameters=headers.parameters(headers.after_value(typed), known.hint) if "=" in typed else {},
        disposition=headers.value(disposed),
        file_parameters=headers.parameters(headers.after_value(disposed), known.hint) if "=" in disposed else {},
        start=start,
        end=end,
    )


def _divide(mail: Mail, part: Part) -> None:
    """Find the children of a container, and theirs; a container without any becomes a plain text."""
    mail.count += 1
    declared = part.media_type.startswith("multipart/")
    if not declared and (part.path or part.headers.first("content-type")):
        return
    if part.depth >= MOST_DEPTH:
        _note(mail, f"parts nested more than {MOST_DEPTH} deep were not opened")
        return
    pieces = _pieces(mail, part, declared=declared)
    if not pieces and declared and part.encoding in {"base64", "quotedprintable"}:
        _unwrap(mail, part)
        pieces = _pieces(mail, part, declared=declared)
    if not pieces:
        if declared:
            _make_text(mail, part)
        return
    default = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
    if not declared:
        part.media_type = "multipart/mixed"
        _note(mail, "parts were found although the header announces none")
    _add_children(mail, part, pieces, default)


def _unwrap(mail: Mail, part: Part) -> None:
    """Decode a container, which RFC 2045 section 6.4 forbids to encode; its parts then lie behind the raw mail."""
    decoded = mail.content(part)
    part.start = len(mail.raw) + 1
    mail.raw += b"\n" + decoded
    part.end = len(mail.raw)
    _note(mail, "an encoded multipart was decoded")


def _make_text(mail: Mail, part: Part) -> None:
    """Read a container without parts as text; a closing boundary ends it."""
    part.media_type = "text/plain"
    boundary = part.parameters.get("boundary", "")[:_MOST_BOUNDARY].encode("utf-8", "replace")
    closing = mail.raw.find(b"--" + boundary + b"--", part.start, part.end) if boundary else -1
    if closing >= 0:
        part.end = closing
    _note(mail, "a multipart without parts was read as text")


def _add_children(mail: Mail, part: Part, pieces: list[tuple[int, int]], default: str) -> None:
    for start, end in pieces:
        if mail.count >= MOST_PARTS:
            _note(mail, f"only the first {MOST_PARTS} parts were read")
            return
        fields, body = headers.split(mail.raw, start, end)
        path = f"{part.path}.{len(part.children) + 1}".lstrip(".")
        child = _part(path, fields, min(body, end), end, default)
        child.depth = part.depth + 1
        part.children.append(child)
        _divide(mail, child)


def _pieces(mail: Mail, part: Part, *, declared: bool) -> list[tuple[int, int]]:
    """Cut a container at its boundary; at a boundary its lines show if the declared one is missing or absent."""
    boundary = part.parameters.get("boundary", "")[:_MOST_BOUNDARY].rstrip().encode("utf-8", "replace")
    pieces = _cut(mail.raw, boundary, part.start, part.end) if boundary else []
    if pieces:
        return pieces
    window = mail.raw[part.start : min(part.end, part.start + (_SNIFF_BYTES if declared else 2_000))]
    sniffed = _SNIFFED.search(window)
    if sniffed is None:
        return []
    if declared:
        _note(mail, "the boundary between the parts is not the declared one")
    return _cut(mail.raw, sniffed[1], part.start, part.end)


def _cut(raw: bytes, boundary: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Give start and end of each piece between boundary lines; parts after a closing line are parts too."""
    mark = b"--" + boundary
    pieces: list[tuple[int, int]] = []
    opened: int | None = None
    position = raw.find(mark, start, end)
    while position >= 0 and len(pieces) <= MOST_PARTS:
        after = position + len(mark)
        if position == start or raw[position - 1 : position] == b"\n":
            stop = raw.find(b"\n", after, end) + 1 or end
            rest = raw[after : min(stop, after + _MOST_BOUNDARY)].strip()
            if rest in (b"", b"--"):
                if opened is not None:
                    pieces.append((opened, _before_line_end(raw, opened, position)))
                opened = None if rest else stop
        position = raw.find(mark, after, end)
    if opened is not None and opened < end:
        pieces.append((opened, end))
    return pieces


def _before_line_end(raw: bytes, start: int, position: int) -> int:
    """The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1)."""
    if position > start and raw[position - 1 : position] == b"\n":
        position -= 1
    if position > start and raw[position - 1 : position] == b"\r":
        position -= 1
    return position


def _note(mail: Mail, text: str) -> None:
    if text not in mail.notes:
        mail.notes.append(text)

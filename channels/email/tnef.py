"""Outlook's winmail.dat (MS-OXTNEF): the files and words inside it, as far as damaged bytes allow."""

import mimetypes
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels.email import charset, enclosed, rtf

_SIGNATURE = b"\x78\x9f\x3e\x22"
_HEADER = struct.Struct("<BII")
_PROPERTY = struct.Struct("<HH")
_LONG = struct.Struct("<I")
_FILETIME = struct.Struct("<Q")

_MESSAGE_PROPERTIES, _CODE_PAGE, _SUBJECT, _BODY = 0x00069003, 0x00069007, 0x00018004, 0x0002800C
_ATTACHMENT_BEGINS, _ATTACHMENT, _ATTACHMENT_DATA, _ATTACHMENT_TITLE = 0x00069002, 0x00069005, 0x0006800F, 0x00018010

_OF_ATTACHMENTS = frozenset({_ATTACHMENT, _ATTACHMENT_DATA, _ATTACHMENT_TITLE})

_PLAIN, _COMPRESSED_RTF, _HTML, _TITLE = 0x1000, 0x1009, 0x1013, 0x0037
_DISPLAY_NAME, _FILE_NAME, _LONG_FILE_NAME = 0x3001, 0x3704, 0x3707
_DATA, _METHOD, _MEDIA_TYPE, _INTERNET_CODE_PAGE, _EXTENSION = 0x3701, 0x3705, 0x370E, 0x3FDE, 0x3703
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP, _DISPLAY_TO, _SUBMITTED = 0x0C1A, 0x0C1F, 0x5D01, 0x0E04, 0x0039
_EMBEDDED_MESSAGE, _OLE = 5, 6

_FIXED = {
    0x02: 4,
    0x03: 4,
    0x04: 4,
    0x05: 8,
    0x06: 8,
    0x07: 8,
    0x0A: 4,
    0x0B: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
    0x00: 0,
    0x01: 0,
}
_MULTIPLE_WIDTH = {0x02: 2, 0x0B: 2}
_STRING8, _UNICODE, _BINARY, _OBJECT, _MOMENT = 0x1E, 0x1F, 0x102, 0x0D, 0x40
_MULTIPLE, _NAMED, _GUID = 0x1000, 0x8000, 16
_MOST_ATTRIBUTES, _MOST_PROPERTIES, _MOST_FILES, _DEEPEST = 20_000, 5_000, 500, 4


@dataclass(frozen=True, slots=True)
class Packed:
    """One file inside winmail.dat."""

    key: str  #: "0", "1"; inside an attached message "1.0".
    name: str
    media_type: str
    content: bytes


@dataclass(slots=True)
class Opened:
    """What winmail.dat holds."""

    subject: str = ""
    sender: str = ""
    to: str = ""
    sent_at: str = ""  #: As a Date field.
    text: str | None = None
    html: str | None = None
    files: list[Packed] = field(default_factory=list)
    is_damaged: bool = False


@dataclass(slots=True)
class _Properties:
    """MAPI properties by id, strings decoded."""

    values: dict[int, bytes | str | int] = field(default_factory=dict)
    is_damaged: bool = False

    def text(self, *wanted: int) -> str:
        found = (self.values.get(one) for one in wanted)
        return next((value for value in found if isinstance(value, str) and value.strip()), "")

    def raw(self, wanted: int) -> bytes:
        value = self.values.get(wanted)
        return value if isinstance(value, bytes) else b""


@dataclass(slots=True)
class _Attachment:
    """What was said about one attachment so far."""

    title: bytes = b""
    data: bytes = b""
    properties: _Properties = field(default_factory=_Properties)


def unpack(raw: bytes, depth: int = 0) -> Opened | None:
    """Open winmail.dat; None if the bytes are none. Cut or damaged bytes give what stands before the damage."""
    start = raw.find(_SIGNATURE, 0, 64)
    if start < 0:
        return None
    opened = Opened()
    page, message, attachments = _collected(raw, start + 6, opened)
    _take_words(opened, message, page)
    for number, attachment in enumerate(attachments[:_MOST_FILES]):
        opened.is_damaged |= attachment.properties.is_damaged
        _take_file(opened, attachment, str(number), page, depth)
    return opened


def content(raw: bytes, key: str) -> bytes | None:
    """Give the bytes of one file inside winmail.dat."""
    opened = unpack(raw)
    return next((one.content for one in opened.files if one.key == key), None) if opened else None


def _collected(raw: bytes, position: int, opened: Opened) -> tuple[str, _Properties, list[_Attachment]]:
    """Read the attributes: code page, properties of the message, attachments."""
    page, message, attachments = "cp1252", _Properties(), list[_Attachment]()
    for identifier, data in _attributes(raw, position, opened):
        if identifier == _CODE_PAGE and len(data) >= _LONG.size:
            page = charset.known(f"cp{_LONG.unpack_from(data)[0]}") or page
        elif identifier == _MESSAGE_PROPERTIES:
            message = _properties(data, page)
            opened.is_damaged |= message.is_damaged
        elif identifier == _BODY:
            opened.text = charset.decode(data.rstrip(b"\0"), page)
        elif identifier == _SUBJECT:
            opened.subject = charset.decode(data.rstrip(b"\0"), page)
        elif identifier == _ATTACHMENT_BEGINS:
            attachments.append(_Attachment())
        elif identifier in _OF_ATTACHMENTS:
            if not attachments:  # what begins an attachment is missing
                attachments.append(_Attachment())
            _describe(attachments[-1], identifier, data, page)
    return page, message, attachments


def _describe(attachment: _Attachment, identifier: int, data: bytes, page: str) -> None:
    if identifier == _ATTACHMENT_TITLE:
        attachment.title = data.rstrip(b"\0")
    elif identifier == _ATTACHMENT_DATA:
        attachment.data = data
    else:
        attachment.properties = _properties(data, page)


def _attributes(raw: bytes, position: int, opened: Opened) -> Iterator[tuple[int, bytes]]:
    """Walk the attributes (section 2.1.3); a length beyond the end gives what there is and ends the walk."""
    for _ in range(_MOST_ATTRIBUTES):
        if position + _HEADER.size > len(raw):
            opened.is_damaged |= bool(raw[position:].strip(b"\0\r\n "))
            return
        level, identifier, length = _HEADER.unpack_from(raw, position)
        position += _HEADER.size
        if level not in (1, 2):
            opened.is_damaged = True
            return
        yield identifier, raw[position : position + length]
        opened.is_damaged |= position + length > len(raw)
        position += length + 2


def _properties(data: bytes, page: str) -> _Properties:
    """Read MAPI properties (section 2.1.3.4); unknown or damaged ones end the reading."""
    found = _Properties()
    try:
        count = min(_LONG.unpack_from(data)[0], _MOST_PROPERTIES)
        position = _LONG.size
        for _ in range(count):
            kind, identifier = _PROPERTY.unpack_from(data, position)
            position = _after_name(data, position + _PROPERTY.size, identifier)
            position = _value(found, data, position, (kind, identifier, page))
    except (struct.error, KeyError):
        found.is_damaged = True
    return found


def _after_name(data: bytes, position: int, identifier: int) -> int:
    """Step over the name of a named property."""
    if identifier < _NAMED:
        return position
    kind, size = struct.unpack_from("<II", data, position + _GUID)
    position += _GUID + 8
    return position + _padded(size) if kind == 1 else position


def _value(found: _Properties, data: bytes, position: int, what: tuple[int, int, str]) -> int:
    """Read one value, or the first of several; the offset after it. Raises KeyError for a type nobody documents."""
    kind, identifier, page = what
    single = kind & ~_MULTIPLE
    if single in _FIXED:
        width = _FIXED[single]
        if not kind & _MULTIPLE:
            if width == _LONG.size:
                found.values[identifier] = _LONG.unpack_from(data, position)[0]
            elif single == _MOMENT:
                found.values[identifier] = _FILETIME.unpack_from(data, position)[0]
            return position + width
        count = _LONG.unpack_from(data, position)[0]
        return position + _LONG.size + _padded(count * _MULTIPLE_WIDTH.get(single, width))
    if single not in {_STRING8, _UNICODE, _BINARY, _OBJECT}:
        raise KeyError(single)
    count = _LONG.unpack_from(data, position)[0]
    position += _LONG.size
    for _ in range(min(count, _MOST_PROPERTIES)):
        size = _LONG.unpack_from(data, position)[0]
        position += _LONG.size
        value = data[position : position + size]
        found.is_damaged |= len(value) < size
        found.values.setdefault(identifier, _decoded(value, single, page))
        position += _padded(size)
    return position


def _decoded(value: bytes, kind: int, page: str) -> bytes | str:
    if kind == _UNICODE:
        return charset.clean(value[: len(value) & ~1].decode("utf-16-le", "replace"))
    return charset.decode(value.rstrip(b"\0"), page) if kind == _STRING8 else value


def _padded(size: int) -> int:
    """Values end on a multiple of four bytes."""
    return size + -size % 4


def _take_words(opened: Opened, message: _Properties, page: str) -> None:
    """Choose the words: HTML, else RTF (which may wrap HTML), else plain text."""
    opened.subject = opened.subject or message.text(_TITLE)
    _take_envelope(opened, message)
    opened.text = message.text(_PLAIN) or opened.text
    number = message.values.get(_INTERNET_CODE_PAGE)
    label = {65001: "utf-8"}.get(number, f"cp{number}") if isinstance(number, int) else page
    source = message.raw(_HTML)
    opened.html = charset.decode(source, label) if source else message.text(_HTML) or None
    compressed = message.raw(_COMPRESSED_RTF)
    if compressed and not opened.html and not (opened.text or "").strip():
        unpacked = rtf.decompress(compressed)
        opened.is_damaged |= unpacked is None
        opened.text, opened.html = rtf.read(unpacked or b"")


def _take_envelope(opened: Opened, message: _Properties) -> None:
    """Say who sent it, to whom and when."""
    address = message.text(_SENDER_SMTP) or message.text(_SENDER_ADDRESS)
    opened.sender = enclosed.person(message.text(_SENDER_NAME), address)
    opened.to = message.text(_DISPLAY_TO)
    submitted = message.values.get(_SUBMITTED)
    opened.sent_at = enclosed.moment(submitted) if isinstance(submitted, int) else ""


def _take_file(opened: Opened, attachment: _Attachment, key: str, page: str, depth: int) -> None:
    """Add one attachment; an attached message gives a mail, and its files beside it."""
    known = attachment.properties
    name = (
        known.text(_LONG_FILE_NAME, _FILE_NAME) or charset.decode(attachment.title, page) or known.text(_DISPLAY_NAME)
    )
    data = attachment.data or known.raw(_DATA)
    if known.values.get(_METHOD) == _EMBEDDED_MESSAGE and depth < _DEEPEST:
        inner = unpack(data[_GUID:] if data[_GUID : _GUID + 4] == _SIGNATURE else data, depth + 1)
        if inner is not None:
            _take_message(opened, inner, key, name)
            return
    if known.values.get(_METHOD) == _OLE and not attachment.data:
        data = data[_GUID:]  # the object's interface comes first
    guessed = mimetypes.guess_type(name or f"file{known.text(_EXTENSION)}")[0] or "application/octet-stream"
    opened.files.append(Packed(key, name, known.text(_MEDIA_TYPE).lower().strip() or guessed, data))


def _take_message(opened: Opened, inner: Opened, key: str, name: str) -> None:
    title = (inner.subject or name or "message").replace("/", "-").replace("\\", "-")
    fields = [("From", inner.sender), ("To", inner.to), ("Subject", inner.subject), ("Date", inner.sent_at)]
    parts = [enclosed.attachment(one.name, one.media_type, one.content) for one in inner.files if "." not in one.key]
    whole = enclosed.write(fields, text=inner.text or "", html=inner.html, parts=parts)
    opened.files.append(Packed(key, f"{title}.eml", "message/rfc822", whole))
    opened.files += [Packed(f"{key}.{one.key}", one.name, one.media_type, one.content) for one in inner.files]
    opened.is_damaged |= inner.is_damaged

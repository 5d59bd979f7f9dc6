"""The header block of a mail or part: its fields, encoded words (RFC 2047), parameters (RFC 2231), ids and dates."""

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

from channels.email import charset

MOST_FIELDS = 1_000
MOST_BYTES = 200_000  #: Of one field's value; some 5,000 addresses.
_MOST_PARAMETERS = 200
_MOST_WORDS = 2_000
MOST_REFERENCES = 200

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_KNOWN = re.compile(
    rb"(?i)(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|received|return-path|reply-to|in-reply-to|"
    rb"references|x-[a-z-]+)[ \t]*:"
)
_FOLD = re.compile(rb"\r*\n")
_WORD = re.compile(r"=\?([^?=\s]{0,60})\?([bBqQ])\?([^?]*+(?:\?(?!=)[^?]{0,200}){0,3})\?=")
_ID = re.compile(r"<([^<>\s]{1,900})>")
_NO_ID = re.compile(r"[<>\s,;\"()]+")
_LONGEST_ID = 900
_MEDIA_TYPE = re.compile(r"\s*([\w!#$&^.+-]{1,80})\s*/\s*([\w!#$&^.+-]{1,80})")
#: A quoted value ends before another parameter; quotes inside it may be unescaped.
_PARAMETER = re.compile(
    r'(?:;|(?<="))\s*([^\s=;"]{1,100}+)\s*+=\s*+'
    r'(?:"(?:((?:[^"\\]++|\\.)*+)(?:"(?=\s*(?:[;,]|\Z|[\w*-]{1,40}=))|\Z)|([^;]{0,500})"(?=\s*(?:;|\Z))|((?:[^"\\]++|\\.)*+)")|([^;]*+))',
    re.DOTALL,
)
_VALUE = re.compile(r"\s*([\w!#$&^./+-]+)(?!\s*=)(?:\s|;|$)")
_FIRST_PARAMETER = re.compile(r"(?:^|\s)[\w*-]{1,40}\s*=")
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_DATE = re.compile(
    r"(\d{1,2})[\s-]+([A-Za-z]{3})[a-z]{0,6}\.?[\s-]+(\d{2,4})(?:,?\s+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?\s*(?:([+-])(\d{2}):?(\d{2})|([A-Za-z]{1,5}))?"
)
_CTIME = re.compile(r"([A-Za-z]{3})\s+(\d{1,2})\s+(\d{1,2}):(\d{2}):(\d{2})\s+(?:[A-Z]{2,5}\s+)?(\d{4})")
_ISO_DATE = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?\s*"
    r"(?:([+-])(\d{2}):?(\d{2})|([A-Z]{1,5}))?)?"
)
_MONTHS = {
    m: n for n, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
          "CET": 1, "CEST": 2, "MET": 1, "EET": 2, "EEST": 3, "MSK": 3, "BST": 1}  # fmt: skip


class Headers:
    """The fields of one header block, in order, names in lower case, values as sent but unfolded."""

    __slots__ = ("_by_name", "_fields", "hint")

    def __init__(self, fields: list[tuple[str, bytes]], hint: str | None = None) -> None:
        self._fields = fields
        self._by_name: dict[str, list[bytes]] = {}
        for name, value in fields:
            self._by_name.setdefault(name, []).append(value)
        self.hint = hint  #: The charset of raw 8-bit values that are not UTF-8.

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return iter(self._fields)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def all(self, name: str) -> list[str]:
        """Give every value of a field, top first, encoded words still encoded."""
        return [self._text(value) for value in self._by_name.get(name, ())]

    def first(self, name: str) -> str:
        """Give the topmost value of a field, or nothing."""
        found = self._by_name.get(name)
        return self._text(found[0]) if found else ""

    def text(self, name: str) -> str:
        """Give the topmost value of a field as a person reads it."""
        return words(self.first(name), self.hint)

    def _text(self, value: bytes) -> str:
        if b"\0" not in value:
            return charset.decode(value, self.hint).strip(" \t\r\n")
        pieces = value.split(b"\0")  # kept: a reader of senders must see it
        return "\0".join(charset.decode(piece, self.hint) for piece in pieces).strip(" \t\r\n")


def split(raw: bytes, start: int, end: int) -> tuple[list[tuple[str, bytes]], int]:
    """Read the fields from `start`; give them and the offset where the body begins (RFC 5322 section 2.2).

    A line that is neither field nor continuation ends the header, as a missing blank line does, unless a known
    field follows it.
    """
    fields: list[tuple[str, bytes]] = []
    position, name, value_start = start, "", start
    while position < end:
        stop = raw.find(b"\n", position, end) + 1 or end
        first = raw[position : position + 1]
        if first not in (b" ", b"\t") or (not fields and not name):
            if name:
                _keep(fields, name, raw[value_start:position])
                name = ""
            if raw[position:stop].strip(b"\r\n") == b"":
                return fields, stop
            if match := _FIELD.match(raw, position, stop):
                name, value_start = match[1].decode("ascii").lower(), match.end()
            elif not _is_junk(raw, position, stop, end, is_first=not fields):
                return fields, position
        elif not raw[position:stop].strip() and not _continues(raw, stop, end):
            if name:  # a line of blanks where the empty line should be
                _keep(fields, name, raw[value_start:position])
            return fields, stop
        position = stop
    if name:
        _keep(fields, name, raw[value_start:end])
    return fields, end


def _keep(fields: list[tuple[str, bytes]], name: str, value: bytes) -> None:
    if len(fields) < MOST_FIELDS:
        value = value[:MOST_BYTES].strip()
        fields.append((name, _FOLD.sub(b"", value) if b"\n" in value else value))


def _continues(raw: bytes, position: int, end: int) -> bool:
    """Whether the header goes on after a line of nothing but blanks."""
    return bool(_KNOWN.match(raw, position, end)) or raw[position : position + 1] in (b" ", b"\t")


def _is_junk(raw: bytes, position: int, stop: int, end: int, *, is_first: bool) -> bool:
    """Whether a line is to be stepped over: mbox's `From `, or rubbish between known fields."""
    line = raw[position : position + 6]
    if line.startswith((b"From ", b">From ")):
        return is_first or bool(_FIELD.match(raw, stop, end))
    return bool(_KNOWN.match(raw, stop, end))


def words(value: str, hint: str | None = None) -> str:
    """Decode the encoded words of an unstructured value or a phrase; what is not one stays (RFC 2047).

    Runs of words in one charset are joined before decoding, because programs cut letters in two.
    """
    if "=?" not in value:
        return printable(value)
    out: list[str] = []
    run: list[bytes] = []
    label = ""
    position = 0
    for match in islice(_WORD.finditer(value), _MOST_WORDS):
        between = value[position : match.start()]
        if between.strip() or (run and match[1].lower() != label):
            if run:
                out.append(charset.decode(b"".join(run), label))
                run = []
            out.append(between if between.strip() or not out else "")
        elif not run:
            out.append(between)
        label = match[1].lower()
        run.append(_word(match[2], match[3]))
        position = match.end()
    if run:
        out.append(charset.decode(b"".join(run), label or hint))
    out.append(value[position:])
    return printable("".join(out))


def encoded_bytes(value: str) -> Iterator[bytes]:
    """Give the bytes inside each encoded word of a value."""
    return (_word(match[2], match[3]) for match in islice(_WORD.finditer(value), _MOST_WORDS))


def _word(encoding: str, payload: str) -> bytes:
    """Decode one encoded word's payload to bytes; broken base64 gives what can be read of it."""
    data = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b"\n", b"").replace(b"\r", b""), header=True)
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def printable(value: str) -> str:
    """Make one line of it: control characters and separators become blanks, what turns or hides text goes."""
    if value.isprintable() and "  " not in value:
        return value.strip()
    value = _UNSEEN.sub("", value)
    return " ".join("".join(letter if _shows(letter) else " " for letter in charset.clean(value)).split())


def _shows(letter: str) -> bool:
    return letter.isprintable() or letter in "\u200c\u200d" or ord(letter) > 0xE000  # noqa: PLR2004 - private use and beyond


def media_type(value: str, default: str = "text/plain") -> str:
    """Give `type/subtype` in lower case; `default` if the field is missing or no media type (RFC 2045 section 5.2)."""
    match = _MEDIA_TYPE.match(value)
    return f"{match[1]}/{match[2]}".lower() if match else default


def parameters(value: str, hint: str | None = None) -> dict[str, str]:
    """Read the parameters of a Content-Type or Content-Disposition, names in lower case (RFC 2231).

    Continuations are joined, percent forms decoded by their charset, encoded words inside values too.
    """
    plain: dict[str, str] = {}
    extended: dict[str, dict[int, tuple[bool, str]]] = {}
    for match in islice(_PARAMETER.finditer(value if value.startswith(";") else f";{value}"), _MOST_PARAMETERS):
        name, star, rest = match[1].lower().partition("*")
        quoted = next((one for one in match.groups()[1:4] if one is not None), None)
        content = _unquote(quoted) if quoted is not None else match[5].strip().strip("'")
        if not star:
            plain.setdefault(name, content)
            continue
        number = rest.removesuffix("*")
        if number == "" or (number.isdecimal() and len(number) <= 3):  # noqa: PLR2004 - digits, below _MOST_PARAMETERS
            section = extended.setdefault(name, {})
            section.setdefault(int(number or 0), (rest.endswith("*") or rest == "", content))
    decoded = {name: words(content, hint) for name, content in plain.items()}
    for name, sections in extended.items():
        decoded[name] = _joined(sections) or decoded.get(name, "")
    return decoded


def value(written: str) -> str:
    """Give the value of a field before its parameters, in lower case; nothing if it begins with a parameter."""
    match = _VALUE.match(written)
    return match[1].lower() if match else ""


def after_value(written: str) -> str:
    """Give the parameters of a field, also where the semicolon before the first, or the value itself, is missing."""
    first, _, rest = written.partition(";")
    start = _FIRST_PARAMETER.search(first) if "=" in first else None
    return f";{written[start.start() :]}" if start else rest


def _unquote(content: str) -> str:
    r"""Undo the quoting of `\"` and `\\`; a lone backslash stays, because programs send Windows paths."""
    return content.replace('\\"', '"').replace("\\\\", "\\") if "\\" in content else content


def _joined(sections: dict[int, tuple[bool, str]]) -> str:
    label, data = "", b""
    for number in sorted(sections):
        is_extended, content = sections[number]
        if number == min(sections) and is_extended and content.count("'") > 1:
            label, _, content = content.split("'", 2)
        raw = content.encode("utf-8", "replace")
        data += _PERCENT.sub(lambda pair: bytes([int(pair[1], 16)]), raw) if is_extended else raw
    text = charset.decode(data, label)
    return words(text)


def ids(value: str) -> list[str]:
    """Give the message ids in a field without their angle brackets, each once, in order; rubbish gives none."""
    found = _ID.findall(value) or [bare for bare in _NO_ID.split(value) if "@" in bare and len(bare) <= _LONGEST_ID]
    return list(dict.fromkeys(identifier for identifier in found if identifier.isprintable()))


def moment(value: str) -> datetime | None:
    """Read a Date field, however it is written, as an aware moment in UTC; None if it names no possible moment."""
    value = value[:200]
    if match := _DATE.search(value):
        day, month, year = int(match[1]), _MONTHS.get(match[2].lower(), 0), _year(match[3])
        clock = match.groups()[3:]
    elif match := _CTIME.search(value):
        day, month, year = int(match[2]), _MONTHS.get(match[1].lower(), 0), int(match[6])
        clock = (match[3], match[4], match[5], None, None, None, None)
    elif match := _ISO_DATE.search(value):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        clock = match.groups()[3:]
    else:
        return None
    hour, minute, second = (int(part or 0) for part in clock[:3])
    try:
        local = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_zone(*clock[3:]))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _year(digits: str) -> int:
    """Read a year of four digits, or of the two or three of old programs (RFC 5322 section 4.3)."""
    if len(digits) == 4:  # noqa: PLR2004 - digits
        return int(digits)
    return int(digits) + (2000 if len(digits) == 2 and int(digits) < 50 else 1900)  # noqa: PLR2004 - same


def _zone(sign: str | None, hours: str | None, minutes: str | None, name: str | None) -> timezone:
    if sign and hours and minutes:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset) if offset < timedelta(hours=24) else UTC
    return timezone(timedelta(hours=_ZONES.get((name or "").upper(), 0)))

"""Rich text of Outlook: compressed (MS-OXRTFCP), read as words, or as the HTML it wraps (MS-OXRTFEX)."""

import re
import struct
from dataclasses import dataclass, field, replace

from channels.email import charset

_MOST = 2_000_000  #: Bytes of uncompressed rich text.
_HEADER = struct.Struct("<IIII")
_COMPRESSED, _STORED = 0x75465A4C, 0x414C454D
_RING = 4_096
_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,9})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\", re.DOTALL
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr footerl footerr fldinst themedata "
    b"datastore xmlnstbl listtable listoverridetable".split()
)
_MOST_FONTS = 1_000
#: Code pages by the number of a font's character set; others are the text's own.
_CHARACTER_SETS = {
    77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_LETTERS = {
    b"par": "\n", b"line": "\n", b"tab": "\t", b"cell": "\t", b"row": "\n", b"lquote": "\u2018", b"rquote": "\u2019",
    b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022", b"endash": "\u2013", b"emdash": "\u2014",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\", b"\n": "\n", b"\r": "\n"}


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds inside one pair of braces."""

    skipped: bool = False
    in_tag: bool = False  #: HTML written out inside `\\*\\htmltag`.
    rtf_only: bool = False  #: Between `\\htmlrtf` and `\\htmlrtf0`: what HTML readers leave out.
    fallback: int = 1  #: Letters that stand for a `\\u` one.
    in_fonts: bool = False  #: Inside the table of fonts.
    page: str | None = None  #: Of the font, where it is not the whole text's.


@dataclass(slots=True)
class _Reader:
    """The words so far."""

    out: list[str] = field(default_factory=list)
    pending: bytearray = field(default_factory=bytearray)  #: Bytes in the code page, not yet decoded.
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    page: str = "cp1252"
    is_html: bool = False
    fonts: dict[int, str] = field(default_factory=dict)  #: Code pages of fonts by number.
    font: int = 0  #: The font that the table is describing.
    starred: bool = False
    skip: int = 0  #: Fallback letters still to be left out.

    @property
    def is_silent(self) -> bool:
        group = self.groups[-1]
        return group.skipped or (group.rtf_only and self.is_html)


def decompress(raw: bytes) -> bytes | None:
    """Uncompress PR_RTF_COMPRESSED; None if the bytes are not that. Cut bytes give what there is."""
    if len(raw) < _HEADER.size:
        return None
    _, size, kind, _ = _HEADER.unpack_from(raw)
    body = raw[_HEADER.size :]
    if kind == _STORED:
        return body[:size]
    return _expanded(body, min(size, _MOST)) if kind == _COMPRESSED else None


def _expanded(body: bytes, size: int) -> bytes:
    """Follow references into a ring of 4,096 bytes that begins with common words (section 2.1.3.1)."""
    out = bytearray(_START)
    position, most = 0, size + len(_START)
    while position < len(body) and len(out) < most:
        control = body[position]
        position += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += body[position : position + 1]
                position += 1
                continue
            pair = body[position : position + 2]
            position += 2
            if len(pair) < 2 or not _copy(out, pair[0] << 4 | pair[1] >> 4, (pair[1] & 15) + 2):  # noqa: PLR2004 - a pair
                return bytes(out[len(_START) : most])
    return bytes(out[len(_START) : most])


def _copy(out: bytearray, place: int, length: int) -> bool:
    """Append `length` bytes from a place in the ring; False where the place is the writing one: the end."""
    back = (len(out) - place) % _RING
    if back == 0:
        return False
    for _ in range(length):
        out.append(out[-back] if back <= len(out) else 0x20)
    return True


def read(raw: bytes) -> tuple[str | None, str | None]:
    """Give the words of rich text, or the HTML it wraps: one of the two, or neither."""
    if not raw.lstrip().startswith(b"{\\rtf"):
        return None, None
    reader = _Reader(is_html=b"\\fromhtml" in raw[:2_000])
    for match in _TOKEN.finditer(raw[:_MOST]):
        _take(reader, match)
    _flush(reader)
    words = charset.clean(_whole("".join(reader.out))).strip()
    if reader.is_html:
        return None, words or None
    return words or None, None


def _whole(words: str) -> str:
    """Put letters together that rich text writes as two halves (surrogates)."""
    return words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _take(reader: _Reader, match: re.Match[bytes]) -> None:
    word, number, code, symbol, brace, text = match.groups()
    if brace:
        _flush(reader)
        _turn(reader, brace)
    elif word:
        _control(reader, word, int(number) if number else None)
    elif code:
        _letters(reader, bytes([int(code, 16)]))
    elif symbol == b"*":
        reader.starred = True
    elif symbol:
        _say(reader, _SYMBOLS.get(symbol, ""))
    elif text:
        _letters(reader, text)


def _turn(reader: _Reader, brace: bytes) -> None:
    reader.starred, reader.skip = False, 0
    if brace == b"{":
        reader.groups.append(reader.groups[-1])
    elif len(reader.groups) > 1:
        reader.groups.pop()


def _control(reader: _Reader, word: bytes, number: int | None) -> None:
    group = reader.groups[-1]
    if reader.starred:
        reader.starred = False
        keeps = word == b"htmltag" and reader.is_html
        reader.groups[-1] = replace(group, skipped=group.skipped or not keeps, in_tag=keeps, page=None)
    elif word in _SKIPPED:
        reader.groups[-1] = _Group(skipped=True, in_fonts=word == b"fonttbl")
    elif word in {b"f", b"fcharset", b"plain"}:
        _turn_font(reader, word, number or 0)
    elif word == b"htmlrtf":
        _flush(reader)
        reader.groups[-1] = replace(group, rtf_only=number != 0)
    elif word == b"ansicpg":
        reader.page = charset.known(f"cp{number}") or reader.page
    elif word == b"uc":
        reader.groups[-1] = replace(group, fallback=min(max(number or 0, 0), 8))
    elif word == b"u" and number is not None:
        _say(reader, chr(number % 0x10000))
        reader.skip = group.fallback
    elif word in _LETTERS and not group.in_tag:
        _say(reader, _LETTERS[word])
    elif word in _LETTERS:
        _say(reader, {b"par": "\n", b"line": "\n", b"tab": "\t"}.get(word, ""))


def _turn_font(reader: _Reader, word: bytes, number: int) -> None:
    """Note the character set of a font in the table, or take a font for what follows."""
    group = reader.groups[-1]
    if not group.in_fonts:
        _flush(reader)
        reader.groups[-1] = replace(group, page=reader.fonts.get(number) if word == b"f" else None)
    elif word == b"f":
        reader.font = number
    elif word == b"fcharset" and number in _CHARACTER_SETS and len(reader.fonts) < _MOST_FONTS:
        reader.fonts[reader.font] = _CHARACTER_SETS[number]


def _letters(reader: _Reader, data: bytes) -> None:
    r"""Take bytes in the code page, after those that only stand in for a `\u` letter."""
    if reader.skip:
        left = data[reader.skip :]
        reader.skip = max(0, reader.skip - len(data))
        data = left
    if data and not reader.is_silent:
        reader.pending += data


def _say(reader: _Reader, words: str) -> None:
    _flush(reader)
    if not reader.is_silent:
        reader.out.append(words)


def _flush(reader: _Reader) -> None:
    if reader.pending:
        reader.out.append(bytes(reader.pending).decode(reader.groups[-1].page or reader.page, "replace"))
        reader.pending.clear()

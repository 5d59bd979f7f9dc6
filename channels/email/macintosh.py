"""Files as a Macintosh wraps them for a journey: BinHex 4.0 (RFC 1741) and AppleSingle (RFC 1740)."""

import binascii
import re
import string
import struct

_BINHEX = re.compile(rb"\(This file must be converted with BinHex[^\n\r]{0,40}\)\s*:([^:]+):?")
_LETTERS = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_AS_BASE64 = bytes.maketrans(
    _LETTERS, (string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/").encode()
)
_RUN = re.compile(rb"(\x90\0|[^\x90])\x90([^\0])|\x90\0", re.DOTALL)
_MOST = 50_000_000  #: Bytes of an unwrapped file.
_LEAST_HEAD = 22
_APPLE_SINGLE = b"\0\5\x16\0"
_ENTRIES_AT, _MOST_ENTRIES = 24, 50
_ENTRY = struct.Struct(">III")
_DATA_FORK, _REAL_NAME = 1, 3


def unwrap(content: bytes) -> tuple[str, bytes] | None:
    """Give the name and the bytes of the file inside; None if the content is no such wrapper, or damaged."""
    try:
        if content.startswith(_APPLE_SINGLE):
            return _apple_single(content)
        match = _BINHEX.search(content, 0, len(content)) if b"BinHex" in content[:2_000] else None
        return _binhex(match[1]) if match else None
    except (binascii.Error, struct.error, IndexError):
        return None


def _apple_single(content: bytes) -> tuple[str, bytes] | None:
    [count] = struct.unpack_from(">H", content, _ENTRIES_AT)
    entries: dict[int, bytes] = {}
    for number in range(min(count, _MOST_ENTRIES)):
        kind, start, length = _ENTRY.unpack_from(content, _ENTRIES_AT + 2 + number * _ENTRY.size)
        entries[kind] = content[start : start + length]
    if _DATA_FORK not in entries:
        return None
    return entries.get(_REAL_NAME, b"").decode("mac-roman"), entries[_DATA_FORK]


def _binhex(written: bytes) -> tuple[str, bytes] | None:
    letters = written.translate(_AS_BASE64, b" \t\r\n")
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    packed = binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    if len(packed) + sum(match[2][0] for match in _RUN.finditer(packed) if match[2]) > _MOST:
        return None
    raw = _RUN.sub(_repeated, packed)
    size = raw[0]
    if len(raw) < size + _LEAST_HEAD:
        return None
    [length] = struct.unpack_from(">I", raw, size + 12)
    start = size + _LEAST_HEAD
    return raw[1 : 1 + size].decode("mac-roman"), raw[start : start + length]


def _repeated(run: re.Match[bytes]) -> bytes:
    byte = b"\x90" if not run[1] or run[1] == b"\x90\0" else run[1]
    return byte * run[2][0] if run[2] else byte

"""Opaque S/MIME (RFC 8551): what a CMS signature (RFC 5652) or compression (RFC 3274) encloses, taken out unchecked."""

import zlib

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
_MOST = 100_000_000  #: Bytes of what was compressed.
_DATA = bytes.fromhex("2a864886f70d010701")
_OID, _OCTETS, _EXPLICIT, _OCTETS_IN_PIECES = 0x06, 0x04, 0xA0, 0x24
_LONG, _LONGEST_LENGTH = 0x80, 4
_DEEPEST = 20
_END = b"\0\0"


def content(raw: bytes) -> bytes | None:
    """Give the content; None if the bytes are encrypted, enclose nothing, or are no CMS message."""
    try:
        _, outer, _ = _header(raw, 0)
        kind = _identifier(raw, outer)
        if kind not in {_SIGNED_DATA, _COMPRESSED}:
            return None
        enclosed = _enclosed(raw, outer) or b""
        return (zlib.decompressobj().decompress(enclosed, _MOST) if kind == _COMPRESSED else enclosed) or None
    except (IndexError, zlib.error):
        return None


def _enclosed(raw: bytes, position: int) -> bytes | None:
    """Walk ContentInfo, then SignedData or CompressedData, alike up to here, then EncapsulatedContentInfo."""
    _, explicit, _ = _header(raw, _after(raw, position))
    _, version, _ = _header(raw, explicit)
    encapsulated = _after(raw, _after(raw, version))
    _, kind, _ = _header(raw, encapsulated)
    tag, value, _ = _header(raw, _after(raw, kind))
    if _identifier(raw, kind) != _DATA or tag != _EXPLICIT:
        return None
    pieces: list[bytes] = []
    _collect(raw, value, pieces)
    return b"".join(pieces)


def _header(raw: bytes, position: int) -> tuple[int, int, int | None]:
    """Read tag and length (X.690 section 8.1): the tag, where the value begins, its length or None if open-ended."""
    tag, first = raw[position], raw[position + 1]
    if first < _LONG:
        return tag, position + 2, first
    count = first - _LONG
    if count == 0:
        return tag, position + 2, None
    if count > _LONGEST_LENGTH:
        raise IndexError
    value = position + 2 + count
    return tag, value, int.from_bytes(raw[position + 2 : value], "big")


def _identifier(raw: bytes, position: int) -> bytes | None:
    tag, value, length = _header(raw, position)
    return raw[value : value + (length or 0)] if tag == _OID else None


def _after(raw: bytes, position: int, depth: int = 0) -> int:
    """Give the offset after one element; IndexError beyond the end or too deep."""
    _, value, length = _header(raw, position)
    if length is not None:
        return value + length
    if depth > _DEEPEST:
        raise IndexError
    while raw[value : value + 2] != _END:
        value = _after(raw, value, depth + 1)
    return value + 2


def _collect(raw: bytes, position: int, pieces: list[bytes], depth: int = 0) -> int:
    """Collect an OCTET STRING, whole or in pieces (X.690 section 8.7); the offset after it."""
    tag, value, length = _header(raw, position)
    if tag == _OCTETS and length is not None:
        pieces.append(raw[value : value + length])
        return value + length
    if tag != _OCTETS_IN_PIECES or depth > _DEEPEST:
        raise IndexError
    stop = len(raw) if length is None else value + length
    while value < stop and raw[value : value + 2] != _END:
        value = _collect(raw, value, pieces, depth + 1)
    return value + 2 if length is None else stop

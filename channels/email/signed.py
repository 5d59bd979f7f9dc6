"""Opaque S/MIME (RFC 8551): the content that a CMS signature encloses (RFC 5652), found without checking it."""

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
_OID, _OCTETS, _SEQUENCE, _EXPLICIT, _OCTETS_IN_PIECES = 0x06, 0x04, 0x30, 0xA0, 0x24
_MOST_PIECES = 100_000
_DEEPEST = 8


def content(raw: bytes) -> bytes | None:
    """Give the signed content; None if the bytes are encrypted, hold no content, or are no CMS message."""
    try:
        outer = _children(raw, 0, len(raw), wanted=_SEQUENCE)
        inner = _signed_data(raw, *outer)
    except (IndexError, RecursionError):
        return None
    return inner or None


def _signed_data(raw: bytes, start: int, end: int) -> bytes | None:
    """Walk ContentInfo, SignedData, EncapsulatedContentInfo; an index past the end means damaged bytes."""
    tag, value, stop = _element(raw, start)
    if tag != _OID or raw[value:stop] != _SIGNED_DATA:
        return None
    _, value, _ = _element(raw, stop)  # [0] EXPLICIT
    _, value, _ = _element(raw, value)  # SignedData
    _, _, after_version = _element(raw, value)
    _, _, after_algorithms = _element(raw, after_version)
    _, encapsulated, _ = _element(raw, after_algorithms)
    tag, value, stop = _element(raw, encapsulated)
    if tag != _OID or raw[value:stop] != _DATA:
        return None
    tag, value, _ = _element(raw, stop)
    if tag != _EXPLICIT:
        return None
    pieces: list[bytes] = []
    _octets(raw, value, pieces)
    return b"".join(pieces)


def _octets(raw: bytes, position: int, pieces: list[bytes], depth: int = 0) -> int:
    """Collect an OCTET STRING, whole or in pieces; the offset after it."""
    tag, value, stop = _element(raw, position)
    if tag == _OCTETS:
        pieces.append(raw[value:stop])
        return stop
    if tag != _OCTETS_IN_PIECES or depth > _DEEPEST:
        raise IndexError
    while value < stop and len(pieces) < _MOST_PIECES:
        if raw[value : value + 2] == b"\0\0":
            return value + 2
        value = _octets(raw, value, pieces, depth + 1)
    return stop

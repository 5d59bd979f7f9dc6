"""How the bytes of a part are wrapped for transport (RFC 2045 section 6, uuencode), and how that is undone."""

import binascii
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s\0]")
_BASE64_ONLY = re.compile(rb"[A-Za-z0-9+/=\s]*+")
_URL_SAFE = re.compile(rb"[A-Za-z0-9_=\s-]*+")  #: RFC 4648 section 5.
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_SOFT_BREAK = re.compile(rb"=[ \t]++(?=\r?\n)")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)


def decode(body: bytes, encoding: str, *, is_text: bool = False) -> bytes:
    """Unwrap a part's body; what cannot be unwrapped is given as it stands. Never raises.

    `encoding` is the name in lower case, without its dashes.
    """
    match encoding:
        case "base64" | "xbase64" | "b64" | "mimebase64":
            return body if is_text and _is_plain_after_all(body) else _base64(body)
        case "quotedprintable" | "qp":
            return binascii.a2b_qp(_SOFT_BREAK.sub(b"=", body) if b"= " in body or b"=\t" in body else body)
        case "xuuencode" | "uuencode" | "xuue" | "uue":
            files = uuencoded(body)
            return files[0][3] if files else _uu_lines(body, 0)[1] or body
        case _:
            return body


def uuencoded(body: bytes, most: int = 100) -> list[tuple[int, int, bytes, bytes]]:
    """Find uuencoded files in a text: start and end offset, raw name and content of each."""
    found: list[tuple[int, int, bytes, bytes]] = []
    position = 0
    while len(found) < most and (begin := _UU_BEGIN.search(body, position)):
        lines = _base64_lines if begin[0].startswith(b"begin-base64") else _uu_lines
        position, content = lines(body, begin.end())
        if content:
            found.append((begin.start(), position, begin[1].strip(), content))
    return found


def _uu_lines(body: bytes, position: int) -> tuple[int, bytes]:
    """Decode lines from `position` to `end`; the offset after them, and nothing if a line is no uuencode.

    Behind the line of no bytes anything but `end` is text again: programs forget the end.
    """
    content: list[bytes] = []
    ended = 0
    while position < len(body):
        stop = body.find(b"\n", position, position + 200) + 1 or min(len(body), position + 200)
        line = body[position:stop].rstrip(b"\r\n")
        position = stop
        if line.strip() == b"end" or (ended and line.strip().lower() == b"end"):
            return position, b"".join(content)
        if not line.strip() or line.strip() == b"`":
            ended = position if content and not ended else ended
            continue
        decoded = _uu_line(line)
        if decoded is None or not decoded:
            return (ended, b"".join(content)) if ended else (position, b"")
        content.append(decoded)
    return position, b"".join(content)


def _base64_lines(body: bytes, position: int) -> tuple[int, bytes]:
    """Decode the lines of "begin-base64", which end at "====" (POSIX uuencode -m)."""
    end = body.find(b"\n====", position)
    if end < 0:
        return position, b""
    stop = body.find(b"\n", end + 1) + 1 or len(body)
    return stop, _base64(body[position:end])


def _uu_line(line: bytes) -> bytes | None:
    """Decode one line; some programs count its length wrong, so that the rest of the line decides (None: no data)."""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        count = (((line[0] - 32) & 63) * 4 + 5) // 3
    try:
        return binascii.a2b_uu(line[:count])
    except binascii.Error:
        return None


def _is_plain_after_all(body: bytes) -> bool:
    """Whether a text was declared base64 and sent as it is."""
    sample = body[:2000]
    strange = len(_NOT_BASE64.findall(sample))
    blanks = sample.strip().count(b" ")
    return strange + blanks > len(sample) // 20


def _base64(body: bytes) -> bytes:
    """Decode base64 with strange characters, wrong length, or several padded runs one after another."""
    padding = body.find(b"=")
    if padding < 0 or not body[padding:].strip(b"= \t\r\n\0"):
        return _base64_run(body)
    pieces: list[bytes] = []
    for run in re.finditer(rb"[^=]++=*", body):
        if pieces and not _BASE64_ONLY.fullmatch(run.group()):
            break  # a footer somebody appended after the padding
        pieces.append(_base64_run(run.group()))
    return b"".join(pieces)


def _base64_run(run: bytes) -> bytes:
    if (b"-" in run or b"_" in run) and _URL_SAFE.fullmatch(run):
        run = run.translate(_FROM_URL_SAFE)
    try:
        return binascii.a2b_base64(run)
    except binascii.Error:
        pass
    letters = _NOT_BASE64.sub(b"", run).translate(None, b"= \t\r\n\0\v\f")
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:  # pragma: no cover - a length that is a multiple of four always decodes
        return b""

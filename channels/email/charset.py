"""How bytes become words: declared, unknown, wrong and lying charsets, read in linear time without ever failing."""

import codecs
import re

#: Labels as mail programs write them, and what their bytes really are (WHATWG Encoding, and habits of the field).
_ALIASES = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "ansi": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "gb2312": "gb18030",
    "gb-2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "ks-c-5601-1987": "cp949",
    "ks-c-5601": "cp949",
    "euc-kr": "cp949",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
    "x-mac-ce": "mac-latin2",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8mb4": "utf-8",
    "unicode": "utf-16",
    "ucs-2": "utf-16",
}

#: Python codecs that are no charset of a mail, or that a short text keeps busy for minutes (punycode).
_NOT_TEXT = frozenset(
    {
        "base64", "bz2", "hex", "idna", "mbcs", "oem", "palmos", "punycode", "quopri", "raw-unicode-escape",
        "rot13", "undefined", "unicode-escape", "uu", "zlib", "charmap", "raw_unicode_escape", "unicode_escape",
    }
)  # fmt: skip

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LABEL = re.compile(r"[a-z0-9][a-z0-9.:+-]{0,39}")
_HIGH = re.compile(rb"[\x80-\xff]+")
_ROMANIAN_ONLY = re.compile(rb"(?:[^\x80-\xff]|[\xe3\xc3\xe2\xc2\xee\xce\xba\xaa\xfe\xde\x80-\x9f\xa0\xab\xbb])*+")
_ROMANIAN_SURE = re.compile(rb"[\xfe\xde]|[A-Za-z\xe3\xe2\xee][\xba\xaa][a-z\xe3\xe2\xee]|\b\xaa[a-z]")
_ROMANIAN_LETTER = re.compile(rb"[\xe3\xc3\xba\xaa\xfe\xde]")
_C1 = re.compile(rb"[\x80-\x9f]")
_WINDOWS = {"iso8859-1": "cp1252", "iso8859-2": "cp1250", "iso8859-5": "cp1251", "iso8859-9": "cp1254"}
_DETECTABLE = 20_000  #: Bytes shown to the detector.


def known(label: str | None) -> str | None:
    """Give Python's name of a declared charset, or None if we must not or cannot decode by it."""
    if not label:
        return None
    name = label.strip().strip("\"'").lower().replace("_", "-").replace(" ", "-").partition("*")[0]
    if name == "utf-8":  # nearly all mail
        return name
    name = _ALIASES.get(name, _ALIASES.get(name.removeprefix("x-"), name))
    name = re.sub(r"^(?:x-)?(?:win(?:dows)?-?|cp-|ibm-?|ms-?)(?=\d)", "cp", name)
    if not _LABEL.fullmatch(name) or name in _NOT_TEXT:
        return None
    try:
        found = codecs.lookup(name).name.replace("_", "-")
    except (LookupError, ValueError):
        return None
    return None if found in _NOT_TEXT else found


def decode(raw: bytes, label: str | None = None) -> str:
    """Read bytes as text by their own mark, the declared charset if it fits, else by what they look like.

    Never raises; NUL and lone surrogates, which no store takes, are gone from the result.
    """
    if raw.isascii() and b"\0" not in raw and b"\x1b" not in raw and b"+" not in raw and b"~" not in raw:
        return raw.decode("ascii")
    return clean(_decode(raw, known(label)))


def clean(text: str) -> str:
    """Take out what cannot be stored or written as UTF-8: NUL and lone surrogates."""
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _decode(raw: bytes, declared: str | None) -> str:
    marked = next((codec for mark, codec in _BYTE_ORDER_MARKS if raw.startswith(mark)), None)
    if declared == "utf-16" and marked is None:
        marked = "utf-16-be" if raw[:400:2].count(0) > raw[1:400:2].count(0) else "utf-16-le"
    for codec in (marked, _truth(raw, declared), declared):
        if codec is not None:
            try:
                return raw.decode(codec)
            except (UnicodeError, ValueError):
                continue
    if declared == "utf-8" and _mostly_utf8(raw):
        return raw.decode("utf-8", "replace")
    return raw.decode(_looks_like(raw), "replace")


def _truth(raw: bytes, declared: str | None) -> str | None:
    """Say which charset the bytes are in although another, or none, was declared."""
    if declared in {"cp1252", None} or (declared or "").startswith(("cp125", "iso8859", "mac")):
        if _is_utf8(raw):
            return "utf-8"
        if declared in {"cp1252", None} and _is_romanian(raw):
            return "cp1250"
    return None


def _is_utf8(raw: bytes) -> bool:
    if raw.isascii():
        return b"\0" not in raw and b"\x1b" not in raw
    try:
        raw.decode("utf-8")
    except UnicodeError:
        return False
    return True


def _is_romanian(raw: bytes) -> bool:
    """Whether the high bytes are the letters ă â î ş ţ of Windows-1250, at its places and in words."""
    return bool(_ROMANIAN_ONLY.fullmatch(raw)) and bool(_ROMANIAN_SURE.search(raw))


def _mostly_utf8(raw: bytes) -> bool:
    """Whether damage is rare: a cut sequence or a stray byte in what is otherwise UTF-8."""
    text = raw.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(1 for run in _HIGH.finditer(raw) if _is_utf8(run.group()))
    return right > wrong


def _looks_like(raw: bytes) -> str:
    """Guess a charset for bytes without a usable declaration; always one that decodes with `replace`."""
    if _is_utf8(raw):
        return "utf-8"
    if _ROMANIAN_ONLY.fullmatch(raw) and _ROMANIAN_LETTER.search(raw):
        return "cp1250"
    from chardet import detect

    sample = raw[:_DETECTABLE]
    if not (sample.isascii() or _HIGH.search(sample)) or len(raw) > _DETECTABLE:
        first = _HIGH.search(raw)
        start = max(0, first.start() - 200) if first else 0
        sample = raw[start : start + _DETECTABLE]
    guess = known(detect(sample)["encoding"]) or "cp1252"
    if _C1.search(sample):
        guess = _WINDOWS.get(guess, guess)
    return guess

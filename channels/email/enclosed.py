"""A message that winmail.dat encloses, written as the mail it stands for: a person opens it like any attached one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.base64mime import body_encode
from email.header import Header
from email.utils import encode_rfc2231, format_datetime, formataddr
from hashlib import sha256

from channels.email import headers

_FILETIME_BEGINS = datetime(1601, 1, 1, tzinfo=UTC)
_LAST_FILETIME = 2_650_467_744_000_000_000  #: The end of the year 9999.


def write(fields: Sequence[tuple[str, str]], *, text: str, html: str | None, parts: Sequence[bytes]) -> bytes:
    """Write a mail: its fields where they say something, its words, and its files as `attachment` wrote them.

    The same message gives the same bytes, so that its file can be taken out again.
    """
    head = [f"{name}: {_encoded(value)}" for name, value in fields if headers.printable(value)]
    kind, said = ("html", html) if html else ("plain", text)
    body = _part([f"Content-Type: text/{kind}; charset=utf-8"], said.encode("utf-8", "replace"))
    boundary = f"=_{sha256(b''.join((body, *parts))).hexdigest()[:40]}"
    head += ["MIME-Version: 1.0", f'Content-Type: multipart/mixed; boundary="{boundary}"', "", ""]
    mark = f"--{boundary}\r\n".encode()
    return b"".join(
        ("\r\n".join(head).encode(), *(mark + one for one in (body, *parts)), f"--{boundary}--\r\n".encode())
    )


def attachment(name: str, media_type: str, content: bytes) -> bytes:
    """Write a file as a part of such a mail."""
    named = encode_rfc2231(headers.printable(name) or "file", "utf-8")
    known = headers.media_type(media_type, "application/octet-stream")
    return _part([f"Content-Type: {known}", f"Content-Disposition: attachment; filename*={named}"], content)


def person(name: str, address: str) -> str:
    """Write a sender; Exchange's own addresses are none that anybody could answer."""
    is_known = address.isascii() and "@" in address
    return formataddr((headers.printable(name), headers.printable(address))) if is_known else name


def moment(filetime: int) -> str:
    """Write Windows' count of 100 ns since 1601 as a Date field; nothing for no possible moment."""
    if not 0 < filetime < _LAST_FILETIME:
        return ""
    return format_datetime(_FILETIME_BEGINS + timedelta(microseconds=filetime // 10))


def _encoded(value: str) -> str:
    clean = headers.printable(value)
    return clean if clean.isascii() else Header(clean, "utf-8", maxlinelen=75).encode(linesep="\r\n")


def _part(fields: Sequence[str], content: bytes) -> bytes:
    head = "\r\n".join([*fields, "Content-Transfer-Encoding: base64", "", ""])
    return head.encode() + body_encode(content, eol="\r\n").encode() + b"\r\n"

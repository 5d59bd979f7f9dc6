"""The files in a mail: their names, types and bytes, those inside winmail.dat and signed content too."""

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import unquote

from channels.email import charset, headers, transfer
from channels.email.body import Body
from channels.email.parts import Mail, Part
from tickets.messages import File

_MOST_NAME = 255
_OWN_EXTENSIONS = {
    "image/jpeg": ".jpg", "image/jpg": ".jpg", "image/pjpeg": ".jpg", "image/png": ".png", "image/tiff": ".tif",
    "image/heic": ".heic", "image/heif": ".heif", "image/webp": ".webp", "image/bmp": ".bmp", "image/gif": ".gif",
    "application/pdf": ".pdf", "application/zip": ".zip", "application/x-zip-compressed": ".zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/msword": ".doc", "application/vnd.ms-excel": ".xls", "application/rtf": ".rtf", "text/rtf": ".rtf",
    "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "text/calendar": ".ics", "text/vcard": ".vcf",
    "text/x-vcard": ".vcf", "text/directory": ".vcf", "text/xml": ".xml", "application/xml": ".xml",
    "message/rfc822": ".eml", "message/global": ".eml", "text/rfc822-headers": ".txt",
    "message/delivery-status": ".txt", "message/disposition-notification": ".txt", "message/feedback-report": ".txt",
    "application/pkcs7-signature": ".p7s", "application/x-pkcs7-signature": ".p7s", "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m", "application/pgp-signature": ".asc", "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc", "application/ms-tnef": ".dat", "audio/mpeg": ".mp3", "audio/mp4": ".m4a",
    "audio/amr": ".amr", "audio/ogg": ".ogg", "video/mp4": ".mp4", "video/quicktime": ".mov", "video/3gpp": ".3gp",
}  # fmt: skip
_GIVEN_NAMES = {
    "text/calendar": "invite.ics", "application/ms-tnef": "winmail.dat",
    "application/pkcs7-signature": "smime.p7s", "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m", "application/x-pkcs7-mime": "smime.p7m",
    "application/pgp-signature": "signature.asc", "message/delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "headers.txt", "message/feedback-report": "feedback-report.txt",
}  # fmt: skip
_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PATH = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\|\.{0,2}[\\/])(?:.*[\\/])?", re.DOTALL)
_CID = re.compile(r"cid:([^\s\"'<>)]{1,250})")
_TNEF_MAGIC = b"\x78\x9f\x3e\x22"
_MESSAGES = frozenset({"message/rfc822", "message/global"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file and its decoded bytes."""

    file: File
    content: bytes


def list_files(mail: Mail, body: Body) -> Iterator[Found]:
    """Give every file of a mail in order, with its bytes; winmail.dat stays packed here."""
    linked = _linked(body)
    for number, part in enumerate(body.files, 1):
        yield _describe(part, mail.content(part), number, linked)
    for part, number, name, content in body.embedded:
        named = name_of(charset.decode(name)) or f"file-{number + 1}"
        yield found(named, type_by_name(named), content, f"{part.path}/uu:{number}")


def found(name: str, media_type: str, content: bytes, part: str, *, inline: bool = False) -> Found:
    """Describe decoded bytes as a file."""
    digest = sha256(content).hexdigest()
    file = File(name=name, media_type=media_type, size=len(content), sha256=digest, part=part, inline=inline)
    return Found(file, content)


def uuencoded(mail: Mail, part: Part, number: int) -> bytes | None:
    """Give the bytes of a uuencoded file inside a text."""
    files = transfer.uuencoded(mail.content(part))
    return files[number][3] if number < len(files) else None


def is_tnef(file: File, content: bytes) -> bool:
    """Whether a file is Outlook's winmail.dat: by type, by name or by its first bytes."""
    if content.startswith(_TNEF_MAGIC):
        return True
    return file.media_type in {"application/ms-tnef", "application/vnd.ms-tnef"} or file.name.lower() == "winmail.dat"


def macintosh(content: bytes) -> tuple[str, bytes] | None:
    """Give the name and bytes of a file that a Macintosh wrapped; None if it did not."""
    if not content.startswith(b"\0\5\x16\0") and b"with BinHex" not in content[:2_000]:
        return None
    from channels.email.macintosh import unwrap  # few mails need it

    return unwrap(content)


def is_signed(file: File) -> bool:
    """Whether a file wraps content in an S/MIME signature or encryption."""
    return file.media_type in {"application/pkcs7-mime", "application/x-pkcs7-mime"} or file.name.lower().endswith(
        ".p7m"
    )


def name_of(raw: str) -> str:
    """Make a printable name of what a sender wrote: data for people, never a path; nothing if nothing is left."""
    name = _PATH.sub("", _UNSEEN.sub("", headers.printable(raw)).strip().strip('"'), count=1).strip()
    if len(name) <= _MOST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    return f"{stem[: _MOST_NAME - 12]}.{extension[:10]}" if dot else name[:_MOST_NAME]


def extension(media_type: str) -> str:
    """Give the usual extension of a media type, with its dot."""
    return _OWN_EXTENSIONS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"


def known_extension(media_type: str) -> str:
    """Give the extension of a media type that says something, else nothing."""
    return "" if media_type == "application/octet-stream" else extension(media_type)


def _linked(body: Body) -> frozenset[str]:
    """Give the content ids that the HTML shows (RFC 2392)."""
    sources = (block.html for block in body.blocks if block.html and "cid:" in block.html)
    return frozenset(unquote(one).lower() for html in sources for one in _CID.findall(html))


def _describe(part: Part, content: bytes, number: int, linked: frozenset[str]) -> Found:
    name = _name(part, content, number)
    media_type = part.media_type
    if media_type == "application/octet-stream" and name.lower().endswith(".eml"):
        media_type = "message/rfc822"
    identifier = part.headers.first("content-id").strip().strip("<>").lower()
    return found(name, media_type, content, part.path, inline=identifier in linked)


def _name(part: Part, content: bytes, number: int) -> str:
    """Name a file as its sender did, else by its subject (attached mail), else by its type."""
    for given in (part.file_parameters.get("filename"), part.parameters.get("name"), part.parameters.get("filename")):
        if given and (name := name_of(given)):
            return name
    if part.media_type in _MESSAGES:
        return f"{_subject(content) or f'message-{number}'}.eml"
    if part.media_type in _GIVEN_NAMES:
        return _GIVEN_NAMES[part.media_type]
    described = name_of(part.headers.text("content-description"))
    if described and re.search(r"\.\w{2,5}$", described):
        return described
    kind = part.media_type.partition("/")[0]
    return f"{kind if kind in {'image', 'audio', 'video', 'text'} else 'file'}-{number}{extension(part.media_type)}"


def _subject(content: bytes) -> str:
    fields, _ = headers.split(content, len(content) - len(content.lstrip()), min(len(content), 200_000))
    return name_of(headers.Headers(fields).text("subject").replace("/", "-").replace("\\", "-")[:120])


def type_by_name(name: str) -> str:
    """Give the media type that a name's extension stands for."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"

"""The customer's upload page: what it sends in is a message like any other, its form kept as it came."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, create_form_parser
from python_multipart.multipart import File as FormFile

from channels.base import HandedIn
from tickets.errors import UnreadableError
from tickets.messages import (
    Address,
    File,
    InboundMessage,
    Medium,
    Sender,
)

#: One form: so many files and fields at most, so many characters a field.
MOST_FILES, MOST_FIELDS, LONGEST_FIELD = 40, 200, 4000
_UNSTORABLE = str.maketrans({"\x00": "", **dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd")})


class Settings(BaseModel):
    """`[channels.<name>]` with `kind = "upload"`: nothing has to be set, nor the table to be there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["upload"] = "upload"
    poll: str = "1h"


def connect(name: str, settings: Settings) -> HandedIn:  # noqa: ARG001 - every kind is made like this
    """Make the channel `name`."""
    cannot_send = "nothing can be sent to the upload page"
    return HandedIn(name, Medium.UPLOAD, cannot_send=cannot_send, says="the page hands forms in, nothing to reach")


def enveloped(
    body: bytes,
    *,
    content_type: str,
    token: str,
    address: str,
    labels: Mapping[str, str],
    refused: Sequence[str],
    language: str,
    at: datetime,
) -> bytes:
    """Put a posted form behind one line that says how it came: by which link, sent to which address, when.

    `labels` are our words for what the page showed, by the name of the field; a value without one is never repeated.
    `refused` names the fields that were not offered, for want of a second proof: what stands in them is passed over.
    """
    told = {
        "content_type": content_type, "token": token, "address": address, "labels": dict(labels),
        "refused": list(refused), "language": language, "at": at.astimezone(UTC).isoformat(),
    }  # fmt: skip
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode() + b"\n" + body


@dataclass(frozen=True, slots=True)
class _Part:
    """One field of the form; `name` is None unless it is a file."""

    field: str
    name: str | None
    media_type: str
    content: bytes


def read(raw: bytes, settings: BaseModel | None = None) -> InboundMessage:  # noqa: ARG001 - every kind is read like this
    """Say what a posted form means; raises `UnreadableError` if it is none.

    Fields are `file.ITEM`, `value.ITEM`, `fact.FACT` and `lack.ITEM`; others are passed over.
    """
    envelope, parts = _taken_apart(raw)
    files = tuple(_file(number, each) for number, each in enumerate(parts) if each.name is not None and each.content)
    refused = envelope.get("refused") or []
    said = [(each.field, _text(each)) for each in parts if each.name is None and each.field not in refused]
    kept = {kind: _named(said, kind) for kind in ("value", "fact", "lack")}
    text = "\n".join(_lines(envelope, files, kept))
    address = str(envelope.get("address", ""))
    return InboundMessage(
        medium=Medium.UPLOAD,
        sender=Address(address=address or None),
        sender_state=Sender.PLAIN if address else Sender.MISSING,
        text=text,
        new_text=text,
        language=str(envelope.get("language", "")) or None,
        sent_at=_moment(str(envelope.get("at", ""))),
        files=files,
        link_token=str(envelope.get("token", "")) or None,
        stated=kept["value"],
        answered_facts=kept["fact"],
        lacking=kept["lack"],
    )


def extract(raw: bytes, part: str) -> bytes:
    """Give the bytes of one file of the form; "" is the form itself."""
    if not part:
        return raw
    _, parts = _taken_apart(raw)
    if not (part.isdigit() and int(part) < len(parts)) or parts[int(part)].name is None:
        raise UnreadableError("there is no such file in the form")
    return parts[int(part)].content


def _taken_apart(raw: bytes) -> tuple[dict[str, Any], list[_Part]]:
    head, _, body = raw.partition(b"\n")
    try:
        envelope = json.loads(head)
    except (ValueError, RecursionError):
        raise UnreadableError("not a form of the upload page") from None
    if not isinstance(envelope, dict) or not isinstance(envelope.get("content_type"), str):
        raise UnreadableError("not a form of the upload page")
    return envelope, _parts(envelope["content_type"], body)


def _parts(content_type: str, body: bytes) -> list[_Part]:
    """The fields and files of a multipart form (RFC 7578), in their order."""
    parts: list[_Part] = []

    def field(each: Field) -> None:
        _room_for(parts)
        value = each.value or b""
        parts.append(_Part(field=_name(each.field_name), name=None, media_type="", content=value))

    def file(each: FormFile) -> None:
        _room_for(parts)
        each.file_object.seek(0)
        name = (each.file_name or b"").decode("utf-8", "replace").translate(_UNSTORABLE)
        kind = each.content_type or "application/octet-stream"
        parts.append(_Part(field=_name(each.field_name), name=name, media_type=kind, content=each.file_object.read()))

    headers = {"Content-Type": content_type.encode("latin-1", "replace"), "Content-Length": str(len(body)).encode()}
    limits = {"MAX_MEMORY_FILE_SIZE": len(body) + 1, "UPLOAD_DELETE_TMP": True}
    try:
        parser = create_form_parser(headers, field, file, config=limits)
        parser.write(body)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise UnreadableError(f"the form is broken ({type(error).__name__})") from None
    return parts


def _room_for(parts: list[_Part]) -> None:
    if len(parts) >= MOST_FIELDS or sum(each.name is not None for each in parts) > MOST_FILES:
        raise UnreadableError(f"a form holds at most {MOST_FILES} files and {MOST_FIELDS} fields")


def _name(field: bytes | None) -> str:
    return (field or b"").decode("utf-8", "replace").translate(_UNSTORABLE)[:200]


def _text(part: _Part) -> str:
    return part.content.decode("utf-8", "replace").translate(_UNSTORABLE).strip()[:LONGEST_FIELD]


def _named(said: Iterable[tuple[str, str]], kind: str) -> tuple[tuple[str, str], ...]:
    """The filled fields `kind.NAME`, each once."""
    found = {field.partition(".")[2]: value for field, value in said if field.startswith(f"{kind}.") and value}
    return tuple(found.items())


def _file(number: int, part: _Part) -> File:
    item = part.field.partition(".")[2] if part.field.startswith("file.") else ""
    return File(
        name=(part.name or "").rpartition("/")[2].rpartition("\\")[2] or f"file-{number}",
        media_type=part.media_type.partition(";")[0].strip().lower()[:100] or "application/octet-stream",
        size=len(part.content),
        sha256=hashlib.sha256(part.content).hexdigest(),
        part=str(number),
        answers=item or None,
    )


def _lines(
    envelope: Mapping[str, Any], files: Iterable[File], kept: Mapping[str, tuple[tuple[str, str], ...]]
) -> Iterable[str]:
    """What the customer did, in words; a value the page calls secret is not repeated."""
    given = envelope.get("labels")
    labels: Mapping[str, str] = given if isinstance(given, dict) else {}
    ro = envelope.get("language") == "ro"
    counts: dict[str, int] = {}
    for each in files:
        counts[each.answers or ""] = counts.get(each.answers or "", 0) + 1
    for item, number in counts.items():
        yield f"{labels.get(f'file.{item}', item)}: {_files(number, ro=ro)}"
    for kind in ("value", "fact"):
        for name, value in kept[kind]:
            label = labels.get(f"{kind}.{name}")
            if label:
                yield f"{label}: {value}"
    for item, reason in kept["lack"]:
        yield f"{labels.get(f'file.{item}', item)}: {'nu am' if ro else 'I do not have this'} ({reason})"


def _files(number: int, *, ro: bool) -> str:
    if number == 1:
        return "1 fișier" if ro else "1 file"
    return f"{number} fișiere" if ro else f"{number} files"


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

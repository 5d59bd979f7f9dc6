"""What a text says: its form fields as a message read."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from hashlib import sha256

from pydantic import BaseModel

from channels.sms import attachments, consent, media, webhook
from channels.sms.language import language
from channels.sms.settings import Settings
from tickets.errors import UnreadableError
from tickets.messages import Address, File, InboundMessage, Medium, Sender

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_CHANNEL = re.compile(r"[a-z_]{1,20}:", re.ASCII)  # whatsapp:, rcs:, messenger: (Twilio, "Channel addresses")
_PUNCTUATION = str.maketrans("", "", " -.()/\u00a0")
_UNSTORABLE = str.maketrans({"\x00": "", **dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd")})


def read(raw: bytes, settings: BaseModel | None = None) -> InboundMessage:
    """Say what a text means; raises `UnreadableError` if `raw` is not one JSON object.

    The number it came from is where an answer goes, never proof of who wrote it: numbers can be spoofed.
    """
    fields = _fields(raw)
    own = settings if isinstance(settings, Settings) else None
    sender, state, way = _sender(fields.get("From", ""))
    text = fields.get("Body", "").strip()
    choice = consent.choice(text, fields.get("OptOutType", ""), own.opt_out_words if own else ())
    files, lost = _files(fields)
    ours = own is not None and sender.address == own.number
    return InboundMessage(
        medium=Medium.SMS,
        sender=sender,
        sender_state=state,
        to=_addresses(fields.get("To", "")),
        text=text,
        new_text=text,
        language=language(text),
        sent_at=webhook.moment(fields),
        message_id=_identity(fields),
        files=files,
        acknowledge=state is Sender.PLAIN and not way and not ours and choice in {None, consent.Choice.ASKED},
        opt_out=choice is consent.Choice.OUT,
        opt_in=choice is consent.Choice.IN,
        notes=(*((f"came by {way}",) if way else ()), *lost),
    )


def extract(raw: bytes, part: str) -> bytes:
    """Give the content of one media of a text; raises `UnreadableError` if it is not inside."""
    if not part:
        return raw
    content = _content(_fields(raw), part)
    if content is None:
        raise UnreadableError("the text holds no such media")
    return content


def _fields(raw: bytes) -> dict[str, str]:
    """Read the form fields; what is no word or number is left out."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"not a JSON object: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise UnreadableError("not a JSON object")
    return {name: word for name, value in found.items() if (word := _word(value)) is not None}


def _word(value: object) -> str | None:
    """Take a form value as text; some exports hold a list of one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return value.translate(_UNSTORABLE)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _identity(fields: Mapping[str, str]) -> str | None:
    try:
        return webhook.sid(fields)
    except UnreadableError:
        return None


def _sender(given: str) -> tuple[Address, Sender, str]:
    """Say who wrote, whether that can be answered, and through which other channel than SMS it came."""
    prefix = _CHANNEL.match(given.strip())
    bare = given.strip()[prefix.end() :] if prefix else given.strip()
    number = _number(bare)
    way = prefix.group().rstrip(":") if prefix else ""
    if number:
        return Address(address=number), Sender.PLAIN, way
    return Address(name=bare), Sender.MISSING, way


def _number(given: str) -> str | None:
    """Write a phone number in E.164; None for short codes, names and numbers without a country."""
    bare = given.translate(_PUNCTUATION)
    number = f"+{bare[2:]}" if bare.startswith("00") else bare
    return number if _E164.fullmatch(number) else None


def _addresses(given: str) -> tuple[Address, ...]:
    address, _state, _way = _sender(given)
    return (Address(address=address.address or address.name),) if given.strip() else ()


def _files(fields: Mapping[str, str]) -> tuple[tuple[File, ...], tuple[str, ...]]:
    """List the media a text really holds, and say which are missing or are not what they claim."""
    files: list[File] = []
    notes: list[str] = []
    for number in range(media.MOST):
        content = _content(fields, str(number))
        if content is not None:
            files.append(_file(fields, number, content, notes))
        elif number < media.count(fields):
            notes.append(f"media {number + 1} not fetched")
    return tuple(files), tuple(notes)


def _content(fields: Mapping[str, str], part: str) -> bytes | None:
    try:
        return base64.b64decode(fields[f"MediaContent{part}"], validate=True)
    except (KeyError, binascii.Error, ValueError):
        return None


def _file(fields: Mapping[str, str], number: int, content: bytes, notes: list[str]) -> File:
    declared = fields.get(f"MediaContentType{number}", "")
    media_type = attachments.media_type(content, declared)
    if media_type != attachments.essence(declared):
        notes.append(f"media {number + 1} is not what it is declared to be")
    return File(
        name=attachments.name(media_type, number + 1),
        media_type=media_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        part=str(number),
    )

"""What machine-readable reports say: delivery status (RFC 3464), feedback (RFC 5965), and the mail they return."""

import re
from collections.abc import Iterator

from channels.email import addresses, headers, server_text
from channels.email.headers import Headers
from channels.email.parts import Mail, Part
from tickets.messages import BouncedAddress

STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED = frozenset(
    {
        "message/rfc822",
        "text/rfc822-headers",
        "text/rfc822-header",
        "message/global",
        "message/global-headers",
        "message/rfc822-headers",
    }
)
_MOST_GROUPS = 1_000
_MOST_TEXT = 60_000
_MOST_RETURNED = 500_000
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_ACTIONS = {"2": "delivered", "4": "delayed", "5": "failed"}
_SAID = {"fail": "failed", "delay": "delayed", "deliver": "delivered", "relay": "relayed", "expan": "expanded"}
_RECIPIENTS = ("final-recipient", "original-recipient", "x-actual-recipient")
_MESSAGE_ID = re.compile(r"^[\s>-]*message-id:\s*<([^<>\s]{3,250})>", re.IGNORECASE | re.MULTILINE)
_GROUPS_IN_TEXT = re.compile(rb"^[ \t>]*(?:Reporting-MTA|Final-Recipient)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_VERP = re.compile(
    r"(?:^[^@=+]{0,60}\+|^bounces?[-_.]|^)([A-Za-z0-9][\w.+-]{0,63})=([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})@"
)
_FEEDBACK_FIELD = re.compile(rb"\s*(?:[\w-]+:[^\n]*\n[ \t\r]*){0,6}?feedback-type[ \t]*:", re.IGNORECASE)


def delivery_status(mail: Mail, part: Part) -> tuple[BouncedAddress, ...]:
    """Read a message/delivery-status part (RFC 3464 section 2): one entry for each recipient it names."""
    return _status_in(mail.content(part))


def status_in_words(mail: Mail) -> tuple[BouncedAddress, ...]:
    """Read the fields of RFC 3464 where a server wrote them into a text or a part of another type."""
    for part in mail.root.leaves():
        if part.media_type.startswith("text/") or part.media_type == "application/octet-stream":
            content = mail.content(part)[:_MOST_RETURNED]
            match = _GROUPS_IN_TEXT.search(content)
            if match and (found := _status_in(content[match.start() :])):
                return found
    return ()


def fields(mail: Mail, part: Part) -> Headers:
    """Give the first group of fields of a report part."""
    return next(_groups(mail.content(part)), Headers([]))


def is_feedback(mail: Mail, part: Part) -> bool:
    """Whether a part holds the fields of a feedback report, whatever it calls itself (RFC 5965 section 3)."""
    if part.media_type == "message/feedback-report":
        return True
    head = mail.raw[part.start : part.start + 2_000]
    return b"eedback-" in head and bool(_FEEDBACK_FIELD.match(head))


def returned(mail: Mail, part: Part) -> Headers | None:
    """Give the header of a returned message, whole or only its header."""
    if part.media_type not in _RETURNED:
        return None
    content = mail.content(part)[:_MOST_RETURNED].lstrip()
    return Headers(headers.split(content, 0, len(content))[0])


def quoted_id(text: str) -> str | None:
    """Give the Message-ID that a report quotes in its text."""
    match = _MESSAGE_ID.search(text[:_MOST_TEXT])
    return match[1] if match else None


def addressed_by_header(value: str, text: str) -> tuple[BouncedAddress, ...]:
    """Read Exim's X-Failed-Recipients; the reason stands in the text."""
    listed = (one.address for one in addresses.read_list([value]) if one.address)
    said = {one.address.lower(): one for one in server_text.recipients(text, frozenset())}
    return tuple(said.get(address.lower()) or server_text.named(address, text) for address in dict.fromkeys(listed))


def returned_to(mail: Mail, text: str, ours: frozenset[str]) -> str | None:
    """Give the one recipient of the returned message: the one a report without names is about."""
    for part in mail.root.leaves():
        known = returned(mail, part)
        if known is not None:
            listed = (one.address for one in addresses.read_list([*known.all("to"), *known.all("cc")]))
            found = list(dict.fromkeys(one for one in listed if one and one.lower() not in ours))
            if found:
                return found[0] if len(found) == 1 else None
    return server_text.returned_to(text, ours)


def enveloped(recipients: tuple[str, ...]) -> str | None:
    """Give the recipient whom a variable return path names: `bounces+maria=example.org@our.example`."""
    found = (match for match in map(_VERP.search, recipients) if match)
    return next((f"{match[1]}@{match[2].lower()}" for match in found), None)


def _status_in(content: bytes) -> tuple[BouncedAddress, ...]:
    found = (_recipient(one) for group in _groups(content) for one in _one_each(group))
    return tuple(dict.fromkeys(one for one in found if one))


def _groups(content: bytes) -> Iterator[Headers]:
    """Read groups of fields that empty lines part."""
    position = 0
    for _ in range(_MOST_GROUPS):
        while content[position : position + 1] in (b"\r", b"\n", b" ", b"\t") and position < len(content):
            position += 1
        if position >= len(content):
            return
        group, after = headers.split(content, position, len(content))
        if after <= position:
            return
        if not group and after == len(content):
            return
        position = after if group else content.find(b"\n", position) + 1 or len(content)
        if group:
            yield Headers(group)


def _one_each(group: Headers) -> Iterator[Headers]:
    """Part the recipients of a group in which an empty line is missing: a field that comes again begins the next."""
    piece: list[tuple[str, bytes]] = []
    for name, value in group:
        if name in _RECIPIENTS and any(known == name for known, _ in piece):
            yield Headers(piece)
            piece = []
        piece.append((name, value))
    yield Headers(piece)


def _recipient(group: Headers) -> BouncedAddress | None:
    listed = (group.first(name).rpartition(";")[2] for name in _RECIPIENTS)
    address = next((found for value in listed if (found := addresses.bare(value))), None)
    if address is None:
        return None
    said = group.first("action").lower().strip()
    action = next((word for start, word in _SAID.items() if said.startswith(start)), None)
    stated = _CODE.search(group.first("status"))
    status = stated[1] if stated else server_text.status(group.first("diagnostic-code"), action=action or "failed")
    return BouncedAddress(address=address, action=action or _ACTIONS[(status or "5")[0]], status=status)

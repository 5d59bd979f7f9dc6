"""What delivery reports say: RFC 3464 status, and the free text of servers that do not write it."""

import re
from collections.abc import Iterator

from channels.email import addresses, headers
from channels.email.headers import Headers
from channels.email.parts import Mail, Part
from channels.email.quoting import any_of, fold
from tickets.messages import BouncedAddress

_MOST_GROUPS = 1_000
_MOST_TEXT = 60_000
_MOST_FOUND = 200
_RETURNED = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers"}
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.-])([45])\d\d(?=[\s-])")
_ACTIONS = {"2": "delivered", "4": "delayed", "5": "failed"}
_ADDRESS = re.compile(r"[A-Za-z0-9][\w.!#$%&'*+/=?^`{|}~-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_COPY = re.compile(rf"^[\s>*-]*{any_of('server', 'copy')}", re.MULTILINE)
_NOT_A_RECIPIENT = re.compile(rf"{any_of('server', 'others')}\W{{0,20}}(?:\w{{1,12}}\W{{1,4}}){{0,3}}$")
_DAEMONS = re.compile(
    r"(?:mailer-daemon|postmaster|mail-daemon|mdaemon|maildelivery|abuse|helpdesk|noreply|no-reply)@", re.IGNORECASE
)
_LATE = re.compile(any_of("server", "late"))
_FINAL = re.compile(any_of("server", "final"))
_MESSAGE_ID = re.compile(r"^[\s>]*message-id:\s*<([^<>\s]{3,250})>", re.IGNORECASE | re.MULTILINE)


def delivery_status(mail: Mail, part: Part) -> tuple[BouncedAddress, ...]:
    """Read a message/delivery-status part (RFC 3464 section 2): one entry for each recipient it names."""
    found = (_recipient(group) for group in list(_groups(mail.content(part)))[1:])
    return tuple(dict.fromkeys(one for one in found if one))


def fields(mail: Mail, part: Part) -> Headers:
    """Give the first group of fields of a report part."""
    return next(_groups(mail.content(part)), Headers([]))


def returned_id(mail: Mail, part: Part) -> str | None:
    """Give the Message-ID of a returned message or of its returned headers."""
    if part.media_type not in _RETURNED:
        return None
    content = mail.content(part)[:500_000].lstrip()
    known = Headers(headers.split(content, 0, len(content))[0])
    return next(iter(headers.ids(known.first("message-id"))), None)


def quoted_id(text: str) -> str | None:
    """Give the Message-ID that a report quotes in its text."""
    match = _MESSAGE_ID.search(text[:_MOST_TEXT])
    return match[1] if match else None


def in_words(text: str, ours: frozenset[str]) -> tuple[BouncedAddress, ...]:
    """Read the addresses a server's free text speaks about; `ours` are never among them.

    A report that says it will try again is `delayed`; status codes stand on the lines after an address.
    """
    said = text[:_MOST_TEXT]
    copy = _COPY.search(said.lower())
    if copy and copy.start():
        said = said[: copy.start()]
    folded = fold(said)
    is_final = bool(_FINAL.search(folded))
    is_late = bool(_LATE.search(folded)) and not is_final
    spans = [match for match in _ADDRESS.finditer(said) if _is_recipient(said, match, ours)][:_MOST_FOUND]
    found: dict[str, BouncedAddress] = {}
    starts = [*(match.start() for match in spans), len(said)]
    for match, following in zip(spans, starts[1:], strict=True):
        address = addresses.bare(match.group().rstrip(".'")) or match.group()
        status, reply = _codes(said[match.end() : min(following, match.end() + 600)])
        is_temporary = (status or reply or "5").startswith("4") and not is_final
        action = "delayed" if is_late or is_temporary else "failed"
        known = found.get(address)
        if known is None or (known.status is None and status):
            found[address] = BouncedAddress(address=address, action=action, status=status)
    return tuple(found.values())


def addressed_by_header(value: str, text: str) -> tuple[BouncedAddress, ...]:
    """Read Exim's X-Failed-Recipients."""
    status, _ = _codes(text[:_MOST_TEXT])
    listed = addresses.read_list([value])
    return tuple(BouncedAddress(address=one.address, action="failed", status=status) for one in listed if one.address)


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


def _recipient(group: Headers) -> BouncedAddress | None:
    listed = (
        group.first(name).rpartition(";")[2] for name in ("final-recipient", "original-recipient", "x-actual-recipient")
    )
    address = next((found for value in listed if (found := addresses.bare(value))), None)
    if address is None:
        return None
    match = _STATUS.search(group.first("status")) or _STATUS.search(group.first("diagnostic-code"))
    status = match[1] if match else None
    said = re.match(r"[a-z]+", group.first("action").lower())
    action = said.group() if said else _ACTIONS[(status or "5")[0]]
    return BouncedAddress(address=address, action=action, status=status)


def _is_recipient(text: str, match: re.Match[str], ours: frozenset[str]) -> bool:
    address = match.group().rstrip(".").lower()
    if address in ours or _DAEMONS.match(address):
        return False
    before = text[max(0, match.start() - 60) : match.start()].rpartition("\n")[2]
    return not _NOT_A_RECIPIENT.search(fold(before))


def _codes(text: str) -> tuple[str | None, str | None]:
    """Give the RFC 3463 status and the SMTP reply code that stand in a server's words."""
    status, reply = _STATUS.search(text), _REPLY_CODE.search(text)
    return (status[1] if status else None), (reply[1] if reply else None)

"""Who wrote and to whom: a strict reader of the sender, which never guesses, and a tolerant one of everybody else."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from channels.email.headers import encoded_bytes, printable, words
from tickets.messages import Address, Sender

MOST_RECIPIENTS = 1_000
_MOST_NAME = 500
_LONGEST = 320  #: Characters of an address: 64 before the at sign, 255 after it (RFC 5321 section 4.5.3.1).

_ATOM = r"[^\s\x00-\x20\x7f-\x9f()<>\[\]:;@\\,.\"]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_STRICT = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_LENIENT = re.compile(r"[^\s\x00-\x20\x7f<>@,;:\"()]{1,200}@[^\s\x00-\x20\x7f<>@,;\"()]{1,255}")
_PIECE = re.compile(r'\\.?|["()<>,;:]|[^\\"()<>,;:]+', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_HIDDEN_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_AT = re.compile(r"\S+@\S+")


@dataclass(slots=True)
class _Mailbox:
    """What stands between two commas of an address field."""

    phrase: list[str] = field(default_factory=list)
    angle: list[str] | None = None  #: What stands in angle brackets.
    comments: list[str] = field(default_factory=list)
    has_quotes: bool = False
    odd: bool = False  #: Something a strict reader does not accept.
    resumed: bool = False  #: Words after a comment.

    @property
    def is_blank(self) -> bool:
        return self.angle is None and not self.comments and not "".join(self.phrase).strip()


@dataclass(slots=True)
class _Scan:
    """The state of a walk over one address field."""

    mailboxes: list[_Mailbox] = field(default_factory=lambda: [_Mailbox()])
    groups: int = 0
    quoted: bool = False
    depth: int = 0
    in_angle: bool = False

    @property
    def current(self) -> _Mailbox:
        return self.mailboxes[-1]


def read_sender(values: Sequence[str], sender_values: Sequence[str] = ()) -> tuple[Address, Sender]:
    """Read all From fields of a mail, and its Sender fields, still encoded (RFC 5322 section 3.6.2).

    `PLAIN` only if there is exactly one address and no reader could see another one; then it is in the result,
    its domain in lower case. In doubt `AMBIGUOUS`; without any address `MISSING`; both have no address.
    """
    filled = [value for value in values if value.strip()]
    if not filled:
        return Address(), Sender.MISSING
    scan = _scan(filled[0])
    mailboxes = [mailbox for mailbox in scan.mailboxes if not mailbox.is_blank]
    name = _name(mailboxes[0]) if mailboxes else ""
    if not any("@" in _folded(words(value)) for value in filled):
        return Address(name=name), Sender.MISSING
    address = _strict(mailboxes[0]) if len(mailboxes) == 1 else None
    is_alone = len(values) == 1 and not scan.groups and not scan.in_angle and not scan.quoted and not scan.depth
    if address is None or not is_alone or _CONTROL.search(filled[0]) or not _agrees(address, sender_values):
        return Address(name=name), Sender.AMBIGUOUS
    return Address(address=address, name="" if name == address else name), Sender.PLAIN


def read_list(values: Sequence[str]) -> tuple[Address, ...]:
    """Read To, Cc or Reply-To fields as well as they can be read; at most a thousand addresses."""
    found: list[Address] = []
    for value in values:
        for mailbox in islice(_scan(value).mailboxes, MOST_RECIPIENTS - len(found)):
            address, name = _lenient(mailbox), _name(mailbox)
            if address:
                found.append(Address(address=address, name="" if name == address else name))
    return tuple(found)


def bare(value: str) -> str | None:
    """Give the one address in a trace field such as Delivered-To or Return-Path; None if there is none."""
    match = _LENIENT.search(value[:2_000])
    return _lowered(match.group()) if match else None


def _scan(value: str) -> _Scan:
    scan = _Scan()
    for match in _PIECE.finditer(value):
        piece = match.group()
        if scan.quoted:
            _in_quotes(scan, piece)
        elif scan.depth:
            _in_comment(scan, piece)
        elif scan.in_angle and piece != ">":
            assert scan.current.angle is not None
            scan.current.angle.append(piece)
        else:
            _outside(scan, piece)
        if len(scan.mailboxes) > MOST_RECIPIENTS:
            break
    return scan


def _in_quotes(scan: _Scan, piece: str) -> None:
    if piece == '"':
        scan.quoted = False
    else:
        scan.current.phrase.append(piece[1:] if piece[0] == "\\" else piece)


def _in_comment(scan: _Scan, piece: str) -> None:
    scan.depth += {"(": 1, ")": -1}.get(piece, 0)
    if scan.depth:
        scan.current.comments.append(piece)


def _outside(scan: _Scan, piece: str) -> None:
    mailbox = scan.current
    match piece:
        case '"':
            scan.quoted = mailbox.has_quotes = True
            mailbox.odd |= mailbox.angle is not None
        case "(":
            scan.depth = 1
            mailbox.comments.append("")
        case "<":
            mailbox.odd |= mailbox.angle is not None
            mailbox.angle = []
            scan.in_angle = True
        case ">":
            mailbox.odd |= not scan.in_angle
            scan.in_angle = False
        case "," | ";":
            if piece == ";" and scan.groups == 0 and not mailbox.is_blank:
                mailbox.odd = True
            scan.mailboxes.append(_Mailbox())
        case ":":
            scan.groups += 1
            scan.mailboxes[-1] = _Mailbox()
        case _:
            mailbox.odd |= piece[0] == "\\" or (mailbox.angle is not None and bool(piece.strip()))
            mailbox.resumed |= bool(mailbox.comments) and bool(piece.strip())
            mailbox.phrase.append(piece)


def _strict(mailbox: _Mailbox) -> str | None:
    """Give the address if it is the only one that any reader could take from this mailbox."""
    phrase = "".join(mailbox.phrase)
    said = [_folded(words(phrase))] if mailbox.angle is not None else []
    said += [_folded(words("".join(mailbox.comments)))]
    address = (phrase if mailbox.angle is None else "".join(mailbox.angle)).strip()
    if mailbox.odd or len(address) > _LONGEST or not _STRICT.fullmatch(address) or "=?" in address:
        return None
    if mailbox.angle is None and (mailbox.has_quotes or mailbox.resumed):
        return None  # quotes or comments around or inside an address: readers differ
    if _INVISIBLE.search(address) or unicodedata.normalize("NFKC", address).count("@") != 1:
        return None
    if any(_HIDDEN_CONTROL.search(data) for data in encoded_bytes(phrase + "".join(mailbox.comments))):
        return None
    return None if any(_names_another(text, address) for text in said) else _lowered(address)


def _names_another(text: str, address: str) -> bool:
    """Whether a name or comment holds, or looks like, an address other than the real one."""
    if "@" not in text:
        return "<" in text or ">" in text
    found = _AT.findall(text)
    same = [candidate.strip("\"'<>()[],;:.").casefold() == address.casefold() for candidate in found]
    return not same or not all(same) or text.count("@") != len(found)


def _agrees(address: str, sender_values: Sequence[str]) -> bool:
    """Whether a Sender field, if there is one, names the same address."""
    others = [bare(value) for value in sender_values]
    return all(other is None or other.casefold() == address.casefold() for other in others)


def _folded(text: str) -> str:
    """Bring letters that look like an at sign or an angle bracket to those, and drop what nobody sees."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text[:20_000]))


def _lenient(mailbox: _Mailbox) -> str | None:
    match = _LENIENT.search("".join(mailbox.angle or ())[:2_000]) or _LENIENT.search("".join(mailbox.phrase)[:2_000])
    return _lowered(match.group()) if match else None


def _lowered(address: str) -> str:
    local, _, domain = address.strip(".'").rpartition("@")
    return f"{local}@{domain.lower()}"


def _name(mailbox: _Mailbox) -> str:
    """Give the printed name: the phrase, else the comment (RFC 5322 section 3.4, last paragraph)."""
    phrase = "".join(mailbox.phrase) if mailbox.angle is not None else ""
    comment = "".join(mailbox.comments) if not phrase.strip() else ""
    return printable(words((phrase or comment).strip())).strip("'\" ")[:_MOST_NAME]

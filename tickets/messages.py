"""What crosses the border between a channel and the store: pickups, messages read, messages to send, deliveries."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Medium(StrEnum):
    """How a person is reached; an address has a medium, a template is chosen by it."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
    PHONE = "phone"
    UPLOAD = "upload"


class MessageKind(StrEnum):
    """What a message is by its structure, before anybody reads its words."""

    MESSAGE = "message"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    COMPLAINT_REPORT = "complaint_report"
    LIST = "list"
    UNREADABLE = "unreadable"


class Sender(StrEnum):
    """Whether the sender's address can be taken as one address (never proof of a person)."""

    PLAIN = "plain"
    AMBIGUOUS = "ambiguous"
    MISSING = "missing"


class Trust(StrEnum):
    """What our own mail server said of the sender's domain; `NONE` is no evidence either way."""

    PASS = "pass"  # noqa: S105 - a result word of RFC 8601, not a password
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """One copy of raw bytes as a channel holds it; nothing has changed at the source yet."""

    handle: Hashable  #: What `acknowledge` needs to find it again at the source.
    external_id: str  #: The channel's own identity of this copy: `INBOX/UIDVALIDITY/UID`, a MessageSid, a sha256.
    raw: bytes
    received_at: datetime | None = None  #: The source's own time of arrival, aware; None: take the time of pickup.
    name: str = ""  #: A file name, for people.
    source: str = ""  #: Tells a copy put in again from one not yet moved, where the external id is the content's.


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A printed name and an address: e-mail, phone in E.164, or a postal address on one line."""

    address: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file inside a raw message; its bytes stay there and are found again by `part`."""

    name: str
    media_type: str
    size: int
    sha256: str  #: Of the decoded bytes.
    part: str  #: Where the reader finds it in the raw message; "" is the raw message itself.
    inline: bool = False
    text: str | None = None  #: What it says, where that was cheap to know.
    answers: str | None = None  #: The item it was handed in for, where the sender had to choose one.


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """One word of a file's text and where it stands on its page, in thousandths of the page's width and height."""

    start: int
    end: int
    page: int
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one file says, read from its bytes."""

    media_type: str  #: As its first bytes say.
    text: str = ""
    pages: int = 0
    words: tuple[PlacedWord, ...] = ()  #: Of pages with a layout, in the order of `text`.
    phash: str | None = None  #: Of a picture: 64 bits in hex, alike for what looks alike.


@dataclass(frozen=True, slots=True, kw_only=True)
class BouncedAddress:
    """One recipient of a delivery report (RFC 3464)."""

    address: str
    action: str  #: failed, delayed, delivered, relayed, expanded
    status: str | None = None  #: RFC 3463, e.g. "5.1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One message from outside, as its medium's reader understood it. Ids are without angle brackets."""

    medium: Medium
    kind: MessageKind = MessageKind.MESSAGE
    sender: Address = Address()
    sender_state: Sender = Sender.MISSING
    trust: Trust = Trust.NONE
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()  #: Envelope recipients the server noted (plus-address tokens live here too).
    subject: str = ""
    text: str = ""  #: Everything the customer can see.
    new_text: str = ""  #: The same without quoted text and signature.
    html: str | None = None  #: As sent; cleaned where it is shown.
    language: str | None = None
    sent_at: datetime | None = None  #: What the sender's clock says, aware UTC.
    received_on: date | None = None  #: A mail-room stamp.
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    bounced: tuple[BouncedAddress, ...] = ()
    original_message_id: str | None = None  #: Of the message a report speaks about.
    acknowledge: bool = False  #: Whether an automatic answer may ever be sent to it (RFC 3834).
    pages: int = 0
    codes: tuple[str, ...] = ()  #: Our own codes found on the pages, in page order.
    words: tuple[PlacedWord, ...] = ()  #: Of a scan: where the words of `text` stand.
    opt_out: bool = False  #: The carrier says that this text switched messages off.
    opt_in: bool = False
    link_token: str | None = None  #: Of the upload link it came by.
    stated: tuple[tuple[str, str], ...] = ()  #: Items of kind field and what the customer filled in.
    answered_facts: tuple[tuple[str, str], ...] = ()  #: Questions put to the customer, and the answer chosen.
    lacking: tuple[tuple[str, str], ...] = ()  #: Items the customer says he does not have, and why.
    notes: tuple[str, ...] = ()  #: What the reader had to repair or leave out.


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that goes out with a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """One message to one recipient over one medium, ready to transmit; rendering is done."""

    message_id: str  #: Stable for the logical message: the same on every attempt. Without angle brackets.
    medium: Medium
    to: Address
    subject: str = ""
    text: str
    html: str | None = None
    language: str = "ro"
    reply_to: str | None = None  #: The signed reply address.
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    automatic: bool = False  #: Written by a rule: null return path and Auto-Submitted (RFC 3834).
    code: str | None = None  #: `CLM26-004711-58/R1`, printed on every page of a letter.
    status_url: str | None = None  #: Where the carrier reports what became of it.
    sent_at: datetime | None = None  #: What its Date says, aware; the same on every attempt.
    files: tuple[Enclosure, ...] = field(default=())


class DeliveryState(StrEnum):
    """What became of a delivery; people read refused and failed as "not reached"."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    TRANSMITTING = "transmitting"
    SENT = "sent"
    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The other side's yes: `sent` when it took the message, `delivered` when it reached the person."""

    state: DeliveryState = DeliveryState.SENT
    provider_id: str | None = None  #: The carrier's id (Sid), a printed file's name, or the server's queue words.
    detail: str | None = None  #: The other side's own words.


#: Called by a channel at the last moment before bytes become irrevocable (after SMTP 354, before the
#: carrier's POST, before the print file appears). It commits the intent; if it raises, nothing may be sent.
Transmitting = Callable[[], None]

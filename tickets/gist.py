"""The gist of a message: what its words say by themselves. It asks no store, so a reader can work it out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from tickets import intents, loss_dates, names, references, storable
from tickets.intents import Judged
from tickets.loss_dates import LossDate
from tickets.messages import InboundMessage, Medium, MessageKind
from tickets.references import NearMiss, PolicyFormat, Reference

#: Of what one message names we look up this much: a real one names a handful, an attack thousands.
REFERENCES, NEAR_MISSES = 500, 20
#: Characters of an attachment's text that are read for references.
ATTACHMENT = 20_000
#: No mail-room stamp is older.
OLDEST_STAMP = date(1990, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A reference and the place in the message where it stands: subject, text, quote, code."""

    reference: Reference
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """A message as any store takes it, and what its words say."""

    inbound: InboundMessage  #: Without its HTML.
    has_html: bool
    stamped: date | None  #: The mail room's stamp, where it counts.
    received: date  #: The day it counts as received.
    found: tuple[Found, ...]
    near: tuple[NearMiss, ...]  #: What looks like one of our numbers and fails its check digits.
    judged: Judged | None = None  #: What its words speak for; None for machine mail.
    loss: LossDate | None = None
    signed: tuple[str, ...] = ()  #: The folded names under which it is signed; usually one, often none.


def of(read: InboundMessage | Gist, *, day: date, formats: tuple[PolicyFormat, ...]) -> Gist:
    """Work it out for a message that arrived on `day`; one that its reader has worked out is given back."""
    if isinstance(read, Gist):
        return read
    inbound = storable.message(read)
    stamped = _stamped(inbound, day)
    speaks = inbound.kind is MessageKind.MESSAGE
    received = stamped or day
    return Gist(
        inbound=inbound,
        has_html=read.html is not None,
        stamped=stamped,
        received=received,
        found=tuple(islice(_found(inbound, formats), REFERENCES)),
        near=tuple(references.near_miss(f"{inbound.subject}\n{inbound.new_text}")[:NEAR_MISSES]),
        judged=intents.judge(inbound.subject, inbound.new_text) if speaks else None,
        loss=loss_dates.proposed(inbound.new_text, received=received, language=inbound.language) if speaks else None,
        signed=names.signed(inbound.new_text) if speaks else (),
    )


def _stamped(inbound: InboundMessage, day: date) -> date | None:
    """A mail-room stamp counts unless it is later than the arrival, or so old that it was misread."""
    stamp = inbound.received_on
    return stamp if stamp and OLDEST_STAMP <= stamp <= day else None


def _found(inbound: InboundMessage, formats: tuple[PolicyFormat, ...]) -> Iterator[Found]:
    yield from (Found(reference=each, where="subject") for each in references.find(inbound.subject, own=formats))
    new = references.find(inbound.new_text, own=formats)
    yield from (Found(reference=each, where="text") for each in new)
    if len(inbound.text) > len(inbound.new_text):
        known = {(each.kind, each.value) for each in new}
        quoted = references.find(inbound.text, own=formats)
        yield from (Found(reference=each, where="quote") for each in quoted if (each.kind, each.value) not in known)
    if inbound.medium is not Medium.LETTER:  # there the text is the scan's own
        for file in inbound.files:
            attached = references.find((file.text or "")[:ATTACHMENT], own=formats)
            yield from (Found(reference=each, where="attachment") for each in attached)
    for code in inbound.codes:
        yield from (Found(reference=each, where="code") for each in references.find(code))

"""The timeline of one ticket: messages of all media, requests with their deliveries, and what happened between."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from inbox.web.words import EVENT
from tickets import evidence
from tickets.claim_types import load
from tickets.conversation import DESK, Course
from tickets.messages import DeliveryState, MessageKind
from tickets.models import Direction, Event, Link, LinkState, Message, OutboxDelivery, Request, TargetKind
from tickets.outbox import LEASE
from tickets.requirements import RequirementState


class Shape(StrEnum):
    """How an entry is laid out."""

    IN = "in"
    OUT = "out"
    REQUEST = "request"
    NOTE = "note"
    CALL = "call"
    MACHINE = "machine"  #: Written or answered by a rule, or by another machine.
    EVENT = "event"


#: At one moment: what came, what it set off, what we wrote.
_RANK: Mapping[Shape, int] = MappingProxyType({Shape.IN: 0, Shape.EVENT: 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One outgoing message with what became of it."""

    message: Message
    delivery: OutboxDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing on the timeline."""

    shape: Shape
    at: datetime
    message: Message | None = None
    sent: tuple[Sent, ...] = ()
    request: Request | None = None
    event: Event | None = None


def entries(conversation: Course) -> list[Entry]:
    """Everything in the order in which it happened; the deliveries of one request are one entry."""
    found = [*_messages(conversation), *_requests(conversation), *_events(conversation)]
    return sorted(found, key=lambda entry: (entry.at, _RANK.get(entry.shape, 2)))


def _messages(conversation: Course) -> Iterator[Entry]:
    for message in conversation.messages:
        delivery = conversation.deliveries.get(message.id)
        if delivery is not None and delivery.request_id is not None:
            continue
        sent = (Sent(message=message, delivery=delivery),) if delivery else ()
        yield Entry(shape=_shape(message, delivery), at=message.at, message=message, sent=sent)


def _shape(message: Message, delivery: OutboxDelivery | None) -> Shape:
    if message.direction is Direction.NOTE:
        return Shape.NOTE
    if message.channel == DESK:
        return Shape.CALL
    if message.direction is Direction.OUT:
        return Shape.MACHINE if delivery and delivery.automatic else Shape.OUT
    machines = (MessageKind.AUTO_REPLY, MessageKind.BOUNCE, MessageKind.COMPLAINT_REPORT)
    return Shape.MACHINE if message.kind in machines else Shape.IN


def _requests(conversation: Course) -> Iterator[Entry]:
    """A request that went out stands where its first delivery does."""
    by_request: dict[int, list[Sent]] = {}
    for message in conversation.messages:
        delivery = conversation.deliveries.get(message.id)
        if delivery is not None and delivery.request_id is not None:
            by_request.setdefault(delivery.request_id, []).append(Sent(message=message, delivery=delivery))
    for request in conversation.requests:
        if sent := by_request.get(request.id):
            yield Entry(shape=Shape.REQUEST, at=sent[0].message.at, sent=tuple(sent), request=request)


def _events(conversation: Course) -> Iterator[Entry]:
    for event in conversation.events:
        if event.kind in EVENT and _is_told(event):
            yield Entry(shape=Shape.EVENT, at=event.at, event=event)


def _is_told(event: Event) -> bool:
    """Of tasks, what a colleague asked: what a rule has somebody do stands among the tasks."""
    return not event.kind.startswith("task.") or event.detail.get("what") == "question"


def event_values(event: Event, names: Mapping[int, str], language: str) -> dict[str, str]:
    """What an event's sentence may name: who did it, the item, the request, the reason."""
    item = str(event.detail.get("item") or "")
    known = load().items.get(item)
    return {
        "who": actor_name(event.actor, names),
        "item": known.label(language) if known else item,
        "code": str(event.detail.get("code") or "").rpartition("/")[2],
        "target": str(event.detail.get("target") or ""),
        "reason": str(event.detail.get("reason") or ""),
    }


def actor_name(actor: str | None, names: Mapping[int, str]) -> str:
    """Who did something, by name; a rule is claimdesk itself."""
    kind, _, key = (actor or "").partition(":")
    return names.get(int(key), "claimdesk") if kind == "staff" and key.isdigit() else "claimdesk"


def why_linked(message: Message) -> list[Link]:
    """The links of a message: those that hold, its claim's first, then what is suggested, the likeliest first."""
    order = [TargetKind.CLAIM, TargetKind.REQUEST, TargetKind.POLICY, TargetKind.TICKET, TargetKind.CUSTOMER]
    standing = [link for link in message.links if link.state is not LinkState.UNDONE]
    return sorted(standing, key=lambda link: (not holds(link), order.index(link.target_kind), -link.score))


def holds(link: Link) -> bool:
    """Whether a link is more than a suggestion."""
    return link.state in (LinkState.ACTIVE, LinkState.UNVERIFIED)


def why(link: Link, language: str) -> str:
    """In one sentence, why a link stands."""
    return evidence.why(
        kind=link.target_kind, target=link.target, state=link.state, reasons=link.reasons, language=language
    )


def is_known_sender(message: Message) -> bool:
    """Whether the address it came from stands on file for what it is linked to."""
    holding = (link for link in message.links if link.state is LinkState.ACTIVE)
    return any(
        reason.get("evidence") in ("sender_email", "sender_phone") for link in holding for reason in link.reasons
    )


def may_take_back(sent: Sent, staff_id: int, now: datetime) -> bool:
    """A message of one's own that is still held."""
    delivery = sent.delivery
    held = delivery.state is DeliveryState.QUEUED and delivery.due_at > now
    return held and sent.message.author_id == staff_id


def held_request(entry: Entry, staff_id: int, now: datetime) -> Sent | None:
    """One of the deliveries of a request of one's own, all of which are still held; None if any has left."""
    going = [sent for sent in entry.sent if sent.delivery.state is not DeliveryState.REFUSED]
    return going[0] if going and all(may_take_back(sent, staff_id, now) for sent in going) else None


def may_send_again(delivery: OutboxDelivery) -> bool:
    """Nobody knows whether it arrived, or it did not."""
    return delivery.state in (DeliveryState.UNKNOWN, DeliveryState.FAILED)


def is_stuck(delivery: OutboxDelivery, now: datetime) -> bool:
    """It should have left long ago and its channel has not taken it."""
    return delivery.state is DeliveryState.QUEUED and delivery.due_at + LEASE < now


def items_in(request: Request) -> int:
    """How many of a request's items have come."""
    waiting = (
        RequirementState.ASKED,
        RequirementState.NEEDED,
        RequirementState.MAYBE,
        RequirementState.REJECTED,
    )
    return sum(item.requirement.state not in waiting for item in request.items)

"""The queue: which tickets people see in which view, counted and listed page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets.errors import UnknownReferenceError
from tickets.messages import DeliveryState
from tickets.models import (
    WAITING,
    Arrival,
    ArrivalState,
    ChannelState,
    Claim,
    ClaimParty,
    Direction,
    Document,
    Event,
    Link,
    LinkState,
    Message,
    MessageFile,
    OutboxDelivery,
    Party,
    Policy,
    PolicyVersion,
    Request,
    RequestItem,
    Ticket,
    TicketState,
)
from tickets.outbox import TAKEN_BACK

_DONE = (TicketState.CLOSED, TicketState.RESOLVED, TicketState.MERGED, TicketState.DISCARDED)
DESK = "desk"  #: The channel of what people write here themselves.
_NOT_REACHED = (DeliveryState.REFUSED, DeliveryState.FAILED)


class View(StrEnum):
    """A view of the shared inbox."""

    MINE = "mine"
    TEAM = "team"
    WAITING = "waiting"
    NOT_REACHED = "not_reached"
    UNLINKED = "unlinked"
    UNKNOWN = "unknown"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a list: the ticket, its last message and what is open on its request."""

    ticket: Ticket
    last: Message | None
    writer: str  #: How who wrote last from outside is called, by himself; "" if nobody did.
    items_in: int
    items_asked: int
    not_reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page ended: the next one begins after it."""

    at: datetime
    ticket_id: int


def rows(session: Session, view: View, *, staff_id: int, after: Place | None = None, limit: int = 50) -> list[Row]:
    """One page of a view, the newest message first."""
    query = (
        select(Ticket)
        .where(_in_view(view, staff_id))
        .order_by(Ticket.last_message_at.desc(), Ticket.id.desc())
        .limit(limit)
        .options(joinedload(Ticket.claim).joinedload(Claim.claimant), joinedload(Ticket.party))
    )
    if after is not None:
        older = and_(Ticket.last_message_at == after.at, Ticket.id < after.ticket_id)
        query = query.where(or_(Ticket.last_message_at < after.at, older))
    return _described(session, list(session.scalars(query)))


def counts(session: Session, *, staff_id: int) -> Mapping[View, int]:
    """How many tickets each view holds."""
    columns = [
        select(func.count()).select_from(Ticket).where(_in_view(view, staff_id)).scalar_subquery().label(view)
        for view in View
        if view is not View.DONE
    ]
    found = session.execute(select(*columns)).one()
    return {View(name): number for name, number in found._mapping.items()}  # noqa: SLF001 - SQLAlchemy's public name


def quarantined(session: Session) -> list[Arrival]:
    """The arrivals people have to look at, oldest first."""
    query = select(Arrival).where(Arrival.state == ArrivalState.QUARANTINED).order_by(Arrival.id)
    return list(session.scalars(query))


def quarantined_count(session: Session) -> int:
    """How many arrivals people have to look at."""
    return session.scalar(select(func.count(Arrival.id)).where(Arrival.state == ArrivalState.QUARANTINED)) or 0


def arrival(session: Session, arrival_id: int) -> Arrival:
    """One line of the ledger; raises `UnknownReferenceError`."""
    found = session.get(Arrival, arrival_id)
    if found is None:
        raise UnknownReferenceError(f"there is no arrival {arrival_id}")
    return found


def troubles(session: Session) -> list[ChannelState]:
    """The channels that cannot be used now."""
    query = select(ChannelState).where(ChannelState.failing_since.is_not(None)).order_by(ChannelState.failing_since)
    return list(session.scalars(query))


def _in_view(view: View, staff_id: int) -> ColumnElement[bool]:
    open_now = Ticket.state.not_in(_DONE)
    match view:
        case View.MINE:
            return and_(open_now, Ticket.owner_id == staff_id, Ticket.state != TicketState.WAITING_CUSTOMER)
        case View.TEAM:
            return and_(open_now, Ticket.state != TicketState.WAITING_CUSTOMER)
        case View.WAITING:
            return Ticket.state == TicketState.WAITING_CUSTOMER
        case View.NOT_REACHED:
            return and_(open_now, _has_delivery(_NOT_REACHED))
        case View.UNKNOWN:
            return _has_delivery((DeliveryState.UNKNOWN,))
        case View.UNLINKED:
            return and_(open_now, Ticket.claim_id.is_(None))
        case View.DONE:
            return Ticket.state.in_(_DONE)


def _has_delivery(states: Sequence[DeliveryState]) -> ColumnElement[bool]:
    return exists(
        select(OutboxDelivery.id)
        .join(Message, Message.id == OutboxDelivery.message_id)
        .where(Message.ticket_id == Ticket.id, OutboxDelivery.state.in_(states), _was_meant_to_leave())
    )


def _described(session: Session, tickets: Sequence[Ticket]) -> list[Row]:
    """Join a page of tickets with their last messages and open requests, a set at a time."""
    ids = [ticket.id for ticket in tickets]
    newest = select(func.max(Message.id)).where(Message.ticket_id.in_(ids)).group_by(Message.ticket_id)
    last = {message.ticket_id: message for message in session.scalars(select(Message).where(Message.id.in_(newest)))}
    came = newest.where(Message.direction == Direction.IN, Message.channel != DESK)
    writers = {message.ticket_id: message for message in session.scalars(select(Message).where(Message.id.in_(came)))}
    open_items = _open_items(session, [ticket.claim_id for ticket in tickets if ticket.claim_id is not None])
    lost = set(session.scalars(_lost(ids)))
    return [
        Row(
            ticket=ticket,
            last=last.get(ticket.id),
            writer=_called(writers.get(ticket.id)),
            items_in=open_items.get(ticket.claim_id or 0, (0, 0))[0],
            items_asked=open_items.get(ticket.claim_id or 0, (0, 0))[1],
            not_reached=ticket.id in lost,
        )
        for ticket in tickets
    ]


def _called(message: Message | None) -> str:
    return (message.from_name or message.from_address or "") if message else ""


def _lost(ticket_ids: Sequence[int]) -> Select[int]:
    return (
        select(Message.ticket_id)
        .join(OutboxDelivery, OutboxDelivery.message_id == Message.id)
        .where(Message.ticket_id.in_(ticket_ids), OutboxDelivery.state.in_(_NOT_REACHED), _was_meant_to_leave())
    )


def _was_meant_to_leave() -> ColumnElement[bool]:
    """What its writer took back has not missed anybody."""
    return or_(OutboxDelivery.detail.is_(None), OutboxDelivery.detail != TAKEN_BACK)


def _open_items(session: Session, claim_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Claim to (items in, items asked) of the request open on it."""
    query = (
        select(Request)
        .where(Request.claim_id.in_(claim_ids), Request.state.in_(WAITING))
        .options(selectinload(Request.items).joinedload(RequestItem.requirement))
    )
    return {request.claim_id: _progress(request) for request in session.scalars(query)}


def _progress(request: Request) -> tuple[int, int]:
    waiting = ("asked", "needed", "maybe", "rejected")
    return sum(item.requirement.state not in waiting for item in request.items), len(request.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Everything one ticket's page shows."""

    ticket: Ticket
    messages: list[Message]
    deliveries: Mapping[int, OutboxDelivery]  #: By message.
    documents: Mapping[int, list[Document]]  #: By file.
    requests: list[Request]
    events: list[Event]
    other_claims: list[Claim]


def conversation(session: Session, ref: str) -> Conversation:
    """One ticket with its timeline; raises `UnknownReferenceError`."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.ref == ref)
        .options(
            joinedload(Ticket.party).selectinload(Party.contacts),
            joinedload(Ticket.claim).options(
                joinedload(Claim.policy).selectinload(Policy.versions),
                selectinload(Claim.requirements),
                selectinload(Claim.parties).joinedload(ClaimParty.party),
                joinedload(Claim.claimant).selectinload(Party.contacts),
            ),
        )
    )
    if ticket is None:
        raise UnknownReferenceError(f"there is no ticket {ref}")
    messages = list(
        session.scalars(
            select(Message)
            .where(Message.ticket_id == ticket.id)
            .order_by(Message.at, Message.id)
            .options(selectinload(Message.files), selectinload(Message.links))
        )
    )
    return Conversation(
        ticket=ticket,
        messages=messages,
        deliveries=_deliveries(session, messages),
        documents=_documents(session, messages),
        requests=_requests(session, ticket),
        events=list(session.scalars(select(Event).where(Event.ticket_id == ticket.id).order_by(Event.id))),
        other_claims=_other_claims(session, ticket),
    )


def _deliveries(session: Session, messages: Sequence[Message]) -> dict[int, OutboxDelivery]:
    query = select(OutboxDelivery).where(OutboxDelivery.message_id.in_([message.id for message in messages]))
    return {delivery.message_id: delivery for delivery in session.scalars(query)}


def _documents(session: Session, messages: Sequence[Message]) -> dict[int, list[Document]]:
    files = [file.id for message in messages for file in message.files]
    found: dict[int, list[Document]] = {}
    query = select(Document).where(Document.file_id.in_(files)).options(joinedload(Document.requirement))
    for document in session.scalars(query.order_by(Document.id)):
        found.setdefault(document.file_id or 0, []).append(document)
    return found


def _requests(session: Session, ticket: Ticket) -> list[Request]:
    if ticket.claim_id is None:
        return []
    query = (
        select(Request)
        .where(Request.claim_id == ticket.claim_id)
        .order_by(Request.number)
        .options(selectinload(Request.items).joinedload(RequestItem.requirement))
    )
    return list(session.scalars(query))


def _other_claims(session: Session, ticket: Ticket) -> list[Claim]:
    party_id = ticket.claim.claimant_id if ticket.claim else ticket.party_id
    if party_id is None:
        return []
    query = select(Claim).where(Claim.claimant_id == party_id, Claim.id != (ticket.claim_id or 0))
    return list(session.scalars(query.order_by(Claim.id.desc()).limit(10)))


def version_on(policy: Policy, day: date | None) -> PolicyVersion | None:
    """What a policy says of a day as we know it now: of the versions in effect then, the one recorded last."""
    fitting = [each for each in policy.versions if day is None or each.effective_from <= day <= each.effective_to]
    return max(fitting, key=lambda each: each.recorded_at, default=None)


def message(session: Session, message_id: int) -> Message:
    """One message with how it arrived; raises `UnknownReferenceError`."""
    found = session.scalar(select(Message).where(Message.id == message_id).options(joinedload(Message.arrival)))
    if found is None:
        raise UnknownReferenceError(f"there is no message {message_id}")
    return found


def file(session: Session, file_id: int) -> tuple[MessageFile, Message]:
    """A file and the message it came in; raises `UnknownReferenceError`."""
    found = session.scalar(
        select(MessageFile)
        .where(MessageFile.id == file_id)
        .options(joinedload(MessageFile.message).joinedload(Message.arrival))
    )
    if found is None:
        raise UnknownReferenceError(f"there is no file {file_id}")
    return found, found.message


def suggested(session: Session, message_id: int) -> list[Link]:
    """What a message may belong to, for a person to choose."""
    query = select(Link).where(
        Link.message_id == message_id, Link.state.in_((LinkState.SUGGESTED, LinkState.UNVERIFIED))
    )
    return list(session.scalars(query.order_by(Link.score.desc())))

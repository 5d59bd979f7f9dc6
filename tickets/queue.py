"""The queue: which tickets people see in which view, counted and listed page by page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets.errors import UnknownReferenceError
from tickets.merging import on_ticket
from tickets.messages import DeliveryState, Medium
from tickets.models import (
    WAITING,
    Arrival,
    ArrivalState,
    ChannelState,
    Claim,
    ClaimParty,
    Clock,
    ClockState,
    Decision,
    DecisionState,
    Direction,
    Document,
    Event,
    Link,
    LinkState,
    Mention,
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
    TicketTag,
)
from tickets.outbox import TAKEN_BACK
from tickets.work import tags

_DONE = (TicketState.CLOSED, TicketState.RESOLVED, TicketState.MERGED, TicketState.DISCARDED)
_UNFINISHED = tuple(state for state in TicketState if state not in _DONE)
DESK = "desk"  #: The channel of what people write here themselves.
_TICKING = (ClockState.RUNNING, ClockState.BREACHED)
_NOT_REACHED = (DeliveryState.REFUSED, DeliveryState.FAILED)


class View(StrEnum):
    """A view of the shared inbox."""

    MINE = "mine"
    TEAM = "team"
    WAITING = "waiting"
    DUE = "due"
    NOT_REACHED = "not_reached"
    UNLINKED = "unlinked"
    MENTIONED = "mentioned"
    SNOOZED = "snoozed"
    UNKNOWN = "unknown"
    DONE = "done"


_BEGINNING = 160  #: Letters of a message that a line shows where there is no subject.
#: Views of what hangs on few tickets, whatever their state.
_OF_FEW = (View.MENTIONED, View.UNKNOWN)
#: What is due within so many days stands in the view of what is due.
DUE_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Who looks at a list, and when: what is one's own and what is snoozed depend on it."""

    staff_id: int
    now: datetime
    restricted: bool = False  #: Whether tips and legal notices are shown: to SIU and legal alone.

    def values(self) -> dict[str, object]:
        """What the conditions of a view are filled with."""
        return {
            "staff_id": self.staff_id,
            "now": self.now,
            "soon": self.now + timedelta(days=DUE_DAYS),
            "restricted": self.restricted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What narrows a view; an empty word leaves everything in."""

    type: str = ""  #: A claim type.
    tag: str = ""
    owner: str = ""  #: `me`, `none`, or somebody's key.
    kind: str = ""  #: What the ticket is about: a message kind.
    medium: str = ""  #: By which something came.
    due: str = ""  #: Days within which a clock is due.

    def words(self) -> dict[str, str]:
        """The narrowing words alone, as they stand in an address."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a line shows of the last message."""

    medium: Medium
    direction: Direction
    language: str | None
    beginning: str  #: Of its words; a whole letter is not read for one line.


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a list: the ticket, its last message and what is open on its request."""

    ticket: Ticket  #: Of its claim and people no more is read than how they are called.
    last: Said | None
    writer: str  #: How who wrote last from outside is called, by himself; "" if nobody did.
    items_in: int
    items_asked: int
    not_reached: bool
    clock: Clock | None = None  #: The next one due, on the ticket or its claim.
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page ended: the next one begins after it."""

    at: datetime
    ticket_id: int


def rows(
    session: Session,
    view: View,
    looking: Looking,
    *,
    only: Filter = EVERYTHING,
    after: Place | None = None,
    by_clock: bool = False,
    limit: int = 50,
) -> list[Row]:
    """One page of a view, the newest message first; `by_clock`: its beginning, the next clock due first."""
    newest: list[ColumnElement[Any]] = [Ticket.last_message_at.desc(), Ticket.id.desc()]
    conditions = [_in_view(view), *_narrowed(only, looking)]
    if by_clock:
        query = select(Ticket).where(*conditions).order_by(*_due_order(), *newest)
    else:
        page = _newest(view, [*conditions, *_older(after)], limit)
        query = select(Ticket).join(page, page.c.id == Ticket.id).order_by(*newest)
    called = (
        joinedload(Ticket.party).load_only(Party.name),
        joinedload(Ticket.claim).load_only(Claim.ref).joinedload(Claim.claimant).load_only(Party.name),
    )
    query = query.limit(limit).options(*called)
    return _described(session, list(session.scalars(query, looking.values())))


def _newest(view: View, conditions: Sequence[ColumnElement[bool]], limit: int) -> Subquery:
    """The keys of a view's newest tickets: the newest of each state, which an index holds in order, and no others."""
    of_states = (
        select(Ticket.id)
        .where(Ticket.state == state, *conditions)
        .order_by(Ticket.last_message_at.desc(), Ticket.id.desc())
        .limit(limit)
        .subquery()
        for state in _states(view)
    )
    return union_all(*(select(each.c.id) for each in of_states)).subquery()


def _older(after: Place | None) -> Iterator[ColumnElement[bool]]:
    if after is not None:
        at_once = and_(Ticket.last_message_at == after.at, Ticket.id < after.ticket_id)
        yield Ticket.last_message_at <= after.at
        yield or_(Ticket.last_message_at < after.at, at_once)


def count(session: Session, view: View, looking: Looking, only: Filter) -> int:
    """How many tickets a narrowed view holds."""
    return counted(session, looking, [(view, only)])[0]


def counted(session: Session, looking: Looking, narrowed: Sequence[tuple[View, Filter]]) -> list[int]:
    """How many tickets each of these narrowed views holds, asked at once."""
    if not narrowed:
        return []
    each = (
        select(func.count()).select_from(Ticket).where(_in_view(view), *_narrowed(only, looking)).scalar_subquery()
        for view, only in narrowed
    )
    return list(session.execute(select(*each), looking.values()).one())


def refs(session: Session, view: View, looking: Looking, only: Filter, *, limit: int) -> list[str]:
    """The references of a narrowed view's tickets, for a move on all of them."""
    query = select(Ticket.ref).where(_in_view(view), *_narrowed(only, looking)).order_by(Ticket.id)
    return list(session.scalars(query.limit(limit), looking.values()))


def counts(session: Session, looking: Looking) -> Mapping[View, int]:
    """How many tickets each view holds."""
    found = session.execute(_counting(), looking.values()).one()
    return {View(name): number for name, number in found._mapping.items()}  # noqa: SLF001 - SQLAlchemy's public name


@cache
def _counting() -> Select[Any]:
    """One walk over the unfinished tickets, in an index alone, and a look at what hangs on few."""
    together = (
        select(*(func.count().filter(_in_view(view)).label(view) for view in View if view not in (*_OF_FEW, View.DONE)))
        .where(Ticket.state.in_(_UNFINISHED))
        .subquery()
    )
    alone = (
        select(func.count()).select_from(Ticket).where(_in_view(view)).scalar_subquery().label(view) for view in _OF_FEW
    )
    return select(together, *alone)


def quarantined(session: Session) -> list[Arrival]:
    """The arrivals people have to look at, oldest first."""
    query = select(Arrival).where(Arrival.state == ArrivalState.QUARANTINED).order_by(Arrival.id)
    return list(session.scalars(query))


def quarantined_count(session: Session) -> int:
    """How many arrivals people have to look at."""
    return session.scalar(select(func.count(Arrival.id)).where(Arrival.state == ArrivalState.QUARANTINED)) or 0


def approvals_count(session: Session) -> int:
    """How many decisions wait for a second person."""
    return session.scalar(select(func.count(Decision.id)).where(Decision.state == DecisionState.PROPOSED)) or 0


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


def _states(view: View) -> tuple[TicketState, ...]:
    """The states that a view's tickets may be in."""
    if view in _OF_FEW:
        return tuple(TicketState)
    if view is View.WAITING:
        return (TicketState.WAITING_CUSTOMER,)
    return _DONE if view is View.DONE else _UNFINISHED


@cache
def _in_view(view: View) -> ColumnElement[bool]:
    """What a view holds, as its line in the table below says; filled with `Looking.values`."""
    now = bindparam("now", type_=Ticket.snoozed_until.type)
    awake = or_(Ticket.snoozed_until.is_(None), Ticket.snoozed_until <= now)
    unfinished = Ticket.state.in_(_UNFINISHED)
    open_now, waits = and_(unfinished, awake), Ticket.state == TicketState.WAITING_CUSTOMER
    seen = or_(Ticket.restricted.is_(False), bindparam("restricted", type_=Boolean()))
    held = {
        View.MINE: and_(open_now, Ticket.owner_id == bindparam("staff_id"), ~waits),
        View.TEAM: and_(open_now, ~waits),
        View.WAITING: and_(waits, awake),
        View.DUE: and_(unfinished, _is_due(bindparam("soon", type_=Clock.due_at.type))),
        View.NOT_REACHED: and_(open_now, _has_delivery(_NOT_REACHED)),
        View.UNLINKED: and_(open_now, Ticket.claim_id.is_(None)),
        View.MENTIONED: _is_mentioned(),
        View.SNOOZED: and_(unfinished, Ticket.snoozed_until > now),
        View.UNKNOWN: _has_delivery((DeliveryState.UNKNOWN,)),
        View.DONE: Ticket.state.in_(_DONE),
    }
    return and_(seen, held[view])


def _is_due(horizon: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """A clock of the ticket or of its claim ends before a moment."""
    by_ticket, by_claim = (
        select(column).where(Clock.state.in_(_TICKING), Clock.due_at <= horizon, column.is_not(None))
        for column in (Clock.ticket_id, Clock.claim_id)
    )
    return or_(Ticket.id.in_(by_ticket), Ticket.claim_id.in_(by_claim))


def _due_order() -> list[ColumnElement[Any]]:
    """By the earlier of the ticket's and its claim's next clock; tickets without one last."""
    by_ticket, by_claim = (
        select(func.min(Clock.due_at)).where(Clock.state.in_(_TICKING), column == its).scalar_subquery()
        for column, its in ((Clock.ticket_id, Ticket.id), (Clock.claim_id, Ticket.claim_id))
    )
    earlier = case((by_claim.is_(None), by_ticket), (by_ticket < by_claim, by_ticket), else_=by_claim)
    return [earlier.is_(None), earlier]


def _is_mentioned() -> ColumnElement[bool]:
    named = (
        select(Message.ticket_id)
        .join(Mention, Mention.message_id == Message.id)
        .where(Mention.staff_id == bindparam("staff_id"), Mention.seen_at.is_(None))
    )
    return Ticket.id.in_(named)


def _narrowed(only: Filter, looking: Looking) -> Iterator[ColumnElement[bool]]:
    if only.type:
        yield Ticket.claim_id.in_(select(Claim.id).where(Claim.type == only.type))
    if only.tag:
        yield Ticket.id.in_(select(TicketTag.ticket_id).where(TicketTag.tag == only.tag))
    if only.owner == "none":
        yield Ticket.owner_id.is_(None)
    elif only.owner:
        owner = looking.staff_id if only.owner == "me" else int(only.owner) if only.owner.isdigit() else 0
        yield Ticket.owner_id == owner
    if only.kind:
        yield Ticket.kind == only.kind
    if only.medium:
        yield exists(select(Message.id).where(Message.ticket_id == Ticket.id, Message.medium == only.medium))
    if only.due.isdigit():
        yield _is_due(looking.now + timedelta(days=min(int(only.due), 365)))


def _has_delivery(states: Sequence[DeliveryState]) -> ColumnElement[bool]:
    return Ticket.id.in_(
        select(Message.ticket_id)
        .join(OutboxDelivery, OutboxDelivery.message_id == Message.id)
        .where(OutboxDelivery.state.in_(states), _was_meant_to_leave())
    )


def _described(session: Session, tickets: Sequence[Ticket]) -> list[Row]:
    """Join a page of tickets with their last messages and open requests, a set at a time."""
    ids = [ticket.id for ticket in tickets]
    last, writers = _last(session, ids), _writers(session, ids)
    open_items = _open_items(session, [ticket.claim_id for ticket in tickets if ticket.claim_id is not None])
    lost = set(session.scalars(_lost(ids)))
    clocks, tagged = next_clocks(session, tickets), tags(session, ids)
    return [
        Row(
            ticket=ticket,
            last=last.get(ticket.id),
            writer=writers.get(ticket.id, ""),
            items_in=open_items.get(ticket.claim_id or 0, (0, 0))[0],
            items_asked=open_items.get(ticket.claim_id or 0, (0, 0))[1],
            not_reached=ticket.id in lost,
            clock=clocks.get(ticket.id),
            tags=tagged.get(ticket.id, ()),
        )
        for ticket in tickets
    ]


def next_clocks(session: Session, tickets: Sequence[Ticket]) -> dict[int, Clock]:
    """The next clock due of each ticket, its claim's counted in."""
    claims = {ticket.claim_id for ticket in tickets if ticket.claim_id is not None}
    query = select(Clock).where(
        Clock.state.in_(_TICKING),
        or_(Clock.ticket_id.in_([ticket.id for ticket in tickets]), Clock.claim_id.in_(claims)),
    )
    by_ticket: dict[int, Clock] = {}
    by_claim: dict[int, Clock] = {}
    for clock in session.scalars(query.order_by(Clock.due_at.desc(), Clock.id.desc())):
        if clock.ticket_id is not None:
            by_ticket[clock.ticket_id] = clock
        if clock.claim_id is not None:
            by_claim[clock.claim_id] = clock
    found = {}
    for ticket in tickets:
        its = [each for each in (by_ticket.get(ticket.id), by_claim.get(ticket.claim_id or 0)) if each is not None]
        if its:
            found[ticket.id] = min(its, key=lambda clock: clock.due_at)
    return found


def claim_clocks(session: Session, claim_ids: Sequence[int]) -> dict[int, Clock]:
    """The legal clock of each claim that ends first."""
    query = select(Clock).where(Clock.claim_id.in_(claim_ids), Clock.statutory, Clock.state.in_(_TICKING))
    found = session.scalars(query.order_by(Clock.due_at.desc()))
    return {clock.claim_id: clock for clock in found if clock.claim_id is not None}


def tickets_of(session: Session, claim: Claim) -> list[Ticket]:
    """The tickets of a claim that everybody may see, oldest first."""
    query = select(Ticket).where(Ticket.claim_id == claim.id, Ticket.restricted.is_(False)).order_by(Ticket.id)
    return list(session.scalars(query))


def ticket_of(session: Session, claim: Claim) -> Ticket | None:
    """The newest ticket of a claim that everybody may see."""
    return next(reversed(tickets_of(session, claim)), None)


def _last(session: Session, ticket_ids: Sequence[int]) -> dict[int, Said]:
    newest = select(func.max(Message.id)).where(Message.ticket_id.in_(ticket_ids)).group_by(Message.ticket_id)
    words = case((Message.new_text != "", Message.new_text), else_=Message.text)
    query = select(
        Message.ticket_id, Message.medium, Message.direction, Message.language, func.substr(words, 1, _BEGINNING)
    ).where(Message.id.in_(newest))
    return {
        key: Said(medium=medium, direction=direction, language=language, beginning=beginning)
        for key, medium, direction, language, beginning in session.execute(query)
    }


def _writers(session: Session, ticket_ids: Sequence[int]) -> dict[int, str]:
    """How who wrote last from outside calls himself."""
    came = (
        select(func.max(Message.id))
        .where(Message.ticket_id.in_(ticket_ids), Message.direction == Direction.IN, Message.channel != DESK)
        .group_by(Message.ticket_id)
    )
    query = select(Message.ticket_id, Message.from_name, Message.from_address).where(Message.id.in_(came))
    return {key: name or address or "" for key, name, address in session.execute(query)}


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


def conversation(session: Session, ref: str, *, restricted: bool = False) -> Conversation:
    """One ticket with its timeline; raises `UnknownReferenceError`, also for one that is not to be seen."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.ref == ref, true() if restricted else Ticket.restricted.is_(False))
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
            .where(on_ticket(ticket.id))
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


def last_message_id(session: Session, ref: str) -> int | None:
    """The newest message on a ticket; None for a ticket without one."""
    query = select(func.max(Message.id)).join(Ticket, Ticket.id == Message.ticket_id).where(Ticket.ref == ref)
    return session.scalar(query)


def message(session: Session, message_id: int, *, restricted: bool = False) -> Message:
    """One message with how it arrived; raises `UnknownReferenceError`, also for one that is not to be seen."""
    found = session.scalar(
        select(Message).where(Message.id == message_id).options(joinedload(Message.arrival), joinedload(Message.ticket))
    )
    if found is None or (found.ticket.restricted and not restricted):
        raise UnknownReferenceError(f"there is no message {message_id}")
    return found


def file(session: Session, file_id: int, *, restricted: bool = False) -> tuple[MessageFile, Message]:
    """A file and the message it came in; raises `UnknownReferenceError`, also for one that is not to be seen."""
    found = session.scalar(
        select(MessageFile)
        .where(MessageFile.id == file_id)
        .options(
            joinedload(MessageFile.message).joinedload(Message.arrival),
            joinedload(MessageFile.message).joinedload(Message.ticket),
        )
    )
    if found is None or (found.message.ticket.restricted and not restricted):
        raise UnknownReferenceError(f"there is no file {file_id}")
    return found, found.message


def suggested(session: Session, message_id: int) -> list[Link]:
    """What a message may belong to, for a person to choose."""
    query = select(Link).where(
        Link.message_id == message_id, Link.state.in_((LinkState.SUGGESTED, LinkState.UNVERIFIED))
    )
    return list(session.scalars(query.order_by(Link.score.desc())))

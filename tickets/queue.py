"""The queue: which tickets people see in which view, and how many each view holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Boolean, ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from tickets.errors import UnknownReferenceError
from tickets.messages import DeliveryState
from tickets.models import (
    Arrival,
    ArrivalState,
    ChannelState,
    Claim,
    Clock,
    ClockState,
    Decision,
    DecisionState,
    Mention,
    Message,
    OutboxDelivery,
    SavedView,
    Ticket,
    TicketState,
    TicketTag,
)
from tickets.outbox import TAKEN_BACK
from tickets.statements import beside, one_of

Condition: TypeAlias = ColumnElement[bool]
Horizon: TypeAlias = datetime | ColumnElement[datetime]
_DONE = (TicketState.CLOSED, TicketState.RESOLVED, TicketState.MERGED, TicketState.DISCARDED)
_UNFINISHED = tuple(state for state in TicketState if state not in _DONE)
#: Until then a clock ends soon.
SOON = bindparam("soon", type_=Clock.due_at.type)
TICKING = (ClockState.RUNNING, ClockState.BREACHED)
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


#: Views of what hangs on few tickets, whatever their state.
_OF_FEW = (View.MENTIONED, View.UNKNOWN)
#: What is due within so many days stands in the view of what is due.
DUE_DAYS = 3
_LONGEST_KEY = 18  #: Digits.
LONGEST = 365  #: Days within which a clock may be asked for.


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


def count(session: Session, view: View, looking: Looking, only: Filter) -> int:
    """How many tickets a narrowed view holds."""
    return counted(session, looking, [(view, only)])[0]


def counted(session: Session, looking: Looking, views: Sequence[tuple[View, Filter]]) -> list[int]:
    """How many tickets each of these narrowed views holds, asked at once."""
    if not views:
        return []
    each = (
        select(func.count()).select_from(Ticket).where(in_view(view), *narrowed(only, looking)).scalar_subquery()
        for view, only in views
    )
    return list(session.execute(select(*each), looking.values()).one())


def refs(session: Session, view: View, looking: Looking, only: Filter, *, limit: int) -> list[str]:
    """The references of a narrowed view's tickets, for a move on all of them."""
    query = select(Ticket.ref).where(in_view(view), *narrowed(only, looking)).order_by(Ticket.id)
    return list(session.scalars(query.limit(limit), looking.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What waits, in numbers: what every page shows at its side."""

    counts: Mapping[View, int]
    quarantined: int  #: Arrivals people have to look at.
    approvals: int  #: Decisions that wait for a second person.
    troubles: int  #: Channels that cannot be used now.
    saved: int  #: Views that have been given a name, by anybody.


def overview(session: Session, looking: Looking) -> Overview:
    """How many tickets each view holds, and what waits beside them, asked at once."""
    found = session.execute(_counting(), looking.values()).one()._mapping  # noqa: SLF001 - SQLAlchemy's public name
    return Overview(
        counts={view: found[view] for view in View if view is not View.DONE},
        quarantined=found["quarantined"],
        approvals=found["approvals"],
        troubles=found["troubles"],
        saved=found["saved"],
    )


def counts(session: Session, looking: Looking) -> Mapping[View, int]:
    """How many tickets each view holds."""
    return overview(session, looking).counts


@cache
def _counting() -> Select[Any]:
    """Each view by the shortest way to its tickets, together in one statement."""
    beside = {
        "quarantined": select(func.count(Arrival.id)).where(one_of(Arrival.state, ArrivalState.QUARANTINED)),
        "approvals": select(func.count(Decision.id)).where(one_of(Decision.state, DecisionState.PROPOSED)),
        "troubles": select(func.count(ChannelState.name)).where(ChannelState.failing_since.is_not(None)),
        "saved": select(func.count(SavedView.id)),
    }
    views = {str(view): _number(view) for view in View if view is not View.DONE}
    return select(*(query.scalar_subquery().label(name) for name, query in {**views, **beside}.items()))


def _number(view: View) -> Select[Any]:
    """How many tickets a view holds, by the shortest way to them."""
    number = select(func.count())
    if view is View.DUE:  # a filter of the number: as a condition it would take SQLite to each ticket's row
        return select(func.count().filter(_is_due(SOON))).select_from(Ticket).where(*unfinished())
    if view is View.NOT_REACHED:
        hung = _with_delivery(_NOT_REACHED).distinct().subquery()
        return number.select_from(hung).join(Ticket, Ticket.id == hung.c[0]).where(in_view(view))
    return number.select_from(Ticket).where(in_view(view))


def quarantined(session: Session) -> list[Arrival]:
    """The arrivals people have to look at, oldest first."""
    query = select(Arrival).where(Arrival.state == ArrivalState.QUARANTINED).order_by(Arrival.id)
    return list(session.scalars(query))


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


def states_of(view: View) -> tuple[TicketState, ...]:
    """The states that a view's tickets may be in."""
    if view in _OF_FEW:
        return tuple(TicketState)
    if view is View.WAITING:
        return (TicketState.WAITING_CUSTOMER,)
    return _DONE if view is View.DONE else _UNFINISHED


@cache
def in_view(view: View) -> Condition:
    """What a view holds, as its line in the table below says; filled with `Looking.values`."""
    now = bindparam("now", type_=Ticket.snoozed_until.type)
    awake = or_(Ticket.snoozed_until.is_(None), Ticket.snoozed_until <= now)
    seen, open_ = unfinished()
    open_now, waits = and_(open_, awake), one_of(Ticket.state, TicketState.WAITING_CUSTOMER)
    held = {
        View.MINE: and_(open_now, Ticket.owner_id == bindparam("staff_id"), ~waits),
        View.TEAM: and_(open_now, ~waits),
        View.WAITING: and_(waits, awake),
        View.DUE: and_(open_, _is_due(SOON)),
        View.NOT_REACHED: and_(open_now, _has_delivery(_NOT_REACHED)),
        View.UNLINKED: and_(open_now, Ticket.claim_id.is_(None)),
        View.MENTIONED: _is_mentioned(),
        View.SNOOZED: and_(open_, Ticket.snoozed_until > now),
        View.UNKNOWN: _has_delivery((DeliveryState.UNKNOWN,)),
        View.DONE: one_of(Ticket.state, *_DONE),
    }
    return and_(seen, held[view])


def unfinished() -> tuple[Condition, Condition]:
    """What whoever looks may see, of the tickets that are not done."""
    seen = or_(Ticket.restricted.is_(False), bindparam("restricted", type_=Boolean()))
    return seen, one_of(Ticket.state, *_UNFINISHED)


def _is_due(horizon: Horizon) -> Condition:
    """A clock of the ticket or of its claim ends before a moment."""
    by_ticket, by_claim = (
        select(column).where(one_of(Clock.state, *TICKING), Clock.due_at <= horizon, column.is_not(None))
        for column in (Clock.ticket_id, Clock.claim_id)
    )
    return or_(Ticket.id.in_(by_ticket), Ticket.claim_id.in_(by_claim))


def _is_mentioned() -> Condition:
    named = (
        select(Message.ticket_id)
        .join(Mention, Mention.message_id == Message.id)
        .where(Mention.staff_id == bindparam("staff_id"), Mention.seen_at.is_(None))
    )
    return Ticket.id.in_(named)


def narrowed(only: Filter, looking: Looking) -> Iterator[Condition]:
    """What a filter leaves in."""
    if only.type:
        yield exists(select(Claim.id).where(Claim.id == Ticket.claim_id, beside(Claim.type) == only.type))
    if only.tag:
        yield Ticket.id.in_(select(TicketTag.ticket_id).where(TicketTag.tag == only.tag))
    if only.owner == "none":
        yield Ticket.owner_id.is_(None)
    elif only.owner:
        yield Ticket.owner_id == (looking.staff_id if only.owner == "me" else _key(only.owner))
    if only.kind:
        yield beside(Ticket.kind) == only.kind
    if only.medium:
        yield exists(select(Message.id).where(Message.ticket_id == Ticket.id, Message.medium == only.medium))
    if only.due.isdecimal():
        yield _is_due(looking.now + timedelta(days=min(int(only.due), LONGEST)))


def _key(written: str) -> int:
    """The key of a row; 0, which none has, for what is no number or longer than a store's keys."""
    return int(written) if written.isdecimal() and len(written) <= _LONGEST_KEY else 0


def _has_delivery(states: Sequence[DeliveryState]) -> Condition:
    return Ticket.id.in_(_with_delivery(states))


def _with_delivery(states: Sequence[DeliveryState]) -> Select[Any]:
    return (
        select(Message.ticket_id)
        .join(OutboxDelivery, OutboxDelivery.message_id == Message.id)
        .where(one_of(OutboxDelivery.state, *states), _was_meant_to_leave())
    )


def is_lost() -> Condition:
    """Something on the ticket has not reached whom it was for."""
    return exists(
        select(OutboxDelivery.id)
        .join(Message, Message.id == OutboxDelivery.message_id)
        .where(Message.ticket_id == Ticket.id, one_of(OutboxDelivery.state, *_NOT_REACHED), _was_meant_to_leave())
    )


def _was_meant_to_leave() -> Condition:
    """What its writer took back has not missed anybody."""
    return or_(OutboxDelivery.detail.is_(None), OutboxDelivery.detail != TAKEN_BACK)


def claim_clocks(session: Session, claim_ids: Sequence[int]) -> dict[int, Clock]:
    """The legal clock of each claim that ends first."""
    query = select(Clock).where(Clock.claim_id.in_(claim_ids), Clock.statutory, one_of(Clock.state, *TICKING))
    found = session.scalars(query.order_by(Clock.due_at.desc()))
    return {clock.claim_id: clock for clock in found if clock.claim_id is not None}


def tickets_of(session: Session, claim: Claim) -> list[Ticket]:
    """The tickets of a claim that everybody may see, oldest first."""
    query = select(Ticket).where(Ticket.claim_id == claim.id, Ticket.restricted.is_(False)).order_by(Ticket.id)
    return list(session.scalars(query))


def ticket_of(session: Session, claim: Claim) -> Ticket | None:
    """The newest ticket of a claim that everybody may see."""
    return next(reversed(tickets_of(session, claim)), None)

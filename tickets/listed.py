"""Listed tickets: what a list shows of each, one page of a view at a time, with a fixed number of queries."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    union,
    union_all,
)
from sqlalchemy import Row as Found
from sqlalchemy.orm import Session, aliased

from tickets.conversation import DESK
from tickets.messages import Medium
from tickets.models import (
    WAITING,
    Claim,
    Clock,
    ClockState,
    Direction,
    Message,
    Party,
    Request,
    RequestItem,
    Requirement,
    Ticket,
    TicketTag,
)
from tickets.queue import (
    DUE_DAYS,
    EVERYTHING,
    LONGEST,
    TICKING,
    Condition,
    Filter,
    Looking,
    View,
    in_view,
    is_lost,
    narrowed,
    states_of,
    unfinished,
)
from tickets.requirements import RequirementState
from tickets.statements import among, one_of
from tickets.work import tags

Statement: TypeAlias = "Select[*tuple[Any, ...]]"
_BEGINNING = 160  #: Letters of a message that a line shows where there is no subject.
#: Of the clocks that end first so many are looked at for each line, before all tickets are sorted by theirs.
_CLOCKS_EACH = 4
#: What is asked for and has not come.
_OUT = (RequirementState.ASKED, RequirementState.NEEDED, RequirementState.MAYBE, RequirementState.REJECTED)
#: A view of fewer tickets is sorted by their clocks; what no more of all tickets fit is looked for among these.
_FEW = 1_000
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_UNTIL = bindparam("until", type_=Clock.due_at.type)
_SORT_NOTHING, _SORT_AGAIN = text("set local enable_sort = off"), text("set local enable_sort = on")
_NEWEST = (Ticket.last_message_at.desc(), Ticket.id.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a line shows of the last message."""

    medium: Medium
    direction: Direction
    language: str | None
    beginning: str  #: Of its words; a whole letter is not read for one line.


@dataclass(frozen=True, slots=True, kw_only=True)
class NextClock:
    """The clock that ends next."""

    key: str
    state: ClockState
    due_at: datetime
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a list: the ticket, its last message and what is open on its request."""

    ticket_id: int
    ref: str
    subject: str
    claim_ref: str | None
    name: str  #: Of the claimant, else of whom we know there, else as who wrote last calls himself; "" if nobody did.
    owner_id: int | None
    unread: bool
    at: datetime  #: When something was said last.
    last: Said | None
    items_in: int
    items_asked: int
    not_reached: bool
    clock: NextClock | None = None  #: The next one due, on the ticket or its claim.
    tags: tuple[str, ...] = ()

    @property
    def place(self) -> "Place":
        """Where a page ends that ends with it."""
        return Place(at=self.at, ticket_id=self.ticket_id)


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
    wanted = _Wanted(view, looking, *_without_rare(session, only))
    if wanted.rare == []:
        return []
    if by_clock:
        return _described(session, _of(session, _first_due(session, wanted, limit=limit)))
    build = _older if after else _newer
    values = wanted.values() | {"limit": limit}
    values |= {"at": after.at, "key": after.ticket_id} if after else {}
    return _described(session, session.execute(wanted.statement(build), values).all())


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for: a view, who looks, what narrows it, and the tickets it can be of where these are few."""

    view: View
    looking: Looking
    only: Filter
    rare: Sequence[int] | None

    def values(self) -> dict[str, Any]:
        """What its statements are filled with."""
        return self.looking.values() | ({} if self.rare is None else {"rare": self.rare})

    def statement(self, build: "_Build", only: Filter | None = None) -> Statement:
        """A view that nothing narrows is asked for all the time: its statement is put together once."""
        only = self.only if only is None else only
        if only == EVERYTHING and self.rare is None:
            return _usual(build, self.view)
        few = () if self.rare is None else (among(Ticket.id, "rare"),)
        return build(self.view, (in_view(self.view), *few, *narrowed(only, self.looking)))


def _without_rare(session: Session, only: Filter) -> tuple[Filter, list[int] | None]:
    """The filter without the first word that few tickets fit, and these: a walk over the view would pass all others."""
    for name, query in _fitting(session, only):
        found = session.scalars(query.limit(_FEW + 1)).all()
        if len(found) <= _FEW:
            return replace(only, **{name: ""}), list(dict.fromkeys(found))
    return only, None


def _fitting(session: Session, only: Filter) -> Iterator[tuple[str, Select[int]]]:
    """By each word of a filter, the tickets that fit, from an index."""
    if only.tag:
        yield "tag", select(TicketTag.ticket_id).where(TicketTag.tag == only.tag)
    if only.kind:
        yield "kind", select(Ticket.id).where(Ticket.kind == only.kind)
    if only.medium:
        yield "medium", select(Message.ticket_id).where(Message.medium == only.medium)
    if only.type:
        claims = session.scalars(select(Claim.id).where(Claim.type == only.type).limit(_FEW + 1)).all()
        if len(claims) <= _FEW:
            yield "type", select(Ticket.id).where(Ticket.claim_id.in_(claims))


_Build = Callable[[View, tuple[Condition, ...]], Statement]


@cache
def _usual(build: _Build, view: View) -> Statement:
    return build(view, (in_view(view),))


# --- which tickets


def _newer(view: View, conditions: tuple[Condition, ...]) -> Statement:
    page = _newest(view, conditions)
    return _lines().join(page, page.c.id == Ticket.id).order_by(*_NEWEST)


def _older(view: View, conditions: tuple[Condition, ...]) -> Statement:
    at, key = bindparam("at", type_=Ticket.last_message_at.type), bindparam("key", type_=Ticket.id.type)
    before = or_(Ticket.last_message_at < at, and_(Ticket.last_message_at == at, Ticket.id < key))
    return _newer(view, (*conditions, Ticket.last_message_at <= at, before))


def _newest(view: View, conditions: tuple[Condition, ...]) -> Subquery:
    """The keys of a view's newest tickets: the newest of each state, which an index holds in order, and no others."""
    limit = bindparam("limit", type_=Integer())
    of_states = (
        select(Ticket.id, Ticket.last_message_at)
        .where(one_of(Ticket.state, state), *conditions)
        .order_by(*_NEWEST)
        .limit(limit)
        .subquery()
        for state in states_of(view)
    )
    them = union_all(*(select(each) for each in of_states)).subquery()
    return select(them.c.id).order_by(them.c.last_message_at.desc(), them.c.id.desc()).limit(limit).subquery()


def _first_due(session: Session, wanted: _Wanted, *, limit: int) -> list[int]:
    """The tickets whose next clock ends first, then those without one, the newest first.

    The clocks are walked in the order in which they end until there are enough; only a small view, or one whose tickets
    have many clocks each, is sorted as a whole.
    """
    view, until = wanted.view, _horizon(wanted)
    sorted_whole = _all_by_clock if until == _NEVER else _all_due
    endless = replace(wanted.only, due="")  # the clocks that are looked at say themselves what is due
    values = wanted.values() | {"limit": limit, "window": limit * _CLOCKS_EACH, "few": _FEW, "until": until}
    if view is not View.DUE and session.execute(wanted.statement(_beginning, endless), values).scalar_one() < _FEW:
        return list(session.scalars(wanted.statement(sorted_whole, endless), values))
    with _kept_in_order(session):
        found = session.execute(wanted.statement(_ending, endless), values).all()
    certain, is_all = _certain(found, limit * _CLOCKS_EACH)
    if not is_all and len(certain) < limit:
        return list(session.scalars(wanted.statement(sorted_whole, endless), values))
    if len(certain) < limit and until == _NEVER:
        values["certain"] = certain
        certain += session.scalars(wanted.statement(_others, endless), values)
    return certain[:limit]


@contextmanager
def _kept_in_order(session: Session) -> Iterator[None]:
    """Keep PostgreSQL to a walk: it expects few of the clocks' tickets in a view, and would sort those of all."""
    if session.get_bind().dialect.name == "sqlite":
        yield
        return
    session.execute(_SORT_NOTHING)
    yield
    session.execute(_SORT_AGAIN)


def _horizon(wanted: _Wanted) -> datetime:
    """Until when a clock of what is wanted has to end."""
    due, now = wanted.only.due, wanted.looking.now
    days = ([DUE_DAYS] if wanted.view is View.DUE else []) + ([min(int(due), LONGEST)] if due.isdecimal() else [])
    return now + timedelta(days=min(days)) if days else _NEVER


def _certain(found: Sequence[Any], window: int) -> tuple[list[int], bool]:
    """The tickets of the clocks that end before any that was not looked at, in order; and whether those are all."""
    numbers, ends = Counter(way for way, _, _ in found), {way: due for way, _, due in found}
    cut = min((ends[way] for way, number in numbers.items() if number >= window), default=None)
    return list(dict.fromkeys(key for _, key, due in found if cut is None or due < cut)), cut is None


def _beginning(_view: View, conditions: tuple[Condition, ...]) -> Statement:
    """How many tickets there are, as far as few are counted."""
    few = select(Ticket.id).where(*conditions).limit(bindparam("few", type_=Integer())).subquery()
    return select(func.count()).select_from(few)


def _ending(view: View, conditions: tuple[Condition, ...]) -> Statement:
    """Clocks that end first, with their tickets: by state and by what they hang on, each in the order of an index."""
    if view is View.DUE:
        conditions = (*unfinished(), *conditions[1:])
    ways = [
        (state, theirs)
        for state in TICKING
        for theirs in (Clock.ticket_id == Ticket.id, Clock.claim_id == Ticket.claim_id)
    ]
    of_ways = (
        select(literal(way).label("way"), Ticket.id, Ticket.last_message_at, Clock.due_at)
        .join(Clock, theirs)
        .where(one_of(Clock.state, state), Clock.due_at <= _UNTIL, *conditions)
        .order_by(Clock.due_at)
        .limit(bindparam("window"))
        .subquery()
        for way, (state, theirs) in enumerate(ways)
    )
    them = union_all(*(select(each) for each in of_ways)).subquery()
    newest = (them.c.last_message_at.desc(), them.c.id.desc())
    return select(them.c.way, them.c.id, them.c.due_at).order_by(them.c.due_at, *newest)


def _all_by_clock(_view: View, conditions: tuple[Condition, ...]) -> Statement:
    """By the earlier of the ticket's and its claim's next clock; tickets without one last."""
    query = select(Ticket.id).where(*conditions).order_by(_earlier().nulls_last(), *_NEWEST)
    return query.limit(bindparam("limit"))


def _all_due(view: View, conditions: tuple[Condition, ...]) -> Statement:
    """The same of those that have a clock which ends in time."""
    return _all_by_clock(view, (*conditions, _earlier() <= _UNTIL))


def _earlier() -> ColumnElement[Any]:
    """When the next clock of a ticket or its claim ends: both looked up once a ticket, which a comparison would not."""
    ends = union_all(
        *(
            select(Clock.due_at).where(one_of(Clock.state, *TICKING), column == its).correlate(Ticket)
            for column, its in ((Clock.ticket_id, Ticket.id), (Clock.claim_id, Ticket.claim_id))
        )
    ).subquery()
    return select(func.min(ends.c.due_at)).scalar_subquery()


def _others(view: View, conditions: tuple[Condition, ...]) -> Statement:
    page = _newest(view, (*conditions, not_(among(Ticket.id, "certain"))))
    return select(Ticket.id).join(page, page.c.id == Ticket.id).order_by(*_NEWEST)


# --- what a list shows of them


@cache
def _lines() -> Statement:
    claimant, party = aliased(Party), aliased(Party)
    return (
        select(
            Ticket.id,
            Ticket.ref,
            Ticket.subject,
            Ticket.claim_id,
            Ticket.owner_id,
            Ticket.unread,
            Ticket.last_message_at,
            Claim.ref.label("claim_ref"),
            func.coalesce(claimant.name, party.name).label("name"),
            is_lost().label("not_reached"),
        )
        .outerjoin(Claim, Claim.id == Ticket.claim_id)
        .outerjoin(claimant, claimant.id == Claim.claimant_id)
        .outerjoin(party, party.id == Ticket.party_id)
    )


@cache
def _lines_of() -> Statement:
    return _lines().where(among(Ticket.id, "ids"))


def _of(session: Session, ids: Sequence[int]) -> list[Found[Any]]:
    """Read these tickets, in this order."""
    found = {each.id: each for each in session.execute(_lines_of(), {"ids": ids})}
    return [found[key] for key in ids if key in found]


def _described(session: Session, lines: Sequence[Found[Any]]) -> list[Row]:
    """Join a page of tickets with their last messages and open requests, a set at a time."""
    if not lines:
        return []
    last, writers = _last(session, lines)
    claims_of = {each.id: each.claim_id for each in lines}
    open_items = _open_items(session, [each for each in claims_of.values() if each is not None])
    clocks, tagged = next_clocks(session, claims_of), tags(session, list(claims_of))
    return [
        Row(
            ticket_id=each.id,
            ref=each.ref,
            subject=each.subject,
            claim_ref=each.claim_ref,
            name=each.name or writers.get(each.id, ""),
            owner_id=each.owner_id,
            unread=each.unread,
            at=each.last_message_at,
            last=last.get(each.id),
            items_in=open_items.get(each.claim_id, (0, 0))[0],
            items_asked=open_items.get(each.claim_id, (0, 0))[1],
            not_reached=each.not_reached,
            clock=clocks.get(each.id),
            tags=tuple(tagged.get(each.id, ())),
        )
        for each in lines
    ]


def _last(session: Session, lines: Sequence[Found[Any]]) -> tuple[dict[int, Said], dict[int, str]]:
    """The last message of each, and how who wrote last calls himself where we know nobody."""
    last: dict[int, Said] = {}
    writers: dict[int, str] = {}
    values = {"ids": [each.id for each in lines], "nameless": [each.id for each in lines if not each.name]}
    for each in session.execute(_last_messages(), values):
        last[each.ticket_id] = Said(
            medium=each.medium, direction=each.direction, language=each.language, beginning=each.beginning
        )
        if each.direction is Direction.IN and each.channel != DESK:
            writers[each.ticket_id] = each.from_name or each.from_address or ""
    return last, writers


@cache
def _last_messages() -> Statement:
    """Of each ticket the last message; where we know nobody, also the last that came from outside. Oldest first."""
    newest, came = (
        select(func.max(Message.id)).where(among(Message.ticket_id, name), *conditions).group_by(Message.ticket_id)
        for name, conditions in (
            ("ids", ()),
            ("nameless", (Message.direction == Direction.IN, Message.channel != DESK)),
        )
    )
    words = case((Message.new_text != "", Message.new_text), else_=Message.text)
    said = (Message.medium, Message.direction, Message.language, func.substr(words, 1, _BEGINNING).label("beginning"))
    by = (Message.channel, Message.from_name, Message.from_address)
    return select(Message.ticket_id, *said, *by).where(Message.id.in_(union(newest, came))).order_by(Message.id)


def next_clocks(session: Session, claims_of: Mapping[int, int | None]) -> dict[int, NextClock]:
    """The next clock due of each ticket, its claim's counted in; `claims_of` names each ticket's claim."""
    values = {"tickets": list(claims_of), "claims": list({each for each in claims_of.values() if each is not None})}
    by_ticket: dict[int | None, NextClock] = {}
    by_claim: dict[int | None, NextClock] = {}
    found_clocks = session.execute(_clocks_due(), values).all()
    for each in sorted(found_clocks, key=lambda each: (each.due_at, each.id), reverse=True):
        clock = NextClock(key=each.key, state=each.state, due_at=each.due_at, due_on=each.due_on)
        by_ticket[each.ticket_id], by_claim[each.claim_id] = clock, clock
    by_ticket.pop(None, None), by_claim.pop(None, None)
    found = {key: (by_ticket.get(key), by_claim.get(claim_id)) for key, claim_id in claims_of.items()}
    first = {key: min(filter(None, its), key=lambda each: each.due_at, default=None) for key, its in found.items()}
    return {key: clock for key, clock in first.items() if clock is not None}


@cache
def _clocks_due() -> Statement:
    """Two queries put together: of one with "or" SQLite makes a walk over every clock that runs."""
    columns = (Clock.id, Clock.ticket_id, Clock.claim_id, Clock.key, Clock.state, Clock.due_at, Clock.due_on)
    of_tickets, of_claims = (
        select(*columns).where(one_of(Clock.state, *TICKING), among(column, name))
        for column, name in ((Clock.ticket_id, "tickets"), (Clock.claim_id, "claims"))
    )
    both = union(of_tickets, of_claims).subquery()
    return select(both)


def _open_items(session: Session, claim_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Claim to (items in, items asked) of the request open on it."""
    found = session.execute(_items_asked(), {"claims": claim_ids}) if claim_ids else ()
    return {claim_id: (asked - out, asked) for claim_id, asked, out in found}


@cache
def _items_asked() -> Statement:
    return (
        select(Request.claim_id, func.count(), func.count().filter(one_of(Requirement.state, *_OUT)))
        .join(RequestItem, RequestItem.request_id == Request.id)
        .join(Requirement, Requirement.id == RequestItem.requirement_id)
        .where(among(Request.claim_id, "claims"), one_of(Request.state, *WAITING))
        .group_by(Request.claim_id)
    )

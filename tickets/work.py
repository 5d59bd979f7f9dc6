"""The team's work on tickets: whose each is, when it comes back, its tags, mentions and presence, what is next."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product

from sqlalchemy import ColumnElement, bindparam, delete, or_, select
from sqlalchemy.orm import Session, joinedload

from tickets import deadlines, history, ticket_moves
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import (
    Claim,
    Clock,
    Mention,
    Message,
    Presence,
    ReplyDraft,
    SavedView,
    Staff,
    Ticket,
    TicketState,
    TicketTag,
)
from tickets.office import Office
from tickets.parties import fold
from tickets.queue import TICKING
from tickets.statements import among, one_of

#: A ticket that waits for a reply alone comes back by itself after this long.
LONGEST_SNOOZE = timedelta(days=365)
#: A page that was closed is noticed so soon; pages say twice as often that they are open.
PRESENT_FOR = timedelta(seconds=10)
_LONGEST_TAG, _MOST_TAGS, _LONGEST_NAME = 40, 20, 60
_MENTION = re.compile(r"@([\w.-]+(?: [\w.-]+)?)")

#: What every page asks is put together once.
_TAGS = select(TicketTag.ticket_id, TicketTag.tag).where(among(TicketTag.ticket_id, "tickets")).order_by(TicketTag.tag)
_PRESENT = (
    select(Presence.ticket_id, Presence.staff_id, Presence.writes)
    .where(Presence.until > bindparam("now"))
    .order_by(Presence.ticket_id, Presence.staff_id)
)
_UNSEEN = (
    select(Mention)
    .join(Message, Message.id == Mention.message_id)
    .where(Mention.staff_id == bindparam("staff"), Mention.seen_at.is_(None))
)
_NEWS = select(or_(Ticket.unread, _UNSEEN.where(Message.ticket_id == Ticket.id).exists())).where(
    Ticket.ref == bindparam("ref")
)
_VIEWS = (
    select(SavedView).where(or_(SavedView.staff_id == bindparam("staff"), SavedView.shared)).order_by(SavedView.name)
)


class Snooze(StrEnum):
    """What brings a ticket back, beside any answer."""

    TIME = "time"
    REPLY = "reply"
    ITEM = "item"
    CLOCK = "clock"


def hand_over(session: Session, office: Office, ticket: Ticket, to: Staff | None, *, actor: str, now: datetime) -> None:
    """Give a ticket to somebody, or to nobody; a claim without an owner follows it."""
    if to is not None and not to.active:
        raise GuardError(f"{to.name} does not work here any more", ro=f"{to.name} nu mai lucrează aici")
    ticket.owner_id = to.id if to else None
    if to is not None and ticket.state in (TicketState.NEW, TicketState.TRIAGED):
        cause = Cause(actor=actor, at=now, reason="handed over")
        ticket_moves.follow(session, ticket, TicketState.IN_PROGRESS, cause=cause)
    deadlines.happened(session, office, "ticket.triaged", ticket=ticket, at=now, now=now)
    history.record(session, "ticket.handed_over", actor=actor, at=now, ticket=ticket, to=to.id if to else None)


def snooze(
    session: Session, ticket: Ticket, until: datetime | None, *, reason: Snooze, actor: str, now: datetime
) -> None:
    """Take a ticket out of the views until a moment; any message on it brings it back before."""
    if until is None and reason in (Snooze.TIME, Snooze.CLOCK):
        raise GuardError("say until when")
    if until is not None and until <= now:
        raise GuardError("that moment has passed: choose a later one")
    ticket.snoozed_until, ticket.snoozed_for = until or now + LONGEST_SNOOZE, reason
    history.record(
        session, "ticket.snoozed", actor=actor, at=now, ticket=ticket, until=ticket.snoozed_until.isoformat(),
        reason=reason,
    )  # fmt: skip


def wake(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """Bring a ticket back into the views."""
    if ticket.snoozed_until is None:
        return
    ticket.snoozed_until = ticket.snoozed_for = None
    history.record(session, "ticket.woken", actor=actor, at=now, ticket=ticket)


def resolve(session: Session, office: Office, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """Mark a ticket as done; a new message reopens it. Raises `GuardError` for one that went into another."""
    if ticket.state in (TicketState.MERGED, TicketState.DISCARDED):
        raise GuardError(
            f"{ticket.ref} is {ticket.state}: there is nothing to resolve",
            ro=f"{ticket.ref} este {ticket.state}: nu este nimic de rezolvat",
            guard="states",
        )
    ticket_moves.follow(session, ticket, TicketState.RESOLVED, cause=Cause(actor=actor, at=now, reason="resolved"))
    ticket.unread = False
    deadlines.happened(session, office, "ticket.resolved", ticket=ticket, at=now, now=now)
    history.record(session, "ticket.resolved", actor=actor, at=now, ticket=ticket)


# --- tags


def tag(session: Session, ticket: Ticket, words: Iterable[str], *, actor: str, now: datetime) -> None:
    """Make a ticket's tags exactly these words."""
    wanted = sorted({clean for word in words if (clean := " ".join(word.lower().split())[:_LONGEST_TAG])})
    if len(wanted) > _MOST_TAGS:
        raise GuardError(
            f"a ticket holds at most {_MOST_TAGS} tags", ro=f"un tichet are cel mult {_MOST_TAGS} etichete"
        )
    session.execute(delete(TicketTag).where(TicketTag.ticket_id == ticket.id, TicketTag.tag.not_in(wanted)))
    held = set(session.scalars(select(TicketTag.tag).where(TicketTag.ticket_id == ticket.id)))
    session.add_all(TicketTag(ticket=ticket, tag=word) for word in wanted if word not in held)
    history.record(session, "ticket.tagged", actor=actor, at=now, ticket=ticket, tags=wanted)


def tags(session: Session, ticket_ids: Sequence[int]) -> dict[int, list[str]]:
    """The tags of each ticket, in the order of the alphabet."""
    found: dict[int, list[str]] = {}
    for key, word in session.execute(_TAGS, {"tickets": ticket_ids}):
        found.setdefault(key, []).append(word)
    return found


def tags_in_use(session: Session, *, beginning: str, limit: int) -> list[str]:
    """Tags that stand on any ticket and begin so, in the order of the alphabet."""
    query = select(TicketTag.tag).where(TicketTag.tag.startswith(beginning, autoescape=True)).distinct()
    return list(session.scalars(query.order_by(TicketTag.tag).limit(limit)))


# --- mentions


def mentioned(text: str, staff: Sequence[Staff]) -> list[Staff]:
    """Whom a note names: `@Radu` where one Radu works here, `@Radu Stan`, or the address before its `@`."""
    found: dict[int, Staff] = {}
    for match in _MENTION.finditer(text):
        words = fold(match[1]).rstrip(".").split()
        fitting = _called(words, staff) or _called(words[:1], staff)
        if len(fitting) == 1:
            found[fitting[0].id] = fitting[0]
    return list(found.values())


def _called(words: Sequence[str], staff: Sequence[Staff]) -> list[Staff]:
    if not words:
        return []
    wanted = " ".join(words)
    names = {person.id: fold(person.name).split() for person in staff if person.active}
    return [
        person
        for person in staff
        if person.id in names
        and (
            wanted == " ".join(names[person.id])
            or (len(words) == 1 and wanted in (*names[person.id][:1], fold(person.email).partition("@")[0]))
        )
    ]


def mention(session: Session, message: Message, staff: Iterable[Staff]) -> None:
    """Remember whom a note names, until they have seen it."""
    session.add_all(Mention(message=message, staff_id=person.id) for person in staff)


def is_news_to(session: Session, ref: str, staff_id: int) -> bool:
    """Whether a ticket is unread, or a note on it names somebody who has not seen it yet."""
    return bool(session.scalar(_NEWS, {"ref": ref, "staff": staff_id}))


def seen(session: Session, ticket: Ticket, staff_id: int, *, now: datetime) -> None:
    """Somebody has opened a ticket: what named him there is seen."""
    for row in session.scalars(_UNSEEN.where(Message.ticket_id == ticket.id), {"staff": staff_id}):
        row.seen_at = now


# --- presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Somebody who has a ticket open."""

    staff_id: int
    writes: bool


def be_present(session: Session, ticket_id: int, staff_id: int, *, writes: bool, now: datetime) -> None:
    """Say that somebody looks at a ticket, or writes on it, now."""
    row = session.get(Presence, (ticket_id, staff_id))
    if row is None:
        session.add(Presence(ticket_id=ticket_id, staff_id=staff_id, writes=writes, until=now + PRESENT_FOR))
        session.execute(delete(Presence).where(Presence.until < now - timedelta(hours=1)))
    else:
        row.writes, row.until = writes, now + PRESENT_FOR


def leave(session: Session, ticket_id: int, staff_id: int) -> None:
    """Somebody has closed a ticket."""
    session.execute(delete(Presence).where(Presence.ticket_id == ticket_id, Presence.staff_id == staff_id))


def present(session: Session, *, now: datetime) -> dict[int, list[Present]]:
    """Who has which ticket open, by ticket."""
    found: dict[int, list[Present]] = {}
    for key, staff_id, writes in session.execute(_PRESENT, {"now": now}):
        found.setdefault(key, []).append(Present(staff_id=staff_id, writes=writes))
    return found


# --- drafts


def keep_draft(session: Session, ticket: Ticket, staff_id: int, *, medium: str, body: str, now: datetime) -> None:
    """Keep what somebody has begun to write; nothing written is no draft."""
    if not body.strip():
        drop_draft(session, ticket.id, staff_id)
        return
    row = session.get(ReplyDraft, (ticket.id, staff_id))
    if row is None:
        session.add(ReplyDraft(ticket=ticket, staff_id=staff_id, medium=medium, body=body, saved_at=now))
    else:
        row.medium, row.body, row.saved_at = medium, body, now


def drop_draft(session: Session, ticket_id: int, staff_id: int) -> None:
    """What was begun is written, or given up."""
    row = session.get(ReplyDraft, (ticket_id, staff_id))
    if row is not None:
        session.delete(row)


def draft(session: Session, ticket_id: int, staff_id: int) -> ReplyDraft | None:
    """What somebody has begun to write on a ticket."""
    return session.get(ReplyDraft, (ticket_id, staff_id))


# --- saved views


def save_view(session: Session, staff_id: int, name: str, filters: Mapping[str, str], *, shared: bool) -> SavedView:
    """Keep a filter under a name; the same name again replaces it."""
    name = " ".join(name.split())[:_LONGEST_NAME]
    if not name:
        raise GuardError("a view needs a name")
    row = session.scalar(select(SavedView).where(SavedView.staff_id == staff_id, SavedView.name == name))
    if row is None:
        row = SavedView(staff_id=staff_id, name=name)
        session.add(row)
    row.filters, row.shared = dict(filters), shared
    session.flush()  # its address carries the key
    return row


def saved_views(session: Session, staff_id: int) -> list[SavedView]:
    """One's own views, then the team's."""
    return sorted(session.scalars(_VIEWS, {"staff": staff_id}), key=lambda row: row.staff_id != staff_id)


def saved_view(session: Session, view_id: int, staff_id: int) -> SavedView:
    """One's own view or the team's; raises `UnknownReferenceError`."""
    row = session.get(SavedView, view_id)
    if row is None or not (row.shared or row.staff_id == staff_id):
        raise UnknownReferenceError(f"there is no view {view_id}")
    return row


def drop_view(session: Session, view_id: int, staff_id: int) -> None:
    """Forget a view of one's own; raises `GuardError` for somebody else's."""
    row = saved_view(session, view_id, staff_id)
    if row.staff_id != staff_id:
        raise GuardError("a team's view is dropped by who made it")
    session.delete(row)


# --- what is next


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The ticket to work on next, and the clock that makes it so; None: it is the oldest."""

    ticket: Ticket
    clock: Clock | None


def next_best(session: Session, staff_id: int, *, skip: Sequence[str] = (), now: datetime) -> Best | None:
    """The most urgent ticket that is one's own or nobody's: by legal clock, then own clocks, then age."""
    workable = (
        Ticket.state.in_((TicketState.NEW, TicketState.TRIAGED, TicketState.IN_PROGRESS, TicketState.REOPENED)),
        or_(Ticket.owner_id == staff_id, Ticket.owner_id.is_(None)),
        or_(Ticket.snoozed_until.is_(None), Ticket.snoozed_until <= now),
        Ticket.restricted.is_(False),
        Ticket.ref.not_in(skip),
    )
    for statutory in (True, False):
        urgent = _most_urgent(session, workable, statutory=statutory)
        if urgent is not None:
            return urgent
    oldest = select(Ticket).where(*workable).order_by(Ticket.priority, Ticket.last_message_at, Ticket.id).limit(1)
    ticket = session.scalar(oldest)
    return Best(ticket=ticket, clock=None) if ticket else None


def _most_urgent(session: Session, workable: Sequence[ColumnElement[bool]], *, statutory: bool) -> Best | None:
    """By the clock that ends first, a ticket's own or its claim's; one join on either would pair all with all.

    Those of each state are walked in the order of an index until one fits; only what ends at that moment is compared.
    """
    found: list[Best] = []
    for state, theirs in product(TICKING, (Clock.ticket_id == Ticket.id, Clock.claim_id == Ticket.claim_id)):
        wanted = (*workable, one_of(Clock.state, state), Clock.statutory.is_(statutory))
        first = select(Clock.due_at).join(Ticket, theirs).where(*wanted).order_by(Clock.due_at).limit(1)
        query = (
            select(Ticket, Clock)
            .join(Clock, theirs)
            .where(*wanted, Clock.due_at == first.correlate(None).scalar_subquery())
        )
        row = session.execute(
            query.order_by(Ticket.priority, Ticket.id)
            .limit(1)
            .options(joinedload(Ticket.claim).joinedload(Claim.claimant))
        ).first()
        found += [Best(ticket=row[0], clock=row[1])] if row else []
    return min(found, key=_urgency, default=None)


def _urgency(best: Best) -> tuple[datetime, int, int]:
    assert best.clock is not None
    return best.clock.due_at, best.ticket.priority, best.ticket.id

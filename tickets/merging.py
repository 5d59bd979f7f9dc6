"""Merging: two tickets or two claims made one, undone exactly; and a message that is work for a second ticket.

A merge notes every value it changes, before and after. Undoing gives back each that is still as the merge left it:
what people did since stays.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Date, Select, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from tickets import deadlines, history, moves, ticket_moves
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import (
    WAITING,
    BankAccount,
    Claim,
    ClaimParty,
    ClaimState,
    Clock,
    ClockState,
    Complaint,
    Document,
    FindingRow,
    FindingState,
    Invoice,
    Merge,
    Message,
    Model,
    ReplyToken,
    Request,
    RequestState,
    Requirement,
    SharedMessage,
    Task,
    Ticket,
    TicketState,
)
from tickets.models.base import Moment
from tickets.requirements import RequirementState

#: Tables whose rows a merge may change, by the name under which it notes them.
_TABLES: Mapping[str, type[Model]] = {
    table.__tablename__: table
    for table in (
        BankAccount, Claim, ClaimParty, Clock, Complaint, Document, FindingRow, Invoice, Message, ReplyToken, Request,
        Requirement, SharedMessage, Task, Ticket,
    )
}  # fmt: skip
#: How far an item has come, the furthest last.
_PROGRESS = (
    RequirementState.NOT_APPLICABLE,
    RequirementState.MAYBE,
    RequirementState.NEEDED,
    RequirementState.ASKED,
    RequirementState.REJECTED,
    RequirementState.RECEIVED,
    RequirementState.WAIVED,
    RequirementState.ACCEPTED,
)
_Day = TypeVar("_Day", date, datetime)
_RUNNING = (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED)


@dataclass(slots=True)
class Changes:
    """What a merge does, noted as it is done."""

    noted: list[dict[str, Any]] = field(default_factory=list)
    rows: list[Model] = field(default_factory=list)

    def set(self, row: Model, **values: object) -> None:
        """Change columns of a row and note what they were."""
        for column, after in values.items():
            before = getattr(row, column)
            if before != after:
                setattr(row, column, after)
                self.note(row, column, before=before)

    def note(self, row: Model, column: str, *, before: object) -> None:
        """Note what a column was that has been changed."""
        self.rows.append(row)
        self.noted.append(
            {"table": row.__tablename__, "key": _key(row), "column": column, "before": _plain(before),
             "after": _plain(getattr(row, column))}
        )  # fmt: skip


def _key(row: Model) -> int | str:
    [column] = row.__table__.primary_key.columns  # type: ignore[attr-defined]  # SQLAlchemy types a plain FromClause
    key: int | str = getattr(row, column.key)
    return key


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


# --- tickets


def merge_tickets(session: Session, source: Ticket, target: Ticket, *, cause: Cause) -> Merge:
    """Make the conversation of `source` part of `target`; raises `GuardError` if they are not about one matter."""
    if refusal := _why_not_tickets(source, target):
        raise refusal
    changes = Changes()
    for row in _of_ticket(session, source):
        changes.set(row, ticket_id=target.id)
    _join_clocks(session, Clock.ticket_id, source.id, target.id, changes)
    _share_once(session, source, target, changes)
    changes.set(
        target,
        claim_id=target.claim_id or source.claim_id,
        party_id=target.party_id or source.party_id,
        owner_id=target.owner_id or source.owner_id,
        priority=min(source.priority, target.priority),
        unread=source.unread or target.unread,
        last_message_at=max(source.last_message_at, target.last_message_at),
        opened_at=min(source.opened_at, target.opened_at),
    )
    before = source.state
    ticket_moves.follow(session, source, TicketState.MERGED, cause=cause)
    changes.note(source, "state", before=before)
    changes.set(source, merged_into_id=target.id, unread=False)
    _expire(session, changes.rows)
    merge = Merge(kind="ticket", source_id=source.id, target_id=target.id, **_noted(changes, cause))
    return _keep(session, merge, cause, ticket=target, claim=target.claim)


def _why_not_tickets(source: Ticket, target: Ticket) -> GuardError | None:
    if source.id == target.id or TicketState.MERGED in (source.state, target.state):
        return GuardError(
            f"{source.ref} and {target.ref} cannot be merged: one of them is merged already, or they are the same",
            ro=f"{source.ref} și {target.ref} nu pot fi unite: unul este deja unit sau sunt același",
            guard="merge",
        )
    if source.claim_id and target.claim_id and source.claim_id != target.claim_id:
        return GuardError(
            f"{source.ref} and {target.ref} are about two claims: merge the claims first, or link one anew",
            ro=f"{source.ref} și {target.ref} privesc două dosare: uniți întâi dosarele sau refaceți legătura",
            guard="merge",
        )
    if source.restricted != target.restricted:
        return GuardError(
            f"{source.ref} and {target.ref}: one is restricted and the other is not",
            ro=f"{source.ref} și {target.ref}: unul este restricționat, celălalt nu",
            guard="restricted",
        )
    if source.verified and not target.verified:
        return GuardError(
            f"{target.ref} is from a sender not known to the claim: merge it into {source.ref} instead",
            ro=f"{target.ref} vine de la un expeditor necunoscut în dosar: uniți-l în {source.ref}",
            guard="verified",
        )
    return None


def _of_ticket(session: Session, ticket: Ticket) -> Iterable[Model]:
    """Every row that follows its ticket; a complaint keeps its own."""
    for table in (Message, Request, ReplyToken, Task):
        yield from session.scalars(select(table).where(table.ticket_id == ticket.id))


def _share_once(session: Session, source: Ticket, target: Ticket, changes: Changes) -> None:
    """What was shared with `source` is shared with `target`, unless it stands there anyway."""
    rows = session.scalars(select(SharedMessage).where(SharedMessage.ticket_id.in_((source.id, target.id)))).all()
    there = {row.message_id for row in rows if row.ticket_id == target.id}
    for row in rows:
        if row.ticket_id == source.id and row.message_id not in there:
            changes.set(row, ticket_id=target.id)


# --- claims


def merge_claims(session: Session, source: Claim, target: Claim, *, cause: Cause) -> Merge:
    """Make one loss told twice one claim: `target` stays, with every message, and one set of the earlier clocks."""
    _may_merge_claims(session, source, target)
    changes = Changes()
    _move_work(session, source, target, changes)
    _join_items(source, target, changes)
    _join_documents(session, source, target, changes)
    _join_clocks(session, Clock.claim_id, source.id, target.id, changes)
    _join_work(session, target, changes)
    _join_parties(session, source, target, changes)
    _stop_asking(session, source, changes)
    _resolve_findings(session, source, target, changes, cause.at)
    changes.set(
        target,
        owner_id=target.owner_id or source.owner_id,
        claimant_id=target.claimant_id or source.claimant_id,
        policy_id=target.policy_id or source.policy_id,
        reported_on=_earlier(source.reported_on, target.reported_on),
        application_received_on=_earlier(source.application_received_on, target.application_received_on),
        facts=source.facts | target.facts,
    )
    before = source.state
    moves.follow(session, source, ClaimState.DUPLICATE_OF, cause=cause)
    changes.note(source, "state", before=before)
    changes.set(source, merged_into_id=target.id, closed_reason="C04")
    _expire(session, changes.rows)
    merge = Merge(kind="claim", source_id=source.id, target_id=target.id, **_noted(changes, cause))
    return _keep(session, merge, cause, ticket=None, claim=target)


def _may_merge_claims(session: Session, source: Claim, target: Claim) -> None:
    if source.id == target.id or target.state in (ClaimState.DUPLICATE_OF, ClaimState.WITHDRAWN):
        raise GuardError(
            f"{source.ref} cannot be merged into {target.ref}, which is {target.state}",
            ro=f"{source.ref} nu poate fi unit cu {target.ref}",
            guard="merge",
        )
    if source.policy_id and target.policy_id and source.policy_id != target.policy_id:
        raise GuardError(
            f"{source.ref} and {target.ref} are under two policies: that is two claims",
            ro=f"{source.ref} și {target.ref} sunt pe polițe diferite: sunt două dosare",
            guard="merge",
        )
    if refusal := moves.why_not(moves.standing(session, source), ClaimState.DUPLICATE_OF):
        raise refusal.error()
    if moves.in_force(session, source) is not None:
        raise GuardError(
            f"{source.ref} has a decision in force: merge {target.ref} into it instead",
            ro=f"{source.ref} are o decizie în vigoare: uniți {target.ref} cu acesta",
            guard="merge",
        )


def _move_work(session: Session, source: Claim, target: Claim, changes: Changes) -> None:
    """Tickets, tasks, complaints and accounts go over; invoices the target has not got."""
    for table in (Ticket, Task, Complaint, BankAccount):
        for row in session.scalars(select(table).where(table.claim_id == source.id)):
            changes.set(row, claim_id=target.id)
    invoices = session.scalars(select(Invoice).where(Invoice.claim_id.in_((source.id, target.id)))).all()
    there = {(row.issuer_tax_id, row.number_norm) for row in invoices if row.claim_id == target.id}
    for row in invoices:
        if row.claim_id == source.id and (row.issuer_tax_id, row.number_norm) not in there:
            changes.set(row, claim_id=target.id)


def _join_items(source: Claim, target: Claim, changes: Changes) -> None:
    """An item that has come further on the duplicate counts for the one that stays."""
    further = {row.item: row for row in source.requirements}
    for row in target.requirements:
        other = further.get(row.item)
        if other is not None and _progress(other) > max(_progress(row), _PROGRESS.index(RequirementState.REJECTED)):
            changes.set(row, state=other.state, reason=other.reason, decided_by=other.decided_by)


def _progress(row: Requirement) -> int:
    return _PROGRESS.index(row.state) if row.state in _PROGRESS else len(_PROGRESS)


def _join_documents(session: Session, source: Claim, target: Claim, changes: Changes) -> None:
    items = {row.id: row.item for row in source.requirements}
    there = {row.item: row.id for row in target.requirements}
    for row in session.scalars(select(Document).where(Document.claim_id == source.id)):
        changes.set(row, claim_id=target.id, requirement_id=there.get(items.get(row.requirement_id or 0, "")))


def _join_clocks(
    session: Session, column: InstrumentedAttribute[int | None], source_id: int, target_id: int, changes: Changes
) -> None:
    """Of two clocks of one kind the one that started earlier stays: the customer waits since then."""
    query = select(Clock).where(column.in_((source_id, target_id)), Clock.state.in_(_RUNNING))
    kept: set[str] = set()
    for clock in session.scalars(query.order_by(Clock.started_at, column != target_id, Clock.id)):
        if clock.key in kept:
            changes.set(clock, state=ClockState.CANCELLED, next_at=None, next_step=None)
        else:
            kept.add(clock.key)
            changes.set(clock, **{column.key: target_id})


def _join_work(session: Session, target: Claim, changes: Changes) -> None:
    """Each conversation is owed its own answer, but the matter is to be resolved once: by the earliest clock."""
    session.flush()  # the tickets stand on the claim that stays by now
    whole = {key for key, each in deadlines.load().items() if "ticket.opened" in each.start}
    query = select(Clock).join(Ticket, Ticket.id == Clock.ticket_id)
    running = query.where(Ticket.claim_id == target.id, Clock.key.in_(whole), Clock.state.in_(_RUNNING))
    kept: set[str] = set()
    for clock in session.scalars(running.order_by(Clock.started_at, Clock.id)):
        if clock.key in kept:
            changes.set(clock, state=ClockState.CANCELLED, next_at=None, next_step=None)
        kept.add(clock.key)


def _join_parties(session: Session, source: Claim, target: Claim, changes: Changes) -> None:
    query = select(ClaimParty).where(ClaimParty.claim_id.in_((source.id, target.id)))
    rows = session.scalars(query.order_by(ClaimParty.id)).all()
    there = {(row.party_id, row.role) for row in rows if row.claim_id == target.id}
    for row in rows:
        if row.claim_id == source.id and (row.party_id, row.role) not in there:
            changes.set(row, claim_id=target.id)


def _stop_asking(session: Session, source: Claim, changes: Changes) -> None:
    """What was asked on the duplicate is asked no more; an answer still finds its ticket by the request's token."""
    states = (*WAITING, RequestState.DRAFT)
    for row in session.scalars(select(Request).where(Request.claim_id == source.id, Request.state.in_(states))):
        changes.set(row, state=RequestState.WITHDRAWN, ladder_at=None)


def _resolve_findings(session: Session, source: Claim, target: Claim, changes: Changes, now: datetime) -> None:
    """Nothing is left to find on the duplicate, nor that the two are one."""
    query = select(FindingRow).where(
        FindingRow.state == FindingState.OPEN,
        or_(FindingRow.claim_id == source.id, (FindingRow.claim_id == target.id) & (FindingRow.code == "DUP-01")),
    )
    for row in session.scalars(query):
        if row.claim_id == source.id or source.ref in str(row.inputs) or source.ref in row.text_en:
            changes.set(row, state=FindingState.RESOLVED, settled_at=now)


def _earlier(one: _Day | None, other: _Day | None) -> _Day | None:
    return min((each for each in (one, other) if each is not None), default=None)


# --- keeping and undoing


def _expire(session: Session, rows: Iterable[Model]) -> None:
    session.flush()  # the columns changed above; relationships are read anew
    for row in rows:
        session.expire(row)


def _noted(changes: Changes, cause: Cause) -> dict[str, Any]:
    return {
        "moved": {"changes": changes.noted}, "reason": cause.reason, "made_by": cause.actor, "made_at": cause.at,
    }  # fmt: skip


def _keep(session: Session, merge: Merge, cause: Cause, *, ticket: Ticket | None, claim: Claim | None) -> Merge:
    session.add(merge)
    session.flush()  # its number is what it is undone by
    history.record(
        session, f"{merge.kind}.merged", actor=cause.actor, at=cause.at, ticket=ticket, claim=claim,
        message=cause.message, merge=merge.id, reason=cause.reason,
    )  # fmt: skip
    return merge


def note_findings(session: Session, merge: Merge, refresh: Callable[[], object]) -> None:
    """Evaluate the claim that stays, and note what that changed, so that it is undone with the merge."""
    before = {row.id: _values(row) for row in session.scalars(_findings(merge))}
    refresh()
    session.flush()  # new findings get their numbers
    noted = []
    for row in session.scalars(_findings(merge)):
        if row.id not in before:
            noted.append({"table": row.__tablename__, "key": row.id, "made": True})
        for column, after in _values(row).items() if row.id in before else ():
            if before[row.id][column] != after:
                noted.append(
                    {"table": row.__tablename__, "key": row.id, "column": column, "before": before[row.id][column],
                     "after": after}
                )  # fmt: skip
    merge.moved = {"changes": [*merge.moved["changes"], *noted]}


def _findings(merge: Merge) -> Select[FindingRow]:
    return select(FindingRow).where(FindingRow.claim_id == merge.target_id).order_by(FindingRow.id)


def _values(row: Model) -> dict[str, object]:
    return {column.key: _plain(getattr(row, column.key)) for column in row.__table__.columns}


def find(session: Session, merge_id: int) -> Merge:
    """A merge that has not been undone; raises `UnknownReferenceError`."""
    merge = session.get(Merge, merge_id, with_for_update=True)
    if merge is None or merge.undone_at is not None:
        raise UnknownReferenceError(f"there is no merge {merge_id} to undo")
    return merge


def standing(session: Session, gone: Ticket | Claim) -> Merge | None:
    """The merge by which a ticket or claim went into another one, as long as it stands."""
    kind = "ticket" if isinstance(gone, Ticket) else "claim"
    query = select(Merge).where(Merge.kind == kind, Merge.source_id == gone.id, Merge.undone_at.is_(None))
    return session.scalar(query.order_by(Merge.id.desc()).limit(1))


def undo(session: Session, merge: Merge, *, cause: Cause) -> None:
    """Give back everything a merge took, the last change first; raises `GuardError` if a later merge rests on it."""
    later = session.scalar(_later(merge))
    if later is not None:
        raise GuardError(
            f"merge {merge.id} cannot be undone before merge {later}, which came after it",
            ro=f"unirea {merge.id} nu poate fi anulată înainte de unirea {later}, făcută după ea",
            guard="merge",
        )
    states = _put_back(session, merge)
    merge.undone_at, merge.undone_by = cause.at, cause.actor
    session.flush()  # what is read next is as it was
    session.expire_all()
    for row, state in states:
        if isinstance(row, Claim):
            moves.follow(session, row, ClaimState(state), cause=cause)
        else:
            ticket_moves.follow(session, row, TicketState(state), cause=cause)
    history.record(
        session, f"{merge.kind}.unmerged", actor=cause.actor, at=cause.at, merge=merge.id, reason=cause.reason,
        ticket=session.get(Ticket, merge.target_id) if merge.kind == "ticket" else None,
        claim=session.get(Claim, merge.target_id) if merge.kind == "claim" else None,
    )  # fmt: skip


def _put_back(session: Session, merge: Merge) -> list[tuple[Claim | Ticket, str]]:
    """Give every column back that is still as the merge left it; states of claims and tickets are given to be moved."""
    states: list[tuple[Claim | Ticket, str]] = []
    rows = _rows(session, merge.moved["changes"])
    for change in reversed(merge.moved["changes"]):
        row = rows.get((change["table"], change["key"]))
        if row is not None and change.get("made"):
            session.delete(row)
        elif row is not None and _plain(getattr(row, change["column"])) == change["after"]:
            if isinstance(row, Claim | Ticket) and change["column"] == "state":
                states.append((row, change["before"]))
            else:
                setattr(row, change["column"], _typed(row, change["column"], change["before"]))
    return states


def _later(merge: Merge) -> Select[int]:
    both = (merge.source_id, merge.target_id)
    return (
        select(Merge.id)
        .where(
            Merge.kind == merge.kind,
            Merge.id > merge.id,
            Merge.undone_at.is_(None),
            or_(Merge.source_id.in_(both), Merge.target_id.in_(both)),
        )
        .order_by(Merge.id.desc())
        .limit(1)
    )


def _rows(session: Session, noted: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int | str], Model]:
    """The rows a merge changed, a query a table."""
    keys: dict[str, set[int | str]] = {}
    for change in noted:
        keys.setdefault(change["table"], set()).add(change["key"])
    found = {}
    for name, wanted in keys.items():
        table = _TABLES[name]
        [column] = table.__table__.primary_key.columns  # type: ignore[attr-defined]  # SQLAlchemy types a FromClause
        for row in session.scalars(select(table).where(column.in_(wanted))):
            found[name, _key(row)] = row
    return found


def _typed(row: Model, column: str, value: object) -> object:
    """A noted value as its column holds it."""
    kind = row.__table__.columns[column].type
    if not isinstance(value, str):
        return value
    if isinstance(kind, Moment):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    words = getattr(kind, "enum_class", None)
    return words(value) if words is not None else value


# --- a message that is work for a second ticket


def share(session: Session, message: Message, ticket: Ticket, *, cause: Cause) -> SharedMessage:
    """Show a message on a second ticket too; kept once."""
    known = session.scalar(
        select(SharedMessage).where(SharedMessage.message_id == message.id, SharedMessage.ticket_id == ticket.id)
    )
    if message.ticket_id == ticket.id or known is not None:
        raise GuardError(
            f"the message stands on {ticket.ref} already",
            ro=f"mesajul este deja în {ticket.ref}",
            guard="shared",
        )
    shared = SharedMessage(ticket=ticket, message=message, shared_by=cause.actor, at=cause.at)
    session.add(shared)
    ticket.last_message_at, ticket.unread = max(ticket.last_message_at, message.at), True
    history.record(
        session, "message.shared", actor=cause.actor, at=cause.at, ticket=ticket, claim=ticket.claim,
        message=message, reason=cause.reason,
    )  # fmt: skip
    return shared


def on_ticket(ticket_id: int) -> Any:
    """The condition for every message that stands on a ticket: its own, and those shared with it.

    Two queries put together: of the same said with "or" PostgreSQL makes a walk over every message there is.
    """
    own = select(Message.id).where(Message.ticket_id == ticket_id)
    shared = select(SharedMessage.message_id).where(SharedMessage.ticket_id == ticket_id)
    return Message.id.in_(union_all(own, shared))


def loaded(session: Session, ref: str) -> Claim:
    """A claim with its items, locked for a merge; raises `UnknownReferenceError`."""
    found = session.scalar(
        select(Claim)
        .where(Claim.ref == ref)
        .options(selectinload(Claim.requirements))
        .with_for_update(of=Claim)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise UnknownReferenceError(f"there is no claim {ref}")
    return found

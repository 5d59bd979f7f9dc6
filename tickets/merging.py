"""Merging: two tickets or two claims made one, undone exactly; and a message that is work for a second ticket.

A merge keeps what its rows said before and after it. Undoing puts back each column that is still as the merge left it:
what people did since stays.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Select, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from tickets import deadlines, history, moves, pictures, ticket_moves
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
    Decision,
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
from tickets.pictures import Picture
from tickets.requirements import RequirementState

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
#: Tables whose rows say of which claim they are, and which a merge of claims may change.
_OF_A_CLAIM = (
    Ticket, Task, Complaint, BankAccount, Invoice, Requirement, Document, ClaimParty, Request, FindingRow, Clock,
    Decision,
)  # fmt: skip
_Day = TypeVar("_Day", date, datetime)
_RUNNING = (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED)


# --- tickets


def merge_tickets(session: Session, source: Ticket, target: Ticket, *, cause: Cause) -> Merge:
    """Make the conversation of `source` part of `target`; raises `GuardError` if they are not about one matter."""
    if refusal := _why_not_tickets(source, target):
        raise refusal
    merge = _begin("ticket", source, target, cause)
    before = _picture(session, merge)
    for row in _of_ticket(session, source):
        row.ticket_id = target.id
    _join_clocks(session, Clock.ticket_id, source.id, target.id)
    _share_once(session, source, target)
    _take_over_ticket(source, target)
    ticket_moves.follow(session, source, TicketState.MERGED, cause=cause)
    source.merged_into_id, source.unread = target.id, False
    merge.changes = pictures.changes(before, _picture(session, merge))
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


def _of_ticket(session: Session, ticket: Ticket) -> Iterator[Any]:
    """Every row that follows its ticket; a complaint keeps its own."""
    for table in (Message, Request, ReplyToken, Task):
        yield from session.scalars(select(table).where(table.ticket_id == ticket.id))


def _share_once(session: Session, source: Ticket, target: Ticket) -> None:
    """What was shared with `source` is shared with `target`, unless it stands there anyway."""
    rows = session.scalars(select(SharedMessage).where(SharedMessage.ticket_id.in_((source.id, target.id)))).all()
    there = {row.message_id for row in rows if row.ticket_id == target.id}
    for row in rows:
        if row.ticket_id == source.id and row.message_id not in there:
            row.ticket_id = target.id


def _take_over_ticket(source: Ticket, target: Ticket) -> None:
    target.claim_id = target.claim_id or source.claim_id
    target.party_id = target.party_id or source.party_id
    target.owner_id = target.owner_id or source.owner_id
    target.priority = min(source.priority, target.priority)
    target.unread = source.unread or target.unread
    target.last_message_at = max(source.last_message_at, target.last_message_at)
    target.opened_at = min(source.opened_at, target.opened_at)


# --- claims


def merge_claims(
    session: Session, source: Claim, target: Claim, *, cause: Cause, evaluate: Callable[[], object] = lambda: None
) -> Merge:
    """Make one loss told twice one claim: `target` stays, with every message, and one set of the earlier clocks.

    `evaluate` finds anew what is wrong with the claim that stays; what that changes is undone with the merge.
    """
    _may_merge_claims(session, source, target)
    merge = _begin("claim", source, target, cause)
    before = _picture(session, merge)
    _move_work(session, source, target)
    _join_items(source, target)
    _join_documents(session, source, target)
    _join_clocks(session, Clock.claim_id, source.id, target.id)
    _join_work(session, target)
    _join_parties(session, source, target)
    _stop_asking(session, source)
    _resolve_findings(session, source, target, cause.at)
    _take_over_claim(source, target)
    moves.follow(session, source, ClaimState.DUPLICATE_OF, cause=cause)
    source.merged_into_id, source.closed_reason = target.id, "C04"
    session.flush()
    session.expire_all()  # what hangs on the two is read anew
    evaluate()
    merge.changes = pictures.changes(before, _picture(session, merge))
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


def _move_work(session: Session, source: Claim, target: Claim) -> None:
    """Tickets, tasks, complaints and accounts go over; invoices the target has not got."""
    for table in (Ticket, Task, Complaint, BankAccount):
        rows: Iterable[Any] = session.scalars(select(table).where(table.claim_id == source.id))
        for row in rows:
            row.claim_id = target.id
    invoices = session.scalars(select(Invoice).where(Invoice.claim_id.in_((source.id, target.id)))).all()
    there = {(each.issuer_tax_id, each.number_norm) for each in invoices if each.claim_id == target.id}
    for each in invoices:
        if each.claim_id == source.id and (each.issuer_tax_id, each.number_norm) not in there:
            each.claim_id = target.id


def _join_items(source: Claim, target: Claim) -> None:
    """An item that has come further on the duplicate counts for the one that stays."""
    further = {row.item: row for row in source.requirements}
    for row in target.requirements:
        other = further.get(row.item)
        if other is not None and _progress(other) > max(_progress(row), _PROGRESS.index(RequirementState.REJECTED)):
            row.state, row.reason, row.decided_by = other.state, other.reason, other.decided_by


def _progress(row: Requirement) -> int:
    return _PROGRESS.index(row.state) if row.state in _PROGRESS else len(_PROGRESS)


def _join_documents(session: Session, source: Claim, target: Claim) -> None:
    items = {row.id: row.item for row in source.requirements}
    there = {row.item: row.id for row in target.requirements}
    for row in session.scalars(select(Document).where(Document.claim_id == source.id)):
        row.claim_id, row.requirement_id = target.id, there.get(items.get(row.requirement_id or 0, ""))


def _join_clocks(session: Session, column: InstrumentedAttribute[int | None], source_id: int, target_id: int) -> None:
    """Of two clocks of one kind the one that started earlier stays: the customer waits since then."""
    query = select(Clock).where(column.in_((source_id, target_id)), Clock.state.in_(_RUNNING))
    kept: set[str] = set()
    for clock in session.scalars(query.order_by(Clock.started_at, column != target_id, Clock.id)):
        if clock.key in kept:
            _end(clock)
        else:
            kept.add(clock.key)
            setattr(clock, column.key, target_id)


def _join_work(session: Session, target: Claim) -> None:
    """Each conversation is owed its own answer, but the matter is to be resolved once: by the earliest clock."""
    session.flush()  # the tickets stand on the claim that stays by now
    whole = {key for key, each in deadlines.load().items() if "ticket.opened" in each.start}
    query = select(Clock).join(Ticket, Ticket.id == Clock.ticket_id)
    running = query.where(Ticket.claim_id == target.id, Clock.key.in_(whole), Clock.state.in_(_RUNNING))
    kept: set[str] = set()
    for clock in session.scalars(running.order_by(Clock.started_at, Clock.id)):
        if clock.key in kept:
            _end(clock)
        kept.add(clock.key)


def _join_parties(session: Session, source: Claim, target: Claim) -> None:
    query = select(ClaimParty).where(ClaimParty.claim_id.in_((source.id, target.id)))
    rows = session.scalars(query.order_by(ClaimParty.id)).all()
    there = {(row.party_id, row.role) for row in rows if row.claim_id == target.id}
    for row in rows:
        if row.claim_id == source.id and (row.party_id, row.role) not in there:
            row.claim_id = target.id


def _stop_asking(session: Session, source: Claim) -> None:
    """What was asked on the duplicate is asked no more; an answer still finds its ticket by the request's token."""
    states = (*WAITING, RequestState.DRAFT)
    for row in session.scalars(select(Request).where(Request.claim_id == source.id, Request.state.in_(states))):
        row.state, row.ladder_at = RequestState.WITHDRAWN, None


def _resolve_findings(session: Session, source: Claim, target: Claim, now: datetime) -> None:
    """Nothing is left to find on the duplicate, nor that the two are one."""
    query = select(FindingRow).where(
        FindingRow.state == FindingState.OPEN,
        or_(FindingRow.claim_id == source.id, (FindingRow.claim_id == target.id) & (FindingRow.code == "DUP-01")),
    )
    for row in session.scalars(query):
        if row.claim_id == source.id or source.ref in str(row.inputs) or source.ref in row.text_en:
            row.state, row.settled_at = FindingState.RESOLVED, now


def _earlier(one: _Day | None, other: _Day | None) -> _Day | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _take_over_claim(source: Claim, target: Claim) -> None:
    target.owner_id = target.owner_id or source.owner_id
    target.claimant_id = target.claimant_id or source.claimant_id
    target.policy_id = target.policy_id or source.policy_id
    target.reported_on = _earlier(source.reported_on, target.reported_on)
    target.application_received_on = _earlier(source.application_received_on, target.application_received_on)
    target.facts = source.facts | target.facts


def _end(clock: Clock) -> None:
    clock.state, clock.next_at, clock.next_step = ClockState.CANCELLED, None, None


# --- keeping and undoing


def _begin(kind: str, source: Ticket | Claim, target: Ticket | Claim, cause: Cause) -> Merge:
    return Merge(
        kind=kind, source_id=source.id, target_id=target.id, reason=cause.reason, made_by=cause.actor, made_at=cause.at
    )


def _picture(session: Session, merge: Merge) -> Picture:
    session.flush()
    both = (merge.source_id, merge.target_id)
    return pictures.of(_of_tickets(session, both) if merge.kind == "ticket" else _of_claims(session, both))


def _of_tickets(session: Session, ids: Sequence[int]) -> Iterator[Model]:
    """Every row that merging these tickets, or undoing it, may change."""
    yield from session.scalars(select(Ticket).where(Ticket.id.in_(ids)))
    for table in (Message, Request, ReplyToken, Task, SharedMessage, Clock):
        yield from session.scalars(select(table).where(table.ticket_id.in_(ids)))


def _of_claims(session: Session, ids: Sequence[int]) -> Iterator[Model]:
    """Every row that merging these claims, or undoing it, may change."""
    yield from session.scalars(select(Claim).where(Claim.id.in_(ids)))
    for table in _OF_A_CLAIM:
        yield from session.scalars(select(table).where(table.claim_id.in_(ids)))
    theirs = select(Clock).join(Ticket, Ticket.id == Clock.ticket_id)
    yield from session.scalars(theirs.where(Ticket.claim_id.in_(ids)))


def _keep(session: Session, merge: Merge, cause: Cause, *, ticket: Ticket | None, claim: Claim | None) -> Merge:
    session.add(merge)
    session.flush()  # its number is what it is undone by
    history.record(
        session, f"{merge.kind}.merged", actor=cause.actor, at=cause.at, ticket=ticket, claim=claim,
        message=cause.message, merge=merge.id, reason=cause.reason,
    )  # fmt: skip
    return merge


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
    pictures.restore(session, merge.changes, cause=cause)
    merge.undone_at, merge.undone_by = cause.at, cause.actor
    history.record(
        session, f"{merge.kind}.unmerged", actor=cause.actor, at=cause.at, merge=merge.id, reason=cause.reason,
        ticket=session.get(Ticket, merge.target_id) if merge.kind == "ticket" else None,
        claim=session.get(Claim, merge.target_id) if merge.kind == "claim" else None,
    )  # fmt: skip


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


def on_ticket(ticket_id: int | BindParameter[int]) -> Any:
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

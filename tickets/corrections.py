"""Corrections: links a person makes or undoes, what they bring or take away; each can be taken back exactly.

What a move changed is found by comparing the rows in reach before and after it, so nothing can be forgotten. Every
move stays, with what triage had thought: that is what the figures of quality and the rules' weights are learnt from.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import answers, pictures, requests
from tickets.guards import Cause
from tickets.kind_reasons import kept
from tickets.messages import File, InboundMessage, MessageKind
from tickets.models import (
    WAITING,
    Claim,
    Direction,
    Document,
    DocumentState,
    Invoice,
    Link,
    LinkMove,
    LinkState,
    Message,
    MessageFile,
    Request,
    RequestItem,
    RequestState,
    Requirement,
    TargetKind,
    Ticket,
)
from tickets.pictures import Picture, Values
from tickets.requirements import RequirementState

_HOLDING = (LinkState.ACTIVE, LinkState.UNVERIFIED)

Row = Ticket | Link | Document | Invoice | Requirement | Request | RequestItem


class Move(StrEnum):
    """What a person did."""

    LINK = "link"
    UNLINK = "unlink"


def link(session: Session, ticket: Ticket, claim: Claim, *, by: str, name: str, now: datetime) -> LinkMove:
    """Confirm that a ticket belongs to a claim: its messages are linked, what they bring is received as of its arrival.

    Where this claim's link was undone last, that is taken back instead, to the letter.
    """
    last = _last(session, ticket)
    if last is not None and (last.kind, last.target) == (Move.UNLINK, claim.ref):
        return take_back(session, last, by=by, now=now)
    claims = {claim.id, ticket.claim_id} - {None}
    before = _picture(session, ticket, claims)
    messages = _messages(session, ticket)
    others = _leave(session, messages, claim, by=by)
    ticket.claim, ticket.party, ticket.verified = claim, ticket.party or claim.claimant, True
    ticket.owner_id = ticket.owner_id or claim.owner_id
    for message in messages:
        _confirm(session, message, claim, by=by, name=name, now=now)
    for message in others:
        _take_away(session, message)
    for message in messages:
        _bring(session, message, claim)
    return _moved(session, ticket, claim.ref, Move.LINK, before=before, claims=claims, by=by, now=now)


def unlink(session: Session, made: Link, *, by: str, now: datetime) -> LinkMove:
    """Undo a link and what came by it; a ticket none of whose messages is linked to its claim belongs to none.

    Where a person made the link last, that is taken back instead: what triage thought stands again.
    """
    ticket = made.message.ticket
    last = _last(session, ticket)
    if last is not None and (last.kind, last.target) == (Move.LINK, made.target) and _covers(session, last, ticket):
        return take_back(session, last, by=by, now=now)
    claim = session.scalar(select(Claim).where(Claim.ref == made.target.partition("/")[0]))
    claims = {each.id for each in (claim, ticket.claim) if each is not None}
    before = _picture(session, ticket, claims)
    made.state, made.made_by = LinkState.UNDONE, by
    if made.target_kind is TargetKind.CLAIM:
        _undo_requests(made, by)
        _take_away(session, made.message)
        session.flush()  # whether another message still holds the claim is asked of the store
        if ticket.claim is not None and ticket.claim.ref == made.target and not _is_held(session, ticket, made.target):
            ticket.claim, ticket.verified = None, False
    return _moved(session, ticket, made.target, Move.UNLINK, before=before, claims=claims, by=by, now=now)


def take_back(session: Session, move: LinkMove, *, by: str, now: datetime) -> LinkMove:
    """Put every row a move changed back to what it was, but for what somebody has changed since."""
    session.flush()  # rows are compared as the store has them
    cause = Cause(actor=by, at=now, reason=f"{move.kind} of {move.target} taken back")
    pictures.restore(session, move.changes, cause=cause)
    move.taken_back_by, move.taken_back_at = by, now
    return move


# --- moves


def _leave(session: Session, messages: Sequence[Message], claim: Claim, *, by: str) -> list[Message]:
    """Undo what holds the ticket's messages to another claim; give the messages that leave one."""
    left = []
    for message in messages:
        holding = [each for each in message.links if each.state in _HOLDING and _is_of_another(each, claim)]
        for each in holding:
            each.state, each.made_by = LinkState.UNDONE, by
        if any(each.target_kind is TargetKind.CLAIM for each in holding):
            left.append(message)
    session.flush()
    return left


def _is_of_another(made: Link, claim: Claim) -> bool:
    kinds = (TargetKind.CLAIM, TargetKind.REQUEST)
    return made.target_kind in kinds and made.target.partition("/")[0] != claim.ref


def _confirm(session: Session, message: Message, claim: Claim, *, by: str, name: str, now: datetime) -> None:
    found = next((each for each in message.links if (each.target_kind, each.target) == ("claim", claim.ref)), None)
    if found is None:
        found = Link(
            message=message, target_kind=TargetKind.CLAIM, target=claim.ref, state=LinkState.ACTIVE, score=1.0, at=now
        )
        session.add(found)
    found.state, found.score, found.made_by = LinkState.ACTIVE, 1.0, by
    found.reasons = [*found.reasons, {"evidence": "person", "where": "desk", "value": name}]


def _undo_requests(made: Link, by: str) -> None:
    """With the claim goes the request a message was taken to answer."""
    for each in made.message.links:
        if each.target_kind is TargetKind.REQUEST and each.target.startswith(f"{made.target}/"):
            each.state, each.made_by = LinkState.UNDONE, by


def _bring(session: Session, message: Message, claim: Claim) -> None:
    """What a message's files bring to the claim, as of the message's arrival; what is there already stays."""
    held = session.scalar(select(Document.id).join(MessageFile).where(MessageFile.message_id == message.id).limit(1))
    came = message.direction is Direction.IN and message.kind is MessageKind.MESSAGE
    if held is not None or not came or not message.files:
        return
    rows = {each.part: each for each in message.files}
    request = requests.open_of(session, claim)
    found = answers.match(claim, request, _as_read(message))
    for each in found:
        session.add(
            Document(
                claim=claim, file=rows[each.file.part], kind=each.kind, score=each.score, reasons=kept(each.reasons),
                received_at=message.at, requirement=each.requirement,
            )
        )  # fmt: skip
    received = {each.requirement.item: each.requirement for each in found if each.requirement}
    if received:
        requests.receive(session, request, received.values(), message=message, now=message.at)


def _as_read(message: Message) -> InboundMessage:
    """A stored message as its reader had given it, as far as matching its files needs."""
    files = (
        File(name=each.name, media_type=each.media_type, size=each.size, sha256=each.sha256, part=each.part,
             inline=each.inline)
        for each in message.files
    )  # fmt: skip
    return InboundMessage(
        medium=message.medium, subject=message.subject, text=message.text, new_text=message.new_text, files=tuple(files)
    )


def _take_away(session: Session, message: Message) -> None:
    """Proposed documents of a message that does not belong here go; what they had filled is open again."""
    came = select(Document).join(MessageFile, Document.file_id == MessageFile.id)
    proposed = came.where(MessageFile.message_id == message.id, Document.state == DocumentState.PROPOSED)
    documents = list(session.scalars(proposed))
    filled = {each.requirement for each in documents if each.requirement is not None}
    for invoice in session.scalars(select(Invoice).where(Invoice.document_id.in_([each.id for each in documents]))):
        invoice.document_id = None
    session.flush()  # no invoice names a document that goes
    for document in documents:
        session.delete(document)
    session.flush()  # whether another document fills an item is asked of the store
    still = set(
        session.scalars(select(Document.requirement_id).where(Document.requirement_id.in_([r.id for r in filled])))
    )
    for row in filled:
        if row.state is RequirementState.RECEIVED and row.id not in still:
            row.state = RequirementState.ASKED if row.asked_count else RequirementState.NEEDED
    _reopen(session, message)


def _reopen(session: Session, message: Message) -> None:
    items = list(session.scalars(select(RequestItem).where(RequestItem.answered_by_message_id == message.id)))
    for item in items:
        item.answered_by, item.answered_at = None, None
    for request in dict.fromkeys(item.request for item in items):
        other = requests.open_of(session, request.claim)
        if request.state in (*WAITING, RequestState.ANSWERED) and other in (None, request):
            answered = any(item.answered_at is not None for item in request.items)
            request.state, request.answered_at = (RequestState.PARTIAL if answered else RequestState.OPEN), None


# --- what was before, and back to it


def _picture(session: Session, ticket: Ticket, claims: Iterable[int | None]) -> Picture:
    session.flush()
    return pictures.of(_in_reach(session, ticket, claims))


def _in_reach(session: Session, ticket: Ticket, claims: Iterable[int | None]) -> Iterator[Row]:
    """Every row that linking a ticket to one of these claims, or undoing it, may change."""
    ids = list(claims)
    messages = select(Message.id).where(Message.ticket_id == ticket.id)
    files = select(MessageFile.id).where(MessageFile.message_id.in_(messages))
    yield ticket
    yield from session.scalars(select(Link).where(Link.message_id.in_(messages)))
    yield from session.scalars(select(Document).where(Document.file_id.in_(files)))
    documents = select(Document.id).where(Document.file_id.in_(files))
    yield from session.scalars(select(Invoice).where(Invoice.document_id.in_(documents)))
    yield from session.scalars(select(Requirement).where(Requirement.claim_id.in_(ids)))
    yield from session.scalars(select(Request).where(Request.claim_id.in_(ids)))
    yield from session.scalars(select(RequestItem).join(Request).where(Request.claim_id.in_(ids)))


def _moved(
    session: Session,
    ticket: Ticket,
    target: str,
    kind: Move,
    *,
    before: Picture,
    claims: Iterable[int | None],
    by: str,
    now: datetime,
) -> LinkMove:
    after = _picture(session, ticket, claims)
    move = LinkMove(
        ticket_id=ticket.id, target=target, kind=kind, changes=pictures.changes(before, after),
        thought=_thought(before, after), made_by=by, at=now,
    )  # fmt: skip
    session.add(move)
    return move


def _thought(before: Picture, after: Picture) -> list[Values]:
    """What triage had made of the links that the move changed."""
    changed = (key for key in before if key[0] == Link.__tablename__ and before[key] != after.get(key))
    links = (before[key] for key in changed)
    kept = ("message_id", "target_kind", "target", "state", "score", "reasons", "at")
    return [{key: values[key] for key in kept} for values in links if values["made_by"] == "triage"]


# --- asking the store


def _last(session: Session, ticket: Ticket) -> LinkMove | None:
    """The last move on a ticket that stands; one that was taken back is as if it had never been."""
    standing = select(LinkMove).where(LinkMove.ticket_id == ticket.id, LinkMove.taken_back_at.is_(None))
    return session.scalar(standing.order_by(LinkMove.id.desc()).limit(1))


def _covers(session: Session, move: LinkMove, ticket: Ticket) -> bool:
    """Whether every message that holds the ticket to the move's claim was linked by that move."""
    linked = {change["id"] for change in move.changes if change["row"] == Link.__tablename__}
    return set(session.scalars(_holding(ticket, move.target))) <= linked


def _is_held(session: Session, ticket: Ticket, target: str) -> bool:
    return session.scalar(_holding(ticket, target).limit(1)) is not None


def _holding(ticket: Ticket, target: str) -> Any:
    query = select(Link.id).join(Message).where(Message.ticket_id == ticket.id, Link.state.in_(_HOLDING))
    return query.where(Link.target_kind == TargetKind.CLAIM, Link.target == target)


def _messages(session: Session, ticket: Ticket) -> list[Message]:
    query = select(Message).where(Message.ticket_id == ticket.id, Message.direction == Direction.IN)
    return list(session.scalars(query.order_by(Message.id)))

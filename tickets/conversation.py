"""Conversations: everything one ticket's page shows, and the messages and files on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Integer, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from tickets.errors import UnknownReferenceError
from tickets.merging import on_ticket
from tickets.models import (
    Claim,
    ClaimParty,
    ClaimState,
    ContactPoint,
    Document,
    Event,
    Link,
    LinkState,
    Message,
    MessageFile,
    OutboxDelivery,
    Party,
    PolicyVersion,
    Request,
    RequestItem,
    Requirement,
    Ticket,
)
from tickets.statements import among

DESK = "desk"  #: The channel of what people write here themselves.
_OTHERS = 10  #: Other claims that are named beside a ticket.


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherClaim:
    """Another claim of the same person, in short."""

    ref: str
    type: str
    state: ClaimState
    loss_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What was said and done, on a ticket or on a claim."""

    messages: list[Message]
    deliveries: Mapping[int, OutboxDelivery]  #: By message.
    requests: list[Request]
    events: list[Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation(Course):
    """Everything one ticket's page shows."""

    ticket: Ticket
    documents: Mapping[int, list[Document]]  #: By file.
    other_claims: list[OtherClaim]
    parties: list[tuple[str, str]]  #: Of the claim: role and name.
    version: PolicyVersion | None  #: What the policy says of the day of loss.
    is_cut: bool  #: There are earlier messages than those.


#: Statements of a ticket's page are put together once: doing it took longer than asking the store.
_TICKET = (
    select(Ticket)
    .where(
        Ticket.ref == bindparam("ref"),
        or_(Ticket.restricted.is_(False), bindparam("restricted", type_=Boolean())),
    )
    .options(
        joinedload(Ticket.party),
        joinedload(Ticket.claim).options(joinedload(Claim.policy), joinedload(Claim.claimant)),
    )
)
_CONTACTS = select(ContactPoint).where(among(ContactPoint.party_id, "keys")).order_by(ContactPoint.id)
_REQUIREMENTS = select(Requirement).where(among(Requirement.claim_id, "keys")).order_by(Requirement.id)
_PARTIES = (
    select(ClaimParty.role, Party.name)
    .join(Party, Party.id == ClaimParty.party_id)
    .where(ClaimParty.claim_id == bindparam("key"))
    .order_by(ClaimParty.id)
)
_VERSIONS = (
    select(PolicyVersion)
    .where(PolicyVersion.policy_id == bindparam("key"))
    .order_by(PolicyVersion.recorded_at.desc(), PolicyVersion.id)
    .limit(1)
)
_VERSIONS_OF_DAY = _VERSIONS.where(
    PolicyVersion.effective_from <= bindparam("day"), PolicyVersion.effective_to >= bindparam("day")
)
_MESSAGES = select(Message).where(on_ticket(bindparam("key"))).order_by(Message.id.desc())
_NEWEST_MESSAGES = _MESSAGES.limit(bindparam("most", type_=Integer()))
_LINKS = select(Link).where(among(Link.message_id, "keys")).order_by(Link.id)
_FILES = select(MessageFile).where(among(MessageFile.message_id, "keys")).order_by(MessageFile.id)
_DELIVERIES = select(OutboxDelivery).where(among(OutboxDelivery.message_id, "keys"))
_DOCUMENTS = (
    select(Document)
    .where(among(Document.file_id, "keys"))
    .order_by(Document.id)
    .options(joinedload(Document.requirement))
)
_REQUESTS = select(Request).where(Request.claim_id == bindparam("key")).order_by(Request.number)
_ITEMS = (
    select(RequestItem)
    .where(among(RequestItem.request_id, "keys"))
    .order_by(RequestItem.position)
    .options(joinedload(RequestItem.requirement))
)
_EVENTS = select(Event).where(Event.ticket_id == bindparam("key")).order_by(Event.id)
_EVENTS_SINCE = _EVENTS.where(Event.at >= bindparam("oldest"))
_OTHER_CLAIMS = (
    select(Claim.ref, Claim.type, Claim.state, Claim.loss_date)
    .where(Claim.claimant_id == bindparam("party"), Claim.id != bindparam("claim"))
    .order_by(Claim.id.desc())
    .limit(_OTHERS)
)


def conversation(session: Session, ref: str, *, restricted: bool = False, newest: int | None = None) -> Conversation:
    """One ticket with its timeline, or the `newest` messages of it.

    Raises `UnknownReferenceError`, also for one that is not to be seen.
    """
    ticket = session.scalar(_TICKET, {"ref": ref, "restricted": restricted})
    if ticket is None:
        raise UnknownReferenceError(f"there is no ticket {ref}")
    _complete(session, ticket)
    messages, is_cut = _messages(session, ticket, newest)
    return Conversation(
        ticket=ticket,
        messages=messages,
        deliveries=_deliveries(session, messages),
        documents=_documents(session, messages),
        requests=_requests(session, ticket.claim),
        events=_events(session, ticket, messages[0] if is_cut else None),
        other_claims=_other_claims(session, ticket),
        parties=_parties(session, ticket.claim),
        version=_version(session, ticket.claim),
        is_cut=is_cut,
    )


def _complete(session: Session, ticket: Ticket) -> None:
    """Read how its people are reached and what its claim needs, each table once."""
    people = {each.id: each for each in (ticket.party, ticket.claim and ticket.claim.claimant) if each}
    _give(people.values(), "contacts", _of(session, _CONTACTS, people), by="party_id")
    if ticket.claim:
        _give([ticket.claim], "requirements", _of(session, _REQUIREMENTS, [ticket.claim.id]), by="claim_id")


def _messages(session: Session, ticket: Ticket, newest: int | None) -> tuple[list[Message], bool]:
    """The messages in the order in which they came or went, and whether there are earlier ones."""
    query = _NEWEST_MESSAGES if newest else _MESSAGES
    found = list(session.scalars(query, {"key": ticket.id, "most": (newest or 0) + 1}))
    messages = sorted(found[:newest], key=lambda each: (each.at, each.id))
    keys = [each.id for each in messages]
    _give(messages, "links", _of(session, _LINKS, keys), by="message_id")
    _give(messages, "files", _of(session, _FILES, keys), by="message_id")
    return messages, len(found) > len(messages)


def _of(session: Session, query: Any, keys: Iterable[int]) -> list[Any]:
    """The rows that hang on these keys; without any, nothing is asked."""
    listed = list(keys)
    return list(session.scalars(query, {"keys": listed})) if listed else []


def _give(owners: Iterable[Any], name: str, rows: Sequence[Any], *, by: str) -> None:
    """Make rows the collection of their owners, as if the store had been asked for it."""
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, by), []).append(row)
    for owner in owners:
        set_committed_value(owner, name, found.get(owner.id, []))


def _deliveries(session: Session, messages: Sequence[Message]) -> dict[int, OutboxDelivery]:
    return {each.message_id: each for each in _of(session, _DELIVERIES, [message.id for message in messages])}


def _documents(session: Session, messages: Sequence[Message]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = {}
    for document in _of(session, _DOCUMENTS, [file.id for message in messages for file in message.files]):
        found.setdefault(document.file_id, []).append(document)
    return found


def _requests(session: Session, claim: Claim | None) -> list[Request]:
    if claim is None:
        return []
    found = list(session.scalars(_REQUESTS, {"key": claim.id}))
    _give(found, "items", _of(session, _ITEMS, [each.id for each in found]), by="request_id")
    return found


def _events(session: Session, ticket: Ticket, oldest: Message | None) -> list[Event]:
    if oldest is None:
        return list(session.scalars(_EVENTS, {"key": ticket.id}))
    return list(session.scalars(_EVENTS_SINCE, {"key": ticket.id, "oldest": oldest.at}))


def _other_claims(session: Session, ticket: Ticket) -> list[OtherClaim]:
    party_id = ticket.claim.claimant_id if ticket.claim else ticket.party_id
    if party_id is None:
        return []
    found = session.execute(_OTHER_CLAIMS, {"party": party_id, "claim": ticket.claim_id or 0})
    return [OtherClaim(ref=ref, type=kind, state=state, loss_date=day) for ref, kind, state, day in found]


def _parties(session: Session, claim: Claim | None) -> list[tuple[str, str]]:
    return [(role, name) for role, name in session.execute(_PARTIES, {"key": claim.id})] if claim else []


def _version(session: Session, claim: Claim | None) -> PolicyVersion | None:
    """What its policy says of the day of loss as we know it now: of the versions then, the one recorded last."""
    if claim is None or claim.policy_id is None:
        return None
    query = _VERSIONS_OF_DAY if claim.loss_date else _VERSIONS
    return session.scalar(query, {"key": claim.policy_id, "day": claim.loss_date})


def of_claim(session: Session, claim: Claim, *, restricted: bool = False) -> list[Message]:
    """What was said on all tickets of a claim, with its files, oldest first."""
    query = select(Message).join(Ticket).where(Ticket.claim_id == claim.id)
    if not restricted:
        query = query.where(Ticket.restricted.is_(False))
    return list(session.scalars(query.options(selectinload(Message.files)).order_by(Message.at, Message.id)))


def course(session: Session, claim: Claim, *, restricted: bool = False) -> Course:
    """All that was said and done on the tickets of a claim."""
    messages = of_claim(session, claim, restricted=restricted)
    done = select(Event).outerjoin(Ticket).where(or_(Event.claim_id == claim.id, Ticket.claim_id == claim.id))
    if not restricted:
        done = done.where(or_(Event.ticket_id.is_(None), Ticket.restricted.is_(False)))
    return Course(
        messages=messages,
        deliveries=_deliveries(session, messages),
        requests=_requests(session, claim),
        events=list(session.scalars(done.order_by(Event.id))),
    )


def links(session: Session, ticket: Ticket) -> list[Link]:
    """The links of a ticket's messages that nobody has undone."""
    query = select(Link).join(Message, Message.id == Link.message_id).where(Message.ticket_id == ticket.id)
    return list(session.scalars(query.where(Link.state != LinkState.UNDONE).order_by(Link.id)))


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

"""What the demo promises, looked up in the store and at the servers once the story is over."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.demo.site import Site
from tickets.messages import DeliveryState, Medium, MessageKind
from tickets.models import (
    Arrival,
    ArrivalState,
    Claim,
    ContactPoint,
    ContactStatus,
    Event,
    Link,
    LinkState,
    Message,
    OutboxDelivery,
    RequestState,
    Ticket,
)
from tickets.requests import find

THREE_PARTS = "CLM26-000101-17/R1"
_STRANGER = "gigi@stranger.example.net"
_OUTLOOK = "emily.carter@example.com"
_BOUNCED, _STOPPED = "elena.stoica@example.ro", "+40722000108"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One thing the demo shows, and whether it came true."""

    words: str
    kept: bool


def promises(session: Session, site: Site) -> Iterator[Promise]:
    """Everything the demo claims to show."""
    yield Promise(words="every arrival has one fate, none waits", kept=_no_arrival_waits(session))
    yield Promise(words="one request answered in three parts: by mail, by text, by letter", kept=_three_media(session))
    yield Promise(words="and its claim still has exactly one ticket", kept=_one_ticket(session))
    yield Promise(words="an Outlook answer with another subject found by its reply address", kept=_by_token(session))
    yield Promise(words="a stranger with a valid reference is told nothing of the claim", kept=_stranger(session, site))
    yield Promise(words="no machine gets an answer", kept=_machines_unanswered(session, site))
    yield Promise(words="a mail sent twice is shown once, one nobody can read is set aside", kept=_set_aside(session))
    yield Promise(words="our returned mail makes the address bouncing, STOP stops texts", kept=_switched_off(session))
    yield Promise(words='with send = "auto" a certain request has left by itself', kept=_left_by_itself(session))
    yield Promise(words="no message is in an unknown state", kept=_none_unknown(session))


def waiting_letters(session: Session) -> list[OutboxDelivery]:
    """Letters that wait in the outbox because nothing here can draw them."""
    query = select(OutboxDelivery).where(
        OutboxDelivery.medium == Medium.LETTER, OutboxDelivery.state == DeliveryState.QUEUED
    )
    return list(session.scalars(query))


def _no_arrival_waits(session: Session) -> bool:
    total = session.scalar(select(func.count()).select_from(Arrival)) or 0
    return total > 0 and not _exists(session, select(Arrival.id).where(Arrival.state == ArrivalState.RECEIVED))


def _three_media(session: Session) -> bool:
    request = find(session, THREE_PARTS)
    media = {item.answered_by.medium for item in request.items if item.answered_by is not None}
    return request.state is RequestState.ANSWERED and media == {Medium.EMAIL, Medium.SMS, Medium.LETTER}


def _one_ticket(session: Session) -> bool:
    claim = THREE_PARTS.partition("/")[0]
    query = select(func.count()).select_from(Ticket).join(Claim, Ticket.claim_id == Claim.id).where(Claim.ref == claim)
    return session.scalar(query) == 1


def _by_token(session: Session) -> bool:
    query = select(Link).join(Message).where(Message.from_norm == _OUTLOOK, Link.state == LinkState.ACTIVE)
    return any(reason["evidence"] == "reply_token" for link in session.scalars(query) for reason in link.reasons)


def _stranger(session: Session, site: Site) -> bool:
    """His link is unverified, and what he was sent names no claim."""
    states = session.scalars(select(Link.state).join(Message).where(Message.from_norm == _STRANGER))
    told = (mail.raw for mail in site.sink.taken if _STRANGER in mail.to)
    return set(states) == {LinkState.UNVERIFIED} and not any(b"CLM" in raw for raw in told)


def _machines_unanswered(session: Session, site: Site) -> bool:
    query = select(Message.from_norm, Message.message_id).where(Message.kind != MessageKind.MESSAGE)
    machines = list(session.execute(query))
    answered = {mail.message["In-Reply-To"] for mail in site.sink.taken}
    return bool(machines) and not any(f"<{message_id}>" in answered for _, message_id in machines)


def _set_aside(session: Session) -> bool:
    states = list(session.scalars(select(Arrival.state)))
    return ArrivalState.DUPLICATE in states and ArrivalState.QUARANTINED in states


def _switched_off(session: Session) -> bool:
    query = select(ContactPoint.value_norm, ContactPoint.status).where(
        ContactPoint.value_norm.in_((_BOUNCED, _STOPPED))
    )
    states = {norm: status for norm, status in session.execute(query)}  # noqa: C416 - dict() takes a result for a mapping
    return states == {_BOUNCED: ContactStatus.BOUNCING, _STOPPED: ContactStatus.OPTED_OUT}


def _left_by_itself(session: Session) -> bool:
    asked = _exists(session, select(Event.id).where(Event.kind == "request.asked", Event.actor == "rule:auto"))
    query = select(OutboxDelivery.id).where(
        OutboxDelivery.template == "request", OutboxDelivery.automatic, OutboxDelivery.state == DeliveryState.SENT
    )
    return asked and _exists(session, query)


def _none_unknown(session: Session) -> bool:
    doubtful = (DeliveryState.UNKNOWN, DeliveryState.TRANSMITTING, DeliveryState.CLAIMED)
    return not _exists(session, select(OutboxDelivery.id).where(OutboxDelivery.state.in_(doubtful)))


def _exists(session: Session, query: object) -> bool:
    from sqlalchemy import Select

    assert isinstance(query, Select)
    return session.scalar(query.limit(1)) is not None

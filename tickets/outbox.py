"""The outbox: what is to leave is written with its cause, sent later by another job, and its fate kept.

At most once by itself: a delivery that began to transmit and got no answer is `unknown`; no rule sends it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from templates import Rendered
from tickets import deadlines, history, leaves, tokens
from tickets.claims import party_ids
from tickets.deadlines import deliveries
from tickets.directory import facts_of_token
from tickets.errors import DisclosureError, GuardError
from tickets.messages import (
    Address,
    Delivery,
    DeliveryState,
    Enclosure,
    Medium,
    MessageKind,
    OutboundMessage,
    Sender,
    Trust,
)
from tickets.models import (
    Claim,
    ContactPoint,
    Direction,
    EarlyReport,
    Message,
    OutboxDelivery,
    ReplyToken,
    Request,
    RequestState,
    Ticket,
)
from tickets.office import Office
from tickets.reach import Recipient

#: A sender that has not reported back for this long is gone; longer than any timeout of a channel.
LEASE = timedelta(minutes=4, seconds=30)
#: Minutes until the next attempt when the other side says "later"; then the last one again.
BACKOFF = (1, 5, 15, 60, 240)
#: After this long without a yes we give up and tell the ticket (RFC 5321, 4.5.4.1).
GIVE_UP = timedelta(days=5)
#: Who sends beside us from the same account reports to us too: what nobody here sent is forgotten after this long.
EARLY_FOR = timedelta(days=7)

#: The detail of a delivery that its writer stopped while it was held.
TAKEN_BACK = "taken back"

_FORWARD = [
    DeliveryState.QUEUED,
    DeliveryState.CLAIMED,
    DeliveryState.TRANSMITTING,
    DeliveryState.UNKNOWN,
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.DELIVERED,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What an outgoing message is, beside its words."""

    template: str
    language: str
    automatic: bool = False
    author_id: int | None = None
    in_reply_to: str | None = None
    references: str = ""
    hold: timedelta = timedelta()


def reply_token(
    session: Session,
    office: Office,
    ticket: Ticket,
    to: Recipient,
    *,
    request: Request | None,
    now: datetime,
    again: bool = False,
) -> str:
    """Make the token by which an answer of `to` finds this ticket (and request) again.

    `again`: one move may write to `to` several times; the same facts give the same token, which is then used again.
    """
    facts = facts_of_token(ticket, request, address=to.norm, made_at=now)
    token = tokens.make(office.keys[0], *facts)
    if again and _has_token(session, token):
        return token
    leaves.add(
        session, ReplyToken, under={"ticket_id": ticket, "request_id": request},
        token=token, party_id=to.party_id, address=to.norm, made_at=now, proofs_failed=0,
    )  # fmt: skip
    return token


def _has_token(session: Session, token: str) -> bool:
    waiting = any(leaf.values["token"] == token for leaf in leaves.waiting(session, ReplyToken))
    return waiting or session.get(ReplyToken, token) is not None


def reply_address(office: Office, token: str) -> str | None:
    """The signed reply address; None where no mailbox is configured."""
    outlet = office.outlets.get(Medium.EMAIL)
    return tokens.plus_address(outlet.address, token) if outlet else None


def enqueue(
    session: Session,
    office: Office,
    *,
    ticket: Ticket,
    to: Recipient,
    words: Rendered,
    head: Letterhead,
    now: datetime,
    request: Request | None = None,
    reply_to: str | None = None,
    touched: bool = True,
) -> OutboxDelivery:
    """Write one message to one recipient into the outbox; it leaves when its hold is over.

    One that nothing else in this transaction touches is written as leaves, at a fifth of the cost: what is given for it
    shows its rows and is none of the session's.
    """
    outlet = office.outlets.get(to.medium)
    if outlet is None:
        raise GuardError(
            f"no channel is configured for {to.medium}", ro=f"niciun canal nu este configurat pentru {to.medium}"
        )
    about = (head.template, request.code if request else "")
    message_id = _message_id(office, ticket, to, now, about=about)
    message = _message(office, ticket, to, words, head, message_id=message_id, now=now)
    delivery = OutboxDelivery(
        message=message, request=request, channel=outlet.channel, medium=to.medium, template=head.template,
        to_name=to.name, to_address=to.address, to_norm=to.norm, reply_address=reply_to,
        in_reply_to=head.in_reply_to, references=head.references, automatic=head.automatic,
        queued_at=now, due_at=now + head.hold,
    )  # fmt: skip
    if touched:
        session.add_all([message, delivery])
        return delivery
    leaf = leaves.plant(session, message, under={"ticket_id": ticket, "arrival_id": None})
    leaves.plant(session, delivery, under={"message_id": leaf, "request_id": request})
    return delivery


def _message(
    office: Office, ticket: Ticket, to: Recipient, words: Rendered, head: Letterhead, *, message_id: str, now: datetime
) -> Message:
    """Names every column that an incoming one names: rows of the same columns share one INSERT, others break it up."""
    return Message(
        ticket=ticket, medium=to.medium, channel=office.outlets[to.medium].channel, direction=Direction.OUT,
        kind=MessageKind.MESSAGE, at=now, message_id=message_id, trust=Trust.NONE, pages=0,
        from_name=office.name, sender_state=Sender.PLAIN, to=[{"name": to.name, "address": to.address}],
        subject=words.subject, text=words.text, new_text=words.text, html=words.html,
        has_html=words.html is not None, language=head.language, author_id=head.author_id,
    )  # fmt: skip


def require_on_file(session: Session, claim: Claim, to: Recipient) -> None:
    """Raise `DisclosureError` unless `to` is a contact point of a party of the claim."""
    query = select(ContactPoint.id).where(
        ContactPoint.value_norm == to.norm, ContactPoint.party_id.in_(party_ids(claim) or {0})
    )
    if session.scalar(query.limit(1)) is None:
        raise DisclosureError(
            f"{claim.ref}: the address is not on file for this claim; verify the person first",
            ro=f"{claim.ref}: adresa nu este în evidența dosarului; verificați întâi persoana",
        )


def _message_id(office: Office, ticket: Ticket, to: Recipient, now: datetime, *, about: tuple[str, ...]) -> str:
    """Stable for the logical message, and not to be guessed: who knows it has seen the message."""
    mailbox = office.outlets.get(Medium.EMAIL)
    domain = mailbox.address.partition("@")[2] if mailbox else "claimdesk.invalid"
    token = tokens.make(office.keys[0], "mail", ticket.ref, *about, to.medium, to.norm, now.isoformat())
    return f"{ticket.ref.lower()}.{token}@{domain}"


# --- the sender's side


def claim_due(session: Session, channels: Sequence[str], *, now: datetime, limit: int) -> list[OutboxDelivery]:
    """Take deliveries that are due on these channels; nobody else gets them until the lease ends."""
    query = (
        select(OutboxDelivery)
        .where(OutboxDelivery.channel.in_(channels), _is_due(now))
        .order_by(OutboxDelivery.due_at, OutboxDelivery.id)
        .limit(limit)
        .options(
            joinedload(OutboxDelivery.message).options(undefer(Message.html), selectinload(Message.files)),
            joinedload(OutboxDelivery.request),
        )
        .with_for_update(skip_locked=True, of=OutboxDelivery)
    )
    taken = list(session.scalars(query))
    for delivery in taken:
        delivery.state = DeliveryState.CLAIMED
        delivery.attempts += 1
        delivery.lease_until = now + LEASE
    return taken


def is_anything_due(session: Session, channels: Sequence[str], *, now: datetime) -> bool:
    """Whether it is worth taking the writer's lock."""
    query = select(OutboxDelivery.id).where(OutboxDelivery.channel.in_(channels), _is_due(now))
    return session.scalar(query.limit(1)) is not None


def give_back(session: Session, delivery_id: int, *, attempt: int | None = None) -> None:
    """Put a delivery that was taken and not touched back at its place in the queue."""
    delivery = _locked(session, delivery_id)
    if delivery.state is DeliveryState.CLAIMED and _is_held(delivery, attempt):
        delivery.state, delivery.lease_until = DeliveryState.QUEUED, None
        delivery.attempts -= 1


def _is_held(delivery: OutboxDelivery, attempt: int | None) -> bool:
    """Whether nobody has claimed it after the claim that was its `attempt`; None does not ask."""
    return attempt is None or delivery.attempts == attempt


def _is_due(now: datetime) -> ColumnElement[bool]:
    queued = and_(OutboxDelivery.state == DeliveryState.QUEUED, OutboxDelivery.due_at <= now)
    abandoned = and_(OutboxDelivery.state == DeliveryState.CLAIMED, OutboxDelivery.lease_until < now)
    return or_(queued, abandoned)


def outbound(delivery: OutboxDelivery, *, status_url: str | None, files: Sequence[Enclosure] = ()) -> OutboundMessage:
    """The delivery as its channel needs it; `files` are its message's, with their bytes."""
    message = delivery.message
    return OutboundMessage(
        message_id=message.message_id or "",
        medium=delivery.medium,
        to=Address(address=delivery.to_address, name=delivery.to_name),
        subject=message.subject,
        text=message.text,
        html=message.html,
        language=message.language or "",
        reply_to=delivery.reply_address,
        in_reply_to=delivery.in_reply_to,
        references=tuple(delivery.references.split()),
        automatic=delivery.automatic,
        code=delivery.request.code if delivery.request else None,
        status_url=status_url,
        sent_at=message.at,
        files=tuple(files),
    )


def transmitting(session: Session, delivery_id: int, *, now: datetime, attempt: int | None = None) -> None:
    """Commit the intent, as late as the protocol allows; raises `GuardError` if the lease was lost."""
    delivery = _locked(session, delivery_id)
    is_ours = delivery.state is DeliveryState.CLAIMED and _is_held(delivery, attempt)
    if not is_ours or (delivery.lease_until or now) < now:
        raise GuardError(
            f"delivery {delivery_id} is {delivery.state}: somebody else has it",
            ro=f"livrarea {delivery_id} este {delivery.state}: o are altcineva",
        )
    delivery.state, delivery.transmitting_at = DeliveryState.TRANSMITTING, now
    delivery.lease_until = now + LEASE


def record(session: Session, delivery_id: int, outcome: Delivery, *, now: datetime) -> None:
    """Keep the other side's answer; a state only moves forward."""
    delivery = _locked(session, delivery_id)
    delivery.provider_id = outcome.provider_id or delivery.provider_id
    advance(session, delivery, outcome.state, detail=outcome.detail, now=now)
    if delivery.provider_id:
        session.flush()  # what was said of it early is found by its id
        _apply_early(session, EarlyReport.provider_id == delivery.provider_id)


def later(session: Session, delivery_id: int, why: str, *, now: datetime, attempt: int | None = None) -> None:
    """Nothing was taken: queue it again with a growing pause, and give up after five days.

    Changes nothing if somebody else has claimed it since, or it is stopped: it would leave twice, or after all.
    """
    delivery = _locked(session, delivery_id)
    if delivery.state not in (DeliveryState.CLAIMED, DeliveryState.TRANSMITTING) or not _is_held(delivery, attempt):
        return
    delivery.lease_until = None
    delivery.detail = why
    if now - delivery.queued_at > GIVE_UP:
        advance(session, delivery, DeliveryState.FAILED, detail=why, now=now)
        return
    delivery.state = DeliveryState.QUEUED
    delivery.due_at = now + timedelta(minutes=BACKOFF[min(delivery.attempts, len(BACKOFF)) - 1])


def advance(
    session: Session, delivery: OutboxDelivery, state: DeliveryState, *, detail: str | None, now: datetime
) -> None:
    """Move a delivery forward and tell its ticket and request; a late "sent" after "delivered" changes nothing."""
    if delivery.state is state or not _is_forward(delivery.state, state):
        return
    delivery.state, delivery.lease_until = state, None
    delivery.detail = detail or delivery.detail
    told: list[deadlines.Occurrence] = []
    if state in (DeliveryState.SENT, DeliveryState.DELIVERED):
        told += deliveries.of_departure(delivery, now) if delivery.sent_at is None else ()
        delivery.sent_at = delivery.sent_at or now
    if state is DeliveryState.DELIVERED:
        delivery.delivered_at = now
    if _tell_request(delivery, now) and delivery.request is not None:
        told += deliveries.of_arrival(delivery.request)
    deadlines.passed(session, *told, now=now)
    ticket = delivery.message.ticket
    if state in (DeliveryState.REFUSED, DeliveryState.FAILED, DeliveryState.UNKNOWN):
        ticket.unread = True
    history.record(
        session,
        f"delivery.{state}",
        actor="sender",
        at=now,
        ticket=ticket,
        message=delivery.message,
        delivery=delivery.id,
    )


def _is_forward(before: DeliveryState, after: DeliveryState) -> bool:
    if before is DeliveryState.REFUSED or (before is DeliveryState.FAILED and after is not DeliveryState.DELIVERED):
        return False
    if after is DeliveryState.REFUSED:
        return before not in (DeliveryState.SENT, DeliveryState.DELIVERED)
    return _FORWARD.index(after) > _FORWARD.index(before)


def _tell_request(delivery: OutboxDelivery, now: datetime) -> bool:
    """A pause counts from the first delivery. Mail that was taken and paper that was printed count as delivered."""
    request = delivery.request
    if request is None or request.delivered_at is not None:
        return False
    taken = delivery.state is DeliveryState.SENT and delivery.medium is not Medium.SMS
    if taken or delivery.state is DeliveryState.DELIVERED:
        request.delivered_at = now
    return request.delivered_at is not None


def expire(session: Session, *, now: datetime) -> int:
    """Name every delivery `unknown` whose sender began to transmit and has not come back."""
    query = select(OutboxDelivery).where(
        OutboxDelivery.state == DeliveryState.TRANSMITTING, OutboxDelivery.lease_until < now
    )
    lost = list(session.scalars(query.with_for_update(skip_locked=True)))
    for delivery in lost:
        advance(session, delivery, DeliveryState.UNKNOWN, detail="no answer came", now=now)
    _apply_early(session, true())  # a report and the answer that names its Sid, at the same moment, miss each other
    session.execute(delete(EarlyReport).where(EarlyReport.at < now - EARLY_FOR))
    return len(lost)


def cancel_queued(session: Session, *, medium: Medium, norm: str, why: str, now: datetime) -> None:
    """Nothing that still waits may leave to this address."""
    query = select(OutboxDelivery).where(
        OutboxDelivery.to_norm == norm,
        OutboxDelivery.medium == medium,
        OutboxDelivery.state.in_((DeliveryState.QUEUED, DeliveryState.CLAIMED)),
    )
    for delivery in session.scalars(query.with_for_update()):
        advance(session, delivery, DeliveryState.REFUSED, detail=why, now=now)


def bounced(session: Session, delivery: OutboxDelivery, *, detail: str, now: datetime) -> None:
    """A report says the address does not take our mail: not reached, and any pause it began is withdrawn."""
    delivery.state, delivery.detail = DeliveryState.FAILED, detail
    delivery.delivered_at = None
    request = delivery.request
    if request is not None and request.state is not RequestState.ANSWERED:
        request.delivered_at = _first_other_delivery(session, delivery)
        deadlines.passed(session, *deliveries.of_return(request, at=now), now=now)
    delivery.message.ticket.unread = True
    history.record(
        session,
        "delivery.bounced",
        actor="triage",
        at=now,
        ticket=delivery.message.ticket,
        claim=request.claim if request else None,
        message=delivery.message,
        delivery=delivery.id,
    )


def _first_other_delivery(session: Session, bounced_one: OutboxDelivery) -> datetime | None:
    query = select(func.min(func.coalesce(OutboxDelivery.delivered_at, OutboxDelivery.sent_at))).where(
        OutboxDelivery.request_id == bounced_one.request_id,
        OutboxDelivery.id != bounced_one.id,
        or_(
            OutboxDelivery.state == DeliveryState.DELIVERED,
            and_(OutboxDelivery.state == DeliveryState.SENT, OutboxDelivery.medium != Medium.SMS),
        ),
    )
    return session.scalar(query)


def reported(session: Session, provider_id: str, state: DeliveryState, *, detail: str, now: datetime) -> bool:
    """Move the delivery on that a carrier speaks of; False where none has this id yet: the report is kept for it."""
    query = select(OutboxDelivery).where(OutboxDelivery.provider_id == provider_id)
    both = (joinedload(OutboxDelivery.message), joinedload(OutboxDelivery.request))
    delivery = session.scalar(query.options(*both).with_for_update(of=OutboxDelivery))
    if delivery is not None:
        advance(session, delivery, state, detail=detail, now=now)
        return True
    same = select(EarlyReport.id).where(EarlyReport.provider_id == provider_id, EarlyReport.state == state)
    if session.scalar(same.limit(1)) is None:
        session.add(EarlyReport(provider_id=provider_id, state=state, detail=detail, at=now))
    return False


def _apply_early(session: Session, which: ColumnElement[bool]) -> None:
    """Move deliveries on by what was said of them before their ids were known, in the order in which it was said."""
    query = (
        select(EarlyReport, OutboxDelivery)
        .join(OutboxDelivery, OutboxDelivery.provider_id == EarlyReport.provider_id)
        .where(which)
        .order_by(EarlyReport.id)
        .options(joinedload(OutboxDelivery.message), joinedload(OutboxDelivery.request))
        .with_for_update(of=(EarlyReport, OutboxDelivery))
    )
    for early, delivery in session.execute(query).all():
        advance(session, delivery, early.state, detail=early.detail, now=early.at)
        session.delete(early)


def _locked(session: Session, delivery_id: int) -> OutboxDelivery:
    query = (
        select(OutboxDelivery)
        .where(OutboxDelivery.id == delivery_id)
        .options(joinedload(OutboxDelivery.message), joinedload(OutboxDelivery.request))
        .with_for_update(of=OutboxDelivery)
    )
    return session.scalars(query).one()

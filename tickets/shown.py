"""What `claimdesk show` prints: a ticket, claim, policy or request as plain data, in the shapes other systems rely on."""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import TypeAlias

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets import references
from tickets.claim_types import load
from tickets.claims import missing
from tickets.errors import UnknownReferenceError
from tickets.messages import DeliveryState, Medium
from tickets.models import (
    Claim,
    Event,
    Link,
    Message,
    OutboxDelivery,
    Policy,
    PolicyVersion,
    Request,
    RequestItem,
    Ticket,
)
from tickets.office import Office
from tickets.requests import open_of
from tickets.requirements import SETTLED, RequirementState
from tickets.world import normal_policy

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Shown: TypeAlias = "dict[str, Json]"


def any(session: Session, ref: str, office: Office) -> Shown:  # noqa: A001 - shown.any reads as it should
    """Whatever `ref` names; raises `UnknownReferenceError`."""
    shows: Mapping[str, Callable[[Session, str, Office], Shown]] = {"CLM": claim, "TKT": ticket}
    text = ref.strip()
    if "/R" in text and text.upper().startswith("CLM"):
        return request(session, text.upper(), office)
    found = next((each for each in references.find(text) if each.kind in ("claim", "ticket") and each.sure), None)
    if found is not None:
        return shows[found.value[:3]](session, found.value, office)
    return policy(session, text, office)


def ticket(session: Session, ref: str, office: Office) -> Shown:
    """A ticket with its messages and their links."""
    row = session.scalar(
        select(Ticket).where(Ticket.ref == ref).options(joinedload(Ticket.claim), joinedload(Ticket.party))
    )
    if row is None:
        raise UnknownReferenceError(f"there is no ticket {ref}")
    messages = session.scalars(
        select(Message)
        .where(Message.ticket_id == row.id)
        .order_by(Message.at, Message.id)
        .options(selectinload(Message.files), selectinload(Message.links))
    ).all()
    sent = {each.message_id: each for each in session.scalars(_deliveries([message.id for message in messages]))}
    return {
        "kind": "ticket",
        "ref": row.ref,
        "state": row.state,
        "intent": row.kind,
        "queue": row.queue,
        "priority": row.priority,
        "subject": row.subject,
        "claim": row.claim.ref if row.claim else None,
        "customer": row.party.external_id or str(row.party.id) if row.party else None,
        "verified": row.verified,
        "opened_at": _moment(row.opened_at),
        "messages": [_message(message, sent.get(message.id)) for message in messages],
        "events": [
            {"at": _moment(event.at), "kind": event.kind, "actor": event.actor, "detail": dict(event.detail)}
            for event in session.scalars(select(Event).where(Event.ticket_id == row.id).order_by(Event.id))
        ],
    }


def _deliveries(message_ids: list[int]) -> Select[OutboxDelivery]:
    return select(OutboxDelivery).where(OutboxDelivery.message_id.in_(message_ids)).order_by(OutboxDelivery.id)


def _message(message: Message, delivery: OutboxDelivery | None) -> Json:
    return {
        "direction": message.direction,
        "medium": message.medium,
        "channel": message.channel,
        "kind": message.kind,
        "at": _moment(message.at),
        "received_on": message.received_on.isoformat() if message.received_on else None,
        "from": {"name": message.from_name, "address": message.from_address},
        "sender": message.sender_state,
        "to": list(message.to),
        "subject": message.subject,
        "text": message.text,
        "new_text": message.new_text,
        "message_id": message.message_id,
        "pages": message.pages,
        "intents": list(message.intents),
        "files": [
            {"name": f.name, "media_type": f.media_type, "size": f.size, "sha256": f.sha256} for f in message.files
        ],
        "links": [link(each) for each in message.links],
        "delivery": _delivery(delivery) if delivery else None,
    }


def link(row: Link) -> Json:
    """A link with its evidence."""
    return {
        "target": row.target,
        "kind": row.target_kind,
        "state": row.state,
        "score": round(row.score, 2),
        "reasons": list(row.reasons),
        "by": row.made_by,
    }


def claim(session: Session, ref: str, office: Office) -> Shown:
    """A claim with what it needs, what was asked, and the policy version that decides."""
    row = session.scalar(
        select(Claim)
        .where(Claim.ref == ref)
        .options(joinedload(Claim.claimant), joinedload(Claim.policy), selectinload(Claim.requirements))
    )
    if row is None:
        raise UnknownReferenceError(f"there is no claim {ref}")
    requests = session.scalars(_request_rows().where(Request.claim_id == row.id).order_by(Request.number)).all()
    merged = session.get(Claim, row.merged_into_id) if row.merged_into_id else None
    return {
        "kind": "claim",
        "ref": row.ref,
        "type": row.type,
        "state": row.state,
        "closed_reason": row.closed_reason,
        "merged_into": merged.ref if merged else None,
        "policy": row.policy.ref if row.policy else row.policy_ref,
        "policy_version": _version_number(session, row, office),
        "claimant": row.claimant.external_id or str(row.claimant.id) if row.claimant else None,
        "loss_date": row.loss_date.isoformat() if row.loss_date else None,
        "loss_date_from": row.loss_date_from,
        "reported_on": row.reported_on.isoformat() if row.reported_on else None,
        "cause": row.cause,
        "facts": dict(row.facts),
        "amount_claimed": _money(row.total_minor, row.currency),
        "requirements": [
            {"key": each.item, "stage": each.stage, "state": each.state, "because": each.because, "reason": each.reason}
            for each in row.requirements
        ],
        "missing": [{"key": each.item, "stage": each.stage, "state": each.state} for each in missing(row)],
        "open_request": code.code if (code := open_of(session, row)) else None,
        "requests": [_request(session, each) for each in requests],
        "findings": [],
        "clocks": [],
        "decision": None,
    }


def _version_number(session: Session, row: Claim, office: Office) -> int | None:
    """The number of the policy's version in force on the day of loss, as it was known at the end of that day."""
    if row.policy_id is None or row.loss_date is None:
        return None
    known_until = datetime.combine(row.loss_date, time.max, tzinfo=office.timezone)
    versions = session.scalars(
        select(PolicyVersion)
        .where(PolicyVersion.policy_id == row.policy_id)
        .order_by(PolicyVersion.recorded_at, PolicyVersion.id)
    ).all()
    fitting = [
        number
        for number, version in enumerate(versions, start=1)
        if version.effective_from <= row.loss_date <= version.effective_to and version.recorded_at <= known_until
    ]
    return max(fitting, default=None)


def request(session: Session, code: str, office: Office) -> Shown:  # noqa: ARG001 - the four have one signature
    """A request with its items and deliveries, and how it can be answered."""
    row = session.scalar(_request_rows().where(Request.code == code))
    if row is None:
        raise UnknownReferenceError(f"there is no request {code}")
    return _request(session, row)


def _request(session: Session, row: Request) -> Shown:
    deliveries = session.scalars(
        select(OutboxDelivery)
        .where(OutboxDelivery.request_id == row.id)
        .order_by(OutboxDelivery.id)
        .options(joinedload(OutboxDelivery.message))
    ).all()
    return {
        "kind": "request",
        "code": row.code,
        "claim": row.claim.ref,
        "number": row.number,
        "state": row.state,
        "ticket": row.ticket.ref if row.ticket else None,
        "sent_at": _moment(row.sent_at),
        "delivered_at": _moment(row.delivered_at),
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "reply_address": next((each.reply_address for each in deliveries if each.medium is Medium.EMAIL), None)
        or next((each.reply_address for each in deliveries if each.reply_address), None),
        "upload_url": None,
        "items": [_item(item) for item in row.items],
        "deliveries": [_delivery(each) for each in deliveries],
    }


def _item(item: RequestItem) -> Json:
    entry = load().items[item.requirement.item]
    state = item.requirement.state
    return {
        "key": item.requirement.item,
        "label": {"en": entry.en, "ro": entry.ro},
        "stage": item.requirement.stage,
        "state": state,
        "question": item.question,
        "settled": state is RequirementState.RECEIVED or state in SETTLED,
    }


def _delivery(row: OutboxDelivery) -> Json:
    return {
        "medium": row.medium,
        "channel": row.channel,
        "to": row.to_address,
        "template": row.template,
        "state": row.state,
        "message_id": row.message.message_id if row.medium is Medium.EMAIL else None,
        "sid": row.provider_id if row.medium is Medium.SMS else None,
        "queued_at": _moment(row.queued_at),
        "sent_at": _moment(row.sent_at),
        "delivered_at": _moment(row.delivered_at),
        "not_reached": row.state in (DeliveryState.REFUSED, DeliveryState.FAILED),
        "detail": row.detail,
    }


def policy(session: Session, ref: str, office: Office) -> Shown:
    """A policy with its versions, oldest knowledge first."""
    row = session.scalar(
        select(Policy)
        .where(Policy.ref_norm == normal_policy(ref, office))
        .options(
            joinedload(Policy.holder),
            selectinload(Policy.assets),
            selectinload(Policy.versions).selectinload(PolicyVersion.coverages),
        )
    )
    if row is None:
        raise UnknownReferenceError(f"nothing is stored under {ref}")
    claims = session.scalars(select(Claim.ref).where(Claim.policy_id == row.id).order_by(Claim.id)).all()
    return {
        "kind": "policy",
        "ref": row.ref,
        "line": row.line,
        "product": row.product,
        "holder": row.holder.external_id or str(row.holder.id),
        "assets": [{"kind": a.kind, "plate": a.plate_norm, "vin": a.vin, "address": a.address} for a in row.assets],
        "versions": [_version(number, each) for number, each in enumerate(row.versions, start=1)],
        "claims": list(claims),
    }


def _version(number: int, row: PolicyVersion) -> Json:
    return {
        "number": number,
        "effective_from": row.effective_from.isoformat(),
        "effective_to": row.effective_to.isoformat(),
        "recorded_at": _moment(row.recorded_at),
        "status": row.status,
        "premium_paid_to": row.premium_paid_to.isoformat() if row.premium_paid_to else None,
        "territory": list(row.territory),
        "currency": row.currency,
        "coverages": [
            {
                "code": each.code,
                "perils": list(each.perils),
                "limit_event": _money(each.limit_event, row.currency),
                "limit_aggregate": _money(each.limit_aggregate, row.currency),
                "deductible": dict(each.deductible),
                "waiting_days": each.waiting_days,
                "clause": each.clause,
            }
            for each in row.coverages
        ],
    }


def _money(minor: int | None, currency: str) -> Json:
    """An amount with two decimals and its currency."""
    if minor is None:
        return None
    sign, whole = ("-" if minor < 0 else ""), abs(minor)
    return {"amount": f"{sign}{whole // 100}.{whole % 100:02d}", "currency": currency}


def _moment(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def _request_rows() -> Select[Request]:
    return select(Request).options(
        joinedload(Request.claim),
        joinedload(Request.ticket),
        selectinload(Request.items).joinedload(RequestItem.requirement),
    )

"""What `claimdesk show` prints: a ticket, claim, policy or request as plain data that other systems rely on."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets import (
    deadlines,
    evaluation,
    evidence,
    file_readings,
    findings,
    kind_reasons,
    policies,
    reach,
    references,
    shown_work,
    uploads,
)
from tickets.claim_types import load
from tickets.claims import missing
from tickets.errors import UnknownReferenceError
from tickets.merging import on_ticket
from tickets.messages import DeliveryState, Medium
from tickets.models import (
    Claim,
    ClaimParty,
    Coverage,
    Document,
    DocumentValue,
    Event,
    Link,
    Message,
    OutboxDelivery,
    Party,
    Policy,
    PolicyPerson,
    PolicyVersion,
    Request,
    RequestItem,
    Requirement,
    Staff,
    Ticket,
)
from tickets.office import Office
from tickets.requests import open_of
from tickets.requirements import SETTLED, RequirementState
from tickets.rows import settings

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Shown: TypeAlias = "dict[str, Json]"


def any(  # noqa: A001 - shown.any reads as it should
    session: Session, ref: str, office: Office, *, now: datetime, restricted: bool = False
) -> Shown:
    """Whatever `ref` names, written as people write it; raises `UnknownReferenceError`.

    `restricted` for whom tips and legal notices are shown too: to everybody else there is no such ticket.
    """
    shows: Mapping[str, Callable[[Session, str, Office], Shown]] = {
        "request": request,
        "claim": partial(claim, now=now),
        "ticket": ticket,
    }
    text = ref.replace("\0", "").strip()  # PostgreSQL refuses it even in a question
    if session.scalar(select(Request.id).where(Request.code == text)) is not None:
        return request(session, text, office)  # a tracking number of another system may look like anything
    found = next((each for each in references.find(text) if each.kind in shows and each.sure), None)
    if found is not None:
        if not restricted and session.scalar(select(Ticket.restricted).where(Ticket.ref == found.value)):
            raise UnknownReferenceError(f"there is no ticket {found.value}")
        return shows[found.kind](session, found.value, office)
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
        .where(on_ticket(row.id))
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
        "clocks": [deadlines.as_json(each, office) for each in deadlines.of_ticket(session, office, row)],
        "events": [
            {"at": _moment(event.at), "kind": event.kind, "actor": event.actor, "detail": dict(event.detail)}
            for event in session.scalars(select(Event).where(Event.ticket_id == row.id).order_by(Event.id))
        ],
    }


def _deliveries(message_ids: list[int]) -> Select[OutboxDelivery]:
    return select(OutboxDelivery).where(OutboxDelivery.message_id.in_(message_ids)).order_by(OutboxDelivery.id)


#: What a person may accept of what a message says.
_PROPOSED = ("promise", "facts", "lacking")


def _message(message: Message, delivery: OutboxDelivery | None) -> Json:
    return {
        "id": message.id,
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
        "confirmed_intents": list(message.confirmed_intents or []),
        "proposed": {name: message.proposals[name] for name in _PROPOSED if name in message.proposals},
        "files": [
            {"name": f.name, "media_type": f.media_type, "size": f.size, "sha256": f.sha256} for f in message.files
        ],
        "links": [link(each) for each in message.links],
        "notes": list(message.proposals.get("notes", [])),
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
        "why": {
            language: evidence.why(
                kind=row.target_kind, target=row.target, state=row.state, reasons=row.reasons, language=language
            )
            for language in evidence.LANGUAGES
        },
        "by": row.made_by,
    }


def claim(session: Session, ref: str, office: Office, *, now: datetime) -> Shown:
    """A claim with what it needs, what was asked, and the policy version that decides."""
    row = session.scalar(select(Claim).where(Claim.ref == ref).options(*_CLAIM_PARTS))
    if row is None:
        raise UnknownReferenceError(f"there is no claim {ref}")
    return file_of(session, row, findings.evaluated(session, office, [row], now=now)[row.id], office)


def file_of(
    session: Session, row: Claim, found: evaluation.Evaluation, office: Office, *, now: datetime | None = None
) -> Shown:
    """The same of a claim that has been judged; `now`: complaints say how they stand then."""
    return {
        **_matter(session, row),
        **_loss(row),
        "policy": row.policy.ref if row.policy else row.policy_ref,
        "policy_version": _version_number(row, office),
        "requirements": [_requirement(each) for each in row.requirements],
        "missing": [{"key": each.item, "stage": each.stage, "state": each.state} for each in missing(row)],
        **_correspondence(session, row, office),
        "documents": _documents(session, row),
        "findings": [evaluation.finding_json(each, office.languages[0]) for each in found.findings],
        "clocks": [deadlines.as_json(each, office) for each in deadlines.of_claim(session, office, row)],
        **shown_work.of_claim(session, office, row, now=now),
    }


_CLAIM_PARTS = (
    joinedload(Claim.claimant),
    joinedload(Claim.policy).selectinload(Policy.versions),
    selectinload(Claim.parties).joinedload(ClaimParty.party),
    selectinload(Claim.lines),
    selectinload(Claim.requirements),
)


def _matter(session: Session, row: Claim) -> Shown:
    """What it is, where it stands and who takes part."""
    merged = session.get(Claim, row.merged_into_id) if row.merged_into_id else None
    owner = session.get(Staff, row.owner_id) if row.owner_id else None
    return {
        "kind": "claim",
        "ref": row.ref,
        "type": row.type,
        "line": load().claim_types[row.type].line if row.type in load().claim_types else None,
        "state": row.state,
        "closed_reason": row.closed_reason,
        "merged_into": merged.ref if merged else None,
        "claimant": _party(row.claimant),
        "parties": [{"customer": _party(each.party), "role": each.role} for each in row.parties],
        "owner": (owner.external_id or owner.email) if owner else None,
    }


def _loss(row: Claim) -> Shown:
    """What happened, what is asked for, and what an import brought beside."""
    brought = ("asset", "reporter", "fx", "bank_account", "payee", "insured_person", "external_ref", "loss_at")
    return {
        "loss_date": _day(row.loss_date),
        "loss_date_from": row.loss_date_from,
        "reported_on": _day(row.reported_on),
        "application_received_on": _moment(row.application_received_on),
        "cause": row.cause,
        "loss_country": row.loss_country,
        "facts": dict(row.facts),
        "amount_claimed": _money(row.total_minor, row.currency),
        "lines": [
            {
                "coverage": each.coverage,
                "description": each.description,
                "kind": each.kind,
                "qty": each.qty,
                "unit": _money(each.unit_minor, each.currency),
                "total": _money(each.total_minor, each.currency),
            }
            for each in row.lines
        ],
        **{key: row.record.get(key) for key in brought},
        **{key: _amounts(row, key) for key in ("invoices", "paid", "payments")},
    }


def _amounts(row: Claim, key: str) -> list[Json]:
    """Entries of the claim's record with their amounts as people and scripts read them."""
    entries: list[dict[str, Any]] = row.record.get(key, [])
    return [
        {
            **{name: value for name, value in each.items() if not name.endswith("_minor") and name != "currency"},
            "amount": _money(each.get("amount_minor", each.get("total_minor")), each.get("currency", row.currency)),
        }
        for each in entries
    ]


def _requirement(row: Requirement) -> Json:
    return {
        **_named(row.item),
        "stage": row.stage,
        "state": row.state,
        "because": row.because,
        "reason": row.reason,
        "asked_count": row.asked_count,
    }


def _named(item: str) -> Shown:
    """An item's key and its label in both languages."""
    entry = load().items.get(item)
    return {"key": item, "label": {"en": entry.en if entry else item, "ro": entry.ro if entry else item}}


def _correspondence(session: Session, row: Claim, office: Office) -> Shown:
    requests = session.scalars(_request_rows().where(Request.claim_id == row.id).order_by(Request.number)).all()
    tickets = session.scalars(
        select(Ticket.ref).where(Ticket.claim_id == row.id, Ticket.restricted.is_(False)).order_by(Ticket.id)
    ).all()
    links = uploads.link_of(session, office, requests)
    return {
        "open_request": code.code if (code := open_of(session, row)) else None,
        "requests": [_request(session, each, links, office) for each in requests],
        "tickets": list(tickets),
    }


def _value(row: DocumentValue) -> Json:
    """A value read from a file; `box` is x, y, width, height in thousandths of the page."""
    box: list[Json] | None = None if row.x is None else [row.x, row.y, row.w, row.h]
    return {"name": row.name, "value": row.value, "words": row.words, "page": row.page, "box": box,
            "score": round(row.score, 2)}  # fmt: skip


def _documents(session: Session, row: Claim) -> list[Json]:
    query = (
        select(Document)
        .where(Document.claim_id == row.id)
        .order_by(Document.id)
        .options(joinedload(Document.file), joinedload(Document.requirement))
    )
    rows = list(session.scalars(query))
    values = file_readings.values_of(session, [each.file_id for each in rows if each.file_id is not None])
    return [
        {
            "item": each.requirement.item if each.requirement else None,
            "kind": each.kind,
            "score": round(each.score, 2),
            "reasons": [kind_reasons.said(reason, "en") for reason in each.reasons],
            "values": [_value(value) for value in values.get(each.file_id or 0, ())],
            "state": each.state,
            "reason": each.reason,
            "file": each.file.name if each.file else None,
            "received_at": _moment(each.received_at),
        }
        for each in rows
    ]


def _version_number(row: Claim, office: Office) -> int | None:
    """The number of the policy's version in force on the day of loss, as it was known at the end of that day."""
    if row.policy is None or row.loss_date is None:
        return None
    version = policies.version_at(row.policy, row.loss_date, office)
    return policies.numbered(row.policy).index(version) + 1 if version else None


def request(session: Session, code: str, office: Office) -> Shown:
    """A request with its items and deliveries, and how it can be answered."""
    row = session.scalar(_request_rows().where(Request.code == code))
    if row is None:
        raise UnknownReferenceError(f"there is no request {code}")
    return _request(session, row, uploads.link_of(session, office, [row]), office)


def _request(session: Session, row: Request, links: Mapping[int, str], office: Office) -> Shown:
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
        "upload_url": links.get(row.id),
        "items": [_item(item) for item in row.items],
        "deliveries": [_delivery(each) for each in deliveries],
        "ladder": _ladder(row, deliveries, office),
    }


def _ladder(row: Request, deliveries: Iterable[OutboxDelivery], office: Office) -> list[Json]:
    """How the claimant is reached: every address in its order, used or passed over, and why."""
    claimant = row.claim.claimant
    if claimant is None:
        return []
    last = {each.to_norm: each.state for each in deliveries}
    failed = {norm for norm, state in last.items() if state in (DeliveryState.REFUSED, DeliveryState.FAILED)}
    return [
        {
            "medium": each.point.medium,
            "to": each.point.value,
            "used": each.used,
            "why": each.why,
            "en": each.words("en"),
            "ro": each.words("ro"),
        }
        for each in reach.ladder(claimant, office.outlets, failed=failed)
    ]


def _item(item: RequestItem) -> Json:
    state = item.requirement.state
    return {
        **_named(item.requirement.item),
        "stage": item.requirement.stage,
        "state": state,
        "question": _question(item.question),
        "settled": state is RequirementState.RECEIVED or state in SETTLED,
    }


def _question(fact: str | None) -> Json:
    """What is asked where the item may not be needed at all."""
    entry = load().facts.get(fact or "")
    return {"fact": fact, "en": entry.en, "ro": entry.ro} if entry else fact


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
    norm = policies.canonical(ref, settings.formats(session, office))
    row = session.scalar(select(Policy).where(Policy.ref_norm == norm).options(*_POLICY_PARTS))
    if row is None:
        raise UnknownReferenceError(f"nothing is stored under {ref}")
    claims = session.scalars(select(Claim.ref).where(Claim.policy_id == row.id).order_by(Claim.id)).all()
    return {
        "kind": "policy",
        "ref": row.ref,
        "number": row.ref_norm,
        "line": row.line,
        "product": row.product,
        "holder": _party(row.holder),
        "insured_persons": [_party(each.party) for each in row.persons],
        "assets": [{"kind": a.kind, "plate": a.plate_norm, "vin": a.vin, "address": a.address} for a in row.assets],
        "versions": [_version(number, each) for number, each in enumerate(policies.numbered(row), start=1)],
        "claims": list(claims),
    }


_POLICY_PARTS = (
    joinedload(Policy.holder),
    selectinload(Policy.persons).joinedload(PolicyPerson.party),
    selectinload(Policy.assets),
    selectinload(Policy.versions).selectinload(PolicyVersion.coverages),
)


def _party(row: Party | None) -> str | None:
    """A customer's id where the file gave one, else ours."""
    return (row.external_id or str(row.id)) if row else None


def _version(number: int, row: PolicyVersion) -> Json:
    return {
        "number": number,
        "effective_from": row.effective_from.isoformat(),
        "effective_to": row.effective_to.isoformat(),
        "recorded_at": _moment(row.recorded_at),
        "status": row.status,
        "premium_paid_to": _day(row.premium_paid_to),
        "grace_days": row.grace_days,
        "territory": list(row.territory),
        "currency": row.currency,
        "coverages": [_coverage(each, row.currency) for each in row.coverages],
        "exclusions": list(row.exclusions),
        "notice": dict(row.notice) or None,
    }


def _coverage(row: Coverage, currency: str) -> Json:
    deductible = {key: value if key == "pct" else _money(value, currency) for key, value in row.deductible.items()}
    return {
        "code": row.code,
        "perils": list(row.perils),
        "limit_event": _money(row.limit_event, currency),
        "limit_aggregate": _money(row.limit_aggregate, currency),
        "frequency": row.frequency,
        "sub_limits": {kind: _money(value, currency) for kind, value in row.sub_limits.items()},
        "deductible": deductible,
        "waiting_days": row.waiting_days,
        "clause": row.clause,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


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
        joinedload(Request.claim).joinedload(Claim.claimant).selectinload(Party.contacts),
        joinedload(Request.ticket),
        selectinload(Request.items).joinedload(RequestItem.requirement),
    )

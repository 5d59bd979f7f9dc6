"""The JSON that commands print: exactly the shapes other systems rely on (docs/contract.md)."""

import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias

from inbox.reading import Unread
from tickets.intake import LedgerLine
from tickets.linking import Candidate
from tickets.messages import Address, InboundMessage, Medium, MessageKind, Sender
from tickets.models import OutboxDelivery
from tickets.triage import Filed

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


def moment(at: datetime | None) -> str | None:
    """A moment in UTC, whole seconds, with Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def read(path: Path, outcome: InboundMessage | Unread, medium: Medium) -> dict[str, Json]:
    """One file as its reader understood it."""
    error = outcome.why if isinstance(outcome, Unread) else None
    if isinstance(outcome, Unread):
        outcome = InboundMessage(medium=medium, kind=MessageKind.UNREADABLE)
    plain = outcome.sender_state is Sender.PLAIN
    return {
        "file": _printable(path),
        "medium": outcome.medium,
        "kind": outcome.kind,
        "from": {"name": outcome.sender.name, "address": outcome.sender.address if plain else None},
        "sender": outcome.sender_state,
        "to": _addresses(outcome.to),
        "cc": _addresses(outcome.cc),
        "reply_to": _addresses(outcome.reply_to),
        "subject": outcome.subject,
        "date": moment(outcome.sent_at) if outcome.medium is not Medium.LETTER else _day(outcome.received_on),
        "message_id": outcome.message_id,
        "in_reply_to": list(outcome.in_reply_to),
        "references": list(outcome.references),
        "text": outcome.text,
        "new_text": outcome.new_text,
        "has_html": outcome.html is not None,
        "language": outcome.language,
        "attachments": [] if outcome.medium is Medium.LETTER else _files(outcome),
        "bounced": [{"address": b.address, "action": b.action, "status": b.status} for b in outcome.bounced],
        "acknowledge": outcome.acknowledge,
        "pages": outcome.pages,
        "codes": list(outcome.codes),
        "error": error,
    }


def _printable(path: Path) -> str:
    """A file's name as JSON can hold it: bytes that are no UTF-8 become question marks."""
    return os.fsencode(path).decode("utf-8", "replace")


def _addresses(addresses: Iterable[Address]) -> list[Json]:
    return [{"name": each.name, "address": each.address} for each in addresses]


def _files(message: InboundMessage) -> list[Json]:
    return [
        {
            "name": file.name,
            "media_type": file.media_type,
            "size": file.size,
            "sha256": file.sha256,
            "inline": file.inline,
            "text": file.text,
        }
        for file in message.files
    ]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def triage(path: Path, filed: Filed) -> dict[str, Json]:
    """What would become of one file, without storing anything."""
    ticket = filed.message.ticket.ref if filed.message and not filed.new_ticket else "new"
    return {
        "file": str(path),
        "links": [_link(link) for link in filed.linking.links],
        "intents": [
            {"kind": each.kind, "score": round(each.score, 2), "reasons": list(each.reasons)} for each in filed.intents
        ],
        "answers": _answers(filed),
        "references": _references(filed),
        "creates_claim": filed.opened is not None,
        "ticket": ticket,
        "would_send": [_would_send(delivery) for delivery in filed.queued],
        "disclose": filed.disclose,
        "notes": list(filed.linking.notes),
    }


def _link(link: Candidate) -> Json:
    return {
        "target": link.target,
        "kind": link.kind,
        "state": link.state,
        "score": round(link.score, 2),
        "reasons": [asdict(reason) for reason in link.reasons],
    }


def _answers(filed: Filed) -> list[Json]:
    request = filed.linking.request
    if request is None:
        return []
    asked = {item.requirement.item for item in request.items}
    return [
        {
            "request": request.code,
            "requirement": answer.requirement.item,
            "document": answer.file.name,
            "kind": answer.kind,
            "state": "received",
        }
        for answer in filed.answers
        if answer.requirement is not None and answer.requirement.item in asked
    ]


def _references(filed: Filed) -> list[Json]:
    return [
        {
            "kind": each.reference.kind,
            "value": each.reference.value,
            "sure": each.reference.sure,
            "valid": each.reference.valid,
            "where": each.where,
        }
        for each in filed.clue.found
    ]


def _would_send(delivery: OutboxDelivery) -> Json:
    return {
        "template": delivery.template,
        "medium": delivery.medium,
        "to": delivery.to_address,
        "subject": delivery.message.subject,
        "text": delivery.message.text,
    }


def intake(line: LedgerLine) -> dict[str, Json]:
    """One arrival and its fate."""
    arrival = line.arrival
    return {
        "id": arrival.id,
        "channel": arrival.channel,
        "external_id": arrival.external_id,
        "received_at": moment(arrival.received_at),
        "size": arrival.size,
        "sha256": arrival.sha256,
        "state": arrival.state,
        "attempts": arrival.attempts,
        "kind": arrival.kind or ("unreadable" if arrival.state == "quarantined" else None),
        "message_id": arrival.message_id,
        "ticket": line.ticket,
        "claim": line.claim,
        "error": arrival.error,
    }

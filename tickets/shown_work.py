"""Decisions, payments, tasks, complaints and changes as plain data for people and scripts."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import complaints, decisions, payments, tasks
from tickets.bank_accounts import masked
from tickets.models import AccountChange, Claim, Complaint, Decision, Payment, Staff, Task
from tickets.office import Office

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Shown: TypeAlias = dict[str, Json]
Names: TypeAlias = Mapping[int, str]


def names(session: Session) -> dict[int, str]:
    """How each member of staff is named: the id a file gave, else the address he signs in with."""
    return {row.id: row.external_id or row.email for row in session.scalars(select(Staff))}


def of_claim(session: Session, office: Office, claim: Claim, *, now: datetime | None = None) -> Shown:
    """What was decided, paid, asked and complained of on a claim; nothing restricted."""
    known = names(session)
    made = [decision(each, known) for each in decisions.listed(session, claim=claim)]
    standing = [each for each in made if each["state"] in ("in_force", "proposed")]
    return {
        "decision": standing[-1] if standing else (made[-1] if made else None),
        "decisions": list(made),
        "money_out": [payment(each, known) for each in payments.listed(session, claim=claim)],
        "tasks": [task(each, known) for each in tasks.listed(session, staff=None, claim=claim, state=None)],
        "complaints": [complaint(each, known, office, now=now) for each in complaints.listed(session, claim=claim)],
    }


def decision(row: Decision, known: Names) -> Shown:
    """One decision with who said what to it."""
    return {
        "id": row.id,
        "number": row.number,
        "claim": row.claim.ref,
        "kind": row.kind,
        "state": row.state,
        "amount": _amount(row.amount_minor, row.currency),
        "code": row.code,
        "clause": row.clause,
        "facts": row.facts,
        "refused": [_part(each, row.currency) for each in row.refused] if row.kind != "deny" else [],
        "note": row.note,
        "proposed_by": known.get(row.proposed_by_id),
        "proposed_at": _moment(row.proposed_at),
        "approvals_needed": row.approvals_needed,
        "approvals": [
            {"by": known.get(each.staff_id), "approved": each.approved, "note": each.note, "at": _moment(each.at)}
            for each in row.approvals
        ],
        "decided_at": _moment(row.decided_at),
        "letter": row.letter_id,
        "basis_sha256": row.basis_sha256,
        "rules_version": row.rules_version,
    }


def _part(part: Mapping[str, Any], currency: str) -> Json:
    return {
        "amount": _amount(part["amount_minor"], currency),
        "code": part["code"],
        "clause": part["clause"],
        "facts": part["facts"],
    }


def payment(row: Payment, known: Names) -> Shown:
    """One payment; the account masked."""
    return {
        "payment": row.once,
        "claim": row.claim.ref,
        "state": row.state,
        "amount": _amount(row.amount_minor, row.currency),
        "payee": row.payee,
        "iban": masked(row.iban) if row.iban else None,
        "proposed_by": known.get(row.proposed_by_id or 0),
        "proposed_at": _moment(row.proposed_at),
        "released_by": known.get(row.released_by_id or 0),
        "released_at": _moment(row.released_at),
        "file": row.file.name if row.file else None,
        "paid_on": _day(row.paid_on),
        "reason": row.returned_reason,
    }


def task(row: Task, known: Names, language: str = "en") -> Shown:
    """One task and its answer."""
    return {
        "task": row.id,
        "kind": row.kind,
        "department": row.department,
        "claim": row.claim.ref if row.claim else None,
        "ticket": row.ticket.ref if row.ticket else None,
        "question": tasks.words(row, language),
        "shows": list(row.shows),
        "due_on": _day(row.due_on),
        "state": row.state,
        "answer": row.answer,
        "restricted": row.restricted,
        "assignee": known.get(row.assignee_id or 0),
        "by": row.made_by,
        "at": _moment(row.made_at),
        "done_by": known.get(row.done_by_id or 0),
        "done_at": _moment(row.done_at),
    }


def complaint(row: Complaint, known: Names, office: Office, *, now: datetime | None) -> Shown:
    """One line of the register and who handles it."""
    line = complaints.line(row, office, now=now or row.received_at)
    return {
        "complaint": row.number,
        "ticket": row.ticket.ref,
        "claim": row.claim.ref if row.claim else None,
        "received_on": line.received_on,
        "channel": row.medium,
        "subject": row.subject,
        "product": row.product,
        "handler": known.get(row.handler_id or 0),
        "outcome": line.outcome or None,
        "reasons": row.outcome,
        "days": line.days,
        "external_body": row.external_body,
        "sal_request": row.sal_request,
    }


def change(row: AccountChange, known: Names) -> Shown:
    """One change of what we hold on a customer; account numbers masked."""
    return {
        "change": row.id,
        "kind": row.kind,
        "customer": row.party.external_id or str(row.party.id),
        "state": row.state,
        "before": _masked(row.before),
        "after": _masked(row.after),
        "proposed_by": known.get(row.proposed_by_id),
        "called_back_at": _moment(row.called_back_at),
        "agreed_by": known.get(row.agreed_by_id or 0),
        "reason": row.reason,
    }


def _masked(values: Mapping[str, Any]) -> Json:
    return {key: masked(value) if key == "iban" else value for key, value in values.items()}


def _amount(minor: int, currency: str) -> Json:
    return {"amount": f"{minor // 100}.{minor % 100:02d}", "currency": currency}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None

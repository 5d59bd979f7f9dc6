"""Findings kept: rows of what the checks see in claims, who set one aside and why."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tickets import authority, claim_file, history, leaves
from tickets.authority import Person, Wish
from tickets.catalogue import Stage
from tickets.checks import Finding
from tickets.claims import lines
from tickets.errors import GuardError
from tickets.evaluation import Evaluation, evaluate
from tickets.models import SETTLED, Claim, ClaimState, FindingRow, FindingState, Severity, Staff
from tickets.office import Action, Office

#: The stage a claim in each state has yet to reach; any other state waits for its decision.
_NEXT_STAGE = {
    ClaimState.DRAFT: Stage.FNOL,
    ClaimState.APPROVED: Stage.PAYMENT,
    ClaimState.PARTIALLY_APPROVED: Stage.PAYMENT,
    ClaimState.DENIED: Stage.PAYMENT,
    ClaimState.PAYMENT_ORDERED: Stage.PAYMENT,
    ClaimState.PAID: Stage.PAYMENT,
}
_NEVER_DECIDED = ("C01", "C02", "C04")  #: Closings of a claim that had no decision.
#: What concerns the money's way alone: it stops the payment, not the decision.
_OF_PAYMENT = frozenset({"ID-04", "ID-05"})
#: A late decision must still be taken: this clock's block is a breach to be told, not a bar.
_NO_BAR = frozenset({"CLK-01"})
_KEPT = select(FindingRow).where(FindingRow.claim_id == bindparam("claim"), FindingRow.state != FindingState.RESOLVED)


def next_stage(claim: Claim) -> Stage:
    """The stage that the claim has not reached yet."""
    if claim.state is ClaimState.CLOSED:
        return Stage.DECISION if claim.closed_reason in _NEVER_DECIDED else Stage.PAYMENT
    return _NEXT_STAGE.get(claim.state, Stage.DECISION)


def evaluated(
    session: Session, office: Office, claims: Sequence[Claim], *, now: datetime, stage: Stage | None = None
) -> dict[int, Evaluation]:
    """Evaluate claims at a stage, or each at its next; keeps nothing."""
    facts = claim_file.gather(session, claims, office=office, now=now)
    return {claim.id: evaluate(facts[claim.id], stage or next_stage(claim)) for claim in claims}


def refresh(
    session: Session, office: Office, claims: Sequence[Claim], *, now: datetime, stage: Stage | None = None
) -> dict[int, Evaluation]:
    """Evaluate claims and keep what was found: new rows, rows that speak again, rows whose check is silent now."""
    results = evaluated(session, office, claims, now=now, stage=stage)
    rows: dict[int, list[FindingRow]] = {}
    for row in session.scalars(select(FindingRow).where(FindingRow.claim_id.in_(results))):
        rows.setdefault(row.claim_id, []).append(row)
    new = [row for claim in claims for row in _keep(claim, rows.get(claim.id, []), results[claim.id], now=now)]
    if new:
        leaves.write(session, FindingRow, new)
    return results


def refresh_open(
    session: Session, office: Office, *, policies: Container[int], claims: Container[int], now: datetime
) -> None:
    """Evaluate what an import has touched: open claims of these ids, and those under policies of these ids."""
    query = select(Claim.id, Claim.policy_id).where(Claim.state.not_in(SETTLED))
    touched = [row.id for row in session.execute(query) if row.id in claims or row.policy_id in policies]
    for start in range(0, len(touched), claim_file.PAGE):
        page = session.scalars(select(Claim).where(Claim.id.in_(touched[start : start + claim_file.PAGE])))
        refresh(session, office, list(page), now=now)


def _keep(claim: Claim, rows: Iterable[FindingRow], result: Evaluation, *, now: datetime) -> Iterator[dict[str, Any]]:
    """Bring the rows of a claim in line, and give what is found for the first time, to be written at once."""
    held = {(row.code, row.subject): row for row in rows}
    found = {finding.key: finding for finding in result.findings}
    for key, finding in found.items():
        if key not in held:
            yield _row(claim, finding, result.rules_version, now)
        else:
            _speak(held[key], finding, result.rules_version, now)
    for key in held.keys() - found.keys():
        if held[key].state is not FindingState.RESOLVED:
            held[key].state, held[key].settled_at, held[key].settled_by_id = FindingState.RESOLVED, now, None


def _row(claim: Claim, finding: Finding, rules_version: str, now: datetime) -> dict[str, Any]:
    return {
        "claim_id": claim.id, "code": finding.code, "subject": finding.subject, "severity": finding.severity,
        "state": FindingState.OPEN, "text_en": finding.text_en, "text_ro": finding.text_ro, "clause": finding.clause,
        "inputs": dict(finding.inputs), "resolver": finding.resolver, "rules_version": rules_version, "found_at": now,
    }  # fmt: skip


def _speak(row: FindingRow, finding: Finding, rules_version: str, now: datetime) -> None:
    """A row follows its check; one that was settled opens again when its check speaks on other inputs."""
    if finding.state is FindingState.OPEN and row.state is not FindingState.OPEN:
        row.state, row.found_at, row.settled_at, row.settled_by_id, row.reason = (
            FindingState.OPEN,
            now,
            None,
            None,
            None,
        )
    row.severity, row.text_en, row.text_ro = finding.severity, finding.text_en, finding.text_ro
    row.clause, row.resolver, row.rules_version = finding.clause, finding.resolver, rules_version
    if row.inputs != finding.inputs:
        row.inputs = dict(finding.inputs)


def kept(session: Session, claim: Claim) -> list[FindingRow]:
    """A claim's findings that still speak or were set aside, as last refreshed; what stops it first."""
    order = list(Severity)
    return sorted(
        session.scalars(_KEPT, {"claim": claim.id}), key=lambda row: (order.index(row.severity), row.code, row.subject)
    )


def override(
    session: Session, office: Office, finding: FindingRow, *, staff: Staff, reason: str, now: datetime
) -> None:
    """Set a finding aside, with a reason that is kept; it speaks again when what it rests on changes.

    Raises `GuardError` without a reason, without the authority, or if the finding is not open.
    """
    if not reason.strip():
        raise GuardError("overriding needs a reason", ro="lăsarea deoparte are nevoie de un motiv")
    if finding.state is not FindingState.OPEN:
        raise GuardError(f"{finding.code} is {finding.state} already", ro=f"{finding.code} este deja {finding.state}")
    wish = Wish(action=Action.OVERRIDE, lines=lines(finding.claim), on=office.day(now))
    if refusal := authority.why_not(authority.rows(office.authority), Person.of(staff), wish):
        raise refusal.error()
    finding.state, finding.reason = FindingState.OVERRIDDEN, reason.strip()
    finding.settled_at, finding.settled_by_id = now, staff.id
    history.record(
        session, "finding.overridden", actor=f"staff:{staff.id}", at=now, claim=finding.claim, code=finding.code,
        subject=finding.id, reason=reason.strip(),
    )  # fmt: skip


def open_blocks(session: Session, claim: Claim, stage: Stage = Stage.PAYMENT) -> list[FindingRow]:
    """What stands in the way of a decision, or of a payment: rows as last refreshed.

    Who is paid on which account matters when money goes out, and not before.
    """
    query = select(FindingRow).where(
        FindingRow.claim_id == claim.id,
        FindingRow.severity == Severity.BLOCK,
        FindingRow.state == FindingState.OPEN,
    )
    ignored = _NO_BAR if stage is Stage.PAYMENT else _NO_BAR | _OF_PAYMENT
    rows = session.scalars(query.order_by(FindingRow.code, FindingRow.subject))
    return [row for row in rows if row.code not in ignored]

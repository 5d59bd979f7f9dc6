"""Decisions: approve, approve in part, refuse; within authority at once, else when a second person approves.

No rule decides. Each decision keeps what it was made from; nobody approves his own proposal, also by the store's rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets import (
    authority,
    claim_file,
    claims,
    deadlines,
    decision_letters,
    evaluation,
    findings,
    history,
    moves,
    payments,
    proposals,
    requests,
)
from tickets.authority import Person, Wish
from tickets.catalogue import Stage
from tickets.checks import Finding
from tickets.deadlines import Occurrence
from tickets.errors import UnknownReferenceError
from tickets.guards import Cause, Refusal
from tickets.models import (
    WAITING,
    Approval,
    Claim,
    ClaimState,
    Decision,
    DecisionKind,
    DecisionState,
    FindingState,
    Payment,
    PaymentState,
    Request,
    RequestState,
    Role,
    Severity,
    Staff,
)
from tickets.moves import Standing
from tickets.office import Action, Office
from tickets.proposals import Proposal, Seen

#: The state a decision in force puts a claim into.
STATE: Mapping[DecisionKind, ClaimState] = MappingProxyType(
    {
        DecisionKind.APPROVE: ClaimState.APPROVED,
        DecisionKind.PARTIAL: ClaimState.PARTIALLY_APPROVED,
        DecisionKind.DENY: ClaimState.DENIED,
    }
)
#: Who proposes decisions; everybody else hands the claim on.
DECIDERS = frozenset({Role.REPRESENTATIVE, Role.SENIOR_REPRESENTATIVE, Role.SUPERVISOR})


def propose(
    session: Session, office: Office, claim: Claim, proposal: Proposal, *, staff: Staff, now: datetime, seen: Seen
) -> Decision:
    """Decide a claim, or propose it to who may; raises `GuardError` that says what stands in its way."""
    proposal = proposals.completed(claim, proposal, seen)
    person, wish = Person.of(staff), _wish(office, claim, proposal, now=now, seen=seen)
    table = authority.rows(office.authority)
    if refusal := not_a_decider(staff) or proposals.unsound(session, claim, proposal, seen):
        raise refusal.error()
    beyond = authority.why_not(table, person, wish)
    if beyond and proposal.kind is DecisionKind.DENY:
        raise beyond.error()
    _must_pass(session, claim, proposal.kind)
    decision_letters.must_be_seen(session, office, claim, proposal, staff=staff, now=now)
    needed = _approvals_needed(table, person, wish) if beyond else 0
    decision = row(session, claim, proposal, staff=staff, now=now, seen=seen)
    decision.approvals_needed = needed
    session.add(decision)
    session.flush()  # approvals and payments name it
    cause = Cause(actor=f"staff:{staff.id}", at=now, reason=str(beyond.en if beyond else ""))
    record(session, "proposed", decision, cause)
    if needed:
        moves.move(session, claim, ClaimState.DECISION_PENDING_APPROVAL, cause=cause)
    else:
        _take_effect(session, office, decision, cause=cause, seen=seen)
    return decision


def _wish(office: Office, claim: Claim, proposal: Proposal, *, now: datetime, seen: Seen) -> Wish:
    denies = proposal.kind is DecisionKind.DENY
    codes = (proposal.code,) if denies and proposal.code else tuple(each.code for each in proposal.refused)
    return Wish(
        action=Action.DENY if denies else Action.APPROVE, lines=claims.lines(claim),
        amount_minor=proposal.amount_minor or 0, currency=proposal.currency, codes=codes,
        warnings=() if denies else seen.warnings, on=office.day(now),
    )  # fmt: skip


def not_a_decider(staff: Staff) -> Refusal | None:
    """Say that somebody's roles decide no claims; None if one of them does."""
    if DECIDERS & set(staff.roles):
        return None
    return Refusal(
        guard="PRO-02",
        en=f"PRO-02: {staff.name} does not decide claims",
        ro=f"PRO-02: {staff.name} nu ia decizii în dosare",
    )


def _approvals_needed(table: Sequence[Any], person: Person, wish: Wish) -> int:
    """One approval by somebody who may; above every limit two supervisors, the proposer being one if he is."""
    if not authority.needs_two(table, wish):
        return 1
    return 1 if authority.SUPERVISOR in person.roles else 2


def see(session: Session, office: Office, claim: Claim, *, now: datetime) -> Seen:
    """Evaluate a claim for its decision and keep what is found; what it was made from goes into the decision."""
    result = findings.refresh(session, office, [claim], now=now, stage=Stage.DECISION)[claim.id]
    basis = evaluation.basis(claim_file.gather(session, [claim], office=office, now=now)[claim.id], Stage.DECISION)
    payable = result.payable
    session.flush()  # the guards read the findings
    return Seen(
        payable_minor=payable.amount if payable else None,
        currency=payable.currency if payable else claim.currency,
        deducted_minor=-sum(each.amount for each in payable.steps if each.what == "deductible") if payable else 0,
        warnings=tuple(sorted({each.code for each in result.findings if _warns(each)})),
        basis=basis,
        basis_sha256=evaluation.fingerprint(basis),
        rules_version=result.rules_version,
    )


def _warns(finding: Finding) -> bool:
    """A clock that has run far is a reason to decide, not to wait for somebody else."""
    warned = finding.severity is Severity.WARN and finding.state is FindingState.OPEN
    return warned and not finding.code.startswith("CLK")


def _must_pass(session: Session, claim: Claim, kind: DecisionKind) -> None:
    """The guards of the state a decision would lead to, asked before anybody approves it."""
    standing = replace(moves.standing(session, claim), decision=kind)
    if refusal := _stopped(standing, kind):
        raise refusal.error()


def _stopped(standing: Standing, kind: DecisionKind) -> Refusal | None:
    to = STATE[kind]
    if standing.state in (ClaimState.OPEN, ClaimState.GATHERING, ClaimState.REOPENED) and kind in (
        DecisionKind.APPROVE,
        DecisionKind.PARTIAL,
    ):
        return moves.guarded(standing, ClaimState.IN_REVIEW) or moves.why_not(standing, to)
    return moves.why_not(standing, to)


def row(session: Session, claim: Claim, proposal: Proposal, *, staff: Staff, now: datetime, seen: Seen) -> Decision:
    """Make the row of a claim's next decision from what is wanted and what was seen."""
    last = session.scalar(select(func.max(Decision.number)).where(Decision.claim_id == claim.id)) or 0
    return Decision(
        claim=claim, number=last + 1, kind=proposal.kind, amount_minor=proposal.amount_minor or 0,
        currency=proposal.currency, code=proposal.code, clause=proposal.clause, facts=proposal.facts.strip(),
        refused=[each.as_json() for each in proposal.parts()], note=proposal.note or None, basis=dict(seen.basis),
        basis_sha256=seen.basis_sha256, rules_version=seen.rules_version, proposed_by_id=staff.id, proposed_at=now,
    )  # fmt: skip


def _take_effect(session: Session, office: Office, decision: Decision, *, cause: Cause, seen: Seen) -> None:
    """The decision holds from now: the claim's state, the letter and the proposal to pay follow from it."""
    claim = decision.claim
    decision.supersedes_id = session.scalar(_overturned(claim))
    _withdraw_proposals(session, claim)
    decision.state, decision.decided_at = DecisionState.IN_FORCE, cause.at
    decision.basis, decision.basis_sha256 = dict(seen.basis), seen.basis_sha256
    decision.rules_version = seen.rules_version
    session.flush()  # the guard looks for a decision in force
    moves.move(session, claim, STATE[decision.kind], cause=cause)
    record(session, "in_force", decision, cause)
    tell_clocks(session, office, claim, _WORDS[decision.kind], cause)
    stop_asking(session, claim, RequestState.WITHDRAWN)
    decision.letter_id = decision_letters.send(
        session, office, decision, deducted_minor=seen.deducted_minor, cause=cause
    )
    if decision.amount_minor and _left_to_pay(session, decision):
        payments.propose(session, claim, staff_id=decision.proposed_by_id, now=cause.at)


_AGREED = ("decision_sent", "offer_sent", "accepted", "claim.accepted", "acceptance.sent", "file.finalised")
#: What each kind of decision is called by the clocks; a file is final at the latest when what it pays is decided.
_WORDS: Mapping[DecisionKind, tuple[str, ...]] = MappingProxyType(
    {
        DecisionKind.APPROVE: _AGREED,
        DecisionKind.PARTIAL: _AGREED,
        DecisionKind.DENY: ("decision_sent", "refusal_sent", "denied", "notice.received"),
    }
)


def tell_clocks(session: Session, office: Office, claim: Claim, words: Sequence[str], cause: Cause) -> None:
    """Let a claim's clocks know what was decided, in their own words."""
    told = [Occurrence(what=what, at=cause.at, claim=claim, message=cause.message) for what in words]
    deadlines.happened_all(session, office, told, now=cause.at)


def _overturned(claim: Claim) -> Select[int]:
    """What was decided last and holds no longer: a claim is decided anew only after it was reopened."""
    query = select(Decision.id).where(Decision.claim_id == claim.id, Decision.state == DecisionState.OVERTURNED)
    return query.order_by(Decision.number.desc()).limit(1)


def _withdraw_proposals(session: Session, claim: Claim) -> None:
    """What was proposed under an earlier decision is not paid under this one."""
    query = select(Payment).where(Payment.claim_id == claim.id, Payment.state == PaymentState.PROPOSED)
    for payment in session.scalars(query):
        payment.state = PaymentState.WITHDRAWN


def _left_to_pay(session: Session, decision: Decision) -> bool:
    query = select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(
        Payment.claim_id == decision.claim_id, Payment.state.in_(payments.COUNTED)
    )
    return int(session.scalar(query) or 0) < decision.amount_minor


def stop_asking(session: Session, claim: Claim, state: RequestState) -> None:
    """After a decision nobody need send what was asked for it."""
    query = select(Request).where(Request.claim_id == claim.id, Request.state.in_((*WAITING, RequestState.DRAFT)))
    for request in session.scalars(query):
        request.state, request.ladder_at = state, None


# --- a second person


def approve(
    session: Session, office: Office, decision: Decision, *, staff: Staff, now: datetime, seen: Seen, note: str = ""
) -> Decision:
    """Approve what somebody else proposed; with the last approval needed it holds. Raises `GuardError`."""
    if refusal := _may_not_join(decision, staff) or _may_not_approve(office, decision, staff, now=now, seen=seen):
        raise refusal.error()
    _must_pass(session, decision.claim, decision.kind)
    decision.approvals.append(_approval(decision, staff, approved=True, note=note, now=now))
    session.flush()  # the store refuses two eyes and a second approval by the same person
    cause = Cause(actor=f"staff:{staff.id}", at=now, reason=note)
    record(session, "approved", decision, cause)
    if sum(each.approved for each in decision.approvals) >= decision.approvals_needed:
        _take_effect(session, office, decision, cause=cause, seen=seen)
    return decision


def return_(session: Session, decision: Decision, *, staff: Staff, now: datetime, note: str) -> Decision:
    """Give a proposal back to its proposer with a note; the claim is in review again."""
    if refusal := _may_not_join(decision, staff) or _cannot_return(decision, staff, note):
        raise refusal.error()
    decision.approvals.append(_approval(decision, staff, approved=False, note=note.strip(), now=now))
    decision.state, decision.note = DecisionState.RETURNED, note.strip()
    session.flush()  # the store refuses two eyes
    cause = Cause(actor=f"staff:{staff.id}", at=now, reason=note.strip())
    record(session, "returned", decision, cause)
    claim = decision.claim
    to = ClaimState.IN_REVIEW if not moves.guarded(moves.standing(session, claim), ClaimState.IN_REVIEW) else None
    moves.move(session, claim, to or ClaimState.GATHERING, cause=cause)
    _tell_owner(session, claim)
    return decision


def _tell_owner(session: Session, claim: Claim) -> None:
    ticket = requests.latest_ticket(session, claim)
    if ticket is not None:
        ticket.unread = True


def _may_not_join(decision: Decision, staff: Staff) -> Refusal | None:
    if decision.state is not DecisionState.PROPOSED:
        return Refusal(
            guard="states",
            en=f"decision {decision.number} of {decision.claim.ref} is {decision.state}: nothing waits for approval",
            ro=f"decizia {decision.number} din {decision.claim.ref} nu așteaptă aprobare ({decision.state})",
        )
    if staff.id == decision.proposed_by_id:
        return Refusal(
            guard="four eyes",
            en=f"PRO-02: {staff.name} proposed this; a second person approves or returns it",
            ro=f"PRO-02: {staff.name} a făcut propunerea; o aprobă sau o returnează o a doua persoană",
        )
    if any(each.staff_id == staff.id for each in decision.approvals):
        return Refusal(
            guard="four eyes",
            en=f"PRO-02: {staff.name} has approved this already; another person is needed",
            ro=f"PRO-02: {staff.name} a aprobat deja; e nevoie de altă persoană",
        )
    return None


def _may_not_approve(office: Office, decision: Decision, staff: Staff, *, now: datetime, seen: Seen) -> Refusal | None:
    wish = _wished(office, decision, now=now, warnings=seen.warnings)
    judged = decision.amount_minor + sum(part["amount_minor"] for part in decision.refused)
    if judged != seen.payable_minor:
        en, ro = ("more", "mai mult") if (seen.payable_minor or 0) > judged else ("less", "mai puțin")
        return Refusal(
            guard="payable",
            en=f"{decision.claim.ref}: {en} is payable now than was proposed; return it",
            ro=f"{decision.claim.ref}: acum se poate plăti {ro} decât s-a propus; returnați propunerea",
        )
    return _beyond(office, Person.of(staff), wish)


def _wished(office: Office, decision: Decision, *, now: datetime, warnings: tuple[str, ...] = ()) -> Wish:
    """What a proposal wants to do, as authority is measured on it."""
    return Wish(
        action=Action.APPROVE, lines=claims.lines(decision.claim), amount_minor=decision.amount_minor,
        currency=decision.currency, codes=tuple(part["code"] for part in decision.refused), warnings=warnings,
        on=office.day(now),
    )  # fmt: skip


def _beyond(office: Office, person: Person, wish: Wish) -> Refusal | None:
    table = authority.rows(office.authority)
    if authority.needs_two(table, wish):
        return authority.may_join(table, person, wish)
    return authority.why_not(table, person, wish)


def stops(session: Session, claim: Claim) -> dict[DecisionKind, Refusal]:
    """What stands in the way of each kind of decision, as the claim stands and its findings are kept."""
    standing = moves.standing(session, claim)
    found = {kind: _stopped(replace(standing, decision=kind), kind) for kind in STATE}
    return {kind: refusal for kind, refusal in found.items() if refusal is not None}


def beyond(office: Office, claim: Claim, proposal: Proposal, *, staff: Staff, now: datetime, seen: Seen) -> bool:
    """Whether this decision would wait for a second person."""
    wish = _wish(office, claim, proposal, now=now, seen=seen)
    return authority.why_not(authority.rows(office.authority), Person.of(staff), wish) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a proposal is measured on: up to how much who proposed it and who looks at it may approve alone."""

    proposers: int | None
    own: int | None
    stops: Refusal | None  #: Why who looks may not approve it; the claim is evaluated anew only when he does.


def limits(office: Office, decision: Decision, proposer: Staff, staff: Staff, *, now: datetime) -> Limits:
    """The limits in force for a proposal, as `staff` sees them."""
    wish, table = _wished(office, decision, now=now), authority.rows(office.authority)
    return Limits(
        proposers=authority.limit(table, Person.of(proposer), wish),
        own=authority.limit(table, Person.of(staff), wish),
        stops=_may_not_join(decision, staff) or _beyond(office, Person.of(staff), wish),
    )


def _cannot_return(decision: Decision, staff: Staff, note: str) -> Refusal | None:
    if Role.SUPERVISOR not in staff.roles:
        return Refusal(
            guard="PRO-02",
            en=f"PRO-02: {staff.name} is no supervisor: a supervisor returns decision {decision.number}",
            ro=f"PRO-02: decizia {decision.number} o returnează un supervizor",
        )
    if not note.strip():
        return Refusal(guard="note", en="returning a decision needs a note", ro="returnarea are nevoie de o notă")
    return None


def _approval(decision: Decision, staff: Staff, *, approved: bool, note: str, now: datetime) -> Approval:
    return Approval(proposed_by_id=decision.proposed_by_id, staff_id=staff.id, approved=approved, note=note, at=now)


# --- looking


def find(session: Session, decision_id: int) -> Decision:
    """A decision to be changed: locked. Raises `UnknownReferenceError`."""
    query = select(Decision.id).where(Decision.id == decision_id).with_for_update()
    session.scalar(query)
    return get(session, decision_id)


def get(session: Session, decision_id: int) -> Decision:
    """A decision with its claim and approvals; raises `UnknownReferenceError`."""
    found = session.scalar(_rows().where(Decision.id == decision_id))
    if found is None:
        raise UnknownReferenceError(f"there is no decision {decision_id}")
    return found


def listed(session: Session, *, claim: Claim | None = None, state: DecisionState | None = None) -> list[Decision]:
    """Decisions in their order: a claim's, or everything that waits for approval."""
    query = _rows()
    if claim is not None:
        query = query.where(Decision.claim_id == claim.id)
    if state is not None:
        query = query.where(Decision.state == state)
    return list(session.scalars(query.order_by(Decision.id)))


def _rows() -> Select[Decision]:
    return select(Decision).options(
        joinedload(Decision.claim).joinedload(Claim.claimant), selectinload(Decision.approvals)
    )


def record(session: Session, what: str, decision: Decision, cause: Cause) -> None:
    """Keep what became of a decision as an event."""
    history.record(
        session, f"decision.{what}", actor=cause.actor, at=cause.at, claim=decision.claim, decision=decision.id,
        number=decision.number, kind_of=decision.kind, code=decision.code, reason=cause.reason,
    )  # fmt: skip

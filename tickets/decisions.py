"""Decisions: approve, approve in part, refuse, close; within authority at once, else when a second person approves.

No rule decides. Each decision keeps what it was made from; nobody approves his own proposal, also by the store's rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from templates.letters import denial_codes
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
    references,
    requests,
    ticket_moves,
)
from tickets.authority import Person, Wish
from tickets.catalogue import Stage
from tickets.checks import Finding
from tickets.deadlines import Occurrence
from tickets.decision_letters import Proposal
from tickets.errors import GuardError, UnknownReferenceError
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
    Task,
    TaskState,
    Ticket,
    TicketState,
)
from tickets.moves import Standing
from tickets.office import Action, Office

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
#: Codes of a closing, which is no denial: C01 no response, C02 withdrawn, C03 below the excess by choice.
CLOSING: Mapping[str, DecisionKind] = MappingProxyType(
    {"C01": DecisionKind.CLOSE, "C02": DecisionKind.WITHDRAW, "C03": DecisionKind.CLOSE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the evaluation says of a claim now."""

    payable_minor: int | None
    currency: str
    deducted_minor: int = 0
    warnings: tuple[str, ...] = ()  #: Codes of the open ones.
    basis: Mapping[str, Any] = field(default_factory=dict)
    basis_sha256: str = ""
    rules_version: str = ""


def propose(
    session: Session, office: Office, claim: Claim, proposal: Proposal, *, staff: Staff, now: datetime, seen: Seen
) -> Decision:
    """Decide a claim, or propose it to who may; raises `GuardError` that says what stands in its way."""
    proposal = completed(claim, proposal, seen)
    person, wish = Person.of(staff), _wish(office, claim, proposal, now=now, seen=seen)
    table = authority.rows(office.authority)
    if refusal := _not_a_decider(staff) or _unsound(session, claim, proposal, seen):
        raise refusal.error()
    beyond = authority.why_not(table, person, wish)
    if beyond and proposal.kind is DecisionKind.DENY:
        raise beyond.error()
    _must_pass(session, claim, proposal.kind)
    decision_letters.must_be_seen(session, office, claim, proposal, staff=staff, now=now)
    needed = _approvals_needed(table, person, wish) if beyond else 0
    decision = _row(session, claim, proposal, staff=staff, now=now, seen=seen)
    decision.approvals_needed = needed
    session.add(decision)
    session.flush()  # approvals and payments name it
    cause = Cause(actor=f"staff:{staff.id}", at=now, reason=str(beyond.en if beyond else ""))
    _record(session, "proposed", decision, cause)
    if needed:
        moves.move(session, claim, ClaimState.DECISION_PENDING_APPROVAL, cause=cause)
    else:
        _take_effect(session, office, decision, cause=cause, seen=seen)
    return decision


def completed(claim: Claim, proposal: Proposal, seen: Seen) -> Proposal:
    """An approval without an amount is of all that is payable; a denial pays nothing."""
    amount = proposal.amount_minor
    if amount is None:
        amount = 0 if proposal.kind is DecisionKind.DENY else seen.payable_minor
    return replace(proposal, amount_minor=amount, currency=seen.currency or claim.currency)


def _wish(office: Office, claim: Claim, proposal: Proposal, *, now: datetime, seen: Seen) -> Wish:
    denies = proposal.kind is DecisionKind.DENY
    codes = (proposal.code,) if denies and proposal.code else tuple(each.code for each in proposal.refused)
    return Wish(
        action=Action.DENY if denies else Action.APPROVE, lines=claims.lines(claim),
        amount_minor=proposal.amount_minor or 0, currency=proposal.currency, codes=codes,
        warnings=() if denies else seen.warnings, on=office.day(now),
    )  # fmt: skip


def _not_a_decider(staff: Staff) -> Refusal | None:
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


# --- what a decision must hold: pure but for two look-ups


def _unsound(session: Session, claim: Claim, proposal: Proposal, seen: Seen) -> Refusal | None:
    if proposal.kind is DecisionKind.DENY:
        return _unsound_denial(claim, proposal) or _unproven(session, claim, proposal)
    return _unsound_amount(claim, proposal, seen) or _unsound_parts(claim, proposal, seen)


def _unsound_denial(claim: Claim, proposal: Proposal) -> Refusal | None:
    """A denial names its code, the clause and the facts."""
    if proposal.code not in denial_codes():
        return _refusal(
            "reason code",
            f"{claim.ref}: a denial needs one of the codes {', '.join(denial_codes())}",
            f"{claim.ref}: refuzul are nevoie de unul din codurile {', '.join(denial_codes())}",
        )
    if not (proposal.clause and proposal.clause.strip()):
        return _refusal("clause", f"{claim.ref}: a denial needs its clause", f"{claim.ref}: refuzul cere clauza")
    if not proposal.facts.strip():
        return _refusal(
            "facts",
            f"{claim.ref}: a denial needs the facts it rests on",
            f"{claim.ref}: refuzul are nevoie de faptele pe care se bazează",
        )
    return None


def _unproven(session: Session, claim: Claim, proposal: Proposal) -> Refusal | None:
    """A duplicate is named; fraud is refused only after SIU and legal were heard."""
    code = proposal.code or ""
    if code == "D11" and not _names_another_claim(session, claim, proposal.facts):
        return _refusal(
            "duplicate named",
            f"{claim.ref}: D11 names the other claim in its facts (CLM…)",
            f"{claim.ref}: D11 trebuie să numească celălalt dosar (CLM…)",
        )
    missing = [each for each in authority.HEARD_FIRST.get(code, ()) if not _was_heard(session, claim, each)]
    if missing:
        names = ", ".join(missing)
        return _refusal(
            "SIU and legal",
            f"{claim.ref}: {code} needs the answer of {names} to a task on the claim",
            f"{claim.ref}: {code} are nevoie de răspunsul {names} la o sarcină din dosar",
        )
    return None


def _names_another_claim(session: Session, claim: Claim, facts: str) -> bool:
    named = {each.value for each in references.find(facts) if each.kind == "claim"} - {claim.ref}
    return session.scalar(select(Claim.id).where(Claim.ref.in_(named)).limit(1)) is not None


def _was_heard(session: Session, claim: Claim, department: str) -> bool:
    query = select(Task.id).where(
        Task.claim_id == claim.id, Task.department == department, Task.state == TaskState.DONE
    )
    return session.scalar(query.limit(1)) is not None


def _unsound_amount(claim: Claim, proposal: Proposal, seen: Seen) -> Refusal | None:
    if seen.payable_minor is None:
        return _refusal(
            "payable",
            f"{claim.ref}: what is payable is not known yet: its policy is not settled",
            f"{claim.ref}: nu se știe încă ce se poate plăti: polița nu este stabilită",
        )
    amount = proposal.amount_minor or 0
    if amount <= 0 or amount > seen.payable_minor:
        most = _said(seen.payable_minor, seen.currency)
        return _refusal(
            "payable",
            f"{claim.ref}: the amount must be above 0 and not above what is payable, {most}",
            f"{claim.ref}: suma trebuie să fie peste 0 și cel mult cât se poate plăti, {most}",
        )
    return None


def _unsound_parts(claim: Claim, proposal: Proposal, seen: Seen) -> Refusal | None:
    """What is refused of the payable amount has a reason code of its own, to the cent."""
    left = (seen.payable_minor or 0) - (proposal.amount_minor or 0)
    refused = sum(each.amount_minor for each in proposal.refused)
    if proposal.kind is DecisionKind.APPROVE and (left or proposal.refused):
        return _refusal(
            "whole amount",
            f"{claim.ref}: an approval is of all that is payable; to refuse a part, approve partially",
            f"{claim.ref}: aprobarea este pentru tot ce se poate plăti; pentru rest, aprobați parțial",
        )
    if proposal.kind is DecisionKind.PARTIAL and (refused != left or not proposal.refused):
        rest = _said(left, seen.currency)
        return _refusal(
            "refused part",
            f"{claim.ref}: the refused parts must come to {rest}, each with its own code",
            f"{claim.ref}: părțile refuzate trebuie să însumeze {rest}, fiecare cu codul ei",
        )
    wrong = next((each for each in proposal.refused if _is_incomplete(each)), None)
    if wrong is not None:
        return _refusal(
            "refused part",
            f"{claim.ref}: each refused part needs an amount above 0, a code (D01 to D17), its clause and its facts",
            f"{claim.ref}: fiecare parte refuzată are nevoie de o sumă, un cod (D01-D17), clauză și fapte",
        )
    return None


def _is_incomplete(part: decision_letters.Part) -> bool:
    sound = part.amount_minor > 0 and part.code in denial_codes()
    return not (sound and part.clause.strip() and part.facts.strip())


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


def _row(session: Session, claim: Claim, proposal: Proposal, *, staff: Staff, now: datetime, seen: Seen) -> Decision:
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
    _record(session, "in_force", decision, cause)
    _tell_clocks(session, office, claim, _WORDS[decision.kind], cause)
    _stop_asking(session, claim, RequestState.WITHDRAWN)
    decision.letter_id = decision_letters.send(
        session, office, decision, deducted_minor=seen.deducted_minor, cause=cause
    )
    if decision.amount_minor and _left_to_pay(session, decision):
        payments.propose(session, claim, staff_id=decision.proposed_by_id, now=cause.at)


#: What each kind of decision is called by the clocks.
_WORDS: Mapping[DecisionKind, tuple[str, ...]] = MappingProxyType(
    {
        DecisionKind.APPROVE: ("decision_sent", "offer_sent", "accepted", "claim.accepted", "acceptance.sent"),
        DecisionKind.PARTIAL: ("decision_sent", "offer_sent", "accepted", "claim.accepted", "acceptance.sent"),
        DecisionKind.DENY: ("decision_sent", "refusal_sent", "denied"),
        DecisionKind.CLOSE: ("claim.closed",),
        DecisionKind.WITHDRAW: ("claim.withdrawn",),
    }
)


def _tell_clocks(session: Session, office: Office, claim: Claim, words: Sequence[str], cause: Cause) -> None:
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


def _stop_asking(session: Session, claim: Claim, state: RequestState) -> None:
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
    _record(session, "approved", decision, cause)
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
    _record(session, "returned", decision, cause)
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
        return _refusal(
            "states",
            f"decision {decision.number} of {decision.claim.ref} is {decision.state}: nothing waits for approval",
            f"decizia {decision.number} din {decision.claim.ref} nu așteaptă aprobare ({decision.state})",
        )
    if staff.id == decision.proposed_by_id:
        return _refusal(
            "four eyes",
            f"PRO-02: {staff.name} proposed this; a second person approves or returns it",
            f"PRO-02: {staff.name} a făcut propunerea; o aprobă sau o returnează o a doua persoană",
        )
    if any(each.staff_id == staff.id for each in decision.approvals):
        return _refusal(
            "four eyes",
            f"PRO-02: {staff.name} has approved this already; another person is needed",
            f"PRO-02: {staff.name} a aprobat deja; e nevoie de altă persoană",
        )
    return None


def _may_not_approve(office: Office, decision: Decision, staff: Staff, *, now: datetime, seen: Seen) -> Refusal | None:
    table, person = authority.rows(office.authority), Person.of(staff)
    wish = Wish(
        action=Action.APPROVE, lines=claims.lines(decision.claim), amount_minor=decision.amount_minor,
        currency=decision.currency, codes=tuple(part["code"] for part in decision.refused), warnings=seen.warnings,
        on=office.day(now),
    )  # fmt: skip
    if seen.payable_minor is None or decision.amount_minor > seen.payable_minor:
        return _refusal(
            "payable",
            f"{decision.claim.ref}: less is payable now than was proposed; return it",
            f"{decision.claim.ref}: acum se poate plăti mai puțin decât s-a propus; returnați propunerea",
        )
    if authority.needs_two(table, wish):
        return authority.may_join(table, person, wish)
    return authority.why_not(table, person, wish)


def _cannot_return(decision: Decision, staff: Staff, note: str) -> Refusal | None:
    if Role.SUPERVISOR not in staff.roles:
        return _refusal(
            "PRO-02",
            f"PRO-02: {staff.name} is no supervisor: a supervisor returns decision {decision.number}",
            f"PRO-02: decizia {decision.number} o returnează un supervizor",
        )
    if not note.strip():
        return _refusal("note", "returning a decision needs a note", "returnarea are nevoie de o notă")
    return None


def _approval(decision: Decision, staff: Staff, *, approved: bool, note: str, now: datetime) -> Approval:
    return Approval(proposed_by_id=decision.proposed_by_id, staff_id=staff.id, approved=approved, note=note, at=now)


# --- closing and reopening


def close(
    session: Session,
    office: Office,
    claim: Claim,
    code: str | None,
    *,
    staff: Staff,
    now: datetime,
    seen: Seen,
    note: str = "",
) -> Decision | None:
    """Close a claim: with C01 to C03 before a decision, without a code after it was paid or refused.

    Tickets that only wait for the customer close with it; a statutory clock that runs forbids it.
    """
    cause = Cause(actor=f"staff:{staff.id}", at=now, reason=note or (code or ""))
    kind = CLOSING.get(code or "")
    if refusal := _not_a_decider(staff) or _cannot_close(session, claim, code, today=office.day(now)):
        raise refusal.error()
    to = ClaimState.WITHDRAWN if kind is DecisionKind.WITHDRAW else ClaimState.CLOSED
    standing = replace(moves.standing(session, claim), tickets=())
    if refusal := moves.why_not(standing, to):
        raise refusal.error()
    _resolve_waiting(session, office, claim, cause)
    moves.move(session, claim, to, cause=cause)
    _tell_clocks(session, office, claim, _WORDS[kind or DecisionKind.CLOSE], cause)
    if kind is None:
        return None
    claim.closed_reason = code
    _settle_proposals(session, claim, staff, now)
    _stop_asking(session, claim, RequestState.EXPIRED if code == "C01" else RequestState.WITHDRAWN)
    return _closed(session, office, claim, kind, staff=staff, cause=cause, seen=seen)


def _settle_proposals(session: Session, claim: Claim, staff: Staff, now: datetime) -> None:
    """What the ladder had put to the owner is done with."""
    query = select(Task).where(Task.claim_id == claim.id, Task.kind == "closing", Task.state == TaskState.OPEN)
    for task in session.scalars(query):
        task.state, task.done_by_id, task.done_at, task.answer = TaskState.DONE, staff.id, now, "closed"


def _closed(
    session: Session, office: Office, claim: Claim, kind: DecisionKind, *, staff: Staff, cause: Cause, seen: Seen
) -> Decision:
    proposal = Proposal(kind=kind, code=claim.closed_reason, amount_minor=0, currency=claim.currency)
    decision = _row(session, claim, proposal, staff=staff, now=cause.at, seen=seen)
    decision.state, decision.decided_at, decision.note = DecisionState.IN_FORCE, cause.at, cause.reason or None
    session.add(decision)
    session.flush()  # the letter is kept with it
    _record(session, "in_force", decision, cause)
    decision.letter_id = decision_letters.send_closing(session, office, decision, cause=cause)
    return decision


def _cannot_close(session: Session, claim: Claim, code: str | None, *, today: date) -> Refusal | None:
    after = (ClaimState.PAID, ClaimState.DENIED, ClaimState.APPROVED, ClaimState.PARTIALLY_APPROVED)
    if code is None and claim.state not in after:
        return _refusal(
            "closing code",
            f"{claim.ref} is {claim.state}: closing it needs a code, {', '.join(CLOSING)}",
            f"{claim.ref}: pentru închidere e nevoie de un cod, {', '.join(CLOSING)}",
        )
    if code is not None and (code not in CLOSING or claim.state in after):
        return _refusal(
            "closing code",
            f"{claim.ref}: {code} cannot close it: C01 no response, C02 withdrawn, C03 below the excess; C04: merge",
            f"{claim.ref}: {code} nu se potrivește: C01 fără răspuns, C02 retras, C03 sub franșiză; C04 prin unire",
        )
    if code == "C01" and not _went_unanswered(session, claim, today):
        return _refusal(
            "no response",
            f"{claim.ref}: C01 needs a request whose last day has passed without an answer",
            f"{claim.ref}: C01 presupune o cerere al cărei termen a trecut fără răspuns",
        )
    return None


def _went_unanswered(session: Session, claim: Claim, today: date) -> bool:
    query = select(Request.id).where(
        Request.claim_id == claim.id, Request.state.in_((*WAITING, RequestState.EXPIRED)), Request.due_on < today
    )
    return session.scalar(query.limit(1)) is not None


def _resolve_waiting(session: Session, office: Office, claim: Claim, cause: Cause) -> None:
    query = select(Ticket).where(
        Ticket.claim_id == claim.id, Ticket.state == TicketState.WAITING_CUSTOMER, Ticket.restricted.is_(False)
    )
    for ticket in session.scalars(query):
        ticket_moves.move(session, office, ticket, TicketState.RESOLVED, cause=cause)
    session.flush()  # the guard looks for open tickets


def reopen(session: Session, office: Office, claim: Claim, *, staff: Staff, now: datetime, reason: str) -> None:
    """Take a claim up again; the decision that stood is overturned, unless it was only closed for want of an answer."""
    wish = Wish(action=Action.REOPEN, lines=claims.lines(claim), on=office.day(now))
    quiet = claim.state is ClaimState.CLOSED and claim.closed_reason == "C01"
    refusal = None if quiet else authority.why_not(authority.rows(office.authority), Person.of(staff), wish)
    if refusal:
        raise refusal.error()
    if not reason.strip():
        raise GuardError("reopening needs a reason", ro="redeschiderea are nevoie de un motiv", guard="reason")
    take_up(session, claim, cause=Cause(actor=f"staff:{staff.id}", at=now, reason=reason.strip()))


def take_up(session: Session, claim: Claim, *, cause: Cause) -> None:
    """Reopen a claim and put it where its items say; what was decided holds no longer."""
    moves.move(session, claim, ClaimState.REOPENED, cause=cause)
    decision = moves.in_force(session, claim)
    if decision is not None:
        decision.state = DecisionState.OVERTURNED
        _record(session, "overturned", decision, cause)
    claim.closed_reason = None
    moves.settle(session, claim, cause=cause)


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


def _record(session: Session, what: str, decision: Decision, cause: Cause) -> None:
    history.record(
        session, f"decision.{what}", actor=cause.actor, at=cause.at, claim=decision.claim, decision=decision.id,
        number=decision.number, kind_of=decision.kind, code=decision.code, reason=cause.reason,
    )  # fmt: skip


def _refusal(guard: str, en: str, ro: str) -> Refusal:
    return Refusal(guard=guard, en=en, ro=ro)


def _said(minor: int, currency: str) -> str:
    return f"{minor // 100}.{minor % 100:02d} {currency}"

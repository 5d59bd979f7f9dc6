"""Closings: a claim closed with a code or after its end, and taken up again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import authority, claims, decision_letters, decisions, moves, ticket_moves
from tickets.authority import Person, Wish
from tickets.errors import GuardError
from tickets.guards import Cause, Refusal
from tickets.models import (
    WAITING,
    Claim,
    ClaimState,
    Decision,
    DecisionKind,
    DecisionState,
    Request,
    RequestState,
    Staff,
    Task,
    TaskState,
    Ticket,
    TicketState,
)
from tickets.office import Action, Office
from tickets.proposals import Proposal, Seen

#: Codes of a closing, which is no denial: C01 no response, C02 withdrawn, C03 below the excess by choice.
CLOSING: Mapping[str, DecisionKind] = MappingProxyType(
    {"C01": DecisionKind.CLOSE, "C02": DecisionKind.WITHDRAW, "C03": DecisionKind.CLOSE}
)


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
    if refusal := decisions.not_a_decider(staff) or _cannot_close(session, claim, code, today=office.day(now)):
        raise refusal.error()
    to = ClaimState.WITHDRAWN if kind is DecisionKind.WITHDRAW else ClaimState.CLOSED
    standing = replace(moves.standing(session, claim), tickets=())
    if refusal := moves.why_not(standing, to):
        raise refusal.error()
    _resolve_waiting(session, office, claim, cause)
    moves.move(session, claim, to, cause=cause)
    what = "claim.withdrawn" if kind is DecisionKind.WITHDRAW else "claim.closed"
    decisions.tell_clocks(session, office, claim, (what,), cause)
    if kind is None:
        return None
    claim.closed_reason = code
    _settle_proposals(session, claim, staff, now)
    decisions.stop_asking(session, claim, RequestState.EXPIRED if code == "C01" else RequestState.WITHDRAWN)
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
    decision = decisions.row(session, claim, proposal, staff=staff, now=cause.at, seen=seen)
    decision.state, decision.decided_at, decision.note = DecisionState.IN_FORCE, cause.at, cause.reason or None
    session.add(decision)
    session.flush()  # the letter is kept with it
    decisions.record(session, "in_force", decision, cause)
    decision.letter_id = decision_letters.send_closing(session, office, decision, cause=cause)
    return decision


def _cannot_close(session: Session, claim: Claim, code: str | None, *, today: date) -> Refusal | None:
    after = (ClaimState.PAID, ClaimState.DENIED, ClaimState.APPROVED, ClaimState.PARTIALLY_APPROVED)
    if code is None and claim.state not in after:
        return Refusal(
            guard="closing code",
            en=f"{claim.ref} is {claim.state}: closing it needs a code, {', '.join(CLOSING)}",
            ro=f"{claim.ref}: pentru închidere e nevoie de un cod, {', '.join(CLOSING)}",
        )
    if code is not None and (code not in CLOSING or claim.state in after):
        return Refusal(
            guard="closing code",
            en=f"{claim.ref}: {code} cannot close it: C01 no response, C02 withdrawn, C03 below the excess; C04: merge",
            ro=f"{claim.ref}: {code} nu se potrivește: C01 fără răspuns, C02 retras, C03 sub franșiză; C04 prin unire",
        )
    if code == "C01" and not _went_unanswered(session, claim, today):
        return Refusal(
            guard="no response",
            en=f"{claim.ref}: C01 needs a request whose last day has passed without an answer",
            ro=f"{claim.ref}: C01 presupune o cerere al cărei termen a trecut fără răspuns",
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
        decisions.record(session, "overturned", decision, cause)
    claim.closed_reason = None
    moves.settle(session, claim, cause=cause)

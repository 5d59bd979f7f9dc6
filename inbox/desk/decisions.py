"""Decisions on claims: shown, proposed, approved, returned; claims closed and taken up again."""

from dataclasses import replace
from datetime import date

from inbox.app import App
from inbox.desk.clocks import moment_of
from inbox.desk.subjects import actor, find_claim, must_work
from tickets import closings, deadlines, decision_letters, decisions, history, proposals, ticket_moves
from tickets.decision_letters import Preview
from tickets.errors import GuardError
from tickets.guards import Cause
from tickets.models import Decision, Staff
from tickets.proposals import Proposal


def preview_decision(app: App, claim_ref: str, proposal: Proposal, *, staff: Staff) -> Preview:
    """The letter a decision would send, in each medium, and the mark to give when deciding. Stores nothing."""
    now = app.clock()
    with app.store.rehearsing() as session:
        claim = find_claim(session, claim_ref)
        seen = decisions.see(session, app.office, claim, now=now)
        whole = proposals.completed(claim, proposal, seen)
        shown = decision_letters.preview(
            session, app.office, claim, whole, person=staff.name, now=now, deducted_minor=seen.deducted_minor
        )
        return replace(shown, waits=decisions.beyond(app.office, claim, whole, staff=staff, now=now, seen=seen))


def decide(app: App, claim_ref: str, proposal: Proposal, *, staff: Staff) -> Decision:
    """Approve, approve in part or refuse; what is beyond one's authority waits for a second person."""
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        seen = decisions.see(session, app.office, claim, now=now)
        return decisions.propose(session, app.office, claim, proposal, staff=staff, now=now, seen=seen)


def approve(app: App, decision_id: int, *, staff: Staff, note: str = "") -> Decision:
    """Approve what somebody else proposed."""
    now = app.clock()
    with app.store.writing() as session:
        decision = decisions.find(session, decision_id)
        claim = find_claim(session, decision.claim.ref)
        seen = decisions.see(session, app.office, claim, now=now)
        return decisions.approve(session, app.office, decision, staff=staff, now=now, seen=seen, note=note)


def return_decision(app: App, decision_id: int, *, staff: Staff, note: str) -> Decision:
    """Give a proposal back with a note."""
    with app.store.writing() as session:
        decision = decisions.find(session, decision_id)
        find_claim(session, decision.claim.ref)
        return decisions.return_(session, decision, staff=staff, now=app.clock(), note=note)


def close(app: App, claim_ref: str, code: str | None, *, staff: Staff, note: str = "") -> Decision | None:
    """Close a claim; C01 no response, C02 withdrawn, C03 below the excess, none once it is paid or refused."""
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        seen = decisions.see(session, app.office, claim, now=now)
        return closings.close(session, app.office, claim, code, staff=staff, now=now, seen=seen, note=note)


def reopen(app: App, claim_ref: str, *, staff: Staff, reason: str) -> None:
    """Take a closed, refused or paid claim up again."""
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        closings.reopen(session, app.office, claim, staff=staff, now=app.clock(), reason=reason)


def offer_accepted(app: App, claim_ref: str, *, staff: Staff, on: date | None = None) -> None:
    """Note that the customer has accepted what we offered: from then on we owe the payment."""
    must_work(staff)
    now = app.clock()
    at = moment_of(app, on, now=now)
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        deadlines.happened(session, app.office, "offer.accepted", claim=claim, at=at, now=now)
        history.record(session, "offer.accepted", actor=actor(staff), at=now, claim=claim, on=at.date().isoformat())


def escalate(app: App, ref: str, *, staff: Staff, reason: str, to: Staff | None = None) -> Staff:
    """Hand a ticket, or a claim with its open tickets, to a supervisor or whoever is named."""
    must_work(staff)
    if not reason.strip():
        raise GuardError("escalating needs a reason", ro="escaladarea are nevoie de un motiv", guard="reason")
    with app.store.writing() as session:
        cause = Cause(actor=actor(staff), at=app.clock(), reason=reason.strip())
        return ticket_moves.escalate_matter(session, ref, to=to, by=staff, cause=cause)


def with_mark(proposal: Proposal, preview: Preview) -> Proposal:
    """The proposal, marked as read."""
    return replace(proposal, seen=preview.mark)

"""Claims: moved by a person, held for an investigation, merged and unmerged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from inbox.app import App
from inbox.desk import decisions as deciding
from inbox.desk.items import learn_fact, told_more
from inbox.desk.subjects import actor, find_claim, must_work
from tickets import claim_details as describing
from tickets import findings, history, merging, moves, tasks
from tickets.errors import GuardError
from tickets.guards import Cause
from tickets.models import ClaimState, Merge, Role, Staff
from tickets.requests import latest_ticket

#: Who may hold a claim for an investigation, and who may end it.
_INVESTIGATORS = frozenset({Role.SUPERVISOR, Role.SIU, Role.LEGAL})
#: States that follow from a decision or a payment, each with the move that leads there.
_BY_OTHER_MOVES = {
    ClaimState.APPROVED: "decide",
    ClaimState.PARTIALLY_APPROVED: "decide",
    ClaimState.DENIED: "decide",
    ClaimState.DECISION_PENDING_APPROVAL: "decide",
    ClaimState.PAYMENT_ORDERED: "pay release",
    ClaimState.PAID: "pay state",
    ClaimState.DUPLICATE_OF: "merge",
}


def move_claim(app: App, claim_ref: str, to: ClaimState, *, staff: Staff, reason: str = "") -> None:
    """Move a claim to a state that a person may choose; the others follow from decisions and payments."""
    must_work(staff)
    if to in _BY_OTHER_MOVES:
        raise GuardError(
            f"{claim_ref}: {to} follows from another move: `{_BY_OTHER_MOVES[to]}`",
            ro=f"{claim_ref}: starea rezultă din altă acțiune: `{_BY_OTHER_MOVES[to]}`",
            guard="states",
        )
    if to is ClaimState.REOPENED:
        deciding.reopen(app, claim_ref, staff=staff, reason=reason)
    elif to in (ClaimState.CLOSED, ClaimState.WITHDRAWN):
        deciding.close(app, claim_ref, "C02" if to is ClaimState.WITHDRAWN else None, staff=staff, note=reason)
    elif to is ClaimState.SIU_HOLD:
        hold(app, claim_ref, staff=staff, reason=reason)
    else:
        _move(app, claim_ref, to, staff=staff, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a person says a claim is about; what is left out stays."""

    type: str | None = None
    policy: str | None = None
    claimant: str | None = None  #: A customer's id.
    loss_date: date | None = None
    cause: str | None = None
    loss_country: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)  #: Answers to what its type asks.


def describe_claim(app: App, claim_ref: str, told: Told, *, staff: Staff) -> None:
    """Say what a claim is about: its policy above all, which no rule ever picks. Not once it is decided."""
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        changed = describing.describe(
            session, app.office, claim, type_name=told.type, policy_ref=told.policy, claimant=told.claimant,
            loss_date=told.loss_date, cause=told.cause, loss_country=told.loss_country,
        )  # fmt: skip
        cause = Cause(actor=actor(staff), at=now, ticket=latest_ticket(session, claim))
        history.record(session, "claim.described", actor=cause.actor, at=now, claim=claim, changed=changed)
        for fact, value in told.facts.items():
            learn_fact(session, claim, fact, value, by=cause.actor, now=now)
        told_more(app, session, claim, cause=cause)


def _move(app: App, claim_ref: str, to: ClaimState, *, staff: Staff, reason: str) -> None:
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        cause = Cause(actor=actor(staff), at=now, reason=reason, ticket=latest_ticket(session, claim))
        moves.move(session, claim, to, cause=cause)
        claim.owner_id = claim.owner_id or staff.id
        moves.settle(session, claim, cause=cause)
        findings.refresh(session, app.office, [claim], now=now)


def hold(app: App, claim_ref: str, *, staff: Staff, reason: str) -> None:
    """Hold a claim for a special investigation; why stands in a task that SIU and legal alone see."""
    _must_investigate(staff, reason)
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        moves.move(session, claim, ClaimState.SIU_HOLD, cause=Cause(actor=actor(staff), at=now))
        tasks.hand_off(
            session, app.office, Role.SIU, reason, claim=claim, ticket=None, by=actor(staff), now=now,
            kind="investigation", shows=sorted(tasks.PARTS), restricted=True,
        )  # fmt: skip


def release_hold(app: App, claim_ref: str, *, staff: Staff, reason: str) -> None:
    """End the investigation: the claim goes on where it stood."""
    _must_investigate(staff, reason)
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        moves.release_hold(session, claim, cause=Cause(actor=actor(staff), at=app.clock()))


def _must_investigate(staff: Staff, reason: str) -> None:
    if not _INVESTIGATORS & set(staff.roles):
        raise GuardError(
            f"{staff.name} does not hold claims: SIU, legal or a supervisor does",
            ro=f"{staff.name} nu poate bloca dosare: o fac SIU, juridicul sau un supervizor",
            guard="role",
        )
    if not reason.strip():
        raise GuardError("a hold needs a reason", ro="blocarea are nevoie de un motiv", guard="reason")


def merge_claims(app: App, source_ref: str, target_ref: str, *, staff: Staff, reason: str = "") -> int:
    """Make `source` a duplicate of `target`, which gets its messages; returns the number to undo it by."""
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        source, target = (merging.loaded(session, ref) for ref in (source_ref, target_ref))
        cause = Cause(actor=actor(staff), at=now, reason=reason)
        evaluate = partial(findings.refresh, session, app.office, [target], now=now)
        return merging.merge_claims(session, source, target, cause=cause, evaluate=evaluate).id


def unmerge(app: App, merge_id: int, *, staff: Staff, reason: str = "") -> Merge:
    """Give back everything a merge of tickets or claims took."""
    must_work(staff)
    with app.store.writing() as session:
        merge = merging.find(session, merge_id)
        merging.undo(session, merge, cause=Cause(actor=actor(staff), at=app.clock(), reason=reason))
        return merge

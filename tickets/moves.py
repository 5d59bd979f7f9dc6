"""Moves of claims: which state may follow which, and what guards each; nothing else changes a claim's state.

The guards are pure: they read a `Standing`. Every move is an event with who, when, why and the state before.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tickets import deadlines, findings, history
from tickets.catalogue import Stage
from tickets.claim_types import load as load_catalogue
from tickets.claims import missing
from tickets.errors import GuardError
from tickets.guards import Cause, Refusal
from tickets.models import (
    Claim,
    ClaimState,
    Decision,
    DecisionKind,
    DecisionState,
    FindingRow,
    Payment,
    PaymentState,
    Ticket,
    TicketState,
)

_C = ClaimState
_ANY = frozenset({_C.WITHDRAWN, _C.DUPLICATE_OF, _C.SIU_HOLD})
_DECIDED = frozenset({_C.APPROVED, _C.PARTIALLY_APPROVED, _C.DENIED})

#: Where each state may go next (domain: states). A denial need not wait for every document: nothing is asked for in
#: vain. A founded complaint reopens what was approved too; a returned payment takes a claim back to `payment_ordered`.
NEXT: Mapping[ClaimState, frozenset[ClaimState]] = MappingProxyType(
    {
        _C.DRAFT: frozenset({_C.OPEN, _C.CLOSED}) | _ANY,
        _C.OPEN: frozenset({_C.GATHERING, _C.IN_REVIEW, _C.DECISION_PENDING_APPROVAL, _C.DENIED, _C.CLOSED}) | _ANY,
        _C.GATHERING: frozenset({_C.IN_REVIEW, _C.DECISION_PENDING_APPROVAL, _C.DENIED, _C.CLOSED}) | _ANY,
        _C.IN_REVIEW: frozenset({_C.GATHERING, _C.DECISION_PENDING_APPROVAL, _C.CLOSED}) | _DECIDED | _ANY,
        _C.DECISION_PENDING_APPROVAL: frozenset({_C.IN_REVIEW, _C.GATHERING, _C.CLOSED}) | _DECIDED | _ANY,
        _C.APPROVED: frozenset({_C.PAYMENT_ORDERED, _C.REOPENED, _C.CLOSED}) | _ANY,
        _C.PARTIALLY_APPROVED: frozenset({_C.PAYMENT_ORDERED, _C.REOPENED, _C.CLOSED}) | _ANY,
        _C.DENIED: frozenset({_C.REOPENED, _C.CLOSED}) | _ANY,
        _C.PAYMENT_ORDERED: frozenset({_C.PAID, _C.REOPENED}) | _ANY,
        _C.PAID: frozenset({_C.PAYMENT_ORDERED, _C.REOPENED, _C.CLOSED}) | _ANY,
        _C.CLOSED: frozenset({_C.REOPENED}) | _ANY,
        _C.REOPENED: frozenset({_C.IN_REVIEW, _C.GATHERING, _C.DECISION_PENDING_APPROVAL, _C.DENIED, _C.CLOSED}) | _ANY,
        _C.WITHDRAWN: frozenset(),
        _C.DUPLICATE_OF: frozenset(),
        _C.SIU_HOLD: frozenset(),  # back to `held_from`, by `release_hold` alone
    }
)

#: How the states read in Romanian where a refusal names one.
_RO: Mapping[ClaimState, str] = MappingProxyType(
    {
        _C.DRAFT: "ciornă",
        _C.OPEN: "deschis",
        _C.GATHERING: "în completare",
        _C.IN_REVIEW: "în analiză",
        _C.DECISION_PENDING_APPROVAL: "decizie în așteptarea aprobării",
        _C.APPROVED: "aprobat",
        _C.PARTIALLY_APPROVED: "aprobat parțial",
        _C.DENIED: "respins",
        _C.PAYMENT_ORDERED: "plată dispusă",
        _C.PAID: "plătit",
        _C.CLOSED: "închis",
        _C.REOPENED: "redeschis",
        _C.WITHDRAWN: "retras",
        _C.DUPLICATE_OF: "duplicat",
        _C.SIU_HOLD: "blocat de SIU",
    }
)

#: States in which a ticket no longer holds up the closing of its claim.
DONE_TICKETS = (TicketState.RESOLVED, TicketState.CLOSED, TicketState.MERGED, TicketState.DISCARDED)
#: Payments that have left us, and those that count against what was decided.
GONE = (PaymentState.RELEASED, PaymentState.SENT, PaymentState.CONFIRMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the guards of a claim's moves look at."""

    ref: str
    state: ClaimState
    lacks: Mapping[Stage, tuple[str, ...]] = field(default_factory=dict)  #: Items not settled, up to each stage.
    blocks: tuple[str, ...] = ()  #: Codes of the open blocks; those that concern the payment alone left out.
    payment_blocks: tuple[str, ...] = ()
    decision: DecisionKind | None = None  #: In force.
    decided_minor: int = 0
    gone_minor: int = 0  #: Released, sent or confirmed.
    confirmed_minor: int = 0
    tickets: tuple[str, ...] = ()  #: Open ones.
    clocks: tuple[str, ...] = ()  #: What we owe by law, until when.
    clocks_ro: tuple[str, ...] = ()
    released: bool = False  #: A payment was released by a second person.


def why_not(standing: Standing, to: ClaimState) -> Refusal | None:
    """Say why a claim that stands so may not move to a state; None if it may."""
    if to not in NEXT[standing.state]:
        return Refusal(
            guard="states",
            en=f"{standing.ref} is {standing.state} and cannot become {to}: it may become {_listed(standing.state)}",
            ro=f"{standing.ref} este {_RO[standing.state]} și nu poate deveni {_RO[to]}",
        )
    return guarded(standing, to)


def guarded(standing: Standing, to: ClaimState) -> Refusal | None:
    """The first guard of a state that does not hold, whatever the state before."""
    return next(filter(None, (guard(standing) for guard in _GUARDS.get(to, ()))), None)


def _listed(state: ClaimState) -> str:
    return ", ".join(sorted(NEXT[state])) or "nothing else"


def _fnol_items(standing: Standing) -> Refusal | None:
    return _items(standing, Stage.FNOL, "fnol items present")


def _decision_items(standing: Standing) -> Refusal | None:
    return _items(standing, Stage.DECISION, "no open decision item")


def _payment_items(standing: Standing) -> Refusal | None:
    return _items(standing, Stage.PAYMENT, "payment items present")


def _items(standing: Standing, stage: Stage, guard: str) -> Refusal | None:
    lacking = standing.lacks.get(stage, ())
    if not lacking:
        return None
    return Refusal(
        guard=guard,
        en=f"{standing.ref}: still open are {_named(lacking, 'en')}; accept or waive each of them first",
        ro=f"{standing.ref}: mai sunt deschise {_named(lacking, 'ro')}; acceptați sau renunțați la fiecare",
    )


def _named(items: Iterable[str], language: str) -> str:
    """Items as people call them, each with the key that commands take."""
    known = load_catalogue().items
    return ", ".join(f"{known[each].label(language)} ({each})" if each in known else each for each in items)


def _no_block(standing: Standing) -> Refusal | None:
    return _blocked(standing, standing.blocks, "PRO-01")


def _no_payment_block(standing: Standing) -> Refusal | None:
    return _blocked(standing, standing.payment_blocks, "PRO-01")


def _blocked(standing: Standing, codes: tuple[str, ...], guard: str) -> Refusal | None:
    if not codes:
        return None
    names = ", ".join(codes)
    return Refusal(
        guard=guard,
        en=f"{standing.ref}: {names} blocks this; resolve it, or let whoever may override it give a reason ({guard})",
        ro=f"{standing.ref}: {names} blochează; rezolvați sau cereți o derogare motivată cui o poate da ({guard})",
    )


def _decided(*kinds: DecisionKind) -> Callable[[Standing], Refusal | None]:
    def guard(standing: Standing) -> Refusal | None:
        if standing.decision in kinds:
            return None
        return Refusal(
            guard="decision in force",
            en=f"{standing.ref}: this state follows from a decision in force; decide the claim",
            ro=f"{standing.ref}: starea rezultă dintr-o decizie în vigoare; luați decizia în dosar",
        )

    return guard


def _four_eyes(standing: Standing) -> Refusal | None:
    if standing.released:
        return None
    return Refusal(
        guard="four eyes",
        en=f"{standing.ref}: no payment has been released by a second person",
        ro=f"{standing.ref}: nicio plată nu a fost eliberată de o a doua persoană",
    )


def _all_paid(standing: Standing) -> Refusal | None:
    if standing.confirmed_minor >= standing.decided_minor:
        return None
    return Refusal(
        guard="paid in full",
        en=f"{standing.ref}: the bank has not confirmed the whole amount decided",
        ro=f"{standing.ref}: banca nu a confirmat întreaga sumă decisă",
    )


def _nothing_owed(standing: Standing) -> Refusal | None:
    owed = standing.decision in (DecisionKind.APPROVE, DecisionKind.PARTIAL)
    return _all_paid(standing) if owed else None


def _no_open_ticket(standing: Standing) -> Refusal | None:
    if not standing.tickets:
        return None
    names = ", ".join(standing.tickets)
    return Refusal(
        guard="no open ticket",
        en=f"{standing.ref}: {names} is still open; resolve it first",
        ro=f"{standing.ref}: {names} este încă deschis; rezolvați-l mai întâi",
    )


def _no_statutory_clock(standing: Standing) -> Refusal | None:
    if not standing.clocks:
        return None
    return Refusal(
        guard="no running statutory clock",
        en=f"{standing.ref}: {'; '.join(standing.clocks)}",
        ro=f"{standing.ref}: {'; '.join(standing.clocks_ro)}",
    )


def _nothing_left(standing: Standing) -> Refusal | None:
    if not standing.gone_minor:
        return None
    return Refusal(
        guard="no payment has left",
        en=f"{standing.ref}: a payment has been released; it cannot be undone this way",
        ro=f"{standing.ref}: o plată a fost eliberată; mișcarea nu mai este posibilă",
    )


_GUARDS: Mapping[ClaimState, tuple[Callable[[Standing], Refusal | None], ...]] = MappingProxyType(
    {
        _C.OPEN: (_fnol_items,),
        _C.IN_REVIEW: (_decision_items,),
        _C.APPROVED: (_decision_items, _no_block, _decided(DecisionKind.APPROVE)),
        _C.PARTIALLY_APPROVED: (_decision_items, _no_block, _decided(DecisionKind.PARTIAL)),
        _C.DENIED: (_decided(DecisionKind.DENY),),
        _C.PAYMENT_ORDERED: (
            _payment_items,
            _no_payment_block,
            _decided(DecisionKind.APPROVE, DecisionKind.PARTIAL),
            _four_eyes,
        ),
        _C.PAID: (_all_paid,),
        _C.CLOSED: (_nothing_owed, _no_open_ticket, _no_statutory_clock),
        _C.WITHDRAWN: (_nothing_left,),
        _C.DUPLICATE_OF: (_nothing_left,),
    }
)


# --- the store


def standing(session: Session, claim: Claim) -> Standing:
    """Read what the guards look at."""
    clocks = deadlines.running_statutory(session, claim)
    decision = in_force(session, claim)
    payments = session.execute(
        select(Payment.state, Payment.amount_minor, Payment.released_by_id).where(Payment.claim_id == claim.id)
    ).all()
    return Standing(
        ref=claim.ref,
        state=claim.state,
        lacks={stage: tuple(row.item for row in missing(claim, stage)) for stage in Stage},
        blocks=_codes(findings.open_blocks(session, claim, Stage.DECISION)),
        payment_blocks=_codes(findings.open_blocks(session, claim, Stage.PAYMENT)),
        decision=decision.kind if decision else None,
        decided_minor=decision.amount_minor if decision else 0,
        gone_minor=sum(each.amount_minor for each in payments if each.state in GONE),
        confirmed_minor=sum(each.amount_minor for each in payments if each.state is PaymentState.CONFIRMED),
        tickets=tuple(session.scalars(_open_tickets(claim))),
        clocks=tuple(deadlines.demand(each, "en") for each in clocks),
        clocks_ro=tuple(deadlines.demand(each, "ro") for each in clocks),
        released=any(each.state in GONE and each.released_by_id is not None for each in payments),
    )


def _codes(rows: Iterable[FindingRow]) -> tuple[str, ...]:
    return tuple(sorted({row.code for row in rows}))


def in_force(session: Session, claim: Claim) -> Decision | None:
    """The decision that holds now."""
    query = select(Decision).where(Decision.claim_id == claim.id, Decision.state == DecisionState.IN_FORCE)
    return session.scalar(query.order_by(Decision.number.desc()).limit(1))


def _open_tickets(claim: Claim) -> Select[str]:
    return (
        select(Ticket.ref)
        .where(Ticket.claim_id == claim.id, Ticket.state.not_in(DONE_TICKETS), Ticket.restricted.is_(False))
        .order_by(Ticket.id)
    )


def move(session: Session, claim: Claim, to: ClaimState, *, cause: Cause) -> None:
    """Move a claim if its guards allow it; raises `GuardError` that names the guard and what would lift it."""
    if refusal := why_not(standing(session, claim), to):
        raise refusal.error()
    if to is _C.SIU_HOLD:
        claim.held_from = claim.state
    follow(session, claim, to, cause=cause)


def release_hold(session: Session, claim: Claim, *, cause: Cause) -> None:
    """End the special investigation: the claim goes on where it stood."""
    if claim.state is not _C.SIU_HOLD:
        raise GuardError(
            f"{claim.ref} is {claim.state}: nothing is held",
            ro=f"{claim.ref} este {_RO[claim.state]}: nu este blocat",
            guard="states",
        )
    back, claim.held_from = claim.held_from or _C.IN_REVIEW, None
    follow(session, claim, back, cause=cause)


def start_gathering(session: Session, claim: Claim, *, cause: Cause) -> None:
    """Something is asked for: a draft whose first notice is complete is open by that, and then gathering."""
    if claim.state is _C.DRAFT and not missing(claim, Stage.FNOL):
        follow(session, claim, _C.OPEN, cause=cause)
    if claim.state in (_C.OPEN, _C.REOPENED):
        follow(session, claim, _C.GATHERING, cause=cause)


def back_to_payment(session: Session, claim: Claim, *, cause: Cause) -> None:
    """A payment came back: what was paid is owed again."""
    follow(session, claim, _C.PAYMENT_ORDERED, cause=cause)


def settle(session: Session, claim: Claim, *, cause: Cause) -> None:
    """Follow the items: the last one settled takes a claim into review, a new one takes it back to gathering.

    A draft stays a draft until a person opens it.
    """
    lacks = missing(claim, Stage.DECISION)
    if claim.state in (_C.OPEN, _C.GATHERING, _C.REOPENED) and not lacks:
        follow(session, claim, _C.IN_REVIEW, cause=cause)
    elif claim.state in (_C.OPEN, _C.IN_REVIEW) and lacks:
        follow(session, claim, _C.GATHERING, cause=cause)


def follow(session: Session, claim: Claim, to: ClaimState, *, cause: Cause) -> None:
    """Set the state that follows from something with rules of its own: a merge, an undo, the items.

    The only place that changes a claim's state; what is so already is no event.
    """
    if claim.state is to:
        return
    if claim.state is _C.DECISION_PENDING_APPROVAL and to is not _C.SIU_HOLD:  # from a hold it comes back as it was
        _return_proposals(session, claim, cause)
    before, claim.state = claim.state, to
    history.record(
        session, "claim.moved", actor=cause.actor, at=cause.at, claim=claim, ticket=cause.ticket,
        message=cause.message, before=before, after=to, reason=cause.reason,
    )  # fmt: skip


def _return_proposals(session: Session, claim: Claim, cause: Cause) -> None:
    """What waited for an approval waits no more: nobody could give it, and another may be proposed meanwhile."""
    query = select(Decision).where(Decision.claim_id == claim.id, Decision.state == DecisionState.PROPOSED)
    for decision in session.scalars(query):
        decision.state = DecisionState.RETURNED
        history.record(
            session, "decision.returned", actor=cause.actor, at=cause.at, claim=claim, decision=decision.id,
            number=decision.number, kind_of=decision.kind, code=decision.code, reason=cause.reason,
        )  # fmt: skip

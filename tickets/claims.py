"""What a claim is known to be: its facts, its parties, what we hold, and which requirements follow."""

from collections.abc import Container, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import history, leaves, references, requirements
from tickets.catalogue import Stage
from tickets.claim_types import ClaimType, load
from tickets.errors import UnknownReferenceError
from tickets.leaves import Leaf
from tickets.models import Claim, ClaimParty, ClaimState, Party, PartyKind, Policy, Requirement
from tickets.requirements import Needed, RequirementState, may_become

#: States in which something the customer sends still matters to the claim.
GATHERING = (ClaimState.DRAFT, ClaimState.OPEN, ClaimState.GATHERING, ClaimState.REOPENED)

#: States in which an item has not come, and somebody may be waiting for it.
_WAITED_FOR = frozenset({RequirementState.MAYBE, RequirementState.NEEDED, RequirementState.ASKED})

#: Beginnings of the types in which the claimant is the other side of the policy, or which are about one person alone.
LIABILITY = "motor_rca"
PERSONAL = ("health", "life_", "disability", "benefit_", "travel_medical")


def facts(claim: Claim) -> dict[str, object]:
    """Everything conditions may ask about."""
    return requirements.known_facts(claim.facts, cause=claim.cause, loss_country=claim.loss_country)


def held(claim: Claim) -> set[str]:
    """Keys of the field items that the claim, the policy or the customer record already answers."""
    claimant = claim.claimant
    answers: dict[str, object] = {
        "claimant_name": claimant and claimant.name,
        "contact": claimant and claimant.contacts,
        "national_id": claimant and [each for each in claimant.identifiers if each.kind == "cnp"],
        "policy_ref": claim.policy or claim.policy_ref,
        "loss_date": claim.loss_date,
        "loss_cause": claim.cause,
        "amount_claimed": claim.total_minor is not None or claim.lines,
        "bank_account": claim.record.get("bank_account"),
    }
    return {key for key, answer in answers.items() if answer}


def find(session: Session, ref: str) -> Claim:
    """The claim that `ref` names, written as people write it; raises `UnknownReferenceError`."""
    text = ref.replace("\0", "").strip()  # PostgreSQL refuses it even in a question
    named = next((each.value for each in references.find(text) if each.kind == "claim" and each.sure), text)
    claim = session.scalar(select(Claim).where(Claim.ref == named))
    if claim is None:
        raise UnknownReferenceError(f"there is no claim {text[:40]}")
    return claim


def lines(claim: Claim) -> frozenset[str]:
    """What a row of authority may name a claim by: its line and its type."""
    known = load().claim_types.get(claim.type)
    return frozenset({claim.type, known.line if known else claim.type})


def claim_type(claim: Claim) -> ClaimType:
    """The declared type of a claim; KeyError if an import brought one we do not have."""
    return load().claim_types[claim.type]


def refresh(claim: Claim) -> None:
    """Bring the claim's requirements to what its type and facts need now; what a person decided stays."""
    needed = {each.key: each for each in _needed(claim)}
    rows = {row.item: row for row in claim.requirements}
    for key, each in needed.items():
        if key in rows and each.held:
            _let_go(rows[key], _WAITED_FOR)
        elif key in rows:
            _move(rows[key], each.state, because=each.because)
        elif not each.held:
            claim.requirements.append(Requirement(item=key, stage=each.stage, state=each.state, because=each.because))
    for key, row in rows.items():
        if key not in needed and row.because != requirements.ASKED_BEFORE:
            _let_go(row, _WAITED_FOR | {RequirementState.REJECTED})


def _needed(claim: Claim) -> Sequence[Needed]:
    return requirements.derive(claim_type(claim), load(), facts(claim), held(claim))


def _move(row: Requirement, state: RequirementState, *, because: str) -> None:
    """A rule may settle whether an item is needed, and why; never one that was asked for, received or decided."""
    open_question = (RequirementState.MAYBE, RequirementState.NEEDED, RequirementState.NOT_APPLICABLE)
    if row.state in open_question and (row.state is state or may_become(row.state, state)):
        row.state, row.because = state, because


def _let_go(row: Requirement, states: Container[RequirementState]) -> None:
    """What nobody needs, or the record has by now, is waited for no more; what came for it is still judged."""
    if row.state in states:
        row.state = RequirementState.NOT_APPLICABLE


def missing(claim: Claim, until: Stage = Stage.PAYMENT) -> list[Requirement]:
    """The requirements of the stages up to `until` that are not settled, in the order of the stages."""
    rows = (row for row in claim.requirements if row.state not in requirements.SETTLED)
    return sorted((row for row in rows if row.stage.place <= until.place), key=lambda row: row.stage.place)


def party_ids(claim: Claim) -> set[int]:
    """Who may be told facts of the claim: its parties, and on first-party lines those the policy protects.

    The holder of a liability policy is the other side: he learns nothing of the injured party's claim. Nor does an
    employer, or a colleague on the same policy, of a claim about somebody's health, life or work.
    """
    known = {claim.claimant_id, *(each.party_id for each in claim.parties)}
    if claim.policy is not None and not claim.type.startswith(LIABILITY):
        known |= _protected(claim, claim.policy)
    return {party_id for party_id in known if party_id is not None}


def parties_of(claim: Claim) -> list[Party]:
    """Everybody who may sign in a claim: its parties, and who holds its policy or is insured by it."""
    found = [claim.claimant, *(each.party for each in claim.parties)]
    if claim.policy is not None:
        found += [claim.policy.holder, *(each.party for each in claim.policy.persons)]
    return [party for party in found if party is not None]


def _protected(claim: Claim, policy: Policy) -> set[int]:
    if not claim.type.startswith(PERSONAL):
        return {policy.holder_id, *(each.party_id for each in policy.persons)}
    insured = claim.record.get("insured_person")
    own = {each.party_id for each in policy.persons if insured is not None and each.party.external_id == insured}
    return own | ({policy.holder_id} if policy.holder.kind is PartyKind.PERSON else set())


def may_be_same_loss(claim: Claim, day: date | None) -> bool:
    """A loss more than three days away from this claim's is another loss."""
    return day is None or claim.loss_date is None or abs((claim.loss_date - day).days) <= 3  # noqa: PLR2004 - the domain's margin


def open_draft(
    session: Session,
    ref: str,
    *,
    type_name: str,
    claimant: Party | None,
    policy: Policy | None,
    loss_date: date | None,
    loss_date_from: str | None,
    cause: str | None,
    story: str | None,
    now: datetime,
    today: date,
) -> tuple[Claim, list[tuple[Needed, Leaf]]]:
    """Open a draft claim from a first notice; beside it what it lacks, which follows from what is known.

    `story` names the ticket on which the customer has told what happened: he is not asked again.
    """
    claim = Claim(
        ref=ref,
        type=type_name,
        state=ClaimState.DRAFT,
        policy=policy,
        policy_ref=policy.ref if policy else None,
        claimant=claimant,
        loss_date=loss_date,
        loss_date_from=loss_date_from,
        reported_on=today,
        cause=cause,
        facts={"loss_story": story} if story else {},
        created_at=now,
    )
    if claimant is not None:
        claim.parties.append(ClaimParty(party=claimant, role="claimant"))
    session.add(claim)
    history.record(session, "claim.drafted", actor="triage", at=now, claim=claim, type=type_name)
    return claim, [(each, _requirement(session, claim, each)) for each in _needed(claim) if not each.held]


def _requirement(session: Session, claim: Claim, needed: Needed) -> Leaf:
    return leaves.add(
        session, Requirement, under={"claim_id": claim},
        item=needed.key, stage=needed.stage, state=needed.state, because=needed.because,
    )  # fmt: skip

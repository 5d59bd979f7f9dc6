"""What a claim is about, as a person corrects it: type, policy, claimant, date, cause and country of loss."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import claims, policies
from tickets.claim_types import load
from tickets.errors import GuardError, UnknownReferenceError
from tickets.models import Claim, ClaimParty, ClaimState, Party, Policy
from tickets.office import Office
from tickets.rows import settings

#: States in which it may still turn out what a claim is about.
STILL_OPEN = (ClaimState.DRAFT, ClaimState.OPEN, ClaimState.GATHERING, ClaimState.IN_REVIEW, ClaimState.REOPENED)


def require_open(claim: Claim) -> None:
    """Raise `GuardError` for a claim that is decided, held or ended: what it is about stands."""
    if claim.state not in STILL_OPEN:
        raise GuardError(
            f"{claim.ref} is {claim.state}: reopen it before changing what it is about",
            ro=f"{claim.ref}: redeschideți dosarul înainte de a-i schimba datele",
            guard="states",
        )


def describe(
    session: Session,
    office: Office,
    claim: Claim,
    *,
    type_name: str | None = None,
    policy_ref: str | None = None,
    claimant: str | None = None,
    loss_date: date | None = None,
    cause: str | None = None,
    loss_country: str | None = None,
) -> list[str]:
    """Change what is given, bring the items to it, and name what changed; raises for what does not exist.

    Not once the claim is decided (`GuardError`).
    """
    require_open(claim)
    before = {key: getattr(claim, key) for key in _KEYS}
    if type_name is not None:
        claim.type = _known_type(type_name)
    if policy_ref is not None:
        claim.policy = _policy(session, office, policy_ref)
        claim.policy_ref = claim.policy.ref
    if claimant is not None:
        _make_claimant(claim, _party(session, claimant))
    for key, value in (("loss_date", loss_date), ("cause", cause), ("loss_country", loss_country)):
        if value is not None:
            setattr(claim, key, value)
    claims.refresh(claim)
    return [key for key in _KEYS if getattr(claim, key) != before[key]]


_KEYS = ("type", "policy_ref", "claimant", "loss_date", "cause", "loss_country")


def _known_type(name: str) -> str:
    if name not in load().claim_types:
        raise GuardError(
            f"there is no claim type {name}: {', '.join(sorted(load().claim_types))}",
            ro=f"nu există tipul de dosar {name}: {', '.join(sorted(load().claim_types))}",
            guard="type",
        )
    return name


def _policy(session: Session, office: Office, ref: str) -> Policy:
    norm = policies.canonical(ref, settings.formats(session, office))
    found = session.scalar(select(Policy).where(Policy.ref_norm == norm))
    if found is None:
        raise UnknownReferenceError(f"there is no policy {norm}")
    return found


def _party(session: Session, name: str) -> Party:
    found = session.scalar(select(Party).where(Party.external_id == name))
    if found is None:
        raise UnknownReferenceError(f"there is no customer {name}")
    return found


def _make_claimant(claim: Claim, party: Party) -> None:
    claim.claimant = party
    if not any(each.party is party and each.role == "claimant" for each in claim.parties):
        claim.parties = [each for each in claim.parties if each.role != "claimant"]
        claim.parties.append(ClaimParty(party=party, role="claimant"))

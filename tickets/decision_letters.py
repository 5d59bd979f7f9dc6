"""The letters that tell a decision: made from the proposal, seen by whoever refuses, queued when it holds."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from templates import Rendered, letters
from templates.letters import Closing, Letter, Money, Outcome, Reason
from tickets import bank_accounts, reach, requests, wording
from tickets.catalogue import Stage
from tickets.claim_types import load
from tickets.claims import missing
from tickets.errors import GuardError
from tickets.guards import Cause
from tickets.models import Claim, Decision, DecisionKind, Staff, Ticket
from tickets.office import Office
from tickets.proposals import Part, Proposal
from tickets.reach import Recipient

#: In how many days a complaint is answered, where the office's law says so; None: as soon as possible.
_APPEAL_DAYS: Mapping[str, int] = {"RO": 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The letter as each addressee would get it, and the mark by which a proposal says it was read."""

    words: tuple[tuple[Recipient, Rendered], ...]
    mark: str
    waits: bool = False  #: Whether it would leave only once a second person approves.


def preview(
    session: Session,
    office: Office,
    claim: Claim,
    proposal: Proposal,
    *,
    person: str,
    now: datetime,
    deducted_minor: int = 0,
) -> Preview:
    """Show the letter a proposal would send; raises `GuardError` if nobody can be reached."""
    addressees = recipients(claim, office)
    letter = _letter(session, office, claim, proposal, deducted_minor=deducted_minor, now=now)
    words = wording.rendered(
        office, addressees, dict.fromkeys(office.languages, letter), person=person, reference=claim.ref, now=now
    )
    read = "\x1f".join(f"{to.medium}\x1f{each.subject}\x1f{each.text}" for to, each in words)
    return Preview(words=tuple(words), mark=hashlib.sha256(read.encode()).hexdigest()[:16])


def must_be_seen(
    session: Session, office: Office, claim: Claim, proposal: Proposal, *, staff: Staff, now: datetime
) -> None:
    """A denial is sent only as it was read: raises `GuardError` that says to look at the letter first."""
    if proposal.kind is not DecisionKind.DENY:
        return
    shown = preview(session, office, claim, proposal, person=staff.name, now=now)
    if proposal.seen != shown.mark:
        raise GuardError(
            f"{claim.ref}: read the letter first, exactly as it would leave; then refuse with its mark",
            ro=f"{claim.ref}: citiți mai întâi scrisoarea, exact cum ar pleca; apoi refuzați cu marcajul ei",
            guard="previewed letter",
        )


def recipients(claim: Claim, office: Office) -> list[Recipient]:
    """Where the claimant is reached; raises `GuardError` if nowhere."""
    points = reach.for_request(claim.claimant, office.outlets) if claim.claimant else []
    if not points:
        raise GuardError(
            f"{claim.ref}: the claimant has no working address for any channel we have",
            ro=f"{claim.ref}: persoana nu are nicio adresă bună pentru canalele pe care le avem",
            guard="address",
        )
    return [reach.recipient(point) for point in points]


def _letter(
    session: Session, office: Office, claim: Claim, proposal: Proposal, *, deducted_minor: int, now: datetime
) -> letters.Decision:
    pays = proposal.kind is not DecisionKind.DENY
    account = bank_accounts.of_claim(session, claim) if pays else None
    usable = account if account and not bank_accounts.why_not(account, today=office.day(now)) else None
    currency = proposal.currency or claim.currency
    return letters.Decision(
        outcome=Outcome(str(proposal.kind)),
        loss_date=claim.loss_date,
        amount=Money(minor=proposal.amount_minor or 0, currency=currency) if pays else None,
        claimed=Money(minor=claim.total_minor, currency=claim.currency) if claim.total_minor else None,
        deductible=Money(minor=deducted_minor, currency=currency) if pays and deducted_minor else None,
        reasons=tuple(Reason(code=each.code, clause=each.clause, quote=each.quote) for each in proposal.parts()),
        facts=_facts(proposal),
        pay_to=_masked(usable.iban) if usable else "",
        appeal_days=_APPEAL_DAYS.get(office.country),
        country=office.country,
    )


def _facts(proposal: Proposal) -> tuple[str, ...]:
    told = [proposal.facts, *(each.facts for each in proposal.refused)]
    lines = (line.strip() for text in told for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def _masked(iban: str) -> str:
    return f"{iban[:2]}..{iban[-4:]}"


def send(session: Session, office: Office, decision: Decision, *, deducted_minor: int, cause: Cause) -> int | None:
    """Queue the letter of a decision in force; None where nobody can be reached, which stops a denial before."""
    claim = decision.claim
    try:
        addressees = recipients(claim, office)
    except GuardError:
        return None
    letter = _letter(session, office, claim, _proposal(decision), deducted_minor=deducted_minor, now=cause.at)
    return _write(session, office, claim, addressees, letter, decision=decision, cause=cause)


def send_closing(session: Session, office: Office, decision: Decision, *, cause: Cause) -> int | None:
    """Queue the letter of a closing; None where nobody can be reached."""
    claim = decision.claim
    try:
        addressees = recipients(claim, office)
    except GuardError:
        return None
    asked = requests.last_sent(session, claim)
    by_language = {
        language: Closing(
            closing_code=decision.code or "",
            asked_on=office.day(asked.sent_at) if asked and asked.sent_at else None,
            missing=tuple(_label(row.item, language) for row in missing(claim, Stage.DECISION)),
        )
        for language in office.languages
    }
    return _write_each(session, office, claim, addressees, by_language, decision=decision, cause=cause)


def _label(item: str, language: str) -> str:
    entry = load().items[item]
    return entry.ro if language == "ro" else entry.en


def _write(
    session: Session,
    office: Office,
    claim: Claim,
    to: Sequence[Recipient],
    letter: Letter,
    *,
    decision: Decision,
    cause: Cause,
) -> int | None:
    each = dict.fromkeys(office.languages, letter)
    return _write_each(session, office, claim, to, each, decision=decision, cause=cause)


def _write_each(
    session: Session,
    office: Office,
    claim: Claim,
    to: Sequence[Recipient],
    by_language: Mapping[str, Letter],
    *,
    decision: Decision,
    cause: Cause,
) -> int | None:
    ticket = _ticket(session, claim, cause.at)
    author = session.get(Staff, decision.proposed_by_id)
    assert author is not None  # the store holds who proposed
    deliveries = wording.write(
        session, office, ticket, to, by_language, person=author.name, author_id=author.id, now=cause.at,
        reference=claim.ref,
    )  # fmt: skip
    session.flush()  # the letter's number is kept with the decision
    return deliveries[0].message.id


def _ticket(session: Session, claim: Claim, now: datetime) -> Ticket:
    return requests.latest_ticket(session, claim) or requests.open_ticket(session, claim, now=now, kind="decision")


def _proposal(decision: Decision) -> Proposal:
    """A decision as it was proposed."""
    parts = tuple(Part(**part) for part in decision.refused)
    whole = parts[0] if decision.kind is DecisionKind.DENY else None
    made = Proposal(
        kind=decision.kind, amount_minor=decision.amount_minor, currency=decision.currency, code=decision.code,
        clause=decision.clause, facts=decision.facts, refused=parts,
    )  # fmt: skip
    return replace(made, quote=whole.quote, refused=()) if whole else made

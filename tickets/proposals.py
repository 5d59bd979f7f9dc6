"""Proposals: what somebody wants to decide, seen against what the evaluation says, and what each must hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from templates.letters import denial_codes
from tickets import authority, references
from tickets.guards import Refusal
from tickets.models import Claim, DecisionKind, Staff, Task, TaskState

#: Kinds of task in which a department speaks about a suspicion; an answer about anything else is none.
_HEARINGS = ("question", "investigation", "fraud_tip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part that is refused, with its own reason."""

    amount_minor: int
    code: str
    clause: str = ""
    facts: str = ""
    quote: str = ""  #: The clause's own words.

    def as_json(self) -> dict[str, object]:
        """Plain data for a decision's row."""
        return {
            "amount_minor": self.amount_minor, "code": self.code, "clause": self.clause, "facts": self.facts,
            "quote": self.quote,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody wants to decide."""

    kind: DecisionKind
    amount_minor: int | None = None  #: None: all that is payable.
    currency: str = ""
    code: str | None = None
    clause: str | None = None
    quote: str = ""
    facts: str = ""  #: One fact a line, in the customer's language.
    refused: tuple[Part, ...] = ()
    note: str = ""  #: For colleagues.
    seen: str = ""  #: What `preview` said of the letter that was read.

    def parts(self) -> tuple[Part, ...]:
        """The refused parts; of a denial, all of it."""
        if self.kind is not DecisionKind.DENY:
            return self.refused
        return (
            Part(amount_minor=0, code=self.code or "", clause=self.clause or "", facts=self.facts, quote=self.quote),
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


def completed(claim: Claim, proposal: Proposal, seen: Seen) -> Proposal:
    """An approval without an amount is of all that is payable; a denial pays nothing."""
    amount = proposal.amount_minor
    if amount is None:
        amount = 0 if proposal.kind is DecisionKind.DENY else seen.payable_minor
    return replace(proposal, amount_minor=amount, currency=seen.currency or claim.currency)


def unsound(session: Session, claim: Claim, proposal: Proposal, seen: Seen) -> Refusal | None:
    """Say what a proposal lacks or claims too much of; None if it is sound."""
    if proposal.kind is DecisionKind.DENY:
        found = _unsound_denial(claim, proposal)
    else:
        found = _unsound_amount(claim, proposal, seen) or _unsound_parts(claim, proposal, seen)
    return found or _unproven(session, claim, proposal.parts())


def _unsound_denial(claim: Claim, proposal: Proposal) -> Refusal | None:
    """A denial names its code, the clause and the facts."""
    if proposal.code not in denial_codes():
        return Refusal(
            guard="reason code",
            en=f"{claim.ref}: a denial needs one of the codes {', '.join(denial_codes())}",
            ro=f"{claim.ref}: refuzul are nevoie de unul din codurile {', '.join(denial_codes())}",
        )
    if not (proposal.clause and proposal.clause.strip()):
        return Refusal(
            guard="clause", en=f"{claim.ref}: a denial needs its clause", ro=f"{claim.ref}: refuzul cere clauza"
        )
    if not proposal.facts.strip():
        return Refusal(
            guard="facts",
            en=f"{claim.ref}: a denial needs the facts it rests on",
            ro=f"{claim.ref}: refuzul are nevoie de faptele pe care se bazează",
        )
    return None


def _unproven(session: Session, claim: Claim, parts: Sequence[Part]) -> Refusal | None:
    """A duplicate is named; fraud is refused only after SIU and legal were heard. A refused part is no way round."""
    facts = [each.facts for each in parts if each.code == "D11"]
    if not _name_another_claim(session, claim, facts):
        return Refusal(
            guard="duplicate named",
            en=f"{claim.ref}: D11 names the other claim in its facts (CLM…)",
            ro=f"{claim.ref}: D11 trebuie să numească celălalt dosar (CLM…)",
        )
    wanted = {name: each.code for each in parts for name in authority.HEARD_FIRST.get(each.code, ())}
    missing = [each for each in wanted if not _was_heard(session, claim, each)]
    if missing:
        names, code = ", ".join(missing), wanted[missing[0]]
        return Refusal(
            guard="SIU and legal",
            en=f"{claim.ref}: {code} needs the answer of {names} to a task on the claim",
            ro=f"{claim.ref}: {code} are nevoie de răspunsul {names} la o sarcină din dosar",
        )
    return None


def _name_another_claim(session: Session, claim: Claim, facts: Sequence[str]) -> bool:
    """Whether each of these names a claim that exists, and not only this one."""
    named = [{each.value for each in references.find(text) if each.kind == "claim"} - {claim.ref} for text in facts]
    known = set(session.scalars(select(Claim.ref).where(Claim.ref.in_(set().union(*named))))) if named else set()
    return all(each & known for each in named)


def _was_heard(session: Session, claim: Claim, department: str) -> bool:
    """Whether somebody of the department itself has answered what a person asked it about this claim."""
    answered = select(Staff.roles).join(Task, Task.done_by_id == Staff.id)
    asked = answered.where(Task.claim_id == claim.id, Task.department == department, Task.kind.in_(_HEARINGS))
    return any(department in roles for roles in session.scalars(asked.where(Task.state == TaskState.DONE)))


def _unsound_amount(claim: Claim, proposal: Proposal, seen: Seen) -> Refusal | None:
    if seen.payable_minor is None:
        return Refusal(
            guard="payable",
            en=f"{claim.ref}: what is payable is not known yet: its policy is not settled",
            ro=f"{claim.ref}: nu se știe încă ce se poate plăti: polița nu este stabilită",
        )
    amount = proposal.amount_minor or 0
    if amount <= 0 or amount > seen.payable_minor:
        most = _said(seen.payable_minor, seen.currency)
        return Refusal(
            guard="payable",
            en=f"{claim.ref}: the amount must be above 0 and not above what is payable, {most}",
            ro=f"{claim.ref}: suma trebuie să fie peste 0 și cel mult cât se poate plăti, {most}",
        )
    return None


def _unsound_parts(claim: Claim, proposal: Proposal, seen: Seen) -> Refusal | None:
    """What is refused of the payable amount has a reason code of its own, to the cent."""
    left = (seen.payable_minor or 0) - (proposal.amount_minor or 0)
    refused = sum(each.amount_minor for each in proposal.refused)
    if proposal.kind is DecisionKind.APPROVE and (left or proposal.refused):
        return Refusal(
            guard="whole amount",
            en=f"{claim.ref}: an approval is of all that is payable; to refuse a part, approve partially",
            ro=f"{claim.ref}: aprobarea este pentru tot ce se poate plăti; pentru rest, aprobați parțial",
        )
    if proposal.kind is DecisionKind.PARTIAL and (refused != left or not proposal.refused):
        rest = _said(left, seen.currency)
        return Refusal(
            guard="refused part",
            en=f"{claim.ref}: the refused parts must come to {rest}, each with its own code",
            ro=f"{claim.ref}: părțile refuzate trebuie să însumeze {rest}, fiecare cu codul ei",
        )
    wrong = next((each for each in proposal.refused if _is_incomplete(each)), None)
    if wrong is not None:
        return Refusal(
            guard="refused part",
            en=f"{claim.ref}: each refused part needs an amount above 0, a code (D01 to D17), its clause and its facts",
            ro=f"{claim.ref}: fiecare parte refuzată are nevoie de o sumă, un cod (D01-D17), clauză și fapte",
        )
    return None


def _is_incomplete(part: Part) -> bool:
    sound = part.amount_minor > 0 and part.code in denial_codes()
    return not (sound and part.clause.strip() and part.facts.strip())


def _said(minor: int, currency: str) -> str:
    return f"{minor // 100}.{minor % 100:02d} {currency}"

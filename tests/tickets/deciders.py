"""A desk whose people decide the claims of the scenarios' world: propose, approve, return, close, reopen."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.tickets.desk import CLAIM_B, Desk
from tickets import closings, decision_letters, decisions, proposals
from tickets.models import Claim, Decision, DecisionKind, Message, Staff
from tickets.proposals import Part, Proposal

RADA = {"id": "rada", "name": "Rada Popa", "email": "rada@exemplu.example", "role": "supervisor"}
SENIOR = {"id": "sanda", "name": "Sanda Ilie", "email": "sanda@exemplu.example", "role": "senior_representative"}
APPROVAL = Proposal(kind=DecisionKind.APPROVE)
DENIAL = Proposal(kind=DecisionKind.DENY, code="D01", clause="Art. 1", facts="Polița începea mai târziu.")
PARTIAL = Proposal(
    kind=DecisionKind.PARTIAL, amount_minor=200_000,
    refused=(Part(amount_minor=45_000, code="D10", clause="Art. 2", facts="Fără factură."),),
)  # fmt: skip


def claim_called(session: Session, ref: str) -> Claim:
    return session.scalars(select(Claim).where(Claim.ref == ref)).one()


def staff_called(session: Session, name: str) -> Staff:
    return session.scalars(select(Staff).where(Staff.external_id == name)).one()


@dataclass
class Deciders(Desk):
    """Each move is a transaction of its own, and gives what came of it as plain words."""

    def costs(self, minor: int, ref: str = CLAIM_B) -> None:
        """What claim B asks for is so much."""
        with self.store.writing() as session:
            claim = claim_called(session, ref)
            claim.lines[0].total_minor = claim.lines[0].unit_minor = claim.total_minor = minor

    def decide(self, proposal: Proposal, by: str = "ana", ref: str = CLAIM_B) -> int:
        """Propose a decision; a denial is marked as read."""
        with self.store.writing() as session:
            claim, staff = claim_called(session, ref), staff_called(session, by)
            seen = decisions.see(session, self.office, claim, now=self.now)
            if proposal.kind is DecisionKind.DENY and not proposal.seen:
                whole = proposals.completed(claim, proposal, seen)
                read = decision_letters.preview(session, self.office, claim, whole, person=staff.name, now=self.now)
                proposal = replace(proposal, seen=read.mark)
            made = decisions.propose(session, self.office, claim, proposal, staff=staff, now=self.now, seen=seen)
            return made.id

    def approve(self, decision: int, by: str) -> None:
        with self.store.writing() as session:
            row = decisions.find(session, decision)
            seen = decisions.see(session, self.office, row.claim, now=self.now)
            staff = staff_called(session, by)
            decisions.approve(session, self.office, row, staff=staff, now=self.now, seen=seen)

    def return_(self, decision: int, by: str, note: str = "factura lipsește") -> None:
        with self.store.writing() as session:
            row, staff = decisions.find(session, decision), staff_called(session, by)
            decisions.return_(session, row, staff=staff, now=self.now, note=note)

    def close(self, code: str | None, by: str = "ana", ref: str = CLAIM_B) -> Decision | None:
        with self.store.writing() as session:
            claim, staff = claim_called(session, ref), staff_called(session, by)
            seen = decisions.see(session, self.office, claim, now=self.now)
            return closings.close(session, self.office, claim, code, staff=staff, now=self.now, seen=seen)

    def reopen(self, by: str = "radu", ref: str = CLAIM_B, reason: str = "s-a găsit factura") -> None:
        with self.store.writing() as session:
            claim, staff = claim_called(session, ref), staff_called(session, by)
            closings.reopen(session, self.office, claim, staff=staff, now=self.now, reason=reason)

    def stands(self, ref: str = CLAIM_B) -> str:
        with self.store.reading() as session:
            return str(claim_called(session, ref).state)

    def decision(self, number: int) -> Decision:
        with self.store.reading() as session:
            return decisions.get(session, number)

    def letters(self, template: str) -> list[Message]:
        """The words of every message of a kind that has been queued."""
        found = [each for each in self.outgoing() if each.template == template]
        return [each.message for each in found]

    def later(self, moment: datetime) -> "Deciders":
        return replace(self, now=moment)

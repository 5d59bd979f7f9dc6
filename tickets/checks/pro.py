"""Checks of the proceeding itself: what was decided or paid against the rules. The moves refuse it; this finds it."""

from collections.abc import Iterable
from itertools import chain

from tickets.checks.finding import Finding
from tickets.facts import Facts
from tickets.models.findings import Severity

#: A late decision must still be taken; what was done against the rules is told by its own code.
_NOT_IN_THE_WAY = ("CLK", "PRO")


def decided_with_open_block(facts: Facts, others: Iterable[Finding]) -> Finding | None:
    """PRO-01: a claim is approved while something still stands in the way."""
    proposal = facts.proposal
    codes = sorted({each.code for each in others if each.is_open_block and each.code[:3] not in _NOT_IN_THE_WAY})
    if proposal is None or not proposal.approves or not codes:
        return None
    listed = ", ".join(codes)
    return Finding(
        code="PRO-01",
        subject=str(proposal.number),
        severity=Severity.BLOCK,
        text_en=f"Decision {proposal.number} approves while {listed} still stand in the way.",
        text_ro=f"Decizia {proposal.number} aprobă, deși există încă impedimente: {listed}.",
        inputs={"decision": proposal.number, "codes": codes},
        resolver="system",
    )


def outside_authority(facts: Facts) -> Finding | None:
    """PRO-02: the amount or a reason code is outside the authority of who decided, and nobody else has approved."""
    proposal = facts.proposal
    if proposal is None or not proposal.outside or len(proposal.approved_by) >= max(proposal.approvals_needed, 1):
        return None
    listed = ", ".join(proposal.outside)
    return Finding(
        code="PRO-02",
        subject=str(proposal.number),
        severity=Severity.BLOCK,
        text_en=f"Decision {proposal.number} is outside the authority of who proposed it: {listed}.",
        text_ro=f"Decizia {proposal.number} depășește competența persoanei care a propus-o: {listed}.",
        inputs={"decision": proposal.number, "outside": list(proposal.outside)},
        resolver="system",
    )


def released_by_proposer(facts: Facts) -> Finding | None:
    """PRO-03: whoever proposed or approved a payment cannot release it."""
    release = facts.release
    if release is None or release.released_by is None:
        return None
    if release.released_by not in chain((release.proposed_by,), release.approved_by):
        return None
    return Finding(
        code="PRO-03",
        subject=release.payment,
        severity=Severity.BLOCK,
        text_en=f"Payment {release.payment} was released by who had proposed or approved it.",
        text_ro=f"Plata {release.payment} a fost eliberată de cine o propusese sau o aprobase.",
        inputs={"payment": release.payment},
        resolver="system",
    )


CHECKS = (outside_authority, released_by_proposer)

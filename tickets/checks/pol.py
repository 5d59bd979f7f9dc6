"""Checks of the policy itself: is there one, which one, was it in force and paid for."""

from templates.counts import counted
from tickets.checks.finding import Finding, day
from tickets.cover import later
from tickets.facts import Facts, Version
from tickets.models.findings import Severity

#: What a policy that is not active is, in both languages.
_STATUS = {
    "suspended": ("suspended", "suspendată"),
    "lapsed": ("lapsed", "încetată pentru neplată"),
    "cancelled": ("cancelled", "reziliată"),
    "expired": ("expired", "expirată"),
    "pending": ("not yet in force", "încă neintrată în vigoare"),
}
_FEWEST = 2  #: Candidates that are several.


def no_policy(facts: Facts) -> Finding | None:
    """POL-01: the claim names no policy that we have."""
    if not _lacks_policy(facts) or len(facts.candidates) >= _FEWEST:
        return None
    named = facts.policy_ref
    return Finding(
        code="POL-01",
        severity=Severity.BLOCK,
        text_en=f"There is no policy {named} on file." if named else "The claim names no policy.",
        text_ro=f"Polița {named} nu există în evidențe." if named else "Dosarul nu indică nicio poliță.",
        inputs={"policy": named, "candidates": list(facts.candidates)},
        resolver="rep",
    )


def several_policies(facts: Facts) -> Finding | None:
    """POL-02: several policies may be meant; a person picks one."""
    if not _lacks_policy(facts) or len(facts.candidates) < _FEWEST:
        return None
    listed = ", ".join(facts.candidates)
    return Finding(
        code="POL-02",
        severity=Severity.BLOCK,
        text_en=f"Several policies may be meant: {listed}. Pick the right one.",
        text_ro=f"Pot fi avute în vedere mai multe polițe: {listed}. Alegeți-o pe cea potrivită.",
        inputs={"policy": facts.policy_ref, "candidates": list(facts.candidates)},
        resolver="rep",
    )


def not_in_force(facts: Facts) -> Finding | None:
    """POL-03: suspended, lapsed, cancelled at the loss; a lapsed policy still covers its days of grace."""
    version = facts.version
    if version is None or version.status == "active" or _is_in_grace(facts, version):
        return None
    assert facts.loss_date is not None
    en, ro = _STATUS.get(version.status, (version.status, version.status))
    return Finding(
        code="POL-03",
        severity=Severity.BLOCK,
        text_en=f"The policy was {en} on {day(facts.loss_date, 'en')}.",
        text_ro=f"La {day(facts.loss_date, 'ro')} polița era {ro}.",
        inputs={"status": version.status, "loss_date": facts.loss_date.isoformat(), "version": version.number},
        resolver="renewals",
    )


def premium_unpaid(facts: Facts) -> Finding | None:
    """POL-04: the premium was not paid up to the loss, days of grace included."""
    version, loss = facts.version, facts.loss_date
    if version is None or loss is None or version.premium_paid_to is None:
        return None
    paid_to, grace = version.premium_paid_to, version.grace_days
    if loss <= later(paid_to, grace):
        return None
    return Finding(
        code="POL-04",
        severity=Severity.BLOCK,
        text_en=f"The premium is paid up to {day(paid_to, 'en')}; with {counted(grace, 'day', 'en')} of grace, that "
        f"does not reach the loss of {day(loss, 'en')}.",
        text_ro=f"Prima este plătită până la {day(paid_to, 'ro')}; nici cu perioada de grație "
        f"({counted(grace, 'day', 'ro')}) nu se ajunge la data producerii pagubei, {day(loss, 'ro')}.",
        inputs={"premium_paid_to": paid_to.isoformat(), "grace_days": grace, "loss_date": loss.isoformat()},
        resolver="renewals",
    )


def _lacks_policy(facts: Facts) -> bool:
    return facts.policy is None and facts.needs_policy


def _is_in_grace(facts: Facts, version: Version) -> bool:
    """Within the days of grace after the paid time; what ended a policy before that was not the premium."""
    paid_to, loss = version.premium_paid_to, facts.loss_date
    if version.status != "lapsed" or paid_to is None or loss is None:
        return False
    return paid_to < loss <= later(paid_to, version.grace_days)


CHECKS = (no_policy, several_policies, not_in_force, premium_unpaid)

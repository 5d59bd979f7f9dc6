"""Checks: every code of the catalogue of findings, each a pure function from facts to what it sees."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from tickets.catalogue import Stage
from tickets.checks import amt, aut, clk, cov, dat, doc, dup, ids, lim, pol, pro
from tickets.checks.finding import Finding
from tickets.facts import Facts
from tickets.models.findings import FindingState, Severity

__all__ = ["Finding", "Severity", "run"]

Seen: TypeAlias = Finding | Iterable[Finding] | None
Check: TypeAlias = Callable[[Facts], Seen]

#: Every check of facts alone, by name; `doc` asks for the stage too, `pro.decided_with_open_block` for the others.
CHECKS: tuple[Check, ...] = (
    *pol.CHECKS,
    *dat.CHECKS,
    *cov.CHECKS,
    *lim.CHECKS,
    *amt.CHECKS,
    *dup.CHECKS,
    *ids.CHECKS,
    *aut.CHECKS,
    *pro.CHECKS,
    *clk.CHECKS,
)


def run(facts: Facts, stage: Stage) -> list[Finding]:
    """Everything the checks see at a stage, in the order of codes and subjects; what was set aside says so."""
    seen = [finding for check in CHECKS for finding in _seen(check(facts))]
    seen += [finding for check in doc.CHECKS for finding in check(facts, stage)]
    found = {finding.key: _settled(finding, facts) for finding in reversed(seen)}  # the first of two stays
    found |= {each.key: _settled(each, facts) for each in _seen(pro.decided_with_open_block(facts, found.values()))}
    return [found[key] for key in sorted(found)]


def _seen(seen: Seen) -> Iterator[Finding]:
    if isinstance(seen, Finding):
        yield seen
    elif seen is not None:
        yield from seen


def _settled(finding: Finding, facts: Facts) -> Finding:
    """Set aside where a person did so on the same inputs; on others it speaks again."""
    for override in facts.overrides:
        if (override.code, override.subject) == finding.key and override.inputs == finding.inputs:
            return replace(finding, state=FindingState.OVERRIDDEN)
    return finding

"""Checks of clocks: how far a statutory time has run."""

from collections.abc import Iterator

from tickets.checks.finding import Finding, day
from tickets.facts import Facts, Term
from tickets.models.findings import Severity

_OVER = 100


def running_out(facts: Facts) -> Iterator[Finding]:
    """CLK-01: a statutory clock has reached 50, 75 or 90 percent, which warns, or has run out."""
    return (_finding(term) for term in facts.terms)


def _finding(term: Term) -> Finding:
    over = term.percent >= _OVER
    due = (day(term.due_on, "en"), day(term.due_on, "ro"))
    words = (f"{term.percent} % of {term.key} have run; due {due[0]}.",
             f"A trecut {term.percent} % din termenul {term.key}; scadent la {due[1]}.")  # fmt: skip
    if over:
        words = (f"{term.key} ran out on {due[0]}.", f"Termenul {term.key} a expirat la {due[1]}.")
    return Finding(
        code="CLK-01",
        subject=term.key,
        severity=Severity.BLOCK if over else Severity.WARN,
        text_en=words[0],
        text_ro=words[1],
        inputs={"clock": term.key, "percent": term.percent, "due_on": term.due_on.isoformat()},
        resolver="ladder",
    )


CHECKS = (running_out,)

"""Checks of authority: does who speaks for somebody else hold the paper for it."""

from tickets.checks.finding import Finding
from tickets.facts import Facts
from tickets.likeness import Likeness, compare
from tickets.models.findings import Severity
from tickets.parties import fold
from tickets.requirements import RequirementState

_PAPERS = ("power_of_attorney", "guardian_proof")
#: Ways to say that somebody speaks for himself.
_SELF = frozenset({"self", "claimant", "insured", "asigurat", "pagubit", "titular", "personal", "eu"})


def speaks_without_authority(facts: Facts) -> Finding | None:
    """AUT-01: somebody speaks for the claimant and no authority is on file."""
    reporter = facts.reporter
    if reporter is None or reporter.has_authority or _is_claimant(facts) or _holds_paper(facts):
        return None
    name, relation = reporter.name or "Somebody", reporter.relation or "-"
    return Finding(
        code="AUT-01",
        severity=Severity.BLOCK,
        text_en=f"{name} ({relation}) speaks for the claimant; no authority to do so is on file.",
        text_ro=f"{reporter.name or 'Altcineva'} ({relation}) vorbește în numele persoanei păgubite; nu există o "
        "împuternicire la dosar.",
        inputs={"reporter": reporter.name, "relation": reporter.relation},
        resolver="rep",
    )


def _is_claimant(facts: Facts) -> bool:
    reporter = facts.reporter
    assert reporter is not None
    if fold(reporter.relation.strip()) in _SELF or not (reporter.name or reporter.relation):
        return True
    if facts.claimant is None or not reporter.name:
        return False
    return compare(reporter.name, facts.claimant.name) is not Likeness.DIFFERS


def _holds_paper(facts: Facts) -> bool:
    return any(item.key in _PAPERS and item.state is RequirementState.ACCEPTED for item in facts.items)


CHECKS = (speaks_without_authority,)

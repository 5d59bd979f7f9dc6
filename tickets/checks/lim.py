"""Checks of limits: what is over a limit is not paid; what a deductible leaves nothing of is not paid at all."""

from collections.abc import Iterator

from templates.money import amount as said
from tickets import cover
from tickets.checks.finding import Finding, plain
from tickets.facts import Facts
from tickets.models.findings import Severity
from tickets.payable import Cut, Reckoning, reckon

_WORDS = {
    "LIM-01": ("limit per event", "limita pe eveniment"),
    "LIM-02": ("sub-limit", "sublimita"),
    "LIM-03": ("rest of the aggregate limit", "restul limitei agregate"),
}


def limits(facts: Facts) -> Iterator[Finding]:
    """LIM-01 limit per event, LIM-02 sub-limit or number of losses, LIM-03 aggregate, LIM-04 below deductible."""
    reckoning = reckon(facts)
    if reckoning is None:
        return
    for cut in reckoning.cuts:
        yield _over(cut, reckoning.currency) if cut.losses is None else _too_often(cut, cut.losses, reckoning.currency)
    if reckoning.is_below_deductible:
        yield _below_deductible(facts, reckoning)


def _over(cut: Cut, currency: str) -> Finding:
    en, ro = _WORDS[cut.code]
    what = "/".join(filter(None, [cut.coverage, cut.kind]))
    return Finding(
        code=cut.code,
        subject=what,
        severity=Severity.WARN,
        text_en=f"{said(cut.asked, currency, 'en')} are over the {en} of {what}: pay up to "
        f"{said(cut.limit, currency, 'en')}.",
        text_ro=f"{said(cut.asked, currency, 'ro')} depășesc {ro} pentru {what}: se plătesc cel mult "
        f"{said(cut.limit, currency, 'ro')}.",
        clause=cut.clause or None,
        inputs={"asked": plain(cut.asked), "limit": plain(cut.limit), "currency": currency},
        resolver="rep",
    )


def _too_often(cut: Cut, losses: int, currency: str) -> Finding:
    return Finding(
        code=cut.code,
        subject=cut.coverage,
        severity=Severity.WARN,
        text_en=f"Losses of this period paid under {cut.coverage}: {losses}. It pays no more of them.",
        text_ro=f"Daune din această perioadă plătite pentru {cut.coverage}: {losses}. Nu se mai plătesc altele.",
        clause=cut.clause or None,
        inputs={"asked": plain(cut.asked), "losses": losses, "currency": currency},
        resolver="rep",
    )


def _below_deductible(facts: Facts, reckoning: Reckoning) -> Finding:
    claimed, currency = reckoning.claimed, reckoning.currency
    clauses = dict.fromkeys(each.clause for each in cover.relevant(facts) if each.clause)
    return Finding(
        code="LIM-04",
        severity=Severity.BLOCK,
        text_en=f"{said(claimed, currency, 'en')} are not more than the deductible.",
        text_ro=f"{said(claimed, currency, 'ro')} nu depășesc franșiza.",
        clause=", ".join(clauses) or None,
        inputs={"claimed": plain(claimed), "currency": currency},
        resolver="rep",
    )


CHECKS = (limits,)

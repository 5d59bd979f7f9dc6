"""Checks of dates: could the loss have happened then, was there cover, was it reported in time."""

from collections.abc import Iterator
from datetime import date, timedelta

from templates.counts import counted
from tickets import cover
from tickets.checks.finding import Finding, day
from tickets.facts import Facts, Person, Version
from tickets.models.findings import Severity

_UNITS = {"calendar": "day", "working": "working_day", "hours": "hour"}


def impossible_date(facts: Facts) -> Iterator[Finding]:
    """DAT-01: a loss in the future, before somebody's birth, or after it was reported."""
    loss = facts.loss_date
    if loss is None:
        return
    if loss > facts.today:
        yield _impossible("future", loss, None, ("is in the future", "este în viitor"))
    if facts.reported_on is not None and loss > facts.reported_on:
        words = (f"is after the report of {day(facts.reported_on, 'en')}",
                 f"este după data avizării, {day(facts.reported_on, 'ro')}")  # fmt: skip
        yield _impossible("after_report", loss, facts.reported_on, words)
    born = max((each.birth_date for each in _alive(facts) if each.birth_date), default=None)
    if born is not None and loss < born:
        words = (f"is before the birth date {day(born, 'en')}", f"este înainte de data nașterii, {day(born, 'ro')}")
        yield _impossible("before_birth", loss, born, words)


def _impossible(subject: str, loss: date, other: date | None, words: tuple[str, str]) -> Finding:
    """The other day is an input only where it stays: `today` would make the finding another one tomorrow."""
    inputs = {"loss_date": loss.isoformat()} | ({"compared_with": other.isoformat()} if other else {})
    return Finding(
        code="DAT-01",
        subject=subject,
        severity=Severity.BLOCK,
        text_en=f"The date of loss, {day(loss, 'en')}, {words[0]}.",
        text_ro=f"Data producerii pagubei, {day(loss, 'ro')}, {words[1]}.",
        inputs=inputs,
        resolver="rep",
    )


def _alive(facts: Facts) -> Iterator[Person]:
    """Who must have been born by the loss; a child born after a death may still be heir."""
    if facts.insured is not None:
        yield facts.insured
    if facts.claimant is not None and not facts.about_death:
        yield facts.claimant


def no_version(facts: Facts) -> Finding | None:
    """DAT-02: no version known at the loss was in force on its day."""
    loss = facts.loss_date
    if facts.policy is None or loss is None or facts.version is not None:
        return None
    later = facts.later_versions
    return Finding(
        code="DAT-02",
        severity=Severity.BLOCK,
        text_en=f"On {day(loss, 'en')} the policy was not in force in any version known then."
        f"{_told_later(later, 'en')}",
        text_ro=f"La {day(loss, 'ro')} polița nu era în vigoare în nicio versiune cunoscută atunci."
        f"{_told_later(later, 'ro')}",
        inputs={"loss_date": loss.isoformat(), "recorded_later": [_dates(each) for each in later]},
        resolver="supervisor",
    )


def _dates(version: Version) -> dict[str, str]:
    return {"effective_from": version.effective_from.isoformat(), "recorded_on": version.recorded_on.isoformat()}


def _told_later(versions: tuple[Version, ...], language: str) -> str:
    return "".join(f" {too_late(each, language)}" for each in versions)


def too_late(version: Version, language: str) -> str:
    """Why a version that was dated back creates no cover, with both its dates."""
    start, recorded = day(version.effective_from, language), day(version.recorded_on, language)
    if language == "ro":
        return (
            f"O versiune valabilă din {start} a fost înregistrată la {recorded}, după producerea pagubei, "
            "și nu creează acoperire."
        )
    return f"A version effective from {start} was recorded on {recorded}, after the loss, and creates no cover."


def reported_late(facts: Facts) -> Finding | None:
    """DAT-03: reported after the contract's term; a supervisor looks at it, it denies nothing."""
    version, until = facts.version, facts.report_until
    if version is None or until is None or facts.reported_on is None or not _is_late(facts, version, until):
        return None
    term = {"duration": version.notice_days, "unit": version.notice_unit}
    en, ro = (counted(version.notice_days or 0, _UNITS[version.notice_unit], language) for language in ("en", "ro"))
    return Finding(
        code="DAT-03",
        severity=Severity.WARN,
        text_en=f"Reported on {day(facts.reported_on, 'en')}; the policy's term of {en} ended on {day(until, 'en')}.",
        text_ro=f"Dauna a fost avizată la {day(facts.reported_on, 'ro')}; termenul din poliță ({ro}) s-a încheiat la "
        f"{day(until, 'ro')}.",
        inputs={"reported_on": facts.reported_on.isoformat(), "until": until.isoformat(), "term": term},
        resolver="supervisor",
    )


def _is_late(facts: Facts, version: Version, until: date) -> bool:
    """By the hour where the term is in hours and both hours are known."""
    told = facts.reported_at
    if version.notice_unit == "hours" and facts.loss_at is not None and told is not None:
        return told > facts.loss_at + timedelta(hours=version.notice_days or 0)
    return facts.reported_on is not None and facts.reported_on > until


def new_cover(facts: Facts) -> Iterator[Finding]:
    """DAT-04: a loss soon after the policy began, or after more cover was bought."""
    version, loss = facts.version, facts.loss_date
    if version is None or loss is None:
        return
    start = cover.held_since(facts, version)
    if _is_new(facts, loss, start):
        yield _new("start", loss, start, ("the policy began", "începutul poliței"))
    for more in cover.increases(facts, version):
        if _is_new(facts, loss, more.effective_from):
            yield _new("increase", loss, more.effective_from, ("cover was increased", "majorarea acoperirii"))
            return


def _is_new(facts: Facts, loss: date, start: date) -> bool:
    return loss <= cover.later(start, facts.cover_is_new)


def _new(subject: str, loss: date, start: date, words: tuple[str, str]) -> Finding:
    days = (loss - start).days
    return Finding(
        code="DAT-04",
        subject=subject,
        severity=Severity.INFO,
        text_en=f"The loss happened {counted(days, 'day', 'en')} after {words[0]}, {day(start, 'en')}.",
        text_ro=f"Paguba s-a produs la {counted(days, 'day', 'ro')} de la {words[1]}, {day(start, 'ro')}.",
        inputs={"loss_date": loss.isoformat(), "since": start.isoformat()},
        resolver="siu",
    )


CHECKS = (impossible_date, no_version, reported_late, new_cover)

"""Checks of cover: the cause, exclusions, the place, waiting periods, the thing and the person insured."""

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from templates.counts import counted
from tickets import cover
from tickets.checks.dat import too_late
from tickets.checks.finding import Finding, day
from tickets.conditions import evaluate, parsed, unknown_facts
from tickets.facts import Cover, Exclusion, Facts, Person, Thing, Version
from tickets.likeness import Likeness, compare
from tickets.models.findings import Severity
from tickets.parties import fold

_SAME_ADDRESS = 90  #: Percent of letters in common, in any order of words.
_WORDS = re.compile(r"[^\W_]+")
#: Words of Romanian and English addresses that name nothing by themselves.
_DESIGNATORS = frozenset(
    re.findall(
        r"\w+",
        """str strada bd bdul dul bulevardul blvd calea cal soseaua sos aleea al piata intrarea nr no numarul number bl
        bloc blocul sc scara et etaj etajul ap apartament apartamentul sector sectorul sect jud judetul mun municipiul
        oras orasul com comuna sat satul street st road rd flat apartment floor romania""",
    )
)


def not_covered(facts: Facts) -> Iterator[Finding]:
    """COV-01: the cause, or a coverage that a line asks under, is not on the version that decides."""
    version = facts.version
    if version is None:
        return
    if facts.cause and not _is_covered(version, facts.cause):
        yield _without_peril(facts, version, facts.cause)
    for code in dict.fromkeys(expense.coverage for expense in facts.expenses):
        held = cover.find(version, code)
        if held is None:
            yield _without_coverage(facts, version, code)
        elif facts.cause and not cover.covers(held, facts.cause) and _is_covered(version, facts.cause):
            yield _under_another(facts, version, held, cause=facts.cause)


def _is_covered(version: Version, cause: str) -> bool:
    return any(cover.covers(each, cause) for each in version.covers)


def _without_peril(facts: Facts, version: Version, cause: str) -> Finding:
    perils = dict.fromkeys(peril for each in version.covers for peril in each.perils)
    en, ro = (", ".join(facts.cause_name(each, language) for each in perils) for language in ("en", "ro"))
    name_en, name_ro = facts.cause_name(cause, "en"), facts.cause_name(cause, "ro")
    later = [each for each in facts.later_versions if _is_covered(each, cause)]
    return _not_covered(
        facts, version, cause, later,
        (f"The cause “{name_en}” is not covered; version {version.number} covers: {en or 'nothing'}.",
         f"Cauza „{name_ro}” nu este acoperită; versiunea {version.number} acoperă: {ro or 'nimic'}."),
    )  # fmt: skip


def _without_coverage(facts: Facts, version: Version, code: str) -> Finding:
    later = [each for each in facts.later_versions if cover.find(each, code)]
    return _not_covered(
        facts, version, code, later,
        (f"Version {version.number} of the policy has no coverage {code}.",
         f"Versiunea {version.number} a poliței nu are acoperirea {code}."),
    )  # fmt: skip


def _under_another(facts: Facts, version: Version, held: Cover, *, cause: str) -> Finding:
    names = [facts.cause_name(cause, language) for language in ("en", "ro")]
    return _not_covered(
        facts, version, held.code, [],
        (f"Coverage {held.code} does not cover the cause “{names[0]}”; another coverage does.",
         f"Acoperirea {held.code} nu include cauza „{names[1]}”; o altă acoperire o include."),
    )  # fmt: skip


def _not_covered(facts: Facts, version: Version, subject: str, later: list[Version], words: tuple[str, str]) -> Finding:
    """With the clauses of the cover asked under, and both dates of a version that came too late."""
    held = cover.relevant(facts) or version.covers
    return Finding(
        code="COV-01",
        subject=subject,
        severity=Severity.BLOCK,
        text_en=" ".join([words[0], *(too_late(each, "en") for each in later)]),
        text_ro=" ".join([words[1], *(too_late(each, "ro") for each in later)]),
        clause=_clauses(held),
        inputs={
            "cause": facts.cause,
            "version": version.number,
            "perils": {each.code: list(each.perils) for each in version.covers},
            "recorded_later": [
                {"effective_from": each.effective_from.isoformat(), "recorded_on": each.recorded_on.isoformat()}
                for each in later
            ],
        },
        resolver="rep",
    )


def _clauses(covers: tuple[Cover, ...]) -> str | None:
    return ", ".join(dict.fromkeys(each.clause for each in covers if each.clause)) or None


def excluded(facts: Facts) -> Iterator[Finding]:
    """COV-02: an exclusion applies, or may because a fact it asks for is not known."""
    if facts.version is None:
        return
    for exclusion in facts.version.exclusions:
        condition = parsed(exclusion.when)
        holds = evaluate(condition, facts.known)
        if holds is not False:
            unknown = unknown_facts(condition, facts.known)
            asked = {each.fact: facts.known.get(each.fact) for each in condition.comparisons}
            yield _excluded(exclusion, unknown, asked)


def _excluded(exclusion: Exclusion, unknown: tuple[str, ...], asked: dict[str, object]) -> Finding:
    name = " ".join(filter(None, [exclusion.code, f"({exclusion.when})"]))
    if unknown:
        words = (f"Exclusion {name} may apply: not known is {', '.join(unknown)}.",
                 f"Excluderea {name} s-ar putea aplica: nu se cunoaște {', '.join(unknown)}.")  # fmt: skip
    else:
        words = (f"Exclusion {name} applies as the facts are known; a supervisor decides.",
                 f"Excluderea {name} se aplică potrivit faptelor cunoscute; decide un supervizor.")  # fmt: skip
    return Finding(
        code="COV-02",
        subject=name,
        severity=Severity.WARN,
        text_en=words[0],
        text_ro=words[1],
        clause=exclusion.clause or None,
        inputs={"when": exclusion.when, "facts": asked, "unknown": list(unknown)},
        resolver="supervisor",
    )


def outside_territory(facts: Facts) -> Iterator[Finding]:
    """COV-03: the loss happened in a country where the cover does not hold."""
    version, country = facts.version, facts.loss_country
    if version is None or not country:
        return
    for held in cover.relevant(facts):
        if held.territory and not cover.holds_in(held.territory, country):
            yield _outside(country, held.territory, held.code, held.clause)
    general = not cover.relevant(facts) or any(not each.territory for each in cover.relevant(facts))
    if general and not cover.holds_in(version.territory, country):
        yield _outside(country, version.territory, "", _clauses(cover.relevant(facts)))


def _outside(country: str, territory: tuple[str, ...], code: str, clause: str | None) -> Finding:
    places = ", ".join(territory)
    return Finding(
        code="COV-03",
        subject=code,
        severity=Severity.BLOCK,
        text_en=f"The loss happened in {country}; cover holds in {places}.",
        text_ro=f"Paguba s-a produs în {country}; acoperirea este valabilă în {places}.",
        clause=clause or None,
        inputs={"loss_country": country, "territory": list(territory)},
        resolver="rep",
    )


def waiting(facts: Facts) -> Iterator[Finding]:
    """COV-04: the loss fell into the waiting period at the beginning of the cover."""
    version, loss = facts.version, facts.loss_date
    if version is None or loss is None:
        return
    for held in cover.relevant(facts):
        since = cover.covered_since(facts, version, held)
        over = cover.later(since, held.waiting_days)
        if loss < over:
            yield Finding(
                code="COV-04",
                subject=held.code,
                severity=Severity.BLOCK,
                text_en=f"Coverage {held.code} begins to pay on {day(over, 'en')}, after "
                f"{counted(held.waiting_days, 'day', 'en')} of waiting; the loss is of {day(loss, 'en')}.",
                text_ro=f"Acoperirea {held.code} produce efecte din {day(over, 'ro')}, după perioada de așteptare "
                f"({counted(held.waiting_days, 'day', 'ro')}); paguba este din {day(loss, 'ro')}.",
                clause=held.clause or None,
                inputs={"since": since.isoformat(), "waiting_days": held.waiting_days, "loss_date": loss.isoformat()},
                resolver="rep",
            )


def thing_not_insured(facts: Facts) -> Finding | None:
    """COV-05: the vehicle or home the claim is about is none that the policy insures."""
    thing = _insured_thing_meant(facts)
    if facts.policy is None or thing is None:
        return None
    judged = [same for each in facts.policy.things if (same := _is_same(thing, each)) is not None]
    if not judged or any(judged):
        return None
    name = str(thing.plate or thing.vin or thing.address)
    return Finding(
        code="COV-05",
        subject=name,
        severity=Severity.BLOCK,
        text_en=f"The policy does not insure {name}.",
        text_ro=f"Polița nu asigură: {name}.",
        inputs={"plate": thing.plate, "vin": thing.vin, "address": thing.address},
        resolver="account_services",
    )


def _insured_thing_meant(facts: Facts) -> Thing | None:
    """On liability lines the thing is the injured party's, unless his own plate is told and it is another."""
    thing = facts.thing
    if thing is None or not facts.is_liability:
        return thing
    return thing if facts.own_plate and thing.plate and facts.own_plate != thing.plate else None


def _is_same(one: Thing, other: Thing) -> bool | None:
    """By what both are known by, the surest first; None if that is nothing."""
    for mine, theirs in ((one.vin, other.vin), (one.plate, other.plate)):
        if mine and theirs:
            return mine == theirs
    if one.address and other.address:
        return same_address(one.address, other.address)
    return None


def same_address(one: str, other: str) -> bool:
    """Same numbers, and nearly the same names in any order; what only says street or flat does not count."""
    mine, theirs = _named_words(one), _named_words(other)
    numbers = [sorted(word for word in each if word.isdigit()) for each in (mine, theirs)]
    return numbers[0] == numbers[1] and fuzz.token_set_ratio(" ".join(mine), " ".join(theirs)) >= _SAME_ADDRESS


def _named_words(address: str) -> list[str]:
    return [word for word in _WORDS.findall(fold(address)) if word not in _DESIGNATORS]


def person_not_insured(facts: Facts) -> Finding | None:
    """COV-06: the person the claim is about is not insured by the policy."""
    person = facts.insured or (facts.claimant if facts.is_personal else None)
    if facts.policy is None or person is None or facts.is_liability or _is_insured(person, facts):
        return None
    return Finding(
        code="COV-06",
        subject=person.id,
        severity=Severity.BLOCK,
        text_en=f"The policy does not insure {person.name}.",
        text_ro=f"Polița nu asigură persoana {person.name}.",
        inputs={"person": person.id, "insured": [each.id for each in facts.policy.insured]},
        resolver="account_services",
    )


def _is_insured(person: Person, facts: Facts) -> bool:
    assert facts.policy is not None
    protected = (facts.policy.holder, *facts.policy.insured)
    return any(each.id == person.id or compare(each.name, person.name) is Likeness.EXACT for each in protected)


CHECKS = (not_covered, excluded, outside_territory, waiting, thing_not_insured, person_not_insured)

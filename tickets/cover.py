"""Cover: which coverages of the deciding version a claim falls under, since when, and where they hold."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from babel import Locale

from tickets.facts import Cover, Facts, Version
from tickets.parties import fold

_ANYWHERE = frozenset({"*", "WORLD", "WORLDWIDE", "WW", "GLOBAL"})
_EU = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()  # noqa: SIM905 - a list of 27 codes reads worse
)
_GROUPS = {"EU": _EU, "UE": _EU, "EEA": _EU | {"IS", "LI", "NO"}, "SEE": _EU | {"IS", "LI", "NO"}}


def later(day: date, days: int) -> date:
    """So many days later; the calendar ends somewhere, and policies are written until 9999-12-31."""
    return day + timedelta(days=min(days, (date.max - day).days))


def relevant(facts: Facts) -> tuple[Cover, ...]:
    """The coverages asked under; without lines those that name the cause, without these all of the version."""
    if facts.version is None:
        return ()
    asked = {expense.coverage for expense in facts.expenses}
    named = tuple(each for each in facts.version.covers if each.code in asked)
    if named or asked:
        return named
    return tuple(each for each in facts.version.covers if covers(each, facts.cause)) or facts.version.covers


def find(version: Version | None, code: str) -> Cover | None:
    """The coverage of this code, if the version has it."""
    return next((each for each in version.covers if each.code == code), None) if version else None


def covers(cover: Cover, cause: str | None) -> bool:
    """Whether a cause is among the perils; without perils every cause is, and an unknown cause may be."""
    return not cause or not cover.perils or word(cause) in map(word, cover.perils)


def word(text: str) -> str:
    """`Water pipe`, `water-pipe` and `water_pipe` are one peril."""
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def held_since(facts: Facts, version: Version) -> date:
    """The day since which the policy has been in force without a gap, in the versions known at the loss."""
    return _reaching_back(facts, version)[-1].effective_from


def covered_since(facts: Facts, version: Version, cover: Cover) -> date:
    """The day since which this coverage has held for the claim's cause without a gap."""
    since = version.effective_from
    for earlier in _reaching_back(facts, version):
        same = find(earlier, cover.code)
        if same is None or not covers(same, facts.cause):
            break
        since = earlier.effective_from
    return since


def increases(facts: Facts, version: Version) -> Iterator[Version]:
    """The versions, newest first, that gave more cover than the one before."""
    chain = _reaching_back(facts, version)
    return (newer for newer, older in pairwise(chain) if _gives_more(newer, older))


def _reaching_back(facts: Facts, version: Version) -> list[Version]:
    """The version and those before it, each beginning where, or before, the next one goes on."""
    chain = [version]
    for earlier in reversed(facts.known_versions):
        if earlier.effective_from < chain[-1].effective_from <= later(earlier.effective_to, 1):
            chain.append(earlier)
    return chain


def _gives_more(newer: Version, older: Version) -> bool:
    return any(_is_more(cover, find(older, cover.code)) for cover in newer.covers)


def _is_more(new: Cover, old: Cover | None) -> bool:
    if old is None or (set(map(word, new.perils)) - set(map(word, old.perils)) and old.perils):
        return True
    limits = ((new.limit_event, old.limit_event), (new.limit_aggregate, old.limit_aggregate))
    return any(_is_higher(after, before) for after, before in limits)


def _is_higher(after: int | None, before: int | None) -> bool:
    """No limit is the highest."""
    return before is not None and (after is None or after > before)


def holds_in(territory: Iterable[str], country: str) -> bool:
    """Whether a territory (countries, or EU, EEA, WORLD) holds a country; none named is everywhere."""
    places = [place.strip().upper() for place in territory]
    code = country_code(country)
    return not places or any(
        place in _ANYWHERE or country_code(place) == code or code in _GROUPS.get(place, ()) for place in places
    )


@lru_cache(maxsize=1024)
def country_code(written: str) -> str:
    """`Romania`, `România` and `ro` are RO; what is no country stays as it is."""
    return _names().get(fold(written.strip()), written.strip().upper())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {
        fold(name): code
        for language in ("ro", "en")
        for code, name in Locale(language).territories.items()
        if code.isalpha()  # the others are numbers of continents
    }

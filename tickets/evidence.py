"""Evidence: one reason for a link, and how a link says in one sentence why it stands, to staff, in both languages."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ro")

_Words = Mapping[str, str]  #: By language.


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One piece of evidence, where it was found, and what it says; `evidence` is a word of `kinds()`."""

    evidence: str
    where: str
    value: str


def kinds() -> frozenset[str]:
    """Every kind of evidence that a link may rest on."""
    return frozenset(_words("evidence")) - {"other"}


def why(*, kind: str, target: str, state: str, reasons: Iterable[Mapping[str, str]], language: str) -> str:
    """Say in one sentence why a message is linked as it is."""
    told = dict.fromkeys(_told(reason, target, language) for reason in reasons)
    what = _words("target")[kind][language].format(target=target)
    return _words("state")[state][language].format(what=what, why=_joined(list(told), language))


def _told(reason: Mapping[str, str], target: str, language: str) -> str:
    place = _words("where").get(reason["where"])
    known = _words("evidence")
    return known.get(reason["evidence"], known["other"])[language].format(
        evidence=reason["evidence"],
        value=reason["value"],
        where=place[language] if place else "",
        target=target,
        slip=_words("slip")[_slip(reason["value"], target)][language],
    )


def _joined(told: Sequence[str], language: str) -> str:
    if len(told) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(told)
    return ", ".join(told[:-1]) + _words("and")["and"][language] + told[-1]


def _slip(written: str, meant: str) -> str:
    return "swapped" if sorted(written) == sorted(meant) else "one_wrong"


@cache
def _words(group: str) -> Mapping[str, _Words]:
    words: Mapping[str, Mapping[str, _Words]] = tomllib.loads(
        (Path(__file__).parent / "evidence.toml").read_text(encoding="utf-8")
    )
    return words[group]

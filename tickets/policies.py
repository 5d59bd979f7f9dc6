"""Policies: their canonical number, and which version held at a loss."""

from datetime import date

from tickets import references
from tickets.models import Policy, PolicyVersion
from tickets.office import Office
from tickets.policy_numbers import PolicyFormat


def canonical(number: str, formats: tuple[PolicyFormat, ...]) -> str:
    """The one form of a policy's number: what linking reads in a message, else capitals without blanks.

    Words before the number (`RCA seria`) are left out; anything after it belongs to a format we do not know.
    """
    written = number.strip()
    for found in references.find(written, own=formats):
        alone = not any(map(str.isdigit, written[: found.start])) and not any(map(str.isalnum, written[found.end :]))
        if found.kind.startswith("policy.") and alone:
            return found.value
    return "".join(written.upper().split())


def normal_mark(written: str | None, kind: str) -> str | None:
    """A plate or VIN as linking reads it in a message; a foreign plate as capitals without blanks."""
    if written is None:
        return None
    capitals = written.strip().upper()
    for found in references.find(capitals):
        if found.kind == kind and (found.start, found.end) == (0, len(capitals)):
            return found.value
    return "".join(capitals.split())


def numbered(policy: Policy) -> list[PolicyVersion]:
    """The versions in the order in which they were recorded; the first is version 1."""
    return sorted(policy.versions, key=lambda each: (each.recorded_at, each.effective_from))


def version_at(policy: Policy, loss: date, office: Office) -> PolicyVersion | None:
    """The version effective on the day of loss, as known then: what was recorded later creates no cover."""
    held = [each for each in numbered(policy) if _held(each, loss, office)]
    return held[-1] if held else None


def _held(version: PolicyVersion, loss: date, office: Office) -> bool:
    return version.effective_from <= loss <= version.effective_to and office.day(version.recorded_at) <= loss

"""A finding: what one check saw, from which inputs, in both languages, and who can settle it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from templates.dates import day_month
from tickets.models.findings import FindingState, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a check saw in a claim. No finding denies anything: a person decides."""

    code: str  #: `COV-01`.
    subject: str = ""  #: Where one code can speak twice: an item, a coverage, a person.
    severity: Severity
    text_en: str
    text_ro: str
    clause: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)  #: Plain data; the same inputs are the same finding.
    resolver: str  #: rep | supervisor | renewals | account_services | siu | four_eyes | ladder | system
    state: FindingState = FindingState.OPEN

    @property
    def key(self) -> tuple[str, str]:
        """What a finding is known by in its claim."""
        return self.code, self.subject

    @property
    def is_open_block(self) -> bool:
        """Whether it stands in the way."""
        return self.severity is Severity.BLOCK and self.state is FindingState.OPEN

    def text(self, language: str) -> str:
        """Say it in Romanian for `ro`, in English otherwise."""
        return self.text_ro if language == "ro" else self.text_en


def day(moment: date, language: str) -> str:
    """14 November 2026; 14 noiembrie 2026."""
    return f"{day_month(moment, language)} {moment.year}"


def plain(minor: int) -> str:
    """An amount as inputs hold it: 2450.00."""
    sign, whole = "-" if minor < 0 else "", abs(minor)
    return f"{sign}{whole // 100}.{whole % 100:02}"

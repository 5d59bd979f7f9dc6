"""What a value read in a file may become in its claim: the total, an expense or the day of the loss."""

from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import claim_details
from tickets.document_values import ValueName
from tickets.errors import GuardError
from tickets.models import Claim, ClaimLine, DocumentValue
from tickets.office import Office


class Use(StrEnum):
    """What a value may be taken as."""

    TOTAL = "total"  #: What is claimed in all.
    LINE = "line"  #: One expense, under a coverage.
    LOSS_DATE = "loss_date"


#: Which value may become what.
USES = {ValueName.TOTAL: (Use.TOTAL, Use.LINE), ValueName.DATE: (Use.LOSS_DATE,)}


def take(session: Session, office: Office, claim: Claim, value: DocumentValue, *, use: Use, coverage: str = "") -> None:
    """Put `value` into the claim as `use`, an expense under `coverage`. Raises `GuardError`; always once decided."""
    claim_details.require_open(claim)
    if use not in USES.get(ValueName(value.name), ()):
        raise GuardError(
            f"a value of the kind {value.name} cannot be taken as {use}",
            ro="această valoare nu poate fi preluată astfel",
            guard="value",
        )
    if use is Use.LOSS_DATE:
        claim_details.describe(session, office, claim, loss_date=date.fromisoformat(value.value))
    elif use is Use.TOTAL:
        _take_total(session, claim, value)
    else:
        _add_line(session, claim, value, coverage=coverage)


def _take_total(session: Session, claim: Claim, value: DocumentValue) -> None:
    currency = _currency(session, value, claim.currency)
    if currency != claim.currency:
        raise GuardError(
            f"the total is in {currency}, the claim in {claim.currency}: take it as an expense",
            ro=f"totalul este în {currency}, dosarul în {claim.currency}: preluați-l ca o cheltuială",
            guard="currency",
        )
    claim.total_minor = int(value.value)


def _add_line(session: Session, claim: Claim, value: DocumentValue, *, coverage: str) -> None:
    if coverage not in coverages(claim):
        raise GuardError(
            f"{claim.ref}: choose a coverage of its policy",
            ro=f"{claim.ref}: alegeți o acoperire a poliței",
            guard="coverage",
        )
    amount = int(value.value)
    claim.lines.append(
        ClaimLine(
            coverage=coverage, description=value.file.name, unit_minor=amount, total_minor=amount,
            currency=_currency(session, value, claim.currency), file_id=value.file_id,
        )
    )  # fmt: skip


def coverages(claim: Claim) -> list[str]:
    """The coverages under which an expense of a claim may stand."""
    versions = claim.policy.versions if claim.policy else []
    return sorted({each.code for version in versions for each in version.coverages})


def _currency(session: Session, value: DocumentValue, default: str) -> str:
    """The currency that the same file names, the likeliest first."""
    query = select(DocumentValue.value).where(
        DocumentValue.file_id == value.file_id, DocumentValue.name == ValueName.CURRENCY
    )
    return session.scalar(query.order_by(DocumentValue.score.desc()).limit(1)) or default

"""Values read in files, taken into the claim by a person."""

from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.claims import STILL_OPEN
from inbox.desk.items import look_again
from inbox.desk.subjects import actor, find_claim, find_message, must_work
from tickets import claim_details, history
from tickets.document_values import ValueName
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.models import Claim, ClaimLine, Direction, DocumentValue, MessageFile, Staff
from tickets.requests import latest_ticket


class Use(StrEnum):
    """What a value may be taken as."""

    TOTAL = "total"  #: What is claimed in all.
    LINE = "line"  #: One expense, under a coverage.
    LOSS_DATE = "loss_date"


#: Which value may become what.
USES = {ValueName.TOTAL: (Use.TOTAL, Use.LINE), ValueName.DATE: (Use.LOSS_DATE,)}


def take_value(app: App, claim_ref: str, value_id: int, use: Use, *, staff: Staff, coverage: str = "") -> None:
    """Take a value read in a file of the claim's tickets as `use`; what the claim needs and the checks follow."""
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        value = _value(session, claim, value_id, staff=staff)
        _require(claim, value, use)
        if use is Use.LOSS_DATE:
            claim_details.describe(session, app.office, claim, loss_date=date.fromisoformat(value.value))
        elif use is Use.TOTAL:
            _take_total(session, claim, value)
        else:
            _add_line(session, claim, value, coverage=coverage)
        cause = Cause(actor=actor(staff), at=now, ticket=latest_ticket(session, claim))
        history.record(
            session, "value.taken", actor=cause.actor, at=now, claim=claim, ticket=cause.ticket, value=value.id,
            file=value.file_id, use=use,
        )  # fmt: skip
        look_again(app, session, claim, cause=cause)


def _value(session: Session, claim: Claim, value_id: int, *, staff: Staff) -> DocumentValue:
    """The value; raises `UnknownReferenceError` for one that did not come on a ticket of this claim."""
    value = session.get(DocumentValue, value_id)
    file = session.get(MessageFile, value.file_id) if value else None
    if value is None or file is None:
        raise UnknownReferenceError(f"there is no value {value_id}")
    message = find_message(session, file.message_id, staff=staff)
    if message.direction is not Direction.IN or message.ticket.claim_id != claim.id:
        raise UnknownReferenceError(f"{claim.ref} has no value {value_id}")
    return value


def _require(claim: Claim, value: DocumentValue, use: Use) -> None:
    if claim.state not in STILL_OPEN:
        raise GuardError(
            f"{claim.ref} is {claim.state}: reopen it before changing what it is about",
            ro=f"{claim.ref}: redeschideți dosarul înainte de a-i schimba datele",
            guard="states",
        )
    if use not in USES.get(ValueName(value.name), ()):
        raise GuardError(
            f"a value of the kind {value.name} cannot be taken as {use}",
            ro="această valoare nu poate fi preluată astfel",
            guard="value",
        )


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
            currency=_currency(session, value, claim.currency),
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

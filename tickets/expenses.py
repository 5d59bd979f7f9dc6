"""Expenses of a claim as a person writes them down: what for, how much, under which coverage, on what evidence."""

from dataclasses import dataclass
from datetime import date

from babel.numbers import list_currencies
from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import claim_details, history, value_uses
from tickets.errors import UnknownReferenceError
from tickets.guards import Cause, Refusal
from tickets.models import Claim, ClaimLine, Direction, Message, MessageFile, Ticket

_LONGEST = 200
_MOST_MINOR = 10**14
_CURRENCIES = frozenset(list_currencies())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One expense as it is to stand; money in minor units."""

    description: str
    amount_minor: int | None
    currency: str
    coverage: str = ""
    spent_on: date | None = None
    file_id: int | None = None  #: The file that proves it, of one of the claim's conversations.


def why_not(claim: Claim, entry: Entry, *, coverages: list[str], today: date) -> Refusal | None:
    """Say what an expense lacks; None if it can stand."""
    if not entry.description.strip():
        return _refusal(claim, "say what the expense is for", "scrieți pentru ce este cheltuiala")
    if entry.amount_minor is None or not 0 < entry.amount_minor <= _MOST_MINOR:
        return _refusal(claim, "write an amount above 0", "scrieți o sumă mai mare decât 0")
    if entry.currency not in _CURRENCIES:
        return _refusal(claim, "write the currency as RON or EUR", "scrieți moneda ca RON sau EUR")
    if coverages and entry.coverage not in coverages:
        return _refusal(claim, "choose a coverage of its policy", "alegeți o acoperire a poliței")
    if entry.spent_on is not None and entry.spent_on > today:
        return _refusal(claim, "an expense of a day to come is none yet", "cheltuiala nu poate avea o dată viitoare")
    return None


def add(session: Session, claim: Claim, entry: Entry, *, today: date, cause: Cause) -> ClaimLine:
    """Write down one more; raises `GuardError`, always once the claim is decided."""
    _must_stand(session, claim, entry, today)
    line = ClaimLine(coverage="", description="", unit_minor=0, total_minor=0)
    _put(line, entry)
    claim.lines.append(line)
    session.flush()  # the event names its number
    _record(session, "added", claim, line, cause)
    return line


def correct(
    session: Session, claim: Claim, line: ClaimLine, entry: Entry, *, was_minor: int | None, today: date, cause: Cause
) -> None:
    """Write one anew, in place of the amount its page showed; raises `GuardError`."""
    _must_be_as_shown(claim, line, was_minor)
    _must_stand(session, claim, entry, today)
    before = _picture(line)
    _put(line, entry)
    _record(session, "corrected", claim, line, cause, before=before)


def strike(session: Session, claim: Claim, line: ClaimLine, *, was_minor: int | None, cause: Cause) -> None:
    """Take one out, with a reason; what it was stays in the history. Raises `GuardError`."""
    claim_details.require_open(claim)
    _must_be_as_shown(claim, line, was_minor)
    if not cause.reason.strip():
        raise _refusal(claim, "striking an expense needs a reason", "scoaterea unei cheltuieli cere un motiv").error()
    _record(session, "struck", claim, line, cause, before=_picture(line))
    claim.lines.remove(line)


def find(claim: Claim, line_id: int) -> ClaimLine:
    """One of the claim's; raises `UnknownReferenceError`."""
    found = next((each for each in claim.lines if each.id == line_id), None)
    if found is None:
        raise UnknownReferenceError(f"{claim.ref} has no expense {line_id}")
    return found


def evidence(session: Session, claim: Claim) -> list[MessageFile]:
    """The files that came on the claim's verified conversations, oldest first."""
    query = select(MessageFile).join(Message, Message.id == MessageFile.message_id)
    query = query.join(Ticket, Ticket.id == Message.ticket_id).where(
        Ticket.claim_id == claim.id, Ticket.verified, ~Ticket.restricted, Message.direction == Direction.IN
    )
    return list(session.scalars(query.order_by(MessageFile.id)))


def _must_stand(session: Session, claim: Claim, entry: Entry, today: date) -> None:
    claim_details.require_open(claim)
    refusal = why_not(claim, entry, coverages=value_uses.coverages(claim), today=today)
    if refusal is None and entry.file_id and entry.file_id not in {each.id for each in evidence(session, claim)}:
        refusal = _refusal(claim, "choose a file of this claim", "alegeți un fișier al acestui dosar")
    if refusal is not None:
        raise refusal.error()


def _must_be_as_shown(claim: Claim, line: ClaimLine, was_minor: int | None) -> None:
    if line.total_minor != was_minor:
        raise _refusal(
            claim,
            "somebody else changed this expense: look at it and try again",
            "altcineva a schimbat cheltuiala: verificați și încercați din nou",
        ).error()


def _put(line: ClaimLine, entry: Entry) -> None:
    assert entry.amount_minor is not None  # as `why_not` has seen
    line.description, line.coverage = " ".join(entry.description.split())[:_LONGEST], entry.coverage
    line.qty, line.unit_minor, line.total_minor = "1", entry.amount_minor, entry.amount_minor
    line.currency, line.spent_on, line.file_id = entry.currency, entry.spent_on, entry.file_id


def _picture(line: ClaimLine) -> dict[str, object]:
    return {
        "description": line.description, "amount_minor": line.total_minor, "currency": line.currency,
        "coverage": line.coverage, "spent_on": line.spent_on.isoformat() if line.spent_on else None,
        "file": line.file_id,
    }  # fmt: skip


def _record(
    session: Session, what: str, claim: Claim, line: ClaimLine, cause: Cause, *, before: dict[str, object] | None = None
) -> None:
    minor = line.total_minor
    history.record(
        session, f"expense.{what}", actor=cause.actor, at=cause.at, claim=claim, ticket=cause.ticket, expense=line.id,
        target=f"{minor // 100}.{minor % 100:02d} {line.currency}", before=before,
        after=None if what == "struck" else _picture(line), reason=cause.reason or None,
    )  # fmt: skip


def _refusal(claim: Claim, en: str, ro: str) -> Refusal:
    return Refusal(guard="expense", en=f"{claim.ref}: {en}", ro=f"{claim.ref}: {ro}")

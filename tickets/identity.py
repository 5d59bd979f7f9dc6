"""Identity: which questions a caller was asked on the telephone, and whether the answers were right."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tickets import history
from tickets.errors import GuardError
from tickets.guards import Cause
from tickets.models import Event, Ticket

#: Fewer right answers than this say little: a neighbour knows one of them.
FEWEST = 2
#: A call is over by then; the next caller is asked anew.
HOLDS_FOR = timedelta(hours=1)
_KINDS = ("caller.verified", "caller.failed")


class Question(StrEnum):
    """What a caller may be asked; the answer stands in the record and is never written down again."""

    BIRTH_DATE = "birth_date"
    POLICY = "policy"
    ADDRESS = "address"
    PLATE = "plate"
    LAST_CONTACT = "last_contact"
    NATIONAL_ID_END = "national_id_end"


def verify(session: Session, ticket: Ticket, asked: Iterable[str], *, passed: bool, cause: Cause) -> None:
    """Keep what a caller was asked and how it went; raises `GuardError` if that proves nothing."""
    questions = [each.value for each in Question if each in set(asked)]
    if ticket.party is None and (ticket.claim is None or ticket.claim.claimant is None):
        raise GuardError(
            f"{ticket.ref}: nobody on file to compare with; link the ticket first",
            ro=f"{ticket.ref}: nu avem cu cine compara; legați mai întâi tichetul",
            guard="party",
        )
    if not questions or (passed and len(questions) < FEWEST):
        raise GuardError(
            f"tick what was asked: at least {FEWEST} right answers",
            ro=f"bifați ce s-a întrebat: cel puțin {FEWEST} răspunsuri corecte",
            guard="identity",
        )
    kind = "caller.verified" if passed else "caller.failed"
    history.record(session, kind, actor=cause.actor, at=cause.at, ticket=ticket, claim=ticket.claim, asked=questions)


def latest(session: Session, ticket: Ticket, *, now: datetime) -> Event | None:
    """How the last caller on a ticket fared, as long as that call may still go on."""
    query = select(Event).where(Event.ticket_id == ticket.id, Event.kind.in_(_KINDS), Event.at > now - HOLDS_FOR)
    return session.scalar(query.order_by(Event.id.desc()).limit(1))


def last_of(events: Iterable[Event], *, now: datetime) -> Event | None:
    """The same of a ticket whose events, oldest first, are read already."""
    return next(
        (each for each in reversed([*events]) if each.kind in _KINDS and each.at > now - HOLDS_FOR),
        None,
    )


def require_known(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Raise `GuardError` unless who speaks on the ticket is known: by sender, link or the questions just asked."""
    last = latest(session, ticket, now=now)
    failed = last is not None and last.kind == "caller.failed"
    if failed or (last is None and not ticket.verified):
        raise GuardError(
            f"{ticket.ref}: verify who asks first",
            ro=f"{ticket.ref}: verificați mai întâi cine cere",
            guard="identity",
        )

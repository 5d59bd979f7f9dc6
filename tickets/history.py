"""The history: one event for everything that happened, who did it and what caused it."""

from datetime import datetime

from sqlalchemy.orm import Session

from tickets import leaves
from tickets.models import Claim, Event, Message, Ticket


def record(
    session: Session,
    kind: str,
    *,
    actor: str,
    at: datetime,
    ticket: Ticket | None = None,
    claim: Claim | None = None,
    message: Message | None = None,
    **detail: object,
) -> None:
    """Add one event. `detail` holds ids, references and our own words, never a customer's."""
    under = {"ticket_id": ticket, "claim_id": claim, "message_id": message}
    leaves.add(session, Event, under=under, kind=kind, actor=actor, at=at, detail=detail)

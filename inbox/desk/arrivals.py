"""Arrivals set aside, read again or discarded."""

from inbox.app import App
from inbox.desk.subjects import actor
from tickets import history, intake
from tickets.models import (
    Staff,
)


def retry(app: App, arrival_id: int, *, staff: Staff | None = None) -> None:
    """Read a quarantined arrival again."""
    with app.store.writing() as session:
        intake.retry(session, arrival_id, actor=actor(staff))
        history.record(session, "arrival.retried", actor=actor(staff), at=app.clock(), arrival=arrival_id)


def discard(app: App, arrival_id: int, *, staff: Staff, reason: str) -> None:
    """Set a quarantined arrival aside for good; its bytes stay."""
    with app.store.writing() as session:
        intake.discard(session, arrival_id, actor=actor(staff), reason=reason)
        history.record(session, "arrival.discarded", actor=actor(staff), at=app.clock(), arrival=arrival_id)

"""Information requests: what a claim still lacks, asked by a person."""

from collections.abc import Sequence
from datetime import date, timedelta

from inbox.app import App
from inbox.desk.subjects import actor, find_claim
from tickets import requests, retractions
from tickets.models import (
    Staff,
)


def ask(
    app: App,
    claim_ref: str,
    *,
    staff: Staff | None = None,
    due_on: date | None = None,
    only: Sequence[str] | None = None,
) -> str:
    """Send the claim's draft request (only these items, if named) and return its code. Raises `GuardError`."""
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        request = requests.prepare(session, claim, now=now, actor=actor(staff))
        was = retractions.before(session, request)
        if only is not None:
            requests.keep_only(request, only)
        hold = timedelta(seconds=app.office.undo_seconds) if staff else timedelta()
        requests.ask(
            session,
            app.office,
            request,
            now=now,
            actor=actor(staff),
            due_on=due_on,
            hold=hold,
            author_id=staff.id if staff else None,
            person=staff.name if staff else None,
        )
        if hold:
            retractions.hold(session, request, was)
        return request.code

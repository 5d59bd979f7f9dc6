"""Values read in files, taken into the claim by a person."""

from sqlalchemy.orm import Session

from inbox.app import App
from inbox.desk.items import told_more
from inbox.desk.subjects import actor, find_claim, find_message, must_work
from tickets import history, value_uses
from tickets.errors import UnknownReferenceError
from tickets.guards import Cause
from tickets.models import Claim, Direction, DocumentValue, MessageFile, Staff
from tickets.requests import latest_ticket
from tickets.value_uses import Use


def take_value(app: App, claim_ref: str, value_id: int, use: Use, *, staff: Staff, coverage: str = "") -> None:
    """Take a value read in a file of the claim's tickets as `use`; what the claim needs and the checks follow."""
    must_work(staff)
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        value = _value(session, claim, value_id, staff=staff)
        value_uses.take(session, app.office, claim, value, use=use, coverage=coverage)
        cause = Cause(actor=actor(staff), at=now, ticket=latest_ticket(session, claim))
        history.record(
            session, "value.taken", actor=cause.actor, at=now, claim=claim, ticket=cause.ticket, value=value.id,
            file=value.file_id, use=use,
        )  # fmt: skip
        told_more(app, session, claim, cause=cause)


def _value(session: Session, claim: Claim, value_id: int, *, staff: Staff) -> DocumentValue:
    """The value; raises `UnknownReferenceError` for one that did not come on a verified ticket of this claim."""
    value = session.get(DocumentValue, value_id)
    file = session.get(MessageFile, value.file_id) if value else None
    if value is None or file is None:
        raise UnknownReferenceError(f"there is no value {value_id}")
    message = find_message(session, file.message_id, staff=staff)
    ticket = message.ticket
    if message.direction is not Direction.IN or not ticket.verified or ticket.claim_id != claim.id:
        raise UnknownReferenceError(f"{claim.ref} has no value {value_id}")
    return value

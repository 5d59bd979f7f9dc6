"""Deliveries of no known result, sent again by a person."""

from inbox.app import App
from inbox.desk.subjects import actor
from tickets import history
from tickets.errors import GuardError
from tickets.messages import DeliveryState
from tickets.models import (
    OutboxDelivery,
    Staff,
)


def send_again(app: App, delivery_id: int, *, staff: Staff) -> None:
    """Send once more what may or may not have arrived: a recorded act of a person."""
    now = app.clock()
    with app.store.writing() as session:
        delivery = session.get(OutboxDelivery, delivery_id, with_for_update=True)
        if delivery is None or delivery.state not in (DeliveryState.UNKNOWN, DeliveryState.FAILED):
            raise GuardError("only a message that was not reached or has no known result can be sent again")
        delivery.state, delivery.queued_at, delivery.due_at = DeliveryState.QUEUED, now, now
        history.record(
            session, "delivery.again", actor=actor(staff), at=now, ticket=delivery.message.ticket, delivery=delivery.id
        )

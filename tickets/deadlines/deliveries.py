"""What it means for the clocks that one of our messages left, arrived or came back."""

from collections.abc import Iterator
from datetime import datetime

from tickets.deadlines.happenings import Occurrence
from tickets.models import OutboxDelivery, Request

#: What has been done once a message of this template has left.
_WORDS = {
    "acknowledgement": ("acknowledged",),
    "acknowledgement_neutral": ("acknowledged",),
    "complaint_acknowledgement": ("acknowledged",),
    "request": ("items_list_sent", "acknowledged_and_items_requested"),
    "reminder": ("followup_sent",),
    "final_reminder": ("followup_sent",),
    "still_missing": ("followup_sent",),
}


def of_departure(delivery: OutboxDelivery, at: datetime) -> Iterator[Occurrence]:
    """The other side has taken a message; what a person wrote is a person's answer."""
    ticket = delivery.message.ticket
    claim = ticket.claim if ticket.verified else None
    words = _WORDS.get(delivery.template, ())
    by_person = delivery.message.author_id is not None
    for word in (*words, "human_reply_sent") if by_person else words:
        yield Occurrence(what=word, at=at, claim=claim, ticket=ticket, message=delivery.message)


def of_arrival(request: Request) -> Iterator[Occurrence]:
    """A request has reached the customer for the first time."""
    if request.delivered_at is not None:
        yield Occurrence(
            what="request.delivered",
            at=request.delivered_at,
            claim=request.claim,
            ticket=request.ticket,
            request=request.code,
        )


def of_return(request: Request, *, at: datetime) -> Iterator[Occurrence]:
    """What was counted as delivered came back: no pause has begun, unless it arrived another way."""
    yield Occurrence(
        what="request.undelivered", at=at, claim=request.claim, ticket=request.ticket, request=request.code
    )
    yield from of_arrival(request)

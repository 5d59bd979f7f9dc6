"""What claims and requests that another system has kept mean for the clocks: counted from the dates it gives."""

from collections.abc import Iterator
from datetime import datetime, time

from tickets import calendars
from tickets.deadlines.filing import NOTICE
from tickets.deadlines.happenings import Occurrence
from tickets.models import WAITING, Claim, ClaimState, Request, Ticket
from tickets.office import Office

#: What another system has done by the time a claim is in one of these states.
_DONE = {
    ClaimState.APPROVED: ("accepted", "offer_sent", "decision_sent"),
    ClaimState.PARTIALLY_APPROVED: ("accepted", "offer_sent", "decision_sent"),
    ClaimState.PAYMENT_ORDERED: ("accepted", "offer_sent", "decision_sent"),
    ClaimState.PAID: ("accepted", "offer_sent", "decision_sent", "payment_sent"),
    ClaimState.DENIED: ("denied", "refusal_sent", "decision_sent"),
    ClaimState.CLOSED: ("claim.closed",),
    ClaimState.WITHDRAWN: ("claim.withdrawn",),
    ClaimState.DUPLICATE_OF: ("claim.duplicate",),
}
_APPLICATION = ("claim.application_received", "claim.presented")


def of_claim(claim: Claim, office: Office, *, fresh: bool, now: datetime) -> Iterator[Occurrence]:
    """A claim nobody has decided starts what its dates say; one that is decided has met what it had to."""
    if claim.state in _DONE:
        if not fresh:
            yield from (Occurrence(what=word, at=now, claim=claim) for word in _DONE[claim.state])
    elif claim.state is not ClaimState.REOPENED:
        for word, at in _dates(claim, office):
            yield Occurrence(what=word, at=at, claim=claim, fresh=fresh and word != "fnol.received", again=not fresh)


def _dates(claim: Claim, office: Office) -> Iterator[tuple[str, datetime]]:
    calendar = calendars.of(office)
    reported = calendar.at(claim.reported_on, time()) if claim.reported_on else claim.application_received_on
    applied = claim.application_received_on or reported
    if claim.loss_date is not None:
        yield "event.date", calendar.at(claim.loss_date, time())
    for word in NOTICE:
        at = applied if word in _APPLICATION else reported
        if at is not None:
            yield word, at
    if reported is not None:
        yield "fnol.received", reported


def of_ticket(ticket: Ticket) -> Occurrence:
    """A ticket that was made for an imported request."""
    return Occurrence(what="ticket.opened", at=ticket.opened_at, ticket=ticket, fresh=True)


def of_request(request: Request, *, now: datetime) -> Iterator[Occurrence]:
    """A request that reached the customer lets clocks stand while it waits for an answer, and no longer."""
    if request.delivered_at is None:
        return
    waits = request.state in WAITING
    yield Occurrence(
        what="request.delivered" if waits else "request.withdrawn",
        at=request.delivered_at if waits else now,
        claim=request.claim,
        ticket=request.ticket,
        request=request.code,
    )

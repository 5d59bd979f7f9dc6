"""Retractions: a request taken back while it is held is the draft it was, and nothing tells that it was sent."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, joinedload

from tickets import history, outbox, pictures, ticket_moves
from tickets.errors import GuardError
from tickets.guards import Cause
from tickets.messages import DeliveryState
from tickets.models import (
    Clock,
    ClockEvent,
    HeldRequest,
    Model,
    OutboxDelivery,
    Request,
    RequestItem,
    RequestState,
    Requirement,
    Ticket,
    TicketState,
)
from tickets.pictures import Picture


def before(session: Session, request: Request) -> Picture:
    """What sending a request may change, as it is now."""
    session.flush()
    return pictures.of(_in_reach(session, request))


def hold(session: Session, request: Request, was: Picture) -> None:
    """Remember what sending has changed since `was`, for as long as the request may be taken back."""
    session.flush()
    changes = pictures.changes(was, pictures.of(_in_reach(session, request)))
    opened = [each for each in changes if (each["row"], each["before"]) != (Ticket.__tablename__, None)]
    session.merge(HeldRequest(request_id=request.id, changes=opened))  # a ticket made for it stays: messages name it


def let_go(session: Session) -> None:
    """Forget what was remembered of requests of which nothing waits any more: they have left, or were stopped."""
    waits = select(OutboxDelivery.id).where(
        OutboxDelivery.request_id == HeldRequest.request_id,
        OutboxDelivery.state.in_((DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.TRANSMITTING)),
    )
    session.execute(delete(HeldRequest).where(~waits.exists()))


def take_back(session: Session, request: Request, *, actor: str, now: datetime) -> None:
    """Stop all that is held of a request and put its draft back; raises `GuardError` if any of it has left."""
    held = session.get(HeldRequest, request.id)
    waiting = _waiting(session, request)
    if held is None or not waiting or any(each.state is not DeliveryState.QUEUED for each in waiting):
        raise GuardError("the request has left already", ro="solicitarea a plecat deja", guard="request has left")
    if request.state is not RequestState.OPEN:
        raise GuardError(
            f"{request.code} is {request.state}: an answer has come meanwhile",
            ro=f"{request.code}: între timp a venit un răspuns",
            guard="request answered",
        )
    cause = Cause(actor=actor, at=now, reason=f"{request.code} taken back", ticket=request.ticket)
    _put_back(session, request, held, cause=cause)
    unread = cause.ticket is not None and cause.ticket.unread
    for delivery in waiting:
        outbox.advance(session, delivery, DeliveryState.REFUSED, detail=outbox.TAKEN_BACK, now=now)
    if cause.ticket is not None:
        cause.ticket.unread = unread  # what one stops oneself is no news
    session.delete(held)
    history.record(
        session, "request.taken_back", actor=actor, at=now, ticket=cause.ticket, claim=request.claim, code=request.code
    )


def _put_back(session: Session, request: Request, held: HeldRequest, *, cause: Cause) -> None:
    """Every row as it was; a ticket made for the request stays and is somebody's work."""
    ticket = cause.ticket
    pictures.restore(session, held.changes, cause=cause)
    if ticket is not None and request.ticket is None:
        ticket_moves.follow(session, ticket, TicketState.IN_PROGRESS, cause=cause)


def _waiting(session: Session, request: Request) -> list[OutboxDelivery]:
    """Its deliveries that nothing has stopped, locked: a sender takes none of them meanwhile."""
    query = select(OutboxDelivery).where(
        OutboxDelivery.request_id == request.id, OutboxDelivery.state != DeliveryState.REFUSED
    )
    return list(session.scalars(query.options(joinedload(OutboxDelivery.message)).with_for_update(of=OutboxDelivery)))


def _in_reach(session: Session, request: Request) -> Iterator[Model]:
    """Every row that sending a request may change; itself first: one request of a claim is open at a time."""
    claim, ticket = request.claim, request.ticket
    yield request
    yield from session.scalars(select(Request).where(Request.claim == claim, Request.id != request.id))
    yield from session.scalars(select(RequestItem).where(RequestItem.request_id == request.id))
    yield from session.scalars(select(Requirement).where(Requirement.claim == claim))
    yield claim
    if ticket is not None:
        yield ticket
    ours = or_(Clock.claim_id == claim.id, Clock.ticket_id == ticket.id if ticket is not None else Clock.id.is_(None))
    yield from session.scalars(select(Clock).where(ours))
    yield from session.scalars(select(ClockEvent).join(Clock).where(ours))

"""Information requests: one for everything a claim still lacks, tracked item by item to the answer."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tickets import deadlines, history, ladder_days, leaves, moves, reach, ticket_moves, wording
from tickets.catalogue import Stage
from tickets.claims import GATHERING, facts, missing
from tickets.conditions import parsed, unknown_facts
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.intents import Routing
from tickets.leaves import Leaf
from tickets.models import (
    SETTLED,
    WAITING,
    Claim,
    ClaimState,
    Message,
    OutboxDelivery,
    Request,
    RequestItem,
    RequestState,
    Requirement,
    Ticket,
    TicketState,
)
from tickets.numbering import take
from tickets.office import Office
from tickets.requirements import SETTLED as SETTLED_ITEMS
from tickets.requirements import Needed, RequirementState
from tickets.requirements import missing as missing_of

#: Items in one of these states are worth asking for; `asked` ones stand in the request that is open.
ASKABLE = (RequirementState.MAYBE, RequirementState.NEEDED, RequirementState.REJECTED)
#: States in which an item of the payment is what is waited for.
PAYING = (ClaimState.APPROVED, ClaimState.PARTIALLY_APPROVED, ClaimState.PAYMENT_ORDERED)


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of a request asks for, and the unknown fact it is put as a question about."""

    requirement: Requirement | Leaf
    question: str | None


def wanted(claim: Claim, open_request: Request | None) -> list[Requirement]:
    """What the next request would hold: everything missing up to the decision, unless all of it is asked already.

    What came and was rejected is asked for again, although it stands in the open request. What a payment needs is
    asked for once there is something to pay.
    """
    due = missing(claim, Stage.PAYMENT if claim.state in PAYING else Stage.DECISION)
    again = [row for row in missing(claim) if row.state is RequirementState.REJECTED and row not in due]
    lacking = [row for row in (*due, *again) if row.state is not RequirementState.RECEIVED]
    asked = {item.requirement.item for item in open_request.items} if open_request else set()
    fresh = [row for row in lacking if row.state is RequirementState.REJECTED or _is_new(row, asked)]
    return lacking if fresh else []


def _is_new(row: Requirement, asked: Container[str]) -> bool:
    return row.state in ASKABLE and row.item not in asked


def draft(
    session: Session,
    claim: Claim,
    *,
    ticket: Ticket | None,
    now: datetime,
    actor: str,
    open_request: Request | None = None,
    held: Request | None = None,
    number: int = 1,
) -> Request | None:
    """Write down what the claim still lacks as a draft for a person to send; None if there is nothing to ask.

    `held` is the draft that already exists, `number` the one a new draft gets.
    """
    rows = wanted(claim, open_request) if claim.state in (*GATHERING, *PAYING) else []
    if held is not None and not rows:
        held.state = RequestState.WITHDRAWN
    if not rows:
        return None
    if held is not None:
        if not held.id:
            session.flush()  # made in this very transaction: its items are read from the store
        _fill(held, rows)
        return held
    lines = [Line(row, _question(row, claim)) for row in rows]
    return draft_of_lines(session, claim, lines, ticket=ticket, now=now, actor=actor, number=number)


def draft_of_lines(
    session: Session,
    claim: Claim,
    lines: Sequence[Line],
    *,
    ticket: Ticket | None,
    now: datetime,
    actor: str,
    number: int = 1,
) -> Request:
    """A new draft; its items are in the store, and in it, after the next flush."""
    request = Request(
        claim=claim, number=number, code=f"{claim.ref}/R{number}", ticket=ticket, created_at=now, created_by=actor
    )
    session.add(request)
    for position, line in enumerate(lines, start=1):
        under = {"request_id": request, "requirement_id": line.requirement}
        leaves.add(session, RequestItem, under=under, position=position, question=line.question)
    history.record(session, "request.drafted", actor=actor, at=now, ticket=ticket, claim=claim, code=request.code)
    return request


def first_lines(lacking: Sequence[tuple[Needed, Leaf]]) -> list[Line]:
    """What the first request of a new claim holds: everything missing up to the decision."""
    asked = {each.key for each in missing_of((needed for needed, _ in lacking), Stage.DECISION)}
    return [Line(row, next(iter(needed.questions), None)) for needed, row in lacking if needed.key in asked]


def _fill(request: Request, rows: Sequence[Requirement]) -> None:
    """Make the request's items exactly `rows`, in their order."""
    kept = {item.requirement.item: item for item in request.items}
    request.items = [
        kept.get(row.item) or RequestItem(requirement=row, position=position)
        for position, row in enumerate(rows, start=1)
    ]
    for position, item in enumerate(request.items, start=1):
        item.position, item.question = position, _question(item.requirement, request.claim)


def _question(row: Requirement, claim: Claim) -> str | None:
    """The first unknown fact an item depends on: it is put as a question, not asked for as a document."""
    if row.state is not RequirementState.MAYBE:
        return None
    return next(iter(unknown_facts(parsed(row.because), facts(claim))), None)


def lines(claim: Claim, rows: Iterable[Requirement]) -> int:
    """How many lines a request for these rows would have: a question that several depend on is put once."""
    return len({(_question(row, claim) is None, _question(row, claim) or row.item) for row in rows})


def keep_only(request: Request, items: Sequence[str]) -> None:
    """Leave out of a draft what a person did not tick; raises `GuardError` if that leaves nothing."""
    request.items = [item for item in request.items if item.requirement.item in items]
    if not request.items:
        raise GuardError(f"{request.code}: tick at least one item", ro=f"{request.code}: bifați cel puțin un element")
    for position, item in enumerate(request.items, start=1):
        item.position = position


def is_certain(request: Request) -> bool:
    """Whether every item is surely needed, so that a rule may send it where that is configured."""
    return all(item.requirement.state is not RequirementState.MAYBE for item in request.items)


def ask(
    session: Session,
    office: Office,
    request: Request,
    *,
    now: datetime,
    actor: str,
    due_on: date | None = None,
    hold: timedelta = timedelta(),
    author_id: int | None = None,
    person: str | None = None,
) -> list[OutboxDelivery]:
    """Send a draft on every medium the customer allows; what an older request still lacked goes over into it.

    Raises `GuardError` if it is not a draft, is empty, or nobody can be reached.
    """
    points = _addressees(request, office)
    ticket = _ticket_for(session, request, now)
    _supersede_older(session, request, now)
    is_new = ticket.state is TicketState.NEW  # the filing of its first message starts its clocks
    request.state, request.sent_at, request.ladder_at = RequestState.OPEN, now, ladder_days.first_at(office, now)
    request.due_on = due_on or office.day(now) + timedelta(days=office.due_days)
    _mark_asked(request)
    deliveries = wording.send_request(
        session, office, request, points, now=now, hold=hold,
        automatic=not author_id, author_id=author_id, person=person,
    )  # fmt: skip
    cause = Cause(actor=actor, at=now, reason=request.code, ticket=ticket)
    ticket_moves.follow(session, ticket, TicketState.WAITING_CUSTOMER, cause=cause)
    ticket.unread = False
    moves.start_gathering(session, request.claim, cause=cause)
    deadlines.happened(session, office, "request.sent", claim=request.claim, at=now, now=now)
    if not is_new:
        deadlines.happened(session, office, "ticket.opened", ticket=ticket, at=now, now=now)
    history.record(
        session, "request.asked", actor=actor, at=now, ticket=ticket, claim=request.claim, code=request.code,
        items=[item.requirement.item for item in request.items], due_on=request.due_on.isoformat(),
    )  # fmt: skip
    return deliveries


def _mark_asked(request: Request) -> None:
    """A question stays a question; everything else is asked for."""
    for item in request.items:
        item.requirement.asked_count += 1
        if item.requirement.state is not RequirementState.MAYBE:
            item.requirement.state = RequirementState.ASKED


def _addressees(request: Request, office: Office) -> list[reach.Recipient]:
    if request.state is not RequestState.DRAFT:
        raise GuardError(
            f"{request.code} is {request.state}, not a draft",
            ro=f"{request.code} nu mai este o ciornă ({request.state})",
        )
    if not request.items:
        raise GuardError(f"{request.code} asks for nothing", ro=f"{request.code} nu cere nimic")
    claimant = request.claim.claimant
    if claimant is None:
        raise GuardError(
            f"{request.claim.ref} has no claimant yet: link a customer first",
            ro=f"{request.claim.ref} nu are încă un păgubit: legați întâi un client",
        )
    points = reach.for_request(claimant, office.outlets)
    if not points:
        raise GuardError(
            f"{request.claim.ref}: the claimant has no working address for any channel we have",
            ro=f"{request.claim.ref}: păgubitul nu are nicio adresă valabilă pentru canalele noastre",
        )
    return [reach.recipient(point) for point in points]


def _ticket_for(session: Session, request: Request, now: datetime) -> Ticket:
    if request.ticket is None:
        request.ticket = latest_ticket(session, request.claim) or open_ticket(session, request.claim, now=now)
    return request.ticket


def latest_ticket(session: Session, claim: Claim) -> Ticket | None:
    """The newest ticket on which facts of the claim may be spoken of."""
    query = select(Ticket).where(Ticket.claim == claim, Ticket.verified).order_by(Ticket.id.desc()).limit(1)
    return session.scalar(query)


def open_ticket(
    session: Session,
    claim: Claim,
    *,
    now: datetime,
    kind: str = "reply_to_request",
    state: TicketState = TicketState.IN_PROGRESS,
) -> Ticket:
    """A ticket of the claim's own, for work that did not begin with a message."""
    [ref] = take(session, "TKT", year=now.year)
    ticket = Ticket(
        ref=ref, kind=kind, claim=claim, party=claim.claimant, verified=True, state=state,
        queue="claims.owner", priority=3, opened_at=now, last_message_at=now, unread=False, owner_id=claim.owner_id,
    )  # fmt: skip
    session.add(ticket)
    return ticket


def split_off(
    session: Session, message: Message, claim: Claim | None, *, kind: str, queue: Routing, now: datetime
) -> Ticket:
    """A second ticket for a message that is two pieces of work; it keeps who may be told what."""
    [ref] = take(session, "TKT", year=now.year)
    first = message.ticket
    same = claim is None or claim.id == first.claim_id
    ticket = Ticket(
        ref=ref, kind=kind, queue=queue.queue, priority=queue.priority, restricted=queue.restricted,
        subject=message.subject or first.subject, claim=claim or first.claim, party=first.party,
        verified=first.verified and same, opened_at=message.at, last_message_at=message.at,
    )  # fmt: skip
    session.add(ticket)
    session.flush()  # the shared message names it
    return ticket


def _supersede_older(session: Session, request: Request, now: datetime) -> None:
    query = select(Request).where(Request.claim == request.claim, Request.state.in_(WAITING), Request.id != request.id)
    for older in session.scalars(query):
        older.state, older.superseded_by = RequestState.SUPERSEDED, request
        history.record(session, "request.superseded", actor="requests", at=now, claim=request.claim, code=older.code)
    session.flush()  # one open request per claim is an index: the older must leave it before the new one enters


def receive(
    session: Session, request: Request | None, rows: Iterable[Requirement], *, message: Message | None, now: datetime
) -> None:
    """Something came for these items: they are received, and the request closes when all are in."""
    listed = list(rows)
    for row in listed:
        row.state, row.reason = RequirementState.RECEIVED, None
    if request is None:
        return
    for item in request.items:
        if item.requirement in listed and message is not None:
            item.answered_at, item.answered_by = now, message
    settle(session, request, now=now)


def settle(session: Session, request: Request, *, now: datetime) -> None:
    """Bring an open request to what its items are: open, partial, or answered when all are received or settled."""
    if request.state not in WAITING:
        return
    done = [item for item in request.items if _is_in(item)]
    before = request.state
    if len(done) == len(request.items):
        request.state, request.answered_at = RequestState.ANSWERED, now
    elif done:
        request.state = RequestState.PARTIAL
    if request.state is not before:
        history.record(
            session, f"request.{request.state}", actor="requests", at=now,
            ticket=request.ticket, claim=request.claim, code=request.code,
        )  # fmt: skip


def _is_in(item: RequestItem) -> bool:
    return item.requirement.state is RequirementState.RECEIVED or item.requirement.state in SETTLED_ITEMS


def find(session: Session, code: str) -> Request:
    """The request with this code; raises `UnknownReferenceError`."""
    query = (
        select(Request)
        .where(Request.code == code)
        .options(joinedload(Request.claim), selectinload(Request.items).joinedload(RequestItem.requirement))
    )
    request = session.scalar(query)
    if request is None:
        raise UnknownReferenceError(f"there is no request {code}")
    return request


def open_of(session: Session, claim: Claim) -> Request | None:
    """The request that waits for an answer on this claim."""
    return session.scalar(select(Request).where(Request.claim == claim, Request.state.in_(WAITING)))


def last_sent(session: Session, claim: Claim) -> Request | None:
    """The claim's last request that was sent."""
    query = select(Request).where(Request.claim == claim, Request.sent_at.is_not(None))
    return session.scalar(query.order_by(Request.number.desc()).limit(1))


def draft_of(session: Session, claim: Claim) -> Request | None:
    """The draft that waits to be sent on this claim."""
    return session.scalar(select(Request).where(Request.claim == claim, Request.state == RequestState.DRAFT))


def next_number(session: Session, claim: Claim) -> int:
    """The number the claim's next request gets."""
    return (session.scalar(select(func.max(Request.number)).where(Request.claim == claim)) or 0) + 1


def prepare(session: Session, claim: Claim, *, now: datetime, actor: str) -> Request:
    """The draft to send for a claim, made now if the rules have not; raises `GuardError` if nothing is missing."""
    if claim.state in SETTLED:
        raise GuardError(
            f"{claim.ref} is {claim.state}: nothing is asked for",
            ro=f"{claim.ref} este în starea {claim.state}: nu se mai cere nimic",
        )
    held = draft_of(session, claim)
    made = draft(
        session, claim, ticket=latest_ticket(session, claim), now=now, actor=actor,
        open_request=open_of(session, claim), held=held, number=next_number(session, claim),
    )  # fmt: skip
    if made is None:
        raise GuardError(
            f"{claim.ref}: nothing is missing that has not been asked for",
            ro=f"{claim.ref}: nu lipsește nimic ce nu s-a cerut deja",
        )
    session.flush()  # the sender's rows need its id
    return made

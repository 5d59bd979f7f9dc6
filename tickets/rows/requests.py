"""Storing information requests that another system has sent: what was asked for, where it went, how it answers here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tickets import deadlines, history, ladder, numbering, outbox, ticket_moves, tokens
from tickets.catalogue import Stage
from tickets.claim_types import load
from tickets.deadlines import importing
from tickets.errors import ImportRowError
from tickets.guards import Cause
from tickets.messages import DeliveryState, Medium, Sender
from tickets.models import (
    WAITING,
    Claim,
    Direction,
    Message,
    OutboxDelivery,
    Request,
    RequestItem,
    RequestState,
    Requirement,
    Ticket,
    TicketState,
)
from tickets.parties import normal_address
from tickets.reach import Recipient
from tickets.requirements import ASKED_BEFORE, SETTLED, RequirementState
from tickets.rows.claims import known_items
from tickets.rows.loading import PAGE, Given, Loading, pages
from tickets.rows.shapes import DeliveryRow, RequestRow

#: A request goes this way only; what an import says never takes it back.
_RANK = {RequestState.DRAFT: 0, RequestState.OPEN: 1, RequestState.PARTIAL: 2}
_OVER = 3


@dataclass(slots=True)
class _Known:
    """Requests and tickets of the claims that the rows name."""

    requests: dict[tuple[str, int], Request] = field(default_factory=dict)  #: By claim reference and number.
    codes: dict[str, tuple[str, int]] = field(default_factory=dict)
    states: dict[str, dict[int, RequestState]] = field(default_factory=dict)  #: As they will be, by claim and number.
    tickets: dict[str, Ticket] = field(default_factory=dict)  #: The newest one of each claim.


def store(loading: Loading, rows: Iterable[Given[RequestRow]]) -> None:
    """Add each by claim and number; one that is here already lives on here and only moves forward."""
    listed = list(rows)
    loading.find_claims(each.row.claim for each in listed)
    known = _look_up(loading, [each.row for each in listed])
    checked = loading.passing("request", listed, lambda row: _check(loading, known, row))
    opened = _open_tickets(loading, known, [each.row for each in checked])
    here = [each.row for each in checked if (each.row.claim, each.row.no) in known.requests]
    for row in here:
        known.requests[row.claim, row.no].state = known.states[row.claim][row.no]
    loading.session.flush()  # one request with the customer is an index: the older must leave it before the next enters
    for each in checked:
        if (each.row.claim, each.row.no) not in known.requests:
            _apply(loading, known, each.row)
    loading.session.flush()  # what the store would refuse shows here
    _tell_clocks(loading, opened, [known.requests[each.row.claim, each.row.no] for each in checked])
    loading.count("requests", len(checked))


def _tell_clocks(loading: Loading, opened: Iterable[Ticket], asked: Iterable[Request]) -> None:
    told = [importing.of_ticket(each) for each in opened]
    told += [one for each in asked for one in importing.of_request(each, now=loading.now)]
    for start in range(0, len(told), PAGE):
        deadlines.happened_all(loading.session, loading.office, told[start : start + PAGE], now=loading.now)


def _look_up(loading: Loading, rows: Sequence[RequestRow]) -> _Known:
    known = _Known()
    refs = {row.claim for row in rows}
    of_claims = select(Request).join(Request.claim).options(joinedload(Request.claim))
    for page in pages(refs):
        for request in loading.session.scalars(of_claims.where(Claim.ref.in_(page))):
            known.requests[request.claim.ref, request.number] = request
    for page in pages(_code(row) for row in rows):
        for request in loading.session.scalars(of_claims.where(Request.code.in_(page))):
            known.codes[request.code] = (request.claim.ref, request.number)
    tickets = select(Ticket).join(Ticket.claim).where(Ticket.verified).order_by(Ticket.id)
    for page in pages(refs):
        for ticket in loading.session.scalars(tickets.where(Claim.ref.in_(page)).options(joinedload(Ticket.claim))):
            assert ticket.claim is not None
            known.tickets[ticket.claim.ref] = ticket
    for (ref, number), request in known.requests.items():
        known.states.setdefault(ref, {})[number] = request.state
    return known


def _code(row: RequestRow) -> str:
    return row.tracking or f"{row.claim}/R{row.no}"


def _check(loading: Loading, known: _Known, row: RequestRow) -> None:
    key = (row.claim, row.no)
    if row.claim not in loading.claims:
        raise ImportRowError("claim: there is no such claim")
    known_items("items", row.items)
    if len(set(row.items)) < len(row.items):
        raise ImportRowError("items: one of them stands twice")
    if row.state is RequestState.DRAFT and (row.sent_at or row.deliveries):
        raise ImportRowError("state: a draft has not been sent")
    if row.state is not RequestState.DRAFT and row.sent_at is None:
        raise ImportRowError("sent_at: missing")
    if known.codes.get(_code(row), key) != key:
        raise ImportRowError("tracking: another request has this number")
    for each in (row.sent_at, row.delivered_at):
        if each is not None:
            loading.moment(each)
    states = known.states.setdefault(row.claim, {})
    state = _furthest(states.get(row.no), row.state)
    _one_at_a_time({number: other for number, other in states.items() if number != row.no}, state)
    known.codes[_code(row)] = key
    states[row.no] = state


def _one_at_a_time(others: Mapping[int, RequestState], state: RequestState) -> None:
    """A claim has one request with the customer, and one draft."""
    kind = WAITING if state in WAITING else (state,) if state is RequestState.DRAFT else ()
    for number, other in others.items():
        if other in kind:
            raise ImportRowError(f"state: R{number} of this claim is {other} already")


def _furthest(known: RequestState | None, said: RequestState) -> RequestState:
    if known is None or _RANK.get(said, _OVER) > _RANK.get(known, _OVER):
        return said
    return known


def _open_tickets(loading: Loading, known: _Known, rows: Iterable[RequestRow]) -> list[Ticket]:
    """A request lives on a ticket of its claim; a claim without one gets one, and those are given back."""
    first: dict[str, datetime] = {}
    for row in rows:
        if row.claim not in known.tickets and row.sent_at is not None:
            first.setdefault(row.claim, loading.moment(row.sent_at))
    refs = numbering.take(loading.session, "TKT", year=loading.now.year, count=len(first)) if first else iter(())
    for (ref, at), number in zip(first.items(), refs, strict=True):
        claim = loading.claims[ref]
        known.tickets[ref] = Ticket(
            ref=number, kind="reply_to_request", claim=claim, party=claim.claimant, owner_id=claim.owner_id,
            queue="claims.owner", state=TicketState.IN_PROGRESS, priority=3, verified=True,
            opened_at=at, last_message_at=at, unread=False,
        )  # fmt: skip
        loading.session.add(known.tickets[ref])
    return [known.tickets[ref] for ref in first]


def _apply(loading: Loading, known: _Known, row: RequestRow) -> None:
    claim = loading.claims[row.claim]
    request = known.requests[row.claim, row.no] = Request(
        claim=claim, number=row.no, code=_code(row), state=row.state, ticket=known.tickets.get(row.claim),
        created_at=loading.moment(row.sent_at) if row.sent_at else loading.now, created_by="import",
        sent_at=loading.moment(row.sent_at) if row.sent_at else None,
        delivered_at=loading.moment(row.delivered_at) if row.delivered_at else None, due_on=row.due_on,
    )  # fmt: skip
    loading.session.add(request)
    request.items = [
        RequestItem(requirement=requirement, position=position)
        for position, requirement in enumerate(_requirements(claim, row.items), start=1)
    ]
    _ask(request)
    if row.state in WAITING and request.ticket is not None:
        cause = Cause(actor="import", at=loading.now, reason=request.code)
        ticket_moves.follow(loading.session, request.ticket, TicketState.WAITING_CUSTOMER, cause=cause)
    ladder.take_over(loading.office, request, now=loading.now)
    for each in row.deliveries:
        _deliver(loading, request, each)
    history.record(
        loading.session, "request.imported", actor="import", at=loading.now,
        ticket=request.ticket, claim=claim, code=request.code, state=row.state,
    )  # fmt: skip


def _requirements(claim: Claim, items: Iterable[str]) -> Iterator[Requirement]:
    """The claim's row for each item; one that the rules would not ask for stands there because it was asked for."""
    rows = {row.item: row for row in claim.requirements}
    for key in items:
        if key not in rows:
            stage = load().items[key].stage or Stage.DECISION
            rows[key] = Requirement(item=key, stage=stage, state=RequirementState.NEEDED, because=ASKED_BEFORE)
            claim.requirements.append(rows[key])
        yield rows[key]


def _ask(request: Request) -> None:
    """Say of each item how far it has come by this request; of a partial one, what is accepted stays so."""
    rows = [item.requirement for item in request.items]
    if request.state is not RequestState.DRAFT:
        for row in rows:
            row.asked_count += 1
    if request.state in (*WAITING, RequestState.EXPIRED):
        settled = [row for row in rows if row.state in SETTLED]
        partly = request.state is not RequestState.OPEN and len(settled) < len(rows)
        _set_all((row for row in rows if not (partly and row in settled)), RequirementState.ASKED)
    elif request.state is RequestState.ANSWERED:
        _set_all((row for row in rows if row.state not in SETTLED), RequirementState.RECEIVED)


def _set_all(rows: Iterable[Requirement], state: RequirementState) -> None:
    for row in rows:
        row.state = state


def _deliver(loading: Loading, request: Request, row: DeliveryRow) -> None:
    """A delivery of long ago: never sent by us, yet its answers come here."""
    assert request.ticket is not None
    assert request.sent_at is not None
    to = _recipient(loading, request.claim, row)
    message = _message(loading, request, to, row)
    reply_to = None
    if to.medium is Medium.EMAIL:
        token = outbox.reply_token(
            loading.session, loading.office, request.ticket, to, request=request, now=request.sent_at
        )
        reply_to = outbox.reply_address(loading.office, token)
    delivered = request.delivered_at
    delivery = OutboxDelivery(
        message=message, request=request, channel=message.channel, medium=to.medium, template="request",
        to_name=to.name, to_address=to.address, to_norm=to.norm, reply_address=reply_to,
        state=DeliveryState.DELIVERED if delivered else DeliveryState.SENT, attempts=1,
        queued_at=request.sent_at, due_at=request.sent_at, sent_at=request.sent_at, delivered_at=delivered,
        provider_id=row.message_id if to.medium is Medium.SMS else None, detail="imported",
    )  # fmt: skip
    loading.session.add_all([message, delivery])


def _recipient(loading: Loading, claim: Claim, row: DeliveryRow) -> Recipient:
    """The claimant where the address is on file for him, else nobody we know."""
    norm = normal_address(row.medium, row.to, country=loading.office.country)
    claimant = claim.claimant
    on_file = claimant is not None and any(
        point.medium is row.medium and point.value_norm == norm for point in claimant.contacts
    )
    return Recipient(
        medium=row.medium,
        address=row.to,
        norm=norm,
        name=claimant.name if claimant is not None and on_file else "",
        party_id=claimant.id if claimant is not None and on_file else None,
    )


def _message(loading: Loading, request: Request, to: Recipient, row: DeliveryRow) -> Message:
    """What stands on the ticket for it; its words stayed in the other system."""
    assert request.ticket is not None
    assert request.sent_at is not None
    office = loading.office
    outlet = office.outlets.get(to.medium)
    words = f"{request.code}: {', '.join(load().items[item.requirement.item].en for item in request.items)}"
    return Message(
        ticket=request.ticket, medium=to.medium, channel=outlet.channel if outlet else "import",
        direction=Direction.OUT, at=request.sent_at, from_name=office.name, sender_state=Sender.PLAIN,
        to=[{"name": to.name, "address": to.address}], subject=f"[{request.claim.ref}] {request.code}",
        text=words, new_text=words, message_id=_message_id(loading, request, to, row),
    )  # fmt: skip


def _message_id(loading: Loading, request: Request, to: Recipient, row: DeliveryRow) -> str | None:
    """What the mail went out under; where the file does not say, one of ours that no answer will name."""
    if to.medium is not Medium.EMAIL:
        return None
    if row.message_id:
        return row.message_id.strip("<> ")
    outlet = loading.office.outlets.get(Medium.EMAIL)
    domain = outlet.address.partition("@")[2] if outlet else "claimdesk.invalid"
    return f"{tokens.make(loading.office.keys[0], 'imported', request.code, to.norm)}@{domain}"

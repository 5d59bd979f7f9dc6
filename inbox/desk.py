"""The desk: every move a person makes, one function each; page and command have no other way.

Each begins its own transaction and leaves an event with who did it.
"""

import contextlib
import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from channels import phone
from inbox import poller
from inbox.app import App
from tickets import claims, history, intake, outbox, requests, wording
from tickets.claim_types import load as load_catalogue
from tickets.errors import GuardError, UnknownReferenceError
from tickets.intake import Source
from tickets.messages import DeliveryState, Medium, MessageKind, Pickup, Sender
from tickets.models import (
    Claim,
    ContactPoint,
    ContactStatus,
    Direction,
    Document,
    DocumentState,
    Link,
    LinkState,
    Message,
    OutboxDelivery,
    Requirement,
    Staff,
    TargetKind,
    Ticket,
    TicketState,
)
from tickets.parties import normal_address
from tickets.reach import Recipient, recipient
from tickets.requirements import RequirementState, may_become


def actor(staff: Staff | None) -> str:
    """How the history names a person; a command at the machine has no sign-in."""
    return f"staff:{staff.id}" if staff else "command"


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
        return request.code


def reply(
    app: App, ticket_ref: str, *, staff: Staff, body: str, medium: Medium, seen: int | None = None
) -> OutboxDelivery:
    """Queue a representative's answer to who writes on the ticket.

    `seen` is the last message the writer has seen: if another has come since, the send stops (`GuardError`).
    """
    if not body.strip():
        raise GuardError("the message is empty")
    now = app.clock()
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref)
        last = _last_message(session, ticket)
        if seen is not None and last is not None and last.id != seen:
            raise GuardError("something new has arrived on this ticket since you opened it: read it, then send again")
        to = _correspondent(session, app, ticket, medium)
        came = _last_from_person(session, ticket)
        delivery = wording.reply(
            session,
            app.office,
            ticket,
            to,
            body=body.strip(),
            person=staff.name,
            author_id=staff.id,
            now=now,
            in_reply_to=came.message_id if came and came.medium is Medium.EMAIL else None,
        )
        delivery.message.new_text = body.strip()  # without greeting and name: what comes back if it is taken back
        ticket.unread, ticket.last_message_at = False, now
        ticket.owner_id = ticket.owner_id or staff.id
        if ticket.state in (TicketState.NEW, TicketState.TRIAGED, TicketState.REOPENED):
            ticket.state = TicketState.IN_PROGRESS
        history.record(session, "reply.queued", actor=actor(staff), at=now, ticket=ticket, message=delivery.message)
        return delivery


def take_back(app: App, delivery_id: int, *, staff: Staff) -> Message:
    """Take a held message out of the outbox before a sender has claimed it; `new_text` has the words as written."""
    with app.store.writing() as session:
        delivery = session.get(OutboxDelivery, delivery_id, with_for_update=True)
        if delivery is None or delivery.message.author_id != staff.id:
            raise UnknownReferenceError(f"there is no delivery {delivery_id} of yours")
        if delivery.state is not DeliveryState.QUEUED:
            raise GuardError("the message has left already")
        outbox.advance(session, delivery, DeliveryState.REFUSED, detail=outbox.TAKEN_BACK, now=app.clock())
        return delivery.message


def new_call(app: App, *, staff: Staff, text: str, number: str = "", caller: str = "", outgoing: bool = False) -> str:
    """File a call that belongs to no ticket yet as a message like any other: linked by what it says and who called.

    Returns the ticket it went to.
    """
    if not text.strip():
        raise GuardError("the note is empty")
    now = app.clock()
    direction = phone.Direction.OUT if outgoing else phone.Direction.IN
    raw = phone.note(text.strip(), number=number, caller=caller, direction=direction, at=now, by=staff.name)
    sha256 = hashlib.sha256(raw).hexdigest()
    pickup = Pickup(handle=sha256, external_id=sha256, raw=raw, source=f"call {now.isoformat()}")
    source = Source(channel="desk", medium=Medium.PHONE, reader="phone")
    with app.store.writing() as session:
        [arrival] = intake.record(session, app.blobs, [pickup], source=source, now=now)
        assert arrival is not None  # its source is a moment: never this very copy
        session.flush()  # the ticket is found by the arrival's number
        after = arrival.id - 1
    poller.process_all(app)
    with app.store.reading() as session:
        [line] = intake.ledger(session, after=after, limit=1)
    return line.ticket or ""


def call_note(app: App, ticket_ref: str, *, staff: Staff, text: str, number: str = "", outgoing: bool = False) -> None:
    """Keep what was said on the telephone as a message like any other."""
    _note(app, ticket_ref, staff=staff, text=text, medium=Medium.PHONE, number=number, outgoing=outgoing)


def note(app: App, ticket_ref: str, *, staff: Staff, text: str) -> None:
    """Write a note that only staff see."""
    _note(app, ticket_ref, staff=staff, text=text, medium=Medium.PHONE, number=None, outgoing=False)


def _note(
    app: App, ticket_ref: str, *, staff: Staff, text: str, medium: Medium, number: str | None, outgoing: bool
) -> None:
    if not text.strip():
        raise GuardError("the note is empty")
    now = app.clock()
    is_call = number is not None
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref)
        direction = (Direction.OUT if outgoing else Direction.IN) if is_call else Direction.NOTE
        message = Message(
            ticket=ticket,
            medium=medium,
            channel="desk",
            direction=direction,
            kind=MessageKind.MESSAGE,
            at=now,
            from_name=staff.name,
            from_address=number or None,
            from_norm=normal_address(Medium.PHONE, number, country=app.office.country) if number else None,
            sender_state=Sender.PLAIN if number else Sender.MISSING,
            text=text.strip(),
            new_text=text.strip(),
            author_id=staff.id,
            intents=[{"kind": "phone_note", "score": 1.0, "reasons": ["typed by a representative"]}] if is_call else [],
        )
        session.add(message)
        ticket.last_message_at = now
        kind = "call.noted" if is_call else "note.written"
        history.record(session, kind, actor=actor(staff), at=now, ticket=ticket, claim=ticket.claim, message=message)


def take(app: App, ticket_ref: str, *, staff: Staff) -> None:
    """Make somebody the owner of a ticket."""
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref)
        ticket.owner_id = staff.id
        if ticket.state in (TicketState.NEW, TicketState.TRIAGED):
            ticket.state = TicketState.IN_PROGRESS
        history.record(session, "ticket.taken", actor=actor(staff), at=app.clock(), ticket=ticket)


def done(app: App, ticket_ref: str, *, staff: Staff) -> None:
    """Resolve a ticket; a new message reopens it."""
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref)
        ticket.state, ticket.unread = TicketState.RESOLVED, False
        history.record(session, "ticket.resolved", actor=actor(staff), at=app.clock(), ticket=ticket)


def read(app: App, ticket_ref: str) -> None:
    """Somebody has looked at what came in."""
    with app.store.writing() as session:
        find_ticket(session, ticket_ref).unread = False


def accept(app: App, claim_ref: str, item: str, *, staff: Staff, document_id: int | None = None) -> None:
    """Accept what came for an item."""
    _judge(app, claim_ref, item, RequirementState.ACCEPTED, staff=staff, document_id=document_id, reason=None)


def reject(app: App, claim_ref: str, item: str, *, staff: Staff, reason: str, document_id: int | None = None) -> None:
    """Reject what came for an item; the reason goes into the next request."""
    if not reason.strip():
        raise GuardError("rejecting needs a reason")
    _judge(app, claim_ref, item, RequirementState.REJECTED, staff=staff, document_id=document_id, reason=reason)


def waive(app: App, claim_ref: str, item: str, *, staff: Staff, reason: str) -> None:
    """Do without an item, with a reason that stays on file."""
    if not reason.strip():
        raise GuardError("waiving needs a reason")
    _judge(app, claim_ref, item, RequirementState.WAIVED, staff=staff, document_id=None, reason=reason)


def _judge(
    app: App,
    claim_ref: str,
    item: str,
    state: RequirementState,
    *,
    staff: Staff,
    document_id: int | None,
    reason: str | None,
) -> None:
    now = app.clock()
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        row = _requirement(claim, item)
        if not may_become(row.state, state):
            raise GuardError(f"{claim_ref}: {item} is {row.state} and cannot become {state}")
        row.state, row.reason, row.decided_by = state, reason, actor(staff)
        if document_id is not None:
            _judge_document(session, claim, document_id, state, reason)
        open_request = requests.open_of(session, claim)
        if open_request is not None:
            requests.settle(session, open_request, now=now)
        history.record(
            session, f"item.{state}", actor=actor(staff), at=now, claim=claim, item=item, reason=reason,
            ticket=requests.latest_ticket(session, claim),
        )  # fmt: skip


def _judge_document(
    session: Session, claim: Claim, document_id: int, state: RequirementState, reason: str | None
) -> None:
    document = session.get(Document, document_id)
    if document is None or document.claim_id != claim.id:
        raise UnknownReferenceError(f"{claim.ref} has no document {document_id}")
    accepted = state is RequirementState.ACCEPTED
    document.state, document.reason = (DocumentState.ACCEPTED if accepted else DocumentState.REJECTED), reason


def know(app: App, claim_ref: str, fact: str, value: str, *, staff: Staff) -> None:
    """Record a fact of a claim; what its type needs follows from it."""
    known = load_catalogue().facts
    if fact not in known:
        raise GuardError(f"there is no fact {fact}: conditions ask about {', '.join(sorted(known))}")
    with app.store.writing() as session:
        claim = find_claim(session, claim_ref)
        claim.facts = claim.facts | {fact: value}
        claims.refresh(claim)
        history.record(session, "fact.known", actor=actor(staff), at=app.clock(), claim=claim, fact=fact,
                       ticket=requests.latest_ticket(session, claim))  # fmt: skip


def link(app: App, ticket_ref: str, claim_ref: str, *, staff: Staff) -> None:
    """Confirm by hand that a ticket belongs to a claim; its messages are linked and its sender may be told facts."""
    now = app.clock()
    with app.store.writing() as session:
        ticket, claim = find_ticket(session, ticket_ref), find_claim(session, claim_ref)
        ticket.claim, ticket.party, ticket.verified = claim, ticket.party or claim.claimant, True
        ticket.owner_id = ticket.owner_id or claim.owner_id
        for message in session.scalars(
            select(Message).where(Message.ticket_id == ticket.id, Message.direction == Direction.IN)
        ):
            _confirm_link(session, message, claim, staff, now)
        history.record(session, "ticket.linked", actor=actor(staff), at=now, ticket=ticket, claim=claim)


def _confirm_link(session: Session, message: Message, claim: Claim, staff: Staff, now: datetime) -> None:
    found = session.scalar(
        select(Link).where(
            Link.message_id == message.id, Link.target_kind == TargetKind.CLAIM, Link.target == claim.ref
        )
    )
    if found is None:
        found = Link(
            message=message, target_kind=TargetKind.CLAIM, target=claim.ref, state=LinkState.ACTIVE, score=1.0, at=now
        )
        session.add(found)
    found.state, found.score, found.made_by = LinkState.ACTIVE, 1.0, actor(staff)
    found.reasons = [*found.reasons, {"evidence": "person", "where": "desk", "value": staff.name}]


def unlink(app: App, link_id: int, *, staff: Staff) -> None:
    """Undo a link; a ticket whose last link to its claim is undone belongs to no claim."""
    now = app.clock()
    with app.store.writing() as session:
        found = session.get(Link, link_id, options=[joinedload(Link.message).joinedload(Message.ticket)])
        if found is None or found.state is LinkState.UNDONE:
            raise UnknownReferenceError(f"there is no link {link_id}")
        found.state, found.made_by = LinkState.UNDONE, actor(staff)
        ticket = found.message.ticket
        if found.target_kind is TargetKind.CLAIM and ticket.claim and ticket.claim.ref == found.target:
            ticket.claim, ticket.verified = None, False
        history.record(
            session,
            "link.undone",
            actor=actor(staff),
            at=now,
            ticket=ticket,
            message=found.message,
            target=found.target,
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


# --- finding what a move is about


def find_claim(session: Session, ref: str) -> Claim:
    """The claim with its requirements and claimant; raises `UnknownReferenceError`."""
    claim = session.scalar(select(Claim).where(Claim.ref == ref))
    if claim is None:
        raise UnknownReferenceError(f"there is no claim {ref}")
    claims.refresh(claim)
    return claim


def find_ticket(session: Session, ref: str) -> Ticket:
    """The ticket; raises `UnknownReferenceError`."""
    ticket = session.scalar(select(Ticket).where(Ticket.ref == ref).options(joinedload(Ticket.claim)))
    if ticket is None:
        raise UnknownReferenceError(f"there is no ticket {ref}")
    return ticket


def _requirement(claim: Claim, item: str) -> Requirement:
    found = next((row for row in claim.requirements if row.item == item), None)
    if found is None:
        raise UnknownReferenceError(f"{claim.ref} does not need {item}")
    return found


def _last_message(session: Session, ticket: Ticket) -> Message | None:
    return session.scalar(select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id.desc()).limit(1))


def _last_from_person(session: Session, ticket: Ticket) -> Message | None:
    """What a person wrote last: a bounce or an automatic reply is nobody to answer to."""
    query = select(Message).where(
        Message.ticket_id == ticket.id, Message.direction == Direction.IN, Message.kind == MessageKind.MESSAGE
    )
    return session.scalar(query.order_by(Message.id.desc()).limit(1))


def _is_opted_out(session: Session, medium: Medium, norm: str) -> bool:
    query = select(ContactPoint.id).where(
        ContactPoint.value_norm == norm,
        ContactPoint.medium == medium,
        ContactPoint.status == ContactStatus.OPTED_OUT,
    )
    return session.scalar(query.limit(1)) is not None


def correspondents(session: Session, app: App, ticket: Ticket) -> dict[Medium, Recipient]:
    """Who a reply on this ticket would go to, for each medium that can reach somebody."""
    found: dict[Medium, Recipient] = {}
    for medium in app.office.outlets:
        with contextlib.suppress(GuardError):
            found[medium] = _correspondent(session, app, ticket, medium)
    return found


def _correspondent(session: Session, app: App, ticket: Ticket, medium: Medium) -> Recipient:
    """Who the ticket is answered to on this medium: the claim's or ticket's party, else the plain sender who wrote."""
    party = ticket.claim.claimant if ticket.claim and ticket.verified else ticket.party
    if party is not None:
        points = session.scalars(
            select(ContactPoint).where(ContactPoint.party_id == party.id, ContactPoint.medium == medium)
        )
        if chosen := next((point for point in points if point.status == "ok"), None):
            return recipient(chosen)
    came = _last_from_person(session, ticket)
    if came is None or came.medium is not medium or not came.from_address or came.sender_state is not Sender.PLAIN:
        raise GuardError(f"there is no address to answer to by {medium}")
    norm = normal_address(medium, came.from_address, country=app.office.country)
    if _is_opted_out(session, medium, norm):
        raise GuardError(f"who writes here has switched messages by {medium} off")
    return Recipient(medium=medium, address=came.from_address, norm=norm, name=came.from_name)

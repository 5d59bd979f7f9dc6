"""Conversations: answers, calls and notes on a ticket, and who an answer goes to."""

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from channels import phone
from channels.sms import attachments
from inbox import poller
from inbox.app import App
from inbox.desk.subjects import actor, find_ticket, must_work
from tickets import deadlines, enclosures, history, intake, outbox, retractions, ticket_moves, wording, work
from tickets.errors import GuardError, UnknownReferenceError
from tickets.guards import Cause
from tickets.intake import Source
from tickets.messages import DeliveryState, Enclosure, Medium, MessageKind, Pickup, Sender
from tickets.models import (
    ContactPoint,
    ContactStatus,
    Direction,
    Event,
    Message,
    OutboxDelivery,
    Staff,
    Ticket,
    TicketState,
)
from tickets.parties import normal_address
from tickets.reach import Recipient, recipient

#: The guard that stops a send because something has come or was done since its writer looked.
NEW = "new"
#: What colleagues do that may change what a writer says, as the history words it.
_TELLING = ("item.", "decision.", "claim.", "offer.", "payment.", "request.")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a writer has seen: the last message of the ticket, and the last line of the history; None does not ask."""

    message: int | None = None
    event: int | None = None


DOES_NOT_SAY = Looked()


def reply(
    app: App,
    ticket_ref: str,
    *,
    staff: Staff,
    body: str,
    medium: Medium,
    looked: Looked = DOES_NOT_SAY,
    enclosed: Sequence[int] = (),
) -> OutboxDelivery:
    """Queue a representative's answer to who writes on the ticket, with the files put to it that `enclosed` names.

    If a message has come since the writer `looked`, or a colleague has judged or decided, it stops (`GuardError`).
    """
    now = app.clock()
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        require_nothing_new(session, ticket, looked, staff=staff)
        files = enclosures.chosen(session, ticket.id, staff.id, ids=enclosed, medium=medium)
        delivery = answer(session, app, ticket, staff=staff, body=body, medium=medium, now=now)
        enclosures.enclose(session, delivery.message, files)
        work.drop_draft(session, ticket.id, staff.id)
        return delivery


def reply_text(app: App, ticket_ref: str, *, staff: Staff, body: str, medium: Medium) -> str:
    """An answer as it would leave, with what we put around it; raises `GuardError` if it would reach nobody."""
    with app.store.reading() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        to = _correspondent(session, app, ticket, medium)
        words = wording.reply_words(app.office, ticket, to, body=body.strip(), person=staff.name, now=app.clock())
        return words.text


def require_nothing_new(session: Session, ticket: Ticket, looked: Looked, *, staff: Staff) -> None:
    """Raise `GuardError` if another message has come since somebody looked, or a colleague has judged or decided."""
    last = _last_message(session, ticket)
    has_come = looked.message is not None and last is not None and last.id != looked.message
    if has_come or done_since(session, ticket, looked, staff=staff) is not None:
        raise GuardError(
            "something new has arrived on this ticket since you opened it: read it, then send again",
            ro="între timp a sosit ceva nou pe acest tichet: citiți, apoi trimiteți din nou",
            guard=NEW,
        )


def done_since(session: Session, ticket: Ticket, looked: Looked, *, staff: Staff) -> Event | None:
    """The last thing that a colleague has done on a ticket or its claim since somebody looked, if it may matter."""
    if looked.event is None:
        return None
    here = [Event.ticket_id == ticket.id]
    if ticket.claim_id is not None:
        here.append(Event.claim_id == ticket.claim_id)
    query = select(Event).where(
        Event.id > looked.event, or_(*here), or_(*map(Event.kind.startswith, _TELLING)),
        Event.actor.startswith("staff:"), Event.actor != actor(staff),
    )  # fmt: skip
    return session.scalar(query.order_by(Event.id.desc()).limit(1))


def last_done(session: Session) -> int:
    """The last line of the history: what is done from now on comes behind it."""
    return session.scalar(select(func.max(Event.id))) or 0


def answer(
    session: Session, app: App, ticket: Ticket, *, staff: Staff, body: str, medium: Medium, now: datetime
) -> OutboxDelivery:
    """Within a move: queue an answer to who writes on the ticket, which is in somebody's hands from then on."""
    if not body.strip():
        raise GuardError("the message is empty", ro="mesajul este gol", guard="words")
    to = _correspondent(session, app, ticket, medium)
    came = _last_from_person(session, ticket)
    delivery = wording.reply(
        session, app.office, ticket, to, body=body.strip(), person=staff.name, author_id=staff.id, now=now,
        in_reply_to=came.message_id if came and came.medium is Medium.EMAIL else None,
    )  # fmt: skip
    delivery.message.new_text = body.strip()  # without greeting and name: what comes back if it is taken back
    ticket.unread, ticket.last_message_at = False, now
    ticket.owner_id = ticket.owner_id or staff.id
    if ticket.state in (TicketState.NEW, TicketState.TRIAGED, TicketState.REOPENED):
        cause = Cause(actor=actor(staff), at=now, reason="answered", message=delivery.message)
        ticket_moves.follow(session, ticket, TicketState.IN_PROGRESS, cause=cause)
    history.record(session, "reply.queued", actor=actor(staff), at=now, ticket=ticket, message=delivery.message)
    return delivery


def attach(app: App, ticket_ref: str, files: Sequence[Enclosure], *, staff: Staff) -> None:
    """Put files to the answer somebody is writing; they stay until it is sent or they are taken away."""
    must_work(staff)
    typed = [replace(each, media_type=attachments.media_type(each.content, each.media_type)) for each in files]
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        enclosures.keep(session, app.blobs, ticket, staff.id, files=typed, now=app.clock())


def detach(app: App, ticket_ref: str, file_id: int, *, staff: Staff) -> None:
    """Take a file away from the answer somebody is writing."""
    must_work(staff)
    with app.store.writing() as session:
        enclosures.drop(session, find_ticket(session, ticket_ref, staff=staff).id, staff.id, file_id)


def take_back(app: App, delivery_id: int, *, staff: Staff) -> Message | None:
    """Take a held message out of the outbox before a sender has claimed it; its words and files are a draft again.

    Of a request all that is held goes, and its draft stands again: None.
    """
    now = app.clock()
    with app.store.writing() as session:
        delivery = session.get(OutboxDelivery, delivery_id, with_for_update=True)
        if delivery is None or delivery.message.author_id != staff.id:
            raise UnknownReferenceError(f"there is no delivery {delivery_id} of yours")
        if delivery.request is not None:
            retractions.take_back(session, delivery.request, actor=actor(staff), now=now)
            return None
        if delivery.state is not DeliveryState.QUEUED:
            raise GuardError("the message has left already")
        if delivery.template.startswith("decision_"):
            raise GuardError(
                "the letter tells a decision that holds: reopen the claim to decide otherwise",
                ro="scrisoarea comunică o decizie în vigoare: redeschideți dosarul pentru a decide altfel",
                guard="decision in force",
            )
        outbox.advance(session, delivery, DeliveryState.REFUSED, detail=outbox.TAKEN_BACK, now=now)
        message = delivery.message
        enclosures.give_back(session, message, staff.id, now=now)
        if delivery.template == "reply":
            words = message.new_text
            work.keep_draft(session, message.ticket, staff.id, medium=message.medium, body=words, now=now)
        return message


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
    now = app.clock()
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        direction = Direction.OUT if outgoing else Direction.IN
        intent = {"kind": "phone_note", "score": 1.0, "reasons": ["typed by a representative"]}
        message = _written(ticket, staff, text, direction=direction, now=now)
        message.intents = [intent]
        if number:
            message.from_address, message.sender_state = number, Sender.PLAIN
            message.from_norm = normal_address(Medium.PHONE, number, country=app.office.country)
        session.add(message)
        work.drop_draft(session, ticket.id, staff.id)
        deadlines.happened(session, app.office, "human_reply_sent", ticket=ticket, at=now, now=now)
        _noted(session, message, "call.noted", staff=staff)


def note(app: App, ticket_ref: str, *, staff: Staff, text: str) -> None:
    """Write a note that only staff see."""
    with app.store.writing() as session:
        ticket = find_ticket(session, ticket_ref, staff=staff)
        write_note(session, ticket, staff=staff, text=text, now=app.clock())
        work.drop_draft(session, ticket.id, staff.id)


def write_note(session: Session, ticket: Ticket, *, staff: Staff, text: str, now: datetime) -> None:
    """Within a move: write a note; whom it names finds the ticket."""
    message = _written(ticket, staff, text, direction=Direction.NOTE, now=now)
    session.add(message)
    work.mention(session, message, work.mentioned(text, list(session.scalars(select(Staff)))))
    _noted(session, message, "note.written", staff=staff)


def _written(ticket: Ticket, staff: Staff, text: str, *, direction: Direction, now: datetime) -> Message:
    if not text.strip():
        raise GuardError("the note is empty", ro="nota este goală", guard="words")
    return Message(
        ticket=ticket, medium=Medium.PHONE, channel="desk", direction=direction, at=now, from_name=staff.name,
        text=text.strip(), new_text=text.strip(), author_id=staff.id,
    )  # fmt: skip


def _noted(session: Session, message: Message, kind: str, *, staff: Staff) -> None:
    ticket = message.ticket
    ticket.last_message_at = message.at
    history.record(session, kind, actor=actor(staff), at=message.at, ticket=ticket, claim=ticket.claim, message=message)


def correspondents(session: Session, app: App, ticket: Ticket) -> dict[Medium, Recipient]:
    """Who a reply on this ticket would go to, for each medium that can reach somebody."""
    found = {medium: recipient(point) for medium in app.office.outlets if (point := _on_file(ticket, medium))}
    came = _last_from_person(session, ticket) if len(found) < len(app.office.outlets) else None
    if came is not None and came.medium in app.office.outlets and came.medium not in found:
        with contextlib.suppress(GuardError):
            found[came.medium] = _sender(session, app, came, came.medium)
    return {medium: found[medium] for medium in app.office.outlets if medium in found}


def way_back(session: Session, app: App, ticket: Ticket) -> Medium:
    """By which medium to answer: the one the person wrote by last if it reaches him, else the first that does."""
    reaches = correspondents(session, app, ticket)
    came = _last_from_person(session, ticket)
    if came is not None and came.medium in reaches:
        return came.medium
    if not reaches:
        raise GuardError(
            f"{ticket.ref}: there is no address to answer to",
            ro=f"{ticket.ref}: nu există o adresă la care să răspundem",
            guard="address",
        )
    return next(iter(reaches))


def _correspondent(session: Session, app: App, ticket: Ticket, medium: Medium) -> Recipient:
    """Who the ticket is answered to on this medium: the claim's or ticket's party, else the plain sender who wrote."""
    if chosen := _on_file(ticket, medium):
        return recipient(chosen)
    return _sender(session, app, _last_from_person(session, ticket), medium)


def _on_file(ticket: Ticket, medium: Medium) -> ContactPoint | None:
    """The first address of the claim's or ticket's party that may be used on this medium."""
    party = ticket.claim.claimant if ticket.claim and ticket.verified else ticket.party
    points = party.contacts if party else []
    return next((point for point in points if point.medium is medium and point.status is ContactStatus.OK), None)


def _sender(session: Session, app: App, came: Message | None, medium: Medium) -> Recipient:
    """Who wrote last, as long as the address is plain and takes messages by this medium."""
    if came is None or came.medium is not medium or not came.from_address or came.sender_state is not Sender.PLAIN:
        raise GuardError(
            f"there is no address to answer to by {medium}", ro=f"nu există o adresă la care să răspundem prin {medium}"
        )
    norm = normal_address(medium, came.from_address, country=app.office.country)
    if _is_opted_out(session, medium, norm):
        raise GuardError(
            f"who writes here has switched messages by {medium} off",
            ro=f"cine scrie aici a oprit mesajele prin {medium}",
        )
    return Recipient(medium=medium, address=came.from_address, norm=norm, name=came.from_name)


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

"""What machines send: bounces, automatic replies, opt-outs. They never answer a request, reopen or trigger anything."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.orm import Session

from tickets import history, ladder, outbox
from tickets.directory import Directory
from tickets.evidence import Reason
from tickets.linking import SURE, Candidate, Clues, Linking
from tickets.messages import DeliveryState, Medium, MessageKind
from tickets.models import ContactPoint, ContactStatus, LinkState, OutboxDelivery, TargetKind, Ticket
from tickets.parties import normal_mail

if TYPE_CHECKING:
    from tickets.triage import Filed

#: Words that the carrier takes for an opt-out but a customer may have meant for a policy.
TWO_MEANINGS = frozenset({"cancel", "end", "quit"})


def link(clue: Clues, directory: Directory) -> Linking:
    """File machine mail beside the message it speaks of, by our own Message-ID alone; it tells nobody anything."""
    linking = Linking(party=directory.customer(clue.sender))
    if clue.inbound.opt_out or clue.inbound.opt_in:
        linking.ticket = _conversation_by_text(clue, directory)
        return linking
    delivery = _delivery(clue, directory)
    if delivery is None:
        return linking
    linking.ticket = delivery.message.ticket
    linking.claim = linking.ticket.claim
    reason = Reason(evidence="in_reply_to", where="header", value=linking.ticket.ref)
    linking.links.append(
        Candidate(
            kind=TargetKind.TICKET, target=linking.ticket.ref, score=SURE, state=LinkState.ACTIVE, reasons=[reason]
        )
    )
    return linking


def _delivery(clue: Clues, directory: Directory) -> OutboxDelivery | None:
    ids = (clue.inbound.original_message_id, *clue.answered)
    return next((directory.sent[each] for each in ids if each in directory.sent), None)


def _conversation_by_text(clue: Clues, directory: Directory) -> Ticket | None:
    asked = directory.asked.get(clue.sender or "", [])
    return next((each.request.ticket for each in reversed(asked) if each.request and each.request.ticket), None)


def act(session: Session, directory: Directory, filed: "Filed", *, now: datetime) -> None:
    """Keep what the machine mail says about our addresses; nothing else changes."""
    if filed.inbound.kind is MessageKind.BOUNCE:
        _bounce(session, directory, filed, now)
    elif filed.inbound.opt_out:
        _opt_out(session, filed, now)
    elif filed.inbound.opt_in:
        _set_status(session, filed, ContactStatus.OK, now)


def _bounce(session: Session, directory: Directory, filed: "Filed", now: datetime) -> None:
    """A report that names our own Message-ID and says "failed" makes the address bouncing; "delayed" does not."""
    delivery = _delivery(filed.clue, directory)
    failed = [each for each in filed.inbound.bounced if each.action == "failed"]
    if delivery is None or (filed.inbound.bounced and not failed):
        return
    if failed and delivery.to_norm not in {normal_mail(each.address) for each in failed}:
        return
    if delivery.state is DeliveryState.FAILED:
        return  # a second report of the same return
    status = next((each.status for each in failed if each.status), None)
    outbox.bounced(session, delivery, detail=f"returned {status or ''}".strip(), now=now)
    _mark(session, delivery.medium, delivery.to_norm, ContactStatus.BOUNCING)
    if delivery.request is not None or delivery.message.author_id is not None:
        ladder.returned(session, delivery, now=now)


def _opt_out(session: Session, filed: "Filed", now: datetime) -> None:
    """Kept before the next send, queued ones too; a word with two meanings is put to a person."""
    _set_status(session, filed, ContactStatus.OPTED_OUT, now)
    if filed.clue.sender:
        outbox.cancel_queued(session, medium=Medium.SMS, norm=filed.clue.sender, why="opted out of SMS", now=now)
    word = filed.inbound.new_text.strip(" .!").casefold()
    if word in TWO_MEANINGS and filed.message is not None:
        filed.message.proposals = filed.message.proposals | {"ask": "policy_or_sms"}
        filed.message.ticket.unread = True
        filed.message.ticket.priority = min(filed.message.ticket.priority, 2)


def _set_status(session: Session, filed: "Filed", status: ContactStatus, now: datetime) -> None:
    if filed.clue.sender is None:
        return
    _mark(session, Medium.SMS, filed.clue.sender, status)
    assert filed.message is not None
    history.record(
        session,
        f"contact.{status}",
        actor="triage",
        at=now,
        ticket=filed.message.ticket,
        message=filed.message,
        medium=Medium.SMS,
    )


def _mark(session: Session, medium: Medium, norm: str, status: ContactStatus) -> None:
    """On everybody's file who holds the address, however many they are."""
    holders = update(ContactPoint).where(ContactPoint.value_norm == norm, ContactPoint.medium == medium)
    session.execute(holders.values(status=status))

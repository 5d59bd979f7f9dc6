"""What messages that come in mean for the clocks: counted from arrival, or from the mail room's stamp."""

from collections.abc import Iterator
from datetime import datetime, time
from typing import TYPE_CHECKING

from tickets import calendars, document_kinds
from tickets.catalogue import ItemKind, Stage
from tickets.claim_types import load as load_catalogue
from tickets.claims import missing
from tickets.deadlines.definitions import Subject, load
from tickets.deadlines.happenings import Occurrence
from tickets.messages import Medium, MessageKind
from tickets.models import Claim, ClaimState, LinkState, Message, Request, RequestState, TargetKind, Ticket
from tickets.office import Office
from tickets.requirements import RequirementState

if TYPE_CHECKING:
    from tickets.triage import Filed

#: What it means that somebody tells us of a loss for the first time.
NOTICE = (
    "claim.notice", "claim.received", "claim.presented", "claim.application_received", "petition.registered",
    "seller.informed",
)  # fmt: skip
#: What a ticket of a kind is beside a message to be answered.
_KINDS = {
    "complaint_appeal": ("complaint.received", "complaint.registered"),
    "data_request": ("request.received",),
}
#: What is done with the first letters: it is no answer to the claim.
_ASKING = frozenset({"acknowledged", "items_list_sent", "acknowledged_and_items_requested"})
_ACCEPTED = (ClaimState.APPROVED, ClaimState.PARTIALLY_APPROVED, ClaimState.PAYMENT_ORDERED)


def of_filed(filed: "Filed", office: Office) -> Iterator[Occurrence]:
    """What one filed message starts, meets or lets go on; machine mail and opt-outs mean nothing to any clock."""
    message, inbound = filed.message, filed.inbound
    if message is None or inbound.kind is not MessageKind.MESSAGE or inbound.opt_out or inbound.opt_in:
        return
    at = received(message, office)
    if filed.new_ticket or filed.reopened:
        yield from _of_ticket(filed, message, at)
    if filed.opened is not None:
        yield from of_notice(filed.opened, at, office, message=message, fresh=True)
    yield from _of_answer(filed, message, at)


def received(message: Message, office: Office) -> datetime:
    """When it counts as received: the stamped day of a letter, else its arrival."""
    if message.received_on is None:
        return message.at
    return calendars.of(office).at(message.received_on, time())


def _of_ticket(filed: "Filed", message: Message, at: datetime) -> Iterator[Occurrence]:
    ticket = message.ticket
    for word in ("message.received", "ticket.opened", *_KINDS.get(ticket.kind, ())):
        yield Occurrence(
            what=word, at=at, ticket=ticket, message=message, fresh=filed.new_ticket, without=_not_owed(filed, ticket)
        )


def _not_owed(filed: "Filed", ticket: Ticket) -> frozenset[str]:
    """Who called has spoken with somebody; who has had an acknowledgement today gets no second one; spam gets none."""
    if ticket.kind == "spam":
        return frozenset({"int.ack", "int.first_response", "int.resolve"})
    if filed.inbound.medium is Medium.PHONE:
        return frozenset({"int.ack", "int.first_response"})
    return frozenset({"int.ack"}) if filed.acknowledged_before else frozenset()


def of_notice(
    claim: Claim, at: datetime, office: Office, *, message: Message | None = None, fresh: bool = False
) -> Iterator[Occurrence]:
    """What a claim's first notice starts; the customer's own time to tell us counts from the loss."""
    for word in NOTICE:
        yield Occurrence(what=word, at=at, claim=claim, message=message, fresh=fresh)
    if claim.loss_date is not None:
        loss = calendars.of(office).at(claim.loss_date, time())
        yield Occurrence(what="event.date", at=loss, claim=claim, message=message, fresh=fresh)
        yield Occurrence(what="fnol.received", at=at, claim=claim, message=message)


def is_owed_from_notice(claim: Claim, office: Office) -> bool:
    """Whether a law wants something of us from a claim's first notice on, so that silence never ends it."""
    return any(
        each.is_statutory and each.is_ours and each.on is Subject.CLAIM and each.runs_under(office.jurisdictions)
        and each.applies_to(claim.type) and not _ASKING.intersection(each.stop) and set(NOTICE).intersection(each.start)
        for each in load().values()
    )  # fmt: skip


def _of_answer(filed: "Filed", message: Message, at: datetime) -> Iterator[Occurrence]:
    claim, request = filed.linking.claim, filed.linking.request
    if claim is None or not is_linked(filed, TargetKind.CLAIM):
        return
    if request is not None and answers(filed, request):
        yield Occurrence(what="customer.answered", at=at, claim=claim, ticket=request.ticket, message=message)
    if any(each.requirement is not None for each in filed.answers):
        yield Occurrence(what="item_received", at=at, claim=claim, message=message)
        yield from of_items(claim, at, message=message)


def of_items(claim: Claim, at: datetime, *, message: Message | None = None) -> Iterator[Occurrence]:
    """What it means that nothing is awaited any more up to the decision."""
    if any(row.state is not RequirementState.RECEIVED for row in missing(claim, Stage.DECISION)):
        return
    for word in ("all_items.received", "proof_of_claim.received"):
        yield Occurrence(what=word, at=at, claim=claim, message=message)
    if claim.state in _ACCEPTED:  # before a decision nothing is payable, whatever is complete
        yield Occurrence(what="requested_documents.complete", at=at, claim=claim, message=message)


def of_judging(claim: Claim, request: Request | None, at: datetime) -> Iterator[Occurrence]:
    """What it means that a person has accepted an item or done without it."""
    if request is not None and request.state is RequestState.ANSWERED:
        yield Occurrence(what="request.withdrawn", at=at, claim=claim, ticket=request.ticket)
    yield from of_items(claim, at)


def answers(filed: "Filed", request: Request) -> bool:
    """Whether a message names or brings anything that was asked for, however badly."""
    if filed.answers or filed.inbound.stated:
        return True
    catalogue = load_catalogue().items
    asked = [catalogue[item.requirement.item] for item in request.items if item.requirement.item in catalogue]
    named = {each.kind for each in document_kinds.named(f"{filed.inbound.subject}\n{filed.inbound.new_text}")}
    if any(named.intersection(item.evidence) for item in asked):
        return True
    is_reply = is_linked(filed, TargetKind.REQUEST)
    questions = any(item.question for item in request.items) or any(item.kind is ItemKind.FIELD for item in asked)
    return is_reply and questions


def is_linked(filed: "Filed", kind: TargetKind) -> bool:
    """Whether a message surely belongs to something of this kind."""
    return any(each.kind is kind and each.state is LinkState.ACTIVE for each in filed.linking.links)

"""What filed messages set going beside their tickets: tasks for departments, complaints, claims taken up again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from templates.letters import ComplaintAcknowledgement
from tickets import closings, complaints, tasks, wording
from tickets.guards import Cause
from tickets.intents import IntentKind, routing
from tickets.messages import MessageKind
from tickets.models import Claim, ClaimState, Complaint, Message
from tickets.office import Office

if TYPE_CHECKING:
    from tickets.intents import Intent
    from tickets.triage import Filed

#: An intent below this is a guess: a person looks first.
SURE = 0.5


def is_restricted(found: "Sequence[Intent]") -> bool:
    """Whether a message is before all a tip or a legal notice: SIU or legal alone see it."""
    return bool(found) and found[0].score >= SURE and routing(found[0].kind).restricted


def follow(session: Session, office: Office, filed: "Sequence[Filed]", *, now: datetime) -> None:
    """Do, for a batch of filed messages, what their kinds call for."""
    came = [
        tasks.Came(message=each.message, kinds=_sure(each.intents))
        for each in filed
        if each.message is not None and each.inbound.kind is MessageKind.MESSAGE
    ]
    tasks.open_flows(session, office, came, now=now)
    appeals = [each.message for each in came if _is_appeal(each)]
    _acknowledge(session, office, filed, complaints.from_messages(session, office, appeals, now=now), now=now)
    for claim, message in _answered_after_closing(came):
        message.ticket.owner_id = claim.owner_id
        cause = Cause(
            actor="triage", at=now, message=message, ticket=message.ticket, reason="an answer after closing for silence"
        )
        closings.take_up(session, claim, cause=cause)


def _sure(found: "Sequence[Intent]") -> tuple[IntentKind, ...]:
    return tuple(each.kind for each in found if each.score >= SURE)


def is_acknowledged_as_complaint(filed: "Filed") -> bool:
    """Whether a filed message is a complaint on a claim of whoever wrote it, so that he may be told its number."""
    message = filed.message
    if message is None or filed.inbound.kind is not MessageKind.MESSAGE or not message.ticket.verified:
        return False
    return _is_appeal(tasks.Came(message=message, kinds=_sure(filed.intents)))


def _acknowledge(
    session: Session, office: Office, filed: "Sequence[Filed]", registered: Mapping[int, Complaint], *, now: datetime
) -> None:
    """Tell who complained that it stands in the register, who does not handle it, and by when he has his answer."""
    days = complaints.answer_days(session, registered.values())
    for each in filed:
        complaint = registered.get(each.message.id) if each.message else None
        if complaint is None or each.acknowledge_to is None or not is_acknowledged_as_complaint(each):
            continue
        letter = ComplaintAcknowledgement(
            complained_on=office.day(complaint.received_at), answer_by=days.get(complaint.ticket.id),
            claim_reference=complaint.claim.ref if complaint.claim else "", country=office.country,
        )  # fmt: skip
        wording.acknowledge_with(session, office, each, complaint.ticket, letter=letter, now=now)


def _is_appeal(came: tasks.Came) -> bool:
    """A complaint about a claim; what SIU or legal alone may see is theirs."""
    ticket = came.message.ticket
    return IntentKind.COMPLAINT_APPEAL in came.kinds and ticket.claim is not None and not ticket.restricted


def _answered_after_closing(came: Sequence[tasks.Came]) -> list[tuple[Claim, Message]]:
    """Claims closed for want of an answer, to which somebody known has now written: each once."""
    found: dict[str, tuple[Claim, Message]] = {}
    for each in came:
        claim = each.message.ticket.claim if each.message.ticket.verified else None
        if claim is not None and claim.state is ClaimState.CLOSED and claim.closed_reason == "C01":
            found.setdefault(claim.ref, (claim, each.message))
    return list(found.values())

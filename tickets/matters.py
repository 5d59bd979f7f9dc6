"""What filed messages set going beside their tickets: tasks for departments, complaints, claims taken up again."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from tickets import closings, complaints, tasks
from tickets.guards import Cause
from tickets.intents import IntentKind, routing
from tickets.messages import MessageKind
from tickets.models import Claim, ClaimState, Message
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
    complaints.from_messages(session, office, appeals, now=now)
    for claim, message in _answered_after_closing(came):
        message.ticket.owner_id = claim.owner_id
        cause = Cause(
            actor="triage", at=now, message=message, ticket=message.ticket, reason="an answer after closing for silence"
        )
        closings.take_up(session, claim, cause=cause)


def _sure(found: "Sequence[Intent]") -> tuple[IntentKind, ...]:
    return tuple(each.kind for each in found if each.score >= SURE)


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

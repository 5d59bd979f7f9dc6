"""What is at hand on a ticket: its tags, what somebody has begun to answer, changes of the customer that wait."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, bindparam, exists, select
from sqlalchemy.orm import Session

from tickets import account_changes, enclosures, work
from tickets.models import AccountChange, DraftFile, Party, ReplyDraft, Ticket, TicketTag


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """What one of us finds on a ticket beside its conversation."""

    tags: Sequence[str]
    draft: ReplyDraft | None
    enclosed: Sequence[DraftFile]
    changes: Sequence[AccountChange]


_TICKET: BindParameter[int] = bindparam("ticket")
_STAFF: BindParameter[int] = bindparam("staff")
#: Most tickets have none of it: whether there is any is asked at once.
_ANY = select(
    exists().where(TicketTag.ticket_id == _TICKET).label("tags"),
    exists().where(ReplyDraft.ticket_id == _TICKET, ReplyDraft.staff_id == _STAFF).label("draft"),
    exists().where(DraftFile.ticket_id == _TICKET, DraftFile.staff_id == _STAFF).label("enclosed"),
    exists().where(AccountChange.party_id == bindparam("party")).label("changes"),
)


def read(session: Session, ticket: Ticket, staff_id: int, *, person: Party | None) -> AtHand:
    """Read it; `person` is whose ticket it is."""
    there = session.execute(
        _ANY, {"ticket": ticket.id, "staff": staff_id, "party": person.id if person else None}
    ).one()
    return AtHand(
        tags=work.tags(session, [ticket.id])[ticket.id] if there.tags else (),
        draft=work.draft(session, ticket.id, staff_id) if there.draft else None,
        enclosed=enclosures.kept(session, ticket.id, staff_id) if there.enclosed else (),
        changes=account_changes.waiting(session, person) if there.changes and person else (),
    )

"""Snoozing: the moments a page offers, and the one that was chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from inbox.web.visits import Visit
from inbox.web.words import N_
from tickets.deadlines import Standing
from tickets.errors import GuardError
from tickets.models import Ticket
from tickets.queue import TICKING
from tickets.work import Snooze

#: A snoozed ticket comes back this long before its next clock ends.
BEFORE_CLOCK = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to set a ticket aside."""

    key: str
    words: str
    until: datetime | None = None


def snoozes(visit: Visit, due: datetime | None) -> list[Choice]:
    """What the page offers: some mornings, a reply, an item, two days before the next clock."""
    now = visit.app.clock()
    days = {"tomorrow": N_("Tomorrow"), "monday": N_("Next Monday"), "week": N_("In a week")}
    offered = [Choice(key=key, words=words, until=_morning(visit, key, now)) for key, words in days.items()]
    offered += [
        Choice(key=Snooze.REPLY, words=N_("Until a reply")),
        Choice(key=Snooze.ITEM, words=N_("Until an item arrives")),
    ]
    before = due - BEFORE_CLOCK if due else now
    if before > now:
        offered.append(Choice(key=Snooze.CLOCK, words=N_("Two days before the next clock"), until=before))
    return offered


def next_due(ticket: Ticket, clocks: Sequence[Standing]) -> datetime | None:
    """When the clock ends that ends next, of the ticket's own and its claim's."""
    its = (each.clock for each in clocks if each.clock.ticket_id in (None, ticket.id))
    return min((clock.due_at for clock in its if clock.state in TICKING), default=None)


def chosen_snooze(visit: Visit, fields: Mapping[str, str], due: datetime | None) -> tuple[datetime | None, Snooze]:
    """Until when, and for what; raises `GuardError` for what the page does not offer."""
    key = fields.get("until", "")
    if key == "day":
        return _written(visit, fields.get("day", "")), Snooze.TIME
    found = next((each for each in snoozes(visit, due) if each.key == key), None)
    if found is None:
        raise GuardError(N_("say until when"))
    return found.until, Snooze(key) if key in list(Snooze) else Snooze.TIME


def _written(visit: Visit, words: str) -> datetime:
    try:
        day = datetime.fromisoformat(words[:16])
    except ValueError:
        raise GuardError(N_("write the moment as 2026-12-07T09:00")) from None
    office = visit.app.office
    naive = day if "T" in words else datetime.combine(day.date(), office.opens)
    return naive.replace(tzinfo=office.timezone)


def _morning(visit: Visit, key: str, now: datetime) -> datetime:
    """When the office opens on a day to come."""
    today = visit.app.office.day(now)
    ahead = {"tomorrow": 1, "monday": 7 - today.weekday(), "week": 7}[key]
    opens: time = visit.app.office.opens
    return datetime.combine(today + timedelta(days=ahead), opens, tzinfo=visit.app.office.timezone)

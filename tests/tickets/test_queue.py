"""The views of the shared inbox: what they hold, count and list, against a slow and obvious model."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import insert

from tests.tickets.desk import NOW
from tickets import listed, queue
from tickets.database import Store
from tickets.messages import DeliveryState, Medium
from tickets.models import (
    Claim,
    Clock,
    ClockState,
    Direction,
    Mention,
    Message,
    OutboxDelivery,
    Staff,
    Ticket,
    TicketState,
    TicketTag,
)
from tickets.outbox import TAKEN_BACK
from tickets.queue import EVERYTHING, Filter, Looking, View

_DONE = {TicketState.CLOSED, TicketState.RESOLVED, TicketState.MERGED, TicketState.DISCARDED}
_TICKETS = 120


class Known:
    """What was put into the store about one ticket."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.due: datetime | None = None
        self.delivery: DeliveryState | None = None
        self.taken_back = False
        self.mentions: int | None = None

    def is_in(self, view: View, looking: Looking) -> bool:
        """The views as a person would say them."""
        ticket = self.ticket
        if ticket.restricted and not looking.restricted:
            return False
        asleep = ticket.snoozed_until is not None and ticket.snoozed_until > looking.now
        done, waits = ticket.state in _DONE, ticket.state is TicketState.WAITING_CUSTOMER
        soon = looking.now + timedelta(days=queue.DUE_DAYS)
        left = self.delivery if not self.taken_back else None
        return {
            View.MINE: not done and not asleep and not waits and ticket.owner_id == looking.staff_id,
            View.TEAM: not done and not asleep and not waits,
            View.WAITING: waits and not asleep,
            View.DUE: not done and self.due is not None and self.due <= soon,
            View.NOT_REACHED: not done and not asleep and left in (DeliveryState.FAILED, DeliveryState.REFUSED),
            View.UNLINKED: not done and not asleep and ticket.claim_id is None,
            View.MENTIONED: self.mentions == looking.staff_id,
            View.SNOOZED: not done and asleep,
            View.UNKNOWN: left is DeliveryState.UNKNOWN,
            View.DONE: done,
        }[view]


@pytest.fixture
def known(store: Store) -> list[Known]:
    """Tickets of every state, some snoozed, restricted, owned, due, mentioned, and some that reached nobody."""
    chance = Random(7)
    with store.writing() as session:
        staff = [Staff(name=name, email=f"{name}@exemplu.example", roles=[]) for name in ("ana", "radu")]
        session.add_all(staff)
        session.flush()
        made = [_one(chance, number, [each.id for each in staff]) for number in range(_TICKETS)]
        session.add_all(each for rows, _ in made for each in rows)
    return [about for _, about in made]


def _one(chance: Random, number: int, staff: list[int]) -> tuple[list[object], Known]:
    at = NOW - timedelta(minutes=chance.randrange(60))  # some at one moment: then the key decides
    ticket = Ticket(
        ref=f"TKT26-{number:06d}",
        state=chance.choice(list(TicketState)),
        owner_id=chance.choice([None, *staff]),
        restricted=chance.random() < 0.1,
        snoozed_until=chance.choice([None, None, NOW - timedelta(hours=1), NOW + timedelta(hours=1)]),
        opened_at=at,
        last_message_at=at,
    )
    message = Message(ticket=ticket, medium=Medium.EMAIL, channel="claims-mail", direction=Direction.OUT, at=at)
    about, rows = Known(ticket), [ticket, message]
    rows += _clock(chance, about)
    rows += _delivery(chance, about, message)
    about.mentions = chance.choice([None, None, *staff])
    if about.mentions is not None:
        rows.append(Mention(message=message, staff_id=about.mentions))
    return rows, about


def _clock(chance: Random, about: Known) -> Iterator[object]:
    if chance.random() < 0.4:
        due = NOW + timedelta(days=chance.randrange(-3, 9))
        state = chance.choice([ClockState.RUNNING, ClockState.BREACHED, ClockState.MET])
        about.due = due if state is not ClockState.MET else None
        clock = Clock(
            key="ro.answer", statutory=True, state=state, started_at=NOW, due_at=due, due_on=due.date(), recorded_at=NOW
        )
        clock.ticket = about.ticket
        yield clock


def _delivery(chance: Random, about: Known, message: Message) -> Iterator[object]:
    if chance.random() < 0.5:
        about.delivery = chance.choice([DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.SENT])
        about.taken_back = about.delivery is DeliveryState.FAILED and chance.random() < 0.3
        yield OutboxDelivery(
            message=message, channel="claims-mail", medium=Medium.EMAIL,
            to_address="ana@example.ro", to_norm="ana@example.ro",
            template="reply", state=about.delivery, queued_at=NOW, due_at=NOW,
            detail=TAKEN_BACK if about.taken_back else None,
        )  # fmt: skip


_LOOKING = (Looking(staff_id=1, now=NOW), Looking(staff_id=1, now=NOW, restricted=True))


@pytest.mark.parametrize("looking", _LOOKING, ids=["everybody", "siu"])
@pytest.mark.parametrize("view", list(View))
def test_view_holds_and_counts_what_its_name_says(
    store: Store, known: list[Known], view: View, looking: Looking
) -> None:
    expected = [each.ticket for each in known if each.is_in(view, looking)]
    expected.sort(key=lambda ticket: (ticket.last_message_at, ticket.id), reverse=True)

    with store.reading() as session:
        shown = [row.ref for row in listed.rows(session, view, looking, limit=_TICKETS)]
        number = queue.count(session, view, looking, EVERYTHING)
        counts = queue.counts(session, looking)

    assert shown == [ticket.ref for ticket in expected]
    assert number == len(expected)
    assert view is View.DONE or counts[view] == len(expected)
    assert expected, "a view that nothing is in shows nothing"


@pytest.mark.parametrize("view", [View.TEAM, View.DONE, View.MENTIONED])
def test_pages_of_a_view_follow_each_other_without_gap_or_repetition(
    store: Store, known: list[Known], view: View
) -> None:
    looking = Looking(staff_id=1, now=NOW)
    with store.reading() as session:
        whole = [row.ticket_id for row in listed.rows(session, view, looking, limit=_TICKETS)]
        paged: list[int] = []
        after = None
        while page := listed.rows(session, view, looking, after=after, limit=3):
            paged += [row.ticket_id for row in page]
            after = page[-1].place

    assert paged == whole
    assert len(paged) > 3


@pytest.mark.parametrize("limit", [1, 5, 20, _TICKETS])
@pytest.mark.parametrize("view", [View.TEAM, View.DUE, View.MINE])
def test_list_by_clock_begins_with_what_is_due_first_and_ends_with_what_has_no_clock(
    store: Store, known: list[Known], view: View, limit: int
) -> None:
    looking = Looking(staff_id=1, now=NOW)
    expected = [each for each in known if each.is_in(view, looking)]
    expected.sort(key=lambda each: (each.ticket.last_message_at, each.ticket.id), reverse=True)
    expected.sort(key=lambda each: (each.due is None, each.due or NOW))

    with store.reading() as session:
        shown = listed.rows(session, view, looking, by_clock=True, limit=limit)

    assert [row.ref for row in shown] == [each.ticket.ref for each in expected][:limit]
    assert [row.clock and row.clock.due_at for row in shown] == [each.due for each in expected][:limit]


def test_of_many_clocks_on_a_ticket_and_its_claim_the_earliest_counts(store: Store) -> None:
    days = {"TKT26-000001": (5, 9), "TKT26-000002": (7, 2), "TKT26-000003": (4, 4)}  # own, the claim's
    with store.writing() as session:
        for number, (ref, (own, claims)) in enumerate(days.items(), start=1):
            claim = Claim(ref=f"CLM26-{number:06d}", type="motor_own_damage", created_at=NOW)
            ticket = Ticket(ref=ref, opened_at=NOW, last_message_at=NOW, claim=claim)
            session.add(ticket)
            for hour in range(12):  # more than are looked at for each line
                session.add(_due(NOW + timedelta(days=own, hours=hour), ticket=ticket))
                session.add(_due(NOW + timedelta(days=claims, hours=hour), claim=claim))

    with store.reading() as session:
        shown = listed.rows(session, View.TEAM, Looking(staff_id=1, now=NOW), by_clock=True, limit=2)

    assert [row.ref for row in shown] == ["TKT26-000002", "TKT26-000003"]


def _due(at: datetime, *, ticket: Ticket | None = None, claim: Claim | None = None) -> Clock:
    clock = Clock(key="ro.answer", statutory=True, started_at=NOW, due_at=at, due_on=at.date(), recorded_at=NOW)
    clock.ticket, clock.claim = ticket, claim
    return clock


def test_line_shows_the_beginning_of_the_last_words_and_no_more(store: Store) -> None:
    letter = "Stimată doamnă, " * 2_000
    with store.writing() as session:
        ticket = Ticket(ref="TKT26-000001", opened_at=NOW, last_message_at=NOW)
        session.add(
            Message(
                ticket=ticket, medium=Medium.LETTER, channel="post", direction=Direction.IN, at=NOW, text=letter,
                from_name="Maria Popescu", language="ro",
            )
        )  # fmt: skip

    with store.reading() as session:
        (row,) = listed.rows(session, View.TEAM, Looking(staff_id=1, now=NOW))

    assert row.last is not None
    assert letter.startswith(row.last.beginning)
    assert 40 < len(row.last.beginning) < 400
    assert (row.last.medium, row.last.language, row.name) == (Medium.LETTER, "ro", "Maria Popescu")


# --- narrowed


_FILTERS = (
    Filter(kind="status"), Filter(kind="complaint"), Filter(kind="nothing"), Filter(medium="email"),
    Filter(medium="letter"), Filter(medium="sms"), Filter(type="home"), Filter(type="travel"), Filter(type="nothing"),
    Filter(tag="urgent"), Filter(due="0"), Filter(due="2"), Filter(due="30"), Filter(kind="status", due="2"),
    Filter(medium="letter", due="30"), Filter(type="home", medium="letter"), Filter(due="²"),
    Filter(owner="9" * 40), Filter(type="travel", due="5", kind="status"),
)  # fmt: skip


@pytest.mark.parametrize("by_clock", [False, True])
def test_narrowed_list_shows_what_fits_whether_few_or_most_do(store: Store, *, by_clock: bool) -> None:
    crowd, looking = _crowd(store), Looking(staff_id=1, now=NOW)
    for view in (View.TEAM, View.DUE, View.DONE):
        for only in _FILTERS:
            expected = [each for each in crowd if each.is_in(view) and each.fits(only)]
            expected.sort(key=lambda each: (each.at, each.key), reverse=True)
            if by_clock:
                expected.sort(key=lambda each: (each.due is None, each.due or NOW))
            with store.reading() as session:
                shown = listed.rows(session, view, looking, only=only, by_clock=by_clock, limit=60)
                number = queue.count(session, view, looking, only)
            assert [row.ticket_id for row in shown] == [each.key for each in expected][:60], (view, only)
            assert number == len(expected), (view, only)


@dataclass(frozen=True, kw_only=True)
class _OfCrowd:
    """One of so many tickets that some words are common and others rare."""

    key: int
    at: datetime
    state: TicketState
    kind: str
    media: tuple[Medium, ...]
    claim: int | None
    type: str
    tag: str
    own: datetime | None
    claims: datetime | None

    @property
    def due(self) -> datetime | None:
        return min(filter(None, (self.own, self.claims)), default=None)

    def is_in(self, view: View) -> bool:
        done, waits = self.state in _DONE, self.state is TicketState.WAITING_CUSTOMER
        soon = self.due is not None and self.due <= NOW + timedelta(days=queue.DUE_DAYS)
        return {View.TEAM: not done and not waits, View.DUE: not done and soon, View.DONE: done}[view]

    def fits(self, only: Filter) -> bool:
        days = int(only.due) if only.due.isdecimal() else None
        return (
            only.kind in ("", self.kind)
            and not only.owner  # nobody has one
            and (not only.medium or Medium(only.medium) in self.media)
            and only.type in ("", self.type)
            and only.tag in ("", self.tag)
            and (days is None or (self.due is not None and self.due <= NOW + timedelta(days=days)))
        )


def _crowd(store: Store) -> list[_OfCrowd]:
    """The first 1,100 claims are at home and have no ticket: who looks at some of a common type sees none."""
    chance, many = Random(11), 1_300
    types = ["home"] * 1_100 + ["travel" if key % 40 == 0 else "home" for key in range(1_101, 1_101 + many)]
    ends = {key: _end(chance) for key in range(1_101, 1_101 + many) if chance.random() < 0.4}
    crowd = [_of_crowd(chance, key, types, ends) for key in range(1, many + 1)]
    blank = {"key": "ro.answer", "statutory": True, "state": ClockState.RUNNING, "started_at": NOW, "recorded_at": NOW}
    clocks = [("claim_id", key, due) for key, due in ends.items()]
    clocks += [("ticket_id", each.key, each.own) for each in crowd if each.own]
    with store.writing() as session:
        session.execute(insert(Claim), [
            {"id": key, "ref": f"C{key}", "type": kind, "created_at": NOW, "facts": {}, "record": {}, "row_version": 1}
            for key, kind in enumerate(types, start=1)
        ])  # fmt: skip
        session.execute(insert(Ticket), [
            {"id": each.key, "ref": f"T{each.key}", "state": each.state, "kind": each.kind, "claim_id": each.claim,
             "opened_at": NOW, "last_message_at": each.at, "row_version": 1} for each in crowd
        ])  # fmt: skip
        session.execute(insert(Message), [
            {"ticket_id": each.key, "medium": medium, "channel": "a", "direction": Direction.IN, "at": each.at,
             "to": [], "cc": [], "intents": [], "proposals": {}} for each in crowd for medium in each.media
        ])  # fmt: skip
        session.execute(insert(TicketTag), [{"ticket_id": each.key, "tag": each.tag} for each in crowd if each.tag])
        session.execute(insert(Clock), [
            {**blank, "ticket_id": None, "claim_id": None, hangs: key, "due_at": due, "due_on": due.date()}
            for hangs, key, due in clocks
        ])  # fmt: skip
    return crowd


def _of_crowd(chance: Random, key: int, types: list[str], ends: dict[int, datetime]) -> _OfCrowd:
    claim = chance.choice((None, *[1_100 + key] * 4))
    return _OfCrowd(
        key=key, at=NOW - timedelta(minutes=chance.randrange(900)), state=chance.choice(list(TicketState)),
        kind="complaint" if key % 30 == 0 else "status", claim=claim, type=types[claim - 1] if claim else "",
        media=(Medium.EMAIL,) if key % 25 else (Medium.EMAIL, Medium.LETTER)[key % 2 :],
        tag="urgent" if key % 35 == 0 else "", own=_end(chance) if chance.random() < 0.3 else None,
        claims=ends.get(claim) if claim else None,
    )  # fmt: skip


def _end(chance: Random) -> datetime:
    """Each another one: what ends at one moment has no order by clocks alone."""
    return NOW + timedelta(days=chance.randrange(-3, 40), microseconds=chance.randrange(10**9))

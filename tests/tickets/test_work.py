"""The team's work on tickets: mentions, snoozing, drafts, presence, and what is next."""

from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from tests.tickets.desk import NOW, Desk, mail
from tickets import queue, work
from tickets.database import Store
from tickets.errors import GuardError
from tickets.models import Claim, Clock, ClockState, Staff, Ticket, TicketState
from tickets.queue import Looking, View
from tickets.work import Snooze

ANA, RADU, OTHER = (
    Staff(name=name, email=f"{name.split()[0].lower()}@exemplu.example", roles=[])
    for name in ("Ana Ionescu", "Radu Stan", "Radu Pop")
)
for number, person in enumerate((ANA, RADU, OTHER), start=1):
    person.id = number


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk.with_world(store)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Ana te rog", [ANA]),
        ("@ana, te rog", [ANA]),
        ("@Radu Stan, agreed?", [RADU]),
        ("@Radu, agreed?", []),
        ("scrie la claims@Ana.ro", []),
        ("@Nimeni", []),
        ("@Ana și @Radu Pop", [ANA, OTHER]),
    ],
)
def test_note_names_whom_it_means_and_nobody_where_two_are_called_so(text: str, named: list[Staff]) -> None:
    assert work.mentioned(text, [ANA, RADU, OTHER]) == named


def _ticket(desk: Desk) -> str:
    desk.file_one(mail("Bună ziua, în ce stadiu e dosarul CLM26-004711-58?"))
    with desk.store.reading() as session:
        return session.scalars(select(Ticket.ref)).one()


def _views(desk: Desk, now: datetime) -> set[View]:
    with desk.store.reading() as session:
        return {view for view, number in queue.counts(session, Looking(staff_id=1, now=now)).items() if number}


def test_snoozed_ticket_leaves_the_views_and_comes_back_by_itself(desk: Desk) -> None:
    ref = _ticket(desk)
    with desk.store.writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.ref == ref)).one()
        until = NOW + timedelta(days=1)
        work.snooze(session, ticket, until, reason=Snooze.TIME, actor="staff:1", now=NOW)

    assert View.TEAM not in _views(desk, NOW)
    assert View.SNOOZED in _views(desk, NOW)
    assert View.TEAM in _views(desk, NOW + timedelta(days=2))


def test_ticket_snoozed_for_a_reply_comes_back_with_any_message(desk: Desk) -> None:
    ref = _ticket(desk)
    with desk.store.writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.ref == ref)).one()
        work.snooze(session, ticket, None, reason=Snooze.REPLY, actor="staff:1", now=NOW)
    assert View.TEAM not in _views(desk, NOW)

    desk.file_one(mail("am uitat sa spun ceva despre CLM26-004711-58", subject="[CLM26-004711-58]"))

    assert View.TEAM in _views(desk, NOW)


def test_ticket_is_not_snoozed_into_the_past(desk: Desk) -> None:
    ref = _ticket(desk)
    with desk.store.writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.ref == ref)).one()
        with pytest.raises(GuardError):
            work.snooze(session, ticket, NOW, reason=Snooze.TIME, actor="staff:1", now=NOW)


def test_next_best_is_the_ticket_with_the_nearest_legal_clock(desk: Desk) -> None:
    _ticket(desk)
    desk.file_one(mail("Any news?", sender="dan.marin@example.ro", subject="Oferta pentru CJ 07 XYZ"))
    with desk.store.writing() as session:
        first, second = session.scalars(select(Ticket).order_by(Ticket.id))
        first.owner_id = second.owner_id = 1
        for ticket, days, statutory in ((first, 1, False), (second, 9, True)):
            due = NOW + timedelta(days=days)
            session.add(
                Clock(
                    key="int.resolve",
                    ticket=ticket,
                    statutory=statutory,
                    started_at=NOW,
                    recorded_at=NOW,
                    due_at=due,
                    due_on=due.date(),
                )
            )
        refs = first.ref, second.ref

    with desk.store.reading() as session:
        best = work.next_best(session, 1, now=NOW)
        then = work.next_best(session, 1, skip=[refs[1]], now=NOW)
        none = work.next_best(session, 1, skip=refs, now=NOW)

    assert [each and each.ticket.ref for each in (best, then, none)] == [refs[1], refs[0], None]


@pytest.mark.parametrize("seed", range(3))
def test_next_best_of_many_ends_first_then_is_the_more_urgent_then_the_older(store: Store, seed: int) -> None:
    chance, rows = Random(seed), list[tuple[bool, datetime, int, Ticket]]()
    with store.writing() as session:
        for number in range(1, 31):
            claim = Claim(ref=f"C{number}", type="home", created_at=NOW)
            ticket = Ticket(
                ref=f"T{number:03d}", opened_at=NOW, last_message_at=NOW, priority=chance.randint(1, 3), claim=claim,
                state=chance.choice((TicketState.NEW, TicketState.CLOSED, TicketState.IN_PROGRESS)),
            )  # fmt: skip
            session.add(ticket)
            for hangs in ({"ticket": ticket}, {"claim": claim}):
                state = chance.choice((ClockState.RUNNING, ClockState.BREACHED, ClockState.MET))
                due, statutory = NOW + timedelta(days=chance.randint(-2, 4)), chance.random() < 0.5
                clock = Clock(key="k", statutory=statutory, state=state, started_at=NOW, recorded_at=NOW, due_at=due,
                              due_on=due.date(), **hangs)  # fmt: skip
                session.add(clock)
                if state is not ClockState.MET and ticket.state is not TicketState.CLOSED:
                    rows.append((not statutory, due, ticket.priority, ticket))
        session.flush()
        order = list(dict.fromkeys(row[-1].ref for row in sorted(rows, key=lambda row: (*row[:-1], row[-1].id))))

        found = [work.next_best(session, 1, skip=order[:passed], now=NOW) for passed in range(len(order))]

    assert [best and best.ticket.ref for best in found] == order


def test_draft_is_kept_until_it_is_emptied(desk: Desk) -> None:
    ref = _ticket(desk)
    for body, kept in (("Bună ziua", "Bună ziua"), ("Bună ziua, doamnă", "Bună ziua, doamnă"), (" ", None)):
        with desk.store.writing() as session:
            ticket = session.scalars(select(Ticket).where(Ticket.ref == ref)).one()
            work.keep_draft(session, ticket, 1, medium="email", body=body, now=NOW)
        with desk.store.reading() as session:
            found = work.draft(session, ticket.id, 1)
        assert (found.body if found else None) == kept


def test_presence_ends_when_a_page_says_nothing_more(desk: Desk) -> None:
    ref = _ticket(desk)
    with desk.store.writing() as session:
        ticket_id = session.scalars(select(Ticket.id).where(Ticket.ref == ref)).one()
        work.be_present(session, ticket_id, 1, writes=True, now=NOW)
    with desk.store.reading() as session:
        [here] = work.present(session, now=NOW)[ticket_id]
        assert (here.staff_id, here.writes) == (1, True)
        assert work.present(session, now=NOW + work.PRESENT_FOR) == {}

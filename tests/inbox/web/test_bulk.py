"""One move on many tickets: counted first, made a page at a time, told how far it is, and undone."""

import re
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.inbox.web.office import Browser, Pages
from tickets.models import Staff, Ticket, TicketState

RADU = "radu@exemplu.example"


@pytest.fixture
def refs(office: Pages) -> list[str]:
    """Three tickets in the team's list."""
    made = []
    for number in range(3):
        made.append(office.file_mail(f"Bună {number}", sender=f"x{number}@x.example", subject=f"S{number}").ref)
        office.now += timedelta(minutes=1)
    return made


def owners(office: Pages) -> set[int | None]:
    with office.app.store.reading() as session:
        return set(session.scalars(select(Ticket.owner_id)))


def undo_key(location: str) -> str:
    found = re.search(r"undo=([^&]+)", location)
    assert found is not None
    return found[1]


def test_count_comes_first_then_the_move_then_its_undo(office: Pages, ana: Browser, refs: list[str]) -> None:
    radu = office.staff(RADU).id
    wish = {"refs": refs[:2], "action": "assign", "to": str(radu)}
    first = ana.post("/inbox/team/bulk", wish, accept_language="en")
    assert "2 tickets" in first.text
    assert "They go to Radu Stan." in first.text
    assert owners(office) == {None}

    moved = ana.post("/inbox/team/bulk", wish | {"sure": "yes"})
    assert "moved=2&left=0" in moved.headers["location"]
    assert owners(office) == {None, radu}
    shown = ana.get(moved.headers["location"], accept_language="en").text
    assert "2 tickets changed." in shown
    assert "stayed" not in shown

    key = undo_key(moved.headers["location"])
    assert ana.post("/bulk/undo", {"undo": key, "view": "team"}).headers["location"].endswith("restored=2")
    assert owners(office) == {None}
    assert ana.post("/bulk/undo", {"undo": key, "view": "team"}).status_code == 409


def test_what_a_colleague_has_changed_since_is_not_undone(office: Pages, ana: Browser, refs: list[str]) -> None:
    moved = ana.post("/inbox/team/bulk", {"refs": refs, "action": "snooze", "until": "tomorrow", "sure": "yes"})
    with office.app.store.writing() as session:
        session.scalars(select(Ticket).where(Ticket.ref == refs[0])).one().subject = "altul"
    undone = ana.post("/bulk/undo", {"undo": undo_key(moved.headers["location"]), "view": "team"})

    assert undone.headers["location"].endswith("restored=2")
    assert office.ticket(refs[0]).snoozed_until is not None
    assert office.ticket(refs[1]).snoozed_until is None


def test_ticket_that_refuses_the_move_stays_and_the_others_go_on(office: Pages, ana: Browser, refs: list[str]) -> None:
    with office.app.store.writing() as session:
        session.scalars(select(Ticket).where(Ticket.ref == refs[1])).one().state = TicketState.DISCARDED
    moved = ana.post("/inbox/team/bulk", {"refs": refs, "action": "done", "sure": "yes"})

    assert "moved=2&left=1" in moved.headers["location"]
    assert "1 stayed as it was." in ana.get(moved.headers["location"], accept_language="en").text
    assert [office.ticket(each).state for each in refs] == ["resolved", "discarded", "resolved"]


def test_move_that_every_ticket_refuses_says_why(office: Pages, ana: Browser, refs: list[str]) -> None:
    with office.app.store.writing() as session:
        gone = session.scalars(select(Staff).where(Staff.email == RADU)).one()
        gone.active = False
    wish = {"refs": refs, "action": "assign", "to": str(gone.id), "sure": "yes"}
    answer = ana.post("/inbox/team/bulk", wish, accept_language="en")
    assert answer.status_code == 409
    assert "does not work here any more" in answer.text
    assert ana.post("/inbox/team/bulk", {"refs": refs, "action": "burn", "sure": "yes"}).status_code == 409


def test_restricted_ticket_is_not_moved_by_who_may_not_see_it(office: Pages, ana: Browser, refs: list[str]) -> None:
    with office.app.store.writing() as session:
        session.scalars(select(Ticket).where(Ticket.ref == refs[0])).one().restricted = True
    ana.post("/inbox/team/bulk", {"refs": refs, "action": "done", "sure": "yes"})
    assert office.ticket(refs[0]).state is not TicketState.RESOLVED


def test_whole_list_across_its_pages_is_moved_and_says_how_far_it_is(office: Pages, ana: Browser) -> None:
    with office.app.store.writing() as session:
        session.add_all(
            Ticket(ref=f"TKT26-1{number:05d}-00", subject="x", opened_at=office.now, last_message_at=office.now)
            for number in range(450)
        )
    wish = {"all": "yes", "action": "assign", "to": str(office.staff().id), "sure": "yes"}
    answer = ana.post("/inbox/team/bulk", wish, accept_language="en")
    where = answer.headers["location"]
    assert re.fullmatch(r"/inbox/team/bulk/[\w-]+\?", where)
    seen = []
    deadline = time.monotonic() + 60
    while (page := ana.get(where, accept_language="en")).status_code == 200:
        assert page.headers["refresh"] == "1"
        seen += re.findall(r"(\d+) of 450 tickets", page.text)
        assert time.monotonic() < deadline
    assert "moved=450&left=0" in page.headers["location"]
    assert seen
    with office.app.store.reading() as session:
        assert session.scalar(select(func.count()).where(Ticket.owner_id == office.staff().id)) == 450

    radu = office.browser()
    radu.enter(office, RADU)
    assert radu.get(where).status_code == 404  # another's
    assert radu.post("/bulk/undo", {"undo": undo_key(page.headers["location"])}).status_code == 409


def test_next_best_says_why_it_is_this_one_and_is_left_for_later_with_a_reason(
    office: Pages, ana: Browser, refs: list[str]
) -> None:
    where = ana.get("/best").headers["location"]
    assert refs[0] in where
    page = ana.get(where, accept_language="en").text
    assert "Next best:" in page
    assert "Leave it for later, say why" in page
    assert ana.post("/best/skip", {"ticket": refs[0], "reason": " "}).status_code == 409
    onward = ana.post("/best/skip", {"ticket": refs[0], "reason": "așteaptă colega"}).headers["location"]
    assert refs[0] not in ana.get(onward).headers["location"].partition("?")[0]

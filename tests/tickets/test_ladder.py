"""What goes on or stops on the ladder of a request when something else happens on the claim."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from tests.tickets.desk import CLAIM_A, OFFICE, Desk, mail
from tickets import ladder, tasks
from tickets.database import Store
from tickets.models import Claim, ClaimParty, ClaimState, ContactStatus, OutboxDelivery, Party, Request, Task
from tickets.office import Office

SENT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE.timezone).astimezone(UTC)


def climb(desk: Desk, moment: str, office: Office | None = None) -> int:
    with desk.store.writing() as session:
        return ladder.climb(session, office or desk.office, now=local(moment))


def request_row(desk: Desk) -> Request:
    return desk.request()


@pytest.fixture
def desk(store: Store) -> Desk:
    asked = Desk.with_world(store)
    asked.ask()
    return asked


@pytest.mark.parametrize(
    ("text", "death"),
    [
        ("Vă anunț că soțul meu a decedat ieri", True),
        ("My husband passed away last week", True),
        ("Trimit devizul mâine", False),
        ("Am omorât timpul degeaba la ghișeu", False),
    ],
)
def test_news_of_a_death_is_heard_in_both_languages(text: str, death: bool) -> None:  # noqa: FBT001 - a case's answer
    assert ladder.tells_of_death(text) is death


# --- what goes on around it


def test_imported_request_joins_at_its_first_step_to_come(store: Store) -> None:
    desk = Desk.with_world(store)
    row = {
        "claim": CLAIM_A, "no": 1, "state": "open", "sent_at": "2026-11-12T10:00:00+02:00", "due_on": "2026-11-26",
        "items": ["owners_assoc"], "deliveries": [{"medium": "email", "to": "maria.popescu@example.ro"}],
    }  # fmt: skip

    desk.add(requests=[row])

    found = request_row(desk)
    assert (found.ladder_step, found.ladder_at) == (1, local("2026-11-26T09:00"))


def test_imported_request_of_long_ago_is_left_to_people(store: Store) -> None:
    desk = Desk.with_world(store)
    row = {
        "claim": CLAIM_A, "no": 1, "state": "open", "sent_at": "2026-06-12T10:00:00+03:00", "due_on": "2026-06-26",
        "items": ["owners_assoc"], "deliveries": [],
    }  # fmt: skip

    desk.add(requests=[row])

    assert request_row(desk).ladder_at is None


@pytest.mark.parametrize(
    ("state", "reason"), [(ClaimState.WITHDRAWN, "claim withdrawn"), (ClaimState.SIU_HOLD, "siu_hold")]
)
def test_claim_that_is_over_or_held_stops_it(desk: Desk, state: ClaimState, reason: str) -> None:
    with desk.store.writing() as session:
        session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one().state = state

    assert climb(desk, "2026-12-02T09:00") == 1

    assert (request_row(desk).ladder_at, request_row(desk).ladder_stopped) == (None, reason)
    assert climb(desk, "2026-12-07T09:00") == 0


def test_customer_with_a_lawyer_gets_no_reminders(desk: Desk) -> None:
    with desk.store.writing() as session:
        lawyer = Party(name="Av. Radu Stoica")
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        session.add(ClaimParty(claim=claim, party=lawyer, role="legal_representative"))

    climb(desk, "2026-12-02T09:00")

    assert request_row(desk).ladder_stopped == "legal representation"


@pytest.mark.parametrize(
    ("kind", "reason"), [("complaint_appeal", "complaint"), ("legal_notice", "legal representation")]
)
def test_complaint_or_legal_notice_on_the_claim_stops_it(desk: Desk, kind: str, reason: str) -> None:
    filed = desk.file_one(mail("Buna ziua", subject=f"[{CLAIM_A}]"))
    with desk.store.writing() as session:
        assert filed.message is not None
        ticket = session.merge(filed.message.ticket)
        ticket.kind, ticket.unread = kind, False
        ticket.claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()

    climb(desk, "2026-12-02T09:00")

    assert request_row(desk).ladder_stopped == reason


def test_owner_hears_that_no_address_works_any_more(desk: Desk) -> None:
    with desk.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        assert claim.claimant is not None
        for point in claim.claimant.contacts:
            point.status = ContactStatus.BOUNCING

    climb(desk, "2026-12-02T09:00")

    with desk.store.reading() as session:
        [task] = session.scalars(select(Task).where(Task.kind == "delivery"))
        assert task.once == f"ladder:{request_row(desk).id}:0:delivery"
        assert session.scalars(select(OutboxDelivery).where(OutboxDelivery.template == "reminder")).all() == []


def test_answer_without_an_open_ladder_changes_nothing(desk: Desk) -> None:
    with desk.store.writing() as session:
        ladder.stop(session, session.scalars(select(Request)).one(), "by hand", now=SENT)

    desk.file_one(mail("trimit adeverinta maine", subject=f"[{CLAIM_A}]"))

    assert request_row(desk).ladder_stopped == "by hand"


def test_reminder_after_its_day_to_answer_names_the_day_of_closing(desk: Desk) -> None:
    with desk.store.writing() as session:
        session.scalars(select(Request)).one().due_on = date(2026, 12, 1)

    climb(desk, "2026-12-02T09:00")

    with desk.store.reading() as session:
        [reminder] = session.scalars(select(OutboxDelivery).where(OutboxDelivery.template == "reminder"))
        assert "miercuri, 23 decembrie 2026" in reminder.message.text


def test_request_that_was_never_sent_has_no_ladder(desk: Desk) -> None:
    with desk.store.writing() as session:
        request = session.scalars(select(Request)).one()
        request.ladder_at = request.sent_at = None
        ladder.take_over(OFFICE, request, now=SENT)
        assert request.ladder_at is None


@pytest.mark.parametrize(("language", "said"), [("en", "R1: close it"), ("ro", "R1: închideți")])
def test_question_of_a_rule_is_read_in_one_language(language: str, said: str) -> None:
    question = tasks.in_both("R1", "close it", "închideți")
    task = Task(kind="closing", department="representative", question=question, made_by=ladder.ACTOR, made_at=SENT)
    typed = replace_question(task, "taxi / tren?")

    assert tasks.words(task, language) == said
    assert tasks.words(typed, language) == "taxi / tren?"


def replace_question(task: Task, question: str) -> Task:
    return Task(kind=task.kind, department=task.department, question=question, made_by="staff:1", made_at=task.made_at)

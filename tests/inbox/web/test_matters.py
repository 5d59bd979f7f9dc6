"""What is done beside a conversation: merged, split, handed over, escalated, promised, closed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.inbox.web.office import EMAIL, Browser, Pages
from tests.tickets.desk import CLAIM_A, CLAIM_B
from tickets.models import (
    Claim,
    ClaimState,
    Clock,
    Complaint,
    Direction,
    Payment,
    PaymentState,
    Role,
    Staff,
    Task,
    Ticket,
    TicketState,
)


@pytest.fixture
def ticket(office: Pages) -> Ticket:
    return office.file_mail(f"Bună ziua, dosar {CLAIM_A}")


def tasks(office: Pages) -> list[Task]:
    with office.app.store.reading() as session:
        return list(session.scalars(select(Task).order_by(Task.id)))


def state(office: Pages, ref: str) -> ClaimState:
    with office.app.store.reading() as session:
        return session.scalars(select(Claim.state).where(Claim.ref == ref)).one()


def test_conversation_becomes_part_of_another(office: Pages, ana: Browser, ticket: Ticket) -> None:
    other = office.file_mail("Am uitat ceva", sender="Gigi <gigi@x.example>", subject="Altceva")
    assert ana.post(f"/tickets/{other.ref}/merge", {"into": "TKT26-999999-99"}).status_code == 409
    assert ana.post(f"/tickets/{other.ref}/merge", {"into": other.ref}).status_code == 409

    answer = ana.post(f"/tickets/{other.ref}/merge", {"into": ticket.ref.lower()})

    assert answer.headers["location"].startswith(f"/tickets/{ticket.ref}")
    assert office.ticket(other.ref).state is TicketState.MERGED


def test_message_gets_a_ticket_of_its_own_too(office: Pages, ana: Browser, ticket: Ticket) -> None:
    [message] = [each for each in office.messages() if each.direction is Direction.IN]
    assert ana.post(f"/messages/{message.id}/split", {"ticket": ticket.ref}).status_code == 303

    with office.app.store.reading() as session:
        assert len(session.scalars(select(Ticket)).all()) == 2


def test_department_is_asked_and_its_answer_given_on_the_page_of_tasks(
    office: Pages, ana: Browser, ticket: Ticket
) -> None:
    given = {"department": "complaints", "question": "E o reclamație?", "due_on": "2026-11-30", "wait": "yes"}
    assert ana.post(f"/tickets/{ticket.ref}/hand-off", given | {"due_on": "soon"}).status_code == 409
    assert ana.post(f"/tickets/{ticket.ref}/hand-off", given).status_code == 303
    assert office.ticket(ticket.ref).state is TicketState.WAITING_INTERNAL

    mihai = office.browser()
    mihai.enter(office, "mihai@exemplu.example")
    page = mihai.get("/tasks")
    assert "E o reclamație?" in page.text
    assert "E o reclamație?" not in ana.get("/tasks").text
    [task] = [each for each in tasks(office) if each.question == "E o reclamație?"]
    assert mihai.post(f"/tasks/{task.id}/answer", {"answer": " "}).status_code == 409
    assert mihai.post(f"/tasks/{task.id}/answer", {"answer": "Nu încă."}).status_code == 303
    assert office.ticket(ticket.ref).state is TicketState.IN_PROGRESS


def test_ticket_is_escalated_only_with_a_reason(office: Pages, ana: Browser, ticket: Ticket) -> None:
    assert ana.post(f"/tickets/{ticket.ref}/escalate", {"reason": " "}).status_code == 409
    assert ana.post(f"/tickets/{ticket.ref}/escalate", {"reason": "client nemulțumit"}).status_code == 303
    assert office.ticket(ticket.ref).owner_id == office.staff("radu@exemplu.example").id


def test_promise_of_a_text_is_taken_with_one_button(office: Pages, ana: Browser) -> None:
    office.ask()
    ticket = office.file_sms("trimit adeverinta maine")
    page = ana.get(f"/tickets/{ticket.ref}").text
    [path] = re.findall(r'action="(/messages/\d+/promise)"', page)

    assert ana.post(path, {"ticket": ticket.ref}).status_code == 303

    assert path not in ana.get(f"/tickets/{ticket.ref}").text
    assert office.item("owners_assoc") == "asked"


@pytest.mark.parametrize("to", ["paid", "", "C09", "duplicate_of"])
def test_claim_is_not_moved_by_what_the_page_does_not_offer(
    office: Pages, ana: Browser, ticket: Ticket, to: str
) -> None:
    assert ana.post(f"/claims/{CLAIM_A}/move", {"ticket": ticket.ref, "to": to}).status_code == 409
    assert state(office, CLAIM_A) is ClaimState.GATHERING


def test_claim_is_withdrawn_with_a_reason(office: Pages, ana: Browser, ticket: Ticket) -> None:
    office.now += timedelta(minutes=1)
    given = {"ticket": ticket.ref, "reason": "clientul renunță"}
    assert ana.post(f"/claims/{CLAIM_A}/move", {**given, "to": "C02"}).status_code == 303
    assert state(office, CLAIM_A) is ClaimState.WITHDRAWN


def test_complaint_is_entered_by_hand_and_stands_in_the_register(office: Pages, ana: Browser, ticket: Ticket) -> None:
    assert ana.post("/complaints", {"ref": "TKT26-999999-99", "subject": "x"}).status_code == 409
    assert ana.post("/complaints", {"ref": ticket.ref, "subject": "durează prea mult"}).status_code == 303
    assert "durează prea mult" in ana.get("/complaints").text


def as_somebody(office: Pages, name: str) -> Browser:
    browser = office.browser()
    browser.enter(office, f"{name}@exemplu.example")
    return browser


def test_complaint_is_given_to_somebody_and_settled_with_an_answer(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.post("/complaints", {"ref": ticket.ref, "subject": "durează prea mult"})
    with office.app.store.reading() as session:
        number = session.scalars(select(Complaint.number)).one()
    mihai, office.now = as_somebody(office, "mihai"), office.now + timedelta(minutes=1)
    to = {"number": number, "to": str(office.staff("mihai@exemplu.example").id)}
    given = {"number": number, "founded": "unfounded", "outcome": "în termen", "answer": "Am verificat: e în termen."}

    assert ana.post("/complaints/assign", to | {"to": ""}).status_code == 409
    assert ana.post("/complaints/assign", to | {"to": str(office.staff().id)}).status_code == 409  # not her work
    assert ana.post("/complaints/assign", to).status_code == 303
    assert ana.post("/complaints/settle", given).status_code == 409  # in other hands
    assert mihai.post("/complaints/settle", given | {"founded": ""}).status_code == 409
    assert mihai.post("/complaints/settle", given | {"outcome": " "}).status_code == 409
    assert mihai.post("/complaints/settle", given).status_code == 303

    page = mihai.get("/complaints").text
    assert "Neîntemeiată" in page
    assert "/complaints/settle" not in page
    assert any("Am verificat: e în termen." in each.message.text for each in office.outgoing())
    assert mihai.post("/complaints/settle", given).status_code == 409


def test_complaint_without_a_subject_is_named_by_its_first_words(office: Pages, ana: Browser) -> None:
    office.file_mail("Fac reclamație: sunt foarte nemulțumită de voi.", subject="")

    page = ana.get("/complaints").text

    assert "Fac reclamație: sunt foarte nemulțumită" in page


def test_payments_leave_in_a_file_and_the_bank_says_what_became_of_them(office: Pages, ana: Browser) -> None:
    released = {"payee": "Maria Popescu", "iban": "RO49AAAA1B31007593840000", "amount_minor": 10_000}
    with office.app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        state, at = PaymentState.RELEASED, office.now
        row = Payment(claim=claim, once=f"{CLAIM_A}/P1", state=state, proposed_at=at, **released)  # type: ignore[arg-type]
        session.add(row)
    elena, states = as_somebody(office, "elena"), {"once": f"{CLAIM_A}/P1", "state": "returned"}
    assert ana.post("/payments/file", {"form": "csv"}).status_code == 409
    assert "/payments/file" not in ana.get("/payments").text
    assert elena.post("/payments/file", {"form": "gold"}).status_code == 409

    assert elena.post("/payments/file", {"form": "csv"}).status_code == 303
    path = re.search(r'href="(/payments/files/[^"]+)"', elena.get("/payments").text)
    assert path is not None
    first, again = elena.get(path[1]), elena.get(path[1])

    assert b"RO49AAAA1B31007593840000" in first.content
    assert first.content == again.content
    assert first.headers["content-disposition"].startswith("attachment")
    assert ana.get(path[1]).status_code == 409
    assert elena.get("/payments/files/PAY1").status_code == 404
    assert elena.post("/payments/file", {"form": "csv"}).status_code == 409  # in one file and in no other
    assert elena.post("/payments/state", states).status_code == 409  # without a reason
    assert elena.post("/payments/state", states | {"state": "confirmed"}).status_code == 303
    assert elena.post("/payments/state", states | {"reason": "cont închis"}).status_code == 303
    assert "cont închis" in elena.get("/payments").text


def test_merge_is_undone_on_the_page_of_the_ticket_that_went(office: Pages, ana: Browser, ticket: Ticket) -> None:
    office.now += timedelta(minutes=1)
    other = office.file_mail("Altă întrebare", sender="Gigi <gigi@x.example>", subject="Altceva")
    ana.post(f"/tickets/{other.ref}/merge", {"into": ticket.ref})
    page = ana.get(f"/tickets/{other.ref}").text
    undo = re.search(r'action="(/merges/\d+/undo)"', page)
    assert undo is not None
    assert f'href="/tickets/{ticket.ref}?view=team"' in page
    assert "/merges/" not in ana.get(f"/tickets/{ticket.ref}").text

    assert ana.post(undo[1], {"ticket": other.ref}).status_code == 303

    assert office.ticket(other.ref).state is not TicketState.MERGED
    assert ana.post(undo[1], {"ticket": other.ref}).status_code == 409


def test_payment_is_proposed_only_on_a_decided_claim(office: Pages, ana: Browser) -> None:
    for ref in (CLAIM_A, CLAIM_B, "CLM26-999999-99"):
        assert ana.post("/payments", {"claim": ref}).status_code == 409
    assert ana.post("/payments/release", {"once": f"{CLAIM_A}/P1"}).status_code == 409
    assert ana.get("/payments").status_code == 200


def test_strangers_see_no_register(stranger: Browser) -> None:
    for path in ("/tasks", "/payments", "/complaints"):
        assert stranger.get(path).status_code == 303


def test_macros_are_offered_with_what_they_do_and_run_from_the_page(office: Pages, ana: Browser) -> None:
    ref = office.file_mail(f"Dosar {CLAIM_A}", subject=f"[{CLAIM_A}] Pagubă").ref
    office.now += timedelta(minutes=1)
    page, palette = ana.get(f"/tickets/{ref}").text, ana.get(f"/palette?q=deviz&ticket={ref}").text
    for shown in (page, re.sub("</?mark[^>]*>", "", palette)):
        assert "Deviz primit, mulțumim" in shown
        assert "etichetă: deviz; preluare; notă „De comparat.”; amânare cu 3 zile" in shown
    assert f'data-post="/tickets/{ref}/macros/estimate-received-thanks"' in palette
    assert "data-post" not in ana.get("/palette?q=deviz").text

    done = ana.post(f"/tickets/{ref}/macros/estimate-received-thanks", {"body": "Început", "medium": "email"})
    stopped = ana.post(f"/tickets/{ref}/macros/tag-then-give-to-nobody-we-know", {"body": "Început"})

    after = ana.get(f"/tickets/{ref}").text
    assert (done.status_code, stopped.status_code) == (303, 409)
    assert "nu lucrează aici" in stopped.text
    assert "Ana Ionescu a rulat macrocomanda „Deviz primit, mulțumim”." in after
    assert ">\nÎnceput</textarea>" in after
    assert ana.post(f"/tickets/{ref}/macros/none").status_code == 409


def test_more_time_is_offered_to_who_may_and_once_where_the_law_gives_it(office: Pages, ana: Browser) -> None:
    ref = office.file_mail("Vreau o copie a datelor mele personale, conform GDPR.", subject="Date").ref
    action, more = f'action="/tickets/{ref}/extend"', f"/palette?ticket={ref}&q=mai+mult"
    assert action not in ana.get(f"/tickets/{ref}").text
    assert "Mai mult timp" not in ana.get(more).text
    refused = ana.post(f"/tickets/{ref}/extend", {"clock": "gdpr.request", "reason": "x", "by": "2"})
    assert refused.status_code == 409
    with office.app.store.writing() as session:
        session.scalars(select(Staff).where(Staff.email == EMAIL)).one().roles = [Role.SUPERVISOR]
    assert action in ana.get(f"/tickets/{ref}").text
    assert "Mai mult timp: Răspuns la cererea" in re.sub("</?mark[^>]*>", "", ana.get(more).text)
    for wrong in ({"by": "3"}, {"by": "x"}, {"reason": " "}, {"clock": "us.tx.decide"}):
        typed = {"clock": "gdpr.request", "reason": "Căutăm în arhivă.", "by": "2"} | wrong
        page = ana.post(f"/tickets/{ref}/extend", typed)
        assert page.status_code == 409
        assert "Căutăm în arhivă." in page.text or "reason" in wrong or "clock" in wrong

    done = ana.post(f"/tickets/{ref}/extend", {"clock": "gdpr.request", "reason": "Căutăm în arhivă.", "by": "2"})

    assert done.status_code == 303
    assert action not in ana.get(f"/tickets/{ref}").text
    [letter] = [each for each in office.messages() if each.direction is Direction.OUT and "arhivă" in each.text]
    assert "23 februarie 2027" in letter.text


def test_what_has_happened_is_noted_beside_the_clocks_that_wait_for_it(office: Pages, ana: Browser) -> None:
    ref = office.file_mail("Vreau o copie a datelor mele personale, conform GDPR.", subject="Date").ref
    page = ana.get(f"/tickets/{ref}").text
    assert f'value="{ref} answer_sent"' in page
    assert f'value="{ref} repaired"' not in page
    for wrong in ({"what": f"{ref} repaired"}, {"what": "TKT26-999999-99 answer_sent"}, {"what": ""}, {"on": "x"}):
        assert ana.post(f"/tickets/{ref}/happened", {"what": f"{ref} answer_sent"} | wrong).status_code == 409

    done = ana.post(f"/tickets/{ref}/happened", {"what": f"{ref} answer_sent", "on": "2026-11-23"})

    assert done.status_code == 303
    with office.app.store.reading() as session:
        assert session.scalars(select(Clock.state).where(Clock.key == "gdpr.request")).one() == "met"

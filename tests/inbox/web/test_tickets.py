"""One ticket: what its page shows and what is done on it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.inbox.web.office import Browser, Pages
from tests.tickets.desk import BOTH, CLAIM_A, CLAIM_B, MARIA
from tickets import history
from tickets.messages import DeliveryState, Medium
from tickets.models import Coverage, Direction, Link, LinkState, OutboxDelivery, Staff, Ticket, TicketState
from tickets.requirements import RequirementState


@pytest.fixture
def ticket(office: Pages) -> Ticket:
    """Maria has written about her claim."""
    came = office.file_mail(f"Bună ziua, dosar {CLAIM_A}. Ce mai trebuie?", subject=f"[{CLAIM_A}] Pagubă")
    office.now += timedelta(minutes=1)
    return came


def done(page: str) -> str:
    found = re.search(r'name="done" value="(\d+)"', page)
    assert found is not None
    return found[1]


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_ticket_shows_message_person_claim_and_why_it_is_linked(ana: Browser, ticket: Ticket) -> None:
    page = ana.get(f"/tickets/{ticket.ref}").text

    assert "Ce mai trebuie?" in page
    assert "Numărul dosarului în subiect" in page
    assert "maria.popescu@example.ro" in page
    assert "CAS-0451237" in page
    assert "1 mar. 2026" in page


def test_long_exchange_begins_with_its_newest_messages_and_leads_to_the_earlier(
    office: Pages, ana: Browser, ticket: Ticket
) -> None:
    for number in range(60):
        ana.post(f"/tickets/{ticket.ref}/note", {"body": f"Nota {number:02d} de azi", "view": "mine"})

    page = ana.get(f"/tickets/{ticket.ref}?view=mine").text
    onward = re.search(rf'href="(/tickets/{ticket.ref}[^"]*newest=[0-9]+)"', page)
    assert onward is not None
    whole = ana.get(onward[1].replace("&amp;", "&")).text

    assert "Nota 59 de azi" in page
    assert "Nota 10 de azi" in page
    assert "Nota 09 de azi" not in page
    assert page.index("Nota 58") < page.index("Nota 59")
    assert "Ce mai trebuie?" in whole
    assert "newest=" not in whole.partition('id="ticket"')[2].partition('class="compose"')[0]


def test_what_a_merge_brings_stops_no_answer_although_it_was_written_later(
    office: Pages, ana: Browser, ticket: Ticket
) -> None:
    split = re.search(r'action="(/messages/[0-9]+/split)"', ana.get(f"/tickets/{ticket.ref}").text)
    assert split is not None
    second = ana.post(split[1], {"ticket": ticket.ref, "view": "mine"}).headers["location"].partition("?")[0]
    ana.post(f"{second}/note", {"body": "De văzut.", "view": "mine"})
    ana.post(f"/tickets/{ticket.ref}/note", {"body": "Scrisă mai târziu.", "view": "mine"})
    ana.post(f"/tickets/{ticket.ref}/merge", {"into": second.removeprefix("/tickets/"), "view": "mine"})
    page = ana.get(second).text
    fields = {"medium": "email", "body": "Mai trebuie devizul.", "seen": seen(page), "view": "mine"}

    assert "Scrisă mai târziu." in page
    assert ana.post(f"{second}/reply", fields).status_code == 303


@pytest.mark.parametrize(
    ("deductible", "said"), [({"abs": 30_000}, "300.00"), ({"pct": 10, "min": 50_000}, "10 %"), ({}, "1,000.00 a loss")]
)
def test_case_panel_says_limit_deductible_and_clause_of_the_cover(
    office: Pages, ana: Browser, ticket: Ticket, deductible: dict[str, int], said: str
) -> None:
    with office.app.store.writing() as session:
        for cover in session.scalars(select(Coverage)):
            cover.limit_event, cover.limit_aggregate, cover.deductible, cover.clause = 100_000, None, deductible, "9.9"
    page = ana.get(f"/tickets/{ticket.ref}?view=team", accept_language="en")
    assert page.status_code == 200
    assert said in page.text
    assert "clause 9.9" in page.text


def test_ticket_that_was_opened_is_read(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.get(f"/tickets/{ticket.ref}")

    assert not office.ticket(ticket.ref).unread


def test_choosing_another_row_brings_the_ticket_alone(ana: Browser, ticket: Ticket) -> None:
    page = ana.get(f"/tickets/{ticket.ref}", hx_request="true", hx_request_type="partial").text

    assert "<html" not in page
    assert 'id="ticket"' in page
    assert 'id="case"' in page


def test_reply_is_held_and_goes_to_the_address_on_file(office: Pages, ana: Browser, ticket: Ticket) -> None:
    page = ana.get(f"/tickets/{ticket.ref}").text
    fields = {"medium": "email", "body": "Mai trebuie devizul.", "seen": seen(page), "view": "mine"}
    answer = ana.post(f"/tickets/{ticket.ref}/reply", fields)

    reply = office.outgoing()[-1]
    assert answer.headers["location"] == f"/tickets/{ticket.ref}?view=mine"
    assert (reply.to_address, reply.state) == (MARIA, DeliveryState.QUEUED)
    assert reply.due_at > office.now
    assert "Mai trebuie devizul." in reply.message.text


def test_text_message_is_answered_by_text_message(office: Pages, ana: Browser) -> None:
    ticket = office.file_sms(f"{CLAIM_A} trimit maine")
    ana.post(f"/tickets/{ticket.ref}/reply", {"medium": "sms", "body": "Mulțumim."})

    assert office.outgoing()[-1].medium is Medium.SMS


def test_reply_stops_when_something_came_meanwhile_and_keeps_the_text(
    office: Pages, ana: Browser, ticket: Ticket
) -> None:
    before = len(office.outgoing())
    page = ana.get(f"/tickets/{ticket.ref}").text
    office.file_mail(f"Am uitat ceva, dosar {CLAIM_A}", subject=f"[{CLAIM_A}] Pagubă")
    answer = ana.post(f"/tickets/{ticket.ref}/reply", {"medium": "email", "body": "Textul meu", "seen": seen(page)})

    assert answer.status_code == 409
    assert "a sosit ceva nou" in answer.text.lower()
    assert "Textul meu</textarea>" in answer.text
    assert seen(answer.text) != seen(page)
    assert len(office.outgoing()) == before


def test_reply_stops_when_a_colleague_judged_an_item_meanwhile_and_says_what_he_did(
    office: Pages, ana: Browser, ticket: Ticket
) -> None:
    page = ana.get(f"/tickets/{ticket.ref}").text
    looked = {"seen": seen(page), "done": done(page)}
    with office.app.store.writing() as session:
        here = session.get_one(Ticket, ticket.id)
        detail = {"item": "repair_estimate", "reason": "sumă mică"}
        history.record(
            session, "item.waived", actor="staff:4711", at=office.now, ticket=here, claim=here.claim, **detail
        )
    before = len(office.outgoing())
    answer = ana.post(f"/tickets/{ticket.ref}/reply", {"medium": "email", "body": "Mai trimiteți devizul.", **looked})

    assert answer.status_code == 409
    assert "De când l-ați deschis:" in answer.text
    assert "sumă mică" in answer.text
    assert "Mai trimiteți devizul.</textarea>" in answer.text
    assert len(office.outgoing()) == before

    again = {"seen": seen(answer.text), "done": done(answer.text)}
    ana.post(f"/tickets/{ticket.ref}/reply", {"medium": "email", "body": "Devizul nu mai trebuie.", **again})
    assert len(office.outgoing()) == before + 1


@pytest.mark.parametrize("medium", ["note", "call", "pigeon", "", "phone", "letter"])
def test_reply_without_a_way_to_send_it_is_not_sent(office: Pages, ana: Browser, ticket: Ticket, medium: str) -> None:
    before = len(office.outgoing())
    answer = ana.post(f"/tickets/{ticket.ref}/reply", {"medium": medium, "body": "Textul meu"})

    assert answer.status_code == 409
    assert "Textul meu" in answer.text
    assert len(office.outgoing()) == before


def test_held_reply_is_taken_back_into_the_composer(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.post(f"/tickets/{ticket.ref}/reply", {"medium": "email", "body": "Prea devreme"})
    reply = office.outgoing()[-1]
    page = ana.post(f"/deliveries/{reply.id}/undo", {"ticket": ticket.ref})

    assert "Prea devreme</textarea>" in page.text
    assert "Retras" in page.text
    assert ticket.ref not in ana.get("/inbox/not_reached").text
    office.deliver()
    assert office.outgoing()[-1].sent_at is None


def test_held_request_is_taken_back_and_can_be_asked_again(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.post(f"/claims/{CLAIM_A}/ask", {"ticket": ticket.ref, "items": list(BOTH), "chosen": "yes"})
    held = [each for each in office.outgoing() if each.template == "request"]
    page = ana.post(f"/deliveries/{held[0].id}/undo", {"ticket": ticket.ref})

    assert "a retras R1 înainte de plecare" in page.text
    assert f"/claims/{CLAIM_A}/request" in page.text
    office.deliver()
    assert all(each.sent_at is None for each in office.outgoing() if each.template == "request")
    office.now += timedelta(minutes=2)
    ana.post(f"/claims/{CLAIM_A}/ask", {"ticket": ticket.ref, "items": list(BOTH), "chosen": "yes"})
    assert office.item(BOTH[0]) is RequirementState.ASKED


def test_reply_that_has_left_cannot_be_taken_back(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.post(f"/tickets/{ticket.ref}/reply", {"medium": "email", "body": "Gata"})
    office.deliver()

    answer = ana.post(f"/deliveries/{office.outgoing()[-1].id}/undo", {"ticket": ticket.ref})

    assert answer.status_code == 409
    assert "plecat deja" in answer.text


def test_somebody_elses_reply_cannot_be_taken_back(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.post(f"/tickets/{ticket.ref}/reply", {"medium": "email", "body": "A mea"})
    reply = office.outgoing()[-1]
    with office.app.store.writing() as session:
        session.get_one(OutboxDelivery, reply.id).message.author_id = office.staff("radu@exemplu.example").id

    assert ana.post(f"/deliveries/{reply.id}/undo", {"ticket": ticket.ref}).status_code == 404


def test_send_of_unknown_result_is_sent_again_by_a_person(office: Pages, ana: Browser, ticket: Ticket) -> None:
    office.deliver(DeliveryState.UNKNOWN)
    delivery = office.outgoing()[0]
    assert f"/deliveries/{delivery.id}/again" in ana.get(f"/tickets/{ticket.ref}").text

    ana.post(f"/deliveries/{delivery.id}/again", {"ticket": ticket.ref})

    assert office.outgoing()[0].state is DeliveryState.QUEUED


def test_message_that_came_back_is_told_on_top_with_the_other_sides_words(
    office: Pages, ana: Browser, ticket: Ticket
) -> None:
    office.deliver(DeliveryState.FAILED)

    page = ana.get(f"/tickets/{ticket.ref}").text

    assert "Nu am ajuns la Maria Popescu." in page
    assert "550 no such mailbox" in page


def test_note_stays_with_staff(office: Pages, ana: Browser, ticket: Ticket) -> None:
    before = len(office.outgoing())
    ana.post(f"/tickets/{ticket.ref}/note", {"medium": "note", "body": "Coloana este comună."})

    assert office.messages()[-1].direction is Direction.NOTE
    assert "Notă, numai pentru colegi" in ana.get(f"/tickets/{ticket.ref}").text
    assert len(office.outgoing()) == before


@pytest.mark.parametrize(
    ("seconds", "said"), [("200", "Convorbirea a durat 3:20 minute."), ("59", ""), ("", ""), ("9" * 18, "")]
)
def test_call_note_says_how_long_the_call_took(
    office: Pages, ana: Browser, ticket: Ticket, seconds: str, said: str
) -> None:
    ana.post(f"/tickets/{ticket.ref}/call", {"medium": "call", "body": "Vine miercuri.", "seconds": seconds})

    assert office.messages()[-1].text == f"Vine miercuri.\n\n{said}".strip()


def test_call_is_kept_as_a_message_with_its_number(office: Pages, ana: Browser, ticket: Ticket) -> None:
    fields = {"medium": "call", "body": "Vine miercuri.", "number": "0722 123 456", "outgoing": "yes"}
    ana.post(f"/tickets/{ticket.ref}/call", fields)

    call = office.messages()[-1]
    assert (call.medium, call.direction, call.from_norm) == (Medium.PHONE, Direction.OUT, "+40722123456")


def test_ticket_is_taken_and_done(office: Pages, ana: Browser, ticket: Ticket) -> None:
    ana.post(f"/tickets/{ticket.ref}/take")
    answer = ana.post(f"/tickets/{ticket.ref}/done", {"view": "mine"})

    kept = office.ticket(ticket.ref)
    assert (kept.owner_id, kept.state) == (office.staff().id, TicketState.RESOLVED)
    assert answer.headers["location"] == "/inbox/mine"


def test_suggested_claim_is_linked_by_a_person_with_one_button(office: Pages, ana: Browser) -> None:
    ticket = office.file_mail(f"Despre {CLAIM_B}", sender="Gigi <gigi@x.example>")
    page = ana.get(f"/tickets/{ticket.ref}").text
    assert "nu este verificat" in page
    assert f'name="claim" value="{CLAIM_B}"' in page

    ana.post(f"/tickets/{ticket.ref}/link", {"claim": CLAIM_B.lower()})

    linked = office.ticket(ticket.ref)
    assert linked.claim is not None
    assert (linked.claim.ref, linked.verified) == (CLAIM_B, True)


def test_link_to_a_claim_that_does_not_exist_keeps_what_was_typed(office: Pages, ana: Browser) -> None:
    ticket = office.file_mail("Bună ziua", sender="Gigi <gigi@x.example>")

    answer = ana.post(f"/tickets/{ticket.ref}/link", {"claim": "CLM26-999999-99"})

    assert answer.status_code == 409
    assert "nu există un dosar" in answer.text.lower()
    assert 'value="CLM26-999999-99"' in answer.text


def test_wrong_link_is_undone(office: Pages, ana: Browser, ticket: Ticket) -> None:
    with office.app.store.reading() as session:
        link = session.scalars(select(Link).where(Link.target == CLAIM_A)).one()
    ana.post(f"/links/{link.id}/undo", {"ticket": ticket.ref})

    with office.app.store.reading() as session:
        assert session.get_one(Link, link.id).state is LinkState.UNDONE
    assert office.ticket(ticket.ref).claim is None


@pytest.mark.parametrize(
    "path",
    [
        "/tickets/TKT26-999999-99",
        "/tickets/%27%20or%201=1",
        "/tickets/%00",
        f"/tickets/{'x' * 2000}",
        "/links/x/undo",
        "/links/0/undo",
        "/links/99999999999999999999/undo",
    ],
)
def test_reference_that_names_nothing_gets_a_neutral_page(ana: Browser, path: str) -> None:
    answer = ana.get(path) if path.startswith("/tickets") else ana.post(path)

    assert answer.status_code == 404
    assert "Aici nu este nimic." in answer.text
    assert "TKT26-999999-99" not in answer.text


def test_move_on_a_ticket_that_is_not_there_is_not_found(ana: Browser) -> None:
    assert ana.post("/tickets/TKT26-999999-99/take").status_code == 404
    assert ana.post("/links/999/undo", {"ticket": "TKT26-999999-99"}).status_code == 404
    assert ana.post("/deliveries/999/undo", {"ticket": "x"}).status_code == 404


def test_refusal_that_names_somebody_shows_the_name_as_it_is(office: Pages, ana: Browser, ticket: Ticket) -> None:
    with office.app.store.writing() as session:
        gone = Staff(name="Ion <b>100%s</b> %(x", email="ion@exemplu.example", roles=[], active=False)
        session.add(gone)
        session.flush()

    answer = ana.post(f"/tickets/{ticket.ref}/assign", {"to": str(gone.id)})

    assert answer.status_code == 409
    assert "Ion &lt;b&gt;100%s&lt;/b&gt; %(x nu mai lucrează aici" in answer.text

"""Approvals on the page: the limits in force, the evidence beside what was decided, never one's own."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from inbox import desk, documents
from tests.inbox.web.office import Browser, Pages, mail
from tests.tickets.desk import CLAIM_B
from tickets.models import Decision, DecisionKind, DocumentValue, MessageFile, Ticket
from tickets.proposals import Proposal

RADU = "radu@exemplu.example"


@pytest.fixture
def radu(office: Pages) -> Browser:
    """The supervisor's browser."""
    browser = office.browser()
    browser.enter(office, RADU)
    return browser


@pytest.fixture
def decision(office: Pages) -> int:
    """Ana's proposal to pay claim B more than she may alone; its invoice came by mail."""
    sheet = io.BytesIO()
    pages = [Image.new("RGB", (400, 600), (250, 250, shade)) for shade in (250, 240)]
    pages[0].save(sheet, "TIFF", save_all=True, append_images=pages[1:])
    files = (("factura.tif", "image/tiff", sheet.getvalue()), ("note.txt", "text/plain", b"x"))
    office.file(mail("iată", sender="Dan Marin <dan.marin@example.ro>", subject=f"dosar {CLAIM_B}", files=files))
    documents.read_all(office.app)
    return desk.decide(office.app, CLAIM_B, Proposal(kind=DecisionKind.APPROVE), staff=office.staff()).id


def test_limits_of_who_proposed_and_who_looks_stand_beside_the_amount(decision: int, radu: Browser) -> None:
    page = radu.get("/approvals", accept_language="en").text
    assert "12,450.00 RON" in page
    assert "Above the 2,500.00 RON of Ana Ionescu." in page
    assert "Within your 25,000.00 RON." in page
    assert "Approve 12,450.00 RON" in page


def test_files_of_the_claim_are_paged_through_beside_the_decision(office: Pages, decision: int, radu: Browser) -> None:
    with office.app.store.writing() as session:
        file = session.scalars(select(MessageFile).where(MessageFile.name == "factura.tif")).one()
        session.add(DocumentValue(file=file, name="total", value="1245000", page=2))
    page = radu.get("/approvals", accept_language="en").text
    assert "page 1 of 2" in page
    assert f'src="/files/{file.id}/pages/1?width=1000"' in page

    second = radu.get(f"/approvals?decision={decision}&file={file.id}&page=2&turn=90", accept_language="en").text
    assert "page 2 of 2" in second
    assert "12,450.00</b>" in second  # what was read there
    assert "turn=90" in second


def test_who_may_not_approve_is_told_why_and_has_no_button(office: Pages, decision: int, ana: Browser) -> None:
    assert "You proposed this." in ana.get("/approvals", accept_language="en").text
    elena = office.browser()
    elena.enter(office, "elena@exemplu.example")
    page = elena.get("/approvals", accept_language="en").text
    assert "Not yours to approve." in page
    assert 'value="approve"' not in page


def test_file_of_a_restricted_ticket_is_not_shown_to_everybody(office: Pages, decision: int, radu: Browser) -> None:
    with office.app.store.writing() as session:
        for ticket in session.scalars(select(Ticket)):
            ticket.restricted = True
    assert "factura.tif" not in radu.get("/approvals").text


def test_decision_that_waits_no_longer_is_nowhere(office: Pages, decision: int, radu: Browser) -> None:
    assert radu.get(f"/approvals?decision={decision + 1}").status_code == 404
    radu.post(f"/approvals/{decision}", {"do": "return", "note": "fără factură"})
    with office.app.store.reading() as session:
        assert session.scalars(select(Decision.state)).one() == "returned"
    assert radu.get("/approvals").status_code == 200

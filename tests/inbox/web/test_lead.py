"""The team lead's page and its CSV."""

from datetime import date

import pytest
from sqlalchemy import select

from inbox import learning
from inbox.web.lead import plain
from tests.inbox.web.office import EMAIL, Browser, Pages
from tickets.models import Direction, IntentQuality, Message, Staff


@pytest.fixture
def lead(office: Pages, ana: Browser) -> Browser:
    """Ana as a team lead."""
    with office.app.store.writing() as session:
        session.scalars(select(Staff).where(Staff.email == EMAIL)).one().roles = ["supervisor"]
    return ana


def test_lead_sees_figures_with_plots_that_lead_to_the_rows(office: Pages, lead: Browser) -> None:
    office.file_mail("Bună ziua, în ce stadiu e dosarul CLM26-004711-58?")

    page = lead.get("/lead")

    assert page.status_code == 200
    assert 'class="plot"' in page.text
    assert "/inbox/team?type=home" in page.text
    assert lead.get("/inbox/team?type=home").status_code == 200


def test_lead_sees_what_links_rest_on_and_which_kinds_were_right(office: Pages, lead: Browser) -> None:
    office.file_mail("Bună ziua, în ce stadiu e dosarul CLM26-004711-58?", sender="maria.popescu@example.ro")
    with office.app.store.writing() as session:
        session.add(IntentQuality(week=date(2026, 11, 16), kind="status_question", confirmed=7, sure=5, right=4))

    page = lead.get("/lead", accept_language="en").text
    rows = lead.get("/lead.csv").content.decode("utf-8-sig").splitlines()

    assert "Claim number</th><td>1</td><td>0</td><td>100</td>" in page
    assert "Question about the state</th><td>7</td><td>5</td><td>4</td>" in page
    assert "kinds of messages,2026-11-16,7,5,4,status_question" in rows
    assert "automatic links,2026-11-23,1,0,claim_ref" in rows


def test_command_gives_the_same_figures_by_week_with_what_was_just_confirmed(office: Pages) -> None:
    ticket = office.file_mail("În ce stadiu e dosarul CLM26-004711-58?", sender="maria.popescu@example.ro")
    with office.app.store.writing() as session:
        mails = select(Message).where(Message.ticket_id == ticket.id, Message.direction == Direction.IN)
        session.scalars(mails).one().confirmed_intents = ["spam"]

    figures = learning.figures(office.app, weeks=1)

    week = {"week": "2026-11-23"}
    claim_ref = week | {"evidence": "claim_ref", "linked": 1, "undone": 0, "precision": 1.0}
    assert claim_ref in figures["links"]
    assert week | {"kind": "spam", "confirmed": 1, "sure": 0, "right": 0} in figures["kinds"]


def test_figures_are_for_team_leads(ana: Browser) -> None:
    assert ana.get("/lead").status_code == 404
    assert ana.get("/lead.csv").status_code == 404


def test_csv_has_the_same_figures(lead: Browser) -> None:
    rows = lead.get("/lead.csv").content.decode("utf-8-sig").splitlines()
    assert any(row.startswith("pending,motor_rca,") for row in rows)


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert plain(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [-2.5, 3, "abc", ""])
def test_numbers_and_words_stay_as_they_are(cell: object) -> None:
    assert plain(cell) == str(cell)

"""The team lead's page and its CSV."""

import pytest
from sqlalchemy import select

from inbox.web.lead import plain
from tests.inbox.web.office import EMAIL, Browser, Pages
from tickets.models import Staff


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

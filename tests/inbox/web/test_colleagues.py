"""Colleagues: who sees them, who may change them, and what is never one's own to change."""

import re

import pytest
from sqlalchemy import select

from tests.inbox.web.office import EMAIL, Browser, Pages
from tickets.models import Event, SignIn, Staff

RADU = "radu@exemplu.example"


@pytest.fixture
def admin(office: Pages, ana: Browser) -> Browser:
    """Ana as an administrator."""
    roles(office, EMAIL, "admin")
    return ana


def roles(office: Pages, email: str, *given: str) -> None:
    with office.app.store.writing() as session:
        session.scalars(select(Staff).where(Staff.email == email)).one().roles = list(given)


def events(office: Pages) -> list[str]:
    with office.app.store.reading() as session:
        return [each.kind for each in session.scalars(select(Event).order_by(Event.id)) if each.kind[:5] == "staff"]


def test_colleagues_stand_with_roles_and_limits(office: Pages, admin: Browser) -> None:
    page = admin.get("/colleagues", accept_language="ro")

    assert page.status_code == 200
    assert "Radu" in page.text
    assert "25.000,00 RON" in page.text


def test_page_is_for_those_who_lead(ana: Browser) -> None:
    assert ana.get("/colleagues").status_code == 404
    assert ana.post("/colleagues", {"name": "X", "email": "x@y.example", "role-admin": "yes"}).status_code != 200


def test_new_colleague_signs_in_with_the_password_that_is_shown_once(
    office: Pages, admin: Browser, stranger: Browser
) -> None:
    fields = {"name": "Ioana Radu", "email": "Ioana@exemplu.example", "role-representative": "yes"}
    page = admin.post("/colleagues", fields)
    shown = re.search(r"<code[^>]*>([^<]+)</code>", page.text)

    assert shown is not None
    assert stranger.sign_in("ioana@exemplu.example", shown[1]).status_code == 303
    assert shown[1] not in admin.get("/colleagues").text
    assert events(office) == ["staff.added"]


OWN = "o parola numai a mea"


def test_password_that_somebody_else_made_is_good_for_choosing_ones_own(
    office: Pages, admin: Browser, stranger: Browser
) -> None:
    radu = office.staff(RADU)
    given = re.search(r"<code[^>]*>([^<]+)</code>", admin.post(f"/colleagues/{radu.id}", {"do": "password"}).text)
    assert given is not None
    stranger.sign_in(RADU, given[1])

    for path in ("/inbox/team", "/palette?q=x", "/approvals"):
        assert stranger.get(path).headers["location"] == "/password"
    assert stranger.post("/tickets/TKT26-000001-26/take").headers["location"] == "/password"
    assert stranger.get("/password").status_code == 200
    for current, chosen in ((given[1], "short"), (given[1], given[1]), ("wrong", OWN)):
        assert stranger.post("/password", {"current": current, "chosen": chosen}).status_code == 409
    assert stranger.post("/password", {"current": given[1], "chosen": OWN}).headers["location"] == "/sign-in"

    assert stranger.get("/inbox/team").headers["location"].startswith("/sign-in")
    assert office.browser().sign_in(RADU, given[1]).status_code == 401  # whoever made it would be noticed
    own = office.browser()
    assert own.sign_in(RADU, OWN).status_code == 303
    assert own.get("/inbox/team").status_code == 200
    assert events(office) == ["staff.password", "staff.password_chosen"]


def test_changed_roles_are_kept_with_an_event(office: Pages, admin: Browser) -> None:
    radu = office.staff(RADU)
    answer = admin.post(f"/colleagues/{radu.id}", {"do": "roles", "role-payments_clerk": "yes", "language": "en"})

    assert answer.status_code == 303
    assert office.staff(RADU).roles == ["payments_clerk"]
    assert office.staff(RADU).language == "en"
    assert events(office) == ["staff.roles", "staff.language"]


def test_somebody_shut_out_is_signed_out_at_once_and_can_be_let_in_again(office: Pages, admin: Browser) -> None:
    radu, browser = office.staff(RADU), office.browser()
    browser.enter(office, RADU)
    admin.post(f"/colleagues/{radu.id}", {"do": "out"})

    assert browser.get("/inbox/team").status_code == 303
    with office.app.store.reading() as session:
        assert session.scalars(select(SignIn).where(SignIn.staff_id == radu.id)).all() == []
    admin.post(f"/colleagues/{radu.id}", {"do": "in"})
    assert office.staff(RADU).active
    assert events(office) == ["staff.deactivated", "staff.activated"]


@pytest.mark.parametrize("wish", [{}, {"do": ""}, {"do": "delete"}])
def test_wish_that_nobody_knows_changes_no_role(office: Pages, admin: Browser, wish: dict[str, str]) -> None:
    before = office.staff(RADU).roles

    answer = admin.post(f"/colleagues/{office.staff(RADU).id}", wish | {"role-auditor": "yes"})

    assert answer.status_code == 409
    assert office.staff(RADU).roles == before


def test_nobody_changes_his_own_roles(office: Pages, admin: Browser) -> None:
    answer = admin.post(
        f"/colleagues/{office.staff().id}", {"do": "roles", "role-admin": "yes", "role-supervisor": "yes"}
    )

    assert answer.status_code == 409
    assert office.staff().roles == ["admin"]


def test_team_lead_gives_no_role_that_decides_more(office: Pages, ana: Browser) -> None:
    roles(office, EMAIL, "supervisor")
    answer = ana.post("/colleagues", {"name": "Y", "email": "y@y.example", "role-supervisor": "yes"})

    assert answer.status_code == 409
    assert "y@y.example" not in ana.get("/colleagues").text
    assert ana.post(f"/colleagues/{office.staff(RADU).id}", {"do": "out"}).status_code == 409

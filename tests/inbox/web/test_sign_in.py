"""Signing in and out."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from inbox.web.attempts import PER_PERSON, WINDOW
from inbox.web.security import safe_path
from tests.inbox.web.office import EMAIL, PASSWORD, Browser, Pages, new_office


def test_representative_who_signs_in_sees_the_inbox(stranger: Browser) -> None:
    answer = stranger.sign_in()

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Ana Ionescu" in stranger.get("/inbox/team").text


def test_stranger_is_asked_to_sign_in_and_comes_back_to_what_he_wanted(stranger: Browser) -> None:
    answer = stranger.get("/inbox/waiting?after=1-2")

    assert answer.headers["location"] == "/sign-in?next=/inbox/waiting%3Fafter%3D1-2"


def test_part_of_a_page_asked_for_after_the_session_ended_leads_to_the_sign_in(stranger: Browser) -> None:
    answer = stranger.get("/inbox/team", hx_request="true")

    assert answer.headers["hx-redirect"].startswith("/sign-in?next=")


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.ro"])
def test_wrong_address_and_wrong_password_are_answered_alike(stranger: Browser, email: str) -> None:
    answer = stranger.sign_in(email=email, password="wrong")

    assert answer.status_code == 401
    assert "nu se potrivesc" in answer.text
    assert "set-cookie" not in answer.headers


def test_unknown_address_takes_as_long_as_a_wrong_password(stranger: Browser) -> None:
    def fastest(email: str) -> float:
        times = []
        for _ in range(3):
            begun = time.perf_counter()
            stranger.sign_in(email=email, password="wrong")
            times.append(time.perf_counter() - begun)
        return min(times)

    known, unknown = fastest(EMAIL), fastest("nobody@example.ro")

    assert unknown > known / 2  # the check of the password is nearly all of the time: skipping it would take a tenth


def test_somebody_without_a_password_cannot_sign_in(stranger: Browser) -> None:
    assert stranger.sign_in(email="radu@exemplu.example", password="").status_code == 401


def test_guessing_is_refused_unheard_until_the_window_is_over(office: Pages, stranger: Browser) -> None:
    for _ in range(PER_PERSON):
        stranger.sign_in(password="wrong")

    refused = stranger.sign_in()
    office.now += WINDOW

    assert refused.status_code == 429
    assert stranger.sign_in().status_code == 303


def test_session_is_new_at_every_sign_in(stranger: Browser) -> None:
    stranger.client.cookies.set("claimdesk", "planted", domain="127.0.0.1")
    stranger.sign_in()
    first = stranger.client.cookies.get("claimdesk", domain="127.0.0.1")
    answer = stranger.sign_in()

    assert first != "planted"
    assert f"claimdesk={first}" not in answer.headers["set-cookie"]


def test_cookie_cannot_be_read_by_script_or_sent_along_from_elsewhere(stranger: Browser) -> None:
    cookie = stranger.sign_in().headers["set-cookie"].lower()

    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


def test_cookie_of_a_desk_reached_over_tls_never_travels_without(tmp_path: Path, migrated_sqlite: Path) -> None:
    with new_office(tmp_path, migrated_sqlite, public_url="https://desk.example.ro") as office:
        cookie = office.browser().sign_in().headers["set-cookie"]

    assert cookie.startswith("__Host-claimdesk=")
    assert "Secure" in cookie


def test_session_that_was_signed_out_is_over(ana: Browser) -> None:
    cookie = ana.client.cookies["claimdesk"]
    ana.post("/sign-out")
    ana.client.cookies.set("claimdesk", cookie, domain="127.0.0.1")

    assert ana.get("/inbox/team").status_code == 303


def test_session_ends_after_a_working_day(office: Pages, ana: Browser) -> None:
    office.now += timedelta(hours=13)

    assert ana.get("/inbox/team").status_code == 303


def test_sign_in_posted_from_another_site_is_refused(stranger: Browser) -> None:
    fields = {"email": EMAIL, "password": PASSWORD}

    answer = stranger.post_raw("/sign-in", fields, origin="https://evil.example", sec_fetch_site="cross-site")

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil",
        "",
    ],
)
def test_sign_in_never_leads_to_another_site(stranger: Browser, wanted: str) -> None:
    assert stranger.sign_in(onward=wanted).headers["location"] == "/"


def test_path_of_ours_is_gone_on_to() -> None:
    assert safe_path("/tickets/TKT26-000001-26?view=mine") == "/tickets/TKT26-000001-26?view=mine"

"""Views of the inbox, page by page."""

from datetime import timedelta
from pathlib import Path

import pytest

from inbox.web.lists import PAGE
from tests.inbox.web.office import NOW, Browser, Pages, new_office
from tests.tickets.desk import CLAIM_A, MARIA
from tickets.messages import DeliveryState
from tickets.queue import View


def test_new_mail_stands_in_the_list_with_who_wrote_and_about_what(office: Pages, ana: Browser) -> None:
    ticket = office.file_mail(f"Dosar {CLAIM_A}", subject=f"[{CLAIM_A}] Pagubă de apă")

    page = ana.get("/inbox/team").text

    assert f'href="/tickets/{ticket.ref}?view=team"' in page
    assert "Maria Popescu" in page
    assert "Pagubă de apă" in page
    assert CLAIM_A in page


def test_visit_begins_with_what_is_ones_own(office: Pages, ana: Browser) -> None:
    before = ana.get("/").headers["location"]
    ticket = office.file_mail(f"Dosar {CLAIM_A}")
    ana.post(f"/tickets/{ticket.ref}/take")

    assert (before, ana.get("/").headers["location"]) == ("/inbox/team", "/inbox/mine")


def test_ticket_that_waits_for_the_customer_leaves_the_list_of_work(office: Pages, ana: Browser) -> None:
    ticket = office.file_mail(f"Dosar {CLAIM_A}")
    office.ask()

    assert ticket.ref not in ana.get("/inbox/team").text
    assert ticket.ref in ana.get("/inbox/waiting").text


def test_mail_of_a_stranger_stands_among_the_unlinked(office: Pages, ana: Browser) -> None:
    ticket = office.file_mail("Bună ziua", sender="Gigi <gigi@x.example>")

    assert ticket.ref in ana.get("/inbox/unlinked").text


def test_message_that_came_back_is_among_the_not_reached(office: Pages, ana: Browser) -> None:
    ticket = office.file_mail(f"Dosar {CLAIM_A}", sender=MARIA)
    office.deliver(DeliveryState.FAILED)

    assert ticket.ref in ana.get("/inbox/not_reached").text


def test_send_without_answer_is_counted_and_listed(office: Pages, ana: Browser) -> None:
    ticket = office.file_mail(f"Dosar {CLAIM_A}")
    office.deliver(DeliveryState.UNKNOWN)

    assert ticket.ref in ana.get("/inbox/unknown").text
    assert 'href="/inbox/unknown"' in ana.get("/inbox/team").text


def test_long_view_is_read_page_by_page_and_shows_every_ticket_once(office: Pages, ana: Browser) -> None:
    refs = []
    for number in range(PAGE + 3):
        office.now = NOW - timedelta(minutes=number // 4)  # some came at the same moment
        refs.append(office.file_mail(f"nr {number}", sender=f"x{number}@x.example", subject=f"nr {number}").ref)
    office.now = NOW

    first = ana.get("/inbox/team").text
    older = first.split("?after=")[-1].split('"')[0]
    second = ana.get(f"/inbox/team?after={older}").text

    assert sorted([ref for ref in refs if ref in first] + [ref for ref in refs if ref in second]) == sorted(refs)


def test_every_page_is_shown_from_either_store(tmp_path: Path, store_url: str) -> None:
    with new_office(tmp_path, None, url=store_url) as office:
        ticket = office.file_mail(f"Dosar {CLAIM_A}")
        office.quarantine()
        ana = office.browser()
        ana.sign_in()
        ana.post(f"/tickets/{ticket.ref}/note", {"body": "a\x00b"})
        views = [f"/inbox/{view}" for view in View]
        paths = [*views, f"/tickets/{ticket.ref}", "/intake", f"/claims/{CLAIM_A}/request", "/readyz"]

        assert {path: ana.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
        assert office.messages()[-1].text == "ab"


@pytest.mark.parametrize("after", ["x", "-", "1", "99999999999999999999-1", "1-99999999999", "٣-٣", "'-1"])
def test_address_with_a_page_that_is_none_shows_a_page(ana: Browser, after: str) -> None:
    assert ana.client.get("/inbox/team", params={"after": after}).status_code == 200


def test_view_that_is_none_is_not_found(ana: Browser) -> None:
    assert ana.get("/inbox/everything").status_code == 404


def test_empty_view_says_what_it_collects(ana: Browser) -> None:
    assert "Nimic nu este nelegat." in ana.get("/inbox/unlinked").text

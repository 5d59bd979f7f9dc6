"""Two people on one ticket: each sees the other at once, and no answer crosses another."""

from datetime import timedelta

import pytest
from playwright.sync_api import Response, expect

from tests.browser.conftest import Desk
from tests.tickets.desk import CLAIM_A
from tickets.models import Ticket

RADU = "radu@exemplu.example"


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    came = desk.office.file_mail(f"Bună ziua, dosar {CLAIM_A}", subject="Pagubă de apă")
    desk.office.now += timedelta(minutes=1)
    return came


def test_colleague_is_seen_reading_and_writing(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    expect(page.get_by_text("Ana Ionescu is")).to_have_count(0)
    radu = desk.colleague(RADU)

    theirs = radu.open(f"/tickets/{ticket.ref}?view=team")
    expect(page.get_by_text("Radu Stan is reading")).to_be_visible()
    expect(page.locator(".row.busy")).to_have_count(1)

    theirs.keyboard.press("r")
    theirs.keyboard.type("Bună")
    expect(page.get_by_text("Radu Stan is replying")).to_be_visible()

    expect(theirs.get_by_text("Ana Ionescu is reading")).to_be_visible()
    theirs.close()
    expect(page.locator("#presence")).to_be_empty()


def test_answer_stops_when_a_colleague_has_answered_and_keeps_its_words(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.keyboard.press("r")
    page.keyboard.type("Răspunsul Anei")
    theirs = desk.colleague(RADU).open(f"/tickets/{ticket.ref}?view=team")
    theirs.keyboard.press("r")
    theirs.keyboard.type("Răspunsul lui Radu")
    theirs.keyboard.press("Control+Enter")
    expect(theirs.get_by_text("Queued until")).to_be_visible()
    expect(page.get_by_text("Something new has arrived.")).to_be_visible()

    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if answer.request.method == "POST" else None)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Not done.")).to_be_visible()

    assert [each.status for each in answers if each.url.endswith("/reply")] == [409]
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Răspunsul Anei")
    expect(page.locator(".since + .ev")).to_contain_text("Răspunsul lui Radu")
    assert [each.message.new_text for each in desk.office.outgoing() if each.template == "reply"] == [
        "Răspunsul lui Radu"
    ]

    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")  # read, and sent all the same
    expect(page.locator(".ours .txt")).to_have_count(2)
    page.keyboard.press("z")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Răspunsul Anei")

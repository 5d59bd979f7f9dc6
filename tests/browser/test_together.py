"""Two people on one ticket: each sees the other at once, and no answer crosses another."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Response, Route, expect

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
    expect(page.get_by_text("Not sent.")).to_be_visible()

    assert [each.status for each in answers if each.url.endswith("/reply")] == [409]
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Răspunsul Anei")
    expect(page.locator(".since + .ev")).to_contain_text("Răspunsul lui Radu")
    assert [each.message.new_text for each in desk.office.outgoing() if each.template == "reply"] == [
        "Răspunsul lui Radu"
    ]

    page.keyboard.press("Control+Enter")  # read, and sent all the same
    expect(page.locator(".ours .txt")).to_have_count(2)
    page.keyboard.press("z")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Răspunsul Anei")


def test_stopped_send_says_what_came_and_is_sent_edited_or_given_up_from_there(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.keyboard.press("r")
    page.keyboard.type("Răspunsul Anei")
    desk.office.file_mail(f"Încă ceva, {CLAIM_A}", subject="Pagubă de apă")
    page.keyboard.press("Control+Enter")
    band = page.get_by_role("alert").filter(has_text="Not sent.")
    expect(band).to_contain_text("Since you opened it: Maria Popescu, E-mail")
    page.reload()  # sends nothing again: the words are a draft by now
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Răspunsul Anei")

    page.keyboard.press("r")
    desk.office.now += timedelta(minutes=1)
    desk.office.file_mail(f"Și încă ceva, {CLAIM_A}", subject="Pagubă de apă")
    page.keyboard.press("Control+Enter")
    band.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    band.get_by_role("button", name="Send anyway").click()
    expect(page.locator(".ours .txt")).to_have_text("Răspunsul Anei")

    page.keyboard.press("r")
    page.keyboard.type("De prisos")
    desk.office.now += timedelta(minutes=1)
    desk.office.file_mail(f"Gata, {CLAIM_A}", subject="Pagubă de apă")
    page.keyboard.press("Control+Enter")
    band.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    assert [each.message.new_text for each in desk.office.outgoing() if each.template == "reply"] == ["Răspunsul Anei"]


def test_held_answer_is_taken_back_from_another_page_with_one_key(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.keyboard.press("r")
    page.keyboard.type("Prea devreme")
    page.keyboard.press("Control+Enter")
    snack = page.locator("#held")
    expect(snack).to_contain_text("E-mail to Maria Popescu")
    expect(snack).to_contain_text(re.compile(r"leaves in \d+ s"))

    page.goto(f"{desk.url}/inbox/mine")
    expect(snack).to_be_visible()
    page.keyboard.press("z")
    field = page.get_by_role("textbox", name="Message")
    expect(field).to_have_value("Prea devreme")
    expect(field).to_be_focused()
    page.keyboard.type(", cred")
    expect(field).to_have_value("Prea devreme, cred")
    expect(snack).to_be_hidden()
    [gone] = [each for each in desk.office.outgoing() if each.template == "reply"]
    assert gone.state == "refused"
    assert [each for each in desk.complaints if "409" not in each] == []


def test_what_is_done_while_nobody_can_be_reached_is_done_once_when_one_can(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    desk.context.set_offline(True)
    expect(page.get_by_text("Not connected since")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("Fără rețea")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 action waits and is sent once.")).to_be_visible()
    page.keyboard.press("Control+Enter")
    page.get_by_role("textbox", name="Message").press("Escape")
    page.keyboard.press("a")
    page.get_by_role("button", name="Elena Pop").press("Enter")
    expect(page.get_by_text("2 actions wait and are sent once.")).to_be_visible()
    desk.context.set_offline(False)

    expect(page.locator(".txt").filter(has_text="Fără rețea")).to_have_count(1)
    expect(page.locator(".ticket .meta")).to_contain_text("Elena Pop")
    assert [each.new_text for each in desk.office.messages()].count("Fără rețea") == 1


def test_stream_that_opens_after_the_network_went_hides_nothing(desk: Desk, ticket: Ticket) -> None:
    late: list[Route] = []
    desk.context.route("**/live?*", lambda route: late.append(route))  # noqa: PLW0108 - playwright takes no built-in
    desk.sign_in()
    with desk.context.expect_event("request", lambda request: "/live?" in request.url):
        page = desk.open(f"/tickets/{ticket.ref}?view=team")
    desk.context.set_offline(True)
    expect(page.get_by_text("Not connected since")).to_be_visible()
    with page.expect_response("**/live?*"):
        late[-1].fulfill(content_type="text/event-stream", body=":\n\n")
    page.wait_for_timeout(300)  # nothing may happen: there is no sign to wait for

    assert page.get_by_text("Not connected since").is_visible()


def test_stream_that_is_cut_off_keeps_no_answer_from_being_sent(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    desk.context.route("**/live?*", lambda route: route.abort())
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    expect(page.get_by_text("Not connected since")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("Fără flux")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".txt").filter(has_text="Fără flux")).to_have_count(1)

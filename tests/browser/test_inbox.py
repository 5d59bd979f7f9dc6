"""A representative's work in a real browser, with the keys and with the mouse."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.conftest import Desk
from tests.inbox.web.office import mail
from tests.inbox.web.test_downloads import PAYLOADS
from tests.tickets.desk import CLAIM_A
from tickets.models import Direction, Task, Ticket


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    """Somebody has written about nothing, then Maria about her claim."""
    desk.office.file_mail("Bună", sender="Gigi <gigi@x.example>", subject="Altceva")
    desk.office.now += timedelta(minutes=1)
    html = f"<p>Bună <b>ziua</b>, dosar {CLAIM_A}</p><img src='https://tracker.example/x.png'>"
    came = desk.office.file(mail(f"Bună ziua, dosar {CLAIM_A}", subject="Pagubă de apă", html=html))
    desk.office.now += timedelta(minutes=1)
    assert came.message is not None
    return came.message.ticket


def test_representative_signs_in_opens_a_ticket_asks_and_replies(desk: Desk, ticket: Ticket) -> None:
    page = desk.sign_in()
    page.get_by_role("link", name=re.compile("Maria Popescu")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pagubă de apă")

    page.get_by_role("link", name=re.compile("^Ask for")).click()
    page.get_by_role("checkbox", name=re.compile("Repair estimate")).uncheck()
    expect(page.get_by_role("heading", level=1)).to_contain_text("for 1 item")
    page.get_by_role("button", name=re.compile("^Ask for 1 item")).click()
    expect(page.get_by_text("Request R1", exact=True)).to_be_visible()

    page.get_by_role("textbox", name="Message").fill("Mulțumim, așteptăm devizul.")
    page.get_by_role("button", name=re.compile("^Send e-mail")).click()
    expect(page.locator(".ours .txt")).to_have_text("Mulțumim, așteptăm devizul.")

    assert [each.template for each in desk.office.outgoing()].count("request") == 2
    assert desk.office.outgoing()[-1].template == "reply"
    assert desk.asked_outside == []
    assert desk.complaints == []


def test_tickets_are_walked_through_with_the_keys_and_only_the_pane_changes(desk: Desk, ticket: Ticket) -> None:
    page = desk.sign_in()
    desk.open(f"/tickets/{ticket.ref}?view=team")
    page.evaluate("document.body.dataset.kept = 'yes'")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Altceva")
    expect(page).to_have_title(re.compile("Altceva"))
    expect(page.locator(".row[aria-current]")).to_contain_text("Altceva")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pagubă de apă")

    assert page.evaluate("document.body.dataset.kept") == "yes"
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Altceva")


def test_note_is_written_and_a_reply_taken_back_without_a_mouse(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.keyboard.press("n")
    page.keyboard.type("Coloana este comună.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("group", name="Timeline").get_by_text("Note, staff only")).to_be_visible()

    page.keyboard.press("r")
    page.keyboard.type("Prea devreme")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Queued until")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Prea devreme")

    assert [each.direction for each in desk.office.messages()].count(Direction.NOTE) == 1
    assert desk.office.outgoing()[-1].sent_at is None


def test_files_are_put_to_an_answer_and_taken_away_with_the_keys(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.on("filechooser", lambda _: None)  # from here on the browser asks us, not the person at the machine
    files = page.get_by_role("group", name="Files of the answer")
    page.keyboard.press("r")
    page.keyboard.type("Poftiți formularul")
    page.keyboard.press("Escape")
    for name, size in (("formular.pdf", 9), ("film.mp4", 15_000_001), ("plan.txt", 9)):
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("f")
        chooser.value.set_files([{"name": name, "mimeType": "text/plain", "buffer": b"x" * size}])
        said = "An answer carries at most 15.0 MB" if size > 9 else name
        expect(files.get_by_text(said)).to_be_visible()

    files.get_by_role("button", name="Remove plan.txt").press("Enter")
    expect(files.locator(".chip")).to_have_count(1)
    expect(page.locator(":focus")).to_have_attribute("type", "file")  # nobody has to find the way back
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".ours").get_by_role("link", name="formular.pdf")).to_be_visible()
    assert desk.complaints == []


def test_macro_is_found_in_the_palette_with_what_it_does_and_run_with_the_keys(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.keyboard.press("Control+k")
    page.keyboard.type("estim rec")
    option = page.get_by_role("option", name=re.compile("Estimate received, thanks"))
    expect(option).to_contain_text("tag deviz; take it; note “De comparat.”; snooze for 3 days")
    page.keyboard.press("Enter")

    expect(page.locator(".ours .txt")).to_contain_text("devizul pentru CLM26-004711-58 a sosit")
    page.keyboard.press("Shift+M")
    expect(page.locator(":focus")).to_contain_text("Estimate received, thanks")
    assert desk.complaints == []


def test_caller_is_asked_and_his_telephone_number_changed_with_the_keys(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.keyboard.press("y")
    for _ in range(2):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.get_by_role("button", name="Answers right").press("Enter")
    expect(page.get_by_text("Caller verified")).to_be_visible()

    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Reply")).to_be_visible()
    page.keyboard.type("change what")
    expect(page.get_by_role("option", name="Reply")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.get_by_label("What changes")).to_be_focused()
    page.get_by_label("What changes").select_option("phone")
    page.keyboard.press("Tab")
    page.keyboard.type("0722 999 888")
    page.keyboard.press("Enter")
    expect(page.locator("#case .facts").first).to_contain_text("0722 999 888 preferred")
    assert desk.complaints == []


def test_call_note_posted_with_enter_in_the_number_is_not_sent_to_the_customer(desk: Desk, ticket: Ticket) -> None:
    before = len(desk.office.outgoing())
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.keyboard.press("p")
    page.keyboard.type("Vine miercuri")
    page.get_by_label("Number", exact=True).fill("0722 123 456")
    page.get_by_label("Number", exact=True).press("Enter")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Vine miercuri")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".txt").filter(has_text="Vine miercuri")).to_have_count(1)

    assert len(desk.office.outgoing()) == before


def test_customers_html_is_seen_in_its_frame_and_asks_nobody_outside(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.get_by_text("As it was sent").click()

    frame = page.frame_locator("iframe.frame")
    expect(frame.get_by_text("ziua")).to_be_visible()
    expect(frame.get_by_text("picture from outside is not loaded")).to_be_visible()
    assert desk.asked_outside == []


def test_attachment_is_downloaded_under_its_name(desk: Desk) -> None:
    files = (("constatare ș.pdf", "application/pdf", b"%PDF-1.4 x"),)
    came = desk.office.file(mail(f"dosar {CLAIM_A}", files=files))
    assert came.message is not None
    desk.sign_in()
    page = desk.open(f"/tickets/{came.message.ticket.ref}?view=team")
    with page.expect_download() as download:
        page.get_by_role("link", name="constatare ș.pdf").click()

    assert download.value.suggested_filename == "constatare ș.pdf"
    assert download.value.path().read_bytes() == b"%PDF-1.4 x"


def test_no_payload_runs_or_asks_outside_on_any_page(desk: Desk) -> None:
    together = "".join(PAYLOADS)
    refs = []
    for number, payload in enumerate([*PAYLOADS, together]):
        raw = mail(
            f"{CLAIM_A} {payload}", sender=f"x{number}@x.example", subject=f"{payload} {CLAIM_A}"[:900],
            html=f"<p>{payload}</p>", files=((f"{payload[:80]}.pdf", "application/pdf", b"x"),),
        )  # fmt: skip
        filed = desk.office.file(raw)
        assert filed.message is not None
        refs.append(filed.message.ticket.ref)
    desk.sign_in()
    desk.open("/inbox/team")
    for ref in refs:
        page = desk.open(f"/tickets/{ref}?view=team")
        page.get_by_text("As it was sent").click()
        page.frame_locator("iframe.frame").locator("body").wait_for()

    assert desk.asked_outside == []
    assert [each for each in desk.complaints if "Content Security Policy" not in each] == []
    assert "a script ran" not in desk.complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1280, 900, 390, 320])
def test_page_never_scrolls_sideways_and_the_case_is_one_step_away(
    desk: Desk, ticket: Ticket, width: int, scheme: str
) -> None:
    desk.page.set_viewport_size({"width": width, "height": 800})
    desk.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two words it takes
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    if width < 1400:
        page.get_by_role("link", name="Case", exact=True).click()

    expect(page.get_by_role("complementary", name="Case")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert desk.complaints == []


def test_theme_that_was_chosen_stays(desk: Desk) -> None:
    page = desk.sign_in()
    page.get_by_role("button", name="Light or dark").click()
    chosen = page.evaluate("document.documentElement.dataset.theme")
    page.reload()

    assert chosen in ("light", "dark")
    assert page.evaluate("document.documentElement.dataset.theme") == chosen


def test_text_says_what_it_costs_while_it_is_written_and_the_draft_is_there_after_a_reload(desk: Desk) -> None:
    came = desk.office.file_sms(f"Bună, dosar {CLAIM_A}")
    desk.sign_in()
    page = desk.open(f"/tickets/{came.ref}?view=team")
    page.keyboard.press("r")
    page.keyboard.type("Mulțumim, așteptăm devizul.")
    bill = page.locator("[data-bill]")
    expect(bill).to_contain_text(re.compile(r"1 segment, \d+ of 160 characters"))
    page.get_by_role("textbox", name="Message").fill("Mulțumim, așteptăm devizul. " * 6)
    expect(bill).to_contain_text(re.compile(r"2 segments, .*With them: \d segments"))

    page.reload()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Mulțumim, așteptăm devizul. " * 6)
    assert desk.complaints == []


def test_link_is_made_and_undone_with_its_key(desk: Desk) -> None:
    came = desk.office.file_mail(f"Bună, dosar {CLAIM_A}", sender="Gigi <gigi@x.example>", subject="Altceva")
    desk.sign_in()
    page = desk.open(f"/tickets/{came.ref}?view=team")
    page.keyboard.press("l")
    expect(page.locator(":focus")).to_contain_text(f"Belongs to {CLAIM_A}")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".ticket .meta")).to_contain_text(CLAIM_A)

    page.keyboard.press("l")
    expect(page.locator(":focus")).to_contain_text("Undo this link")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("Who writes here is not verified.")).to_be_visible()
    assert desk.complaints == []


def test_views_fold_to_icons_with_a_key_and_stay_so(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    list_at = "document.querySelector('#list').getBoundingClientRect().left"
    wide = page.evaluate(list_at)
    page.keyboard.press("\\")
    assert page.evaluate(list_at) < wide / 3
    page.reload()

    assert page.evaluate(list_at) < wide / 3
    expect(page.get_by_role("link", name="Team")).to_be_visible()


def test_everything_is_reached_by_the_tab_key_and_named(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("To the content")

    nameless = page.evaluate(
        """[...document.querySelectorAll("a, button, input:not([type=hidden]), textarea, summary, iframe")]
           .filter(e => e.checkVisibility())
           .filter(e => !(e.innerText || e.ariaLabel || e.title || (e.labels && e.labels.length)))
           .map(e => e.outerHTML)"""
    )
    assert nameless == []


def test_items_to_ask_for_stand_beside_what_will_be_sent(desk: Desk) -> None:
    desk.sign_in()
    page = desk.open(f"/claims/{CLAIM_A}/request")
    items, seen = page.locator("#items").bounding_box(), page.locator(".see").bounding_box()
    assert items is not None
    assert seen is not None
    assert items["width"] > 300
    assert seen["width"] > 600
    assert items["x"] + items["width"] <= seen["x"] + 1


def choose(page: Page, *typed: str) -> None:
    """Type words and press Enter, one step of the palette after the other."""
    page.keyboard.press("Control+k")
    for words in typed:
        page.keyboard.type(words)
        page.keyboard.press("Enter")  # also before the words are answered: what they find is done


def test_action_that_needs_an_argument_is_given_one_in_a_second_step_of_the_palette(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    owner = page.locator(".ticket .meta")
    with page.expect_navigation():
        choose(page, "assign", "radu")
    expect(owner).to_contain_text("Radu")

    page.keyboard.press("Control+k")
    page.keyboard.type("tag")
    expect(page.locator("#palette [role=option]").first.locator("mark")).to_have_text("Tag")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#palette .chip")).to_have_text("Tag")
    page.keyboard.press("Escape")
    expect(page.locator("#palette .chip")).to_be_hidden()
    expect(page.get_by_role("combobox")).to_have_value("tag")
    page.keyboard.press("Enter")
    page.keyboard.type("de sunat")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".ticket .tag")).to_have_text("de sunat")

    choose(page, "ask a dep", "legal")
    expect(page.get_by_role("option", name="Write the question")).to_be_disabled()
    page.keyboard.type("Se aplică 5.2?")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with desk.office.app.store.reading() as session:
        task = session.scalars(select(Task)).one()
        assert (task.department, task.question) == ("legal", "Se aplică 5.2?")
    expect(page.locator(".timeline")).to_contain_text("Ana Ionescu asked a department: Legal.")

    with page.expect_navigation():
        choose(page, "snooze", "31.12")
    desk.open(f"/tickets/{ticket.ref}?view=team")
    expect(owner).to_contain_text("Snoozed until Thu 31 Dec")
    page.keyboard.press("Control+k")
    page.keyboard.type("assign: ana")
    expect(page.get_by_text("Nothing fits.")).to_be_visible()
    assert desk.complaints == []


def test_palette_says_in_romanian_what_cannot_be_done_and_why(desk: Desk, ticket: Ticket) -> None:
    desk.sign_in()
    page = desk.open(f"/tickets/{ticket.ref}?view=team")
    page.evaluate("fetch('/language', {method: 'POST', body: new URLSearchParams({language: 'ro', next: '/', "
                  "csrf: document.querySelector('[name=csrf]').value})})")  # fmt: skip
    desk.open("/inbox/team")
    page.keyboard.press("Control+k")
    page.keyboard.type("aman")
    option = page.locator("#palette [role=option]").first
    expect(option).to_contain_text("Niciun tichet nu este deschis")
    expect(option.locator("mark")).to_have_text("Amân")


@pytest.mark.parametrize("width", [1920, 1280, 1000, 360])
def test_what_is_decided_and_judged_is_in_sight_at_every_width(desk: Desk, width: int) -> None:
    files = (("deviz.png", "image/png", b"\x89PNG\r\n"),)
    came = desk.office.file(mail(f"iată, dosar {CLAIM_A}", files=files))
    assert came.message is not None
    desk.page.set_viewport_size({"width": width, "height": 800})
    desk.sign_in()
    page = desk.open(f"/claims/{CLAIM_A}/decide")
    expect(page.get_by_role("button", name="Show the letter")).to_be_visible()
    page = desk.open(f"/tickets/{came.message.ticket.ref}/evidence")
    expect(page.get_by_role("button", name="Accept", exact=True)).to_be_visible()

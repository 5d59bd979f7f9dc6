"""A working day without a mouse: from signing in to a decision that a supervisor approves."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from inbox import documents
from tests.browser.conftest import Desk
from tests.browser.keyboard import Keyboard, sign_in
from tests.browser.test_upload import PHOTO, link
from tests.inbox.test_scenarios_cover import NORD, C
from tests.inbox.web.office import EMAIL, Pages, mail
from tests.tickets.desk import CLAIM_A, CLAIM_B
from tickets import world
from tickets.messages import DeliveryState
from tickets.models import Claim, ClaimLine, ClaimState, Direction, DocumentValue, Invoice, MessageFile, Ticket
from tickets.requirements import RequirementState

RADU = "radu@exemplu.example"


def scan(pages: int = 3) -> bytes:
    kept = io.BytesIO()
    sheets = [Image.new("RGB", (400, 600), (250, 250, 250 - 10 * n)) for n in range(pages)]
    sheets[0].save(kept, "TIFF", save_all=True, append_images=sheets[1:])
    return kept.getvalue()


def state(desk: Desk, ref: str) -> ClaimState:
    with desk.office.app.store.reading() as session:
        return session.scalars(select(Claim.state).where(Claim.ref == ref)).one()


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    """Dan has written about claim B, then Maria about hers."""
    desk.office.file_mail(f"Când primesc banii? {CLAIM_B}", sender="Dan Marin <dan.marin@example.ro>", subject="Oferta")
    desk.office.now += timedelta(minutes=1)
    came = desk.office.file_mail(f"Bună ziua, dosar {CLAIM_A}", subject="Pagubă de apă")
    desk.office.now += timedelta(minutes=1)
    return came


def test_request_answer_evidence_and_everything_between_without_a_mouse(desk: Desk, ticket: Ticket) -> None:
    keys = sign_in(desk)
    _opens_the_newest(keys)
    _writes(keys, desk)
    _asks_for_two_items(keys, desk)
    _accepts_a_page(keys, desk, ticket)
    _sets_it_aside(keys)
    assert desk.office.ticket(ticket.ref).owner_id == desk.office.staff(RADU).id
    assert desk.office.ticket(ticket.ref).snoozed_until is not None
    assert desk.asked_outside == []
    assert desk.complaints == []


def _opens_the_newest(keys: Keyboard) -> None:
    keys.go("g", "t")
    keys.press("j", "j", "k")
    expect(keys.focused).to_contain_text("Maria Popescu")
    keys.go("Enter")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Pagubă de apă")


def _writes(keys: Keyboard, desk: Desk) -> None:
    """A reply that is taken back and sent after all, a note, a call."""
    keys.press("r")
    keys.write("Am primit mesajul.")
    keys.send()
    keys.sees("Queued until")
    keys.go("z")
    expect(keys.page.get_by_role("textbox", name="Message")).to_have_value("Am primit mesajul.")
    keys.press("End")  # text and cursor are back
    keys.write(" Mulțumim.")
    keys.send()
    keys.press("n")
    keys.write("Coloana este comună.")
    keys.send()
    keys.sees("Note, staff only")
    keys.press("p")
    expect(keys.page.get_by_role("timer")).to_have_text(re.compile(r"^0:(0[2-9]|[1-5]\d)$"))
    keys.write("Vine miercuri.")
    keys.send()
    directions = [each.direction for each in desk.office.messages() if each.author_id]
    assert directions == [Direction.OUT, Direction.OUT, Direction.NOTE, Direction.IN]
    assert desk.office.outgoing()[-1].message.new_text == "Am primit mesajul. Mulțumim."


def _asks_for_two_items(keys: Keyboard, desk: Desk) -> None:
    """One request, by mail with a numbered list and by one SMS that names no item (scenario S2)."""
    keys.go("q")
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text("for 2 items")
    keys.reach("Repair estimate")
    keys.press("Space")
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text("for 1 item")
    keys.press("Space")
    expect(keys.page.get_by_role("heading", level=1)).to_contain_text("for 2 items")
    keys.send()
    keys.sees("Request R1")
    keys.go("z")
    keys.sees("took R1 back before it left")
    keys.go("q")
    keys.send()
    keys.sees("Request R1")
    asked = [each for each in desk.office.outgoing() if each.template == "request"]
    written, text = [each for each in asked if each.state is DeliveryState.QUEUED]
    assert CLAIM_A in (written.message.subject or "")
    assert "1." in written.message.text
    assert "2." in written.message.text
    assert len(text.message.text) <= 160
    assert state(desk, CLAIM_A) is ClaimState.GATHERING


def _accepts_a_page(keys: Keyboard, desk: Desk, ticket: Ticket) -> None:
    """Maria's three pages come; the second is looked at, turned, and accepted as the first item."""
    desk.office.deliver()
    desk.office.now += timedelta(hours=1)
    desk.office.file(mail("iată actele", subject=f"[{CLAIM_A}/R1]", files=(("adeverinta.tif", "image/tiff", scan()),)))
    documents.read_all(desk.office.app)
    keys.page.goto(f"{desk.url}/tickets/{ticket.ref}?view=team")
    keys.go("v")
    keys.sees("page 1 of 3")
    keys.go("]")
    keys.sees("page 2 of 3")
    keys.go("t")
    assert "turn=90" in keys.page.url
    keys.go("[")
    keys.press("i")
    expect(keys.focused).to_have_attribute("type", "radio")
    item = keys.focused.get_attribute("value")
    keys.send()
    assert item is not None
    assert desk.office.item(item) is RequirementState.ACCEPTED
    keys.go("Escape")


def _sets_it_aside(keys: Keyboard) -> None:
    keys.press("a")
    expect(keys.focused).to_be_visible()
    keys.reach("Radu Stan")
    keys.go("Enter")
    keys.press("s")
    keys.go("Enter")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Team")


def test_customers_photograph_is_accepted_only_by_a_person(desk: Desk, ticket: Ticket) -> None:
    desk.office.ask()
    phone = desk.context.new_page()
    phone.goto(link(desk))
    field = phone.locator("[data-line='file.owners_assoc'] input[type=file]").last
    field.set_input_files([{"name": "adeverinta.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}])
    expect(phone.locator("[data-line='file.owners_assoc'] .up .st")).to_contain_text("Primit")
    assert desk.office.item("owners_assoc") is RequirementState.RECEIVED

    keys = sign_in(desk)
    desk.open(f"/tickets/{ticket.ref}?view=team")
    keys.go("v")
    keys.press("i")
    keys.reach("Accept")
    keys.go("Enter")
    accepted = [item for item in ("owners_assoc", "repair_estimate") if desk.office.item(item) == "accepted"]
    assert len(accepted) == 1


def test_supervisor_returns_a_decision_and_approves_the_next_without_a_mouse(desk: Desk, ticket: Ticket) -> None:
    keys = sign_in(desk)
    _finds_by_a_misspelt_name(keys)
    keys.go("d")
    _proposes(keys)
    assert state(desk, CLAIM_B) is ClaimState.DECISION_PENDING_APPROVAL

    radu = Keyboard(desk.colleague(RADU).open("/inbox/team"))
    radu.go("g", "a")
    radu.sees("12,450.00")
    radu.reach("Reason")
    radu.write("fără factură pentru vopsitorie, 10.000 lei")
    radu.reach("Return to Ana")
    radu.go("Enter")
    assert state(desk, CLAIM_B) is ClaimState.IN_REVIEW

    keys.page.reload()
    keys.sees("fără factură pentru vopsitorie")
    _proposes_a_part(keys)
    assert state(desk, CLAIM_B) is ClaimState.DECISION_PENDING_APPROVAL
    radu.page.reload()
    radu.sees("D10")
    radu.send()
    assert state(desk, CLAIM_B) is ClaimState.PARTIALLY_APPROVED
    assert desk.office.outgoing()[-1].template.startswith("decision_")
    assert desk.complaints == []
    assert desk.colleagues[0].complaints == []


def _finds_by_a_misspelt_name(keys: Keyboard) -> None:
    keys.press("Control+k")
    keys.write("Dan Marrin")
    found = keys.page.get_by_role("option").filter(has_text="Marin")
    expect(found.first).to_be_visible()
    for _ in range(10):
        if keys.page.locator("[role=option][aria-selected=true]").filter(has_text="Marin").count():
            break
        keys.press("ArrowDown")
    keys.go("Enter")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Oferta")


def _proposes(keys: Keyboard) -> None:
    """The letter is read before the decision; both with the key that sends."""
    keys.send()
    expect(keys.page.locator(".judge .whole").first).to_be_visible()
    keys.send()
    keys.sees("waits for approval")


def _proposes_a_part(keys: Keyboard) -> None:
    """2,450 are paid, 10,000 are refused: within her amount, beyond her reasons."""
    keys.reach("Approve")
    keys.press("ArrowDown")
    for field, words in (("Amount to pay", "2450"), ("Amount refused", "10000")):
        keys.reach(field)
        keys.rewrite(words)
    keys.reach("Reason code")
    keys.write("D10")
    keys.reach("Clause")
    keys.write("4.2")
    keys.reach("own words")
    keys.write("Se plătește paguba dovedită.")
    keys.reach("Facts")
    keys.write("Pentru vopsitorie nu am primit o factură.")
    keys.send()
    keys.send()


def test_expense_is_written_down_corrected_and_struck_without_a_mouse(desk: Desk, ticket: Ticket) -> None:
    keys = sign_in(desk)
    keys.go("g", "t")
    keys.page.get_by_role("link", name="Dan Marin").focus()
    keys.go("Enter")
    keys.press("Control+k")
    keys.write("expenses")
    keys.go("Enter")
    keys.press("+")
    expect(keys.focused).to_have_attribute("name", "description")
    keys.write("Remorcare")
    keys.press("Tab")
    keys.write("550")
    keys.go("Enter")
    keys.sees("13,000.00")

    keys.reach("Correct or strike: Remorcare")
    keys.press("Enter")
    keys.reach("Amount")
    keys.rewrite("500")
    keys.go("Enter")
    keys.sees("12,950.00")

    keys.reach("Correct or strike: Remorcare")
    keys.press("Enter")
    keys.reach("Reason")
    keys.write("dublă")
    keys.reach("Strike")
    keys.go("Enter")
    keys.sees("12,450.00")
    assert desk.complaints == []


def test_keys_of_one_letter_can_be_switched_off(desk: Desk, ticket: Ticket) -> None:
    keys = sign_in(desk)
    keys.press("?")
    keys.reach("Switch single keys off")
    keys.press("Space", "Escape")
    before = keys.page.url
    keys.press("w", "j")

    assert keys.page.url == before
    assert not keys.page.locator(".row:focus").count()
    keys.press("Control+k")
    expect(keys.page.get_by_role("combobox")).to_be_focused()


def test_sum_that_differs_and_an_invoice_paid_before_are_found_from_what_the_files_say(desk: Desk) -> None:
    office = desk.office
    ref = _sums_and_an_invoice(office)
    ana = desk.colleague(EMAIL)
    keys = Keyboard(ana.open(f"/tickets/{ref}/evidence"))
    keys.go("{")
    keys.sees("cerere.tif")
    keys.reach("Take it")
    keys.go("Enter")
    keys.go("}")
    keys.sees("factura.tif")
    keys.press("i", "ArrowDown")
    keys.send()

    page = ana.open(f"/claims/{CLAIM_A}/decide")
    finding = page.locator(".findings li").filter(has_text="AMT-01")
    expect(finding).to_contain_text("90.00")
    expect(page.locator(".findings li").filter(has_text="DUP-02")).to_contain_text("CLM26-000091-47")
    assert ana.complaints == []


def _sums_and_an_invoice(office: Pages) -> str:
    """Claim A with three expenses; its files say another total, and an invoice that was paid in another claim."""
    office.ask()
    files = tuple((name, "image/tiff", scan(1)) for name in ("cerere.tif", "factura.tif"))
    filed = office.file(mail("iată cererea și factura", subject=f"[{CLAIM_A}/R1]", files=files))
    with office.app.store.writing() as session:
        world.load(
            session, {"schema": 1, "claims": [{**C, "invoices": [NORD]}]}, office=office.app.office, now=office.now
        )
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        paid = session.scalars(select(Invoice)).one()
        claim.lines += [
            ClaimLine(coverage="home", description="x", unit_minor=each, total_minor=each)
            for each in (120_000, 85_000, 40_000)
        ]
        asked, bill = session.scalars(select(MessageFile).order_by(MessageFile.id))
        said = ((asked, "total", "254000"), (bill, "total", "245000"), (bill, "issuer_tax_id", paid.issuer_tax_id),
                (bill, "invoice_number", paid.number_norm))  # fmt: skip
        session.add_all(DocumentValue(file=file, name=name, value=value, words=value) for file, name, value in said)
    assert filed.message is not None
    return filed.message.ticket.ref


def test_a_page_beside_a_longer_one_is_not_stretched_under_its_marks(desk: Desk) -> None:
    wide = io.BytesIO()
    Image.new("RGB", (900, 300), (240, 240, 240)).save(wide, "PNG")
    files = (("poza.png", "image/png", wide.getvalue()), ("factura.tif", "image/tiff", scan(1)))
    filed = desk.office.file(mail("iată actele", subject=f"[{CLAIM_A}/R1]", files=files))
    assert filed.message is not None
    desk.sign_in()
    page = desk.open(f"/tickets/{filed.message.ticket.ref}/evidence")
    page.locator("details.menu summary", has_text="Compare").click()
    page.locator("details.menu[open]").get_by_role("link").click()

    pictures = page.locator(".sheets.two .page img")
    expect(pictures).to_have_count(2)
    for picture in pictures.all():
        expect(picture).to_have_js_property("complete", value=True)
    heights = "all => all.map(each => [each.clientHeight, each.firstElementChild.clientHeight])"
    for sheet, drawn in page.locator(".sheets.two .page").evaluate_all(heights):
        assert abs(sheet - drawn) <= 1

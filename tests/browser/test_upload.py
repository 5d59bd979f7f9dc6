"""The customer's page on a telephone: a photograph ticks its item, with script and without."""

import base64

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Desk
from tests.browser.keyboard import Keyboard
from tests.inbox.web.office import EMAIL
from tests.inbox.web.test_upload import wants_account
from tests.tickets.desk import CLAIM_A
from tickets import shown
from tickets.requirements import RequirementState

PHOTO = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////"
    "wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)


def link(desk: Desk) -> str:
    with desk.office.app.store.reading() as session:
        found = str(shown.request(session, f"{CLAIM_A}/R1", desk.office.app.office)["upload_url"])
    return desk.url + "/u/" + found.rpartition("/")[2]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_photograph_from_a_telephone_ticks_its_item(desk: Desk, chromium: Browser, script: bool) -> None:  # noqa: FBT001 - a parameter of the test
    desk.office.ask()
    context = chromium.new_context(
        locale="ro-RO", viewport={"width": 360, "height": 740}, java_script_enabled=script, has_touch=True
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(link(desk))
    expect(page.get_by_role("heading", level=1)).to_have_text("Trimiteți-ne 2 documente")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    line = page.locator("[data-line='file.owners_assoc'] input[type=file]").last
    line.set_input_files([{"name": "adeverinta.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}])
    if script:
        expect(page.locator("[data-line='file.owners_assoc'] .up .st")).to_have_text("✓ Primit")
        page.reload()
    else:
        page.get_by_role("button", name="Trimiteți ce am adăugat").click()

    expect(page.get_by_text("1 fișier primit")).to_be_visible()
    assert desk.office.item("owners_assoc") is RequirementState.RECEIVED
    assert [each for each in asked if not each.startswith(desk.url)] == []
    context.close()


def test_account_given_on_the_form_is_paid_to_only_after_a_call_back_and_a_second_person(desk: Desk) -> None:
    path = wants_account(desk.office, born=True)
    maria = Keyboard(desk.stranger(locale="ro-RO").open(path))
    maria.reach("Data nașterii")
    maria.write("1975-04-23" if maria.focused.get_attribute("type") != "date" else "04231975")
    maria.go("Enter")
    maria.reach("IBAN")
    maria.write("RO14BTRL0130120567890012")
    maria.reach("Titularul")
    maria.write("Popescu M.")
    maria.reach("Trimiteți ce am adăugat")
    maria.go("Enter")
    assert desk.office.item("bank_account") is RequirementState.RECEIVED

    ana = Keyboard(desk.colleague(EMAIL).open(f"/claims/{CLAIM_A}/decide"))
    ana.sees("by our form")
    ana.sees("ID-05: the account is new")
    ana.sees("ID-01")
    for number, said in (("0799 999 999", "on file"), ("0722 123 456", "called back by Ana Ionescu")):
        ana.reach("Number on file that was called")
        ana.write(number)
        ana.go("Enter")
        ana.sees(said)
    ana.sees("Somebody else agrees.")

    elena = Keyboard(desk.colleague("elena@exemplu.example").open(f"/claims/{CLAIM_A}/decide"))
    elena.reach("Agree as second person")
    elena.go("Enter")
    elena.sees("May be paid to")
    elena.sees("agreed by Elena Pop")

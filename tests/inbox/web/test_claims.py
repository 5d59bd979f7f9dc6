"""Judging items and asking for what is missing."""

import html
import re

import pytest
from sqlalchemy import select

from tests.inbox.web.office import Browser, Pages
from tests.tickets.desk import CLAIM_A
from tickets.messages import Medium
from tickets.models import ContactPoint, ContactStatus, Ticket
from tickets.requirements import RequirementState

BUILDER = f"/claims/{CLAIM_A}/request"


@pytest.fixture
def answered(office: Pages) -> Ticket:
    """Maria was asked and has sent the owners' association's statement."""
    office.file_mail(f"Dosar {CLAIM_A}")
    office.ask()
    return office.file_mail(
        f"Atașez adeverința asociației, dosar {CLAIM_A}",
        subject="Adeverință",
        files=(("adeverinta asociatie.pdf", "application/pdf", b"%PDF-1.4 x"),),
    )


def test_received_document_is_offered_for_its_item_and_accepted(office: Pages, ana: Browser, answered: Ticket) -> None:
    page = ana.get(f"/tickets/{answered.ref}").text
    document = re.search(r'name="document" value="(\d+)"', page)
    assert document is not None

    ana.post(f"/claims/{CLAIM_A}/items/owners_assoc/accept", {"ticket": answered.ref, "document": document[1]})

    assert office.item("owners_assoc") is RequirementState.ACCEPTED
    assert "Ana Ionescu a acceptat" in ana.get(f"/tickets/{answered.ref}").text


def test_rejected_document_is_asked_for_again_with_its_reason(office: Pages, ana: Browser, answered: Ticket) -> None:
    ana.post(
        f"/claims/{CLAIM_A}/items/owners_assoc/reject", {"ticket": answered.ref, "reason": "nesemnată pe pagina 3"}
    )

    assert office.item("owners_assoc") is RequirementState.REJECTED
    assert "nesemnată pe pagina 3" in ana.get(BUILDER).text


def test_rejecting_without_a_reason_is_refused(office: Pages, ana: Browser, answered: Ticket) -> None:
    answer = ana.post(f"/claims/{CLAIM_A}/items/owners_assoc/reject", {"ticket": answered.ref, "reason": "  "})

    assert answer.status_code == 409
    assert "are nevoie de un motiv" in answer.text
    assert office.item("owners_assoc") is RequirementState.RECEIVED


def test_item_that_is_waived_is_not_asked_for(office: Pages, ana: Browser, answered: Ticket) -> None:
    ana.post(f"/claims/{CLAIM_A}/items/repair_estimate/waive", {"ticket": answered.ref, "reason": "sumă mică"})

    assert office.item("repair_estimate") is RequirementState.WAIVED


def test_item_that_has_not_come_cannot_be_accepted_and_the_reason_typed_elsewhere_stays(
    office: Pages, ana: Browser, answered: Ticket
) -> None:
    answer = ana.post(f"/claims/{CLAIM_A}/items/repair_estimate/accept", {"ticket": answered.ref})

    assert answer.status_code == 409
    assert office.item("repair_estimate") is RequirementState.ASKED


def test_builder_ticks_what_is_missing_and_shows_every_wording(ana: Browser, office: Pages) -> None:
    office.file_mail(f"Dosar {CLAIM_A}")
    page = html.unescape(ana.get(BUILDER).text)

    assert 'name="items" value="owners_assoc" checked' in page
    assert "Fiindcă" in page or "Din cauza: loss cause = water pipe and flat = yes" in page
    assert f"[{CLAIM_A}]" in page
    assert "1 segment" in page


def test_builder_changes_nothing(office: Pages, ana: Browser) -> None:
    office.file_mail(f"Dosar {CLAIM_A}")
    before = len(office.outgoing())
    ana.get(BUILDER)
    ana.get(f"{BUILDER}?chosen=yes&items=owners_assoc&due_on=2026-12-10")

    assert len(office.outgoing()) == before
    assert office.item("owners_assoc") is RequirementState.NEEDED


def test_preview_follows_what_is_ticked_and_the_day(office: Pages, ana: Browser) -> None:
    office.file_mail(f"Dosar {CLAIM_A}")
    page = ana.get(f"{BUILDER}?chosen=yes&items=owners_assoc&due_on=2026-12-10").text

    assert "10 decembrie" in page
    assert "Deviz de reparație" not in page.split('class="see"')[1]
    assert 'value="repair_estimate">' not in page
    assert 'value="repair_estimate" aria' in page


def test_framed_preview_is_sandboxed(office: Pages, ana: Browser) -> None:
    answer = ana.get(f"{BUILDER}/email?items=owners_assoc")

    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "Adeverință" in html.unescape(answer.text)


def test_preview_of_a_medium_that_nobody_reads_is_not_found(ana: Browser) -> None:
    assert ana.get(f"{BUILDER}/letter?items=owners_assoc").status_code == 404
    assert ana.get(f"{BUILDER}/pigeon?items=owners_assoc").status_code == 404


def test_every_way_to_the_customer_is_shown_with_its_reason(office: Pages, ana: Browser) -> None:
    with office.app.store.writing() as session:
        email = session.scalars(select(ContactPoint).where(ContactPoint.value == "maria.popescu@example.ro")).one()
        email.status = ContactStatus.BOUNCING

    page = html.unescape(ana.get(BUILDER, accept_language="ro").text)

    assert re.search(r"\+40722123456</span><span class=.because.><span>Funcționează și este primul", page)
    assert re.search(r"popescu@example.ro</span><span class=.because.><span>Mesajele trimise aici se întorc", page)


def test_request_is_sent_for_what_is_ticked_on_every_medium(office: Pages, ana: Browser) -> None:
    office.file_mail(f"Dosar {CLAIM_A}")
    office.deliver()
    fields = {"items": ["owners_assoc", "repair_estimate"], "due_on": "2026-12-10"}
    answer = ana.post(f"/claims/{CLAIM_A}/ask", fields)

    sent = [delivery for delivery in office.outgoing() if delivery.template == "request"]
    assert answer.status_code == 303
    assert {delivery.medium for delivery in sent} == {Medium.EMAIL, Medium.SMS}
    assert "10 decembrie" in sent[0].message.text
    assert all(delivery.due_at > office.now for delivery in sent)
    assert office.item("owners_assoc") is RequirementState.ASKED
    page = ana.get(answer.headers["location"]).text
    assert "Cererea R1" in page
    assert "Se așteaptă de astăzi" in page


@pytest.mark.parametrize("due_on", ["2026-11-23", "2026-11-01", "2099-01-01", "mâine", "2026-13-45"])
def test_day_that_cannot_be_asked_for_is_refused_and_ticks_stay(office: Pages, ana: Browser, due_on: str) -> None:
    answer = ana.post(f"/claims/{CLAIM_A}/ask", {"items": ["owners_assoc"], "due_on": due_on})

    assert answer.status_code == 409
    assert "nu mai devreme de mâine" in answer.text
    assert 'value="owners_assoc" checked' in answer.text
    assert 'value="repair_estimate" checked' not in answer.text
    assert office.outgoing() == []


def test_nothing_ticked_is_nothing_asked(office: Pages, ana: Browser) -> None:
    answer = ana.post(f"/claims/{CLAIM_A}/ask", {"due_on": "2026-12-10"})

    assert answer.status_code == 409
    assert "cel puțin un element" in answer.text
    assert office.outgoing() == []


def test_claim_with_nothing_left_to_ask_says_so(office: Pages, ana: Browser) -> None:
    office.ask()

    page = ana.get(BUILDER)

    assert page.status_code == 200
    assert "Nu este nimic de cerut." in page.text


def test_claim_that_does_not_exist_is_not_found(ana: Browser) -> None:
    assert ana.get("/claims/CLM26-999999-99/request").status_code == 404
    assert ana.post("/claims/CLM26-999999-99/ask", {"items": ["photos"]}).status_code == 404
    assert ana.post("/claims/CLM26-999999-99/items/photos/accept").status_code == 404

"""Deciding on the page: facts and letter first, authority and four eyes as everywhere."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from inbox import desk
from tests.inbox.web.office import Browser, Pages
from tests.tickets.desk import CLAIM_A, CLAIM_B
from tickets.messages import Medium
from tickets.models import Claim, ClaimState, Decision, Ticket


@pytest.fixture
def radu(office: Pages) -> Browser:
    """The supervisor's browser."""
    browser = office.browser()
    browser.enter(office, "radu@exemplu.example")
    return browser


def state(office: Pages, ref: str) -> ClaimState:
    with office.app.store.reading() as session:
        return session.scalars(select(Claim.state).where(Claim.ref == ref)).one()


def decision(office: Pages) -> int:
    with office.app.store.reading() as session:
        return session.scalars(select(Decision.id)).one()


def mark(page: str) -> str:
    found = re.search(r'name="mark" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_page_shows_findings_and_the_payable_amount_step_by_step(office: Pages, ana: Browser) -> None:
    page = ana.get(f"/claims/{CLAIM_B}/decide")
    assert page.status_code == 200
    assert "12.450,00" in page.text
    assert "CLK-01" in page.text


def test_what_is_beyond_ones_authority_waits_for_a_supervisor_who_approves_it(
    office: Pages, ana: Browser, radu: Browser
) -> None:
    shown = ana.post(f"/claims/{CLAIM_B}/decide", {"kind": "approve", "do": "preview"})
    assert shown.status_code == 200
    ana.post(f"/claims/{CLAIM_B}/decide", {"kind": "approve", "do": "decide", "mark": mark(shown.text)})
    assert state(office, CLAIM_B) is ClaimState.DECISION_PENDING_APPROVAL

    own = ana.post(f"/approvals/{decision(office)}", {"do": "approve"})
    assert own.status_code == 409
    assert state(office, CLAIM_B) is ClaimState.DECISION_PENDING_APPROVAL

    page = radu.get("/approvals")
    assert CLAIM_B in page.text
    assert radu.post(f"/approvals/{decision(office)}", {"do": "approve"}).status_code == 303
    assert state(office, CLAIM_B) is ClaimState.APPROVED


def test_proposal_is_returned_only_with_a_reason(office: Pages, ana: Browser, radu: Browser) -> None:
    shown = ana.post(f"/claims/{CLAIM_B}/decide", {"kind": "approve", "do": "preview"})
    ana.post(f"/claims/{CLAIM_B}/decide", {"kind": "approve", "do": "decide", "mark": mark(shown.text)})

    assert radu.post(f"/approvals/{decision(office)}", {"do": "return"}).status_code == 409
    given = {"do": "return", "note": "fără factură pentru vopsitorie"}
    assert radu.post(f"/approvals/{decision(office)}", given).status_code == 303
    assert state(office, CLAIM_B) is ClaimState.IN_REVIEW


def test_what_stands_in_the_way_is_said_before_anything_is_typed(ana: Browser) -> None:
    page = ana.get(f"/claims/{CLAIM_A}/decide", accept_language="en").text
    assert re.search(r'data-kind="approve">.*?Cannot approve yet\.</b> [^<]*owners_assoc', page, re.DOTALL)
    assert "Cannot" not in ana.get(f"/claims/{CLAIM_B}/decide", accept_language="en").text


def test_button_says_whether_the_letter_leaves_or_waits_for_a_second_person(ana: Browser, radu: Browser) -> None:
    wish = {"kind": "approve", "do": "preview"}
    hers = ana.post(f"/claims/{CLAIM_B}/decide", wish, accept_language="en").text
    assert "Beyond your authority" in hers
    assert "Decide and send" not in hers
    his = radu.post(f"/claims/{CLAIM_B}/decide", wish, accept_language="en").text
    assert "Decide and send" in his
    assert "Beyond your authority" not in his


def test_claim_with_an_open_item_is_not_approved_on_the_page(office: Pages, ana: Browser) -> None:
    answer = ana.post(f"/claims/{CLAIM_A}/decide", {"kind": "approve", "do": "decide"})
    assert answer.status_code == 409
    assert state(office, CLAIM_A) is ClaimState.GATHERING


ODD = ({}, {"kind": "pay"}, {"kind": "approve", "amount": "abc"}, {"kind": "approve", "amount": "-1"})


@pytest.mark.parametrize("fields", ODD)
def test_form_that_says_nothing_of_use_decides_nothing(office: Pages, ana: Browser, fields: dict[str, str]) -> None:
    assert ana.post(f"/claims/{CLAIM_B}/decide", {"do": "decide", **fields}).status_code == 409
    assert state(office, CLAIM_B) is ClaimState.IN_REVIEW


def test_claim_file_is_a_page_to_print(office: Pages, ana: Browser) -> None:
    page = ana.get(f"/claims/{CLAIM_B}/file")
    assert page.status_code == 200
    assert CLAIM_B in page.text
    assert "<nav" not in page.text


def test_strangers_see_no_case(office: Pages, stranger: Browser) -> None:
    for path in (f"/claims/{CLAIM_B}/decide", "/approvals", f"/claims/{CLAIM_B}/file"):
        assert stranger.get(path).status_code == 303


def test_finding_is_set_aside_by_who_may_with_a_reason(office: Pages, ana: Browser, radu: Browser) -> None:
    path = f"/claims/{CLAIM_B}/findings/CLK-01/override"
    page = radu.get(f"/claims/{CLAIM_B}/decide").text
    [subject] = re.findall(r'CLK-01/override">.*?name="subject" value="([^"]*)"', page, re.DOTALL)
    assert ana.post(path, {"reason": "știm", "subject": subject}).status_code == 409
    assert radu.post(path, {"reason": " ", "subject": subject}).status_code == 409

    assert radu.post(path, {"reason": "oferta pleacă azi", "subject": subject}).status_code == 303

    assert "oferta pleacă azi" in radu.get(f"/claims/{CLAIM_B}/decide").text


def test_merge_of_two_claims_is_undone_from_its_page(office: Pages, ana: Browser) -> None:
    path = f"/claims/{CLAIM_A}"
    with office.app.store.writing() as session:
        session.scalars(select(Claim).where(Claim.ref == CLAIM_B)).one().policy = None
    assert ana.post(f"{path}/merge", {"into": "CLM26-999999-99"}).status_code == 409
    assert ana.post(f"{path}/merge", {"into": CLAIM_B, "reason": "aceeași pagubă"}).status_code == 303
    page = ana.get(f"{path}/decide").text
    assert f'href="/claims/{CLAIM_B}/decide"' in page
    [made] = re.findall(r'name="merge" value="(\d+)"', page)

    assert ana.post(f"{path}/merge", {"merge": made}).status_code == 303

    assert state(office, CLAIM_A) is ClaimState.GATHERING
    assert ana.post(f"{path}/merge", {"merge": made}).status_code == 409


def test_account_is_entered_called_back_and_agreed_to_by_two_people(office: Pages, ana: Browser) -> None:
    path = f"/claims/{CLAIM_A}"
    given = {"iban": "RO14 BTRL 0130 1205 6789 0012", "holder": "Popescu M.", "source": "call"}
    elena = office.browser()
    elena.enter(office, "elena@exemplu.example")

    assert ana.post(f"{path}/account", given | {"source": "dream"}).status_code == 409
    assert ana.post(f"{path}/account", given | {"iban": "RO14BTRL0130120567890013"}).status_code == 303
    assert "cifrele de control" in ana.get(f"{path}/decide").text
    assert ana.post(f"{path}/account", given).status_code == 303
    page = ana.get(f"{path}/decide").text
    assert "RO..0012" in page
    assert "RO14BTRL" not in page
    assert elena.post(f"{path}/account", {"do": "agree"}).status_code == 409  # nobody has called yet
    assert ana.post(f"{path}/account", {"do": "call", "number": "0799 999 999"}).status_code == 409  # not on file
    assert ana.post(f"{path}/account", {"do": "call", "number": "0722 123 456"}).status_code == 303
    assert ana.post(f"{path}/account", {"do": "agree"}).status_code == 409  # her own call
    assert elena.post(f"{path}/account", {"do": "agree"}).status_code == 303
    assert "Se poate plăti" in ana.get(f"{path}/decide").text


def test_claim_file_tells_the_whole_exchange_on_all_tickets_but_restricted_ones(office: Pages, ana: Browser) -> None:
    first = office.file_mail(f"Bună ziua, dosar {CLAIM_A}", subject="Pagubă")
    office.now += timedelta(minutes=1)
    desk.reply(office.app, first.ref, staff=office.staff(), body="Am primit.", medium=Medium.EMAIL)
    desk.note(office.app, first.ref, staff=office.staff(), text="Coloana este comună.")
    office.now += timedelta(minutes=1)
    hidden = office.file_mail(f"Altceva, {CLAIM_A}", subject="Secret", sender="X <x@x.example>")
    with office.app.store.writing() as session:
        session.scalars(select(Ticket).where(Ticket.ref == hidden.ref)).one().restricted = True
    page = ana.get(f"/claims/{CLAIM_A}/file", accept_language="en").text

    assert page.index("Bună ziua") < page.index("Am primit.") < page.index("Coloana este comună.")
    assert "Note, staff only" in page
    assert "maria.popescu@example.ro: Queued" in page
    assert "Altceva" not in page

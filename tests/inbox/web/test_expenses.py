"""Expenses on the page of a claim: typed in, corrected, struck; what is payable follows at once."""

import re

from sqlalchemy import select

from tests.inbox.web.office import EMAIL, Browser, Pages
from tests.tickets.desk import CLAIM_B
from tickets.models import ClaimLine, Event, Role, Staff

PATH = f"/claims/{CLAIM_B}"


def coverage(page: str) -> str:
    found = re.search(r'name="coverage"[^>]*>(?:<option value=""></option>)?<option value="([^"]+)"', page)
    assert found is not None
    return found[1]


def form(page: str, **changes: str) -> dict[str, str]:
    written = {"description": "Remorcare", "expense": "550,00", "currency": "ron", "coverage": coverage(page)}
    return {**written, "spent_on": "2026-11-20", "evidence": "", **changes}


def last(office: Pages) -> ClaimLine:
    with office.app.store.reading() as session:
        return session.scalars(select(ClaimLine).order_by(ClaimLine.id.desc()).limit(1)).one()


def test_payable_amount_follows_what_is_written_down_corrected_and_struck(office: Pages, ana: Browser) -> None:
    page = ana.get(f"{PATH}/decide").text
    assert "12.450,00" in page
    assert ana.post(f"{PATH}/expenses", form(page)).status_code == 303
    added = last(office)
    page = ana.get(f"{PATH}/decide").text
    assert "13.000,00" in page

    correct = form(page, expense="500", was="55000", do="correct")
    assert ana.post(f"{PATH}/expenses/{added.id}", correct).status_code == 303
    assert "12.950,00" in ana.get(f"{PATH}/decide").text

    late = ana.post(f"{PATH}/expenses/{added.id}", {"was": "55000", "do": "strike", "reason": "dublă"})
    assert late.status_code == 409
    assert "altcineva a schimbat" in late.text
    assert ana.post(f"{PATH}/expenses/{added.id}", {"was": "50000", "do": "strike"}).status_code == 409
    strike = {"was": "50000", "do": "strike", "reason": "dublă"}
    assert ana.post(f"{PATH}/expenses/{added.id}", strike).status_code == 303
    assert ana.post(f"{PATH}/expenses/{added.id}", strike).status_code == 409
    assert "12.450,00" in ana.get(f"{PATH}/decide").text
    with office.app.store.reading() as session:
        kinds = session.scalars(select(Event.kind).where(Event.kind.like("expense.%")).order_by(Event.id)).all()
    assert kinds == ["expense.added", "expense.corrected", "expense.struck"]


def test_expense_that_is_refused_keeps_what_was_typed(office: Pages, ana: Browser) -> None:
    page = ana.get(f"{PATH}/decide").text
    before = last(office).id
    for change in ({"expense": "-5"}, {"expense": ""}, {"currency": "XYZ1"}, {"spent_on": "vineri"}, {"coverage": "x"}):
        answer = ana.post(f"{PATH}/expenses", form(page, **change))
        assert answer.status_code == 409
        assert 'value="Remorcare"' in answer.text
    assert last(office).id == before


def test_who_only_reads_and_who_is_a_stranger_write_no_expense(office: Pages, ana: Browser, stranger: Browser) -> None:
    fields, before = form(ana.get(f"{PATH}/decide").text), last(office).id
    with office.app.store.writing() as session:
        session.scalars(select(Staff).where(Staff.email == EMAIL)).one().roles = [Role.AUDITOR]
    assert ana.post(f"{PATH}/expenses", fields).status_code >= 400
    assert stranger.post(f"{PATH}/expenses", fields).status_code in (303, 403)
    assert last(office).id == before

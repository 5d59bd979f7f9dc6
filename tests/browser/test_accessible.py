"""Every page in both themes and languages: nothing serious or critical by axe-core, nothing asked of another host."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from inbox import desk as moves
from tests.browser.conftest import Desk
from tests.browser.test_upload import link
from tests.inbox.web.office import mail
from tests.tickets.desk import CLAIM_A, CLAIM_B
from tickets.messages import Enclosure
from tickets.models import Claim, DecisionKind, DocumentValue, MessageFile, Payment, PaymentState, Ticket, TicketState
from tickets.proposals import Proposal

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
RADU = "radu@exemplu.example"
_DATA = "Datele mele"
_RUN = """() => axe.run(document, { resultTypes: ["violations"] }).then((found) => found.violations
  .filter((each) => ["serious", "critical"].includes(each.impact))
  .map((each) => [each.id, each.nodes[0].html.slice(0, 200), each.nodes[0].failureSummary]))"""
_UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true })"
#: Forms that stand in a fold of a ticket's page.
_FOLDED = ("extend", "happened", "caller", "person", "hand-off", "snooze", "tags")


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    """One of everything: an answered request with a file, what nobody could read, somebody who asks for his data."""
    desk.office.ask()
    desk.office.now += timedelta(minutes=1)
    files = (("deviz.pdf", "application/pdf", b"%PDF-1.4 x"),)
    came = desk.office.file(mail("iată devizul", subject=f"[{CLAIM_A}/R1]", html="<p>iată</p>", files=files))
    desk.office.file_mail("Bună", sender="Gigi <gigi@x.example>", subject="Altceva")
    desk.office.file_mail("Vreau o copie a datelor mele personale, conform GDPR.", subject=_DATA)
    desk.office.quarantine()
    assert came.message is not None
    _what_is_at_work(desk, came.message.ticket)
    return came.message.ticket


def _what_is_at_work(desk: Desk, ticket: Ticket) -> None:
    """Values read in a file, an account and money on its way, a complaint, a file of an answer, a ticket that went."""
    app, radu = desk.office.app, desk.office.staff(RADU)
    moves.give_account(app, CLAIM_A, staff=radu, iban="RO14BTRL0130120567890012", source="form")
    desk.office.now += timedelta(minutes=1)
    other = desk.office.file_mail("Nu sunt mulțumit", sender="Gigi <gigi@x.example>", subject="Iarăși")
    moves.register_complaint(app, ticket.ref, staff=radu, subject="durează")
    moves.attach(app, ticket.ref, [Enclosure(name="a.txt", media_type="text/plain", content=b"x")], staff=radu)
    moves.merge_tickets(app, other.ref, ticket.ref, staff=radu)
    with app.store.writing() as session:
        file = session.scalars(select(MessageFile)).one()
        claim = session.scalars(select(Claim).where(Claim.ref == CLAIM_A)).one()
        said = (("total", "245000"), ("date", "2026-11-15"))
        session.add_all(DocumentValue(file=file, name=name, value=value) for name, value in said)
        session.add_all(
            Payment(
                claim=claim, once=f"{CLAIM_A}/P{n}", state=state, payee="Maria Popescu",
                iban="RO49AAAA1B31007593840000", amount_minor=100 * n, proposed_at=desk.office.now,
            )
            for n, state in enumerate((PaymentState.RELEASED, PaymentState.PROPOSED), 1)
        )  # fmt: skip
    moves.make_payment_file(app, "csv", staff=radu)
    moves.decide(app, CLAIM_B, Proposal(kind=DecisionKind.APPROVE), staff=desk.office.staff())


def pages(desk: Desk, ticket: Ticket) -> list[str]:
    """The address of every page that people who work here see."""
    with desk.office.app.store.reading() as session:
        gone = session.scalars(select(Ticket.ref).where(Ticket.state == TicketState.MERGED)).one()
        data = session.scalars(select(Ticket.ref).where(Ticket.subject == _DATA)).one()
    at = f"/tickets/{ticket.ref}"
    claim = f"/claims/{CLAIM_A}"
    return [
        "/inbox/team", "/inbox/not_reached", f"{at}?view=team", f"{at}/evidence", f"{claim}/request",
        f"{claim}/decide", f"/claims/{CLAIM_B}/decide", f"{claim}/file", "/approvals", "/intake", "/lead",
        "/tasks", "/payments", "/complaints", "/colleagues", f"/tickets/{gone}?view=team",
        f"/tickets/{data}?view=team", "/password", "/nothing",
    ]  # fmt: skip


def unfolded(desk: Desk, path: str) -> Page:
    """A page with everything on it unfolded: what is folded away, nobody looks at."""
    page = desk.open(path)
    page.evaluate(_UNFOLD)
    return page


def problems(desk: Desk, path: str) -> list[Any]:
    page = unfolded(desk, path)
    page.evaluate(AXE)
    found: list[Any] = page.evaluate(_RUN)
    return [[path, *each] for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "ro-RO"])
def test_no_page_has_a_serious_problem_or_asks_outside(desk: Desk, ticket: Ticket, scheme: str, language: str) -> None:
    radu = desk.colleague(RADU, locale=language, color_scheme=scheme)
    found = [each for path in pages(desk, ticket) for each in problems(radu, path)]
    stranger = desk.stranger(locale=language, color_scheme=scheme)
    for path in ("/sign-in", link(desk).removeprefix(desk.url), "/u/AAAAAAAAAAAAAAAAAAAAAA"):
        found += problems(stranger, path)

    assert found == []
    assert radu.asked_outside == stranger.asked_outside == []
    assert [each for each in (*radu.complaints, *stranger.complaints) if "404" not in each] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "ro-RO"])
def test_palette_and_its_second_step_have_no_serious_problem(
    desk: Desk, ticket: Ticket, scheme: str, language: str
) -> None:
    page = desk.colleague(RADU, locale=language, color_scheme=scheme).open(f"/tickets/{ticket.ref}?view=team")
    page.evaluate(AXE)
    page.keyboard.press("Control+k")
    page.keyboard.type("a")
    expect(page.locator("#palette mark").first).to_be_visible()
    found = page.evaluate(_RUN)
    page.locator("#palette [data-step=assign]").click()
    expect(page.locator("#palette .chip")).to_be_visible()
    found += page.evaluate(_RUN)
    page.set_viewport_size({"width": 360, "height": 700})

    assert found == []
    assert page.evaluate("document.querySelector('#palette').scrollWidth") <= 360


#: Whether the views lie over what the page is about.
_COVERED = """() => {
  const [views, main] = ["#rail", "main"].map((each) => document.querySelector(each)?.getBoundingClientRect());
  return Boolean(views?.width && main?.width) && views.right > main.left + 1 && views.bottom > main.top + 1
    && views.left < main.right && views.top < main.bottom;
}"""


@pytest.mark.parametrize("width", [360, 640, 900, 1280, 1920])  # 640: 1280 at 200 %
def test_no_page_scrolls_sideways_or_lies_under_its_views(desk: Desk, ticket: Ticket, width: int) -> None:
    radu = desk.colleague(RADU)
    radu.page.set_viewport_size({"width": width, "height": 800})
    wide, covered = {}, []
    for path in pages(desk, ticket):
        page = unfolded(radu, path)
        wide[path] = page.evaluate("document.documentElement.scrollWidth")
        covered += [path] if page.evaluate(_COVERED) else []
    assert {path: each for path, each in wide.items() if each > width} == {}
    assert covered == []


def test_the_sweeps_meet_every_folded_form(desk: Desk, ticket: Ticket) -> None:
    radu = desk.colleague(RADU)
    met = "".join(unfolded(radu, path).content() for path in pages(desk, ticket) if path.startswith("/tickets"))
    assert [form for form in _FOLDED if f'/{form}"' not in met] == []

"""Every page in both themes and languages: nothing serious or critical by axe-core, nothing asked of another host."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Desk
from tests.browser.test_upload import link
from tests.inbox.web.office import mail
from tests.tickets.desk import CLAIM_A, CLAIM_B
from tickets.models import Ticket

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
RADU = "radu@exemplu.example"
_RUN = """() => axe.run(document, { resultTypes: ["violations"] }).then((found) => found.violations
  .filter((each) => ["serious", "critical"].includes(each.impact))
  .map((each) => [each.id, each.nodes[0].html.slice(0, 200), each.nodes[0].failureSummary]))"""


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    """One of everything: an answered request with a file, a decision that waits, an arrival nobody could read."""
    desk.office.ask()
    desk.office.now += timedelta(minutes=1)
    files = (("deviz.pdf", "application/pdf", b"%PDF-1.4 x"),)
    came = desk.office.file(mail("iată devizul", subject=f"[{CLAIM_A}/R1]", html="<p>iată</p>", files=files))
    desk.office.file_mail("Bună", sender="Gigi <gigi@x.example>", subject="Altceva")
    desk.office.quarantine()
    assert came.message is not None
    return came.message.ticket


def pages(ticket: Ticket) -> list[str]:
    """The address of every page that people who work here see."""
    at = f"/tickets/{ticket.ref}"
    claim = f"/claims/{CLAIM_A}"
    return [
        "/inbox/team", "/inbox/not_reached", f"{at}?view=team", f"{at}/evidence", f"{claim}/request",
        f"{claim}/decide", f"/claims/{CLAIM_B}/decide", f"{claim}/file", "/approvals", "/intake", "/lead",
        "/tasks", "/payments", "/complaints", "/nothing",
    ]  # fmt: skip


def problems(desk: Desk, path: str) -> list[Any]:
    page = desk.open(path)
    page.evaluate(AXE)
    found: list[Any] = page.evaluate(_RUN)
    return [[path, *each] for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "ro-RO"])
def test_no_page_has_a_serious_problem_or_asks_outside(desk: Desk, ticket: Ticket, scheme: str, language: str) -> None:
    radu = desk.colleague(RADU, locale=language, color_scheme=scheme)
    found = [each for path in pages(ticket) for each in problems(radu, path)]
    stranger = desk.stranger(locale=language, color_scheme=scheme)
    for path in ("/sign-in", link(desk).removeprefix(desk.url), "/u/AAAAAAAAAAAAAAAAAAAAAA"):
        found += problems(stranger, path)

    assert found == []
    assert radu.asked_outside == stranger.asked_outside == []
    assert [each for each in (*radu.complaints, *stranger.complaints) if "404" not in each] == []


@pytest.mark.parametrize("width", [360, 1280, 1920])
def test_no_page_scrolls_sideways(desk: Desk, ticket: Ticket, width: int) -> None:
    radu = desk.colleague(RADU)
    radu.page.set_viewport_size({"width": width, "height": 800})
    wide = {}
    for path in pages(ticket):
        wide[path] = radu.open(path).evaluate("document.documentElement.scrollWidth")
    assert {path: each for path, each in wide.items() if each > width} == {}

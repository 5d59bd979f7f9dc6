"""Named views: any filter under a name, one's own or the team's, with how many tickets it holds now."""

import re

from tests.inbox.web.office import Browser, Pages
from tests.tickets.desk import CLAIM_A

RADU = "radu@exemplu.example"


def shown(browser: Browser) -> dict[str, tuple[str, str]]:
    """The named views at the side: name, address, number."""
    page = browser.get("/inbox/team", accept_language="en").text
    links = re.findall(r'<a href="(/inbox/[^"]+\?[^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    found = {}
    for href, inside in links:
        name, number = re.search(r'cut">([^<]*)<', inside), re.search(r'"n">(\d+)<', inside)
        if name and number:
            found[name[1]] = (href.replace("&amp;", "&"), number[1])
    return found


def test_filter_is_kept_under_a_name_and_counts_what_it_holds_now(office: Pages, ana: Browser) -> None:
    first = office.file_mail(f"Bună, dosar {CLAIM_A}")
    ana.post(f"/tickets/{first.ref}/tags", {"tags": "rca"})
    kept = ana.post("/views", {"view": "team", "narrow": "tag=rca", "name": "RCA, ofertă"})
    assert kept.headers["location"] == "/inbox/team?tag=rca"
    assert shown(ana)["RCA, ofertă"] == ("/inbox/team?tag=rca", "1")
    assert "Maria Popescu" in ana.get("/inbox/team?tag=rca").text

    ana.post(f"/tickets/{first.ref}/tags", {"tags": ""})
    assert shown(ana)["RCA, ofertă"][1] == "0"


def test_view_is_ones_own_until_it_is_the_teams_and_its_owner_alone_drops_it(office: Pages, ana: Browser) -> None:
    radu = office.browser()
    radu.enter(office, RADU)
    ana.post("/views", {"view": "team", "narrow": "owner=none", "name": "A mea"})
    ana.post("/views", {"view": "team", "narrow": "due=3", "name": "A echipei", "shared": "yes"})
    assert set(shown(ana)) == {"A mea", "A echipei"}
    assert set(shown(radu)) == {"A echipei"}

    page = ana.get("/inbox/team?due=3", accept_language="en").text
    found = re.search(r'action="(/views/\d+/drop)"', page)
    assert found is not None
    assert "/drop" not in radu.get("/inbox/team?due=3").text
    radu.post(found[1])
    assert "A echipei" in shown(ana)
    ana.post(found[1])
    assert set(shown(ana)) == {"A mea"}


def test_view_without_a_name_or_of_no_view_is_not_kept(ana: Browser) -> None:
    assert ana.post("/views", {"view": "team", "narrow": "due=3", "name": " "}).status_code == 409
    assert ana.post("/views", {"view": "burnt", "narrow": "", "name": "x"}).status_code == 404
    assert shown(ana) == {}

"""The wall around the pages: no route without a sign-in, no move without our own form, no words that become markup."""

from html.parser import HTMLParser

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import select
from starlette.requests import Request
from starlette.types import Receive

import inbox.web
from inbox.web.security import LARGEST_BODY, LARGEST_UPLOAD, Wall
from tests.inbox.web.office import EMAIL, Browser, Pages, mail
from tests.tickets.desk import CLAIM_A
from tickets.models import Role, Staff, Ticket

#: Everything that anybody may ask; a new route has to be named here or to want a sign-in.
OPEN = {
    "GET /sign-in",
    "POST /sign-in",
    "GET /healthz",
    "GET /readyz",
    "POST /hooks/twilio/sms",
    "POST /hooks/twilio/status",
}
#: The customer's page: the link itself is the key, so that there is neither a sign-in nor a form of a session.
BY_LINK = {"GET /u/{printed}", "POST /u/{printed}", "POST /u/{printed}/proof"}
VALUES = {"ref": CLAIM_A, "view": "team", "item": "photos", "medium": "email"}


def routes(web: FastAPI) -> list[tuple[str, str]]:
    found = [
        (method, route.path)
        for part in web.routes
        for route in getattr(getattr(part, "original_router", None), "routes", [part])
        if isinstance(route, APIRoute)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
    assert len(found) > 25
    return found


def filled(path: str) -> str:
    for part in [part for part in path.split("/") if part.startswith("{")]:
        path = path.replace(part, VALUES.get(part.strip("{}"), "1"))
    return path


def test_no_page_is_shown_to_somebody_who_is_not_signed_in(office: Pages, stranger: Browser) -> None:
    office.file_mail(f"Dosar {CLAIM_A}")
    anybody = OPEN | BY_LINK
    closed = [each for each in routes(inbox.web.create(office.app)) if " ".join(each) not in anybody]

    for method, path in closed:
        answer = stranger.get(filled(path)) if method == "GET" else stranger.post(filled(path))
        assert (answer.status_code, answer.headers.get("location", "")[:8]) == (303, "/sign-in"), (method, path)


@pytest.mark.parametrize(
    "forged",
    [
        {"csrf": ""},
        {"csrf": "wrong"},
        {"origin": "https://evil.example", "sec_fetch_site": "cross-site"},
        {"origin": "https://evil.example", "sec_fetch_site": ""},
        {"origin": "", "sec_fetch_site": "cross-site"},
        {"origin": "", "sec_fetch_site": "same-site"},
        {"origin": "", "sec_fetch_site": "none"},
        {"origin": "", "sec_fetch_site": ""},
        {"origin": "null", "sec_fetch_site": ""},
        {"origin": "http://127.0.0.1:8400.evil.example", "sec_fetch_site": ""},
        {"origin": "http://127.0.0.1:9999", "sec_fetch_site": ""},
    ],
)
def test_no_move_is_made_that_our_own_page_did_not_post(office: Pages, ana: Browser, forged: dict[str, str]) -> None:
    ticket = office.file_mail(f"Dosar {CLAIM_A}")
    fields = {"csrf": forged.get("csrf", ana.csrf), "body": "x", "medium": "note", "ticket": ticket.ref}
    headers = {name: value for name, value in forged.items() if name != "csrf"}
    before = len(office.messages())
    unbound = OPEN | BY_LINK if "csrf" in forged else OPEN  # bound to our origin only

    for method, path in routes(inbox.web.create(office.app)):
        if method == "POST" and f"POST {path}" not in unbound:
            answer = ana.post_raw(filled(path), fields, **headers)
            assert answer.status_code == 403, path
    assert len(office.messages()) == before
    assert ana.get("/inbox/team").status_code == 200


def test_whoever_only_looks_posts_nothing_about_a_customer(office: Pages, ana: Browser) -> None:
    ticket = office.file_mail(f"Dosar {CLAIM_A}")
    with office.app.store.writing() as session:
        session.scalars(select(Staff).where(Staff.email == EMAIL)).one().roles = [Role.AUDITOR]
    of_oneself = {"POST /sign-out", "POST /language", "POST /tickets/{ref}/presence"}
    before = len(office.messages())

    for method, path in routes(inbox.web.create(office.app)):
        if method == "POST" and f"POST {path}" not in OPEN | BY_LINK | of_oneself:
            answer = ana.post(filled(path), {"body": "x", "medium": "note", "ticket": ticket.ref})
            assert (answer.status_code, "nu poate modifica nimic" in answer.text) == (409, True), path
    assert len(office.messages()) == before
    assert ana.get(f"/tickets/{ticket.ref}").status_code == 200


def test_older_browser_that_sends_only_the_origin_is_served(office: Pages, ana: Browser) -> None:
    ticket = office.file_mail(f"Dosar {CLAIM_A}")

    answer = ana.post(f"/tickets/{ticket.ref}/note", {"body": "Notă"}, sec_fetch_site="")

    assert answer.status_code == 303


def test_every_answer_carries_the_headers(office: Pages, ana: Browser, stranger: Browser) -> None:
    ticket = office.file_mail(f"Dosar {CLAIM_A}")
    paths = ["/inbox/team", f"/tickets/{ticket.ref}", "/intake", "/nothing", "/static/claimdesk.css", "/healthz"]
    for answer in [*map(ana.get, paths), stranger.get("/sign-in"), stranger.get("/inbox/team")]:
        policy = answer.headers["content-security-policy"]
        assert policy == (
            "default-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_pages_are_kept_by_no_cache_and_static_files_are(ana: Browser) -> None:
    assert ana.get("/inbox/team").headers["cache-control"] == "no-store"
    assert "immutable" in ana.get("/static/claimdesk.css").headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/static/../rendering.py", "/static/%2e%2e/rendering.py", "/static/", "/static/pages"]
)
def test_only_static_files_are_static(ana: Browser, path: str) -> None:
    assert ana.get(path).status_code in (404, 405)


def test_form_larger_than_any_of_ours_is_refused(stranger: Browser) -> None:
    answer = stranger.post_raw("/sign-in", {"email": EMAIL, "password": "x" * (LARGEST_BODY + 1)})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("language", "large", "broken"), [("en", "too large", "went wrong"), ("ro", "prea mare", "greșit")]
)
def test_what_fails_is_said_as_a_page_in_the_readers_language(
    ana: Browser, monkeypatch: pytest.MonkeyPatch, language: str, large: str, broken: str
) -> None:
    asked = {"accept": "text/html", "accept_language": language}
    answer = ana.post_raw("/u/abc/proof", {"proof": "x" * (LARGEST_UPLOAD + 1)}, **asked)
    assert answer.status_code == 413
    assert large in answer.text
    assert 'href="/u/abc?lang=' in answer.text
    monkeypatch.setattr("inbox.web.lists.listing", None)
    answer = ana.get("/inbox/team", **asked)
    assert answer.status_code == 500
    assert broken in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


def test_notice_is_in_the_language_its_reader_has_chosen(ana: Browser) -> None:
    ana.post("/language", {"language": "en", "next": "/"})
    assert "There is nothing here." in ana.get("/nothing", accept_language="ro").text
    refused = ana.post_raw("/views", {"csrf": "forged"}, accept_language="ro")
    assert refused.status_code == 403
    assert "Nothing was done." in refused.text


def test_browser_that_leaves_while_it_sends_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    async def asked(_scope: object, receive: Receive, _send: object) -> None:
        await Request({"type": "http"}, receive).body()

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    answer = Wall(asked)({"type": "http", "path": "/sign-in", "headers": []}, gone, pytest.fail)
    with pytest.raises(StopIteration):  # it waits for nobody, so that no loop is needed
        answer.send(None)

    assert "request failed" not in capsys.readouterr().out


def test_unforeseen_error_says_nothing_and_logs_no_words(
    office: Pages, ana: Browser, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("Maria Popescu +40722123456")

    monkeypatch.setattr("inbox.web.lists.listing", broken)
    answer = ana.get("/inbox/team")

    assert answer.status_code == 500
    assert "Maria" not in answer.text + capsys.readouterr().out
    assert answer.headers["x-frame-options"] == "DENY"


MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(2)><style>*{display:none}</style>{{7*7}}'


class Found(HTMLParser):
    """Counts what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("img", "style", "object", "embed", "base") or (tag == "script" and "src" not in named):
            self.bad.append(tag)
        self.bad += [name for name in named if name.startswith("on") or name in ("style", "srcdoc")]


def acted_on(page: str) -> list[str]:
    found = Found()
    found.feed(page)
    return found.bad


@pytest.fixture
def hostile(office: Pages) -> Ticket:
    """A mail that tries to be markup in every field a customer fills, and is linked to a claim."""
    name = MARKUP.replace("\\", "").replace('"', "'")
    raw = mail(
        f"{CLAIM_A} {MARKUP}\n\n> {MARKUP}",
        sender=f'"{name}" <maria.popescu@example.ro>',
        subject=f"{CLAIM_A} {MARKUP}",
        html=f"<p>{MARKUP}</p>",
        files=((MARKUP, "application/pdf", b"x"),),
    )
    ticket = office.file(raw).message.ticket  # type: ignore[union-attr]
    office.quarantine(name=MARKUP)
    return ticket


@pytest.fixture
def every_page(ana: Browser, hostile: Ticket) -> str:
    ana.post(f"/tickets/{hostile.ref}/note", {"body": MARKUP})
    ana.post(f"/tickets/{hostile.ref}/call", {"body": MARKUP, "number": MARKUP})
    ana.post(f"/tickets/{hostile.ref}/reply", {"medium": "email", "body": MARKUP})
    ana.post(f"/claims/{CLAIM_A}/items/repair_estimate/waive", {"ticket": hostile.ref, "reason": MARKUP})
    pages = [
        ana.get("/inbox/team"),
        ana.get(f"/tickets/{hostile.ref}"),
        ana.get(f"/tickets/{hostile.ref}?view={MARKUP}&after={MARKUP}"),
        ana.get(f"/claims/{CLAIM_A}/request?due_on={MARKUP}&chosen=yes&items={MARKUP}&ticket={MARKUP}"),
        ana.get("/intake"),
        ana.get(f"/inbox/{MARKUP.replace('/', '')}"),
        ana.post(f"/tickets/{hostile.ref}/reply", {"medium": "x", "body": MARKUP, "number": MARKUP}),
        ana.post(f"/tickets/{hostile.ref}/link", {"claim": MARKUP}),
        ana.post_raw("/sign-in", {"email": MARKUP, "password": "x", "next": MARKUP}),
    ]
    return "\n".join(page.text for page in pages)


def test_no_customers_word_becomes_markup_on_any_page(every_page: str) -> None:
    assert "&lt;script&gt;alert(1)" in every_page
    assert "{{7*7}}" in every_page
    assert acted_on(every_page) == []


def test_our_own_templates_hold_no_inline_script_or_style(ana: Browser) -> None:
    assert acted_on(ana.get("/inbox/team").text) == []

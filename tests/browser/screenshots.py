"""The pictures of the documentation: the demo's pages as Chromium shows them, at the sizes people work in.

python -m tests.browser.screenshots FOLDER
"""

import io
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import func, select

import inbox.web
from inbox import desk, documents, poller, searching
from inbox.app import App
from inbox.demo import story
from inbox.demo.progress import console, step
from inbox.demo.promises import THREE_PARTS
from inbox.demo.site import Site
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.servers.shared import free_port
from tickets import shown
from tickets.catalogue import Stage
from tickets.models import (
    Claim,
    Clock,
    DecisionKind,
    Payment,
    PaymentState,
    Request,
    RequestItem,
    Requirement,
    Staff,
    Ticket,
)
from tickets.proposals import Proposal
from tickets.requirements import RequirementState

_COLOURS = 256  #: Of a page in one theme; a picture becomes a third of its size.
#: Whether every picture that is in sight has come.
_DRAWN = """() => [...document.images]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().top < innerHeight)
  .every((each) => each.complete && each.naturalWidth)"""
_DESK, _LAPTOP, _TABLET, _PHONE = (1440, 900), (1280, 800), (900, 800), (390, 844)
_CLAIM = THREE_PARTS.partition("/")[0]
_ANA, _RADU = story.PEOPLE[0][1], story.PEOPLE[1][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One page as one person sees it; `then` is what he does before it is taken."""

    name: str
    path: str
    size: tuple[int, int] = _DESK
    scheme: str = "light"
    person: str = _ANA
    language: str = "en-GB"
    then: Callable[[Page], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The demo after its story, being served."""

    app: App
    url: str
    passwords: dict[str, str]


def pictures(played: Played) -> Iterator[Picture]:
    """Every picture there is, in the order of a claim's way."""
    ticket = f"/tickets/{_ticket(played.app)}"
    inbox_page, evidence = f"{ticket}?view=team", f"{ticket}/evidence?view=team"
    yield Picture(name="inbox", path=inbox_page)
    yield Picture(name="inbox-dark", path=inbox_page, scheme="dark")
    yield Picture(name="inbox-1280", path=inbox_page, size=_LAPTOP)
    yield Picture(name="inbox-900", path=inbox_page, size=_TABLET)
    yield Picture(name="inbox-phone", path=inbox_page, size=_PHONE, language="ro-RO")
    yield Picture(name="list", path="/inbox/team")
    yield Picture(name="palette", path=inbox_page, then=_search("rep"))
    yield Picture(name="palette-step", path=inbox_page, then=_step("assign"))
    yield Picture(name="keys", path=inbox_page, then=_press("?", "#keys[open]"))
    yield Picture(name="request", path=f"/claims/{_open_claim(played.app)}/request")
    yield Picture(name="evidence", path=evidence)
    yield Picture(name="compare", path=evidence, scheme="dark", then=_compare)
    yield Picture(name="decide", path=f"/claims/{_CLAIM}/decide", person=_RADU)
    yield Picture(name="letter", path=f"/claims/{_CLAIM}/decide", then=_read_letter)
    yield Picture(name="file", path=f"/claims/{_CLAIM}/file")
    yield Picture(name="intake", path="/intake")
    yield Picture(name="tasks", path="/tasks", person=_RADU)
    yield Picture(name="complaints", path="/complaints", person=_RADU, scheme="dark", language="ro-RO")
    yield Picture(name="sign-in", path="/sign-in", person="", size=_LAPTOP)
    yield Picture(name="caller", path=inbox_page, then=_press("y", "#case details[open]"))
    owed = f"/tickets/{_owed(played.app)}?view=team"
    yield Picture(name="more-time", path=owed, person=_RADU, then=_press("b", "form[action$='/extend'] textarea"))
    yield Picture(name="happened", path=owed, person=_RADU, then=_unfold("form[action$='/happened']"))
    yield Picture(name="payments", path="/payments", person=_RADU)
    yield Picture(name="colleagues", path="/colleagues", person=_RADU)
    yield Picture(name="password", path="/password", size=_LAPTOP)
    yield Picture(name="lead", path="/lead", person=_RADU)
    yield Picture(name="lead-dark", path="/lead", person=_RADU, scheme="dark")
    yield Picture(name="upload", path=_upload(played.app), size=_PHONE, person="", language="ro-RO")
    _propose(played.app)
    yield Picture(name="approvals", path="/approvals", person=_RADU)


def take(folder: Path) -> None:
    """Play the demo and write every picture into `folder`."""
    screen = console()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with _played() as played, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for each in pictures(played):
            with step(screen, f"{each.name}.png"):
                (folder / f"{each.name}.png").write_bytes(_taken(browser, played, each))
        browser.close()


@contextmanager
def _played() -> Iterator[Played]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, Site(folder=Path(folder) / "demo", port=port) as site:
        told = story.tell(site, console())
        with closing(site.app()) as app:
            _ask_for_data(app, site)
            _pay(app)
            documents.read_all(app)
            searching.catch_up(app)
            config = uvicorn.Config(inbox.web.create(app), port=port, log_level="error", lifespan="off")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, daemon=True)
            thread.start()
            yield Played(app=app, url=f"http://127.0.0.1:{port}", passwords=told.passwords)
            server.should_exit = True
            thread.join(10)


def _ask_for_data(app: App, site: Site) -> None:
    """A stranger wants to know what we hold on him, which a law lets us answer later if we say why."""
    site.exchange.receive("+40722999777", "Vreau o copie a datelor mele personale, conform GDPR.")
    for name in app.settings.channels:
        poller.receive(app, name)
    poller.process_all(app, poller.MAIL)


def _pay(app: App) -> None:
    """Money on its way for the claim that is whole by now, one payment in a file for the bank already."""
    with app.store.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.ref == _CLAIM)).one()
        ana, radu = (session.scalars(select(Staff).where(Staff.email == email)).one() for email in (_ANA, _RADU))
        session.add_all(
            Payment(
                claim=claim, once=f"{_CLAIM}/P{number}", state=state, payee="Maria Dobrescu",
                iban="RO49AAAA1B31007593840000", amount_minor=minor, proposed_at=app.clock(),
                proposed_by_id=ana.id,
            )
            for number, (state, minor) in enumerate(
                ((PaymentState.RELEASED, 450_000), (PaymentState.PROPOSED, 160_000)), 1
            )
        )  # fmt: skip
    desk.make_payment_file(app, "csv", staff=radu)


def _propose(app: App) -> None:
    """What came for the claim is accepted, the rest done without; Ana proposes to pay more than she may alone."""
    with app.store.reading() as session:
        ana, radu = (session.scalars(select(Staff).where(Staff.email == email)).one() for email in (_ANA, _RADU))
        of_claim = select(Requirement).join(Claim).where(Claim.ref == _CLAIM, Requirement.stage == Stage.DECISION)
        rows = session.scalars(of_claim)
        states = {row.item: row.state for row in rows}
    for item, state in states.items():
        if state is RequirementState.RECEIVED:
            desk.accept(app, _CLAIM, item, staff=ana)
        elif state in (RequirementState.NEEDED, RequirementState.ASKED, RequirementState.MAYBE):
            desk.waive(app, _CLAIM, item, staff=radu, reason="seen by the assessor")
    desk.decide(app, _CLAIM, Proposal(kind=DecisionKind.APPROVE), staff=ana)


def _taken(browser: Browser, played: Played, picture: Picture) -> bytes:
    width, height = picture.size
    context = browser.new_context(
        locale=picture.language,
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if picture.person:
        page.goto(f"{played.url}/sign-in")
        page.locator("input[name=email]").fill(picture.person)
        page.locator("input[name=password]").fill(played.passwords[picture.person])
        page.keyboard.press("Enter")
        page.wait_for_url("**/inbox/*")
    answer = page.goto(played.url + picture.path)
    assert answer is not None
    assert answer.ok, f"{picture.path} answers {answer.status}"
    if picture.then is not None:
        picture.then(page)
    page.wait_for_function(_DRAWN)
    taken = page.screenshot()
    context.close()
    return _small(taken)


def _step(words: str) -> Callable[[Page], None]:
    """The palette's second step behind an action."""

    def type_and_enter(page: Page) -> None:
        _search(words)(page)
        page.keyboard.press("Enter")
        page.locator("#palette [role=option]", has_text="Radu Stan").wait_for()

    return type_and_enter


def _compare(page: Page) -> None:
    page.locator("details.menu summary", has_text="Compare").click()
    page.locator("details.menu[open] a").last.click()
    page.locator(".sheets.two img").last.wait_for()


def _read_letter(page: Page) -> None:
    page.fill("input[name=amount]", "6100")
    page.get_by_role("button", name="Show the letter").click()
    page.locator(".judge .whole").first.wait_for()


def _press(key: str, shows: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        page.keyboard.press(key)
        page.locator(shows).first.wait_for()

    return press


def _search(words: str) -> Callable[[Page], None]:
    def search(page: Page) -> None:
        _press("Control+k", "[role=option]")(page)
        with page.expect_response("**/palette?*"):
            page.keyboard.type(words)
        page.locator("[role=option]:visible").first.wait_for()

    return search


def _unfold(form: str) -> Callable[[Page], None]:
    def unfold(page: Page) -> None:
        found = page.locator(f"details:has({form})")
        found.locator("summary").click()
        found.scroll_into_view_if_needed()

    return unfold


def _small(png: bytes) -> bytes:
    kept = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(
        kept, "PNG", optimize=True
    )
    return kept.getvalue()


def _ticket(app: App) -> str:
    with app.store.reading() as session:
        return (
            session.scalars(select(Ticket.ref).join(Claim).where(Claim.ref == _CLAIM).order_by(Ticket.id)).first() or ""
        )


def _owed(app: App) -> str:
    """A ticket on which a law gives further time, for instance to answer who asks for his data."""
    owed = select(Ticket.ref).join(Clock, Clock.ticket_id == Ticket.id).where(Clock.key == "gdpr.request")
    with app.store.reading() as session:
        return session.scalars(owed.order_by(Ticket.id)).first() or ""


def _open_claim(app: App) -> str:
    """The claim that lacks most of what was never asked for."""
    lacks = select(Claim.ref).join(Requirement).where(Requirement.state == RequirementState.NEEDED)
    with app.store.reading() as session:
        return session.scalars(lacks.group_by(Claim.ref).order_by(func.count().desc(), Claim.ref)).first() or _CLAIM


def _upload(app: App) -> str:
    """The customer's page of a request that lacks more than any other."""
    lacks = select(Request.code).join(RequestItem).join(Requirement).where(Requirement.state == RequirementState.ASKED)
    with app.store.reading() as session:
        code = session.scalars(lacks.group_by(Request.code).order_by(func.count().desc(), Request.code)).first() or ""
        found = str(shown.request(session, code, app.office)["upload_url"])
    return "/u/" + found.rpartition("/")[2]


if __name__ == "__main__":
    take(Path(sys.argv[1]))

"""A real browser and the pages on a real port."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

import inbox.web
from tests.inbox.web.office import EMAIL, PASSWORD, Pages, new_office

expect.set_options(timeout=20_000)  # a browser, a server and the test share what the machine has left

#: When a page can be worked with: its script has run, whatever pictures are still being drawn.
READY = "domcontentloaded"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def settle(page: Page) -> None:
    """Let the script finish what it does when a page is ready: it puts the focus where one begins."""
    page.evaluate("document.readyState")


@dataclass
class Desk:
    """The pages of a desk on a port of this machine, and one person's browser."""

    office: Pages
    url: str
    context: BrowserContext
    page: Page
    asked: list[str] = field(default_factory=list)  #: The address of every request the browser made.
    colleagues: list["Desk"] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)  #: What it had to say: errors, and what the policy stopped.

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path, wait_until=READY)
        settle(self.page)
        return self.page

    def sign_in(self) -> Page:
        page = self.open("/")
        page.get_by_label("E-mail address").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/inbox/*")
        return page

    def colleague(self, email: str, **options: Any) -> "Desk":
        """Somebody else at a machine of his own, who has signed in before."""
        found = self.stranger(**options)
        cookie = {"name": "claimdesk", "value": self.office.session(email)[0], "url": self.url}
        found.context.add_cookies([cookie])  # type: ignore[list-item]  # a plain dictionary
        return found

    def stranger(self, **options: Any) -> "Desk":
        """Somebody at a machine of his own."""
        browser = self.context.browser
        assert browser is not None
        context = browser.new_context(
            **{"locale": "en-GB", "viewport": {"width": 1440, "height": 900}, **options}  # type: ignore[arg-type]  # as given
        )
        found = Desk(self.office, self.url, context, context.new_page())
        _listen(found)
        self.colleagues.append(found)
        return found

    @property
    def asked_outside(self) -> list[str]:
        return [each for each in self.asked if not each.startswith((self.url, "data:", "about:"))]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def office(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Pages]:
    """A clock that stands but for a tick at each look: no two things happen at the very same moment."""
    ticks = count()
    with new_office(tmp_path, migrated_sqlite) as pages:
        pages.app.clock = lambda: pages.now + timedelta(milliseconds=next(ticks))
        yield pages


@pytest.fixture
def desk(office: Pages, chromium: Browser) -> Iterator[Desk]:
    """The pages served, and a browser that reads English."""
    config = uvicorn.Config(inbox.web.create(office.app), host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    context = chromium.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    found = Desk(office, f"http://127.0.0.1:{port}", context, context.new_page())
    _listen(found)
    yield found
    for each in (*found.colleagues, found):
        each.context.close()
    server.should_exit = True
    thread.join(10)


def _listen(desk: Desk) -> None:
    def note(request: Request) -> None:
        desk.asked.append(request.url)

    def failed(error: Error) -> None:
        desk.complaints.append(str(error))

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            desk.complaints.append(message.text)

    def asked(dialog: Dialog) -> None:
        desk.complaints.append("a script ran")
        dialog.dismiss()

    desk.context.on("request", note)
    desk.page.on("pageerror", failed)
    desk.page.on("console", said)
    desk.page.on("dialog", asked)

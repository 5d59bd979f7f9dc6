"""Somebody who works without a mouse: all he can do is press keys and look at where the focus is."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import READY, Desk, settle
from tests.inbox.web.office import EMAIL, PASSWORD

#: The name of what has the focus: its label, its own words, else its title; what only scrolls has no words of its own.
_FOCUSED = """() => {
  const it = document.activeElement;
  const labels = [...(it.labels ?? [])].map((label) => label.innerText).join(" ");
  const words = it.matches("a, button, summary, input, select, textarea, li, [role]") ? it.innerText : "";
  return it.ariaLabel || labels || words || it.title || "";
}"""
_MOST = 150  #: Times the tab key is pressed before something counts as out of reach.


@dataclass(frozen=True)
class Keyboard:
    """The keys of one page."""

    page: Page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def rewrite(self, text: str) -> None:
        """Write in place of what a field holds."""
        self.press("Control+a")
        self.write(text)

    def send(self) -> None:
        """Send the form one is in; a new page follows."""
        with self.page.expect_navigation(wait_until=READY):
            self.press("Control+Enter")
        settle(self.page)

    def go(self, *keys: str) -> None:
        """Press keys of which the last leads to another page."""
        with self.page.expect_navigation(wait_until=READY):
            self.press(*keys)
        settle(self.page)

    def reach(self, name: str) -> None:
        """Walk on with the tab key until what has the focus is called `name`."""
        for _ in range(_MOST):
            self.press("Tab")
            if name in self.page.evaluate(_FOCUSED):
                return
        raise AssertionError(f"the tab key does not lead to {name!r}")

    @property
    def focused(self) -> Locator:
        return self.page.locator(":focus")

    def sees(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()


def sign_in(desk: Desk) -> Keyboard:
    """Ana comes to work."""
    keys = Keyboard(desk.open("/"))
    expect(keys.focused).to_have_attribute("name", "email")
    keys.write(EMAIL)
    keys.press("Tab")
    keys.write(PASSWORD)
    keys.go("Enter")
    return keys

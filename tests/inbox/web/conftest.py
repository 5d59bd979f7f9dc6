"""An inbox with pages for tests: the scenarios' world, mail filed as it comes, and a browser that is signed in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.inbox.web.office import Browser, Pages, new_office


@pytest.fixture
def office(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Pages]:
    """A desk with the scenarios' world and nothing on it."""
    with new_office(tmp_path, migrated_sqlite) as pages:
        yield pages


@pytest.fixture
def stranger(office: Pages) -> Browser:
    """A browser that is not signed in."""
    return office.browser()


@pytest.fixture
def ana(office: Pages) -> Browser:
    """Ana's browser, signed in."""
    browser = office.browser()
    browser.enter(office)
    return browser

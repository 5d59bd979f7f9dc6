"""One letter box for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.letter import LetterChannel, Settings, connect


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folders = {name: tmp_path / name for name in ("scans", "done", "bad", "print")}
    return Settings(**folders, settle_seconds=0.05)


@pytest.fixture
def channel(settings: Settings) -> Iterator[LetterChannel]:
    connected = connect("post", settings)
    yield connected
    connected.close()

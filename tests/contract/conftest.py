"""One rig for every kind of channel that the package holds."""

import importlib
from collections.abc import Iterator

import pytest

from channels.base import Channel, kinds
from tests.contract.rigs import Rig


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "rig" in metafunc.fixturenames:
        metafunc.parametrize("rig", sorted(kinds()), indirect=True)


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Build the rig of one kind; a kind without `rig_<kind>.py` fails here."""
    module = importlib.import_module(f"tests.contract.rig_{request.param}")
    with getattr(module, f"{request.param}_rig")(request) as built:
        yield built
        built.channel.close()


@pytest.fixture
def channel(rig: Rig) -> Channel:
    return rig.channel

"""The upload page: it hands its forms in by itself, and nothing leaves by it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from channels import upload
from tests.contract.rigs import Provoke, Rig
from tickets.errors import ChannelError
from tickets.messages import Address, Medium, OutboundMessage


class UploadRig:
    """See `Rig`."""

    receives = False
    sends = False
    fetch_failures: Mapping[type[ChannelError], Provoke] = {}
    send_failures: Mapping[type[ChannelError], Provoke] = {}

    def __init__(self) -> None:
        self.channel = upload.connect("page", upload.Settings())

    def arrive(self, words: str) -> None:
        raise AssertionError(f"nothing is picked up from the page: {words}")

    def holds(self, raw: bytes, words: str) -> bool:
        raise AssertionError(f"nothing is picked up from the page: {words}, {raw!r}")

    def outbound(self, number: int) -> OutboundMessage:
        return OutboundMessage(
            message_id=f"{number}@claims.example",
            medium=Medium.UPLOAD,
            to=Address(address="https://desk.example/u/x"),
            text="Please send the photos.",
        )

    def taken(self) -> int:
        return 0


@contextmanager
def upload_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    yield UploadRig()

"""Letters: a scanner's folder and a printer's folder, both real; what fails is mended after the next call."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from channels.letter import LetterChannel, Settings
from tests.contract.rigs import Rig
from tickets.errors import ChannelRefusedError, ChannelUnavailableError
from tickets.messages import Address, Delivery, Medium, OutboundMessage, Pickup, Transmitting


class MendedChannel(LetterChannel):
    """The channel itself; whoever took a folder away puts it back once it was missed."""

    away: Path | None = None

    def fetch(self) -> Iterator[Pickup]:
        try:
            yield from super().fetch()
        finally:
            self.mend()

    def send(self, message: OutboundMessage, transmitting: Transmitting) -> Delivery:
        try:
            return super().send(message, transmitting)
        finally:
            self.mend()

    def mend(self) -> None:
        if self.away is not None:
            folder = self.away.with_suffix("")
            folder.unlink(missing_ok=True)
            self.away.rename(folder)
            self.away = None


class LetterRig:
    """See `Rig`. A scan is an empty picture that carries its words behind its end."""

    receives = True
    sends = True

    def __init__(self, root: Path) -> None:
        self._scans, self._print = root / "scans", root / "print"
        settings = Settings(
            scans=self._scans, done=root / "done", bad=root / "bad", print=self._print, settle_seconds=0.02
        )
        self.channel = MendedChannel("post", settings)
        self.channel.make_folders()
        self.fetch_failures = {
            ChannelUnavailableError: lambda: self._take_away(self._scans),
            ChannelRefusedError: lambda: self._block(self._scans),
        }
        self.send_failures = {
            ChannelUnavailableError: lambda: self._take_away(self._print),
            ChannelRefusedError: lambda: self._block(self._print),
        }
        self._arrived = 0

    def arrive(self, words: str) -> None:
        self._arrived += 1
        picture = io.BytesIO()
        Image.new("L", (8, 8), 255).save(picture, "PNG")
        (self._scans / f"scan {self._arrived}.png").write_bytes(picture.getvalue() + words.encode())

    def holds(self, raw: bytes, words: str) -> bool:
        return raw.endswith(b"\x82" + words.encode())

    def outbound(self, number: int) -> OutboundMessage:
        return OutboundMessage(
            message_id=f"{number}@claims.example",
            medium=Medium.LETTER,
            to=Address(name="Maria Popescu", address="Str. Fântânilor 14, Cluj-Napoca"),
            text="Please send us the invoice.",
            code="CLM26-004711-58/R1",
        )

    def taken(self) -> int:
        return len(list((self.channel.away or self._print).glob("*.pdf")))

    def _take_away(self, folder: Path) -> None:
        self.channel.away = folder.rename(folder.with_suffix(".away"))

    def _block(self, folder: Path) -> None:
        self._take_away(folder)
        folder.write_bytes(b"")


@contextmanager
def letter_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    rig = LetterRig(request.getfixturevalue("tmp_path"))
    yield rig
    rig.channel.mend()

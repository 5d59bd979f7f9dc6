"""The connected channel of letters: scans come in from one folder, letters go out to another."""

from collections.abc import Hashable, Iterable, Iterator

from channels.letter.print import Printer
from channels.letter.scans import Scans
from channels.letter.settings import Settings
from tickets.messages import Delivery, Medium, OutboundMessage, Pickup, Transmitting


class LetterChannel:
    """One scanner and one printer. Picking up and sending may run in two threads."""

    medium = Medium.LETTER

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self._scans = Scans(name, settings)
        self._printer = Printer(name, settings.print)

    def make_folders(self) -> None:
        """Make those of the folders that are missing. Raises a `ChannelError`."""
        self._scans.make_folders()
        self._printer.make_folder()

    def fetch(self) -> Iterator[Pickup]:
        """Hand out whole scans; see `Channel`."""
        return self._scans.fetch()

    def acknowledge(self, handle: Hashable) -> None:
        """Move one scan to the done ones; see `Channel`."""
        self._scans.acknowledge(handle)

    def acknowledge_all(self, handles: Iterable[Hashable]) -> None:
        """Move many scans to the done ones; see `Channel`."""
        for handle in handles:
            self._scans.acknowledge(handle)

    def reject(self, handle: Hashable) -> None:
        """Move one scan to the bad ones."""
        self._scans.reject(handle)

    def send(self, message: OutboundMessage, transmitting: Transmitting) -> Delivery:
        """Print one letter; see `Channel`."""
        return self._printer.send(message, transmitting)

    def wait(self, seconds: float) -> bool:
        """Watch the folder; see `Channel`."""
        return self._scans.wait(seconds)

    def check(self) -> str:
        """Look at the folders and at what reading and printing need; see `Channel`."""
        return f"{self._scans.check()}; {self._printer.check()}"

    def close(self) -> None:
        """End a `wait`."""
        self._scans.close()

"""What a kind of channel must bring along so that the contract of all channels can be tested on it.

Every kind has a file `tests/contract/rig_<kind>.py` with one context manager:

    @contextmanager
    def sms_rig(request: pytest.FixtureRequest) -> Iterator[Rig]: ...

It connects a real channel to a real (local) other side of its own, yields the rig and cleans up. Servers come from the
fixtures of the root conftest: `request.getfixturevalue("make_sink")`. A kind without a rig fails the contract.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from channels.base import Channel
from tickets.errors import ChannelError
from tickets.messages import OutboundMessage

#: Makes the next call to the other side fail in one certain way.
Provoke = Callable[[], None]


class Rig(Protocol):
    """One channel, connected, with nothing waiting and nothing sent, and a hand on its other side."""

    @property
    def channel(self) -> Channel:
        """The connected channel."""

    @property
    def receives(self) -> bool:
        """False: a kind that never picks anything up; `fetch` then gives nothing."""

    @property
    def sends(self) -> bool:
        """False: a kind that never sends; `send` then raises `MessageRefusedError`."""

    @property
    def fetch_failures(self) -> Mapping[type[ChannelError], Provoke]:
        """For each error `fetch` can raise: what provokes it. Empty only if the kind asks nobody."""

    @property
    def send_failures(self) -> Mapping[type[ChannelError], Provoke]:
        """For each error `send` can raise: what provokes it. Empty only if the kind asks nobody."""

    def arrive(self, words: str) -> None:
        """Put one item with `words` (short, ASCII) at the source, as the outside world does; later ones are younger."""

    def holds(self, raw: bytes, words: str) -> bool:
        """Say whether a pickup's raw bytes are the item that `arrive(words)` put there."""

    def outbound(self, number: int) -> OutboundMessage:
        """Make a valid message for this kind, another one for each number."""

    def taken(self) -> int:
        """Say how many messages the other side has really taken since the rig was made."""

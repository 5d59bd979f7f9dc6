"""A channel without another side, for tests and training: what is delivered waits here, what is sent stays here."""

import json
import time
from collections import deque
from collections.abc import Hashable, Iterable, Iterator
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tickets.errors import ChannelError, DeliveryUnknownError, UnreadableError
from tickets.messages import Address, Delivery, InboundMessage, Medium, OutboundMessage, Pickup, Sender, Transmitting


class Settings(BaseModel):
    """`[channels.<name>]` with `kind = "memory"`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["memory"] = "memory"
    medium: Medium = Medium.EMAIL
    poll: str = "1m"


class MemoryChannel:
    """Keeps the promises of `Channel`; `deliver`, `sent` and the failures are its other side."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.medium = settings.medium
        self.sent: list[OutboundMessage] = []
        self.fetch_failures: deque[ChannelError] = deque()  #: Raised by the next calls of `fetch`, one each.
        self.send_failures: deque[ChannelError] = deque()  #: Raised by the next calls of `send`, one each.
        self._waiting: dict[Hashable, Pickup] = {}
        self._arrived = 0

    def deliver(self, raw: bytes, *, external_id: str | None = None, received_at: datetime | None = None) -> None:
        """Put an item at the source; two with one `external_id` are two copies of the same item."""
        self._arrived += 1
        self._waiting[self._arrived] = Pickup(
            handle=self._arrived,
            external_id=external_id or f"memory/{self._arrived}",
            raw=raw,
            received_at=received_at,
        )

    def fetch(self) -> Iterator[Pickup]:
        """Hand out what waits; see `Channel`."""
        if self.fetch_failures:
            raise self.fetch_failures.popleft()
        yield from list(self._waiting.values())

    def acknowledge(self, handle: Hashable) -> None:
        """Forget one item; see `Channel`."""
        self._waiting.pop(handle, None)

    def acknowledge_all(self, handles: Iterable[Hashable]) -> None:
        """Forget many items; see `Channel`."""
        for handle in handles:
            self.acknowledge(handle)

    def send(self, message: OutboundMessage, transmitting: Transmitting) -> Delivery:
        """Keep a message in `sent`, or fail as scripted; see `Channel`."""
        failure = self.send_failures.popleft() if self.send_failures else None
        if failure is not None and not isinstance(failure, DeliveryUnknownError):
            raise failure
        transmitting()
        if failure is not None:
            raise failure
        self.sent.append(message)
        return Delivery(provider_id=message.message_id, detail="kept in memory")

    def wait(self, seconds: float) -> bool:
        """Say whether something waits; only if nothing does, time passes."""
        if not self._waiting:
            time.sleep(seconds)
        return bool(self._waiting)

    def check(self) -> str:
        """Say how much waits."""
        return f"memory: {len(self._waiting)} waiting"

    def close(self) -> None:
        """Nothing is open."""


def connect(name: str, settings: BaseModel) -> MemoryChannel:
    """Make the channel `name`."""
    assert isinstance(settings, Settings)
    return MemoryChannel(name, settings)


class _Simple(BaseModel):
    """A message as tests and training write it, in JSON."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    medium: Medium = Medium.EMAIL
    sender: str | None = None
    sender_name: str = ""
    subject: str = ""
    text: str = ""
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    language: str | None = None
    acknowledge: bool = True


def read(raw: bytes, settings: BaseModel | None = None) -> InboundMessage:
    """Read `{"sender": …, "subject": …, "text": …}`; anything else raises `UnreadableError`."""
    try:
        simple = _Simple.model_validate(json.loads(raw))
    except (ValueError, RecursionError):
        # Without its cause: pydantic's and json's errors may quote the message.
        raise UnreadableError("not a simple message in JSON") from None
    medium = settings.medium if isinstance(settings, Settings) else simple.medium
    return InboundMessage(
        medium=medium,
        sender=Address(address=simple.sender, name=simple.sender_name),
        sender_state=Sender.PLAIN if simple.sender else Sender.MISSING,
        subject=simple.subject,
        text=simple.text,
        new_text=simple.text,
        message_id=simple.message_id,
        in_reply_to=simple.in_reply_to,
        references=simple.references,
        language=simple.language,
        acknowledge=simple.acknowledge,
    )


def extract(raw: bytes, part: str) -> bytes:
    """Give the whole item; a simple message has no parts."""
    if part:
        raise UnreadableError("a simple message has no parts")
    return raw

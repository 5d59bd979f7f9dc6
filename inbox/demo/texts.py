"""The text messages of the demo, as people type them on a telephone."""

from collections.abc import Iterator
from dataclasses import dataclass

from inbox.demo.papers import photo


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """One text that comes in, and the words by which the demo's table speaks of it."""

    title: str
    sender: str  #: E.164.
    text: str
    pictures: tuple[bytes, ...] = ()  #: JPEG.


def texts() -> Iterator[Sms]:
    """Every text of the demo."""
    yield Sms(
        title="Part 2 of 3 (ro): an MMS with the photos",
        sender="+40722000101",
        text="Trimit poze cu tavanul si parchetul. Maria",
        pictures=(photo(11), photo(12)),
    )
    yield Sms(title="STOP", sender="+40722000108", text="STOP")
    yield Sms(title="A promise, no document (ro)", sender="+40722000109", text="trimit maine factura")
    yield Sms(title="A stranger's number", sender="+40722999888", text="buna, aveti program sambata?")
    yield Sms(
        title="Answer in words (en), to the request open to this number",
        sender="+40722000110",
        text="The electrician comes on Thursday, I will send his note then. Sarah",
    )
    yield Sms(
        title="New claim by text (ro)",
        sender="+40722000113",
        text="azi noapte mi-au furat oglinzile, am casco. Dan Rusu",
    )

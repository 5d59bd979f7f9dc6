"""Letters on paper: a scanner's folder in, a printer's folder out."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from channels.letter import codes, ocr, pages, stamps
from channels.letter.channel import LetterChannel
from tickets.errors import UnreadableError
from tickets.messages import File, InboundMessage, Medium, MessageKind, Sender

__all__ = ["LetterChannel", "Settings", "connect", "extract", "read"]

_LEVELS = ("ro", "en")  #: Languages of an office that names none.
_PARTS = ("page:",)


class Settings(BaseModel):
    """One scanner and one printer: `[channels.<name>]` with `kind = "letter"`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: Literal["letter"] = "letter"
    scans: Path  #: Where the scanner puts its files.
    done: Path  #: Where they are kept once they are ours.
    bad: Path  #: Where those are put that hold nothing at all.
    print: Path  #: Where letters appear for the printer.
    poll: str = "30s"
    languages: list[str] = Field(default=list(_LEVELS), min_length=1)  #: ISO 639-1, the usual one first.
    engine: ocr.Choice = "auto"
    settle_seconds: float = Field(default=2.0, ge=0, le=600)  #: A file that did not change for so long is whole.

    @model_validator(mode="after")
    def _folders_differ(self) -> "Settings":
        if len({self.scans, self.done, self.bad, self.print}) < 4:  # noqa: PLR2004 - the four folders
            raise ValueError("scans, done, bad and print must be four different folders")
        return self

"""The table of a letter box in the configuration: the scanner's folders, the printer's folder, how pages are read."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Settings(BaseModel):
    """One scanner and one printer: `[channels.<name>]` with `kind = "letter"`; the paths arrive absolute."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: Literal["letter"] = "letter"
    scans: Path  #: Where the scanner puts its files.
    done: Path  #: Where they are kept once they are ours.
    bad: Path  #: Where files go that hold nothing at all, or more than anybody scans.
    print: Path  #: Where letters appear for the printer.
    poll: str = "30s"
    languages: list[str] = Field(default=["ro", "en"], min_length=1)  #: ISO 639-1, the usual one first.
    engine: Literal["auto", "tesseract", "rapidocr"] = "auto"
    settle_seconds: float = Field(default=2.0, ge=0, le=600)  #: A file that has not changed for so long is whole.

    @model_validator(mode="after")
    def _folders_differ(self) -> Self:
        folders = (self.scans, self.done, self.bad, self.print)
        if len(set(folders)) < len(folders):
            raise ValueError("scans, done, bad and print must be four different folders")
        return self

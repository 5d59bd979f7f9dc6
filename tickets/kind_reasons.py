"""Reasons why a file is taken for a kind of document: kept in parts, a sentence where they are read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Why(StrEnum):
    """What speaks for a kind."""

    MESSAGE = "message"
    NAME = "name"
    TEXT = "text"
    FIELDS = "fields"
    PICTURE = "picture"
    FILE_TYPE = "file_type"
    HANDED_IN = "handed_in"
    ONLY_ITEM = "only_item"


#: How each is said, by language; after it stand the words it rests on.
_SAID: Mapping[str, Mapping[Why, str]] = MappingProxyType(
    {
        "en": {
            Why.MESSAGE: "the message says",
            Why.NAME: "the file is called",
            Why.TEXT: "the document says",
            Why.FIELDS: "it bears",
            Why.PICTURE: "it is a picture",
            Why.FILE_TYPE: "its file type",
            Why.HANDED_IN: "handed in for this item",
            Why.ONLY_ITEM: "the only item open",
        },
        "ro": {
            Why.MESSAGE: "mesajul spune",
            Why.NAME: "fișierul se numește",
            Why.TEXT: "documentul spune",
            Why.FIELDS: "poartă",
            Why.PICTURE: "este o imagine",
            Why.FILE_TYPE: "tipul fișierului",
            Why.HANDED_IN: "predat pentru acest document",
            Why.ONLY_ITEM: "singurul document care lipsește",
        },
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason and the words it rests on, as they were found."""

    why: Why
    words: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Plain data for a document's row."""
        return {"why": self.why, "words": list(self.words)}


def kept(reasons: Iterable[Reason]) -> list[dict[str, object]]:
    """Reasons as the store keeps them."""
    return [each.as_json() for each in reasons]


def said(row: object, language: str) -> str:
    """One kept reason in somebody's language; what was kept as a sentence before there were parts stays one."""
    if not isinstance(row, Mapping):
        return str(row)
    words = ", ".join(map(repr, row["words"]))
    return f"{_SAID.get(language, _SAID['en'])[Why(row['why'])]} {words}".rstrip()

"""Cells: what one row of a sheet says, as the values our shapes take; a blank cell says nothing."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal

from tickets.errors import ImportRowError

_YES = frozenset({"yes", "y", "true", "1", "da", "d"})
_NO = frozenset({"no", "n", "false", "0", "nu"})
_AMOUNT = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,2})?")


class Cells:
    """The cells of one row by our column names."""

    def __init__(self, cells: Mapping[str, object]) -> None:
        """Take strings of a CSV file, or the values of a line of JSON."""
        self._cells = cells

    def text(self, name: str) -> str | None:
        """A cell as words; None if it is blank or holds only punctuation ("-")."""
        value = self._cells.get(name)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, dict | list):
            raise ImportRowError(f"{name}: expected words")
        text = "" if value is None else str(value).strip()
        return text if any(map(str.isalnum, text)) else None

    def many(self, name: str, separators: str = ";") -> list[str]:
        """A cell as words between separators, or a list as it is."""
        value = self._cells.get(name)
        words = (
            [str(each) for each in value] if isinstance(value, list) else re.split(separators, self.text(name) or "")
        )
        return [word.strip() for word in words if any(map(str.isalnum, word))]

    def json(self, name: str) -> object:
        """A cell that holds JSON; None if it is blank."""
        value = self._cells.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value.strip() else None
        except (ValueError, RecursionError):
            raise ImportRowError(f"{name}: is not JSON") from None

    def objects(self, name: str) -> list[object] | None:
        """A cell that holds one JSON object or a list of them."""
        value = self.json(name)
        return value if value is None or isinstance(value, list) else [value]

    def is_so(self, name: str) -> bool | None:
        """Yes or no, in English or Romanian; None if it is blank."""
        word = (self.text(name) or "").casefold()
        if word in _YES | _NO:
            return word in _YES
        if word:
            raise ImportRowError(f"{name}: write yes or no")
        return None

    def minor(self, name: str) -> int | None:
        """A decimal in major units (`2500.00`) as minor units; None if it is blank."""
        text = self.text(name)
        if text is None:
            return None
        if not _AMOUNT.fullmatch(text):
            raise ImportRowError(f"{name}: write an amount as 2500.00")
        return int(Decimal(text) * 100)

"""The demo world: the file beside this one, with its days moved so that it is always of today."""

import json
import re
from datetime import date, timedelta
from importlib.resources import files

#: The day on which the world's file is written.
WRITTEN_ON = date(2026, 11, 23)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=T|$)")
_NOT_MOVED = frozenset({"birth_date"})

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def document(today: date) -> Json:
    """The world as of `today`, for `tickets.world.load`."""
    written: Json = json.loads(files("inbox.demo").joinpath("world.json").read_text(encoding="utf-8"))
    return _moved(written, today - WRITTEN_ON)


def _moved(value: Json, by: timedelta) -> Json:
    """Move every day in a document, except what never moves."""
    if isinstance(value, dict):
        return {key: each if key in _NOT_MOVED else _moved(each, by) for key, each in value.items()}
    if isinstance(value, list):
        return [_moved(each, by) for each in value]
    if isinstance(value, str) and (match := _DAY.match(value)):
        return f"{date.fromisoformat(match[0]) + by}{value[match.end() :]}"
    return value

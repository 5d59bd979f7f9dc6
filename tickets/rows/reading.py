"""Reading a list of rows into shapes: an unknown key refuses the whole file, anything else only its row."""

import json
from collections.abc import Iterable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from tickets.errors import ImportFileError, ImportRowError
from tickets.rows.loading import Given, Outcome, RowError

T = TypeVar("T", bound=BaseModel)

_MOST_TOLD = 5  #: Problems of one row that are worth naming.


def listed(document: Mapping[str, object], section: str) -> list[object]:
    """The rows of one section; none if it is left out. Raises `ImportFileError` if it is no list."""
    rows = document.get(section)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise ImportFileError(f"{section}: expected a list")
    return rows


def given(
    shape: type[T], noun: str, rows: Iterable[tuple[int, object]], outcome: Outcome, *, key: str, strict: bool = True
) -> list[Given[T]]:
    """Read numbered rows; `key` names their reference. A row of another shape is reported and left out.

    Raises `ImportFileError` for an unknown key if `strict`; otherwise that too is only its row's fault.
    """
    found: list[Given[T]] = []
    for number, row in rows:
        ref = _ref(row, key)
        try:
            found.append(Given(number=number, ref=ref, row=_shaped(shape, row, f"{noun} {number}", strict=strict)))
        except ImportRowError as error:
            outcome.errors.append(RowError(noun=noun, number=number, ref=ref, text=str(error)))
    return found


def table(shape: type[T], value: object, where: str) -> T:
    """Read one table that the whole file rests on; raises `ImportFileError`."""
    try:
        return shape.model_validate(_storable(value))
    except ValidationError as error:
        raise ImportFileError(f"{where}: {_problems(error)}") from None
    except ImportRowError as error:
        raise ImportFileError(f"{where}: {error}") from None


def _shaped(shape: type[T], row: object, where: str, *, strict: bool) -> T:
    if not isinstance(row, Mapping):
        raise ImportRowError("expected an object")
    try:
        shaped = shape.model_validate(row)
    except ValidationError as error:
        if strict and (unknown := _unknown(error)):
            raise ImportFileError(f"{where}: unknown key {unknown}") from None
        raise ImportRowError(_problems(error)) from None
    _storable(row)
    return shaped


def _ref(row: object, key: str) -> str:
    value = row.get(key) if isinstance(row, Mapping) else None
    return str(value)[:80] if isinstance(value, str | int) else ""


def _storable(row: object) -> object:
    """Refuse what only some stores can keep: NUL, half a character, a number that is none, endless nesting."""
    try:
        text = json.dumps(row, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):
        raise ImportRowError("holds something that cannot be stored") from None
    if "\\u0000" in text:
        raise ImportRowError("holds a NUL character")
    return row


def _unknown(error: ValidationError) -> str:
    unknown = (each for each in error.errors(include_input=False, include_url=False) if _is_unknown(each["type"]))
    return ", ".join(_place(each["loc"]) for each in unknown)


def _is_unknown(kind: str) -> bool:
    return kind == "extra_forbidden"


def _problems(error: ValidationError) -> str:
    told: dict[str, None] = {}
    for each in error.errors(include_input=False, include_url=False, include_context=False):
        words = "unknown key" if _is_unknown(each["type"]) else each["msg"].removeprefix("Value error, ")
        told[f"{_place(each['loc'])}: {words}".removeprefix(": ")] = None
    return "; ".join(list(told)[:_MOST_TOLD])


def _place(parts: Iterable[int | str]) -> str:
    """Where in the row, without the names of alternatives the validator tried."""
    return ".".join(str(part) for part in parts if isinstance(part, int) or not _is_alternative(part))


def _is_alternative(part: str) -> bool:
    return part.endswith("]") and "[" in part

"""Reading our own TOML files into frozen dataclasses, with errors that name the file, the key and the rule."""

import tomllib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from tickets.errors import ConfigurationError

T = TypeVar("T")


def tables(text: str, name: str) -> dict[str, Any]:
    """Parse a TOML file's text; `name` is the file's, for the error."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name}: not TOML: {error}") from error


def build(kind: TypeAdapter[T], table: object, where: str) -> T:
    """Make one `kind` of a table; `where` names file and key. Raises `ConfigurationError` with every rule broken."""
    if not isinstance(table, Mapping):
        raise ConfigurationError(f"{where}: expected a table")
    try:
        return kind.validate_python(dict(table))
    except ValidationError as error:
        broken = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ConfigurationError(f"{where}: {broken}") from error


def build_each(kind: TypeAdapter[T], text: str, name: str) -> dict[str, T]:
    """Make one `kind` of every table of a file; the table's name is its `key`."""
    return {
        key: build(kind, {"key": key, **table} if isinstance(table, dict) else table, f"{name}: {key}")
        for key, table in tables(text, name).items()
    }

"""What statements are made of beside columns: many keys as one value, and words of ours written out.

So their text stays the same whatever PostgreSQL is asked for: it is planned once, and its driver reads it once.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam, literal_column
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Among(FunctionElement[Any]):
    inherit_cache = True


@compiles(_Among, "sqlite")
def _in_sqlite(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    """One by one: for a list in JSON it would walk over a whole table in the order of its keys."""
    column, keys = element.clauses
    assert isinstance(keys, BindParameter)
    return str(compiler.process(column.in_(bindparam(keys.key, expanding=True)), **how))


@compiles(_Among, "postgresql")
def _in_postgresql(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, keys = element.clauses
    return f"{compiler.process(column, **how)} = ANY ({compiler.process(keys, **how)})"


def among(column: Any, name: str) -> ColumnElement[Any]:
    """Whether a column holds one of the values that the statement is given under `name`."""
    return _Among(column, bindparam(name, type_=ARRAY(column.type)))


class _Beside(FunctionElement[Any]):
    inherit_cache = True


@compiles(_Beside, "sqlite")
def _beside_in_sqlite(element: _Beside, compiler: SQLCompiler, **how: Any) -> str:
    return f"+{compiler.process(element.clauses, **how)}"


@compiles(_Beside, "postgresql")
def _beside_in_postgresql(element: _Beside, compiler: SQLCompiler, **how: Any) -> str:
    return str(compiler.process(element.clauses, **how))


def beside(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """A column looked at in rows found otherwise: SQLite would take its index for a word that most rows have."""
    return _Beside(column)


def one_of(column: InstrumentedAttribute[Any], *words: StrEnum) -> ColumnElement[bool]:
    """Whether a column holds one of our words; they stand in the text, so a planner sees how many rows have them."""
    return column.in_([literal_column(f"'{word.value}'") for word in words])

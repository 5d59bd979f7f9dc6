"""Leaves: rows that only hang on others (events, links, items); written in bulk as soon as those have their keys.

The session's own way makes an object of each row, follows its relationships and sorts it among the others: fourteen
times the cost of a line in one INSERT (docs/decisions.md), and two rows in three that a message brings are leaves.
A leaf is no object of the session: what it hangs on forgets its collection once the leaf is written, and reads it anew.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, cast

from sqlalchemy import Connection, Table, event, inspect
from sqlalchemy.orm import Session

from tickets import copying
from tickets.models import Model

_HELD = "leaves"


class Keyed(Protocol):
    """A row or leaf that has its key, or gets it when it is written."""

    id: int


@dataclass(slots=True, eq=False)
class Leaf:
    """One row to be, the columns it holds, and by column what it hangs on."""

    model: type[Model]
    values: dict[str, Any]
    under: Mapping[str, Keyed | None]
    id: int = 0  #: Given when it is written, to a leaf that others hang on.
    shown: Keyed | None = None  #: An object that shows the same row and is none of the session's; gets the key too.

    def is_ready(self) -> bool:
        """Whether all it hangs on has keys, or is a leaf that gets one now."""
        return all(
            above.is_ready() if isinstance(above, Leaf) else above is None or above.id for above in self.under.values()
        )


def add(session: Session, model: type[Model], *, under: Mapping[str, Keyed | None], **values: object) -> Leaf:
    """Write a row of `model` at the next flush, or the first one after which all it hangs on has keys."""
    leaf = Leaf(model, values, under)
    session.info.setdefault(_HELD, []).append(leaf)
    return leaf


def plant(session: Session, row: Model, *, under: Mapping[str, Keyed | None]) -> Leaf:
    """Write an object that was made outside the session as a leaf: for rows that nobody changes before the commit."""
    values = {column: getattr(row, column) for column in _written(type(row)) if column not in under}
    leaf = Leaf(type(row), values, under, shown=cast("Keyed", row))
    session.info.setdefault(_HELD, []).append(leaf)
    return leaf


def flush(session: Session) -> None:
    """Write what has waited, and all that hangs on rows that have their keys."""
    session.flush()
    _write(session)


def write(session: Session, model: type[Model], rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows whose keys are all known, or asked for by nobody, at once: in one INSERT, or by COPY."""
    connection = session.connection()
    if _is_copied(connection, rows):
        copying.copy(connection, _table(model), rows)
    else:
        connection.execute(_table(model).insert(), rows)


def _write_keyed(session: Session, model: type[Model], rows: Sequence[Mapping[str, object]]) -> Sequence[int]:
    """The same for rows that get their keys now; gives these, in the order of the rows."""
    connection, table = session.connection(), _table(model)
    if not _is_copied(connection, rows):
        return connection.scalars(table.insert().returning(table.c.id, sort_by_parameter_order=True), rows).all()
    keys = copying.keys(connection, table, len(rows))
    copying.copy(connection, table, [{**row, "id": key} for row, key in zip(rows, keys, strict=True)])
    return keys


def _is_copied(connection: Connection, rows: Sequence[object]) -> bool:
    return len(rows) >= copying.LEAST and connection.dialect.name == "postgresql"


def waiting(session: Session, model: type[Model]) -> Iterator[Leaf]:
    """The rows of `model` that are not written yet."""
    return (leaf for leaf in session.info.get(_HELD, ()) if leaf.model is model)


def _write(session: Session) -> None:
    held: list[Leaf] = session.info.get(_HELD, [])
    if not held:
        return
    ready: list[Leaf] = []
    left: list[Leaf] = []
    for leaf in held:
        (ready if leaf.is_ready() else left).append(leaf)
    session.info[_HELD] = left
    branches = {id(above) for leaf in ready for above in leaf.under.values()}
    for model, leaves in _by_table(ready):
        _insert(session, model, leaves, keyed=any(leaf.shown is not None or id(leaf) in branches for leaf in leaves))
    for above, collection in {(above, each) for leaf in ready for above, each in _collections(leaf)}:
        session.expire(above, [collection])


def _by_table(leaves: list[Leaf]) -> Iterator[tuple[type[Model], list[Leaf]]]:
    """The leaves of each table, those that others hang on first."""
    grouped: dict[type[Model], list[Leaf]] = defaultdict(list)
    for leaf in leaves:
        grouped[leaf.model].append(leaf)
    order = _order()
    yield from sorted(grouped.items(), key=lambda each: order[_table(each[0])])


@cache
def _order() -> Mapping[Table, int]:
    """Our tables, those that others name first; sorting them costs more than writing the leaves of a mail."""
    return {table: place for place, table in enumerate(Model.metadata.sorted_tables)}


def _insert(session: Session, model: type[Model], leaves: list[Leaf], *, keyed: bool) -> None:
    rows = [leaf.values | {column: above and above.id for column, above in leaf.under.items()} for leaf in leaves]
    if not keyed:
        write(session, model, rows)
        return
    for leaf, key in zip(leaves, _write_keyed(session, model, rows), strict=True):
        leaf.id = key
        if leaf.shown is not None:
            leaf.shown.id = key


@cache
def _written(model: type[Model]) -> tuple[str, ...]:
    """The columns of a model that a new row names; its key is given."""
    return tuple(column.name for column in _table(model).columns if column.name != "id")


def _table(model: type[Model]) -> Table:
    assert isinstance(model.__table__, Table)
    return model.__table__


def _collections(leaf: Leaf) -> Iterator[tuple[Keyed, str]]:
    """The collections in which the leaf now stands."""
    for above in leaf.under.values():
        if above is not None and (name := _collection(type(above), leaf.model)):
            yield above, name


@cache
def _collection(above: type[Keyed], model: type[Model]) -> str | None:
    """The relationship of `above` that lists rows of `model`; a leaf lists none."""
    if above is Leaf:
        return None
    listed = (each for each in inspect(above).relationships if each.uselist and each.mapper.class_ is model)
    return next((each.key for each in listed), None)


@event.listens_for(Session, "after_flush_postexec")
def _after_flush(session: Session, _: object) -> None:
    _write(session)


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if session.info.get(_HELD):
        flush(session)
    if left := session.info.get(_HELD):
        raise RuntimeError(f"{len(left)} rows hang on something that was never stored, first {left[0].model.__name__}")


@event.listens_for(Session, "after_soft_rollback")
def _after_rollback(session: Session, _: object) -> None:
    session.info.pop(_HELD, None)

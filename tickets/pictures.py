"""Pictures of rows: what a move changed is found by comparing them before and after, and put back exactly."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, Enum, insert, inspect, select
from sqlalchemy.orm import Session

from tickets import moves, ticket_moves
from tickets.guards import Cause
from tickets.models import Claim, ClaimState, Model, Ticket, TicketState
from tickets.models.base import Moment

_VERSION = "row_version"  #: How often a row was written: not what it says.
_MOVED = frozenset({(Ticket, "state"), (Claim, "state")})  #: What only a move sets.
_TABLES: Mapping[str, type[Model]] = {each.class_.__tablename__: each.class_ for each in Model.registry.mappers}

Values = dict[str, Any]
Picture = dict[tuple[str, int | str], Values]  #: Table and key to what the row says, as JSON holds it.


def of(rows: Iterable[Model]) -> Picture:
    """What these rows say now; the caller has flushed."""
    return {(row.__tablename__, _key(row)): _values(row) for row in rows}


def restore(session: Session, changed: Sequence[Values], *, cause: Cause) -> None:
    """Put every changed row back to what it was, but for what somebody has changed since.

    Tickets and claims come back to their states by a move each, so that these have their events.
    """
    session.flush()  # rows are compared as the store has them
    rows = _rows(session, changed)
    for change in _in_turn(changed):
        _restore(session, _TABLES[change["row"]], rows.get((change["row"], change["id"])), change)
        session.flush()  # row by row: one that goes may make room for one that comes back
    session.expire_all()  # rows put back by hand are read anew
    for change in changed:
        if change["before"] is not None and change["after"] is not None and "state" in change["before"]:
            _move_back(session, rows.get((change["row"], change["id"])), change, cause)


def changes(before: Picture, after: Picture) -> list[Values]:
    """Each row that differs, with the columns that do; a row that came or went with all of them."""
    return [
        {"row": table, "id": key, **_difference(before.get((table, key)), after.get((table, key)))}
        for table, key in before | after
        if before.get((table, key)) != after.get((table, key))
    ]


def _difference(before: Values | None, after: Values | None) -> Values:
    if before is None or after is None:
        return {"before": before, "after": after}
    changed = [key for key in before if before[key] != after[key]]
    return {"before": {key: before[key] for key in changed}, "after": {key: after[key] for key in changed}}


def _rows(session: Session, changed: Iterable[Values]) -> dict[tuple[str, int | str], Model]:
    """The rows that were changed and are still there, a query a table."""
    keys: dict[str, set[int | str]] = {}
    for change in changed:
        keys.setdefault(change["row"], set()).add(change["id"])
    return {
        (name, _key(row)): row
        for name, wanted in keys.items()
        for row in session.scalars(select(_TABLES[name]).where(_key_column(_TABLES[name]).in_(wanted)))
    }


def _restore(session: Session, model: type[Model], row: Model | None, change: Values) -> None:
    before, after = change["before"], change["after"]
    if before is None:
        if row is not None and _values(row) == after:
            session.delete(row)
    elif row is None:
        values = {name: _value(model, name, value) for name, value in before.items()}
        session.execute(insert(model.__table__).values({_key_column(model): change["id"], **values}))  # type: ignore[arg-type]  # SQLAlchemy types a FromClause
    else:
        now = _values(row)
        for name, value in before.items():
            if (after is None or now[name] == after[name]) and (model, name) not in _MOVED:
                setattr(row, name, _value(model, name, value))


def _move_back(session: Session, row: Model | None, change: Values, cause: Cause) -> None:
    before, after = change["before"]["state"], change["after"]["state"]
    match row:
        case Ticket(state=now) if now == after:
            ticket_moves.follow(session, row, TicketState(before), cause=cause)
        case Claim(state=now) if now == after:
            moves.follow(session, row, ClaimState(before), cause=cause)


def _values(row: Model) -> Values:
    key = _key_column(type(row)).key
    names = (each.key for each in inspect(type(row)).column_attrs if each.key not in (key, _VERSION))
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value


def _value(model: type[Model], name: str, plain: Any) -> Any:
    kind = inspect(model).columns[name].type
    if plain is None:
        return None
    if isinstance(kind, Moment):
        return datetime.fromisoformat(plain)
    if isinstance(kind, Date):
        return date.fromisoformat(plain)
    return kind.enum_class(plain) if isinstance(kind, Enum) and kind.enum_class else plain


def _in_turn(changed: Sequence[Values]) -> Iterator[Values]:
    """What went comes back first, for other rows name it; what came goes last, the last of it first."""
    yield from (each for each in changed if each["after"] is None)
    yield from (each for each in changed if each["before"] is not None and each["after"] is not None)
    yield from reversed([each for each in changed if each["before"] is None])


def _key(row: Model) -> int | str:
    key: int | str = getattr(row, _key_column(type(row)).key)
    return key


def _key_column(model: type[Model]) -> Any:
    [column] = inspect(model).primary_key
    return column

"""Pictures of rows: what a move changed is found by comparing them before and after, and put back exactly."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, Enum, inspect
from sqlalchemy.orm import Session

from tickets import moves, ticket_moves
from tickets.guards import Cause
from tickets.models import Claim, ClaimState, Model, Ticket, TicketState
from tickets.models.base import Moment

_COUNTERS = ("id", "row_version")  #: A row's key, and how often it was written: not what it says.
_MOVED = frozenset({(Ticket, "state"), (Claim, "state")})  #: What only a move sets.

Values = dict[str, Any]
Picture = dict[tuple[str, int], Values]  #: Table and key to what the row says, as JSON holds it.


def of(rows: Iterable[Model]) -> Picture:
    """What these rows say now; the caller has flushed."""
    return {(row.__tablename__, row.id): _values(row) for row in rows}  # type: ignore[attr-defined]  # every row has one


def restore(session: Session, changed: Sequence[Values], *, cause: Cause) -> None:
    """Put every changed row back to what it was, but for what somebody has changed since.

    Tickets and claims come back to their states by a move each, so that these have their events.
    """
    session.flush()  # rows are compared as the store has them
    tables = {each.class_.__tablename__: each.class_ for each in Model.registry.mappers}
    for change in sorted(changed, key=_turn):
        _restore(session, tables[change["row"]], change["id"], before=change["before"], after=change["after"])
    session.flush()
    session.expire_all()  # rows put back by hand are read anew
    for change in changed:
        if change["before"] is not None and change["after"] is not None and "state" in change["before"]:
            _move_back(session, session.get(tables[change["row"]], change["id"]), change, cause)


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


def _restore(session: Session, model: type[Model], key: int, *, before: Values | None, after: Values | None) -> None:
    row = session.get(model, key)
    if before is None:
        if row is not None and _values(row) == after:
            session.delete(row)
    elif row is None:
        values = {name: _value(model, name, value) for name, value in before.items()}
        session.execute(inspect(model).local_table.insert().values(id=key, **values))  # type: ignore[attr-defined]  # every model has a table
    else:
        now = _values(row)
        for name, value in before.items():
            if (after is None or now[name] == after[name]) and (model, name) not in _MOVED:
                setattr(row, name, _value(model, name, value))
    session.flush()


def _move_back(session: Session, row: Model | None, change: Values, cause: Cause) -> None:
    before, after = change["before"]["state"], change["after"]["state"]
    match row:
        case Ticket(state=now) if now == after:
            ticket_moves.follow(session, row, TicketState(before), cause=cause)
        case Claim(state=now) if now == after:
            moves.follow(session, row, ClaimState(before), cause=cause)


def _values(row: Model) -> Values:
    names = (each.key for each in inspect(type(row)).column_attrs if each.key not in _COUNTERS)
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


def _turn(change: Values) -> int:
    """What went comes back first, for other rows name it; what came goes last."""
    return 0 if change["after"] is None else 2 if change["before"] is None else 1

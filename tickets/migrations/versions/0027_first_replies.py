"""How long each first reply took is kept beside its clock, in order, by the store. The way back is a backup.

A table that is rebuilt on SQLite loses its triggers: who rebuilds `clock` makes them anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IS_KEPT = "{row}.key = 'int.first_response' and {row}.stopped_at is not null and {row}.state <> 'cancelled'"
_KEEP = "insert into first_reply (clock_id, week, stopped_at, took) select {row}.id, {week}, {row}.stopped_at, {took}"
_SQLITE = {
    "week": "date(substr({row}.stopped_at, 1, 10), '-6 days', 'weekday 1')",
    # Whole seconds and the rest apart: SQLite's own moments are rounded to milliseconds.
    "took": "(strftime('%s', substr({row}.stopped_at, 1, 19)) - strftime('%s', substr({row}.started_at, 1, 19)))"
    " * 1000000 + cast(substr({row}.stopped_at, 21, 6) as integer) - cast(substr({row}.started_at, 21, 6) as integer)",
}
_POSTGRESQL = {
    "week": "cast(date_trunc('week', {row}.stopped_at at time zone 'UTC') as date)",
    "took": "cast(extract(epoch from {row}.stopped_at - {row}.started_at) * 1000000 as bigint)",
}
_POSTGRESQL_FUNCTION = """
create function keep_first_reply() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.key = 'int.first_response' then
    delete from first_reply where clock_id = old.id;
  end if;
  if tg_op <> 'DELETE' and new.key = 'int.first_response' then
    {keep} where {is_kept};
  end if;
  return null;
end $$
"""


def upgrade() -> None:
    op.create_table(
        "first_reply",
        sa.Column("clock_id", _KEY, nullable=False, autoincrement=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("clock_id", name=op.f("pk_first_reply")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    words = _SQLITE if is_sqlite else _POSTGRESQL
    _execute(f"{_keep('clock', words)} from clock where {_IS_KEPT.format(row='clock')}")
    op.create_index(op.f("ix_first_reply_week_took_stopped_at"), "first_reply", ["week", "took", "stopped_at"])
    _watch_sqlite() if is_sqlite else _watch_postgresql()


def _watch_sqlite() -> None:
    keep, forget = _keep("new", _SQLITE), "delete from first_reply where clock_id = old.id"
    is_, was = _IS_KEPT.format(row="new"), "old.key = 'int.first_response'"
    changed = "update of id, key, state, started_at, stopped_at"
    for name, when, condition, change in (
        ("clock_made", "insert", is_, keep),
        ("clock_changed", changed, f"{was} or {is_}", f"{forget}; {keep} where {is_}"),
        ("clock_gone", "delete", was, forget),
    ):
        _execute(f"create trigger {name} after {when} on clock when {condition} begin {change}; end")


def _watch_postgresql() -> None:
    keep, is_kept = _keep("new", _POSTGRESQL), _IS_KEPT.format(row="new")
    _execute(_POSTGRESQL_FUNCTION.format(keep=keep, is_kept=is_kept))
    _execute(
        "create trigger clock_kept after insert or delete or update of id, key, state, started_at, stopped_at on clock "
        "for each row execute function keep_first_reply()"
    )


def _keep(row: str, words: dict[str, str]) -> str:
    return _KEEP.format(row=row, **{name: each.format(row=row) for name, each in words.items()})


def _execute(statement: str) -> None:
    """As it stands: a per cent sign in it holds no place."""
    op.get_bind().exec_driver_sql(statement)

"""How many of triage's links hold is counted by hour, by the store, with the links. The way back is a backup.

A table that is rebuilt on SQLite loses its triggers: who rebuilds `link` makes them anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IS_COUNTED = "{row}.target_kind = 'claim' and {row}.state in ('active', 'unverified') and {row}.made_by = 'triage'"
_SQLITE = {
    "hour": "substr({row}.at, 1, 13) || ':00:00.000000'",
    "kinds": """json_each(json_insert({row}.reasons, '$[#]', json('{{"evidence": "any"}}'))) as reason""",
    "kind": "json_extract(reason.value, '$.evidence')",
}
_POSTGRESQL = {
    "hour": "date_trunc('hour', {row}.at, 'UTC')",
    "kinds": """lateral jsonb_array_elements({row}.reasons || '[{{"evidence": "any"}}]') as reason""",
    "kind": "(reason ->> 'evidence')",
}
#: Of one link: its hour has a row for each kind of its evidence, and in each one more or less is counted.
_SQLITE_CHANGE = """
  insert into link_count (hour, evidence, number)
    select distinct {hour}, {kind}, 0 from {kinds} where not exists
      (select 1 from link_count as held where held.hour = {hour} and held.evidence = {kind});
  update link_count set number = number {sign} 1 where hour = {hour} and evidence in (select {kind} from {kinds});
"""
#: Of all links that one statement changed: rows that are added up when they are read, so that nobody waits for anybody.
_POSTGRESQL_FUNCTION = """
create function count_links() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into link_count (hour, evidence, number)
      select hour, evidence, sum(way) from ({made}) as each group by 1, 2;
  elsif tg_op = 'DELETE' then
    insert into link_count (hour, evidence, number)
      select hour, evidence, sum(way) from ({gone}) as each group by 1, 2;
  else
    insert into link_count (hour, evidence, number)
      select hour, evidence, sum(way) from ({made} union all {gone}) as each group by 1, 2 having sum(way) <> 0;
  end if;
  return null;
end $$
"""
_POSTGRESQL_ROWS = (
    "select distinct {row}.id, {hour} as hour, {kind} as evidence, {sign} 1 as way from {row}, {kinds} where {counted}"
)


def upgrade() -> None:
    op.create_table(
        "link_count",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_count")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    words = _of("link", _SQLITE if is_sqlite else _POSTGRESQL)
    _execute(
        "insert into link_count (hour, evidence, number) select {hour}, {kind}, count(distinct link.id) "
        "from link, {kinds} where {counted} group by 1, 2".format_map(words)
    )
    op.create_index(op.f("ix_link_count_hour_evidence_number"), "link_count", ["hour", "evidence", "number"])
    op.create_index(op.f("ix_link_target_kind_at"), "link", ["target_kind", "at"])
    _watch_sqlite() if is_sqlite else _watch_postgresql()


def _watch_sqlite() -> None:
    made, gone = (_SQLITE_CHANGE.format_map(_of(row, _SQLITE, sign)) for row, sign in (("new", "+"), ("old", "-")))
    was, is_ = (_IS_COUNTED.format(row=row) for row in ("old", "new"))
    changed = "update of target_kind, state, made_by, at, reasons"
    for name, when, condition, change in (
        ("link_made", "insert", is_, made),
        ("link_left", changed, was, gone),
        ("link_came", changed, is_, made),
        ("link_gone", "delete", was, gone),
    ):
        _execute(f"create trigger {name} after {when} on link when {condition} begin {change} end")


def _watch_postgresql() -> None:
    made, gone = (
        _POSTGRESQL_ROWS.format_map(_of(row, _POSTGRESQL, sign)) for row, sign in (("made", "+"), ("gone", "-"))
    )
    _execute(_POSTGRESQL_FUNCTION.format(made=made, gone=gone))
    for name, when, rows in (
        ("link_made", "insert", "new table as made"),
        ("link_changed", "update", "new table as made old table as gone"),
        ("link_gone", "delete", "old table as gone"),
    ):
        _execute(
            f"create trigger {name} after {when} on link referencing {rows} "
            "for each statement execute function count_links()"
        )


def _of(row: str, words: dict[str, str], sign: str = "+") -> dict[str, str]:
    filled = {name: each.format(row=row) for name, each in words.items()}
    return filled | {"row": row, "sign": sign, "counted": _IS_COUNTED.format(row=row)}


def _execute(statement: str) -> None:
    """As it stands: a colon in it names nothing."""
    op.get_bind().exec_driver_sql(statement)

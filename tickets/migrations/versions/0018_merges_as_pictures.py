"""Merges keep what their rows said before and after as links and held requests do. The way back is a backup.

A finding that a merge made is not taken away with it any more if the merge was made before this revision: the claim's
next evaluation resolves it.
"""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table merge rename column moved to changes")
    connection = op.get_bind()
    merges = sa.table("merge", sa.column("id", sa.Integer), sa.column("changes", sa.JSON))
    for number, noted in connection.execute(sa.select(merges.c.id, sa.cast(merges.c.changes, sa.Text))).all():
        rows = _pictures(json.loads(noted)["changes"])
        connection.execute(merges.update().where(merges.c.id == number).values(changes=rows))


def _pictures(noted: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A note a column, a row's later notes after its earlier ones, as one change a row."""
    rows: dict[tuple[str, int | str], dict[str, Any]] = {}
    for each in noted:
        if each.get("made"):
            continue
        key = (each["table"], each["key"])
        row = rows.setdefault(key, {"row": each["table"], "id": each["key"], "before": {}, "after": {}})
        row["before"].setdefault(each["column"], each["before"])
        row["after"][each["column"]] = each["after"]
    return list(rows.values())

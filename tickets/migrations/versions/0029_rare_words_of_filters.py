"""The tickets that fit a rare word of a filter are found by an index. The way back is a backup."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, columns in (("message", ["medium", "ticket_id"]), ("ticket", ["kind"]), ("claim", ["type"])):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)

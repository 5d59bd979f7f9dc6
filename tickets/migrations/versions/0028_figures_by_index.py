"""What a lead's figures count is read from indexes alone. The way back is a backup."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_CLOCK = ["state", "due_at", "ticket_id", "claim_id"]


def upgrade() -> None:
    op.drop_index(op.f(f"ix_clock_{'_'.join(_CLOCK)}"), "clock")
    for table, columns in (
        ("clock", [*_CLOCK, "statutory", "due_on"]),
        ("claim", ["state", "type", "reported_on", "created_at"]),
        ("decision", ["decided_at", "claim_id"]),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)

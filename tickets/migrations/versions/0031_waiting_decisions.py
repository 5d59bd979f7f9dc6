"""The decisions that wait are counted by an index. The way back is a backup."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_decision_state"), "decision", ["state"])

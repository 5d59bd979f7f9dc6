"""What started a clock and when that was written down; the sweep looks for the next moment alone."""

import sqlalchemy as sa
from alembic import op

import tickets.models.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("clock") as batch_op:
        batch_op.add_column(sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
        batch_op.add_column(sa.Column("recorded_at", tickets.models.base.Moment(timezone=True)))
        batch_op.drop_index(batch_op.f("ix_clock_state_next_at"))
        batch_op.create_index(batch_op.f("ix_clock_next_at"), ["next_at"])
        batch_op.create_foreign_key(batch_op.f("fk_clock_message_id"), "message", ["message_id"], ["id"])
    op.execute("UPDATE clock SET recorded_at = started_at")
    with op.batch_alter_table("clock") as batch_op:
        batch_op.alter_column("recorded_at", nullable=False)

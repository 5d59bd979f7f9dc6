"""Steps of a clock are raised once for each time it was given, extensions too. The way back is a backup."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_UNIQUE = "uq_escalation_clock_id"


def upgrade() -> None:
    op.add_column("escalation", sa.Column("extension", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("escalation") as table:
        table.alter_column("extension", existing_type=sa.Integer(), server_default=None)
        table.drop_constraint(op.f(f"{_UNIQUE}_step"), type_="unique")
        table.create_unique_constraint(op.f(f"{_UNIQUE}_extension_step"), ["clock_id", "extension", "step"])

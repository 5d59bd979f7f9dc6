"""The day of an expense and the file that proves it. The way back is a backup."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("claim_line") as table:
        table.add_column(sa.Column("spent_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        table.create_foreign_key(op.f("fk_claim_line_file_id"), "message_file", ["file_id"], ["id"])

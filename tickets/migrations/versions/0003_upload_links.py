"""Links of the upload page can be revoked, and count wrong proofs. The way back is a backup."""

import sqlalchemy as sa
from alembic import op

import tickets.models.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reply_token", sa.Column("revoked_at", tickets.models.base.Moment(timezone=True), nullable=True))
    op.add_column("reply_token", sa.Column("proofs_failed", sa.Integer(), nullable=False, server_default="0"))

"""How many losses of a period a cover pays. The way back is a backup."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("coverage", sa.Column("frequency", sa.Integer(), nullable=True))

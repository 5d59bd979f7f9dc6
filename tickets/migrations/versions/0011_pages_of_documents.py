"""A document may be some pages of a file. The way back is a backup."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("document", sa.Column("pages", sa.String(), nullable=True))

"""Whether a password was made by somebody else, and its owner has yet to choose his own. The way back is a backup."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("password_given", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("staff") as table:
        table.alter_column("password_given", existing_type=sa.Boolean(), server_default=None)

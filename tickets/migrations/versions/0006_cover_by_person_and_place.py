"""A limit per person and a territory of its own for each coverage; an account may have stood unchanged since ever."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("coverage") as batch_op:
        batch_op.add_column(sa.Column("limit_person", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "territory",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                nullable=False,
                server_default=sa.text("'[]'"),
            )
        )
    with op.batch_alter_table("bank_account") as batch_op:
        batch_op.alter_column("changed_on", existing_type=sa.Date(), nullable=True)

"""What a carrier says of a text whose Sid is not known yet. The way back is a backup."""

import sqlalchemy as sa
from alembic import op

import tickets.models.base

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "early_report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "claimed",
                "transmitting",
                "sent",
                "delivered",
                "refused",
                "failed",
                "unknown",
                name="deliverystate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_report")),
    )
    op.create_index(op.f("ix_early_report_provider_id"), "early_report", ["provider_id"])

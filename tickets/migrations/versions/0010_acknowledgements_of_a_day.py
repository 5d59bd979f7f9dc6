"""An index for the acknowledgements of a day. The way back is a backup."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_delivery_template_queued_at"), "delivery", ["template", "queued_at"])

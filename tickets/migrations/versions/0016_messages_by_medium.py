"""By which medium a ticket's messages came is read from an index. The way back is a backup."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_message_ticket_id_at"), "message")
    op.create_index(op.f("ix_message_ticket_id_at_medium"), "message", ["ticket_id", "at", "medium"])

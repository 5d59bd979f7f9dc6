"""The lists and their counts are read from one index. The way back is a backup."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_ticket_state_last_message_at"), "ticket")
    columns = ["state", "last_message_at", "id", "snoozed_until", "restricted", "owner_id", "claim_id"]
    op.create_index("ix_ticket_list", "ticket", columns)

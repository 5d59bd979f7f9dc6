"""Which tickets have a clock that ends soon is read from an index alone. The way back is a backup."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_clock_state_due_at"), "clock")
    op.create_index(
        op.f("ix_clock_state_due_at_ticket_id_claim_id"), "clock", ["state", "due_at", "ticket_id", "claim_id"]
    )

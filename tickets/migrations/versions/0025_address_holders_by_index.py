"""Who holds an address is read from an index alone: a broker's is thousands of customers'. The way back is a backup."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_contact_point_value_norm_medium"), "contact_point")
    op.create_index(
        op.f("ix_contact_point_value_norm_party_id_shared"), "contact_point", ["value_norm", "party_id", "shared"]
    )

"""Links that can be taken back, vehicles of claims, people by birth date. The way back is a backup."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import tickets.models.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "claim_vehicle",
        sa.Column("id", KEY, nullable=False),
        sa.Column("claim_id", KEY, nullable=False),
        sa.Column("plate_norm", sa.String(), nullable=True),
        sa.Column("vin", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_vehicle_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_vehicle")),
    )
    op.create_index(op.f("ix_claim_vehicle_claim_id"), "claim_vehicle", ["claim_id"])
    op.create_index(op.f("ix_claim_vehicle_plate_norm"), "claim_vehicle", ["plate_norm"])
    op.create_index(op.f("ix_claim_vehicle_vin"), "claim_vehicle", ["vin"])
    op.create_table(
        "link_move",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ticket_id", KEY, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("thought", JSON, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("taken_back_by", sa.String(), nullable=True),
        sa.Column("taken_back_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_link_move_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_move")),
    )
    op.create_index(op.f("ix_link_move_ticket_id_id"), "link_move", ["ticket_id", "id"])
    op.create_index(op.f("ix_link_move_at"), "link_move", ["at"])
    op.create_index(op.f("ix_party_birth_date_name_folded"), "party", ["birth_date", "name_folded"])

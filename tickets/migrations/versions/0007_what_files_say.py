"""What files say and where, the team's judgement of intents, what was learnt from it. The way back is a backup."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import tickets.models.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("message") as message:
        message.add_column(sa.Column("confirmed_intents", JSON, nullable=True))
    with op.batch_alter_table("message_file") as file:
        file.add_column(sa.Column("phash", sa.String(), nullable=True))
    op.create_index(op.f("ix_message_file_phash"), "message_file", ["phash"])
    op.create_table(
        "file_reading",
        sa.Column("id", KEY, nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("read_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["message_file.id"], name=op.f("fk_file_reading_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_reading")),
        sa.UniqueConstraint("file_id", name=op.f("uq_file_reading_file_id")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_file_reading_waiting", "file_reading", ["id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "document_value",
        sa.Column("id", KEY, nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=True),
        sa.Column("y", sa.Integer(), nullable=True),
        sa.Column("w", sa.Integer(), nullable=True),
        sa.Column("h", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["message_file.id"], name=op.f("fk_document_value_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_value")),
    )
    op.create_index(op.f("ix_document_value_file_id"), "document_value", ["file_id"])
    op.create_table(
        "intent_quality",
        sa.Column("id", KEY, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("sure", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent_quality")),
        sa.UniqueConstraint("week", "kind", name=op.f("uq_intent_quality_week_kind")),
    )
    op.create_table(
        "learned_model",
        sa.Column("id", KEY, nullable=False),
        sa.Column("made_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_model")),
    )

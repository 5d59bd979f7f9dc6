"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import tickets.models.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "channel_state",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last_ok_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("failing_since", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("numbering", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("secrets", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channel_state")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("kind", sa.Enum("person", "org", name="partykind", native_enum=False, length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_folded", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("external_id", name=op.f("uq_party_external_id")),
    )
    with op.batch_alter_table("party") as batch_op:
        batch_op.create_index(batch_op.f("ix_party_name_folded"), ["name_folded"], unique=False)

    op.create_table(
        "setting",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("lines", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("external_id", name=op.f("uq_staff_external_id")),
    )
    op.create_table(
        "arrival",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column(
            "medium",
            sa.Enum("email", "sms", "letter", "phone", "upload", name="medium", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("received_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "filed",
                "duplicate",
                "quarantined",
                "discarded",
                name="arrivalstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "message",
                "auto_reply",
                "bounce",
                "complaint_report",
                "list",
                "unreadable",
                name="messagekind",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("duplicate_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["duplicate_of_id"], ["arrival.id"], name=op.f("fk_arrival_duplicate_of_id")),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_arrival_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("channel", "external_id", name=op.f("uq_arrival_channel_external_id")),
    )
    with op.batch_alter_table("arrival") as batch_op:
        batch_op.create_index(batch_op.f("ix_arrival_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_arrival_sha256_channel"), ["sha256", "channel"], unique=False)
        batch_op.create_index(batch_op.f("ix_arrival_state_id"), ["state", "id"], unique=False)

    op.create_table(
        "contact_point",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "medium",
            sa.Enum("email", "sms", "letter", "phone", "upload", name="medium", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("value_norm", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("ok", "bouncing", "opted_out", name="contactstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("details", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_contact_point_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint(
            "party_id", "medium", "value_norm", name=op.f("uq_contact_point_party_id_medium_value_norm")
        ),
    )
    with op.batch_alter_table("contact_point") as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_point_value_norm_medium"), ["value_norm", "medium"], unique=False)

    op.create_table(
        "party_identifier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_party_identifier_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_identifier")),
        sa.UniqueConstraint("party_id", "kind", "value", name=op.f("uq_party_identifier_party_id_kind_value")),
    )
    with op.batch_alter_table("party_identifier") as batch_op:
        batch_op.create_index(batch_op.f("ix_party_identifier_kind_value"), ["kind", "value"], unique=False)

    op.create_table(
        "policy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("ref_norm", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["party.id"], name=op.f("fk_policy_holder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("ref_norm", name=op.f("uq_policy_ref_norm")),
    )
    with op.batch_alter_table("policy") as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_holder_id"), ["holder_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("csrf_token", sa.String(), nullable=False),
        sa.Column("made_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("expires_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sign_in_staff_id")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_sign_in")),
    )
    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "gathering",
                "in_review",
                "decision_pending_approval",
                "approved",
                "partially_approved",
                "denied",
                "payment_ordered",
                "paid",
                "closed",
                "reopened",
                "withdrawn",
                "duplicate_of",
                "siu_hold",
                name="claimstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("policy_ref", sa.String(), nullable=True),
        sa.Column("claimant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("loss_date", sa.Date(), nullable=True),
        sa.Column("loss_date_from", sa.String(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("application_received_on", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("loss_country", sa.String(), nullable=True),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("closed_reason", sa.String(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("record", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["claimant_id"], ["party.id"], name=op.f("fk_claim_claimant_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["claim.id"], name=op.f("fk_claim_merged_into_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_claim_owner_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_claim_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("ref", name=op.f("uq_claim_ref")),
    )
    with op.batch_alter_table("claim") as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_claimant_id"), ["claimant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_policy_id"), ["policy_id"], unique=False)

    op.create_table(
        "insured_asset",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("plate_norm", sa.String(), nullable=True),
        sa.Column("vin", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_insured_asset_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insured_asset")),
    )
    with op.batch_alter_table("insured_asset") as batch_op:
        batch_op.create_index(batch_op.f("ix_insured_asset_plate_norm"), ["plate_norm"], unique=False)
        batch_op.create_index(batch_op.f("ix_insured_asset_policy_id"), ["policy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_insured_asset_vin"), ["vin"], unique=False)

    op.create_table(
        "policy_person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_policy_person_party_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_policy_person_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_person")),
        sa.UniqueConstraint("policy_id", "party_id", "role", name=op.f("uq_policy_person_policy_id_party_id_role")),
    )
    with op.batch_alter_table("policy_person") as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_person_party_id"), ["party_id"], unique=False)

    op.create_table(
        "policy_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=False),
        sa.Column("recorded_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "suspended",
                "lapsed",
                "cancelled",
                "expired",
                "pending",
                name="policystatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("premium_paid_to", sa.Date(), nullable=True),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("territory", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("exclusions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("notice", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_policy_version_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint(
            "policy_id",
            "effective_from",
            "recorded_at",
            name=op.f("uq_policy_version_policy_id_effective_from_recorded_at"),
        ),
    )
    with op.batch_alter_table("policy_version") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_policy_version_policy_id_effective_from_recorded_at"),
            ["policy_id", "effective_from", "recorded_at"],
            unique=False,
        )

    op.create_table(
        "claim_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("coverage", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("qty", sa.String(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_line_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_line")),
    )
    with op.batch_alter_table("claim_line") as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_line_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "claim_party",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_party_claim_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_claim_party_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_party")),
        sa.UniqueConstraint("claim_id", "party_id", "role", name=op.f("uq_claim_party_claim_id_party_id_role")),
    )
    with op.batch_alter_table("claim_party") as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_party_party_id"), ["party_id"], unique=False)

    op.create_table(
        "coverage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("perils", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("limit_event", sa.BigInteger(), nullable=True),
        sa.Column("limit_aggregate", sa.BigInteger(), nullable=True),
        sa.Column("sub_limits", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("deductible", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("waiting_days", sa.Integer(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["policy_version.id"], name=op.f("fk_coverage_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )
    with op.batch_alter_table("coverage") as batch_op:
        batch_op.create_index(batch_op.f("ix_coverage_version_id"), ["version_id"], unique=False)

    op.create_table(
        "requirement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column(
            "stage", sa.Enum("fnol", "decision", "payment", name="stage", native_enum=False, length=40), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum(
                "maybe",
                "needed",
                "asked",
                "received",
                "accepted",
                "rejected",
                "waived",
                "not_applicable",
                "superseded",
                name="requirementstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("asked_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_requirement_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
        sa.UniqueConstraint("claim_id", "item", name=op.f("uq_requirement_claim_id_item")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "new",
                "triaged",
                "in_progress",
                "waiting_customer",
                "waiting_third_party",
                "waiting_internal",
                "resolved",
                "closed",
                "reopened",
                "merged",
                "discarded",
                name="ticketstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("next_contact_on", sa.Date(), nullable=True),
        sa.Column("opened_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("last_message_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_ticket_claim_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_ticket_owner_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_ticket_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("ref", name=op.f("uq_ticket_ref")),
    )
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_owner_id_state"), ["owner_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_party_id"), ["party_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_state_last_message_at"), ["state", "last_message_at"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("arrival_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "medium",
            sa.Enum("email", "sms", "letter", "phone", "upload", name="medium", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column(
            "direction", sa.Enum("in", "out", "note", name="direction", native_enum=False, length=40), nullable=False
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "message",
                "auto_reply",
                "bounce",
                "complaint_report",
                "list",
                "unreadable",
                name="messagekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("from_name", sa.String(), nullable=False),
        sa.Column("from_address", sa.String(), nullable=True),
        sa.Column("from_norm", sa.String(), nullable=True),
        sa.Column(
            "sender_state",
            sa.Enum("plain", "ambiguous", "missing", name="sender", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("trust", sa.Enum("pass", "fail", "none", name="trust", native_enum=False, length=40), nullable=False),
        sa.Column("to", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("cc", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("new_text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("has_html", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("intents", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("proposals", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrival.id"], name=op.f("fk_message_arrival_id")),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_message_author_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_message_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("arrival_id", name=op.f("uq_message_arrival_id")),
    )
    with op.batch_alter_table("message") as batch_op:
        batch_op.create_index(batch_op.f("ix_message_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_from_norm_at"), ["from_norm", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_ticket_id_at"), ["ticket_id", "at"], unique=False)

    op.create_table(
        "request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "partial",
                "answered",
                "superseded",
                "withdrawn",
                "expired",
                name="requeststate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("sent_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("delivered_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("answered_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("superseded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_request_claim_id")),
        sa.ForeignKeyConstraint(["superseded_by_id"], ["request.id"], name=op.f("fk_request_superseded_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_request_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("claim_id", "number", name=op.f("uq_request_claim_id_number")),
        sa.UniqueConstraint("code", name=op.f("uq_request_code")),
    )
    with op.batch_alter_table("request") as batch_op:
        batch_op.create_index(batch_op.f("ix_request_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(
            "uq_request_one_draft",
            ["claim_id"],
            unique=True,
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )
        batch_op.create_index(
            "uq_request_one_open",
            ["claim_id"],
            unique=True,
            sqlite_where=sa.text("state in ('open', 'partial')"),
            postgresql_where=sa.text("state in ('open', 'partial')"),
        )

    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column(
            "medium",
            sa.Enum("email", "sms", "letter", "phone", "upload", name="medium", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("to_name", sa.String(), nullable=False),
        sa.Column("to_address", sa.String(), nullable=False),
        sa.Column("to_norm", sa.String(), nullable=False),
        sa.Column("reply_address", sa.String(), nullable=True),
        sa.Column("in_reply_to", sa.String(), nullable=True),
        sa.Column("references", sa.String(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
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
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("due_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("lease_until", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("transmitting_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("sent_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("delivered_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_delivery_message_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_delivery_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("message_id", name=op.f("uq_delivery_message_id")),
    )
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_state_due_at"), ["state", "due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_delivery_to_norm_template_queued_at"), ["to_norm", "template", "queued_at"], unique=False
        )

    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_event_claim_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_event_message_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_event_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event") as batch_op:
        batch_op.create_index(batch_op.f("ix_event_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "target_kind",
            sa.Enum(
                "claim", "policy", "customer", "ticket", "request", name="targetkind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("suggested", "unverified", "active", "undone", name="linkstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_link_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("message_id", "target_kind", "target", name=op.f("uq_link_message_id_target_kind_target")),
    )
    with op.batch_alter_table("link") as batch_op:
        batch_op.create_index(batch_op.f("ix_link_target_kind_target"), ["target_kind", "target"], unique=False)

    op.create_table(
        "message_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_file_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_file")),
    )
    with op.batch_alter_table("message_file") as batch_op:
        batch_op.create_index(batch_op.f("ix_message_file_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_file_sha256"), ["sha256"], unique=False)

    op.create_table(
        "reply_token",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("made_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_reply_token_party_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_reply_token_request_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_reply_token_ticket_id")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_reply_token")),
    )
    with op.batch_alter_table("reply_token") as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_token_request_id"), ["request_id"], unique=False)

    op.create_table(
        "request_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requirement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("answered_by_message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answered_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by_message_id"], ["message.id"], name=op.f("fk_request_item_answered_by_message_id")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_request_item_request_id")),
        sa.ForeignKeyConstraint(["requirement_id"], ["requirement.id"], name=op.f("fk_request_item_requirement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_item")),
        sa.UniqueConstraint("request_id", "requirement_id", name=op.f("uq_request_item_request_id_requirement_id")),
    )
    with op.batch_alter_table("request_item") as batch_op:
        batch_op.create_index(batch_op.f("ix_request_item_requirement_id"), ["requirement_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("requirement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "state",
            sa.Enum("proposed", "accepted", "rejected", name="documentstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("received_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_document_claim_id")),
        sa.ForeignKeyConstraint(["file_id"], ["message_file.id"], name=op.f("fk_document_file_id")),
        sa.ForeignKeyConstraint(["requirement_id"], ["requirement.id"], name=op.f("fk_document_requirement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document") as batch_op:
        batch_op.create_index(batch_op.f("ix_document_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_file_id"), ["file_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("document") as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_file_id"))
        batch_op.drop_index(batch_op.f("ix_document_claim_id"))

    op.drop_table("document")
    with op.batch_alter_table("request_item") as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_item_requirement_id"))

    op.drop_table("request_item")
    with op.batch_alter_table("reply_token") as batch_op:
        batch_op.drop_index(batch_op.f("ix_reply_token_request_id"))

    op.drop_table("reply_token")
    with op.batch_alter_table("message_file") as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_file_sha256"))
        batch_op.drop_index(batch_op.f("ix_message_file_message_id"))

    op.drop_table("message_file")
    with op.batch_alter_table("link") as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_target_kind_target"))

    op.drop_table("link")
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_event_message_id"))
        batch_op.drop_index(batch_op.f("ix_event_claim_id"))

    op.drop_table("event")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_to_norm_template_queued_at"))
        batch_op.drop_index(batch_op.f("ix_delivery_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_delivery_request_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_provider_id"))

    op.drop_table("delivery")
    with op.batch_alter_table("request") as batch_op:
        batch_op.drop_index(
            "uq_request_one_open",
            sqlite_where=sa.text("state in ('open', 'partial')"),
            postgresql_where=sa.text("state in ('open', 'partial')"),
        )
        batch_op.drop_index(
            "uq_request_one_draft", sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'")
        )
        batch_op.drop_index(batch_op.f("ix_request_ticket_id"))

    op.drop_table("request")
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_ticket_id_at"))
        batch_op.drop_index(batch_op.f("ix_message_message_id"))
        batch_op.drop_index(batch_op.f("ix_message_from_norm_at"))
        batch_op.drop_index(batch_op.f("ix_message_fingerprint"))

    op.drop_table("message")
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_state_last_message_at"))
        batch_op.drop_index(batch_op.f("ix_ticket_party_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_owner_id_state"))
        batch_op.drop_index(batch_op.f("ix_ticket_claim_id"))

    op.drop_table("ticket")
    op.drop_table("requirement")
    with op.batch_alter_table("coverage") as batch_op:
        batch_op.drop_index(batch_op.f("ix_coverage_version_id"))

    op.drop_table("coverage")
    with op.batch_alter_table("claim_party") as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_party_party_id"))

    op.drop_table("claim_party")
    with op.batch_alter_table("claim_line") as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_line_claim_id"))

    op.drop_table("claim_line")
    with op.batch_alter_table("policy_version") as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_version_policy_id_effective_from_recorded_at"))

    op.drop_table("policy_version")
    with op.batch_alter_table("policy_person") as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_person_party_id"))

    op.drop_table("policy_person")
    with op.batch_alter_table("insured_asset") as batch_op:
        batch_op.drop_index(batch_op.f("ix_insured_asset_vin"))
        batch_op.drop_index(batch_op.f("ix_insured_asset_policy_id"))
        batch_op.drop_index(batch_op.f("ix_insured_asset_plate_norm"))

    op.drop_table("insured_asset")
    with op.batch_alter_table("claim") as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_policy_id"))
        batch_op.drop_index(batch_op.f("ix_claim_owner_id"))
        batch_op.drop_index(batch_op.f("ix_claim_claimant_id"))

    op.drop_table("claim")
    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_staff_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("policy") as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_holder_id"))

    op.drop_table("policy")
    with op.batch_alter_table("party_identifier") as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_identifier_kind_value"))

    op.drop_table("party_identifier")
    with op.batch_alter_table("contact_point") as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_point_value_norm_medium"))

    op.drop_table("contact_point")
    with op.batch_alter_table("arrival") as batch_op:
        batch_op.drop_index(batch_op.f("ix_arrival_state_id"))
        batch_op.drop_index(batch_op.f("ix_arrival_sha256_channel"))
        batch_op.drop_index(batch_op.f("ix_arrival_message_id"))

    op.drop_table("arrival")
    op.drop_table("staff")
    op.drop_table("setting")
    with op.batch_alter_table("party") as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_name_folded"))

    op.drop_table("party")
    op.drop_table("lease")
    op.drop_table("counter")
    op.drop_table("channel_state")
    op.drop_table("blob")

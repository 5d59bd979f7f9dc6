"""Findings, decisions, payments, clocks, tasks, complaints, merges. The way back is a backup."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import tickets.models.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    with op.batch_alter_table("merge") as batch_op:
        batch_op.create_index(batch_op.f("ix_merge_kind_source_id"), ["kind", "source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_merge_kind_target_id"), ["kind", "target_id"], unique=False)

    op.create_table(
        "payment_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("made_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_payment_file_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_file")),
        sa.UniqueConstraint("name", name=op.f("uq_payment_file_name")),
    )
    op.create_table(
        "bank_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("called_back_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("called_back_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("called_number", sa.String(), nullable=True),
        sa.Column("agreed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["staff.id"], name=op.f("fk_bank_account_agreed_by_id")),
        sa.ForeignKeyConstraint(["called_back_by_id"], ["staff.id"], name=op.f("fk_bank_account_called_back_by_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_bank_account_claim_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_bank_account_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
    )
    with op.batch_alter_table("bank_account") as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_account_iban"), ["iban"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_account_party_id"), ["party_id"], unique=False)

    op.create_table(
        "finding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column(
            "severity", sa.Enum("block", "warn", "info", name="severity", native_enum=False, length=40), nullable=False
        ),
        sa.Column(
            "state",
            sa.Enum("open", "resolved", "overridden", name="findingstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("text_ro", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=True),
        sa.Column("inputs", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("resolver", sa.String(), nullable=False),
        sa.Column("rules_version", sa.String(), nullable=False),
        sa.Column("found_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("settled_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_finding_claim_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["staff.id"], name=op.f("fk_finding_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("claim_id", "code", "subject", name=op.f("uq_finding_claim_id_code_subject")),
    )
    op.create_table(
        "account_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("after", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column(
            "state",
            sa.Enum("proposed", "called_back", "done", "refused", name="changestate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposed_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("called_back_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("called_back_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("called_number", sa.String(), nullable=True),
        sa.Column("agreed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("agreed_by_id <> proposed_by_id", name=op.f("ck_account_change_four_eyes")),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["staff.id"], name=op.f("fk_account_change_agreed_by_id")),
        sa.ForeignKeyConstraint(["called_back_by_id"], ["staff.id"], name=op.f("fk_account_change_called_back_by_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_account_change_party_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["staff.id"], name=op.f("fk_account_change_proposed_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_account_change_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_change")),
    )
    with op.batch_alter_table("account_change") as batch_op:
        batch_op.create_index(batch_op.f("ix_account_change_party_id"), ["party_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_change_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "done", "cancelled", name="taskstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("shows", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("done_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("done_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("once", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_task_assignee_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_task_claim_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["staff.id"], name=op.f("fk_task_done_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_task_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("once", name=op.f("uq_task_once")),
    )
    with op.batch_alter_table("task") as batch_op:
        batch_op.create_index(batch_op.f("ix_task_assignee_id_state"), ["assignee_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_task_state_department_due_on"), ["state", "department", "due_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_task_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "clock",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("statutory", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "running", "paused", "met", "breached", "cancelled", name="clockstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("started_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("due_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paused_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("stopped_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("next_step", sa.Integer(), nullable=True),
        sa.Column("next_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_clock_claim_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_clock_task_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_clock_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    with op.batch_alter_table("clock") as batch_op:
        batch_op.create_index(batch_op.f("ix_clock_claim_id_key"), ["claim_id", "key"], unique=False)
        batch_op.create_index(batch_op.f("ix_clock_state_due_at"), ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_clock_state_next_at"), ["state", "next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_clock_task_id"), ["task_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_clock_ticket_id_key"), ["ticket_id", "key"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "approve", "partial", "deny", "close", "withdraw", name="decisionkind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "in_force",
                "returned",
                "overturned",
                "superseded",
                name="decisionstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("refused", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("clause", sa.String(), nullable=True),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("basis", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("basis_sha256", sa.String(), nullable=False),
        sa.Column("rules_version", sa.String(), nullable=False),
        sa.Column("approvals_needed", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("proposed_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("decided_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("letter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("supersedes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_decision_claim_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["message.id"], name=op.f("fk_decision_letter_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["staff.id"], name=op.f("fk_decision_proposed_by_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["decision.id"], name=op.f("fk_decision_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("claim_id", "number", name=op.f("uq_decision_claim_id_number")),
        sa.UniqueConstraint("id", "proposed_by_id", name=op.f("uq_decision_id_proposed_by_id")),
    )
    op.create_table(
        "shared_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shared_by", sa.String(), nullable=False),
        sa.Column("at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_shared_message_message_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_shared_message_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_message")),
        sa.UniqueConstraint("ticket_id", "message_id", name=op.f("uq_shared_message_ticket_id_message_id")),
    )
    with op.batch_alter_table("shared_message") as batch_op:
        batch_op.create_index(batch_op.f("ix_shared_message_message_id"), ["message_id"], unique=False)

    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("staff_id <> proposed_by_id", name=op.f("ck_approval_four_eyes")),
        sa.ForeignKeyConstraint(
            ["decision_id", "proposed_by_id"],
            ["decision.id", "decision.proposed_by_id"],
            name=op.f("fk_approval_decision_id_proposed_by_id"),
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_approval_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("decision_id", "staff_id", name=op.f("uq_approval_decision_id_staff_id")),
    )
    op.create_table(
        "clock_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clock_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("recorded_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_event_clock_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_clock_event_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_event")),
    )
    with op.batch_alter_table("clock_event") as batch_op:
        batch_op.create_index(batch_op.f("ix_clock_event_clock_id"), ["clock_id"], unique=False)

    op.create_table(
        "complaint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("received_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("handler_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("founded", sa.Boolean(), nullable=True),
        sa.Column("responded_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("external_body", sa.String(), nullable=True),
        sa.Column("sal_request", sa.Boolean(), nullable=False),
        sa.CheckConstraint("handler_id <> decider_id", name=op.f("ck_complaint_not_the_decider")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_complaint_claim_id")),
        sa.ForeignKeyConstraint(["decider_id"], ["staff.id"], name=op.f("fk_complaint_decider_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_complaint_decision_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["staff.id"], name=op.f("fk_complaint_handler_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_complaint_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("number", name=op.f("uq_complaint_number")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_complaint_ticket_id")),
    )
    with op.batch_alter_table("complaint") as batch_op:
        batch_op.create_index(batch_op.f("ix_complaint_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "escalation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clock_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("planned_for", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("raised_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("to_staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_role", sa.String(), nullable=False),
        sa.Column("seen_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_escalation_clock_id")),
        sa.ForeignKeyConstraint(["to_staff_id"], ["staff.id"], name=op.f("fk_escalation_to_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("clock_id", "step", name=op.f("uq_escalation_clock_id_step")),
    )
    with op.batch_alter_table("escalation") as batch_op:
        batch_op.create_index(batch_op.f("ix_escalation_to_staff_id_seen_at"), ["to_staff_id", "seen_at"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "released",
                "sent",
                "confirmed",
                "returned",
                "withdrawn",
                name="paymentstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("payee", sa.String(), nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("coverage", sa.String(), nullable=True),
        sa.Column("proposed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proposed_at", tickets.models.base.Moment(timezone=True), nullable=False),
        sa.Column("released_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("released_at", tickets.models.base.Moment(timezone=True), nullable=True),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("returned_reason", sa.String(), nullable=True),
        sa.CheckConstraint("released_by_id <> proposed_by_id", name=op.f("ck_payment_four_eyes")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_payment_claim_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_payment_decision_id")),
        sa.ForeignKeyConstraint(["file_id"], ["payment_file.id"], name=op.f("fk_payment_file_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["staff.id"], name=op.f("fk_payment_proposed_by_id")),
        sa.ForeignKeyConstraint(["released_by_id"], ["staff.id"], name=op.f("fk_payment_released_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("once", name=op.f("uq_payment_once")),
    )
    with op.batch_alter_table("payment") as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_claim_id_state"), ["claim_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_iban"), ["iban"], unique=False)

    op.create_table(
        "invoice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issuer_tax_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("number_norm", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_invoice_claim_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_invoice_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint(
            "claim_id", "issuer_tax_id", "number_norm", name=op.f("uq_invoice_claim_id_issuer_tax_id_number_norm")
        ),
    )
    with op.batch_alter_table("invoice") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_issuer_tax_id_number_norm_total_minor"),
            ["issuer_tax_id", "number_norm", "total_minor"],
            unique=False,
        )

    with op.batch_alter_table("claim") as batch_op:
        batch_op.add_column(
            sa.Column(
                "held_from",
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
                nullable=True,
            )
        )
        batch_op.drop_index(batch_op.f("ix_claim_policy_id"))
        batch_op.create_index(batch_op.f("ix_claim_policy_id_loss_date"), ["policy_id", "loss_date"], unique=False)

    with op.batch_alter_table("request") as batch_op:
        batch_op.add_column(sa.Column("ladder_step", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("ladder_at", tickets.models.base.Moment(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ladder_stopped", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_request_state_ladder_at"), ["state", "ladder_at"], unique=False)

    op.add_column("ticket", sa.Column("escalated", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.add_column("ticket", sa.Column("restricted", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    # A column that refers to its own table is added in place: SQLite would otherwise copy and drop a table in use.
    op.add_column(
        "ticket",
        sa.Column(
            "merged_into_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("ticket.id", name=op.f("fk_ticket_merged_into_id")),
            nullable=True,
        ),
        inline_references=True,
    )

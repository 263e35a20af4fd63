"""The outbox: messages, sealed bytes, attempts, proofs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_messages()
    create_attempts()
    create_receipt_proofs()
    create_sealed_mails()


def downgrade() -> None:
    op.drop_table("sealed_mails")
    op.drop_table("receipt_proofs")
    op.drop_table("attempts")
    op.drop_table("messages")


def create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("logical_key", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("response_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("contact_kind", sa.String(length=40), nullable=True),
        sa.Column("serving_number", sa.Integer(), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=80), nullable=True),
        sa.Column("claimed_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("message_id_header", sa.String(length=200), nullable=True),
        sa.Column("envelope_from", sa.String(length=254), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("link_digest", sa.String(length=64), nullable=True),
        sa.Column("link_revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("host", sa.String(length=254), nullable=True),
        sa.Column("last_reply", sa.Text(), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounce_note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('email', 'post', 'registered_post', 'portal', 'list_publication')",
            name=op.f("ck_messages_channel_known"),
        ),
        sa.CheckConstraint(
            "contact_kind IN ('notice', 'copy')", name=op.f("ck_messages_contact_kind_known")
        ),
        sa.CheckConstraint(
            "purpose IN ('notice', 'receipt', 'closing', 'code', 'objection_alarm', "
            "'delivery_alarm', 'answer')",
            name=op.f("ck_messages_purpose_known"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'deferred', 'unknown', 'rejected', 'parked', "
            "'handed_over', 'cancelled')",
            name=op.f("ck_messages_state_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_messages_case_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_messages_contact_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_messages_notice_id")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_messages_response_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("link_digest", name=op.f("uq_messages_link_digest")),
        sa.UniqueConstraint("logical_key", name=op.f("uq_messages_logical_key")),
        sa.UniqueConstraint("message_id_header", name=op.f("uq_messages_message_id_header")),
    )
    op.create_index(op.f("ix_messages_case_id"), "messages", ["case_id"])
    op.create_index(op.f("ix_messages_notice_id"), "messages", ["notice_id"])
    op.create_index(op.f("ix_messages_response_id"), "messages", ["response_id"])
    op.create_index(
        op.f("ix_messages_state_next_attempt_at"), "messages", ["state", "next_attempt_at"]
    )


def create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.Column("verb", sa.String(length=20), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("host", sa.String(length=254), nullable=True),
        sa.CheckConstraint(
            "result IN ('handed_over', 'deferred', 'rejected', 'unknown', 'authentication_failed')",
            name=op.f("ck_attempts_result_known"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_attempts_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_message_id"), "attempts", ["message_id"])


def create_receipt_proofs() -> None:
    op.create_table(
        "receipt_proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_receipt_proofs_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_receipt_proofs_notice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_proofs")),
        sa.UniqueConstraint("message_id", "kind", name=op.f("uq_receipt_proofs_message_id_kind")),
    )
    op.create_index(op.f("ix_receipt_proofs_notice_id"), "receipt_proofs", ["notice_id"])


def create_sealed_mails() -> None:
    op.create_table(
        "sealed_mails",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_sealed_mails_message_id")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_sealed_mails")),
    )

"""Paper: letters and their batches, letters from clients, documents on request."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

PURPOSES = (
    *("notice", "receipt", "closing", "code"),
    *("objection_alarm", "delivery_alarm", "answer", "window_longer", "postponed"),
    *("transfer_alarm", "reminder", "legal_digest"),
)
NEW_PURPOSE = "address_changed"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    check_purposes((*PURPOSES, NEW_PURPOSE))
    # What each version's terms come to is filled in by the job that reads them anew.
    op.add_column(
        "terms_versions",
        sa.Column(
            "notice_channels", sa.String(length=60), server_default="any email", nullable=False
        ),
    )
    create_batches()
    create_letters()
    create_incoming()
    create_requests()


def downgrade() -> None:
    for table in (
        *("letter_events", "letters", "letter_batches", "document_requests"),
        *("letter_responses", "incoming_letters", "documents"),
    ):
        op.drop_table(table)
    op.drop_column("terms_versions", "notice_channels")
    # The messages of letters stay: their notices are served by nothing else, and are held.
    new = f"(SELECT id FROM messages WHERE purpose = '{NEW_PURPOSE}')"
    for table in ("attempts", "sealed_mails"):
        op.execute(f"DELETE FROM {table} WHERE message_id IN {new}")
    op.execute(f"DELETE FROM messages WHERE purpose = '{NEW_PURPOSE}'")
    check_purposes(PURPOSES)


def check_purposes(purposes: tuple[str, ...]) -> None:
    """Which purposes a message may have."""
    # On SQLite the table is rebuilt.
    with op.batch_alter_table("messages") as messages:
        name = op.f("ck_messages_purpose_known")
        messages.drop_constraint(name, type_="check")
        listed = ", ".join(repr(value) for value in purposes)
        messages.create_check_constraint(name, f"purpose IN ({listed})")


def create_batches() -> None:
    op.create_table(
        "letter_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("pdf_digest", sa.String(length=64), nullable=False),
        sa.Column("manifest_digest", sa.String(length=64), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("prepared_at", INSTANT, nullable=False),
        sa.Column("prepared_by", sa.String(length=200), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("handed_over_at", INSTANT, nullable=True),
        sa.Column("handed_over_by", sa.String(length=200), nullable=True),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.Column("cancelled_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "product IN ('plain', 'registered', 'registered_electronic')",
            name=op.f("ck_letter_batches_product_known"),
        ),
        sa.CheckConstraint(
            "state IN ('prepared', 'handed_over', 'cancelled')",
            name=op.f("ck_letter_batches_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_batches")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_batches_key")),
    )
    op.create_index(op.f("ix_letter_batches_state"), "letter_batches", ["state"], unique=False)


def create_letters() -> None:
    op.create_table(
        "letters",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("address_lines", sa.JSON(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("proof_number", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "product IN ('plain', 'registered', 'registered_electronic')",
            name=op.f("ck_letters_product_known"),
        ),
        sa.CheckConstraint(
            "reason IN ('terms', 'copy', 'dead_address', 'no_proof', 'served_anew')",
            name=op.f("ck_letters_reason_known"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'handed_over', 'printed', 'posted', 'presented', 'received',"
            " 'unclaimed', 'returned', 'cancelled')",
            name=op.f("ck_letters_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["letter_batches.id"], name=op.f("fk_letters_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_letters_message_id")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_letters")),
    )
    op.create_index(
        op.f("ix_letters_batch_id_position"), "letters", ["batch_id", "position"], unique=False
    )
    op.create_index(op.f("ix_letters_proof_number"), "letters", ["proof_number"], unique=False)
    op.create_index(op.f("ix_letters_state_product"), "letters", ["state", "product"], unique=False)
    op.create_table(
        "letter_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("proof_number", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('handed_over', 'printed', 'posted', 'presented', 'received', 'unclaimed',"
            " 'returned')",
            name=op.f("ck_letter_events_kind_known"),
        ),
        sa.CheckConstraint(
            "source IN ('desk', 'file', 'provider')", name=op.f("ck_letter_events_source_known")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_letter_events_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_events")),
        sa.UniqueConstraint("message_id", "kind", name=op.f("uq_letter_events_message_id_kind")),
    )


def create_incoming() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("file_name", sa.String(length=150), nullable=False),
        sa.Column("octets", sa.Integer(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_table(
        "incoming_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("dispatched_on", sa.Date(), nullable=True),
        sa.Column("letter_reference", sa.String(length=200), nullable=False),
        sa.Column("quoted_reference", sa.String(length=40), nullable=False),
        sa.Column("from_name", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("form_token", sa.String(length=64), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("filed_at", INSTANT, nullable=True),
        sa.Column("filed_by", sa.String(length=200), nullable=True),
        sa.Column("filed_note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('link', 'reply', 'post', 'registered_post', 'other')",
            name=op.f("ck_incoming_letters_channel_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('objection', 'termination', 'withdrawal', 'question', 'more_time',"
            " 'acknowledgement', 'contact_change', 'document_request', 'other')",
            name=op.f("ck_incoming_letters_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_incoming_letters_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_incoming_letters_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_incoming_letters_notice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_letters")),
        sa.UniqueConstraint("form_token", name=op.f("uq_incoming_letters_form_token")),
    )
    op.create_index(
        op.f("ix_incoming_letters_client_id_filed_at"),
        "incoming_letters",
        ["client_id", "filed_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_incoming_letters_filed_at_received_on"),
        "incoming_letters",
        ["filed_at", "received_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_incoming_letters_notice_id"), "incoming_letters", ["notice_id"], unique=False
    )
    op.create_table(
        "letter_responses",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("incoming_letter_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incoming_letter_id"],
            ["incoming_letters.id"],
            name=op.f("fk_letter_responses_incoming_letter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_letter_responses_response_id")
        ),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_letter_responses")),
    )
    op.create_index(
        op.f("ix_letter_responses_incoming_letter_id"),
        "letter_responses",
        ["incoming_letter_id"],
        unique=False,
    )


def create_requests() -> None:
    op.create_table(
        "document_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("incoming_letter_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("as_of_on", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_through", sa.String(length=40), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("list_version", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "channel IN ('link', 'reply', 'post', 'registered_post', 'other')",
            name=op.f("ck_document_requests_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_document_requests_agreement_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_document_requests_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["incoming_letter_id"],
            ["incoming_letters.id"],
            name=op.f("fk_document_requests_incoming_letter_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_requests")),
    )
    op.create_index(
        op.f("ix_document_requests_agreement_id"),
        "document_requests",
        ["agreement_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_document_requests_answered_at"), "document_requests", ["answered_at"], unique=False
    )

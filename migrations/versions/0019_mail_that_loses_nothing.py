"""What sending, bounces, replies and outages leave behind; reminders and the digest to legal."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PURPOSES = (
    *("notice", "receipt", "closing", "code"),
    *("objection_alarm", "delivery_alarm", "answer", "window_longer", "postponed"),
    "transfer_alarm",
)
NEW_PURPOSES = ("reminder", "legal_digest")
STATES = (
    *("queued", "sending", "deferred", "unknown", "rejected", "parked", "handed_over"),
    "cancelled",
)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("paused_from", sa.String(length=40), nullable=True))
        messages.add_column(sa.Column("slot_at", INSTANT, nullable=True))
        one_of(messages, "messages", "purpose", (*PURPOSES, *NEW_PURPOSES))
        one_of(messages, "messages", "state", (*STATES, "paused"))
    op.create_index(op.f("ix_attempts_started_at"), "attempts", ["started_at"])
    op.add_column("releases", sa.Column("sending_paused_at", INSTANT, nullable=True))
    op.add_column("releases", sa.Column("sending_paused_by", sa.String(length=200), nullable=True))
    create_queue()
    create_incoming()
    create_events()
    create_readings()
    create_watch()


def downgrade() -> None:
    for table in (
        *("clock_freezes", "outages", "service_watch", "mailbox_readings", "delivery_events"),
        *("mail_responses", "incoming_mails", "domain_slots", "mail_queue"),
    ):
        op.drop_table(table)
    op.drop_column("releases", "sending_paused_by")
    op.drop_column("releases", "sending_paused_at")
    op.drop_index(op.f("ix_attempts_started_at"), "attempts")
    listed = ", ".join(repr(purpose) for purpose in NEW_PURPOSES)
    new = f"(SELECT id FROM messages WHERE purpose IN ({listed}))"
    for table in ("attempts", "sealed_mails"):
        op.execute(f"DELETE FROM {table} WHERE message_id IN {new}")
    op.execute(f"DELETE FROM messages WHERE purpose IN ({listed})")
    # Nobody could start them again: they are sent.
    op.execute("UPDATE messages SET state = 'queued' WHERE state = 'paused'")
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("slot_at")
        messages.drop_column("paused_from")
        one_of(messages, "messages", "purpose", PURPOSES)
        one_of(messages, "messages", "state", STATES)


def one_of(batch, table: str, column: str, values: tuple[str, ...]) -> None:
    """Which values a column may have."""
    name = op.f(f"ck_{table}_{column}_known")
    batch.drop_constraint(name, type_="check")
    listed = ", ".join(repr(value) for value in values)
    batch.create_check_constraint(name, f"{column} IN ({listed})")


def known(table: str, column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(repr(value) for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}_known"))


def create_queue() -> None:
    op.create_table(
        "mail_queue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.Column("paused_by", sa.String(length=200), nullable=True),
        sa.Column("pause_cause", sa.String(length=40), nullable=True),
        sa.Column("pause_note", sa.Text(), nullable=True),
        sa.Column("next_sign_in_at", INSTANT, nullable=True),
        sa.Column("sign_ins", sa.Integer(), nullable=False),
        known("mail_queue", "pause_cause", "operator", "credentials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_queue")),
    )
    op.create_table(
        "domain_slots",
        sa.Column("domain", sa.String(length=254), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_domain_slots")),
    )


def create_incoming() -> None:
    op.create_table(
        "incoming_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("collected_at", INSTANT, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("from_address", sa.String(length=254), nullable=False),
        sa.Column("from_name", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("in_reply_to", sa.String(length=998), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_at", INSTANT, nullable=True),
        sa.Column("filed_as", sa.String(length=40), nullable=True),
        sa.Column("filed_by", sa.String(length=200), nullable=True),
        sa.Column("filed_note", sa.Text(), nullable=False),
        known("incoming_mails", "source", "imap", "pipe"),
        known("incoming_mails", "kind", "report", "auto_reply", "reply"),
        known("incoming_mails", "tag", "valid", "missing", "forged"),
        known(
            *("incoming_mails", "filed_as", "report", "auto_reply", "objection", "question"),
            *("more_time", "acknowledgement", "no_answer"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_incoming_mails_{column}"))
            for column, target in (
                ("message_id", "messages.id"),
                ("notice_id", "notices.id"),
                ("client_id", "clients.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_mails")),
        sa.UniqueConstraint("digest", name=op.f("uq_incoming_mails_digest")),
    )
    for columns in (
        ["filed_at", "received_at"],
        ["client_id", "filed_at"],
        ["notice_id"],
        ["message_id"],
    ):
        name = f"ix_incoming_mails_{'_'.join(columns)}"
        op.create_index(op.f(name), "incoming_mails", columns)
    op.create_table(
        "mail_responses",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("incoming_mail_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_mail_responses_response_id")
        ),
        sa.ForeignKeyConstraint(
            ["incoming_mail_id"],
            ["incoming_mails.id"],
            name=op.f("fk_mail_responses_incoming_mail_id"),
        ),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_mail_responses")),
    )
    op.create_index(
        op.f("ix_mail_responses_incoming_mail_id"), "mail_responses", ["incoming_mail_id"]
    )


def create_events() -> None:
    op.create_table(
        "delivery_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("incoming_mail_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("host", sa.String(length=254), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        known("delivery_events", "source", "dsn", "bounce", "webhook", "file"),
        known(
            *("delivery_events", "kind", "failed", "delayed", "relayed", "expanded", "delivered"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_delivery_events_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["incoming_mail_id"],
            ["incoming_mails.id"],
            name=op.f("fk_delivery_events_incoming_mail_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_events")),
        sa.UniqueConstraint(
            "source", "external_id", name=op.f("uq_delivery_events_source_external_id")
        ),
    )
    op.create_index(op.f("ix_delivery_events_message_id"), "delivery_events", ["message_id"])


def create_readings() -> None:
    op.create_table(
        "mailbox_readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("read_until_at", INSTANT, nullable=True),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("failing_since_at", INSTANT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_readings")),
        sa.UniqueConstraint("place", name=op.f("uq_mailbox_readings_place")),
    )


def create_watch() -> None:
    op.create_table(
        "service_watch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_probe_at", INSTANT, nullable=False),
        sa.Column("last_probe_at", INSTANT, nullable=False),
        sa.Column("last_up_at", INSTANT, nullable=True),
        sa.Column("longest_pause_seconds", sa.Integer(), nullable=False),
        sa.Column("tolerated_seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_watch")),
    )
    op.create_table(
        "outages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        known("outages", "cause", "unreachable", "no_probe"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )
    op.create_index(op.f("ix_outages_ended_at"), "outages", ["ended_at"])
    op.create_table(
        "clock_freezes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("noticed_at", INSTANT, nullable=False),
        sa.Column("runner", sa.String(length=80), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.String(length=200), nullable=True),
        sa.Column("lift_note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_freezes")),
    )
    op.create_index(op.f("ix_clock_freezes_lifted_at"), "clock_freezes", ["lifted_at"])

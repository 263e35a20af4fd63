"""Notices, their cases, and what clients and legal said."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_confirmations()
    create_notices()
    create_cases()
    create_hold_clearances()
    create_outcomes()
    create_responses()
    create_two_person_decisions()
    create_codes()
    create_settlements()


def downgrade() -> None:
    op.drop_table("settlements")
    op.drop_table("codes")
    op.drop_table("two_person_decisions")
    op.drop_table("responses")
    op.drop_table("outcomes")
    op.drop_table("hold_clearances")
    op.drop_table("cases")
    op.drop_table("notices")
    op.drop_table("confirmations")


def create_confirmations() -> None:
    op.create_table(
        "confirmations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("up_to_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("up_to_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('replies_read', 'registered_post_opened')",
            name=op.f("ck_confirmations_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
    )
    op.create_index(op.f("ix_confirmations_kind_up_to_at"), "confirmations", ["kind", "up_to_at"])


def create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("terms_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("serving_number", sa.Integer(), nullable=False),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_proof", sa.String(length=40), nullable=True),
        sa.Column("window", sa.JSON(), nullable=True),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_reason", sa.String(length=40), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'serving', 'served', 'not_served')",
            name=op.f("ck_notices_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_notices_agreement_id")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_notices_release_id")
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["terms_versions.id"], name=op.f("fk_notices_terms_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("reference", name=op.f("uq_notices_reference")),
        sa.UniqueConstraint(
            "release_id", "agreement_id", name=op.f("uq_notices_release_id_agreement_id")
        ),
    )
    op.create_index(op.f("ix_notices_agreement_id"), "notices", ["agreement_id"])
    op.create_index(op.f("ix_notices_state"), "notices", ["state"])


def create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("holds", sa.JSON(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silence_after_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_quiet", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gated_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gated_out_note", sa.Text(), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'accepted_by_silence', 'no_objection', "
            "'not_authorised', 'objection_withdrawn', 'objection_ineffective', "
            "'termination_not_exercised', 'accepted_unresolved', 'accommodated', "
            "'terminated', 'informed', 'agreement_ended', 'change_withdrawn')",
            name=op.f("ck_cases_outcome_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'open', 'objected', 'hold', 'closed')",
            name=op.f("ck_cases_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_cases_agreement_id")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_cases_change_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_cases_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint(
            "change_id", "agreement_id", name=op.f("uq_cases_change_id_agreement_id")
        ),
    )
    op.create_index(op.f("ix_cases_agreement_id"), "cases", ["agreement_id"])
    op.create_index(op.f("ix_cases_change_id_state"), "cases", ["change_id", "state"])
    op.create_index(op.f("ix_cases_notice_id"), "cases", ["notice_id"])
    op.create_index(op.f("ix_cases_state_closes_at"), "cases", ["state", "closes_at"])
    op.create_index(op.f("ix_cases_state_silence_after_at"), "cases", ["state", "silence_after_at"])


def create_hold_clearances() -> None:
    op.create_table(
        "hold_clearances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_hold_clearances_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_clearances")),
    )
    op.create_index(op.f("ix_hold_clearances_case_id"), "hold_clearances", ["case_id"])


def create_outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("reopened_because", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_outcomes_case_id")),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["outcomes.id"], name=op.f("fk_outcomes_corrects_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_outcomes_case_id_number")),
    )


def create_responses() -> None:
    op.create_table(
        "responses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dispatched_on", sa.Date(), nullable=True),
        sa.Column("timeliness", sa.String(length=40), nullable=True),
        sa.Column("timeliness_decided", sa.String(length=40), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("by_role", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("letter_reference", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=True),
        sa.Column("form_token", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", sa.String(length=200), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("disowned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disowned_cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "channel IN ('link', 'reply', 'post', 'registered_post', 'other')",
            name=op.f("ck_responses_channel_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('acknowledgement', 'question', 'more_time', 'no_objection', "
            "'objection', 'withdrawal')",
            name=op.f("ck_responses_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('awaiting_code', 'effective')", name=op.f("ck_responses_state_known")
        ),
        sa.CheckConstraint(
            "timeliness IN ('in_time', 'late', 'disputed', 'no_window')",
            name=op.f("ck_responses_timeliness_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_responses_case_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_responses_contact_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_responses_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
        sa.UniqueConstraint("form_token", name=op.f("uq_responses_form_token")),
        sa.UniqueConstraint("reference", name=op.f("uq_responses_reference")),
    )
    op.create_index(op.f("ix_responses_case_id"), "responses", ["case_id"])
    op.create_index(op.f("ix_responses_notice_id"), "responses", ["notice_id"])


def create_two_person_decisions() -> None:
    op.create_table(
        "two_person_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=200), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('close_no_objection', 'correct_record')",
            name=op.f("ck_two_person_decisions_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_two_person_decisions_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_two_person_decisions")),
    )
    op.create_index(op.f("ix_two_person_decisions_case_id"), "two_person_decisions", ["case_id"])


def create_codes() -> None:
    op.create_table(
        "codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_codes_response_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes")),
    )
    op.create_index(op.f("ix_codes_response_id"), "codes", ["response_id"])


def create_settlements() -> None:
    op.create_table(
        "settlements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("takes_effect_on", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('accommodated', 'withdrawn', 'ineffective', 'terminated')",
            name=op.f("ck_settlements_kind_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_settlements_case_id")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_settlements_response_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
    )
    op.create_index(op.f("ix_settlements_case_id"), "settlements", ["case_id"])

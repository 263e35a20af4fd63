"""Clients, their agreements, notice terms and contacts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_clients()
    create_agreements()
    create_contacts()
    create_agreement_contacts()
    create_agreement_services()
    create_terms_versions()


def downgrade() -> None:
    op.drop_table("terms_versions")
    op.drop_table("agreement_services")
    op.drop_table("agreement_contacts")
    op.drop_table("contacts")
    op.drop_table("agreements")
    op.drop_table("clients")


def create_clients() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("key", name=op.f("uq_clients_key")),
    )


def create_agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("language IN ('en', 'fr')", name=op.f("ck_agreements_language_known")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_agreements_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("key", name=op.f("uq_agreements_key")),
    )
    op.create_index(op.f("ix_agreements_client_id"), "agreements", ["client_id"])
    op.create_index(op.f("ix_agreements_ended_on"), "agreements", ["ended_on"])


def create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role_title", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("postal_address", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_contacts_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("client_id", "key", name=op.f("uq_contacts_client_id_key")),
    )


def create_agreement_contacts() -> None:
    op.create_table(
        "agreement_contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("clause", sa.String(length=200), nullable=False),
        sa.Column("designated_on", sa.Date(), nullable=True),
        sa.Column("letter_reference", sa.String(length=200), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('notice', 'copy')", name=op.f("ck_agreement_contacts_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_contacts_agreement_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_agreement_contacts_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_contacts")),
    )
    op.create_index(
        op.f("ix_agreement_contacts_agreement_id_kind"),
        "agreement_contacts",
        ["agreement_id", "kind"],
    )
    op.create_index(op.f("ix_agreement_contacts_contact_id"), "agreement_contacts", ["contact_id"])


def create_agreement_services() -> None:
    op.create_table(
        "agreement_services",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_services_agreement_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_agreement_services_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_services")),
        sa.UniqueConstraint(
            "agreement_id", "service_id", name=op.f("uq_agreement_services_agreement_id_service_id")
        ),
    )
    op.create_index(
        op.f("ix_agreement_services_service_id_agreement_id"),
        "agreement_services",
        ["service_id", "agreement_id"],
    )


def create_terms_versions() -> None:
    op.create_table(
        "terms_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("not_computable", sa.String(length=200), nullable=True),
        sa.Column("requires_agreement_dates", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_terms_versions_agreement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_versions")),
        sa.UniqueConstraint(
            "agreement_id", "number", name=op.f("uq_terms_versions_agreement_id_number")
        ),
    )
    op.create_index(
        "uq_terms_versions_current",
        "terms_versions",
        ["agreement_id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )

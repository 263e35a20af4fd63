"""What the announced release of `announced` says: facts, terms, the vendor."""

from dataclasses import replace
from datetime import date

from subnotify.rules.locations import Location
from subnotify.rules.presets import PRESETS
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms import Provenance
from subnotify.rules.texts import local_text
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import LocationKind, ProofKind
from tests.support.transfers import assessed, clauses, framework

COMMENCEMENT = date(2026, 6, 1)
OVH = assessed(
    SubprocessorFacts(
        name="OVHcloud",
        address="2 rue Kellermann, 59053 Roubaix Cedex 1, France",
        contact="privacy@ovh.example",
        activities=local_text(
            {"en": "Hosting of databases", "fr": "Hébergement de bases de données"}
        ),
        services=("monitoring",),
        data_categories=local_text({"en": "Names, email addresses", "fr": "Noms, adresses email"}),
        locations=(
            Location("FR", LocationKind.ESTABLISHMENT),
            Location("FR", LocationKind.HOSTING),
        ),
        agreement_signed_on=date(2026, 2, 16),
        agreement_from_on=date(2026, 6, 1),
    )
)
IONOS = SubprocessorFacts(name="IONOS", address="7 place de la Gare, 57200 Sarreguemines, France")
SENTRY = assessed(
    SubprocessorFacts(
        name="Sentry",
        other_names=("Functional Software, Inc.",),
        address="45 Fremont Street, 8th Floor, San Francisco, CA 94105",
        contact="compliance@sentry.example",
        website="https://sentry.example",
        activities=local_text(
            {"en": "Collection of application logs", "fr": "Collecte de journaux"}
        ),
        services=("monitoring", "backup"),
        data_categories=local_text({"en": "Email addresses", "fr": "Adresses email"}),
        locations=(
            Location("US", LocationKind.ESTABLISHMENT, (framework("Functional Software, Inc."),)),
            Location("US", LocationKind.HOSTING, (clauses(),)),
        ),
    )
)
VENDOR = VendorProfile(
    name="Northwind Informatique",
    address="12 rue des Exemples\n75011 Paris",
    country="FR",
    contact_name="Claire Martin",
    contact_email="privacy@northwind.example",
    authority_name="CNIL",
)
FIFTEEN_DAYS = replace(
    PRESETS["fr-15-days"],
    proof_of_receipt=frozenset({ProofKind.RECIPIENT_SERVER, ProofKind.ACKNOWLEDGEMENT}),
    provenance=Provenance(
        clause="art. 9.2", quotation="Beyond that period and without any response, ..."
    ),
)
REGISTERED = replace(
    PRESETS["fr-30-days-registered"],
    proof_of_receipt=frozenset({ProofKind.ACKNOWLEDGEMENT}),
    provenance=Provenance(clause="annexe 4, § 3"),
)

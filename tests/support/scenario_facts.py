"""Facts for scenarios: a vendor and some subprocessors, complete enough to be announced."""

from datetime import date

from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.texts import local_text
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import LocationKind
from tests.support.transfers import assessed, clauses

VENDOR = VendorProfile(
    name="Hexapode SAS",
    address="12 rue des Tanneurs, 38000 Grenoble, France",
    country="FR",
    contact_name="Inès Valmont",
    contact_email="privacy@hexapode.example",
    contact_address="12 rue des Tanneurs, 38000 Grenoble",
    authority_name="CNIL",
    authority_address="3 place de Fontenoy, 75007 Paris",
    authority_website="https://www.cnil.fr",
)

MIRADOR = assessed(
    SubprocessorFacts(
        name="Mirador Logs Inc.",
        other_names=("MiradorLogs",),
        address="45 Fremont Street, San Francisco, CA 94105, United States",
        contact="dpo@mirador.example",
        website="https://mirador.example",
        activities=local_text(
            {
                "en": "Collects the application's error logs",
                "fr": "Collecte des journaux d’erreurs de l’application",
            }
        ),
        services=("monitoring",),
        data_categories=local_text(
            {"en": "Email address, IP address", "fr": "Adresse électronique, adresse IP"}
        ),
        locations=(
            Location("US", LocationKind.ESTABLISHMENT, (clauses(),)),
            Location("DE", LocationKind.HOSTING),
        ),
        agreement_signed_on=date(2026, 2, 2),
        agreement_from_on=date(2026, 4, 1),
    )
)

ORAGE = assessed(
    SubprocessorFacts(
        name="Orage Hébergement SAS",
        address="2 rue Kellermann, 59100 Roubaix, France",
        contact="privacy@orage.example",
        activities=local_text({"en": "Hosts the databases", "fr": "Héberge les bases de données"}),
        services=("monitoring", "helpdesk"),
        data_categories=local_text(
            {"en": "Name, email address, phone", "fr": "Nom, adresse électronique, téléphone"}
        ),
        locations=(
            Location("FR", LocationKind.ESTABLISHMENT),
            Location("FR", LocationKind.HOSTING),
        ),
        agreement_signed_on=date(2026, 1, 20),
        agreement_from_on=date(2026, 4, 1),
    )
)

# What Orage replaces.
VIEUX_PORT = assessed(
    SubprocessorFacts(
        name="Vieux Port Data SARL",
        address="7 quai du Port, 13002 Marseille, France",
        contact="dpo@vieuxport.example",
        activities=local_text({"en": "Hosts the databases", "fr": "Héberge les bases de données"}),
        services=("monitoring", "helpdesk"),
        data_categories=local_text(
            {"en": "Name, email address", "fr": "Nom, adresse électronique"}
        ),
        locations=(Location("FR", LocationKind.ESTABLISHMENT),),
        agreement_signed_on=date(2021, 1, 4),
        agreement_from_on=date(2021, 1, 4),
        in_use_since_on=date(2021, 2, 1),
    )
)

"""The vendor of the journeys, as a vendor would import it: a list, then clients, then a change."""

import json
from textwrap import dedent, indent

VENDOR = """
vendor:
  name: Hexapode SAS
  address: 4 quai du Port, 13002 Marseille, France
  country: FR
  contact_name: Nour Haddad
  contact_email: privacy@hexapode.example
  authority_name: CNIL
  authority_address: 3 place de Fontenoy, 75007 Paris, France
  authority_website: https://www.cnil.fr
services:
  - {key: monitoring, name: Hexapode Watch}
  - {key: helpdesk, name: Hexapode Desk}
subprocessors:
  - key: vieux-port
    name: Vieux Port Hébergement SARL
    address: 2 rue de la Loge, 13002 Marseille, France
    contact: dpo@vieux-port.example
    activities: {en: Hosts the databases, fr: Héberge les bases de données}
    services: [monitoring, helpdesk]
    data_categories: {en: Names and email addresses, fr: Noms et adresses électroniques}
    locations:
      - {country: FR, kind: establishment, basis: {kind: eea}}
      - {country: FR, kind: hosting, basis: {kind: eea}}
    in_use_since_on: 2022-01-01
"""

# Drafts: what the import finds once the list is published.
MIRADOR = """
  - key: mirador
    name: Mirador Analytics GmbH
    address: Hafenstraße 12, 20457 Hamburg, Germany
    contact: datenschutz@mirador.example
    activities: {en: Analyses alerts for patterns, fr: Analyse les alertes}
    services: [monitoring]
    data_categories: {en: Names and email addresses, fr: Noms et adresses électroniques}
    locations:
      - {country: DE, kind: establishment, basis: {kind: eea}}
      - {country: IE, kind: hosting, basis: {kind: eea}}
    agreement: {signed_on: 2026-01-15, from_on: 2026-06-01, until_on: 2029-05-31}
"""
ORAGE = """
  - key: orage
    replaces: vieux-port
    name: Orage Cloud Ltd
    address: 8 Quay Street, Dublin 1, Ireland
    contact: privacy@orage.example
    activities: {en: Hosts the databases, fr: Héberge les bases de données}
    services: [monitoring, helpdesk]
    data_categories: {en: Names and email addresses, fr: Noms et adresses électroniques}
    locations:
      - {country: IE, kind: establishment, basis: {kind: eea}}
      - {country: GB, kind: hosting, basis: {kind: adequacy, reference: 2021/1772}}
    agreement: {signed_on: 2026-01-20, from_on: 2026-06-01, until_on: 2029-05-31}
"""


def drafted(*subprocessors: str) -> str:
    """The file that drafts these changes."""
    return "subprocessors:" + "".join(subprocessors)


def client(
    key: str,
    name: str,
    *,
    language: str = "en",
    preset: str = "fr-15-days",
    services: str = "monitoring",
    contacts: dict[str, str] | None = None,
    copies: dict[str, str] | None = None,
    letter: str = "",
    post: str = "",
    proofs: str = "recipient_server, acknowledgement, registered_delivery",
    clause: str = "",
) -> str:
    """The file of one client with one agreement. contacts, copies: addresses by name.

    letter: the reference of the one by which a designated contact changes. post: the postal
    address of its people, lines apart by "; ". clause: further lines of the terms.
    """
    notice = contacts if contacts is not None else {"Ada Berger": f"dpo@{key}.example"}
    people = {**notice, **(copies or {})}
    lines = json.dumps(post.replace("; ", "\n"), ensure_ascii=False)
    listed = "\n".join(
        f"- {{key: p{n}, name: {who}, email: {address}, postal_address: {lines}}}"
        for n, (who, address) in enumerate(people.items())
    )
    named = f", letter_reference: {letter}" if letter else ""
    designated = "\n".join(
        f"- {{contact: p{n}, clause: Annex 2, designated_on: 2024-03-11{named}}}"
        for n in range(len(notice))
    )
    copied = ", ".join(f"p{n}" for n in range(len(notice), len(people)))
    return dedent(
        """
        clients:
          - key: {key}
            name: {name}
            country: FR
            contacts:
        {listed}
        agreements:
          - key: {key}-2024
            client: {key}
            reference: DPA-{key}
            language: {language}
            signed_on: 2024-03-11
            services: [{services}]
            notice_contacts:
        {designated}
            copy_contacts: [{copied}]
            terms:
              preset: {preset}
              proof_of_receipt: [{proofs}]
        {clause}
              provenance:
                clause: Art. 7.2
                quotation: The Client may object within the period.
                read_by: Nour Haddad
                read_on: 2026-01-12
        """
    ).format(
        key=key,
        name=name,
        language=language,
        preset=preset,
        services=services,
        listed=indent(listed, " " * 6),
        designated=indent(designated, " " * 6),
        copied=copied,
        proofs=proofs,
        clause=indent(clause, " " * 6),
    )

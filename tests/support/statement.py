"""A vendor like that of seeds row 3: a statement of transfer mechanisms, under two export laws."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from subnotify.operations.import_registry import import_registry
from subnotify.operations.publish_list import publish_list
from tests.support.web_client import session_on

PARIS = ZoneInfo("Europe/Paris")

_CLAUSES = """{law: %s, code: %s, module: "%s", signed_on: 2022-02-01, conditions: all,
          impact_assessment: {reference: TIA-7, done_on: 2022-02-01, result: sufficient},
          evidence: {annex_version: "1", clause_9_option: "2"}}"""
_MODULE_3 = f"""[
        {_CLAUSES % ("EU_GDPR", "scc_eu_2021_m3", "")},
        {_CLAUSES % ("CH_FADP", "ch_scc", "3")}]"""
_MODULE_2 = f"""[
        {_CLAUSES % ("EU_GDPR", "scc_eu_2021_m2", "")},
        {_CLAUSES % ("CH_FADP", "ch_scc", "2")}]"""

STATEMENT = f"""
vendor:
  name: Meridian Software
  address: 500 Harbor Street, Boston, MA 02210, United States
  country: US
  contact_name: Privacy Office
  contact_email: privacy@meridian.example
  authority_name: CNIL
  authority_address: 3 place de Fontenoy, 75007 Paris, France
  authority_website: https://www.cnil.fr
  laws: [EU_GDPR, CH_FADP]
  mechanisms:
    - code: EU-US-PRIVACY-SHIELD
      use: self_certification
      comment:
        en: Certified personal data from the EEA; personal data from Switzerland were never covered.
        fr: Certifiait les données de l’EEE ; celles de Suisse n’ont jamais été couvertes.
      details_url: https://meridian.example/privacy-shield
      document_url: https://meridian.example/privacy-shield.pdf
      effective_on: 2016-09-30
      replaced_by: scc_eu_2021_m3
      modified_on: 2021-06-28
    - code: scc_eu_2021_m3
      use: intercompany
      roles: [processor]
      comment: {{en: Every company of the group has signed., fr: Chaque société du groupe a signé.}}
      details_url: https://meridian.example/intercompany
      document_url: https://meridian.example/intercompany-scc.pdf
      effective_on: 2021-09-01
      modified_on: 2022-01-03
    - code: scc_eu_2021_m2
      use: clients
      roles: [processor]
      comment: {{en: On a client's request., fr: À la demande d’un client.}}
      document_url: https://meridian.example/scc-clients.pdf
      modified_on: 2022-01-03
    - title: {{en: Agreement between the employers, fr: Convention entre employeurs}}
      law: EU_GDPR
      use: hr
      roles: [controller]
      details_url: https://meridian.example/hr
      modified_on: 2022-01-03
services: [{{key: suite, name: Meridian Suite}}]
subprocessors:
  - key: acme
    name: Acme Analytics Incorporated
    trading_name: Acme
    company_number: "0400-1234567"
    parent: Acme Holdings Inc.
    address: 1 Main Street, Boston, MA 02108, United States
    contact: privacy@acme.example
    website: https://acme.example
    list_url: https://acme.example/subprocessors
    agreement_url: https://acme.example/dpa
    activities: {{en: Usage statistics, fr: Statistiques d’utilisation}}
    services: [suite]
    data_categories: {{en: Names and health data, fr: Noms et données de santé}}
    data_subjects: {{en: patients, fr: patients}}
    special_categories: true
    agreement: {{signed_on: 2022-02-01, from_on: 2022-02-02}}
    in_use_since_on: 2022-02-02
    locations:
      - {{country: US, kind: establishment, bases: {_MODULE_3}}}
      - {{country: CH, kind: hosting}}
  - key: kita
    name: Kita Works
    engaged_by: acme
    address: 2-1 Odori, Sapporo, Japan
    contact: privacy@kita.example
    activities: {{en: Night support, fr: Assistance de nuit}}
    services: [suite]
    data_categories: {{en: Names, fr: Noms}}
    data_subjects: {{en: users of the suite, fr: utilisateurs de la suite}}
    agreement: {{signed_on: 2022-02-01, from_on: 2022-02-02}}
    in_use_since_on: 2022-02-02
    locations:
      - country: JP
        kind: establishment
        bases:
          - {{law: EU_GDPR, code: EU-JP, conditions: all}}
          - {_CLAUSES % ("CH_FADP", "ch_scc", "3")}
  - key: meridian-in
    name: Meridian India Private Limited
    affiliate: true
    address: 12 MG Road, Bengaluru, India
    contact: privacy@meridian.example
    activities: {{en: Support, fr: Assistance}}
    services: [suite]
    data_categories: {{en: Names, fr: Noms}}
    agreement: {{signed_on: 2022-02-01, from_on: 2022-02-02}}
    in_use_since_on: 2022-02-02
    locations:
      - {{country: IN, kind: establishment, bases: {_MODULE_3}}}
      - {{country: IN, kind: support, bases: {_MODULE_3}}}
  - key: nordur
    name: Norður Hýsing
    address: Laugavegur 1, Reykjavík, Iceland
    contact: privacy@nordur.example
    activities: {{en: Hosting, fr: Hébergement}}
    services: [suite]
    data_categories: {{en: Names, fr: Noms}}
    agreement: {{signed_on: 2022-02-01, from_on: 2022-02-02}}
    in_use_since_on: 2022-02-02
    locations:
      - {{country: IS, kind: establishment}}
      - {{country: GB, kind: hosting}}
  - key: payroll
    name: Meridian Payroll Inc.
    role: controller
    affiliate: true
    hr_data: true
    address: 500 Harbor Street, Boston, MA 02210, United States
    contact: privacy@meridian.example
    activities: {{en: Pay of the group's employees, fr: Paie des salariés du groupe}}
    services: [suite]
    data_categories: {{en: Pay and bank details, fr: Paie et coordonnées bancaires}}
    data_subjects: {{en: employees of the group, fr: salariés du groupe}}
    agreement: {{signed_on: 2022-02-01, from_on: 2022-02-02}}
    in_use_since_on: 2022-02-02
    locations:
      - {{country: US, kind: establishment, bases: {_MODULE_2}}}
""".encode()


_STATED = STATEMENT.index(b"  mechanisms:\n")
NOTHING_STATED = STATEMENT[:_STATED] + STATEMENT[STATEMENT.index(b"services: [{", _STATED) :]


def publish_statement(url: str, at: datetime, source: bytes = STATEMENT) -> None:
    """Import it and publish its list at that instant."""
    with session_on(url) as session:
        given: dict[str, Any] = {"by": "paul", "at": at, "zone": PARIS}
        import_registry(session, source, **given)
        publish_list(session, **given)

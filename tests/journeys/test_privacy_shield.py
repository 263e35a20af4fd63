"""A decision falls: entries that rest on it stay on the list and say so, legal has a task, and what
replaces it is released once there is something that does.

The reference data of today know the days on which the Shields fell; by them legal is told ahead,
as it is of any decision with a known end. Nothing else in this journey depends on that.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from subnotify.rules.words import Role
from tests.journeys import registry
from tests.journeys.conftest import Cast
from tests.journeys.people import Operator, Person
from tests.journeys.steps import announce, confirm_read
from tests.support.live_server import LEGAL_EMAIL, LiveVendor, live_vendor, one_line
from tests.support.smtp_server import ScriptedSmtpServer

LIST = """
vendor:
  name: Hexapode SAS
  address: 4 quai du Port, 13002 Marseille, France
  country: FR
  contact_name: Nour Haddad
  contact_email: privacy@hexapode.example
  authority_name: CNIL
  authority_address: 3 place de Fontenoy, 75007 Paris, France
  laws: [EU_GDPR, CH_FADP]
services:
  - {key: monitoring, name: Hexapode Watch}
"""
MIRADOR = """
subprocessors:
  - key: mirador
    name: Mirador Logs Inc.
    address: 45 Fremont Street, San Francisco, CA 94105, United States
    contact: dpo@mirador.example
    activities: {en: Collects error logs, fr: Collecte les journaux d’erreurs}
    services: [monitoring]
    data_categories: {en: Names and email addresses, fr: Noms et adresses électroniques}
    agreement: {signed_on: 2018-05-02, from_on: 2018-05-25}
    in_use_since_on: 2018-05-25
    locations:
      - country: US
        kind: establishment
        bases:
"""
SHIELDS = """
          - law: EU_GDPR
            code: EU-US-PRIVACY-SHIELD
            list_entry: {entity: Mirador Logs Inc., lists: [EU-U.S.], covered_data: [non_hr],
              checked_on: 2020-05-04}
          - law: CH_FADP
            code: CH-US-PRIVACY-SHIELD
            list_entry: {entity: Mirador Logs Inc., lists: [Swiss-U.S.], covered_data: [non_hr],
              checked_on: 2020-05-04}
"""
CLAUSES = """
          - law: EU_GDPR
            code: scc_eu_2021_m3
            signed_on: 2021-09-06
            impact_assessment: {reference: TIA-7, done_on: 2021-09-01, result: sufficient}
            conditions: all
            evidence: {annex_version: "1", clause_9_option: "2"}
          - law: CH_FADP
            code: ch_scc
            module: "3"
            signed_on: 2021-09-06
            impact_assessment: {reference: TIA-7, done_on: 2021-09-01, result: sufficient}
            conditions: all
            evidence: {annex_version: "1", clause_9_option: "2"}
"""
SHIELD = "EU-U.S. Privacy Shield (2016/1250)"
MODULE_3 = "standard contractual clauses 2021/914, module 3"


@pytest.fixture
def at() -> datetime:
    """The last day of the Privacy Shield, in the morning."""
    return datetime.fromisoformat("2020-07-15T09:00:00+02:00")


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(
    at: datetime, smtp_server: ScriptedSmtpServer, request: pytest.FixtureRequest
) -> Iterator[LiveVendor]:
    url = request.getfixturevalue(f"{request.param}_url")
    with live_vendor(url, at=at, smtp=smtp_server) as vendor:
        vendor.import_registry(LIST + MIRADOR.lstrip("\n") + SHIELDS)
        vendor.publish()
        vendor.employ("Paula Publisher", Role.PUBLISHER)
        vendor.employ("Leon Legal", Role.LEGAL)
        vendor.import_registry(under("EU_GDPR", "alder", "Alder Clinic"))
        vendor.import_registry(under("CH_FADP", "basilea", "Basilea Treuhand"))
        yield vendor


def under(law: str, key: str, name: str) -> str:
    """A client of those years whose data fall under one law."""
    source = registry.client(key, name).replace("2024-03-11", "2019-03-11")
    source = source.replace("2026-01-12", "2019-01-12")
    return source.replace("    language: en\n", f"    language: en\n    laws: [{law}]\n")


def midnight(day: str) -> datetime:
    """Five past midnight in Paris."""
    offset = "+02:00" if date.fromisoformat(day).month in range(4, 11) else "+01:00"
    return datetime.fromisoformat(f"{day}T00:05:00{offset}")


def published(person: Person) -> dict[str, Any]:
    """What the public data say of the transfer to the seat, by law; and what the page says."""
    data = person.context.request.get(person.vendor.address + "/subprocessors.json").json()
    [entry] = data["entries"]
    [seat] = entry["locations"]
    person.open("/")
    return {x["law"]: (x["lawful"], x["lapsed_on"]) for x in seat["transfers"]}


def open_task(operator: Operator, law: str) -> None:
    """Signed in anew: months lie between their visits."""
    operator.sign_in()
    operator.go_to("Transfers")
    row = operator.page.get_by_role("row").filter(has_text="Mirador Logs Inc.").filter(has_text=law)
    operator.follow_in(row.get_by_role("rowheader"))


def test_privacy_shield_falls_and_clauses_replace_it(vendor: LiveVendor, cast: Cast) -> None:
    reader = cast.contact("dpo@alder.example")

    # 15 July 2020: lawful, for one more day.
    vendor.run_jobs()
    assert published(reader) == {"EU_GDPR": ("yes", None), "CH_FADP": ("yes", None)}
    reader.sees(SHIELD)
    reader.sees_not("being replaced")

    # 17 July: the entry is there, and says what became of its basis.
    vendor.go_on_to(midnight("2020-07-17"))
    assert published(reader) == {"EU_GDPR": ("no", "2020-07-16"), "CH_FADP": ("yes", None)}
    reader.sees("Mirador Logs Inc.", "lapsed on 16 July 2020, being replaced", SHIELD)
    alarm = vendor.mails_to(LEGAL_EMAIL)[-1]
    assert alarm["Subject"] == "Transfer basis lapsed: Mirador Logs Inc., since 16 July 2020"
    assert "Clients concerned: 1" in one_line(alarm)

    legal = cast.legal()
    legal.open(vendor.links_in(alarm)[0])
    legal.sees(
        "This place has no lawful transfer basis. The entry stays on the list",
        "CJEU C-311/18 Schrems II",
        "1 client, 1 agreement",
        "Alder Clinic",
        "Nothing: no instrument for these roles can be signed on that day.",
        "can be signed from 27 June 2021",
    )
    legal.sees_not("Basilea Treuhand")
    legal.fill({"What is being done about it": "Module between processors expected for 2021."})
    legal.press("Save the note")
    legal.sees("Module between processors expected for 2021.", "Leon Legal")

    # 8 September: what the Swiss authority found is another day, of another law and client.
    vendor.go_on_to(midnight("2020-09-07"))
    assert published(reader)["CH_FADP"] == ("yes", None)
    vendor.go_on_to(midnight("2020-09-08"))
    assert published(reader)["CH_FADP"] == ("no", "2020-09-08")
    open_task(legal, "Swiss FADP")
    legal.sees("since 8 September 2020", "Basilea Treuhand")
    legal.sees_not("Alder Clinic")

    # 2021: the clauses between processors exist, for Switzerland two months later.
    vendor.go_on_to(midnight("2021-06-26"))
    open_task(legal, "EU GDPR")
    legal.sees("Nothing: no instrument for these roles can be signed on that day.")
    vendor.go_on_to(midnight("2021-06-27"))
    open_task(legal, "EU GDPR")
    legal.sees("What would fit today", MODULE_3)
    legal.sees_not("Nothing: no instrument")
    open_task(legal, "Swiss FADP")
    legal.sees("can be signed from 27 August 2021")

    # The amendment, with its release. Nobody objects; on its day the task closes by itself.
    vendor.go_on_to(midnight("2021-09-07"))
    legal.sign_in()
    publisher = cast.publisher()
    open_task(publisher, "EU GDPR")
    publisher.follow("Draft the amendment")
    vendor.import_registry(MIRADOR.lstrip("\n") + CLAUSES)
    announce(publisher, legal, commencement_on=date(2021, 11, 2), agreements=2)
    open_task(legal, "EU GDPR")
    legal.sees("a change is announced", "announces a change of this entry for 2 November 2021")
    told = one_line(reader.inbox()[0])
    assert MODULE_3 in told
    vendor.go_on_to(midnight("2021-10-01"))
    legal.sign_in()
    confirm_read(legal)
    assert published(reader)["EU_GDPR"] == ("no", "2020-07-16")

    vendor.go_on_to(midnight("2021-11-02"))
    assert published(reader) == {"EU_GDPR": ("yes", None), "CH_FADP": ("yes", None)}
    reader.sees(MODULE_3)
    reader.sees_not("being replaced", "Privacy Shield")
    legal.sign_in()
    legal.go_to("Transfers")
    legal.sees("Every place of the list is lawful for the next 180 days.")
    legal.follow("Closed")
    assert len(re.findall("Mirador Logs Inc.", legal.text)) == 2
    # Each stage once: ahead and on the day, for each law; nothing after that.
    alarms = [x["Subject"] for x in vendor.mails_to(LEGAL_EMAIL) if "ransfer bas" in x["Subject"]]
    assert len(alarms) == 4

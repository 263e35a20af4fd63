"""Dated lists for tests of the document: few entries, many, and names that mean harm."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.rules.client_list_facts import EntryOfList, WhyNot
from subnotify.rules.client_lists import ClientEntry, ClientList
from subnotify.rules.document_requests import AnnouncedEntry, ListVersion
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import ChangeKind, VendorRole
from subnotify.storage.tables import ListPublicationRow, VendorRow
from subnotify.wording.language import Wording
from subnotify.wording.list_document_facts import AskedFor, ListDocument
from tests.support.scenario_facts import MIRADOR, ORAGE, VENDOR

AT = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)
DAY = date(2026, 3, 2)
VERSION = ListVersion(12, datetime(2026, 2, 1, 9, tzinfo=UTC), "2026-003", AT)
ASKED = AskedFor("D-000017", "Camille Perrin", date(2026, 2, 27))
LONG = (
    "Gesellschaft für außerordentlich langwierige Datenverarbeitungsdienstleistungen und"
    " Rechenzentrumsbetriebsführung mbH & Co. KG"
)
# Of both formats that the words pass through, of a terminal, and of a page.
HOSTILE = (
    '#panic("x")',
    '#read("/etc/passwd")',
    "$ x^2 $ *bold* _it_ `raw` @label <label>",
    "\\u{202e} = Heading",
    "// comment /* comment */",
    '"}],"title":"Stolen","x":[{"',
    "{page} of {pages}",
    "<script>alert(1)</script>",
    "https://evil.example/#frag",
    "%(name)s %s {0}",
)


def wording(language: str) -> Wording:
    return Wording(language, ZoneInfo("Europe/Paris"))


def entry(number: int, facts: SubprocessorFacts = ORAGE, **changed: Any) -> EntryOfList:
    named = {"name": f"{facts.name} {number:03d}", **changed}
    return EntryOfList(number, number, f"e{number}", replace(facts, **named), date(2024, 1, 1))


def used(number: int, facts: SubprocessorFacts = ORAGE, **changed: Any) -> ClientEntry:
    return ClientEntry(entry(number, facts, **changed), ("mail",), since_on=date(2024, 5, 1))


def document(entries: Sequence[ClientEntry], **changed: Any) -> ListDocument:
    """With one entry of each further kind: announced, kept away, a recipient."""
    away = ClientEntry(
        entry(901, name="Kept Away SAS"), ("mail",), why_not=WhyNot.ACCOMMODATED, since_on=DAY
    )
    coming = AnnouncedEntry(
        kind=ChangeKind.REPLACEMENT,
        found=ClientEntry(entry(902, MIRADOR, name="Coming Soon Inc."), ("mail",)),
        replaced="Vieux Port SARL",
        commencement_on=date(2026, 5, 1),
        release_number="2026-003",
        released_at=AT,
    )
    recipient = entry(903, name="Pipe CRM Ltd", role=VendorRole.CONTROLLER)
    whole = ListDocument(
        vendor=VENDOR,
        client="Établissements Ménard & Fils",
        agreement_reference="DPA-2024-117",
        ended_on=None,
        services=("Mail", "Monitoring"),
        on=DAY,
        is_today=True,
        drawn_up_at=AT,
        laws=(ExportLaw.EU_GDPR,),
        applies=ClientList(tuple(entries), (away,), (recipient,)),
        announced=(coming,),
        version=VERSION,
        service_names={"mail": "Mail"},
        asked=ASKED,
    )
    return replace(whole, **changed)


def add_version(session: Session, number: int, *, at: datetime) -> None:
    """The list was published or changed at this instant."""
    session.add(ListPublicationRow(list_version=number, at=at, by="Ines Publisher", note=""))
    vendor = session.get_one(VendorRow, 1)
    vendor.list_version = number
    session.commit()

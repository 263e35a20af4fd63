"""The list of one agreement on a day, as a dated PDF in one language. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.delivery.list_documents import list_pdf
from subnotify.operations.assess_entries import EntryAssessor
from subnotify.operations.show_client_list import show_client_list
from subnotify.rules.allowed_countries import blocked_countries, can_be_blocked
from subnotify.rules.client_list_facts import AgreementSide, EntryOfList, WhyNot
from subnotify.rules.client_lists import ClientEntry
from subnotify.rules.document_requests import AnnouncedEntry, ListNotPublished, ListVersion
from subnotify.rules.facts_assessment import assess_facts
from subnotify.rules.time_limits import start_of_day
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.words import CaseState, Outcome, VendorRole
from subnotify.storage.agreement_file import get_agreement_head
from subnotify.storage.client_lists import load_agreement_side, load_entries
from subnotify.storage.list_documents import (
    ChangeAtInstant,
    find_list_version,
    list_announced_to,
)
from subnotify.storage.registry import get_vendor, list_services
from subnotify.wording.language import Wording
from subnotify.wording.list_document import list_document_content, list_document_name
from subnotify.wording.list_document_facts import AskedFor, ListDocument

_NOT_USED = {
    Outcome.ACCOMMODATED: WhyNot.ACCOMMODATED,
    Outcome.NOT_AUTHORISED: WhyNot.NOT_AUTHORISED,
    Outcome.TERMINATED: WhyNot.TERMINATED,
}


@dataclass(frozen=True)
class RenderedList:
    """The bytes of a document, and what names the list that it shows."""

    raw: bytes
    file_name: str
    version: ListVersion


def render_client_list(
    session: Session,
    agreement_id: int,
    *,
    on: date,
    language: str,
    zone: ZoneInfo,
    at: datetime,
    asked: AskedFor | None = None,
) -> RenderedList:
    """The list of the vendor's day `on` as a PDF; the same state at the same `at` gives the same
    bytes. zone: the vendor's. asked: the request that it answers.

    Raises NotFound, DayAhead, ListNotPublished.
    """
    w = Wording(language, zone)
    document = _document(session, agreement_id, on=on, zone=zone, at=at, asked=asked)
    raw = list_pdf(list_document_content(document, w), language=language, at=at)
    return RenderedList(raw, list_document_name(document, w), document.version)


def _document(
    session: Session,
    agreement_id: int,
    *,
    on: date,
    zone: ZoneInfo,
    at: datetime,
    asked: AskedFor | None,
) -> ListDocument:
    head = get_agreement_head(session, agreement_id)
    shown = show_client_list(session, agreement_id, on=on, zone=zone, at=at)
    instant = min(at, start_of_day(on + timedelta(days=1), zone) - timedelta(microseconds=1))
    version = find_list_version(session, at=instant)
    if version is None:
        raise ListNotPublished
    side = load_agreement_side(session, agreement_id, on=on, at=instant, zone=zone)
    names = {x.key: x.name for x in list_services(session)}
    announced = _announced(session, agreement_id, side, shown.laws, on=on, at=instant)
    return ListDocument(
        vendor=get_vendor(session).profile,
        client=head.client,
        agreement_reference=head.reference,
        ended_on=head.ended_on if side.has_ended else None,
        services=tuple(names.get(key, key) for key in side.bought),
        on=on,
        is_today=on == at.astimezone(zone).date(),
        drawn_up_at=at,
        laws=shown.laws,
        applies=shown.applies,
        announced=() if side.has_ended else announced,
        version=version,
        service_names=names,
        entry_names={x.key: x.facts.name for x in load_entries(session, on)},
        asked=asked,
    )


def _announced(
    session: Session,
    agreement_id: int,
    side: AgreementSide,
    laws: tuple[ExportLaw, ...],
    *,
    on: date,
    at: datetime,
) -> tuple[AnnouncedEntry, ...]:
    """Those that concern the client: of services that it buys, or that it was told of."""
    assessor = EntryAssessor(session)
    found = []
    for change in list_announced_to(session, agreement_id, at=at):
        services = tuple(key for key in change.facts.services if key in side.bought)
        is_recipient = change.facts.role is VendorRole.CONTROLLER
        if change.case_id is None and not services and not is_recipient:
            continue
        judged_on = max(on, change.commencement_on or on)
        named = tuple(x for x in assessor.laws if x in laws)
        facts = assess_facts(assessor.reference, change.facts, named, on=judged_on, known_on=on)
        entry = EntryOfList(
            0, change.subprocessor_id, change.key, facts, change.commencement_on or on
        )
        why_not, countries = _why_not(change, side, judged_on)
        found.append(
            AnnouncedEntry(
                kind=change.kind,
                found=ClientEntry(entry, services, why_not=why_not, countries=countries),
                replaced=change.replaced,
                commencement_on=change.commencement_on,
                release_number=change.release_number,
                released_at=change.released_at,
            )
        )
    return tuple(found)


def _why_not(
    change: ChangeAtInstant, side: AgreementSide, on: date
) -> tuple[WhyNot | None, frozenset[str]]:
    """What is known already to keep it away from this client's data."""
    if change.outcome in _NOT_USED:
        return _NOT_USED[change.outcome], frozenset()
    if change.state is CaseState.OBJECTED:
        return WhyNot.OBJECTED, frozenset()
    if not can_be_blocked(change.kind) or change.facts.role is VendorRole.CONTROLLER:
        return None, frozenset()
    closed = blocked_countries(
        side.allowed, change.facts, side.exceptions, subprocessor_id=change.subprocessor_id, on=on
    )
    return (WhyNot.COUNTRY, closed) if closed else (None, frozenset())

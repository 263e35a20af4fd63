"""Show the mail that one agreement would get of a draft release. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.expected_windows import expected_window
from subnotify.operations.preview_countries import blocked_for_agreement
from subnotify.operations.release_checks import DraftedRelease, load_draft
from subnotify.rules.errors import NotFound
from subnotify.rules.releases import ReleaseChange, next_number
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.vendor import vendor_from_mapping
from subnotify.rules.windows import Window
from subnotify.rules.words import ContactKind
from subnotify.storage.change_names import name_registry
from subnotify.storage.concerned_lists import (
    ConcernedAgreement,
    find_concerned,
    load_terms,
    name_services_by_change,
)
from subnotify.storage.registry import list_entries_in_force
from subnotify.storage.releases import get_release_row, get_vendor_row, list_numbers
from subnotify.storage.tables import AgreementRow
from subnotify.wording.change_facts import ChangeFacts
from subnotify.wording.emergencies import emergency_sentences
from subnotify.wording.language import wording_for
from subnotify.wording.mail_notice import NoticeFacts, fill_notice, notice_mould
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailText

LINK_LEFT_OPEN = "…"


@dataclass(frozen=True)
class MailPreview:
    """The mail in the agreement's language. window: as if it were received now."""

    agreement: ConcernedAgreement
    mail: MailText
    window: Window | None


def preview_mail(
    session: Session,
    release_id: int,
    agreement_id: int,
    *,
    public_url: str,
    zone: ZoneInfo,
    at: datetime,
) -> MailPreview:
    """The notice as this agreement's first designated contact would get it now.

    The reference is the one that the next release would give; the personal link is left open.
    zone: the vendor's. Raises NotFound, also for an agreement that no change concerns.
    """
    row = get_release_row(session, release_id)
    vendor = get_vendor_row(session)
    draft = load_draft(session, row, vendor, zone=zone, at=at)
    agreement = find_concerned(session, draft.notified_ids, agreement_id, draft.on)
    if agreement is None:
        raise NotFound
    terms_id = agreement.terms_id
    terms = load_terms(session, [terms_id])[terms_id] if terms_id is not None else None
    told = _changes_told(session, draft, agreement, terms)
    window = expected_window(
        terms,
        at=at,
        commencement_on=draft.texts.commencement_on,
        announced=[change.facts for change in told],
    )
    told_in = terms.counting.time_zone if terms else zone.key
    w = wording_for(agreement.language, told_in)
    number = next_number(draft.on.year, list_numbers(session, draft.on.year))
    facts = NoticeFacts(
        vendor=vendor_from_mapping(vendor.profile),
        changes=told,
        terms=terms,
        window=None,
        example=window,
        contact_kind=ContactKind.NOTICE,
        contact_clause=_first_clause(agreement),
        reason=draft.texts.reason.in_language(agreement.language),
        paragraph=draft.texts.paragraph.in_language(agreement.language),
        emergency=emergency_sentences(draft.texts.emergency, terms, w),
    )
    party = Party(agreement.client_name, agreement.reference, f"{number}-{agreement.id:05d}")
    mould = notice_mould(facts, w)
    mail = fill_notice(mould, party, f"{public_url}/n/{LINK_LEFT_OPEN}")
    return MailPreview(agreement, mail, window)


def _first_clause(agreement: ConcernedAgreement) -> str:
    """Where the agreement designates the contact that the mail is shown for."""
    clauses = (x.clause for x in agreement.contacts if x.kind is ContactKind.NOTICE)
    return next(clauses, "")


def _changes_told(
    session: Session,
    draft: DraftedRelease,
    agreement: ConcernedAgreement,
    terms: NoticeTerms | None,
) -> tuple[ChangeFacts, ...]:
    """The changes that concern this agreement, with the services it buys of each."""
    laws = session.get_one(AgreementRow, agreement.id).export_laws
    day = max(draft.texts.commencement_on or draft.on, draft.on)
    blocked = blocked_for_agreement(session, draft.changes, agreement.id, terms, on=day)
    services = name_services_by_change(session, agreement.id, draft.notified_ids, draft.on)
    in_force = {entry.key: entry.facts for entry in list_entries_in_force(session, draft.on)}
    names = name_registry(session)
    return tuple(
        ChangeFacts(
            kind=change.kind,
            facts=change.facts,
            services=services[change.id],
            commencement_on=draft.texts.commencement_on,
            replaced=_replaced(change, in_force),
            laws=laws,
            blocked=blocked[change.id],
            before=change.before,
            names=names,
        )
        for change in draft.changes
        if change.id in services
    )


def _replaced(
    change: ReleaseChange, in_force: dict[str, SubprocessorFacts]
) -> SubprocessorFacts | None:
    return in_force.get(change.replaced_key) if change.replaced_key else None

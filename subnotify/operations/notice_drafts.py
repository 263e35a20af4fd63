"""What the agreements that a draft release concerns would be told. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.expected_windows import expected_window
from subnotify.operations.notice_facts import corrected_notice
from subnotify.operations.preview_countries import blocked_for_agreement
from subnotify.operations.release_checks import load_draft
from subnotify.rules.releases import ReleaseChange, next_number
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.transfer_words import ExportLaw
from subnotify.rules.vendor import vendor_from_mapping
from subnotify.rules.windows import Window
from subnotify.rules.words import ContactKind
from subnotify.storage.change_names import name_registry
from subnotify.storage.concerned_lists import load_terms, name_services_by_change
from subnotify.storage.corrections import find_corrected
from subnotify.storage.country_exceptions import exceptions_by_agreement
from subnotify.storage.registry import list_entries_in_force
from subnotify.storage.releases import get_release_row, get_vendor_row, list_numbers
from subnotify.storage.tables import AgreementRow
from subnotify.wording.change_facts import ChangeFacts
from subnotify.wording.emergencies import emergency_sentences
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.mail_notice import NoticeFacts


@dataclass(frozen=True)
class NoticeDraft:
    """What one agreement is told. window: as if the notice were received now. key: the same for
    agreements that are told the same, but for names and references."""

    agreement_id: int
    language: str
    terms: NoticeTerms | None
    window: Window | None
    changes: tuple[ChangeFacts, ...]
    key: tuple[object, ...]


class NoticeDrafts:
    """The notices of one draft, for any of the agreements that it concerns.

    What they share is loaded once; `load` asks the same few questions whether it is for one
    agreement or for hundreds. zone: the vendor's. Raises NotFound for a release that is none.
    """

    def __init__(self, session: Session, release_id: int, *, zone: ZoneInfo, at: datetime) -> None:
        vendor = get_vendor_row(session)
        row = get_release_row(session, release_id)
        self.draft = load_draft(session, row, vendor, zone=zone, at=at)
        self._corrects = corrected_notice(find_corrected(session, row.corrects_id), zone.key)
        self.vendor = vendor_from_mapping(vendor.profile)
        self.number = next_number(self.draft.on.year, list_numbers(session, self.draft.on.year))
        self._session, self._zone, self._at = session, zone, at
        self._in_force = {
            entry.key: entry.facts for entry in list_entries_in_force(session, self.draft.on)
        }
        self._names = name_registry(session)
        self._terms: dict[int, NoticeTerms] = {}
        self._windows: dict[tuple[object, ...], Window | None] = {}
        # Exceptions that allow a country are asked for on the day on which it would be used.
        self._used_on = max(self.draft.texts.commencement_on or self.draft.on, self.draft.on)

    def load(self, terms_ids: Mapping[int, int | None]) -> dict[int, NoticeDraft]:
        """By agreement. terms_ids: the terms version of each agreement, None where unknown."""
        ids = list(terms_ids)
        wanted = {x for x in terms_ids.values() if x is not None} - self._terms.keys()
        self._terms |= load_terms(self._session, wanted)
        services = name_services_by_change(
            self._session, ids, self.draft.notified_ids, self.draft.on
        )
        exceptions = exceptions_by_agreement(self._session, ids)
        rows = self._session.execute(
            select(AgreementRow.id, AgreementRow.language, AgreementRow.export_laws).where(
                AgreementRow.id.in_(ids)
            )
        )
        found = {}
        for row in rows:
            terms_id = terms_ids[row.id]
            terms = None if terms_id is None else self._terms[terms_id]
            blocked = blocked_for_agreement(
                self.draft.changes, exceptions.get(row.id, ()), terms, on=self._used_on
            )
            found[row.id] = self._told(
                row.id, row.language, row.export_laws, terms_id, services[row.id], blocked
            )
        return found

    def notice_facts(
        self, told: NoticeDraft, kind: ContactKind, clause: str
    ) -> tuple[NoticeFacts, Wording]:
        """What the mail to a contact of this kind says, and in which language and zone."""
        texts = self.draft.texts
        zone = told.terms.counting.time_zone if told.terms else self._zone.key
        w = wording_for(told.language, zone)
        facts = NoticeFacts(
            vendor=self.vendor,
            changes=told.changes,
            terms=told.terms,
            window=None,
            example=told.window,
            contact_kind=kind,
            contact_clause=clause,
            reason=texts.reason.in_language(told.language),
            paragraph=texts.paragraph.in_language(told.language),
            emergency=emergency_sentences(texts.emergency, told.terms, w),
            corrects=self._corrects,
        )
        return facts, w

    def _told(
        self,
        agreement_id: int,
        language: str,
        laws: frozenset[ExportLaw],
        terms_id: int | None,
        services: Mapping[int, tuple[str, ...]],
        blocked: Mapping[int, tuple[str, ...]],
    ) -> NoticeDraft:
        terms = None if terms_id is None else self._terms[terms_id]
        concerned = [change for change in self.draft.changes if change.id in services]
        changes = tuple(
            ChangeFacts(
                kind=change.kind,
                facts=change.facts,
                services=services[change.id],
                commencement_on=self.draft.texts.commencement_on,
                replaced=self._replaced(change),
                laws=laws,
                blocked=blocked[change.id],
                before=change.before,
                names=self._names,
            )
            for change in concerned
        )
        window = self._window(terms_id, terms, concerned)
        said = tuple((x.id, services[x.id], blocked[x.id]) for x in concerned)
        key = (language, terms_id, laws, said)
        return NoticeDraft(agreement_id, language, terms, window, changes, key)

    def _window(
        self, terms_id: int | None, terms: NoticeTerms | None, told: Sequence[ReleaseChange]
    ) -> Window | None:
        key = (terms_id, tuple(change.id for change in told))
        if key not in self._windows:
            self._windows[key] = expected_window(
                terms,
                at=self._at,
                commencement_on=self.draft.texts.commencement_on,
                announced=[change.facts for change in told],
            )
        return self._windows[key]

    def _replaced(self, change: ReleaseChange) -> SubprocessorFacts | None:
        return self._in_force.get(change.replaced_key) if change.replaced_key else None

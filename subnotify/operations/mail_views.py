"""From the rows of a batch to what its mails say."""

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.describe_lapses import LapseTask
from subnotify.operations.expected_windows import expected_window
from subnotify.rules.case_facts import ResponseFact
from subnotify.rules.objection_clocks import ObjectionClocks, objection_clocks
from subnotify.rules.objections import is_valid_form
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_reading import terms_from_mapping
from subnotify.rules.time_limits import zone_of
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.windows import Window, extend_window, window_from_mapping
from subnotify.rules.words import (
    NoticeState,
    Outcome,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    Timeliness,
)
from subnotify.storage.digest_counts import DigestCounts
from subnotify.storage.legal_messages import LegalMessage
from subnotify.storage.mail_facts import CaseOfMail, MailFacts, NoticeOfMail
from subnotify.storage.recomputations import ToldProposal
from subnotify.storage.undelivered import UndeliveredMessage
from subnotify.wording.change_facts import ChangeFacts, change_title
from subnotify.wording.language import Wording, wording_for
from subnotify.wording.mail_party import Party
from subnotify.wording.mail_receipt import RecordedResponse
from subnotify.wording.mail_release_alarm import RefusedHour
from subnotify.wording.mails import MailMould
from subnotify.wording.responses import ResponseFacts

KEPT_MOULDS = 512

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Moulds:
    """Moulds and terms already made, kept between batches; the longest unused go first."""

    def __init__(self) -> None:
        self._moulds: OrderedDict[Hashable, MailMould] = OrderedDict()
        self._terms: OrderedDict[Hashable, NoticeTerms] = OrderedDict()

    def mould(self, key: Hashable, make: Callable[[], MailMould]) -> MailMould:
        return _kept(self._moulds, key, make)

    def terms(self, key: Hashable, mapping: Mapping[str, Any]) -> NoticeTerms:
        return _kept(self._terms, key, lambda: terms_from_mapping(mapping))

    def __len__(self) -> int:
        return len(self._moulds)


@dataclass(frozen=True)
class MailViews:
    """A batch as its mails speak of it, at the instant `at` at which they are written."""

    facts: MailFacts
    vendor: VendorProfile
    undelivered: Mapping[int, Sequence[UndeliveredMessage]]
    vendor_time_zone: str
    moulds: Moulds
    at: datetime
    longer: Mapping[int, ToldProposal] = field(default_factory=dict)
    lapses: Mapping[str, Sequence[LapseTask]] = field(default_factory=dict)
    _notice_keys: dict[int, Hashable] = field(default_factory=dict)
    # For reminders: unanswered cases by notice, subjects of notice mails by notice and contact.
    unanswered: Mapping[int, frozenset[int]] = field(default_factory=dict)
    subjects: Mapping[tuple[int, int], str] = field(default_factory=dict)
    digest: DigestCounts | None = None
    # The client's name by contact, for mails to addresses of the past.
    clients: Mapping[int, str] = field(default_factory=dict)
    # By notice, the contacts to whom a registered letter takes over from mail that failed.
    letters: Mapping[int, Sequence[str]] = field(default_factory=dict)
    legal_messages: Mapping[int, LegalMessage] = field(default_factory=dict)

    # For alarms about a release that was refused at its hour: by the key of the message.
    refused_hours: Mapping[str, RefusedHour] = field(default_factory=dict)

    def notice_key(self, notice: NoticeOfMail) -> Hashable:
        """Equal for notices that say the same, but for whom they speak to."""
        key = self._notice_keys.get(notice.id)
        if key is None:
            key = self._notice_keys[notice.id] = (
                *(self.vendor_key, notice.release_id),
                tuple(
                    (self.change_keys[case.change_id], case.blocked, self._is_announced(case))
                    for case in self.facts.cases[notice.id]
                ),
                *(notice.laws, self.service_ids(notice), self.terms_key(notice)),
                self._told_window(notice),
            )
        return key

    def _told_window(self, notice: NoticeOfMail) -> Hashable:
        if self.runs(notice):
            return json.dumps(notice.window, sort_keys=True)
        return self.today(notice), self.has_former_window(notice)

    def terms_key(self, notice: NoticeOfMail) -> str:
        """Equal for equal terms with the same provenance: mails quote both."""
        return notice.terms.key if notice.terms else ""

    def terms(self, notice: NoticeOfMail) -> NoticeTerms | None:
        if notice.terms is None:
            return None
        return self.moulds.terms(notice.terms.key, notice.terms.mapping)

    @cached_property
    def vendor_key(self) -> str:
        return repr(self.vendor)

    @cached_property
    def change_keys(self) -> Mapping[int, tuple[object, ...]]:
        """A released change is frozen, but for the entry it replaces, its commencement, and
        whether it was withdrawn."""
        return {
            change.id: (
                *(change.id, repr(change.replaced)),
                *(change.commencement_on, change.is_withdrawn),
            )
            for change in self.facts.changes.values()
        }

    def zone(self, notice: NoticeOfMail) -> str:
        """The agreement's zone; the vendor's where no terms are on record."""
        terms = self.terms(notice)
        return terms.counting.time_zone if terms else self.vendor_time_zone

    def wording(self, notice: NoticeOfMail, language: str) -> Wording:
        return wording_for(language, self.zone(notice))

    def party(self, notice: NoticeOfMail) -> Party:
        return Party(notice.client_name, notice.agreement_reference, notice.reference)

    def runs(self, notice: NoticeOfMail) -> bool:
        """Whether the notice has a window whose end may be told: only a served one has."""
        return notice.state is NoticeState.SERVED and notice.window is not None

    def has_former_window(self, notice: NoticeOfMail) -> bool:
        """Whether it had one before that it stopped being served: its end holds no longer."""
        return notice.state is not NoticeState.SERVED and notice.window is not None

    def window(self, notice: NoticeOfMail, case: CaseOfMail | None = None) -> Window | None:
        """The window of the notice; of a case its own, with its extension. None where it runs no
        longer."""
        stored = (case.window if case else None) or notice.window
        if stored is None or not self.runs(notice):
            return None
        window, terms = window_from_mapping(stored), self.terms(notice)
        if case is None or terms is None or case.closes_at is None:
            return window
        last_day = wording_for("en", window.time_zone).last_day(case.closes_at)[0]
        calendar = get_calendar(terms.counting.holiday_calendar)
        return extend_window(terms, window, last_day, calendar)

    def example(self, notice: NoticeOfMail) -> Window | None:
        """The window that would run if the notice were served now."""
        told = [self.facts.changes[case.change_id] for case in self.announced(notice)]
        days = [change.commencement_on for change in told if change.commencement_on is not None]
        return expected_window(
            self.terms(notice),
            at=self.at,
            commencement_on=min(days, default=None),
            announced=[change.facts for change in told],
        )

    def today(self, notice: NoticeOfMail) -> str:
        return self.at.astimezone(zone_of(self.zone(notice))).date().isoformat()

    def service_ids(self, notice: NoticeOfMail) -> frozenset[int]:
        """What the agreement bought on the day of the release."""
        released_at = self.facts.releases[notice.release_id].released_at or self.at
        on = released_at.astimezone(zone_of(self.vendor_time_zone)).date()
        return frozenset(x.id for x in self.facts.bought[notice.agreement_id] if x.is_bought(on))

    def changes(self, notice: NoticeOfMail, case_id: int | None = None) -> tuple[ChangeFacts, ...]:
        """The changes of a notice, or of one of its cases, as its agreement is told of them.

        Their services are those that the agreement bought on the day of the release.
        """
        return self.told(notice, self.cases(notice, case_id))

    def announced(self, notice: NoticeOfMail) -> list[CaseOfMail]:
        """The cases that a notice mail announces: without those that ended because their change
        was withdrawn, unless none is left."""
        cases = self.facts.cases[notice.id]
        return [case for case in cases if self._is_announced(case)] or cases

    def withdrawn(self, notice: NoticeOfMail) -> list[CaseOfMail]:
        """Those of its cases whose change was withdrawn, ended by that or not."""
        cases = self.facts.cases[notice.id]
        return [case for case in cases if self.facts.changes[case.change_id].is_withdrawn]

    def _is_announced(self, case: CaseOfMail) -> bool:
        return case.outcome is not Outcome.CHANGE_WITHDRAWN

    def told(self, notice: NoticeOfMail, cases: Sequence[CaseOfMail]) -> tuple[ChangeFacts, ...]:
        """The changes of these cases of a notice, as its agreement is told of them."""
        bought = self.service_ids(notice)
        stored = ((self.facts.changes[case.change_id], case) for case in cases)
        return tuple(
            ChangeFacts(
                change.kind,
                change.facts,
                tuple(name for number, name in change.services.items() if number in bought),
                change.commencement_on,
                change.replaced,
                notice.laws,
                before=change.before,
                names=change.names,
                blocked=case.blocked,
            )
            for change, case in stored
        )

    def cases(self, notice: NoticeOfMail, case_id: int | None) -> list[CaseOfMail]:
        """One case of a notice, or all of them for None."""
        return [x for x in self.facts.cases[notice.id] if case_id in (None, x.id)]

    def response(self, response_id: int, w: Wording) -> RecordedResponse:
        """A response with what its sentences depend on; raises KeyError if it is not loaded."""
        row = self.facts.responses[response_id]
        notice = self.facts.notices[row.notice_id]
        terms, channel = self.terms(notice), ResponseChannel(row.channel)
        kind = ResponseKind(row.kind)
        changes = self.changes(notice, row.case_id)
        named = tuple(self.facts.services.get(key, key) for key in row.services or ())
        cases = self.cases(notice, row.case_id) if self.runs(notice) else ()
        deadlines = [x.closes_at for x in cases if x.closes_at]
        return RecordedResponse(
            facts=ResponseFacts(
                kind=kind,
                state=ResponseState(row.state),
                has_valid_form=is_valid_form(
                    terms, ResponseFact(row.id, kind, row.received_at, channel)
                ),
                terms=terms,
                zone=self.zone(notice),
                timeliness=Timeliness(row.timeliness) if row.timeliness else None,
                closes_at=min(deadlines) if deadlines else None,
                services=named or tuple(dict.fromkeys(x for c in changes for x in c.services)),
                clocks=_clocks(terms, kind, row.received_at),
            ),
            reference=row.reference,
            digest=row.digest,
            channel=channel,
            received_at=row.received_at,
            dispatched_on=row.dispatched_on,
            letter_reference=row.letter_reference,
            by_name=row.by_name,
            by_role=row.by_role,
            text=row.text,
            change_titles=[change_title(change, w) for change in changes],
            service_names=named,
            conditions=row.conditions,
            named=[x for x in (row.named_name, row.named_address) if x],
        )


def _kept(kept: OrderedDict[K, V], key: K, make: Callable[[], V]) -> V:
    if key in kept:
        kept.move_to_end(key)
        return kept[key]
    kept[key] = made = make()
    if len(kept) > KEPT_MOULDS:
        kept.popitem(last=False)
    return made


def _clocks(
    terms: NoticeTerms | None, kind: ResponseKind, received_at: datetime
) -> ObjectionClocks | None:
    """What an objection started when it came."""
    if terms is None or kind is not ResponseKind.OBJECTION:
        return None
    return objection_clocks(terms, received_at, get_calendar(terms.counting.holiday_calendar))

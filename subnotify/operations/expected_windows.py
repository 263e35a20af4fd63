"""The windows that would run if notices were received at one instant, computed once per terms."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime

from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.errors import NoticeTooLate, TermsNotComputable
from subnotify.rules.notice_rules import terms_for_change, under_rule
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import has_window, not_computable
from subnotify.rules.windows import Window, compute_window
from subnotify.storage.concerned_lists import TermsGroup, load_terms


def expected_window(
    terms: NoticeTerms | None,
    *,
    at: datetime,
    commencement_on: date | None = None,
    announced: Iterable[SubprocessorFacts] = (),
) -> Window | None:
    """The window of a notice sent and received at `at`.

    Of several changes that the terms treat differently, the first to end. None for terms unknown
    or not computable, without a window, or where it would be over already.
    """
    if terms is None or not_computable(terms) is not None:
        return None
    variants = {terms_for_change(terms, facts) for facts in announced} or {under_rule(terms, None)}
    calendar = get_calendar(terms.counting.holiday_calendar)
    windows = []
    for variant in variants:
        if has_window(variant) and not_computable(variant) is None:
            with suppress(NoticeTooLate, TermsNotComputable):
                windows.append(
                    compute_window(variant, at, calendar, commencement_on=commencement_on)
                )
    return min(windows, key=lambda window: window.closes_at, default=None)


class ExpectedWindows:
    """Terms and windows by the digest of the terms, for all groups of a preview."""

    def __init__(
        self,
        session: Session,
        groups: Iterable[TermsGroup],
        *,
        at: datetime,
        commencement_on: date | None = None,
        announced: Collection[SubprocessorFacts] = (),
    ) -> None:
        versions = {
            group.digest: group.terms_id
            for group in groups
            if group.digest is not None and group.terms_id is not None
        }
        terms = load_terms(session, versions.values())
        self._terms = {digest: terms[terms_id] for digest, terms_id in versions.items()}
        self._windows = {
            digest: expected_window(
                read, at=at, commencement_on=commencement_on, announced=announced
            )
            for digest, read in self._terms.items()
        }

    def terms(self, digest: str | None) -> NoticeTerms | None:
        return None if digest is None else self._terms.get(digest)

    def window(self, digest: str | None) -> Window | None:
        return None if digest is None else self._windows.get(digest)

    @property
    def known(self) -> Mapping[str, NoticeTerms]:
        """The terms that were read, by digest."""
        return self._terms

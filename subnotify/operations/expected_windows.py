"""The windows that would run if notices were received at one instant, computed once per terms."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.windows import Window, compute_window
from subnotify.storage.concerned_lists import TermsGroup, load_terms


def expected_window(terms: NoticeTerms | None, *, at: datetime) -> Window | None:
    """The window of a notice received at `at`; None for terms unknown or not computable."""
    if terms is None or not_computable(terms) is not None:
        return None
    return compute_window(terms, at, get_calendar(terms.counting.holiday_calendar))


class ExpectedWindows:
    """Terms and windows by the digest of the terms, for all groups of a preview."""

    def __init__(self, session: Session, groups: Iterable[TermsGroup], *, at: datetime) -> None:
        versions = {
            group.digest: group.terms_id
            for group in groups
            if group.digest is not None and group.terms_id is not None
        }
        terms = load_terms(session, versions.values())
        self._terms = {digest: terms[terms_id] for digest, terms_id in versions.items()}
        self._windows = {
            digest: expected_window(read, at=at) for digest, read in self._terms.items()
        }

    def terms(self, digest: str | None) -> NoticeTerms | None:
        return None if digest is None else self._terms.get(digest)

    def window(self, digest: str | None) -> Window | None:
        return None if digest is None else self._windows.get(digest)

    def silence_ends(self) -> list[datetime]:
        """When each window and its grace would be over."""
        return [window.silence_after_at for window in self._windows.values() if window]

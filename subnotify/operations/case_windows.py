"""Terms and windows of cases, read and computed once for all agreements with the same terms."""

from collections.abc import Hashable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.case_clocks import CaseClocks, Instants
from subnotify.rules.notice_rules import terms_for_change
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import has_window
from subnotify.rules.windows import Window, compute_window, started_at, window_key
from subnotify.rules.words import ChangeKind
from subnotify.storage.servings import load_announced
from subnotify.storage.stored_terms import read_terms


class CaseWindows:
    """Terms and windows, read and computed once for all agreements with the same terms."""

    def __init__(self) -> None:
        self._windows: dict[Hashable, Window] = {}
        self._announced: dict[int, SubprocessorFacts] = {}
        self._clocks = CaseClocks()

    def learn_changes(self, session: Session, change_ids: set[int]) -> None:
        unknown = change_ids - set(self._announced)
        if unknown:
            self._announced |= load_announced(session, unknown)

    def terms(self, row: Any) -> NoticeTerms | None:
        return read_terms(row.terms) if row.terms else None

    def case_windows(
        self,
        row: Any,
        trigger_at: datetime,
        cases: Sequence[Any],
        *,
        from_receipt: bool = False,
    ) -> dict[int, Window]:
        """The window of each case that has one; all the same unless the terms have rules.

        from_receipt: as in `compute_window`.
        """
        windows = {}
        for case in cases:
            key, own = self._own_terms(row, case)
            if has_window(own):
                windows[case.id] = self._window(
                    (key, from_receipt), own, trigger_at, case.commencement_on
                )
        return windows

    def case_instants(
        self, row: Any, trigger_at: datetime, cases: Sequence[Any]
    ) -> dict[int, Instants]:
        """What the gate compares for each case: the end of its lead time, and any early use."""
        return {
            case.id: self._clocks.instants(
                *self._own_terms(row, case),
                ChangeKind(case.kind),
                trigger_at,
                is_emergency=bool(row.emergency_reason),
            )
            for case in cases
        }

    def _own_terms(self, row: Any, case: Any) -> tuple[Hashable, NoticeTerms]:
        """The terms as they hold for the case's change, with a key that equal terms share."""
        terms = read_terms(row.terms)
        if not terms.notice_rules:
            return row.digest, terms
        own = terms_for_change(terms, self._announced[case.change_id])
        return (row.digest, case.change_id), own

    def _window(
        self,
        kind: tuple[Hashable, bool],
        terms: NoticeTerms,
        trigger_at: datetime,
        on: date | None,
    ) -> Window:
        """kind: a key of the terms, and whether they run from a receipt all the same."""
        key = (kind, window_key(terms, trigger_at, on))
        if key not in self._windows:
            calendar = get_calendar(terms.counting.holiday_calendar)
            self._windows[key] = compute_window(
                terms, trigger_at, calendar, commencement_on=on, from_receipt=kind[1]
            )
        return started_at(self._windows[key], trigger_at)

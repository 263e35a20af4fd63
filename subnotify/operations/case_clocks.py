"""The instants that the gate compares for each case, computed once per terms and day."""

from collections.abc import Hashable
from datetime import datetime

from subnotify.holiday_calendars import get_calendar
from subnotify.rules.lead_times import early_use_at, given_at, lead_ends_at
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.windows import window_key
from subnotify.rules.words import ChangeKind

Instants = dict[str, datetime | None]


class CaseClocks:
    """`lead_ends_at` and `early_use_at` of cases, for all notices of a run."""

    def __init__(self) -> None:
        self._lead_ends: dict[Hashable, datetime | None] = {}

    def instants(
        self,
        terms_key: Hashable,
        terms: NoticeTerms,
        kind: ChangeKind,
        trigger_at: datetime,
        *,
        is_emergency: bool,
    ) -> Instants:
        """The columns of a case whose notice was given by a trigger at `trigger_at`.

        terms: as they hold for the change; terms_key: equal only for equal terms. A kind of
        change that the terms do not cover waits for nothing.
        """
        if kind not in terms.changes_covered:
            return {"lead_ends_at": None, "early_use_at": None}
        calendar = get_calendar(terms.counting.holiday_calendar)
        given = given_at(terms, trigger_at, calendar)
        key = (terms_key, window_key(terms, trigger_at, None))
        if key not in self._lead_ends:
            self._lead_ends[key] = lead_ends_at(terms, given, calendar)
        return {
            "lead_ends_at": self._lead_ends[key],
            "early_use_at": early_use_at(terms, given, calendar, is_emergency=is_emergency),
        }

"""What the public list says on a day: entries, announced changes and the chart, all assessed."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from subnotify.operations.assess_entries import EntryAssessor
from subnotify.rules.transfer_charts import ChartedEntry, ChartRow, transfer_chart
from subnotify.rules.words import ChangeKind
from subnotify.storage.announcements import AnnouncedChange, list_announced_changes
from subnotify.storage.registry import ListEntry, Vendor, list_entries_in_force
from subnotify.web.list_views import row_ids


@dataclass(frozen=True)
class ShownList:
    """entries: by name; announced: by commencement; row_ids: of the entries' rows by their id."""

    entries: tuple[ListEntry, ...]
    announced: tuple[AnnouncedChange, ...]
    row_ids: dict[int, str]
    chart: tuple[ChartRow, ...]


def shown_list(session: Session, vendor: Vendor, *, on: date, is_past: bool = False) -> ShownList:
    """The list of the vendor's day `on`, by the reference data in use now.

    is_past: what is announced and what the vendor states belong to today, and are left out.
    """
    assessor = EntryAssessor(session)
    entries = tuple(
        sorted(
            (
                replace(
                    entry,
                    facts=assessor.assess_listed(entry.facts, on=on),
                    phased_out_from_on=_phased_out_from(entry, on),
                )
                for entry in list_entries_in_force(session, on)
            ),
            key=_by_name,
        )
    )
    announced = (
        ()
        if is_past
        else tuple(
            replace(change, facts=assessor.assess(change.facts, on=_judged_on(change, on)))
            for change in list_announced_changes(session)
        )
    )
    ids = row_ids(entries)
    stated = () if is_past else vendor.profile.mechanisms
    charted = [ChartedEntry(entry.key, entry.facts, ids[entry.id]) for entry in entries]
    chart = transfer_chart(assessor.reference, charted, stated, on=on)
    return ShownList(entries, announced, ids, chart)


def _phased_out_from(entry: ListEntry, on: date) -> date | None:
    """None on the days before."""
    day = entry.phased_out_from_on
    return day if day is not None and day <= on else None


def _by_name(entry: ListEntry) -> tuple[str, str, bool]:
    """Of two entries of one subprocessor the one that is phased out comes last."""
    return entry.facts.name.casefold(), entry.key, entry.phased_out_from_on is not None


def _judged_on(change: AnnouncedChange, today: date) -> date:
    """The day on which it is to take effect, or today where that has passed or it only leaves."""
    if change.kind is ChangeKind.REMOVAL or change.commencement_on is None:
        return today
    return max(today, change.commencement_on)

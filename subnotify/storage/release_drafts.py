"""What a draft release would announce, with what the agreements concerned need."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy.orm import Session

from subnotify.rules.releases import ReleaseChange, notifies
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.storage.announcements import list_announced_changes
from subnotify.storage.concerned_lists import list_languages, list_wanting_dates
from subnotify.storage.registry import DraftChange, latest_entries, list_draft_changes


def list_release_changes(session: Session, release_id: int, on: date) -> tuple[ReleaseChange, ...]:
    """The draft changes of a release in their order, as agreements stand on the vendor's day."""
    in_force = {
        entry.key: entry.facts
        for entry in latest_entries(session).values()
        if entry.in_force_until_on is None
    }
    pending = {change.key for change in list_announced_changes(session)}
    return tuple(
        _release_change(session, draft, in_force, pending, on)
        for draft in list_draft_changes(session, release_id)
    )


def _release_change(
    session: Session,
    draft: DraftChange,
    in_force: Mapping[str, SubprocessorFacts],
    pending: Collection[str],
    on: date,
) -> ReleaseChange:
    before = in_force.get(draft.key)
    is_notified = notifies(draft.facts, before)
    lacks_dates = is_notified and not draft.facts.has_agreement_dates
    return ReleaseChange(
        id=draft.id,
        kind=draft.kind,
        key=draft.key,
        facts=draft.facts,
        services=tuple(sorted(draft.services)),
        replaced_key=draft.replaced_key,
        replaced_is_in_force=draft.replaced_key in in_force,
        languages=list_languages(session, draft.id, on) if is_notified else frozenset(),
        wants_agreement_dates=list_wanting_dates(session, draft.id, on) if lacks_dates else (),
        subprocessor_id=draft.subprocessor_id,
        before=before,
        is_pending=draft.key in pending,
    )

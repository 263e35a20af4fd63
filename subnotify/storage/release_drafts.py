"""What a draft release would announce, with what the agreements concerned need."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.rules.changes import services_concerned
from subnotify.rules.releases import ReleaseChange, notifies
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import ChangeKind
from subnotify.storage.announcements import list_announced_changes
from subnotify.storage.concerned_lists import list_languages, list_wanting_dates
from subnotify.storage.registry import DraftChange, list_draft_changes, standing_entries
from subnotify.storage.tables import ReleaseRow


@dataclass(frozen=True)
class _Register:
    """What the list says and what is on its way, by key of the entry.

    pending: keys with an announced change. leaving: keys that a change of this release removes.
    replaced_by: name of the entry that is announced or drafted in the place of each.
    """

    in_force: Mapping[str, SubprocessorFacts]
    pending: Collection[str]
    leaving: Collection[str]
    replaced_by: Mapping[str, str]

    def engages(self, key: str) -> tuple[str, ...]:
        """Names of the entries that this one engages and that stay."""
        stay = (x for other, x in self.in_force.items() if other not in self.leaving)
        return tuple(sorted(x.name for x in stay if x.engaged_by == key))


def list_release_changes(session: Session, release_id: int, on: date) -> tuple[ReleaseChange, ...]:
    """The draft changes of a release in their order, as agreements stand on the vendor's day."""
    in_force = {entry.key: entry.facts for entry in standing_entries(session).values()}
    corrects_id = session.scalar(select(ReleaseRow.corrects_id).where(ReleaseRow.id == release_id))
    # What a correction takes the place of is announced no more once it is released.
    announced = [x for x in list_announced_changes(session) if x.release_id != corrects_id]
    drafts = list_draft_changes(session, release_id)
    # What is in another draft release may never be announced; what is in this one will be.
    replacing = [
        *((x.replaced_key, x.facts.name) for x in announced),
        *((x.replaced_key, x.facts.name) for x in drafts),
    ]
    register = _Register(
        in_force=in_force,
        pending={change.key for change in announced},
        leaving={x.key for x in drafts if x.kind is ChangeKind.REMOVAL},
        replaced_by={key: name for key, name in replacing if key is not None},
    )
    return tuple(_release_change(session, draft, register, on) for draft in drafts)


def _release_change(
    session: Session, draft: DraftChange, register: _Register, on: date
) -> ReleaseChange:
    before = register.in_force.get(draft.key)
    replaced = register.in_force.get(draft.replaced_key or "")
    concerned = services_concerned(draft.facts, before, replaced)
    is_notified = notifies(draft.facts, before)
    is_removal = draft.kind is ChangeKind.REMOVAL
    lacks_dates = is_notified and not is_removal and not draft.facts.has_agreement_dates
    return ReleaseChange(
        id=draft.id,
        kind=draft.kind,
        key=draft.key,
        facts=draft.facts,
        services=tuple(sorted(draft.services)),
        replaced_key=draft.replaced_key,
        replaced_is_in_force=draft.replaced_key in register.in_force,
        languages=list_languages(session, draft.id, on) if is_notified else frozenset(),
        wants_agreement_dates=list_wanting_dates(session, draft.id, on) if lacks_dates else (),
        subprocessor_id=draft.subprocessor_id,
        before=before,
        untold_services=tuple(sorted(concerned - draft.services)),
        is_pending=draft.key in register.pending,
        engages=register.engages(draft.key) if is_removal else (),
        replaced_by=register.replaced_by.get(draft.key, "") if is_removal else "",
    )

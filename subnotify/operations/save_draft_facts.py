"""Save what the publisher writes of a subprocessor: a draft, until it is published or released."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.transaction import transaction
from subnotify.rules.changes import kind_of_change, same_facts, services_concerned
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.words import ChangeKind
from subnotify.storage.announcements import list_announced_changes
from subnotify.storage.registry import (
    Subprocessor,
    get_subprocessor,
    get_vendor,
    latest_entries,
    standing_entries,
)
from subnotify.storage.registry_drafts import (
    clear_draft_facts,
    find_draft_change_row,
    list_change_services,
    remove_draft_change,
    set_draft_facts,
    write_draft_change,
)
from subnotify.storage.registry_list import lock_vendor


@dataclass(frozen=True)
class ListState:
    """What the list says and announces now, by subprocessor id: what a draft differs from.

    announced: without what a drafted correction takes back and announces anew.
    former: what it said last of who has left it, also where a client keeps them: to engage one for
    the others again is an addition.
    """

    is_published: bool
    in_force: dict[int, SubprocessorFacts]
    announced: dict[int, SubprocessorFacts]
    former: dict[int, SubprocessorFacts]

    def said(self, subprocessor_id: int) -> SubprocessorFacts | None:
        """What clients are told of it now: the announced facts, else those in force."""
        return self.announced.get(subprocessor_id) or self.in_force.get(subprocessor_id)


def read_list_state(session: Session) -> ListState:
    """The list as it stands, and stands still until the transaction ends: whoever approves or
    releases meanwhile sees the draft before or after it changed, never halfway.

    Raises NotFound before the first import.
    """
    return _state(session, lock_vendor(session).first_published_at is not None)


def peek_list_state(session: Session) -> ListState:
    """The same for who only looks, without keeping others from writing. Raises NotFound."""
    return _state(session, get_vendor(session).first_published_at is not None)


def _state(session: Session, is_published: bool) -> ListState:
    standing = standing_entries(session)
    return ListState(
        is_published=is_published,
        in_force={k: e.facts for k, e in standing.items()},
        announced={
            c.subprocessor_id: c.facts
            for c in list_announced_changes(session)
            if not c.is_being_corrected
        },
        former={k: e.facts for k, e in latest_entries(session).items() if k not in standing},
    )


def save_draft_facts(
    session: Session, subprocessor_id: int, facts: SubprocessorFacts, *, by: str, at: datetime
) -> bool:
    """Keep `facts` as the draft of a subprocessor; whether anything changed.

    Gaps are allowed: they block publication and release, not the draft. Once the list is
    published, the draft carries a change (an amendment where the entry is listed already);
    a draft that equals the list is none, unless the entry is drafted to leave the list: that stays
    until it is discarded, or other facts are saved. Raises NotFound.
    """
    with transaction(session):
        state = read_list_state(session)
        subprocessor = get_subprocessor(session, subprocessor_id)
        change = find_draft_change_row(session, subprocessor_id)
        replaced_id = change.replaced_id if change else None
        return write_draft(session, subprocessor, facts, replaced_id, state, by=by, at=at)


def write_draft(
    session: Session,
    subprocessor: Subprocessor,
    facts: SubprocessorFacts,
    replaced_id: int | None,
    state: ListState,
    *,
    by: str,
    at: datetime,
) -> bool:
    """The draft and its change, inside the caller's transaction; whether anything changed.

    replaced_id: the entry it would replace; of no meaning for one that is listed already.
    """
    key = subprocessor.id
    said = state.said(key)
    change = find_draft_change_row(session, key)
    if said is not None and same_facts(said, facts):
        if change is not None and change.kind == ChangeKind.REMOVAL:
            return False
        if subprocessor.draft_facts is not None:
            clear_draft_facts(session, [key])
            remove_draft_change(session, key)
        return subprocessor.draft_facts is not None
    kind = kind_of_change(is_listed=said is not None, replaces_another=replaced_id is not None)
    replaced_id = None if said is not None else replaced_id
    replaced = state.in_force.get(replaced_id) if replaced_id is not None else None
    services = services_concerned(facts, said, replaced)
    has_change = (
        change is not None
        and (change.kind, change.replaced_id) == (kind, replaced_id)
        and list_change_services(session, change.id) == services
    )
    if subprocessor.draft_facts == facts and (has_change or not state.is_published):
        return False
    set_draft_facts(session, key, facts, by=by, at=at)
    if state.is_published:
        write_draft_change(
            session,
            key,
            kind=kind,
            replaced_id=replaced_id,
            services=services,
            by=by,
            at=at,
        )
    return True

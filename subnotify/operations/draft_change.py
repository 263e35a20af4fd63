"""Draft a subprocessor that is not on the list yet: an addition, or a replacement of another."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.save_draft_facts import read_list_state, write_draft
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import RuleError
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.storage.registry import find_subprocessor, get_subprocessor
from subnotify.storage.registry_drafts import add_subprocessor


class SubprocessorExists(RuleError):
    message = "There is already an entry with the key “%(key)s”."


class NotOnTheList(RuleError):
    message = "Only an entry that is on the list can be replaced."


def draft_new_subprocessor(
    session: Session,
    key: str,
    facts: SubprocessorFacts,
    *,
    replaces_id: int | None = None,
    by: str,
    at: datetime,
) -> int:
    """Keep the draft of a new entry; its id.

    Before the first publication it is only a draft of the list; afterwards an addition, or a
    replacement of the entry `replaces_id`. Raises SubprocessorExists, or NotOnTheList where the
    entry to replace is not in force.
    """
    with transaction(session):
        if find_subprocessor(session, key) is not None:
            raise SubprocessorExists(key=key)
        state = read_list_state(session)
        if replaces_id is not None and replaces_id not in state.in_force:
            raise NotOnTheList
        subprocessor = get_subprocessor(session, add_subprocessor(session, key))
        write_draft(session, subprocessor, facts, replaces_id, state, by=by, at=at)
        return subprocessor.id

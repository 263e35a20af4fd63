"""Draft the removal of an entry from the list, to be announced by a release."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.save_draft_facts import read_list_state
from subnotify.operations.transaction import transaction
from subnotify.rules.changes import services_concerned
from subnotify.rules.errors import RuleError
from subnotify.rules.words import ChangeKind
from subnotify.storage.registry import get_subprocessor
from subnotify.storage.registry_drafts import set_draft_facts, write_draft_change


class NotRemovable(RuleError):
    message = "Only an entry that is on the list can be removed from it."


class DraftInTheWay(RuleError):
    message = "Something else is drafted for this entry. Discard that draft first."


class ChangePending(RuleError):
    message = (
        "A change of this entry is announced and has not taken effect yet. Wait for that day, or"
        " withdraw the change first."
    )


def draft_removal(session: Session, subprocessor_id: int, *, by: str, at: datetime) -> int:
    """Draft that the entry leaves the list; the id of the change.

    The draft says what the list says; discarding it takes the removal back, saving other facts
    over it makes it an amendment. Raises NotRemovable where the entry is not on the list (or the
    list not published, or the entry phased out), ChangePending, DraftInTheWay, NotFound.
    """
    with transaction(session):
        state = read_list_state(session)
        subprocessor = get_subprocessor(session, subprocessor_id)
        listed = state.in_force.get(subprocessor_id)
        if listed is None or not state.is_published:
            raise NotRemovable
        if subprocessor_id in state.announced:
            raise ChangePending
        if subprocessor.draft_facts is not None:
            raise DraftInTheWay
        set_draft_facts(session, subprocessor_id, listed, by=by, at=at)
        return write_draft_change(
            session,
            subprocessor_id,
            kind=ChangeKind.REMOVAL,
            replaced_id=None,
            services=services_concerned(listed),
            by=by,
            at=at,
        )

"""Record what makes the transfers to one location lawful, in the draft of its entry."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.save_draft_facts import ListState, read_list_state, write_draft
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.locations import Location
from subnotify.rules.subprocessors import SubprocessorFacts
from subnotify.rules.transfer_records import RecordedBasis
from subnotify.rules.transfer_records_reading import basis_to_mapping
from subnotify.storage.announcements import last_announced_facts
from subnotify.storage.registry import Subprocessor, get_subprocessor
from subnotify.storage.registry_drafts import find_draft_change_row


class RecordedMeanwhile(RuleError):
    message = (
        "Somebody else changed the transfer bases of this place meanwhile. What you typed stands"
        " below: save it again if it is right."
    )


def record_bases(
    session: Session,
    subprocessor_id: int,
    number: int,
    bases: tuple[RecordedBasis, ...],
    *,
    seen: str,
    by: str,
    at: datetime,
) -> bool:
    """Keep `bases` as those of the location at this place of the entry; whether anything changed.

    seen: the `location_digest` of the location that the operator looked at; "" where he saw
    none. Raises RecordedMeanwhile where it is another by now, and NotFound.
    """
    with transaction(session):
        state = read_list_state(session)
        # What was read before the lock may be old.
        session.expire_all()
        subprocessor = get_subprocessor(session, subprocessor_id)
        facts = facts_to_edit(session, subprocessor, state)
        if number >= len(facts.locations):
            raise RecordedMeanwhile if seen else NotFound
        location = facts.locations[number]
        if seen not in ("", location_digest(location)) and location.bases != bases:
            raise RecordedMeanwhile
        change = find_draft_change_row(session, subprocessor_id)
        return write_draft(
            session,
            subprocessor,
            with_bases(facts, number, bases),
            change.replaced_id if change else None,
            state,
            by=by,
            at=at,
        )


def facts_to_edit(
    session: Session, subprocessor: Subprocessor, state: ListState
) -> SubprocessorFacts:
    """What an edit of the entry begins with: its draft, else what the list says or said last.

    Raises NotFound where there is neither.
    """
    facts = subprocessor.draft_facts or state.said(subprocessor.id)
    if facts is None:
        once = last_announced_facts(session)
        facts = state.former.get(subprocessor.id) or once.get(subprocessor.id)
    if facts is None:
        raise NotFound
    return facts


def with_bases(
    facts: SubprocessorFacts, number: int, bases: tuple[RecordedBasis, ...]
) -> SubprocessorFacts:
    """The facts with these bases at one location; nothing counts as assessed any more."""
    return replace(
        facts,
        locations=tuple(
            replace(x, bases=bases if n == number else x.bases, assessed=())
            for n, x in enumerate(facts.locations)
        ),
    )


def location_digest(location: Location) -> str:
    """A location and its bases as one short value."""
    plain = [
        *(location.country, location.organisation, location.kind.value),
        *(basis_to_mapping(basis) for basis in location.bases),
    ]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()

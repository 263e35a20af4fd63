"""Electronic letters that wait for a person, and tell a deadline that does not run any more."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.transaction import transaction
from subnotify.storage.former_seals import take_bytes_back
from subnotify.storage.letters import lock_letters
from subnotify.storage.untrue_letters import list_untrue_alone


def take_back_untrue(session: Session, *, actor: str, at: datetime) -> int:
    """They are written anew; the bytes that they had are kept. How many.

    Letters in batches are called back with their batch.
    """
    with transaction(session):
        found = list_untrue_alone(session)
        if not found:
            return 0
        letters = lock_letters(session, found)
        ids = list_untrue_alone(session)
        take_bytes_back(session, ids, at=at)
        append_evidence_many(
            session,
            [
                NewEvidence(
                    "letter_taken_back",
                    "message",
                    message_id,
                    {"logical_key": letters[message_id].logical_key},
                )
                for message_id in ids
                if message_id in letters
            ],
            actor=actor,
            at=at,
        )
        return len(ids)

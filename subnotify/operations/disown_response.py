"""A contact says that an answer in the client's name was not theirs."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.queue_alarms import queue_objection_alarm
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.rules.errors import NotFound
from subnotify.rules.words import MessagePurpose
from subnotify.storage import responses
from subnotify.storage.notice_briefs import get_notice_brief
from subnotify.storage.notice_links import find_link, lock_notice


def disown_response(
    session: Session, link_digest: str, *, by_name: str, legal_email: str, at: datetime
) -> None:
    """Put the answer that a receipt's link names before legal. Nothing is removed: an objection
    counts until a person has looked. Pressed twice it is noted once.

    Raises NotFound for the link of anything but a receipt.
    """
    taking_turns(lambda: _disown(session, link_digest, by_name, legal_email, at))


def _disown(
    session: Session, link_digest: str, by_name: str, legal_email: str, at: datetime
) -> None:
    with transaction(session):
        link = find_link(session, link_digest, at=at)
        if link is None or link.purpose is not MessagePurpose.RECEIPT or link.response_id is None:
            raise NotFound
        lock_notice(session, link.notice_id)
        if not responses.disown(session, link.response_id, at=at):
            return
        actor = f"client:notice:{link.notice_id}"
        append_evidence(
            session,
            "response_disowned",
            actor=actor,
            object_type="response",
            object_id=link.response_id,
            content={"contact": link.contact_id, "name": by_name},
            at=at,
        )
        brief = get_notice_brief(session, link.notice_id)
        apply_standings(session, brief.case_ids, actor=actor, at=at)
        queue_objection_alarm(session, link.response_id, legal_email, at=at)

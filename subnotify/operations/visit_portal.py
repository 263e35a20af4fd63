"""What a signed-in mailbox does in the portal: open a notice, switch clients, choose, sign out."""

from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.sign_in import new_token
from subnotify.operations.transaction import transaction
from subnotify.rules.errors import NotFound
from subnotify.storage import portal
from subnotify.storage.portal import PortalVisit
from subnotify.storage.portal_notices import get_portal_message


def open_portal_notice(
    session: Session, visit: PortalVisit, notice_id: int, *, at: datetime
) -> str:
    """The token of a further link to the notice, as this mailbox was written to of it.

    It opens what the link in the mail opens, no more, and ends with the session. Raises NotFound
    for a notice of another client, and where this mailbox was never written to.
    """
    token, digest = new_token()
    with transaction(session):
        message_id = get_portal_message(session, visit, notice_id)
        portal.append_portal_link(session, digest, visit.session_id, message_id, at=at)
        append_evidence(
            session,
            "portal_link_made",
            actor=f"client:notice:{notice_id}",
            object_type="message",
            object_id=message_id,
            content={"notice_id": notice_id, "portal_session_id": visit.session_id},
            at=at,
        )
    return token


def switch_portal_client(session: Session, visit: PortalVisit, client_id: int) -> None:
    """Look at another client of this mailbox. Raises NotFound for any other client."""
    if client_id not in {client.id for client in visit.clients}:
        raise NotFound
    with transaction(session):
        portal.set_portal_client(session, visit.session_id, client_id)


def keep_portal_language(session: Session, visit: PortalVisit, language: str) -> None:
    """The language of this mailbox's pages and sign-in mails, in every browser."""
    with transaction(session):
        portal.set_portal_language(session, visit.mailbox, language)


def sign_out_of_portal(session: Session, token_digest: str, *, at: datetime) -> None:
    """End the session and the links that it made. One that has ended stays as it is."""
    with transaction(session):
        portal.end_portal_session(session, token_digest, at=at)

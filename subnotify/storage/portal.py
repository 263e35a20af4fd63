"""Signing in to the client portal: links that were asked for, sessions, whom a mailbox serves.

Tokens come in as SHA-256 digests; mailboxes as `rules.portal.mailbox_key` writes them.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from subnotify.rules.portal import SignInLink
from subnotify.storage.tables import (
    AgreementContactRow,
    ClientRow,
    ContactRow,
    PortalLinkRow,
    PortalMailboxRow,
    PortalSessionClientRow,
    PortalSessionRow,
    PortalSignInRow,
)


@dataclass(frozen=True)
class PortalClient:
    id: int
    name: str


@dataclass(frozen=True)
class PortalVisit:
    """Who is signed in. client: whose notices are shown; clients: all that the mailbox serves.

    language: what the mailbox chose, None for nothing yet.
    """

    session_id: int
    mailbox: str
    language: str | None
    client: PortalClient
    clients: tuple[PortalClient, ...] = field(default=())


def count_askings_of_mailbox(session: Session, mailbox: str, since: datetime) -> int:
    return _count(session, PortalSignInRow.mailbox == mailbox, since)


def count_askings_of_network(session: Session, network: str, since: datetime) -> int:
    return _count(session, PortalSignInRow.network == network, since)


def _count(session: Session, whose: ColumnElement[bool], since: datetime) -> int:
    counted = select(func.count()).where(whose, PortalSignInRow.asked_at > since)
    return session.execute(counted).scalar_one()


def append_portal_sign_in(
    session: Session,
    token_digest: str,
    *,
    browser_digest: str,
    mailbox: str,
    network: str,
    expires_at: datetime,
    at: datetime,
) -> None:
    session.add(
        PortalSignInRow(
            token_digest=token_digest,
            browser_digest=browser_digest,
            mailbox=mailbox,
            network=network,
            asked_at=at,
            expires_at=expires_at,
        )
    )
    session.flush()


def find_portal_sign_in(session: Session, token_digest: str) -> SignInLink | None:
    row = session.execute(
        select(PortalSignInRow).where(PortalSignInRow.token_digest == token_digest)
    ).scalar_one_or_none()
    if row is None:
        return None
    return SignInLink(row.mailbox, row.browser_digest, row.expires_at, row.used_at)


def claim_portal_sign_in(
    session: Session, token_digest: str, *, browser_digest: str, at: datetime
) -> bool:
    """Use the link up; False if it is not this browser's, too old, or somebody was faster."""
    claimed = session.execute(
        update(PortalSignInRow)
        .where(
            PortalSignInRow.token_digest == token_digest,
            PortalSignInRow.browser_digest == browser_digest,
            PortalSignInRow.used_at.is_(None),
            PortalSignInRow.expires_at > at,
        )
        .values(used_at=at)
        .returning(PortalSignInRow.id)
    )
    return claimed.first() is not None


def list_clients_of(session: Session, mailbox: str) -> tuple[PortalClient, ...]:
    """The clients that name this mailbox in an agreement today, by name."""
    rows = session.execute(
        select(ClientRow.id, ClientRow.name)
        .join(ContactRow, ContactRow.client_id == ClientRow.id)
        .where(func.lower(ContactRow.email) == mailbox, _is_named())
        .distinct()
        .order_by(ClientRow.name, ClientRow.id)
    )
    return tuple(PortalClient(row.id, row.name) for row in rows)


def _is_named() -> ColumnElement[bool]:
    return exists().where(
        AgreementContactRow.contact_id == ContactRow.id, AgreementContactRow.ended_on.is_(None)
    )


def append_portal_session(
    session: Session,
    token_digest: str,
    mailbox: str,
    client_ids: list[int],
    *,
    expires_at: datetime,
    at: datetime,
) -> int:
    """A session that looks at the first of these clients; its id."""
    row = PortalSessionRow(
        token_digest=token_digest,
        mailbox=mailbox,
        client_id=client_ids[0],
        created_at=at,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    session.add_all(PortalSessionClientRow(session_id=row.id, client_id=x) for x in client_ids)
    session.flush()
    return row.id


def find_portal_visit(session: Session, token_digest: str, *, at: datetime) -> PortalVisit | None:
    """The session that has neither ended nor expired at `at`, of a mailbox still on file."""
    row = session.execute(
        select(
            PortalSessionRow.id,
            PortalSessionRow.mailbox,
            PortalSessionRow.client_id,
            PortalMailboxRow.language,
        )
        .outerjoin(PortalMailboxRow, PortalMailboxRow.mailbox == PortalSessionRow.mailbox)
        .where(
            PortalSessionRow.token_digest == token_digest,
            PortalSessionRow.ended_at.is_(None),
            PortalSessionRow.expires_at > at,
        )
    ).one_or_none()
    if row is None:
        return None
    clients = _still_served(session, row.id, row.mailbox)
    if not clients:
        return None
    current = next((x for x in clients if x.id == row.client_id), clients[0])
    return PortalVisit(row.id, row.mailbox, row.language, current, clients)


def _still_served(session: Session, session_id: int, mailbox: str) -> tuple[PortalClient, ...]:
    """Asked through the clients of the session: by their index, not through all addresses."""
    rows = session.execute(
        select(ClientRow.id, ClientRow.name)
        .join(PortalSessionClientRow, PortalSessionClientRow.client_id == ClientRow.id)
        .join(ContactRow, ContactRow.client_id == ClientRow.id)
        .where(
            PortalSessionClientRow.session_id == session_id,
            func.lower(ContactRow.email) == mailbox,
            _is_named(),
        )
        .distinct()
        .order_by(ClientRow.name, ClientRow.id)
    )
    return tuple(PortalClient(row.id, row.name) for row in rows)


def end_portal_session(session: Session, token_digest: str, *, at: datetime) -> None:
    """End one session; one that has ended keeps its first end."""
    session.execute(
        update(PortalSessionRow)
        .where(PortalSessionRow.token_digest == token_digest, PortalSessionRow.ended_at.is_(None))
        .values(ended_at=at)
    )


def carry_portal_links(
    session: Session, token_digest: str, *, mailbox: str, to_session_id: int
) -> None:
    """Let the links of a session of this mailbox go on with a later one; not where it ended."""
    left = select(PortalSessionRow.id).where(
        PortalSessionRow.token_digest == token_digest,
        PortalSessionRow.mailbox == mailbox,
        PortalSessionRow.ended_at.is_(None),
    )
    session.execute(
        update(PortalLinkRow)
        .where(PortalLinkRow.session_id.in_(left))
        .values(session_id=to_session_id)
        .execution_options(synchronize_session=False)
    )


def set_portal_client(session: Session, session_id: int, client_id: int) -> None:
    session.execute(
        update(PortalSessionRow)
        .where(PortalSessionRow.id == session_id)
        .values(client_id=client_id)
    )


def find_portal_language(session: Session, mailbox: str) -> str | None:
    return session.execute(
        select(PortalMailboxRow.language).where(PortalMailboxRow.mailbox == mailbox)
    ).scalar_one_or_none()


def set_portal_language(session: Session, mailbox: str, language: str) -> None:
    session.merge(PortalMailboxRow(mailbox=mailbox, language=language))
    session.flush()


def append_portal_link(
    session: Session, token_digest: str, session_id: int, message_id: int, *, at: datetime
) -> None:
    """A further link to what this message opens, for as long as the session lasts."""
    session.add(
        PortalLinkRow(
            token_digest=token_digest, session_id=session_id, message_id=message_id, created_at=at
        )
    )
    session.flush()


def forget_portal_traces(session: Session, *, before: datetime) -> None:
    """Delete askings and sessions, with their links, that ended before this instant."""
    session.execute(delete(PortalSignInRow).where(PortalSignInRow.expires_at < before))
    old = select(PortalSessionRow.id).where(PortalSessionRow.expires_at < before)
    session.execute(delete(PortalLinkRow).where(PortalLinkRow.session_id.in_(old)))
    session.execute(
        delete(PortalSessionClientRow).where(PortalSessionClientRow.session_id.in_(old))
    )
    session.execute(delete(PortalSessionRow).where(PortalSessionRow.expires_at < before))

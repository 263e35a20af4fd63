"""The client portal: sign-in links, sessions, and what a session opened. Digests, no tokens."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from subnotify.storage.tables.base import Base


class PortalSignInRow(Base):
    """Somebody asked for a sign-in link. Unknown addresses are counted here too; no mail has
    their token."""

    __tablename__ = "portal_sign_ins"
    __table_args__ = (Index(None, "mailbox", "asked_at"), Index(None, "network", "asked_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    # Of the cookie that the asking browser was given: the link works nowhere else.
    browser_digest: Mapped[str] = mapped_column(String(64))
    mailbox: Mapped[str] = mapped_column(String(254))
    network: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PortalMailboxRow(Base):
    """What a mailbox chose."""

    __tablename__ = "portal_mailboxes"

    mailbox: Mapped[str] = mapped_column(String(254), primary_key=True)
    language: Mapped[str] = mapped_column(String(2))


class PortalCalendarRow(Base):
    """A private address under which a mailbox's calendar program fetches its deadlines; only its
    SHA-256 is here. At most one of a mailbox's is not revoked."""

    __tablename__ = "portal_calendars"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    mailbox: Mapped[str] = mapped_column(String(254), index=True)
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PortalSessionRow(Base):
    """A browser signed in as a mailbox. client_id: whose notices it looks at now."""

    __tablename__ = "portal_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    mailbox: Mapped[str] = mapped_column(String(254))
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PortalSessionClientRow(Base):
    """A client that the mailbox served when it signed in; whether it still does is asked anew."""

    __tablename__ = "portal_session_clients"

    session_id: Mapped[int] = mapped_column(ForeignKey("portal_sessions.id"), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"), primary_key=True)


class PortalLinkRow(Base):
    """A further link to what a message opens, for as long as the session lasts."""

    __tablename__ = "portal_links"
    __table_args__ = (Index(None, "session_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("portal_sessions.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    created_at: Mapped[datetime]

"""The client portal's one-time sign-in link: asked for by anybody, of use in the asking browser."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.sign_in import new_token
from subnotify.operations.transaction import transaction
from subnotify.rules.portal import (
    ASKING_COUNTS_FOR,
    ASKINGS_PER_ADDRESS,
    ASKINGS_PER_NETWORK,
    KEPT_FOR,
    LINK_LASTS,
    SESSION_LASTS,
    PortalAskingThrottled,
    PortalLinkInvalid,
    SignInLink,
    mailbox_key,
    network_of,
)
from subnotify.storage import portal
from subnotify.storage.turns import Turn, take_turn


@dataclass(frozen=True)
class AskedLink:
    """What the mail needs. The token is nowhere else; the database has its digest. language: what
    the mailbox chose, None for nothing."""

    mailbox: str
    token: str = field(repr=False)
    expires_at: datetime
    language: str | None


@dataclass(frozen=True)
class SignedInMailbox:
    """The session's token exists here and in the cookie only."""

    token: str = field(repr=False)
    language: str


def ask_for_portal_link(
    session: Session, email: str, *, browser: str, address: str, at: datetime
) -> AskedLink | None:
    """A link valid for 10 minutes in the browser with this cookie; None for an unknown address.

    browser: the cookie's token; address: the browser's, for throttling. The caller answers the
    same in both cases. Raises PortalAskingThrottled, for unknown addresses as well.
    """
    mailbox, network = mailbox_key(email), network_of(address)
    token, digest = new_token()
    expires_at = at + LINK_LASTS
    with transaction(session):
        take_turn(session, Turn.PORTAL_MAILBOX, mailbox)
        take_turn(session, Turn.PORTAL_NETWORK, network)
        _refuse_if_throttled(session, mailbox, network, at)
        # Unknown addresses are counted too: nobody learns from the limit which exist.
        portal.append_portal_sign_in(
            session,
            digest,
            browser_digest=_digest(browser),
            mailbox=mailbox,
            network=network,
            expires_at=expires_at,
            at=at,
        )
        if not portal.list_clients_of(session, mailbox):
            return None
        language = portal.find_portal_language(session, mailbox)
    return AskedLink(mailbox, token, expires_at, language)


def _refuse_if_throttled(session: Session, mailbox: str, network: str, at: datetime) -> None:
    since = at - ASKING_COUNTS_FOR
    if portal.count_askings_of_mailbox(session, mailbox, since) >= ASKINGS_PER_ADDRESS:
        raise PortalAskingThrottled
    if portal.count_askings_of_network(session, network, since) >= ASKINGS_PER_NETWORK:
        raise PortalAskingThrottled


def get_portal_link(session: Session, token: str, *, at: datetime) -> SignInLink:
    """The link, used by nobody yet; reads only. Raises PortalLinkInvalid."""
    link = portal.find_portal_sign_in(session, _digest(token))
    if link is None or not link.is_valid(at):
        raise PortalLinkInvalid
    return link


def is_of_browser(link: SignInLink, browser: str | None) -> bool:
    """Whether the browser with this cookie asked for the link."""
    return browser is not None and link.browser_digest == _digest(browser)


def sign_in_to_portal(
    session: Session, token: str, *, browser: str, present: str | None, language: str, at: datetime
) -> SignedInMailbox:
    """Use the link up and open a session for 12 hours. It takes the place of the present one.

    present: the token of the session that this browser has had, expired or not. Notices that it
    opened stay open where the mailbox is the same: somebody may be writing an answer in another
    tab. language: of the page, kept for a mailbox that chose none yet. Raises PortalLinkInvalid,
    also in another browser, and where the address is not on file any more.
    """
    link_digest = _digest(token)
    session_token, session_digest = new_token()
    with transaction(session):
        link = get_portal_link(session, token, at=at)
        claimed = portal.claim_portal_sign_in(
            session, link_digest, browser_digest=_digest(browser), at=at
        )
        clients = portal.list_clients_of(session, link.mailbox) if claimed else ()
        if not clients:
            raise PortalLinkInvalid
        kept = portal.find_portal_language(session, link.mailbox)
        if kept is None:
            portal.set_portal_language(session, link.mailbox, language)
        portal.forget_portal_traces(session, before=at - KEPT_FOR)
        session_id = portal.append_portal_session(
            session,
            session_digest,
            link.mailbox,
            [client.id for client in clients],
            expires_at=at + SESSION_LASTS,
            at=at,
        )
        if present is not None:
            left = _digest(present)
            portal.carry_portal_links(session, left, mailbox=link.mailbox, to_session_id=session_id)
            portal.end_portal_session(session, left, at=at)
        append_evidence(
            session,
            "portal_signed_in",
            actor="client",
            object_type="portal_session",
            object_id=session_id,
            content={"mailbox": link.mailbox},
            at=at,
        )
    return SignedInMailbox(session_token, kept or language)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

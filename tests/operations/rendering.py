"""Texts of due messages, for the tests of what they say."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from subnotify.holiday_calendars import get_calendar
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.rules.windows import compute_window, window_to_mapping
from subnotify.rules.words import (
    CaseState,
    MessagePurpose,
    NoticeState,
    ProofKind,
)
from subnotify.storage import claims, outbox
from subnotify.storage.tables import (
    CaseRow,
    NoticeRow,
)
from subnotify.wording.mails import MailText
from tests.support.announced import (
    Announced,
    add_client,
    announce,
)
from tests.support.announced_facts import FIFTEEN_DAYS

CONTEXT = MailContext("https://list.vendor.example", "Europe/Paris")
LEGAL = "legal@vendor.example"


def written(session: Session, at: datetime) -> list[tuple[outbox.OutgoingMessage, MailText]]:
    """Every due message with its text; its token is its number."""
    session.commit()
    due = claims.claim_due(
        session, by="test", until=at + timedelta(hours=1), limit=500, at=at
    ).messages
    write = mail_texts(CONTEXT, lambda: at)(session, due)
    return [(one, write(one, str(one.id) if one.contact_id else None)) for one in due]


def one_text(session: Session, at: datetime, purpose: MessagePurpose) -> MailText:
    """The text of the first message of this purpose."""
    return next(text for message, text in written(session, at) if message.purpose is purpose)


def start(session: Session, at: datetime) -> Announced:
    made = announce(session, at=at)
    add_client(session, made, "acme", at=at)
    return made


def serve(session: Session, notice_id: int, at: datetime) -> None:
    window = compute_window(FIFTEEN_DAYS, at, get_calendar("FR"))
    session.execute(
        update(NoticeRow)
        .where(NoticeRow.id == notice_id)
        .values(
            state=NoticeState.SERVED,
            served_at=at,
            served_proof=ProofKind.RECIPIENT_SERVER,
            window=window_to_mapping(window),
        )
    )
    session.execute(
        update(CaseRow)
        .where(CaseRow.notice_id == notice_id)
        .values(state=CaseState.OPEN, opens_at=at, closes_at=window.closes_at)
    )

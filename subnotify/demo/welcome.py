"""What the demonstration says when it is ready: addresses, sign-ins, a client's link."""

import re
from collections.abc import Iterator

from sqlalchemy import select

from subnotify.config import Settings
from subnotify.delivery.mail_folder import MailFolder, parse_mail
from subnotify.demo.cast import Cast
from subnotify.demo.folder import DemoFolder
from subnotify.rules.words import ContactKind, MessagePurpose
from subnotify.storage.database import begin_read_only, create_engine_for, session_factory
from subnotify.storage.tables import AgreementRow, MessageRow, NoticeRow, ReleaseRow

# Notices whose contacts had not answered when the history ended.
_SHOWN_NOTICES = (
    ("delorme-2023", -2, "a notice, in French"),
    ("bakker-2021", -3, "a notice that asks for a letter"),
    ("luethi-2025", -1, "a country that is not allowed"),
)
_PATH = re.compile(r"https?://[^/\s]+(/n/[A-Za-z0-9_-]+)")


def welcome_lines(folder: DemoFolder, settings: Settings, cast: Cast) -> Iterator[str]:
    """The lines to print, without the last one that says ready."""
    url = settings.public_url
    yield f"subnotify, a demonstration. Its data: {folder.path}"
    yield ""
    yield f"  {'the public list':<34}{url}/"
    yield f"  {'the desk':<34}{url}/sign-in"
    yield f"  {'the mailbox of everybody':<34}{url}/mailbox"
    yield f"  {'codes of the operators’ telephones':<34}{url}/mailbox/codes"
    yield f"  {'a reply that legal has not read':<34}{url}/desk/mail"
    yield f"  {'letters for the printer':<34}{url}/desk/letters"
    for agreement, place, text in _SHOWN_NOTICES:
        path = _find_notice_path(folder, settings, agreement, place)
        if path is not None:
            yield f"  {text:<34}{url}{path}"
    yield ""
    yield "  sign in as        with the password"
    for player in cast.operators:
        yield f"  {player.name:<18}{player.password:<26}{', '.join(player.roles)}"
    yield ""
    yield f"  Legal and admin sign in with a code as well: {url}/mailbox/codes shows it."
    yield ""
    yield "  The demonstration is on SQLite. For PostgreSQL set SUBNOTIFY_DATABASE_URL, then run"
    yield "  subnotify db upgrade, serve and jobs run; the README says how."
    yield f"  To start over, end it and remove {folder.path}."
    yield ""


def _find_notice_path(
    folder: DemoFolder, settings: Settings, agreement: str, place: int
) -> str | None:
    """The path of the personal link in an agreement's notice mail; place: -1 the latest notice.

    The link stands in the mail alone: the database has only its digest.
    """
    engine = create_engine_for(settings.database_url)
    try:
        with session_factory(engine)() as session:
            begin_read_only(session)
            message_ids = session.scalars(
                select(MessageRow.message_id_header)
                .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
                .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
                .join(ReleaseRow, ReleaseRow.id == NoticeRow.release_id)
                .where(
                    AgreementRow.key == agreement,
                    MessageRow.purpose == MessagePurpose.NOTICE,
                    MessageRow.contact_kind == ContactKind.NOTICE,
                    MessageRow.message_id_header.is_not(None),
                )
                .order_by(ReleaseRow.released_at)
            ).all()
    finally:
        engine.dispose()
    if len(message_ids) < abs(place):
        return None
    return _find_path(folder, str(message_ids[place]))


def _find_path(folder: DemoFolder, message_id: str) -> str | None:
    raw = MailFolder(folder.mails).find_by_message_id(message_id)
    body = parse_mail(raw).get_body(("plain",)) if raw else None
    found = _PATH.search(str(body.get_content())) if body else None
    return found[1] if found else None

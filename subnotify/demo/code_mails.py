"""The mail with a code, as the client's page sends it at once: it goes past the outbox."""

from collections.abc import Sequence
from datetime import datetime

from subnotify.delivery.courier import Envelope
from subnotify.delivery.headers import Mailbox
from subnotify.delivery.mime import MailSkeleton, mint_message_id
from subnotify.delivery.smtp import SmtpConnection
from subnotify.demo.stage import PlayedNotice, Stage
from subnotify.operations.issue_code import IssuedCode
from subnotify.operations.mail_views import MailViews, Moulds
from subnotify.rules.words import ResponseKind
from subnotify.storage.mail_facts import load_mail_facts
from subnotify.storage.registry import get_vendor
from subnotify.wording.change_facts import change_title
from subnotify.wording.mail_code import code_mail


def send_code_mail(
    stage: Stage,
    notice: PlayedNotice,
    case_ids: Sequence[int],
    kind: ResponseKind,
    issued: IssuedCode,
    *,
    at: datetime,
) -> None:
    """Send the code for an answer about these cases to the contact who gave it."""
    settings = stage.settings
    with stage.session() as session:
        views = MailViews(
            facts=load_mail_facts(session, {notice.id}, set()),
            vendor=get_vendor(session).profile,
            undelivered={},
            vendor_time_zone=settings.vendor_time_zone,
            moulds=Moulds(),
            at=at,
        )
    about = views.facts.notices[notice.id]
    w = views.wording(about, notice.language)
    titles = [
        change_title(change, w) for case_id in case_ids for change in views.changes(about, case_id)
    ]
    mail = code_mail(
        issued.code,
        kind,
        titles,
        views.party(about),
        views.vendor,
        w,
        expires_at=issued.expires_at,
    )
    sender = Mailbox(settings.mail_from)
    raw = MailSkeleton(sender=sender, language=notice.language).fill(
        to=Mailbox(issued.to_address),
        subject=mail.subject,
        message_id=mint_message_id(sender.domain),
        date=at,
        text=mail.text,
        html=mail.html,
    )
    with SmtpConnection(settings.smtp) as connection:
        connection.deliver(Envelope(sender.address, issued.to_address), raw)

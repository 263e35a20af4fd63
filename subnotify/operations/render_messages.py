"""Writes the texts of claimed messages: what `build_mails` seals.

Facts are loaded once for a batch. What notices to contacts with the same terms have in common is
rendered once and kept between batches, so that a mail costs microseconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.build_mails import LoadTexts, WriteText
from subnotify.operations.extension_mails import is_about_extension
from subnotify.operations.legal_message_mails import legal_message_of
from subnotify.operations.mail_calendars import calendar_of_mail
from subnotify.operations.mail_views import MailViews, Moulds
from subnotify.operations.release_alarms import load_refused_hours
from subnotify.operations.step_mails import load_step_views
from subnotify.operations.transfer_mails import load_told_lapses
from subnotify.operations.write_mails import WRITERS, MailRequest, proposal_of
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import MessagePurpose
from subnotify.storage.digest_counts import load_digest_counts
from subnotify.storage.legal_messages import load_legal_messages
from subnotify.storage.letter_follow_ups import list_follow_ups
from subnotify.storage.mail_facts import load_mail_facts
from subnotify.storage.moved_contacts import list_client_names
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.recomputations import list_told
from subnotify.storage.registry import get_vendor
from subnotify.storage.reminders import list_notice_subjects, list_unanswered
from subnotify.storage.undelivered import list_undelivered
from subnotify.wording.mails import MailText


@dataclass(frozen=True)
class MailContext:
    """public_url: where clients and operators reach this site, without a slash at the end.

    vendor_time_zone: in which mails to legal tell instants.
    """

    public_url: str
    vendor_time_zone: str


def mail_texts(context: MailContext, clock: Callable[[], datetime]) -> LoadTexts:
    """What loads and writes the texts of batch after batch, as `build_mails` calls it."""
    moulds = Moulds()

    def load(session: Session, messages: Sequence[OutgoingMessage]) -> WriteText:
        return load_texts(session, messages, context, moulds, at=clock())

    return load


def load_texts(
    session: Session,
    messages: Sequence[OutgoingMessage],
    context: MailContext,
    moulds: Moulds,
    *,
    at: datetime,
) -> WriteText:
    """Load what the texts of these messages need; what is returned writes each of them.

    Raises NotFound before the first import. The writer raises `write_mails.NothingToSay` for a
    message about nothing, and what rendering raises; such a message is parked.
    """
    notice_ids = {one.notice_id for one in messages if one.notice_id is not None}
    response_ids = {one.response_id for one in messages if one.response_id is not None}
    failed = {
        one.notice_id
        for one in messages
        if one.purpose is MessagePurpose.DELIVERY_ALARM and one.notice_id is not None
    }
    alarms = [one for one in messages if one.purpose is MessagePurpose.TRANSFER_ALARM]
    reminded = {
        one.notice_id
        for one in messages
        if one.purpose is MessagePurpose.REMINDER and one.notice_id is not None
    }
    is_digest = any(one.purpose is MessagePurpose.LEGAL_DIGEST for one in messages)
    moved = {
        one.contact_id
        for one in messages
        if one.purpose is MessagePurpose.ADDRESS_CHANGED and one.contact_id is not None
    }
    told = {
        proposal_of(one.logical_key)
        for one in messages
        if one.purpose is MessagePurpose.WINDOW_LONGER and not is_about_extension(one.logical_key)
    }
    written = {
        number for one in messages if (number := legal_message_of(one.logical_key)) is not None
    }
    zone = zone_of(context.vendor_time_zone)
    on = at.astimezone(zone).date()
    views = MailViews(
        facts=load_mail_facts(session, notice_ids, response_ids),
        vendor=get_vendor(session).profile,
        undelivered=list_undelivered(session, failed) if failed else {},
        letters=list_follow_ups(session, failed, on=on, at=at) if failed else {},
        vendor_time_zone=context.vendor_time_zone,
        moulds=moulds,
        at=at,
        longer=list_told(session, told),
        lapses=load_told_lapses(session, alarms, context.vendor_time_zone),
        unanswered=list_unanswered(session, reminded, at=at) if reminded else {},
        digest=load_digest_counts(session, zone=zone, at=at) if is_digest else None,
        clients=list_client_names(session, moved),
        subjects=list_notice_subjects(session, reminded) if reminded else {},
        legal_messages=load_legal_messages(session, written),
        refused_hours=load_refused_hours(session, messages),
    )

    about = load_step_views(session, messages)

    def write(message: OutgoingMessage, token: str | None) -> MailText:
        link = f"{context.public_url}/n/{token}" if token else ""
        request = MailRequest(message, link, context.public_url, about)
        text = WRITERS[message.purpose](request, views)
        return replace(text, calendar=calendar_of_mail(message, views, context.public_url))

    return write

"""The reminder to one contact: of what its client has not answered when the mail is written."""

from subnotify.operations.mail_views import MailViews
from subnotify.rules.words import ContactKind
from subnotify.storage.mail_facts import CaseOfMail, NoticeOfMail
from subnotify.storage.outbox import OutgoingMessage
from subnotify.wording.mail_reminder import (
    RemindedChange,
    ReminderFacts,
    fill_reminder,
    reminder_mould,
)
from subnotify.wording.mails import MailText


class NothingWaits(Exception):
    """Nothing of the notice waits for an answer any more. `without_overtaken` leaves no such
    message to be written."""


def reminder_mail(
    message: OutgoingMessage, notice: NoticeOfMail, views: MailViews, *, link: str
) -> MailText:
    """The text. Raises NothingWaits."""
    waiting = views.unanswered.get(notice.id, frozenset())
    cases = [case for case in views.cases(notice, None) if case.id in waiting and case.closes_at]
    if not cases:
        raise NothingWaits(message.logical_key)
    w = views.wording(notice, message.language)
    designation = views.facts.designations.get((notice.agreement_id, message.contact_id or 0))
    contact_kind = designation.kind if designation else ContactKind.COPY
    key = (
        *("reminder", w.language, views.vendor_key, notice.release_id, contact_kind),
        tuple((views.change_keys[x.change_id], x.closes_at, x.blocked) for x in cases),
        len(cases) < len(views.cases(notice, None)),
        *(notice.laws, views.service_ids(notice), views.terms_key(notice)),
    )
    mould = views.moulds.mould(
        key, lambda: reminder_mould(_facts(notice, cases, contact_kind, views), w)
    )
    party = views.party(notice)
    # The notice has a subject as soon as it was sent; one that came otherwise is quoted by name.
    subject = views.subjects.get((notice.id, message.contact_id or 0))
    title = subject or f"[{notice.reference}] {notice.client_name}"
    return fill_reminder(mould, party, link, subject=title)


def _facts(
    notice: NoticeOfMail, cases: list[CaseOfMail], contact_kind: ContactKind, views: MailViews
) -> ReminderFacts:
    return ReminderFacts(
        vendor=views.vendor,
        changes=[
            RemindedChange(views.changes(notice, case.id)[0], case.closes_at)
            for case in cases
            if case.closes_at is not None
        ],
        terms=views.terms(notice),
        zone=views.zone(notice),
        contact_kind=contact_kind,
        has_others=len(cases) < len(views.cases(notice, None)),
    )

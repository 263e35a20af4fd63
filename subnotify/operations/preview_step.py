"""Show the mail that a step about an objection would send, by what writes it. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.mail_views import MailViews, Moulds
from subnotify.operations.preview_mail import LINK_LEFT_OPEN
from subnotify.operations.render_messages import MailContext
from subnotify.operations.step_mails import write_told_step
from subnotify.operations.take_objection_step import LegalStep
from subnotify.rules.errors import NotFound
from subnotify.rules.objection_steps import UNDO_LASTS, ObjectionStep
from subnotify.storage.mail_facts import load_mail_facts
from subnotify.storage.objection_steps import ToldStep
from subnotify.storage.registry import get_vendor
from subnotify.storage.tables import AgreementContactRow, CaseRow, ContactRow
from subnotify.storage.told_letters import list_told_by_letter
from subnotify.wording.mails import MailText


@dataclass(frozen=True)
class StepPreview:
    """to: the addresses that get it. by_letter: names of those who get a letter that says the same.
    language: of the mail."""

    mail: MailText
    to: tuple[str, ...]
    by_letter: tuple[str, ...]
    language: str
    leaves_at: datetime


def preview_step(
    session: Session, case_id: int, step: LegalStep, *, context: MailContext, at: datetime
) -> StepPreview:
    """The mail as it would leave; only each contact's personal link is left open.

    Raises NotFound.
    """
    case = session.get(CaseRow, case_id)
    if case is None:
        raise NotFound
    facts = load_mail_facts(session, {case.notice_id}, ())
    views = MailViews(
        facts=facts,
        vendor=get_vendor(session).profile,
        undelivered={},
        vendor_time_zone=context.vendor_time_zone,
        moulds=Moulds(),
        at=at,
    )
    notice = facts.notices[case.notice_id]
    told = ObjectionStep(
        id=0,
        case_id=case_id,
        kind=step.kind,
        text=step.text.strip(),
        taken_at=at,
        taken_by="",
        counts_at=None,
        measure=step.measure,
    )
    language = notice.language
    mail = write_told_step(
        ToldStep(told, case.accommodation_ends_at),
        notice,
        views,
        f"{context.public_url}/n/{LINK_LEFT_OPEN}",
        views.wording(notice, language),
    )
    to = addresses_of_mail(session, case.agreement_id)
    by_letter = list_told_by_letter(session, case.notice_id)
    return StepPreview(mail, to, by_letter, language, at + UNDO_LASTS)


def addresses_of_mail(session: Session, agreement_id: int) -> tuple[str, ...]:
    """Where a mail to all contacts of an agreement goes now."""
    rows = session.scalars(
        select(ContactRow.email)
        .join(AgreementContactRow, AgreementContactRow.contact_id == ContactRow.id)
        .where(
            AgreementContactRow.agreement_id == agreement_id,
            AgreementContactRow.ended_on.is_(None),
            ContactRow.email.is_not(None),
        )
        .order_by(ContactRow.id)
    )
    return tuple(address for address in rows if address)

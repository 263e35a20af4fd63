"""Show the mail of a withdrawn or postponed change, or of an extended window. Reads only."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.extend_window import longer_end
from subnotify.operations.extension_mails import extension_mail
from subnotify.operations.mail_views import MailViews, Moulds
from subnotify.operations.postpone_commencement import longer_window, refuse_postponement
from subnotify.operations.postponed_mails import postponed_facts
from subnotify.operations.preview_mail import LINK_LEFT_OPEN
from subnotify.operations.render_messages import MailContext
from subnotify.operations.withdrawn_mails import withdrawn_of_case
from subnotify.rules.cases import OVERTAKEN
from subnotify.rules.errors import NotFound
from subnotify.rules.words import Outcome
from subnotify.storage.mail_facts import NoticeOfMail, load_mail_facts
from subnotify.storage.overtaken_mails import may_have_heard
from subnotify.storage.postponements import find_running, find_told_of_postponement
from subnotify.storage.registry import get_vendor
from subnotify.storage.tables import CaseRow, ChangeRow, NoticeRow
from subnotify.storage.told_letters import list_told_by_letter
from subnotify.wording.mail_postponed import postponed_mail
from subnotify.wording.mails import MailText


@dataclass(frozen=True)
class ToldPreview:
    """client: whose mail is shown; by_letter: names of its contacts who get a letter that says the
    same. language: of the mail. The personal link is left open."""

    client: str
    by_letter: tuple[str, ...]
    language: str
    mail: MailText


def preview_withdrawal(
    session: Session, change_id: int, *, context: MailContext, at: datetime
) -> ToldPreview | None:
    """The mail to the first of the clients that would be told; None where nobody would be."""
    found = session.execute(
        select(CaseRow.id, CaseRow.notice_id)
        .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
        .where(
            CaseRow.change_id == change_id,
            CaseRow.outcome.is_(None) | CaseRow.outcome.not_in(OVERTAKEN),
            may_have_heard(),
        )
        # One in which nobody spoke: most clients get this one.
        .order_by(CaseRow.is_quiet.desc(), CaseRow.id)
        .limit(1)
    ).first()
    if found is None:
        return None
    views = _views(session, found.notice_id, context, at)
    change = replace(views.facts.changes[change_id], is_withdrawn=True)
    changes = {**views.facts.changes, change_id: change}
    views = replace(views, facts=replace(views.facts, changes=changes))
    notice = views.facts.notices[found.notice_id]
    (case,) = views.cases(notice, found.id)
    ended = replace(case, outcome=case.outcome or Outcome.CHANGE_WITHDRAWN)
    mail = withdrawn_of_case(
        notice, ended, views, language=notice.language, link=_open_link(context)
    )
    return _shown(session, notice, mail)


def preview_extension(
    session: Session, case_id: int, last_day: date, *, context: MailContext, at: datetime
) -> ToldPreview:
    """The mail about a later last day. Raises as `extend_case_window`, but for the reason."""
    ends = longer_end(session, case_id, last_day, at=at)
    row = session.get(CaseRow, case_id)
    if row is None:
        raise NotFound
    views = _views(session, row.notice_id, context, at)
    notice = views.facts.notices[row.notice_id]
    language, link = notice.language, _open_link(context)
    mail = extension_mail(notice, case_id, ends, views, language=language, link=link)
    return _shown(session, notice, mail)


def preview_postponement(
    session: Session,
    release_id: int,
    change_id: int,
    on: date,
    *,
    context: MailContext,
    at: datetime,
) -> ToldPreview | None:
    """The mail to the first of the clients that would be told of this later day; None where nobody
    would be. Raises as `postpone_commencement`, but for the reason."""
    row = session.get(ChangeRow, change_id)
    if row is None or row.release_id != release_id:
        raise NotFound
    refuse_postponement(session, row, on)
    case_id = find_told_of_postponement(session, change_id)
    told = session.get(CaseRow, case_id) if case_id is not None else None
    if told is None:
        return None
    views = _views(session, told.notice_id, context, at)
    change = replace(views.facts.changes[change_id], commencement_on=on)
    changes = {**views.facts.changes, change_id: change}
    views = replace(views, facts=replace(views.facts, changes=changes))
    notice = views.facts.notices[told.notice_id]
    (case,) = views.cases(notice, told.id)
    running = find_running(session, change_id, told.id)
    window = longer_window(running, change.facts, on) if running is not None else None
    if window is not None and case.closes_at is not None:
        case = replace(case, closes_at=max(window.closes_at, case.closes_at))
    w = views.wording(notice, notice.language)
    facts = postponed_facts(notice, case, views, w)
    if facts is None:
        return None
    mail = postponed_mail(facts, views.party(notice), views.vendor, _open_link(context), w)
    return _shown(session, notice, mail)


def _shown(session: Session, notice: NoticeOfMail, mail: MailText) -> ToldPreview:
    by_letter = list_told_by_letter(session, notice.id)
    return ToldPreview(notice.client_name, by_letter, notice.language, mail)


def _open_link(context: MailContext) -> str:
    return f"{context.public_url}/n/{LINK_LEFT_OPEN}"


def _views(session: Session, notice_id: int, context: MailContext, at: datetime) -> MailViews:
    return MailViews(
        facts=load_mail_facts(session, {notice_id}, ()),
        vendor=get_vendor(session).profile,
        undelivered={},
        vendor_time_zone=context.vendor_time_zone,
        moulds=Moulds(),
        at=at,
    )

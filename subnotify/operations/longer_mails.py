"""The mails that tell clients of a later deadline: written for sending, and shown before."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.operations.mail_views import MailViews, Moulds
from subnotify.rules.errors import NotFound
from subnotify.rules.recomputations import MAY_BE_APPLIED, Recomputed
from subnotify.storage.mail_facts import NoticeOfMail, load_mail_facts
from subnotify.storage.recomputations import (
    ProposedWindow,
    ToldDeadline,
    ToldProposal,
    find_proposal,
    proposed_windows,
)
from subnotify.storage.registry import get_vendor
from subnotify.wording.change_facts import change_title
from subnotify.wording.language import Wording
from subnotify.wording.mail_longer import LaterDeadline, LongerWindow, fill_longer, longer_mould
from subnotify.wording.mails import MailText

LINK_LEFT_OPEN = "…"


def longer_mail(
    notice: NoticeOfMail, told: ToldProposal, views: MailViews, *, language: str, link: str
) -> MailText:
    """The mail about the cases of this notice that got a later deadline."""
    w = views.wording(notice, language)
    changes = {case.id: case.change_id for case in views.cases(notice, None)}
    key = (
        *("window_longer", w.language, views.vendor_key, notice.release_id),
        views.service_ids(notice),
        tuple((views.change_keys[changes[x.case_id]], x.before_at, x.closes_at) for x in told.told),
        tuple((x.old, x.new) for x in told.windows),
    )
    mould = views.moulds.mould(
        key, lambda: longer_mould(views.vendor, later_windows(notice, told, views, w), w)
    )
    return fill_longer(mould, views.party(notice), link)


def later_windows(
    notice: NoticeOfMail, told: ToldProposal, views: MailViews, w: Wording
) -> list[LongerWindow]:
    """The windows of a proposal that give its client more time, with their deadlines."""
    found = []
    for window in told.windows:
        cases = [x for x in told.told if x.case_id in window.case_ids]
        if window.new is None or not cases:
            continue
        deadlines = tuple(_deadline(notice, x, views, w) for x in cases)
        found.append(LongerWindow(window.old, window.new, deadlines))
    return found


def _deadline(
    notice: NoticeOfMail, told: ToldDeadline, views: MailViews, w: Wording
) -> LaterDeadline:
    (change,) = views.changes(notice, told.case_id)
    return LaterDeadline(change.facts.name, change_title(change, w), told.before_at, told.closes_at)


def preview_longer_mail(
    session: Session, proposal_id: int, *, public_url: str, vendor_time_zone: str, at: datetime
) -> MailText | None:
    """The mail that applying this proposal would send, in the agreement's language.

    None where nobody would be told: the deadline of no running case grows. The personal link is
    left open. Raises NotFound.
    """
    row = find_proposal(session, proposal_id)
    if row is None:
        raise NotFound
    views = MailViews(
        facts=load_mail_facts(session, {row.notice_id}, set()),
        vendor=get_vendor(session).profile,
        undelivered={},
        vendor_time_zone=vendor_time_zone,
        moulds=Moulds(),
        at=at,
    )
    notice = views.facts.notices[row.notice_id]
    windows = proposed_windows(row)
    told = tuple(_would_be_told(notice, windows, views))
    if not told:
        return None
    link = f"{public_url}/n/{LINK_LEFT_OPEN}"
    language = notice.language
    return longer_mail(notice, ToldProposal(windows, told), views, language=language, link=link)


def _would_be_told(
    notice: NoticeOfMail, windows: Sequence[ProposedWindow], views: MailViews
) -> list[ToldDeadline]:
    closes = {x.id: x.closes_at for x in views.cases(notice, None) if x.outcome is None}
    told = []
    for window in windows:
        if window.new is None or Recomputed(window.kind) not in MAY_BE_APPLIED:
            continue
        for case_id in window.case_ids:
            before = closes.get(case_id)
            if before is not None and before < window.new.closes_at:
                told.append(ToldDeadline(case_id, before, window.new.closes_at))
    return told

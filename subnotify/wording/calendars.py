"""What a calendar says of a deadline. It holds no personal link: calendars are passed on."""

from collections.abc import Sequence
from datetime import datetime

from subnotify.rules.lanes import DueKind
from subnotify.rules.terms import NoticeTerms
from subnotify.wording.clauses import clause_sentence
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.silence import is_request


def calendar_name(vendor_name: str, w: Wording) -> str:
    return w.gettext("Deadlines, subprocessors of %(vendor)s", vendor=vendor_name)


def deadline_summary(change_title: str, terms: NoticeTerms | None, w: Wording) -> str:
    """One line, as a month's view shows it."""
    if is_request(terms):
        return w.gettext("Deadline to authorise or refuse: %(change)s", change=change_title)
    return w.gettext("Deadline to object: %(change)s", change=change_title)


def deadline_description(
    closes_at: datetime,
    party: Party,
    vendor_name: str,
    terms: NoticeTerms | None,
    w: Wording,
    *,
    is_cancelled: bool = False,
) -> str:
    """Until when, under which agreement and clause, and where the answer is given."""
    last = (
        w.gettext("This deadline no longer applies.")
        if is_cancelled
        else w.gettext("To answer, open the link in our mail or letter about this notice.")
    )
    lines: Sequence[str] = (
        w.gettext("Until %(end)s.", end=w.until(closes_at)),
        w.gettext(
            "Notice %(notice)s of %(vendor)s", notice=party.notice_reference, vendor=vendor_name
        ),
        w.gettext("Agreement %(agreement)s", agreement=party.agreement_reference),
        clause_sentence(terms, w),
        last,
    )
    return "\n".join(line for line in lines if line)


def common_end_summary(kind: DueKind, change: str, cases: int, w: Wording) -> str:
    """What ends for many cases at once, as legal's calendar says it."""
    if kind is DueKind.WINDOW:
        return w.ngettext(
            "%(change)s: %(n)s window ends", "%(change)s: %(n)s windows end", cases, change=change
        )
    return w.ngettext(
        "%(change)s: the clock of %(n)s objection ends",
        "%(change)s: the clocks of %(n)s objections end",
        cases,
        change=change,
    )


def due_day_summary(change: str, cases: int, w: Wording) -> str:
    """A change that commences; without one, data of clients that is due."""
    if change:
        return w.gettext("%(change)s: planned commencement", change=change)
    return w.ngettext(
        "Data of %(n)s client is to be returned or destroyed",
        "Data of %(n)s clients is to be returned or destroyed",
        cases,
    )

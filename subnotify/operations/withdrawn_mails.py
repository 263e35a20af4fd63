"""The mail to a client whose notice announced a change that was withdrawn for everybody."""

from subnotify.operations.mail_views import MailViews
from subnotify.rules.words import Outcome
from subnotify.storage.mail_facts import CaseOfMail, NoticeOfMail
from subnotify.wording.change_facts import change_title
from subnotify.wording.language import Wording
from subnotify.wording.mail_withdrawn import WithdrawnFacts, fill_withdrawn, withdrawn_mould
from subnotify.wording.mails import MailText


def withdrawn_of_case(
    notice: NoticeOfMail, case: CaseOfMail, views: MailViews, *, language: str, link: str
) -> MailText:
    """The mail about this case of the notice, whose change was withdrawn.

    A case that the withdrawal did not end, and that has no other outcome, is one in which the
    client terminated (`rules.cases.decide`).
    """
    w = views.wording(notice, language)
    terminates, others = _may_have_terminated(case), _has_others(notice, views)
    key = (
        *("withdrawn", w.language, views.vendor_key, notice.release_id, terminates, others),
        *(views.change_keys[case.change_id], views.service_ids(notice), notice.laws),
    )
    mould = views.moulds.mould(
        key, lambda: withdrawn_mould(withdrawn_facts(notice, case, views, w), views.vendor, w)
    )
    return fill_withdrawn(mould, views.party(notice), link)


def withdrawn_facts(
    notice: NoticeOfMail, case: CaseOfMail, views: MailViews, w: Wording
) -> WithdrawnFacts:
    """What the mail, or the letter, says of this case."""
    (change,) = views.changes(notice, case.id)
    return WithdrawnFacts(
        name=(change.before or change.facts).name,
        change_title=change_title(change, w),
        may_have_terminated=_may_have_terminated(case),
        has_others=_has_others(notice, views),
    )


def _may_have_terminated(case: CaseOfMail) -> bool:
    return case.outcome in (None, Outcome.TERMINATED)


def _has_others(notice: NoticeOfMail, views: MailViews) -> bool:
    cases = views.facts.cases[notice.id]
    return any(not views.facts.changes[one.change_id].is_withdrawn for one in cases)

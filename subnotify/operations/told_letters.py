"""What letters say that tell of a change after its notice: withdrawn, postponed, more time."""

from subnotify.operations.extension_mails import extended_facts, is_about_extension, told_ends
from subnotify.operations.longer_mails import later_windows
from subnotify.operations.mail_views import MailViews
from subnotify.operations.postponed_mails import postponed_facts
from subnotify.operations.withdrawn_mails import withdrawn_facts
from subnotify.operations.write_mails import NothingToSay, proposal_of
from subnotify.rules.words import MessagePurpose
from subnotify.storage.letter_texts import LetterToWrite
from subnotify.storage.mail_facts import CaseOfMail, NoticeOfMail
from subnotify.wording.language import Wording
from subnotify.wording.letter_told import (
    Told,
    extended_told,
    longer_told,
    postponed_told,
    withdrawn_told,
)

TOLD = frozenset({MessagePurpose.WITHDRAWN, MessagePurpose.POSTPONED, MessagePurpose.WINDOW_LONGER})


def told_of(letter: LetterToWrite, notice: NoticeOfMail, views: MailViews, w: Wording) -> Told:
    """Raises NothingToSay where what it tells of is gone."""
    case = next((x for x in views.cases(notice, None) if x.id == letter.case_id), None)
    if case is None:
        return _longer(letter, notice, views, w)
    match letter.purpose:
        case MessagePurpose.WITHDRAWN if views.facts.changes[case.change_id].is_withdrawn:
            return withdrawn_told(withdrawn_facts(notice, case, views, w), w)
        case MessagePurpose.POSTPONED:
            return _postponed(letter, notice, case, views, w)
        case MessagePurpose.WINDOW_LONGER if is_about_extension(letter.logical_key):
            ends = told_ends(letter.logical_key)
            return extended_told(extended_facts(notice, case.id, ends, views, w), w)
        case _:
            raise NothingToSay(f"{letter.logical_key}: nothing to tell of the change any more")


def _postponed(
    letter: LetterToWrite, notice: NoticeOfMail, case: CaseOfMail, views: MailViews, w: Wording
) -> Told:
    facts = postponed_facts(notice, case, views, w)
    if facts is None:
        raise NothingToSay(f"{letter.logical_key}: the change has no day any more")
    return postponed_told(facts, w)


def _longer(letter: LetterToWrite, notice: NoticeOfMail, views: MailViews, w: Wording) -> Told:
    is_computed = letter.purpose is MessagePurpose.WINDOW_LONGER
    told = views.longer.get(proposal_of(letter.logical_key)) if is_computed else None
    windows = later_windows(notice, told, views, w) if told is not None else []
    if not windows:
        raise NothingToSay(f"{letter.logical_key}: no deadline became later")
    return longer_told(windows, w)

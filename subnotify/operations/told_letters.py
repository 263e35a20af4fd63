"""What letters say after a notice, to whom no mail reaches: what became of a change, and what we
say about what the client said."""

from subnotify.operations.extension_mails import extended_facts, is_about_extension, told_ends
from subnotify.operations.legal_message_mails import legal_message_of, legal_message_told
from subnotify.operations.longer_mails import later_windows
from subnotify.operations.mail_views import MailViews
from subnotify.operations.postponed_mails import postponed_facts
from subnotify.operations.step_mails import StepViews, number_of, step_facts
from subnotify.operations.withdrawn_mails import withdrawn_facts
from subnotify.operations.write_mails import (
    NothingToSay,
    closing_facts,
    is_correction,
    proposal_of,
)
from subnotify.rules.words import MessagePurpose
from subnotify.storage.letter_texts import LetterToWrite
from subnotify.storage.mail_facts import CaseOfMail, NoticeOfMail
from subnotify.wording.language import Wording
from subnotify.wording.letter_told import (
    Told,
    answer_told,
    closing_told,
    extended_told,
    longer_told,
    postponed_told,
    receipt_told,
    step_told,
    withdrawn_told,
)

TOLD = frozenset(
    {
        MessagePurpose.WITHDRAWN,
        MessagePurpose.POSTPONED,
        MessagePurpose.WINDOW_LONGER,
        MessagePurpose.CLOSING,
        MessagePurpose.OBJECTION_STEP,
        MessagePurpose.RECEIPT,
        MessagePurpose.ANSWER,
    }
)


def told_of(
    letter: LetterToWrite, notice: NoticeOfMail, views: MailViews, about: StepViews, w: Wording
) -> Told:
    """Raises NothingToSay where what it tells of is gone."""
    match letter.purpose:
        case MessagePurpose.RECEIPT | MessagePurpose.ANSWER:
            return _about_response(letter, notice, views, w)
        case MessagePurpose.OBJECTION_STEP:
            return _step(letter, notice, views, about, w)
        case MessagePurpose.CLOSING:
            return _closing(letter, notice, views, w)
        case _:
            return _about_change(letter, notice, views, w)


def _about_response(
    letter: LetterToWrite, notice: NoticeOfMail, views: MailViews, w: Wording
) -> Told:
    if legal_message_of(letter.logical_key) is not None:
        return legal_message_told(letter.logical_key, notice, views, w)
    row = views.facts.responses.get(letter.response_id or 0)
    if row is None:
        raise NothingToSay(f"{letter.logical_key} is about no response")
    response = views.response(row.id, w)
    if letter.purpose is MessagePurpose.RECEIPT:
        return receipt_told(response, w)
    if not row.answer:
        raise NothingToSay(f"{letter.logical_key}: there is no answer")
    return answer_told(response, row.answer, w, at=views.at)


def _step(
    letter: LetterToWrite, notice: NoticeOfMail, views: MailViews, about: StepViews, w: Wording
) -> Told:
    told = about.steps.get(number_of(letter.logical_key))
    if told is None or told.step.undone_at is not None:
        raise NothingToSay(f"{letter.logical_key}: the step was taken back")
    return step_told(step_facts(told, notice, views, w), w)


def _closing(letter: LetterToWrite, notice: NoticeOfMail, views: MailViews, w: Wording) -> Told:
    case = next(iter(views.cases(notice, letter.case_id or 0)), None)
    if case is None or case.outcome is None:
        raise NothingToSay(f"{letter.logical_key}: the case has no outcome any more")
    corrects = is_correction(letter.logical_key)
    return closing_told(closing_facts(case.outcome, notice, case, views, w, corrects), w)


def _about_change(
    letter: LetterToWrite, notice: NoticeOfMail, views: MailViews, w: Wording
) -> Told:
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

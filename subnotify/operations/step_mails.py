"""Writes the mails about an objection's steps, and tells legal of answers and of data due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from subnotify.operations.mail_views import MailViews
from subnotify.rules.terms_words import DataAtEnd
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import MessagePurpose
from subnotify.storage.data_returns import OwedOfMail, load_owed
from subnotify.storage.letter_texts import LetterToWrite
from subnotify.storage.mail_facts import NoticeOfMail
from subnotify.storage.objection_steps import ToldStep, load_told_steps
from subnotify.storage.outbox import OutgoingMessage
from subnotify.wording.change_facts import change_title
from subnotify.wording.data_returns import data_at_end_sentence
from subnotify.wording.language import Wording
from subnotify.wording.mail_steps import (
    ANSWERS,
    Answered,
    StepFacts,
    data_due_mail,
    proposal_answered_mail,
    step_mail,
)
from subnotify.wording.mails import MailText

DATA_ALARM = "data_alarm"
_PURPOSES = frozenset({MessagePurpose.OBJECTION_STEP, MessagePurpose.STEP_ALARM})


@dataclass(frozen=True)
class StepViews:
    """What these mails are about: steps by id, data owed by case."""

    steps: Mapping[int, ToldStep] = field(default_factory=dict)
    owed: Mapping[int, OwedOfMail] = field(default_factory=dict)


def load_step_views(
    session: Session, messages: Sequence[OutgoingMessage | LetterToWrite]
) -> StepViews:
    """What the messages of this batch are about; no query where it has none of these."""
    about = [one.logical_key for one in messages if one.purpose in _PURPOSES]
    steps = {number_of(key) for key in about if not _is_of_data(key)}
    cases = {number_of(key) for key in about if _is_of_data(key)}
    return StepViews(
        load_told_steps(session, steps) if steps else {},
        load_owed(session, cases) if cases else {},
    )


def number_of(logical_key: str) -> int:
    """The step that a message is about, or the case whose data is due: its key's second part."""
    return int(logical_key.split(":")[1])


def _is_of_data(logical_key: str) -> bool:
    return logical_key.startswith(f"{DATA_ALARM}:")


def write_told_step(
    told: ToldStep, notice: NoticeOfMail, views: MailViews, link: str, w: Wording
) -> MailText:
    """To a contact: what legal says about the objection, or what the client answered."""
    facts = step_facts(told, notice, views, w)
    return step_mail(facts, views.party(notice), views.vendor, link, w)


def step_facts(told: ToldStep, notice: NoticeOfMail, views: MailViews, w: Wording) -> StepFacts:
    """What the mail, or the letter, says of this step."""
    step = told.step
    (change,) = views.changes(notice, step.case_id)
    return StepFacts(
        kind=step.kind,
        name=(change.before or change.facts).name,
        change_title=change_title(change, w),
        text=told.proposal if step.kind in ANSWERS else step.text,
        measure=step.measure,
        accommodation_ends_at=told.accommodation_ends_at,
        answered=Answered(step.taken_by, step.counts_at or step.taken_at)
        if step.kind in ANSWERS
        else None,
    )


def write_told_legal(
    message: OutgoingMessage,
    told: StepViews,
    notice: NoticeOfMail,
    views: MailViews,
    link: str,
    w: Wording,
) -> MailText | None:
    """To legal; None where what it is about is gone, or the data was dealt with meanwhile."""
    party = views.party(notice)
    (change,) = views.changes(notice, message.case_id)
    name = (change.before or change.facts).name
    if not _is_of_data(message.logical_key):
        answered = told.steps.get(number_of(message.logical_key))
        if answered is None:
            return None
        step = answered.step
        return proposal_answered_mail(step.kind, step.taken_by, step.text, party, name, link, w)
    owed = told.owed.get(number_of(message.logical_key))
    if owed is None or owed.due_on is None:
        return None
    wanted = data_at_end_sentence(DataAtEnd(owed.choice or owed.wanted), w)
    today = views.at.astimezone(zone_of(views.vendor_time_zone)).date()
    return data_due_mail(owed.due_on, wanted, party, name, link, w, today=today)

"""The mail that reminds a client of a notice it has not answered. It changes no date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import ContactKind
from subnotify.wording.change_facts import ChangeFacts, change_title
from subnotify.wording.clauses import clause_sentence
from subnotify.wording.country_restrictions import told_silence
from subnotify.wording.deadlines import (
    answer_deadline_sentence,
    deadline_sentence,
    deadline_words,
)
from subnotify.wording.language import Wording
from subnotify.wording.mail_notice import standing_sentence
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailMould, MailText, blank, render_mail
from subnotify.wording.objections import form_sentences
from subnotify.wording.online_answers import reminder_link_sentence
from subnotify.wording.silence import is_request


@dataclass(frozen=True)
class RemindedChange:
    """A change that the client has not answered, and the exclusive end of its window."""

    change: ChangeFacts
    closes_at: datetime


@dataclass(frozen=True)
class ReminderFacts:
    """What reminders to several contacts have in common.

    changes: not empty. zone: the agreement's. has_others: the notice tells of further changes,
    that were answered or have ended.
    """

    vendor: VendorProfile
    changes: Sequence[RemindedChange]
    terms: NoticeTerms | None
    zone: str
    contact_kind: ContactKind
    has_others: bool = False


def reminder_mould(facts: ReminderFacts, w: Wording) -> MailMould:
    """The reminder in this language, with blanks for what `fill_reminder` puts in."""
    number, asks = len(facts.changes), is_request(facts.terms)
    address = f"{facts.vendor.name}\n{facts.vendor.address}" if facts.vendor.address else ""
    return MailMould(
        render_mail(
            "reminder",
            w,
            thread_subject=blank("thread_subject"),
            client_name=blank("client_name"),
            agreement_reference=blank("agreement_reference"),
            reference=blank("reference"),
            link=blank("link"),
            vendor=facts.vendor,
            is_request=asks,
            title=w.ngettext(
                "Reminder of a change of subprocessor",
                "Reminder of changes of subprocessors",
                number,
            ),
            standing=_standing(facts, w),
            lead=w.ngettext(
                "We have no answer from you yet to this change, of which we gave you notice:",
                "We have no answer from you yet to these changes, of which we gave you notice:",
                number,
            ),
            titles=[change_title(one.change, w) for one in facts.changes],
            others=w.gettext("This reminder is not about the other changes of the notice.")
            if facts.has_others
            else "",
            deadline=_deadline(facts, w),
            silence=told_silence(facts.terms, [one.change.blocked for one in facts.changes], w),
            clause=clause_sentence(facts.terms, w),
            link_sentence=reminder_link_sentence(facts.terms, w),
            form=() if asks else form_sentences(facts.terms, w, address=address),
        )
    )


def fill_reminder(mould: MailMould, party: Party, link: str, *, subject: str) -> MailText:
    """The reminder to one contact. subject: of the notice mail that it got; the reminder says
    "Re:" and the same, as mail programs keep a thread together by it."""
    return mould.fill(**party.values, link=link, thread_subject=subject)


def _standing(facts: ReminderFacts, w: Wording) -> str:
    if facts.contact_kind is ContactKind.NOTICE:
        return ""
    return standing_sentence(facts.contact_kind, "", w)


def _deadline(facts: ReminderFacts, w: Wording) -> tuple[str, ...]:
    ends = {one.closes_at for one in facts.changes}
    if len(ends) == 1:
        told = answer_deadline_sentence if is_request(facts.terms) else deadline_sentence
        return (told(ends.pop(), facts.zone, w),)
    return tuple(
        w.gettext(
            "%(name)s: %(until)s.",
            name=one.change.facts.name,
            until=deadline_words(one.closes_at, facts.zone, w),
        )
        for one in sorted(facts.changes, key=lambda one: one.closes_at)
    )

"""The letter by which a client objects, ready to print and sign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import DataAtEnd, TakesEffect, TerminationScope, TimelyWhen
from subnotify.wording.language import Wording
from subnotify.wording.objections import objection_is_termination


@dataclass(frozen=True)
class LetterFacts:
    """sender_name, sender_role: who signs. recipient_lines: name and postal address of the vendor.

    written_on None: the day is left open, too.
    services: names of the services terminated. response_reference: of the objection made online,
    "" without one. change_sentence: as `changes.change_sentence` says it.
    """

    client_name: str
    sender_name: str
    sender_role: str
    recipient_lines: Sequence[str]
    agreement_reference: str
    notice_reference: str
    response_reference: str
    change_sentence: str
    services: Sequence[str]
    terms: NoticeTerms | None
    notice_received_on: date | None
    last_day: date | None
    written_on: date | None


@dataclass(frozen=True)
class Letter:
    """place_and_date has a blank for the place. paragraphs end with the closing formula."""

    sender_lines: tuple[str, ...]
    recipient_lines: tuple[str, ...]
    delivery: str
    place_and_date: str
    subject: str
    references: tuple[str, ...]
    salutation: str
    paragraphs: tuple[str, ...]
    signature_lines: tuple[str, ...]
    note: str


def objection_letter(facts: LetterFacts, w: Wording) -> Letter:
    """The letter under these terms: a termination where objecting means that, else an objection."""
    terminates = objection_is_termination(facts.terms)
    return Letter(
        sender_lines=(facts.client_name, facts.sender_name, facts.sender_role),
        recipient_lines=tuple(facts.recipient_lines),
        delivery=w.gettext("Registered letter with acknowledgement of receipt"),
        place_and_date=_place_and_date(facts, w),
        subject=_subject(facts, terminates, w),
        references=_references(facts, w),
        salutation=w.gettext("Dear Sir or Madam,"),
        paragraphs=_paragraphs(facts, terminates, w),
        signature_lines=(facts.sender_name, facts.sender_role, w.gettext("Signature:")),
        note=_note(facts, w),
    )


def _place_and_date(facts: LetterFacts, w: Wording) -> str:
    if facts.written_on is None:
        return w.gettext("…………………………, date ……………………")
    return w.gettext("……………………, %(day)s", day=w.date(facts.written_on))


def _subject(facts: LetterFacts, terminates: bool, w: Wording) -> str:
    services = w.listed(facts.services)
    if not terminates:
        return w.gettext("Subject: objection to a change of subprocessor")
    whole = _whole(facts, w)
    if whole is not None:
        return whole.subject
    if not services:
        return w.gettext("Subject: termination of the services concerned")
    return w.ngettext(
        "Subject: termination of the service %(services)s",
        "Subject: termination of the services %(services)s",
        len(facts.services),
        services=services,
    )


def _references(facts: LetterFacts, w: Wording) -> tuple[str, ...]:
    lines = [
        w.gettext("Agreement: %(reference)s", reference=facts.agreement_reference),
        w.gettext("Your notice: %(reference)s", reference=facts.notice_reference),
    ]
    if facts.response_reference:
        lines.append(
            w.gettext("Objection entered online: %(reference)s", reference=facts.response_reference)
        )
    return tuple(lines)


def _paragraphs(facts: LetterFacts, terminates: bool, w: Wording) -> tuple[str, ...]:
    clause = facts.terms.provenance.clause if facts.terms is not None else ""
    paragraphs = [_opening(facts, w)]
    if terminates:
        paragraphs.append(_termination(facts, w))
    else:
        paragraphs.append(w.gettext("We object to this change."))
    if clause:
        paragraphs.append(w.gettext("Basis: our agreement, %(clause)s.", clause=clause))
    if terminates:
        paragraphs += _effects(facts, w)
    paragraphs.append(
        w.gettext("Please confirm receipt of this letter and the date of its effect.")
    )
    paragraphs.append(w.gettext("Yours faithfully,"))
    return tuple(paragraphs)


def _opening(facts: LetterFacts, w: Wording) -> str:
    if facts.notice_received_on is None:
        return w.gettext(
            "You have informed us of this change of subprocessors: %(change)s.",
            change=facts.change_sentence,
        )
    return w.gettext(
        "By your notice received on %(day)s you informed us of this change of subprocessors:"
        " %(change)s.",
        day=w.date(facts.notice_received_on),
        change=facts.change_sentence,
    )


@dataclass(frozen=True)
class _Whole:
    """A termination of more than single services."""

    subject: str
    act: str


def _whole(facts: LetterFacts, w: Wording) -> _Whole | None:
    """What ends under these terms where it is not the services by name."""
    match facts.terms.termination.scope if facts.terms is not None else None:
        case TerminationScope.AGREEMENT:
            return _Whole(
                w.gettext("Subject: termination of the agreement"),
                w.gettext("We object to this change and hereby terminate our agreement."),
            )
        case TerminationScope.ADDENDUM:
            return _Whole(
                w.gettext("Subject: termination of the addendum"),
                w.gettext("We object to this change and hereby terminate the addendum."),
            )
        case TerminationScope.SUITE:
            return _Whole(
                w.gettext("Subject: termination of the suite of services concerned"),
                w.gettext(
                    "We object to this change and hereby terminate the whole suite of services"
                    " concerned."
                ),
            )
        case _:
            return None


def _termination(facts: LetterFacts, w: Wording) -> str:
    whole = _whole(facts, w)
    if whole is not None:
        return whole.act
    if not facts.services:
        return w.gettext(
            "We object to this change and hereby terminate the services that it concerns."
        )
    return w.ngettext(
        "We object to this change and hereby terminate the service %(services)s.",
        "We object to this change and hereby terminate the services %(services)s.",
        len(facts.services),
        services=w.listed(facts.services),
    )


def _effects(facts: LetterFacts, w: Wording) -> list[str]:
    if facts.terms is None:
        return []
    termination = facts.terms.termination
    sentences = []
    if termination.takes_effect is TakesEffect.AT_WINDOW_CLOSE and facts.last_day is not None:
        sentences.append(
            w.gettext(
                "The termination takes effect when the objection period ends, at the end of"
                " %(day)s.",
                day=w.date(facts.last_day),
            )
        )
    elif termination.takes_effect is TakesEffect.AT_WINDOW_CLOSE:
        sentences.append(w.gettext("The termination takes effect when the objection period ends."))
    if termination.data is DataAtEnd.DESTROY:
        sentences.append(
            w.gettext(
                "Please destroy the data you process for us under these services at their end, and"
                " confirm it in writing."
            )
        )
    return sentences


def _note(facts: LetterFacts, w: Wording) -> str:
    """Above the letter, not part of it."""
    decides = facts.terms.objection_timely_when if facts.terms else TimelyWhen.UNSPECIFIED
    if facts.last_day is None and decides is TimelyWhen.DISPATCHED:
        return w.gettext("Print, sign and send it as a registered letter before the period ends.")
    if facts.last_day is None:
        return w.gettext(
            "Print, sign and send it as a registered letter, early enough to arrive before the"
            " period ends. Keep the proof of posting."
        )
    day = w.date(facts.last_day, "weekday")
    match decides:
        case TimelyWhen.DISPATCHED:
            return w.gettext(
                "Print, sign and send it as a registered letter by %(day)s. Keep the proof of"
                " posting.",
                day=day,
            )
        case TimelyWhen.RECEIVED:
            return w.gettext(
                "Print, sign and send it as a registered letter, early enough to arrive by"
                " %(day)s: the day of arrival decides. Keep the proof of posting.",
                day=day,
            )
        case TimelyWhen.UNSPECIFIED:
            return w.gettext(
                "Print, sign and send it as a registered letter by %(day)s, so early that it"
                " arrives by then, too. Keep the proof of posting.",
                day=day,
            )

"""Until when a client may object: as a date, or how the date will be computed."""

from dataclasses import replace
from datetime import datetime

from subnotify.rules.letter_counts import LetterWay, letter_count
from subnotify.rules.notice_rules import all_variants
from subnotify.rules.steps import StepKind
from subnotify.rules.terms import NoticeTerms, Period
from subnotify.rules.terms_checks import has_window, not_computable
from subnotify.rules.terms_words import Closes, RunsFrom, ServedWhen
from subnotify.rules.windows import Window
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason
from subnotify.wording.periods import period_words as period_words
from subnotify.wording.receipt_terms import (
    client_receipt_sentence,
    ladder_receipt_sentence,
    letter_receipt_sentence,
)


def deadline_words(closes_at: datetime, zone: str, w: Wording) -> str:
    """ "until Monday 22 June 2026, 24:00 (Europe/Paris)", in the agreement's zone."""
    return w.gettext("until %(until)s", until=w.in_zone(zone).until(closes_at))


def deadline_sentence(closes_at: datetime, zone: str, w: Wording) -> str:
    """ "You can object until Monday 22 June 2026, 24:00 (Europe/Paris)."."""
    return w.gettext("You can object until %(until)s.", until=w.in_zone(zone).until(closes_at))


def answer_deadline_sentence(closes_at: datetime, zone: str, w: Wording) -> str:
    """The same where the agreement needs the client's authorisation."""
    return w.gettext("You can answer until %(until)s.", until=w.in_zone(zone).until(closes_at))


def days_left_words(closes_at: datetime, zone: str, w: Wording, *, at: datetime) -> str:
    """ "3 days left", "last day today", "deadline passed"."""
    days = w.in_zone(zone).days_left(closes_at, at=at)
    if days < 0:
        return w.gettext("deadline passed")
    if days == 0:
        return w.gettext("last day today")
    return w.ngettext("%(num)s day left", "%(num)s days left", days, num=w.number(days))


def expected_deadline_sentences(
    terms: NoticeTerms | None,
    example: Window | None,
    w: Wording,
    *,
    letter: LetterWay | None = None,
    elsewhere: bool = False,
) -> tuple[str, ...]:
    """How the deadline will be computed while the notice is not served yet.

    example: the window that would run if the notice were served now (its first step gives the
    day, which the sentence names: a mail keeps it for ever). None where it cannot be computed.
    letter: on which this is said to a notice contact, told how this very letter counts. Nobody
    receives a letter on the day it is written: it names no example. elsewhere: this is said
    of that letter where its reader does not hold it in hand.
    """
    if terms is None:
        return (
            w.gettext("We have no notice terms of your agreement on record."),
            w.gettext("So no deadline runs yet, and you can object at any time."),
        )
    if not has_window(terms):
        return (w.gettext("Your agreement authorises such changes: you are informed of this one."),)
    reason = not_computable(terms)
    if reason is not None:
        return (
            w.gettext(
                "The end of the objection period cannot be computed from your agreement:"
                " %(reason)s.",
                reason=not_computable_reason(reason, w),
            ),
            w.gettext("Until a person has settled it, nothing is concluded from silence."),
        )
    if letter is None:
        sentences = [*_start_sentences(terms, w), *_served_sentences(terms, w)]
    else:
        sentences = _letter_sentences(terms, letter, w, elsewhere)
    if example is not None and letter is None:
        sentences.append(_example_sentence(example, w))
    return tuple(sentences)


def former_window_sentences(terms: NoticeTerms | None, w: Wording) -> tuple[str, ...]:
    """Where the page, a reminder or an earlier notice told the end of a window that runs no longer,
    as the notice came back."""
    void = w.gettext("The end of the period that we told you before no longer holds.")
    if terms is None or not_computable(terms) is not None:
        return (void,)
    return (void, w.gettext("The period runs anew, and does not end earlier than we told you."))


def expected_deadline_short(terms: NoticeTerms | None, w: Wording) -> str:
    """For a subject line or a table: "within 15 days from receipt"; "" where not computable, and
    where it depends on the change."""
    if terms is None or not has_window(terms) or not_computable(terms) is not None:
        return ""
    said = {within_words(variant, w) for variant in _variants(terms)}
    return said.pop() if len(said) == 1 else ""


def _variants(terms: NoticeTerms) -> list[NoticeTerms]:
    """The terms under each of their rules that opens a window."""
    return [variant for variant in all_variants(terms) if variant.changes_covered]


def within_words(terms: NoticeTerms, w: Wording) -> str:
    """ "within 15 days from receipt", "until the change takes effect".

    Of terms without notice rules; "" where they state no period that the window needs.
    """
    if terms.closes is Closes.COMMENCEMENT:
        return w.gettext("until the change takes effect")
    at_lead = terms.closes is Closes.END_OF_LEAD_TIME
    stated = terms.lead_time if at_lead else terms.objection_period
    if stated is None:
        return ""
    period = period_words(stated, w)
    match terms.trigger:
        case RunsFrom.DISPATCH:
            return w.gettext("within %(period)s from dispatch", period=period)
        case RunsFrom.PUBLICATION:
            return w.gettext("within %(period)s from publication of the list", period=period)
        case RunsFrom.COMMENCEMENT_BACKWARD if not at_lead:
            return w.gettext("until %(period)s before the change takes effect", period=period)
        case RunsFrom.COMMENCEMENT_BACKWARD:
            return w.gettext("within %(period)s from dispatch", period=period)
        case _:
            return w.gettext("within %(period)s from receipt", period=period)


def _start_sentences(terms: NoticeTerms, w: Wording) -> list[str]:
    variants = _variants(terms)
    said = list(dict.fromkeys(within_words(variant, w) for variant in variants))
    if len(said) == 1:
        sentences = [_start_sentence(variants[0], w)]
    else:
        sentences = [
            w.gettext(
                "How long you can object depends on the change: %(periods)s.",
                periods=w.listed(said, "or"),
            )
        ]
    if terms.runs_from is RunsFrom.UNSPECIFIED and any(map(_runs_forward, variants)):
        sentences.append(_assumption(terms, w))
    return sentences


def _runs_forward(terms: NoticeTerms) -> bool:
    return terms.closes is not Closes.COMMENCEMENT


def _start_sentence(terms: NoticeTerms, w: Wording) -> str:
    within = within_words(terms, w)
    if terms.closes is Closes.END_OF_LEAD_TIME:
        return w.gettext(
            "You can object as long as the lead time before the change runs: %(within)s.",
            within=within,
        )
    period: Period | None = terms.objection_period if terms.closes is Closes.PERIOD else None
    if period is not None and terms.trigger is RunsFrom.RECEIPT:
        return w.gettext(
            "You can object within %(period)s from receipt of this notice.",
            period=period_words(period, w),
        )
    if period is not None and terms.trigger is RunsFrom.DISPATCH:
        return w.gettext(
            "You can object within %(period)s from the sending of this notice.",
            period=period_words(period, w),
        )
    return w.gettext("You can object %(within)s.", within=within)


def _assumption(terms: NoticeTerms, w: Wording) -> str:
    """What is taken where the agreement leaves open from when the period runs."""
    if terms.assumes_trigger:
        return w.gettext(
            "Your agreement does not say from when the period runs: we count it from receipt, the"
            " latest of the possible readings."
        )
    match terms.trigger:
        case RunsFrom.DISPATCH:
            return w.gettext(
                "Your agreement does not say from when the period runs: we read it as running from"
                " dispatch."
            )
        case RunsFrom.PUBLICATION:
            return w.gettext(
                "Your agreement does not say from when the period runs: we read it as running from"
                " publication of the list."
            )
        case RunsFrom.COMMENCEMENT_BACKWARD:
            return w.gettext(
                "Your agreement does not say from when the period runs: we read it as counted back"
                " from the day of the change."
            )
        case _:
            return w.gettext(
                "Your agreement does not say from when the period runs: we read it as running from"
                " receipt."
            )


def _letter_sentences(
    terms: NoticeTerms, letter: LetterWay, w: Wording, elsewhere: bool
) -> list[str]:
    """By the rules of `rules.deliveries`: how this letter counts, not only what the terms say."""
    count = letter_count(terms, letter)
    if count.is_beside_terms:
        terms = _from_receipt(terms)
    if letter.is_fallback and terms.waits_for_receipt:
        receipt = ladder_receipt_sentence(count, w, elsewhere=elsewhere)
    elif terms.deemed_receipt is not None:
        receipt = client_receipt_sentence(terms, w)
    else:
        receipt = letter_receipt_sentence(count, w)
    return [*_start_sentences(terms, w), *_served_sentences(terms, w, receipt)]


def _from_receipt(terms: NoticeTerms) -> NoticeTerms:
    """The terms for what counts from its receipt whatever they say; what is counted back from
    the change stays so."""
    terms = replace(terms, deemed_receipt=None)
    if terms.trigger is RunsFrom.COMMENCEMENT_BACKWARD or terms.assumes_trigger:
        return terms
    return replace(terms, runs_from=RunsFrom.RECEIPT)


def _served_sentences(terms: NoticeTerms, w: Wording, receipt: str | None = None) -> list[str]:
    """receipt: when the notice counts as received, where it is not for the terms alone to say."""
    if terms.trigger is not RunsFrom.RECEIPT or not any(map(_runs_forward, _variants(terms))):
        return []
    if receipt is None:
        receipt = client_receipt_sentence(terms, w)
    sentences = [receipt] if receipt else []
    if terms.served_when is ServedWhen.EVERY:
        sentences.append(
            w.gettext("Where several contacts are designated, the latest receipt counts.")
        )
    return sentences


def _example_sentence(example: Window, w: Wording) -> str:
    told = w.in_zone(example.time_zone)
    day = w.date(example.steps[0].day, "weekday")
    until = told.until(example.closes_at)
    match example.steps[0].kind:
        case StepKind.RECEIVED | StepKind.DEEMED_RECEIVED:
            return w.gettext(
                "For a notice received on %(day)s, the period ends on %(until)s.",
                day=day,
                until=until,
            )
        case StepKind.PUBLISHED:
            return w.gettext(
                "For a list published on %(day)s, the period ends on %(until)s.",
                day=day,
                until=until,
            )
        case _:
            return w.gettext(
                "For a notice sent on %(day)s, the period ends on %(until)s.", day=day, until=until
            )

"""Until when a client may object: as a date, or how the date will be computed."""

from datetime import datetime

from subnotify.rules.terms import NoticeTerms, Period
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import RunsFrom, ServedWhen, Unit
from subnotify.rules.windows import Window
from subnotify.rules.words import ProofKind
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason


def deadline_words(closes_at: datetime, zone: str, w: Wording) -> str:
    """ "until Monday 22 June 2026, 24:00 (Europe/Paris)", in the agreement's zone."""
    return w.gettext("until %(until)s", until=w.in_zone(zone).until(closes_at))


def deadline_sentence(closes_at: datetime, zone: str, w: Wording) -> str:
    """ "You can object until Monday 22 June 2026, 24:00 (Europe/Paris)."."""
    return w.gettext("You can object until %(until)s.", until=w.in_zone(zone).until(closes_at))


def days_left_words(closes_at: datetime, zone: str, w: Wording, *, at: datetime) -> str:
    """ "3 days left", "last day today", "deadline passed"."""
    days = w.in_zone(zone).days_left(closes_at, at=at)
    if days < 0:
        return w.gettext("deadline passed")
    if days == 0:
        return w.gettext("last day today")
    return w.ngettext("%(num)s day left", "%(num)s days left", days, num=w.number(days))


def expected_deadline_sentences(
    terms: NoticeTerms | None, example: Window | None, w: Wording
) -> tuple[str, ...]:
    """How the deadline will be computed while the notice is not served yet.

    example: the window that would run if the notice were served now (its first step gives the
    day, which the sentence names: a mail keeps it for ever). None where it cannot be computed.
    """
    if terms is None:
        return (
            w.gettext("We have no notice terms of your agreement on record."),
            w.gettext("So no deadline runs yet, and you can object at any time."),
        )
    reason = not_computable(terms)
    if reason is not None or terms.objection_period is None:
        reason = reason or "no_objection_period"
        return (
            w.gettext(
                "The end of the objection period cannot be computed from your agreement:"
                " %(reason)s.",
                reason=not_computable_reason(reason, w),
            ),
            w.gettext("Until a person has settled it, nothing is concluded from silence."),
        )
    sentences = [_start_sentence(terms, terms.objection_period, w), *_served_sentences(terms, w)]
    if example is not None:
        sentences.append(_example_sentence(terms, example, w))
    return tuple(sentences)


def expected_deadline_short(terms: NoticeTerms | None, w: Wording) -> str:
    """For a subject line or a table: "within 15 days from receipt"; "" where not computable."""
    if terms is None or not_computable(terms) is not None or terms.objection_period is None:
        return ""
    period = period_words(terms.objection_period, w)
    if terms.runs_from is RunsFrom.RECEIPT:
        return w.gettext("within %(period)s from receipt", period=period)
    return w.gettext("within %(period)s from dispatch", period=period)


def period_words(period: Period, w: Wording) -> str:
    """ "15 days", "1 month"."""
    n = period.number
    match period.unit:
        case Unit.HOURS:
            return w.ngettext("%(n)s hour", "%(n)s hours", n)
        case Unit.DAYS:
            return w.ngettext("%(n)s day", "%(n)s days", n)
        case Unit.BUSINESS_DAYS:
            return w.ngettext("%(n)s business day", "%(n)s business days", n)
        case Unit.JOURS_OUVRABLES:
            return w.ngettext(
                "%(n)s working day (Monday to Saturday)",
                "%(n)s working days (Monday to Saturday)",
                n,
            )
        case Unit.WEEKS:
            return w.ngettext("%(n)s week", "%(n)s weeks", n)
        case Unit.MONTHS:
            return w.ngettext("%(n)s month", "%(n)s months", n)
        case Unit.YEARS:
            return w.ngettext("%(n)s year", "%(n)s years", n)


def receipt_sentence(proofs: frozenset[ProofKind], w: Wording) -> str:
    """What proves receipt under the terms; "" where nobody has chosen it yet."""
    ways = {
        ProofKind.RECIPIENT_SERVER: w.gettext("your mail server accepts it"),
        ProofKind.ACKNOWLEDGEMENT: w.gettext("you acknowledge receipt through your personal link"),
        ProofKind.REGISTERED_DELIVERY: w.gettext("registered post delivers it to you"),
    }
    named = [words for kind, words in ways.items() if kind in proofs]
    if not named:
        return ""
    return w.gettext("It counts as received when %(ways)s.", ways=w.listed(named, "or"))


def _start_sentence(terms: NoticeTerms, period: Period, w: Wording) -> str:
    if terms.runs_from is RunsFrom.RECEIPT:
        return w.gettext(
            "You can object within %(period)s from receipt of this notice.",
            period=period_words(period, w),
        )
    return w.gettext(
        "You can object within %(period)s from the sending of this notice.",
        period=period_words(period, w),
    )


def _served_sentences(terms: NoticeTerms, w: Wording) -> list[str]:
    if terms.runs_from is not RunsFrom.RECEIPT:
        return []
    sentences = [receipt_sentence(terms.proof_of_receipt, w)]
    if terms.served_when is ServedWhen.EVERY:
        sentences.append(
            w.gettext("Where several contacts are designated, the latest receipt counts.")
        )
    return sentences


def _example_sentence(terms: NoticeTerms, example: Window, w: Wording) -> str:
    told = w.in_zone(example.time_zone)
    day = w.date(example.steps[0].day, "weekday")
    until = told.until(example.closes_at)
    if terms.runs_from is RunsFrom.RECEIPT:
        return w.gettext(
            "For a notice received on %(day)s, the period ends on %(until)s.", day=day, until=until
        )
    return w.gettext(
        "For a notice sent on %(day)s, the period ends on %(until)s.", day=day, until=until
    )

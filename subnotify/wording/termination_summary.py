"""What the person who may sign a termination must know, where objecting is terminating."""

from collections.abc import Sequence
from datetime import date, datetime

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import TakesEffect, TimelyWhen
from subnotify.wording.language import Wording
from subnotify.wording.objections import needs_registered_post
from subnotify.wording.terminations import termination_sentences

Row = tuple[str, Sequence[str]]


def consequence_rows(
    terms: NoticeTerms,
    services: Sequence[str],
    w: Wording,
    *,
    closes_at: datetime | None,
    commencement_on: date | None,
) -> tuple[Row, ...]:
    """What it ends, from when on, what it costs, and what becomes of the data."""
    _, effect, costs, *data = termination_sentences(terms, services, w)
    day = _effect_day(terms, w, closes_at=closes_at, commencement_on=commencement_on)
    rows: list[Row] = [
        (w.gettext("Services that end"), list(services)),
        (w.gettext("Takes effect"), [line for line in (day, effect) if line]),
        (w.gettext("Costs"), [costs]),
    ]
    return (*rows, *((w.gettext("Data"), [said]) for said in data))


def day_rows(terms: NoticeTerms, closes_at: datetime, w: Wording) -> tuple[Row, ...]:
    """The last day of posting and the last day of arrival, as far as the terms set them."""
    last = w.last_day_words(closes_at, "weekday")
    if not needs_registered_post(terms):
        return ((w.gettext("Last day to object"), [w.until(closes_at)]),)
    posted, arrived = w.gettext("Last posting day"), w.gettext("Last day to arrive")
    match terms.objection_timely_when:
        case TimelyWhen.DISPATCHED:
            return (
                (posted, [last]),
                (arrived, [w.gettext("None is set: the day of posting decides.")]),
            )
        case TimelyWhen.RECEIVED:
            early = w.gettext("Early enough to arrive in time: the day of arrival decides.")
            return (posted, [early]), (arrived, [last])
        case TimelyWhen.UNSPECIFIED:
            unsaid = w.gettext(
                "Your agreement does not say whether posting or arrival decides: post it so early"
                " that it arrives in time, too."
            )
            return (posted, [last, unsaid]), (arrived, [last])


def _effect_day(
    terms: NoticeTerms, w: Wording, *, closes_at: datetime | None, commencement_on: date | None
) -> str:
    """The day, where the terms fix it and it is known."""
    match terms.termination.takes_effect:
        case TakesEffect.AT_WINDOW_CLOSE if closes_at is not None:
            last = w.last_day_words(closes_at, "weekday")
            return w.gettext("At the end of %(day)s.", day=last)
        case TakesEffect.AT_COMMENCEMENT if commencement_on is not None:
            return w.gettext("On %(day)s.", day=w.date(commencement_on, "weekday"))
        case _:
            return ""

"""What a date derived from notice terms rests on, or why there is none, as sentences."""

from collections.abc import Mapping
from datetime import date

from subnotify.rules.errors import N_
from subnotify.rules.notice_dates import Assumption, Basis, LeadTimeDates
from subnotify.rules.objection_clocks import ObjectionClocks
from subnotify.rules.steps import TimeLimit
from subnotify.rules.terms import NoticeTerms
from subnotify.wording.language import Wording
from subnotify.wording.not_computable import not_computable_reason
from subnotify.wording.objection_timeline import limit_steps

_SENTENCES: Mapping[Basis, str] = {
    Basis.TRIGGER_UNSPECIFIED: N_(
        "The terms do not say from when the window runs: receipt is taken, the latest they can"
        " mean."
    ),
    Basis.RECEIVED_NOT_GIVEN: N_(
        "No receipt is given: the notice is taken to be received when it was dispatched."
    ),
    Basis.PUBLISHED_NOT_GIVEN: N_(
        "No publication is given: the list is taken to be published when the notice was dispatched."
    ),
    Basis.RECEIPT_DEEMED: N_(
        "The terms say when the notice counts as received, whatever happened to it."
    ),
    Basis.PRESENTED_AS_RECEIVED: N_(
        "The notice counts as received when it is first presented: that is taken to be the receipt"
        " given."
    ),
    Basis.PROOF_NOT_CHOSEN: N_(
        "Nobody has chosen yet what proves receipt: a real case waits for that choice."
    ),
    Basis.OTHER_CHANNEL: N_(
        "The terms ask for a channel other than email: the date holds for a notice given by it."
    ),
    Basis.COMMENCEMENT_FOR: N_("The day that the lead time goes before is taken as commencement."),
    Basis.SENT_AND_RECEIVED: N_(
        "A notice sent on the latest day must be received on that day, too."
    ),
    Basis.CONTESTED: N_("Authorities differ: this is the latest of the readings."),
    Basis.NO_WINDOW: N_("The client is informed only: no window opens."),
    Basis.TIMELY_UNSPECIFIED: N_(
        "The terms do not say whether dispatch or receipt of an objection decides: it is judged by"
        " its receipt here, and a late one goes to a person."
    ),
    Basis.FROM_OBJECTION: N_("Counted from the day the objection reached the vendor."),
    Basis.FROM_ACCOMMODATION: N_("Counted from the end of the time for a solution."),
    Basis.OBJECTION_TERMINATES: N_("Objecting is terminating: the objection window is the limit."),
    Basis.NOT_BEFORE_OTHERS: N_(
        "Never before the time for a solution and the time for terminating have ended."
    ),
    Basis.DECLARED_LAST_DAY: N_("The client is taken to terminate on the last day it may."),
    Basis.DECLARED_UNRESOLVED: N_(
        "The termination is taken to be declared when the time for a solution has ended."
    ),
    Basis.DECLARED_WITH_OBJECTION: N_(
        "The termination is taken to be declared together with the objection."
    ),
    Basis.FROM_NOTICE_OF_CHANGE: N_(
        "The longest time until the client's day is counted from the notice of the change."
    ),
    Basis.FIRST_DAY_WITHOUT: N_("It is the first day without the services."),
    Basis.FROM_EFFECT: N_("Counted from the first day without the services."),
    Basis.FROM_LATEST_END: N_("Counted from the latest day on which the services may end."),
    Basis.NO_END: N_("The day on which the services end is not known."),
    Basis.NOT_STATED: N_("The terms do not say."),
    Basis.NO_COMMENCEMENT: N_("No day of commencement is given."),
    Basis.NOON: N_("A day without an hour stands for its noon in the agreement's zone."),
    Basis.NO_OBJECTION: N_("It runs from an objection, and none is given."),
}
_FROM = {
    "dispatch": N_("The lead time is counted from the dispatch of the notice."),
    "receipt": N_("The lead time is counted from the receipt of the notice."),
    "publication": N_("The lead time is counted from the publication of the list."),
}


def lead_sentences(lead: LeadTimeDates, terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """How the last day for the notice was counted back; nothing without one."""
    if lead.limit is None or lead.before_on is None:
        return ()
    before = w.gettext(
        "The change is announced to take effect on %(day)s.",
        day=w.date(lead.before_on, "weekday"),
    )
    return limit_steps(lead.limit, terms, before, w)


def clock_sentences(
    limit: TimeLimit | None, clocks: ObjectionClocks | None, terms: NoticeTerms, w: Wording
) -> tuple[str, ...]:
    """How a clock that an objection started was counted; nothing while none runs."""
    if limit is None or clocks is None:
        return ()
    if limit is clocks.exercise and clocks.accommodation is not None:
        event = w.gettext(
            "The time to find a way ends on %(until)s.",
            until=w.until(clocks.accommodation.latest.ends_at),
        )
    else:
        event = w.gettext(
            "The objection reached us on %(instant)s.", instant=w.date_time(clocks.received_at)
        )
    return limit_steps(limit, terms, event, w)


def assumption_sentence(assumption: Assumption, w: Wording) -> str:
    """One sentence, with its full stop."""
    params = dict(assumption.params)
    match assumption.code:
        case Basis.READING:
            return w.gettext(
                "“%(field)s” is read as “%(value)s” by %(by)s on %(on)s: %(why)s",
                **{**params, "on": w.date(date.fromisoformat(params["on"]))},
            )
        case Basis.LEAD_FROM:
            return w.gettext(_FROM[params["trigger"]])
        case Basis.TOO_LATE:
            day = w.date(date.fromisoformat(params["last_day"]), "weekday")
            return w.gettext(
                "The window would have ended on %(day)s, before the notice was given.", day=day
            )
        case Basis.NOT_COMPUTABLE:
            reason = not_computable_reason(params["reason"], w)
            return w.gettext("The date cannot be computed: %(reason)s.", reason=reason)
        case _:
            return w.gettext(_SENTENCES[assumption.code])

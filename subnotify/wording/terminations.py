"""What a termination under the terms means, told to the client."""

from collections.abc import Sequence
from datetime import date

from subnotify.rules.objection_clocks import data_due_on
from subnotify.rules.terms import NoticeTerms, Period, Termination
from subnotify.rules.terms_words import (
    DataAtEnd,
    FinancialEffect,
    TakesEffect,
    TerminationScope,
)
from subnotify.wording.language import Wording
from subnotify.wording.periods import period_words


def termination_sentences(
    terms: NoticeTerms, services: Sequence[str], w: Wording
) -> tuple[str, ...]:
    """What the client must know before it objects where objecting is terminating."""
    return (_scope(terms.termination.scope, services, w), *_consequences(terms.termination, w))


def may_terminate_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """Until when the client may terminate after an objection that stays unresolved, and what
    follows then."""
    termination = terms.termination
    within = termination.exercise_within
    sentences = [_what_may_end(termination.scope, w)]
    if within is not None and terms.accommodation_period is not None:
        sentences.append(
            w.gettext(
                "You can do so within %(period)s after that time.", period=period_words(within, w)
            )
        )
    elif within is not None:
        sentences.append(
            w.gettext(
                "You can do so within %(period)s from our receipt of your objection.",
                period=period_words(within, w),
            )
        )
    return (*sentences, *_consequences(termination, w))


def after_termination_sentences(
    terms: NoticeTerms, ended_on: date | None, w: Wording
) -> tuple[str, ...]:
    """What a termination costs and what becomes of the data, once it is in effect. ended_on: the
    first day without the services, from which the day for the data is counted."""
    termination = terms.termination
    due_on = data_due_on(terms, ended_on) if ended_on else None
    due = w.gettext("That is due by %(day)s.", day=w.date(due_on, "weekday")) if due_on else ""
    costs = _costs(termination.financial_effect, w)
    data = _data(termination.data, termination.data_days, w)
    silent = termination.financial_effect is FinancialEffect.UNSPECIFIED
    return tuple(x for x in ("" if silent else costs, data, due if data else "") if x)


def _consequences(termination: Termination, w: Wording) -> tuple[str, ...]:
    found = (
        _takes_effect(termination.takes_effect, termination.effect_period, w),
        _costs(termination.financial_effect, w),
        _data(termination.data, termination.data_days, w),
    )
    return tuple(sentence for sentence in found if sentence)


def _scope(scope: TerminationScope, services: Sequence[str], w: Wording) -> str:
    match scope:
        case TerminationScope.SUITE:
            return w.gettext("Objecting means terminating the whole suite of services concerned.")
        case TerminationScope.AGREEMENT:
            return w.gettext("Objecting means terminating your agreement.")
        case TerminationScope.ADDENDUM:
            return w.gettext("Objecting means terminating the addendum.")
        case TerminationScope.SERVICE_OR_AGREEMENT:
            return w.gettext(
                "Objecting means terminating the services concerned or, if you choose, your"
                " agreement."
            )
        case TerminationScope.SERVICE | TerminationScope.UNSPECIFIED:
            if not services:
                return w.gettext("Objecting means terminating the services concerned.")
            return w.ngettext(
                "Objecting means terminating the service %(services)s.",
                "Objecting means terminating the services %(services)s.",
                len(services),
                services=w.listed(services),
            )


def _what_may_end(scope: TerminationScope, w: Wording) -> str:
    match scope:
        case TerminationScope.SUITE:
            return w.gettext("You may then terminate the whole suite of services concerned.")
        case TerminationScope.AGREEMENT:
            return w.gettext("You may then terminate your agreement.")
        case TerminationScope.ADDENDUM:
            return w.gettext("You may then terminate the addendum.")
        case TerminationScope.SERVICE_OR_AGREEMENT:
            return w.gettext(
                "You may then terminate the services concerned or, if you choose, your agreement."
            )
        case TerminationScope.SERVICE | TerminationScope.UNSPECIFIED:
            return w.gettext("You may then terminate the services concerned.")


def _takes_effect(when: TakesEffect, period: Period | None, w: Wording) -> str:
    """When a termination takes effect; period: the longest time, or the notice, that it needs."""
    match when:
        case TakesEffect.IMMEDIATELY:
            return w.gettext("The termination takes effect at once.")
        case TakesEffect.AT_WINDOW_CLOSE:
            return w.gettext("The termination takes effect when the objection period ends.")
        case TakesEffect.AT_COMMENCEMENT:
            return w.gettext("The termination takes effect when the change does.")
        case TakesEffect.CLIENTS_DATE if period is not None:
            return w.gettext(
                "You choose the day on which the termination takes effect, within %(period)s from"
                " the notice of the change.",
                period=period_words(period, w),
            )
        case TakesEffect.CLIENTS_DATE:
            return w.gettext("You choose the day on which the termination takes effect.")
        case TakesEffect.AFTER_NOTICE if period is not None:
            return w.gettext(
                "The termination takes effect %(period)s after it is declared.",
                period=period_words(period, w),
            )
        case TakesEffect.AFTER_NOTICE:
            return w.gettext("The termination takes effect after a notice of termination.")
        case TakesEffect.UNSPECIFIED:
            return w.gettext("Your agreement does not say when the termination takes effect.")


def _costs(effect: FinancialEffect, w: Wording) -> str:
    match effect:
        case FinancialEffect.PRO_RATA_REFUND:
            return w.gettext("What you paid for the time after it is refunded.")
        case FinancialEffect.NONE:
            return w.gettext("Nothing is refunded.")
        case FinancialEffect.NO_FURTHER_PAYMENT:
            return w.gettext("You owe no payment for the time after it.")
        case FinancialEffect.EARLY_TERMINATION:
            return w.gettext(
                "You bear the consequences of early termination that your agreement provides for."
            )
        case FinancialEffect.UNSPECIFIED:
            return w.gettext("Your agreement does not say here what it costs.")


def _data(data: DataAtEnd, days: int | None, w: Wording) -> str:
    period = w.ngettext("%(n)s day", "%(n)s days", days) if days else ""
    match data:
        case DataAtEnd.DESTROY if period:
            return w.gettext(
                "Your data is destroyed within %(period)s after the end of the services.",
                period=period,
            )
        case DataAtEnd.DESTROY:
            return w.gettext("Your data is destroyed at the end of the services.")
        case DataAtEnd.RETURN if period:
            return w.gettext(
                "Your data is returned to you within %(period)s after the end of the services.",
                period=period,
            )
        case DataAtEnd.RETURN:
            return w.gettext("Your data is returned to you at the end of the services.")
        case DataAtEnd.CLIENT_CHOOSES if period:
            return w.gettext(
                "Your data is returned or destroyed, as you choose, within %(period)s after the end"
                " of the services.",
                period=period,
            )
        case DataAtEnd.CLIENT_CHOOSES:
            return w.gettext(
                "Your data is returned or destroyed, as you choose, at the end of the services."
            )
        case DataAtEnd.UNSPECIFIED:
            return ""

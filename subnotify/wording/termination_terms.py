"""What terms say about a termination, in sentences for the desk."""

from subnotify.rules.terms import NoticeTerms, Period, Termination
from subnotify.rules.terms_words import (
    DataAtEnd,
    FinancialEffect,
    TakesEffect,
    TerminationScope,
)
from subnotify.wording.language import Wording
from subnotify.wording.periods import period_words


def termination_terms_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """Scope, time, effect, costs and data of a termination; nothing where nothing is said."""
    termination = terms.termination
    if termination == Termination():
        return ()
    sentences = [scope_sentence(termination.scope, w)]
    if termination.exercise_within is not None:
        sentences.append(_exercise(termination.exercise_within, terms, w))
    sentences.append(_takes_effect(termination.takes_effect, termination.effect_period, w))
    sentences.append(costs_sentence(termination.financial_effect, w))
    return (*sentences, *data_sentences(termination, w))


def scope_sentence(scope: TerminationScope, w: Wording) -> str:
    """What a termination ends."""
    match scope:
        case TerminationScope.SERVICE:
            return w.gettext("It ends the services concerned.")
        case TerminationScope.SUITE:
            return w.gettext("It ends the whole suite of services concerned.")
        case TerminationScope.AGREEMENT:
            return w.gettext("It ends the agreement.")
        case TerminationScope.ADDENDUM:
            return w.gettext("It ends the addendum.")
        case TerminationScope.SERVICE_OR_AGREEMENT:
            return w.gettext(
                "It ends the services concerned or the agreement, as whoever terminates chooses."
            )
        case TerminationScope.UNSPECIFIED:
            return w.gettext("The agreement does not say what it ends.")


def _exercise(within: Period, terms: NoticeTerms, w: Wording) -> str:
    period = period_words(within, w)
    if terms.accommodation_period is not None:
        return w.gettext(
            "It must be declared within %(period)s after the time for finding a way.", period=period
        )
    return w.gettext(
        "It must be declared within %(period)s from receipt of the objection.", period=period
    )


def _takes_effect(when: TakesEffect, period: Period | None, w: Wording) -> str:
    match when:
        case TakesEffect.IMMEDIATELY:
            return w.gettext("It takes effect at once.")
        case TakesEffect.AT_WINDOW_CLOSE:
            return w.gettext("It takes effect when the window closes.")
        case TakesEffect.AT_COMMENCEMENT:
            return w.gettext("It takes effect when the change does.")
        case TakesEffect.CLIENTS_DATE if period is not None:
            return w.gettext(
                "It takes effect on the client's day, within %(period)s from the notice of the"
                " change.",
                period=period_words(period, w),
            )
        case TakesEffect.CLIENTS_DATE:
            return w.gettext("It takes effect on the day that the client chooses.")
        case TakesEffect.AFTER_NOTICE if period is not None:
            return w.gettext(
                "It takes effect %(period)s after it is declared.", period=period_words(period, w)
            )
        case TakesEffect.AFTER_NOTICE:
            return w.gettext("It takes effect after a notice whose length is not said.")
        case TakesEffect.UNSPECIFIED:
            return w.gettext("The agreement does not say when it takes effect.")


def costs_sentence(effect: FinancialEffect, w: Wording) -> str:
    """What a termination costs."""
    match effect:
        case FinancialEffect.PRO_RATA_REFUND:
            return w.gettext("What was paid for the time after it is refunded.")
        case FinancialEffect.NONE:
            return w.gettext("Nothing is refunded.")
        case FinancialEffect.NO_FURTHER_PAYMENT:
            return w.gettext("No payment is owed for the time after it.")
        case FinancialEffect.EARLY_TERMINATION:
            return w.gettext("The client bears the consequences of early termination.")
        case FinancialEffect.UNSPECIFIED:
            return w.gettext("The agreement does not say what it costs.")


def data_sentences(termination: Termination, w: Wording) -> tuple[str, ...]:
    """What becomes of the data, and by when."""
    match termination.data:
        case DataAtEnd.DESTROY:
            said = w.gettext("The client's data is destroyed.")
        case DataAtEnd.RETURN:
            said = w.gettext("The client's data is returned.")
        case DataAtEnd.CLIENT_CHOOSES:
            said = w.gettext("The client's data is returned or destroyed, as the client chooses.")
        case DataAtEnd.UNSPECIFIED:
            said = w.gettext("The agreement does not say what becomes of the client's data.")
    days = termination.data_days
    if days is None:
        return (said,)
    if days == 0:
        return (said, w.gettext("That is due on the day of the end."))
    due = w.ngettext(
        "That is due within %(n)s day after the end.",
        "That is due within %(n)s days after the end.",
        days,
    )
    return (said, due)

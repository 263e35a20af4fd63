"""How a client objects under its terms, and what an objection leads to."""

from collections.abc import Sequence

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import (
    DataAtEnd,
    FinancialEffect,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    TakesEffect,
    TerminationScope,
    TimelyWhen,
)
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line


def objection_is_termination(terms: NoticeTerms | None) -> bool:
    """Under these terms who objects ends the affected services."""
    return terms is not None and terms.effect_of_objection is ObjectionEffect.TERMINATION


def needs_registered_post(terms: NoticeTerms | None) -> bool:
    """An objection made online is not valid by itself under these terms."""
    return terms is not None and terms.objection_form is ObjectionForm.REGISTERED_POST


def form_sentences(terms: NoticeTerms | None, w: Wording, *, address: str = "") -> tuple[str, ...]:
    """In which form, to which address, and on which grounds an objection must be made.

    address: where registered letters go if the terms name no address (the vendor's own).
    """
    if terms is None:
        return (_form(ObjectionForm.ANY, w),)
    sentences = [_form(terms.objection_form, w)]
    postal = terms.objection_address or (address if needs_registered_post(terms) else "")
    if postal:
        sentences.append(
            w.gettext("Address for objections: %(address)s.", address=one_line(postal))
        )
    sentences.append(timely_sentence(terms, w))
    grounds = _grounds(terms.objection_grounds, w)
    return (*sentences, grounds) if grounds else tuple(sentences)


def timely_sentence(terms: NoticeTerms, w: Wording) -> str:
    """Which of the two dates decides whether an objection is in time."""
    match terms.objection_timely_when:
        case TimelyWhen.DISPATCHED:
            return w.gettext("It is in time if it is sent on the last day of the period or before.")
        case TimelyWhen.RECEIVED:
            return w.gettext("It is in time if it reaches us before the period ends.")
        case TimelyWhen.UNSPECIFIED:
            return w.gettext(
                "Your agreement does not say whether sending or receipt decides: we record both,"
                " and where one is late a person decides."
            )


def effect_sentences(
    terms: NoticeTerms | None, services: Sequence[str], w: Wording
) -> tuple[str, ...]:
    """What an objection leads to. services: names of those affected, as people read them."""
    if terms is None:
        return _settled_later(w)
    match terms.effect_of_objection:
        case ObjectionEffect.ACCOMMODATION:
            return (
                w.gettext("If you object, we look for a way to serve you without this change."),
                _not_used_meanwhile(w),
            )
        case ObjectionEffect.NOT_USED_FOR_CLIENT:
            return (w.gettext("If you object, the subprocessor is not used for you."),)
        case ObjectionEffect.TERMINATION:
            return termination_sentences(terms, services, w)
        case ObjectionEffect.FEATURE_WITHDRAWN:
            return (
                w.gettext("If you object, the feature that needs the subprocessor ends for you."),
            )
        case ObjectionEffect.SUSPEND_ENGAGEMENT:
            return (
                w.gettext(
                    "If you object, the engagement of the subprocessor is suspended until your"
                    " objection is settled."
                ),
            )
        case ObjectionEffect.UNSPECIFIED:
            unsaid = w.gettext("Your agreement does not say what an objection leads to.")
            return (unsaid, *_settled_later(w))


def termination_sentences(
    terms: NoticeTerms, services: Sequence[str], w: Wording
) -> tuple[str, ...]:
    """What the client must know before it objects where objecting is terminating."""
    termination = terms.termination
    return tuple(
        sentence
        for sentence in (
            _scope(termination.scope, services, w),
            _takes_effect(termination.takes_effect, w),
            _costs(termination.financial_effect, w),
            _data(termination.data, termination.data_days, w),
        )
        if sentence
    )


def _settled_later(w: Wording) -> tuple[str, ...]:
    return (
        w.gettext("If you object, we will contact you to settle it."),
        _not_used_meanwhile(w),
    )


def _not_used_meanwhile(w: Wording) -> str:
    return w.gettext("Until it is settled, the subprocessor is not used for you.")


def _form(form: ObjectionForm, w: Wording) -> str:
    match form:
        case ObjectionForm.ANY:
            return w.gettext(
                "You can object in any form: online through your personal link, by email or by"
                " post."
            )
        case ObjectionForm.EMAIL:
            return w.gettext(
                "Your agreement asks for an objection by email: reply to the notice. What you"
                " enter online is recorded, but is not valid by itself."
            )
        case ObjectionForm.WRITTEN:
            return w.gettext(
                "Your agreement asks for an objection in writing: online through your personal"
                " link, by email or by post."
            )
        case ObjectionForm.ONLINE:
            return w.gettext(
                "Your agreement asks for an objection online, through your personal link."
            )
        case ObjectionForm.REGISTERED_POST:
            return w.gettext(
                "Your agreement asks for a registered letter with acknowledgement of receipt, on"
                " paper or electronic. What you enter online prepares that letter and is not valid"
                " by itself."
            )


def _grounds(grounds: ObjectionGrounds, w: Wording) -> str:
    match grounds:
        case ObjectionGrounds.NONE:
            return w.gettext("You need not give reasons.")
        case ObjectionGrounds.REASONS_STATED:
            return w.gettext("Your agreement asks you to state your reasons.")
        case ObjectionGrounds.REASONABLE:
            return w.gettext("Your agreement asks for reasonable grounds.")
        case ObjectionGrounds.DATA_PROTECTION:
            return w.gettext("Your agreement asks for grounds that concern data protection.")
        case ObjectionGrounds.CLOSED_LIST:
            return w.gettext("Your agreement lists the grounds on which you can object.")


def _scope(scope: TerminationScope, services: Sequence[str], w: Wording) -> str:
    match scope:
        case TerminationScope.SUITE:
            return w.gettext("Objecting means terminating the whole suite of services concerned.")
        case TerminationScope.AGREEMENT:
            return w.gettext("Objecting means terminating your agreement.")
        case TerminationScope.ADDENDUM:
            return w.gettext("Objecting means terminating the addendum.")
        case TerminationScope.SERVICE | TerminationScope.UNSPECIFIED:
            if not services:
                return w.gettext("Objecting means terminating the services concerned.")
            return w.ngettext(
                "Objecting means terminating the service %(services)s.",
                "Objecting means terminating the services %(services)s.",
                len(services),
                services=w.listed(services),
            )


def _takes_effect(when: TakesEffect, w: Wording) -> str:
    match when:
        case TakesEffect.IMMEDIATELY:
            return w.gettext("The termination takes effect at once.")
        case TakesEffect.AT_WINDOW_CLOSE:
            return w.gettext("The termination takes effect when the objection period ends.")
        case TakesEffect.AT_COMMENCEMENT:
            return w.gettext("The termination takes effect when the change does.")
        case TakesEffect.UNSPECIFIED:
            return w.gettext("Your agreement does not say when the termination takes effect.")


def _costs(effect: FinancialEffect, w: Wording) -> str:
    match effect:
        case FinancialEffect.PRO_RATA_REFUND:
            return w.gettext("What you paid for the time after it is refunded.")
        case FinancialEffect.NONE:
            return w.gettext("It has no financial consequence.")
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

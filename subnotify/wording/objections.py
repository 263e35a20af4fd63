"""How a client objects under its terms, and what an objection leads to."""

from collections.abc import Sequence

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import (
    IfUnresolved,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    TimelyWhen,
)
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line
from subnotify.wording.periods import period_words
from subnotify.wording.silence import is_request
from subnotify.wording.terminations import may_terminate_sentences, termination_sentences


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
    return (*sentences, _grounds(terms, w))


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
    if is_request(terms) and terms.effect_of_objection is not ObjectionEffect.TERMINATION:
        return (w.gettext("If you refuse, the change is not made for you."),)
    match terms.effect_of_objection:
        case ObjectionEffect.ACCOMMODATION:
            first = w.gettext("If you object, we look for a way to serve you without this change.")
            return (first, *_until_settled(terms, w))
        case ObjectionEffect.NOT_USED_FOR_CLIENT:
            first = w.gettext("If you object, the change is not made for you.")
        case ObjectionEffect.TERMINATION:
            return termination_sentences(terms, services, w)
        case ObjectionEffect.FEATURE_WITHDRAWN:
            first = w.gettext(
                "If you object, the feature that needs the subprocessor ends for you."
            )
        case ObjectionEffect.SUSPEND_ENGAGEMENT:
            first = w.gettext(
                "If you object, the change is not made for you until your objection is settled."
            )
        case ObjectionEffect.CLIENT_STOPS_USING:
            first = w.gettext(
                "If you object, you may stop using the service that needs the subprocessor."
            )
        case ObjectionEffect.UNSPECIFIED:
            unsaid = w.gettext("Your agreement does not say what an objection leads to.")
            if terms.if_unresolved is not IfUnresolved.UNSPECIFIED:
                return (unsaid, *_until_settled(terms, w))
            return (unsaid, *_settled_later(w))
    return (first, *_unresolved(terms, w))


def _until_settled(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    period = terms.accommodation_period
    if period is None:
        return (_not_used_meanwhile(w), *_unresolved(terms, w))
    time = w.gettext(
        "We have %(period)s for it, from our receipt of your objection.",
        period=period_words(period, w),
    )
    return (time, _not_used_meanwhile(w), *_unresolved(terms, w))


def _unresolved(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """What follows where no way is found; nothing where the agreement does not say."""
    match terms.if_unresolved:
        case IfUnresolved.CLIENT_MAY_TERMINATE:
            found = (_no_way(w), *may_terminate_sentences(terms, w))
        case IfUnresolved.VENDOR_MAY_TERMINATE:
            found = (w.gettext("If no way is found, we may terminate the services concerned."),)
        case IfUnresolved.EITHER:
            we_too = w.gettext("We may terminate them, too.")
            found = (_no_way(w), *may_terminate_sentences(terms, w), we_too)
        case IfUnresolved.DEEMED_ACCEPTED:
            return (_no_way(w), *may_terminate_sentences(terms, w), _deemed_accepted(terms, w))
        case IfUnresolved.UNSPECIFIED:
            return ()
    if terms.deemed_accepted_after is not None:
        return (*found, _deemed_accepted(terms, w))
    return found


def _no_way(w: Wording) -> str:
    return w.gettext("It may be that no way is found.")


def _deemed_accepted(terms: NoticeTerms, w: Wording) -> str:
    period = terms.deemed_accepted_after
    if period is None:
        return w.gettext(
            "If you do not terminate in that time, your agreement deems that you have accepted the"
            " change."
        )
    return w.gettext(
        "If you have not terminated %(period)s after our receipt of your objection, your agreement"
        " deems that you have accepted the change.",
        period=period_words(period, w),
    )


def _settled_later(w: Wording) -> tuple[str, ...]:
    return (
        w.gettext("If you object, we will contact you to settle it."),
        _not_used_meanwhile(w),
    )


def _not_used_meanwhile(w: Wording) -> str:
    return w.gettext("Until it is settled, the change is not made for you.")


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


def _grounds(terms: NoticeTerms, w: Wording) -> str:
    match terms.objection_grounds:
        case ObjectionGrounds.NONE:
            return w.gettext("You need not give reasons.")
        case ObjectionGrounds.REASONS_STATED:
            return w.gettext("Your agreement asks you to state your reasons.")
        case ObjectionGrounds.REASONABLE:
            return w.gettext("Your agreement asks for reasonable grounds.")
        case ObjectionGrounds.DATA_PROTECTION:
            return w.gettext("Your agreement asks for grounds that concern data protection.")
        case ObjectionGrounds.CLOSED_LIST if terms.closed_grounds:
            return w.gettext(
                "Your agreement lists the grounds on which you can object: %(grounds)s.",
                grounds=w.series(terms.closed_grounds),
            )
        case ObjectionGrounds.CLOSED_LIST:
            return w.gettext("Your agreement lists the grounds on which you can object.")

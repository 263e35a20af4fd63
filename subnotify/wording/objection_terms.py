"""What terms say about silence, objections and what they lead to, in sentences for the desk."""

from subnotify.rules.lead_times import may_use_early
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_words import (
    Authorisation,
    IfUnresolved,
    ObjectionEffect,
    ObjectionForm,
    ObjectionGrounds,
    SilenceBrokenBy,
    SilenceEffect,
    TimelyWhen,
)
from subnotify.wording.countries import countries_listed
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line
from subnotify.wording.periods import period_words
from subnotify.wording.window_terms import reading_sentence

_RIGHTS_TO_TERMINATE = frozenset(
    {
        IfUnresolved.CLIENT_MAY_TERMINATE,
        IfUnresolved.VENDOR_MAY_TERMINATE,
        IfUnresolved.EITHER,
    }
)


def silence_terms_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """What no answer means, and what counts as an answer."""
    if terms.authorisation is Authorisation.BLANKET:
        return ()
    refused = terms.effect_of_silence is SilenceEffect.DEEMED_REFUSED
    if refused or terms.authorisation is Authorisation.SPECIFIC:
        return (w.gettext("Without an answer the change is not authorised."),)
    if terms.effect_of_silence is SilenceEffect.UNSPECIFIED:
        first = w.gettext(
            "The agreement does not say what silence means: the general authorisation applies."
        )
    elif terms.silence_irrevocable:
        first = w.gettext("Silence is deemed acceptance, irrevocably.")
    else:
        first = w.gettext("Silence is deemed acceptance.")
    if terms.silence_broken_by is SilenceBrokenBy.ANY_RESPONSE:
        return (first, w.gettext("Any response breaks the silence."))
    return (first, w.gettext("Only an objection breaks the silence."))


def objection_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """Form, address, which date decides, and the grounds of an objection."""
    if terms.authorisation is Authorisation.BLANKET:
        return ()
    sentences = [form_sentence(terms, w)]
    if terms.objection_address:
        address = one_line(terms.objection_address)
        sentences.append(w.gettext("Address for objections: %(address)s.", address=address))
    return (*sentences, *_timely(terms, w), grounds_sentence(terms, w))


def form_sentence(terms: NoticeTerms, w: Wording) -> str:
    """In which form the terms ask for an objection."""
    match terms.objection_form:
        case ObjectionForm.ANY:
            return w.gettext("An objection may have any form.")
        case ObjectionForm.EMAIL:
            return w.gettext("An objection is made by email.")
        case ObjectionForm.WRITTEN:
            return w.gettext("An objection is made in writing.")
        case ObjectionForm.ONLINE:
            return w.gettext("An objection is made online.")
        case ObjectionForm.REGISTERED_POST:
            return w.gettext("An objection is made by registered letter, on paper or electronic.")


def _timely(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    match terms.decides_timeliness:
        case TimelyWhen.DISPATCHED:
            said = w.gettext("It is in time when dispatched on the last day or before.")
        case TimelyWhen.RECEIVED:
            said = w.gettext("It is in time when received before the window closes.")
        case TimelyWhen.UNSPECIFIED:
            return (
                w.gettext(
                    "The agreement does not say whether dispatch or receipt decides: both are"
                    " recorded, and a person decides where one is late."
                ),
            )
    reading = terms.readings.get("objection_timely_when")
    if terms.objection_timely_when is TimelyWhen.UNSPECIFIED and reading is not None:
        return (said, reading_sentence(reading, w))
    return (said,)


def grounds_sentence(terms: NoticeTerms, w: Wording) -> str:
    """Whether the terms ask for grounds, and which."""
    match terms.objection_grounds:
        case ObjectionGrounds.NONE:
            return w.gettext("No reasons are needed.")
        case ObjectionGrounds.REASONS_STATED:
            return w.gettext("Reasons must be stated.")
        case ObjectionGrounds.REASONABLE:
            return w.gettext("The grounds must be reasonable.")
        case ObjectionGrounds.DATA_PROTECTION:
            return w.gettext("The grounds must concern data protection.")
        case ObjectionGrounds.CLOSED_LIST if terms.closed_grounds:
            return w.gettext(
                "Only these grounds count: %(grounds)s.", grounds=w.series(terms.closed_grounds)
            )
        case ObjectionGrounds.CLOSED_LIST:
            return w.gettext("Only the grounds that the agreement lists count.")


def consequence_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """What an objection leads to, and when the change may commence."""
    if terms.authorisation is Authorisation.BLANKET:
        return ()
    sentences = [_effect(terms.effect_of_objection, w)]
    if terms.accommodation_period is not None:
        sentences.append(
            w.gettext(
                "The vendor has %(period)s from receipt of the objection to find a way.",
                period=period_words(terms.accommodation_period, w),
            )
        )
    unresolved = _unresolved(terms, w)
    if unresolved:
        sentences.append(unresolved)
    sentences.extend(_second_silence(terms, w))
    if may_use_early(terms):
        sentences.append(
            w.gettext(
                "The change may take effect after the lead time, even while the window still runs."
            )
        )
    else:
        sentences.append(
            w.gettext("The change takes effect for the client only after its window has ended.")
        )
    return tuple(sentences)


def _effect(effect: ObjectionEffect, w: Wording) -> str:
    match effect:
        case ObjectionEffect.ACCOMMODATION:
            return w.gettext("The vendor looks for a way to serve the client without the change.")
        case ObjectionEffect.NOT_USED_FOR_CLIENT:
            return w.gettext("The subprocessor is not used for the client.")
        case ObjectionEffect.TERMINATION:
            return w.gettext("An objection is a termination.")
        case ObjectionEffect.FEATURE_WITHDRAWN:
            return w.gettext("The feature that needs the subprocessor ends for the client.")
        case ObjectionEffect.SUSPEND_ENGAGEMENT:
            return w.gettext("Until it is settled, the subprocessor is not engaged for the client.")
        case ObjectionEffect.CLIENT_STOPS_USING:
            return w.gettext(
                "The client may stop using the service that needs the subprocessor, and nothing"
                " else."
            )
        case ObjectionEffect.UNSPECIFIED:
            return w.gettext("The agreement does not say what an objection leads to.")


def _unresolved(terms: NoticeTerms, w: Wording) -> str:
    match terms.if_unresolved:
        case IfUnresolved.CLIENT_MAY_TERMINATE:
            return w.gettext("If it stays unresolved, the client may terminate.")
        case IfUnresolved.VENDOR_MAY_TERMINATE:
            return w.gettext("If it stays unresolved, the vendor may terminate.")
        case IfUnresolved.EITHER:
            return w.gettext("If it stays unresolved, either side may terminate.")
        case IfUnresolved.DEEMED_ACCEPTED if terms.deemed_accepted_after is not None:
            return w.gettext(
                "If it stays unresolved and the client does not terminate, the change is deemed"
                " accepted %(period)s after receipt of the objection.",
                period=period_words(terms.deemed_accepted_after, w),
            )
        case IfUnresolved.DEEMED_ACCEPTED:
            return w.gettext(
                "If it stays unresolved and the client does not terminate, the change is deemed"
                " accepted."
            )
        case IfUnresolved.UNSPECIFIED:
            return ""


def _second_silence(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """Acceptance where nobody uses a right to terminate."""
    period = terms.deemed_accepted_after
    if period is None or terms.if_unresolved not in _RIGHTS_TO_TERMINATE:
        return ()
    said = w.gettext(
        "If nobody terminates, the change is deemed accepted %(period)s after receipt of the"
        " objection.",
        period=period_words(period, w),
    )
    return (said,)


def emergency_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """Replacement at short notice; nothing where the agreement does not speak of it."""
    emergency = terms.emergency_replacement
    if emergency.allowed is None and not emergency.terms:
        return ()
    if emergency.allowed is None:
        first = w.gettext("The agreement does not say whether an emergency shortens the notice.")
    elif emergency.allowed:
        first = w.gettext("In an emergency a subprocessor may be replaced at short notice.")
    else:
        first = w.gettext("No emergency shortens the notice.")
    return (first, emergency.terms) if emergency.terms else (first,)


def country_sentences(terms: NoticeTerms, w: Wording) -> tuple[str, ...]:
    """Where the client's data may be processed; nothing without a restriction."""
    if not terms.allowed_countries:
        return ()
    return (
        w.gettext(
            "The client's data may be processed only in: %(countries)s.",
            countries=countries_listed(terms.allowed_countries, w),
        ),
    )

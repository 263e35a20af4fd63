"""What silence means under an agreement's notice terms."""

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.terms_checks import not_computable
from subnotify.rules.terms_words import (
    Authorisation,
    ObjectionEffect,
    SilenceBrokenBy,
    SilenceEffect,
)
from subnotify.wording.language import Wording


def silence_sentences(terms: NoticeTerms | None, w: Wording) -> tuple[str, ...]:
    """What happens if the client does not answer, under these terms and no others."""
    if terms is None:
        return (
            w.gettext("We have no notice terms of your agreement on record."),
            w.gettext("Without them your silence is never taken as acceptance."),
        )
    if terms.authorisation is Authorisation.BLANKET:
        return (w.gettext("Your agreement authorises such changes: no answer is needed."),)
    sentences = [_meaning(terms, w)]
    if not_computable(terms) is not None:
        sentences.append(
            w.gettext(
                "As the end of the period is not computed yet, silence decides nothing for now:"
                " we will contact you."
            )
        )
    elif not silence_refuses(terms):
        if terms.silence_broken_by is SilenceBrokenBy.ANY_RESPONSE:
            sentences.append(
                w.gettext(
                    "Any answer from you, even a question, means that you were not silent: a"
                    " person then takes the matter up with you. An acknowledgement of receipt is"
                    " no answer."
                )
            )
        if terms.waits_for_receipt:
            sentences.append(
                w.gettext("Silence counts only where it is proven that the notice reached you.")
            )
    return tuple(sentences)


def is_request(terms: NoticeTerms | None) -> bool:
    """The agreement needs the client's own word for each change: the notice asks for it."""
    return terms is not None and terms.authorisation is Authorisation.SPECIFIC


def silence_refuses(terms: NoticeTerms) -> bool:
    """Without an answer the subprocessor may not be used for this client."""
    return (
        terms.authorisation is Authorisation.SPECIFIC
        or terms.effect_of_silence is SilenceEffect.DEEMED_REFUSED
    )


def _meaning(terms: NoticeTerms, w: Wording) -> str:
    if is_request(terms):
        return w.gettext(
            "We ask for your authorisation, because your agreement requires it for each change. No"
            " answer means no: the change is not used for you."
        )
    if silence_refuses(terms):
        return w.gettext(
            "If you do not answer, you have not authorised the change: it is not used for you."
        )
    if terms.effect_of_silence is SilenceEffect.DEEMED_ACCEPTED:
        if terms.silence_irrevocable:
            return w.gettext(
                "If you do not object in time, your agreement deems that you have irrevocably"
                " accepted the change."
            )
        return w.gettext(
            "If you do not object in time, your agreement deems that you have accepted the change."
        )
    if terms.effect_of_objection is ObjectionEffect.TERMINATION:
        return w.gettext(
            "Your agreement does not say what silence means. If you do not terminate in time, it"
            " continues with the change."
        )
    return w.gettext(
        "Your agreement does not say what silence means. Without an objection in time, the general"
        " authorisation it gives applies to the change."
    )

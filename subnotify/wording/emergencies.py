"""What a client is told of a replacement in an emergency."""

from subnotify.rules.lead_times import waives_lead_time
from subnotify.rules.terms import NoticeTerms
from subnotify.rules.texts import LocalText
from subnotify.wording.language import Wording


def emergency_sentences(
    reason: LocalText, terms: NoticeTerms | None, w: Wording
) -> tuple[str, ...]:
    """Why notice is short, in the vendor's words, and that the right to object remains; nothing
    where the release is no emergency."""
    if not reason:
        return ()
    if terms is not None and waives_lead_time(terms, is_emergency=True):
        effect = w.gettext(
            "Your agreement allows replacement in an emergency: the change may take effect before"
            " the lead time and the objection period are over. Your right to object remains as"
            " stated here; once you object, the subprocessor is not used for you until your"
            " objection is settled."
        )
    else:
        effect = w.gettext(
            "Your right to object remains as stated here. The short notice shortens nothing for"
            " you: the change does not take effect for you before your agreement allows it."
        )
    return reason.in_language(w.language), effect

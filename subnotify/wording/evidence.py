"""Facts of the evidence log in words, for the desk."""

from subnotify.rules.errors import N_
from subnotify.wording.language import Wording

_WORDS = {
    "case_moved": N_("The case moved"),
    "notice_queued": N_("The notice is queued"),
    "notice_serving": N_("The notice is being served"),
    "notice_served": N_("The notice is served"),
    "notice_not_served": N_("The notice is not served"),
    "notice_brought_in": N_("The notice had been given before, and was brought in"),
    "response_recorded": N_("The client answered"),
    "response_confirmed": N_("The client confirmed its answer by code"),
    "response_disowned": N_("A contact says that the response was not theirs"),
    "letter_recorded": N_("A letter was recorded"),
    "response_read": N_("A response was read"),
    "response_answered": N_("A response was answered"),
    "timeliness_decided": N_("It was decided whether an objection counts as in time"),
    "objection_settled": N_("The objection was settled"),
    "data_choice_recorded": N_("The client's choice for its data was recorded"),
    "data_returned": N_("The client's data was returned or destroyed"),
    "settlement_undone": N_("The settlement was undone"),
    "hold_cleared": N_("A hold was cleared"),
    "window_extended": N_("The window was extended"),
    "window_recomputation_proposed": N_("The window was computed anew, and the result proposed"),
    "window_recomputation_dismissed": N_("The window stays as it was computed before"),
    "window_recomputed": N_("The window grew: it was computed with newer data"),
    "terms_reassessed": N_("It was judged anew whether dates can be computed from the terms"),
    "client_gated_out": N_("The client was gated out"),
    "countries_judged": N_("It was judged anew whether the agreement allows the countries"),
    "country_exception_recorded": N_("A country exception was recorded"),
    "country_exception_ended": N_("A country exception was ended"),
    "close_no_objection_proposed": N_("Closing without objection was proposed"),
    "close_no_objection_confirmed": N_("Closing without objection was confirmed"),
    "correct_record_proposed": N_("A correction of the outcome was proposed"),
    "correct_record_confirmed": N_("The correction of the outcome was confirmed"),
    "client_recorded": N_("The client was added"),
    "client_changed": N_("The client was changed"),
    "contact_recorded": N_("A contact was added"),
    "contact_changed": N_("A contact was changed"),
    "designated_contact_changed": N_("A designated notice contact was changed"),
    "contact_designated": N_("A contact was named in the agreement"),
    "contact_ended": N_("A contact's naming in the agreement ended"),
    "agreement_recorded": N_("The agreement was added"),
    "agreement_changed": N_("The agreement was changed"),
    "agreement_end_recorded": N_("The agreement's end was recorded"),
    "service_bought": N_("A service was added"),
    "service_end_recorded": N_("The end of a service was recorded"),
    "transfer_lapse_opened": N_("A transfer basis was found to end"),
    "transfer_lapse_told": N_("Legal was told of a transfer basis that ends"),
    "transfer_lapse_noted": N_("A note was written on a transfer basis that ends"),
    "transfer_lapse_closed": N_("A transfer basis that ends was replaced, or its entry left"),
    "internal_notes_kept": N_("The internal notes were changed"),
    "vendor_changed": N_("The vendor's profile was changed"),
    "terms_recorded": N_("A version of the notice terms was recorded"),
}


def evidence_words(type: str, w: Wording) -> str:
    """What a fact of this type says; the type itself where it has no words of its own."""
    return w.gettext(_WORDS[type]) if type in _WORDS else type

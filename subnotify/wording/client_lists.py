"""Why an entry of the list may not process one client's data, in words."""

from subnotify.rules.client_list_facts import WhyNot
from subnotify.rules.client_lists import ClientEntry
from subnotify.wording.countries import countries_listed, country_word
from subnotify.wording.language import Wording


def why_not_words(found: ClientEntry, w: Wording) -> str:
    """A sentence; "" for an entry that is used."""
    match found.why_not:
        case None:
            return ""
        case WhyNot.COUNTRY:
            return w.gettext(
                "The agreement does not allow processing in: %(countries)s. No exception is on"
                " record.",
                countries=countries_listed(found.countries, w),
            )
        case WhyNot.ACCOMMODATED:
            return w.gettext("An objection was met: it is not used for this client.")
        case WhyNot.NOT_AUTHORISED:
            return w.gettext("The client did not authorise it.")
        case WhyNot.TERMINATED:
            return w.gettext("The client terminated because of it.")
        case WhyNot.GATED_OUT:
            return w.gettext("The client is gated out until its case is settled.")
        case WhyNot.OBJECTED:
            return w.gettext("An objection of the client is open.")
        case WhyNot.LEAD_TIME:
            return w.gettext("The lead time of the agreement is not over.")
        case _:
            return w.gettext("The client's case is not settled.")


def used_notes(found: ClientEntry, w: Wording) -> tuple[str, ...]:
    """What is particular about an entry that is used for this client."""
    notes = []
    if found.is_kept and found.entry.phased_out_from_on is not None:
        notes.append(
            w.gettext(
                "Kept for this client; phased out for the others since %(day)s.",
                day=w.date(found.entry.phased_out_from_on),
            )
        )
    for one in found.rests_on:
        place = country_word(one.country, w)
        if one.until_on is None:
            notes.append(w.gettext("By exception in: %(place)s.", place=place))
        else:
            notes.append(
                w.gettext(
                    "By exception in: %(place)s. The exception ends: %(day)s is the first day"
                    " without it.",
                    place=place,
                    day=w.date(one.until_on),
                )
            )
    return tuple(notes)

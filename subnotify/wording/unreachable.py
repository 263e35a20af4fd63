"""Why no address can serve an agreement, and what mends it: for the desk."""

from subnotify.rules.reachability import Lack, Lacking
from subnotify.wording.language import Wording


def lack_sentence(one: Lacking, w: Wording) -> str:
    """What is the matter, in one sentence."""
    name = one.contact.name if one.contact else ""
    match one.lack:
        case Lack.NO_CONTACT:
            return w.gettext("No notice contact is designated.")
        case Lack.NO_ADDRESS:
            return w.gettext(
                "%(name)s has no address that the channels of the terms can use.", name=name
            )
        case Lack.MAIL_DEAD:
            return w.gettext(
                "Mail to %(name)s at %(address)s was refused or came back.",
                name=name,
                address=one.contact.email if one.contact else "",
            )
        case Lack.LETTER_BACK:
            return w.gettext("The letter to %(name)s came back, or nobody collected it.", name=name)
        case Lack.SERVE_ANEW:
            return w.gettext("The addresses are in order; the notice has not been served anew.")


def remedy_sentence(one: Lacking, w: Wording) -> str:
    """What mends it."""
    match one.lack:
        case Lack.NO_CONTACT:
            return w.gettext("Name a contact in the agreement, with the letter that designates it.")
        case Lack.NO_ADDRESS:
            return w.gettext("Add the address, or name another contact.")
        case Lack.MAIL_DEAD | Lack.LETTER_BACK:
            return w.gettext("Ask the client; correct the address, or name another contact.")
        case Lack.SERVE_ANEW:
            return w.gettext("Serve the notice anew: a full window runs from its receipt.")

"""What is missing of a notice that nothing proves, and what to do: for the desk."""

from subnotify.rules.unproved import WhyUnproved
from subnotify.rules.words import Channel
from subnotify.wording.labels import label
from subnotify.wording.language import Wording


def missing_sentence(why: WhyUnproved, channel: Channel, name: str, w: Wording) -> str:
    """What is the matter, in one sentence. name: of the contact; "" where nothing says it."""
    who = name or w.gettext("the contact")
    match why:
        case WhyUnproved.NOT_SENT:
            return w.gettext("The mail to %(name)s has not left.", name=who)
        case WhyUnproved.NOT_POSTED:
            return w.gettext("No posting of the letter to %(name)s is on record.", name=who)
        case WhyUnproved.POSTING_MISSING:
            return w.gettext(
                "The letter to %(name)s is on its way or further, but its proof of posting is not"
                " on record: the terms count from that day.",
                name=who,
            )
        case WhyUnproved.PRESENTATION_MISSING:
            return w.gettext(
                "The day on which the letter to %(name)s was first presented is not on record:"
                " the terms count from it.",
                name=who,
            )
        case WhyUnproved.CARD_MISSING:
            return w.gettext(
                "Nothing says whether %(name)s received the registered letter.", name=who
            )
        case WhyUnproved.NO_PROOF_POSSIBLE:
            return w.gettext(
                "What went to %(name)s (%(channel)s) can give none of the proofs of receipt that"
                " the terms accept.",
                name=who,
                channel=label(w, channel),
            )
        case WhyUnproved.ONLY_ACKNOWLEDGED:
            return w.gettext(
                "The letter to %(name)s proves no receipt: only what the client itself"
                " acknowledges can.",
                name=who,
            )
        case WhyUnproved.NO_POSTAL_ADDRESS:
            return w.gettext(
                "Nothing proves that %(name)s received the mail, and there is no postal address"
                " for the registered letter that follows.",
                name=who,
            )
        case WhyUnproved.LETTER_FOLLOWS:
            return w.gettext("Nothing proves yet that %(name)s received the mail.", name=who)
        case WhyUnproved.NOTHING_CAME:
            return w.gettext("Nothing proves that %(name)s received the mail.", name=who)


def remedy_of_missing(why: WhyUnproved, w: Wording) -> str:
    """What to do about it."""
    match why:
        case WhyUnproved.NOT_SENT:
            return w.gettext("Look at the notice and at “Sending”: they say why it waits.")
        case WhyUnproved.NOT_POSTED:
            return w.gettext(
                "Print it, or ask who prints it; then record the day on the proof of posting."
            )
        case WhyUnproved.POSTING_MISSING:
            return w.gettext(
                "Record the day on the proof of posting, and the number of a registered letter."
            )
        case WhyUnproved.PRESENTATION_MISSING:
            return w.gettext("Record the day of first presentation; the postal service names it.")
        case WhyUnproved.CARD_MISSING:
            return w.gettext(
                "Ask the postal service, and record that it was received or that it came back."
            )
        case WhyUnproved.NO_PROOF_POSSIBLE:
            return w.gettext(
                "Compare the terms with the contract: correct them, then serve the notice anew."
            )
        case WhyUnproved.ONLY_ACKNOWLEDGED:
            return w.gettext(
                "Ask the client to acknowledge receipt through its personal link; or compare the"
                " terms with the contract, correct them and serve the notice anew."
            )
        case WhyUnproved.NO_POSTAL_ADDRESS:
            return w.gettext(
                "Add the postal address: the letter then follows by itself. Or ask the client to"
                " acknowledge receipt through its personal link."
            )
        case WhyUnproved.LETTER_FOLLOWS:
            return w.gettext(
                "Nothing: a registered letter follows by itself once the days of the terms are"
                " over."
            )
        case WhyUnproved.NOTHING_CAME:
            return w.gettext(
                "Ask the client to acknowledge receipt through its personal link, or serve the"
                " notice anew."
            )

"""Why silence may not close a case, and what a person can do about it: for the desk."""

from dataclasses import dataclass

from subnotify.rules.words import HoldReason
from subnotify.wording.labels import label
from subnotify.wording.language import Wording


@dataclass(frozen=True)
class HoldText:
    """name: a few words; explanation: what is the matter; remedy: what ends it."""

    name: str
    explanation: str
    remedy: str


def hold_text(reason: HoldReason, w: Wording) -> HoldText:
    """A reason in words, as legal reads it."""
    explanation, remedy = _sentences(reason, w)
    return HoldText(label(w, reason), explanation, remedy)


def _sentences(reason: HoldReason, w: Wording) -> tuple[str, str]:
    match reason:
        case (
            HoldReason.NOT_SERVED
            | HoldReason.NO_NOTICE_CONTACT
            | HoldReason.BOUNCED
            | HoldReason.LETTER_RETURNED
        ):
            return _of_serving(reason, w)
        case HoldReason.TERMS_UNKNOWN:
            return (
                w.gettext("This agreement has no notice terms on record."),
                w.gettext("Record its terms; until then nothing is concluded from silence."),
            )
        case HoldReason.TERMS_NOT_COMPUTABLE:
            return (
                w.gettext("The terms are on record, but no date can be computed from them."),
                w.gettext("Settle the case with the client, or complete the terms."),
            )
        case HoldReason.NOTICE_TOO_LATE:
            return (
                w.gettext(
                    "The window depends on the day of commencement, and would have been over before"
                    " the notice was given."
                ),
                w.gettext(
                    "Postpone commencement for this client, or settle the case with it: no window"
                    " runs, and its silence decides nothing."
                ),
            )
        case HoldReason.NO_DEADLINE_TOLD:
            return (
                w.gettext(
                    "When the notice was given, no deadline could be computed from the terms, and"
                    " it told none. By now one can be, but a window that nobody told of may not"
                    " run."
                ),
                w.gettext("Serve the notice anew; a full window follows."),
            )
        case HoldReason.COUNTRY_NOT_ALLOWED:
            return (
                w.gettext(
                    "The data would go to a country that the agreement does not allow. The change"
                    " is not used for this client, and its silence decides nothing."
                ),
                w.gettext(
                    "If the client agrees, record the country exception with its document;"
                    " otherwise settle the case as not used for this client."
                ),
            )
        case HoldReason.REPLIES_NOT_READ:
            return (
                w.gettext("Replies may lie unread that came before the deadline."),
                w.gettext("Read the mailbox, then confirm “replies read up to”."),
            )
        case HoldReason.SERVICE_DOWN:
            return (
                w.gettext(
                    "In the last 48 hours of the window our pages could not be reached for too"
                    " long: the client could not have objected online."
                ),
                w.gettext(
                    "Extend the window for this client, or clear the hold with a reason, for"
                    " example that the client answered by another way."
                ),
            )
        case HoldReason.POST_NOT_OPENED:
            return (
                w.gettext("Registered letters sent in time may still arrive or lie unopened."),
                w.gettext("Open the post, then confirm “registered post opened up to”."),
            )
        case _:
            return _of_responses(reason, w)


def _of_serving(reason: HoldReason, w: Wording) -> tuple[str, str]:
    if reason is HoldReason.NO_NOTICE_CONTACT:
        return (
            w.gettext("The agreement names no contact who can be given notice."),
            w.gettext("Ask the client to designate a contact, and record it with its letter."),
        )
    if reason is HoldReason.LETTER_RETURNED:
        return (
            w.gettext("The letter came back, or nobody collected it: it reached nobody."),
            w.gettext(
                "Find a valid postal address and serve the notice again; a full window follows."
            ),
        )
    if reason is HoldReason.BOUNCED:
        return (
            w.gettext("The message came back after it had been accepted: it reached nobody."),
            w.gettext("Find a valid address and serve the notice again; a full window follows."),
        )
    return (
        w.gettext(
            "The message was refused, or its letter could not be sent or went to a former address:"
            " the notice is not served."
        ),
        w.gettext("Find a valid address and serve the notice again; a full window follows."),
    )


def _of_responses(reason: HoldReason, w: Wording) -> tuple[str, str]:
    match reason:
        case HoldReason.SILENCE_BROKEN:
            return (
                w.gettext("The client answered, and its terms let any answer break the silence."),
                w.gettext(
                    "Ask the client for its decision; or two persons close the case as “no"
                    " objection”, with a reason."
                ),
            )
        case HoldReason.WAITS_FOR_PERSON:
            return (
                w.gettext("The client asked or wrote something that nobody has dealt with."),
                w.gettext("Answer it, then mark it as read."),
            )
        case HoldReason.REPLY_WAITS:
            return (
                w.gettext("A mail or a letter from the client came in that nobody has dealt with."),
                w.gettext("Read it, and say whether it is an objection, a question or no answer."),
            )
        case HoldReason.PROOF_CONTESTED:
            return (
                w.gettext(
                    "What was told of the letter contradicts itself, or one person found that"
                    " something recorded of it is wrong: its proof is in doubt."
                ),
                w.gettext(
                    "Ask the postal service which is true. On the letter's page one person proposes"
                    " the correction, and another one confirms it; the notice is then judged by"
                    " what stays."
                ),
            )
        case HoldReason.RECORD_CORRECTED:
            return (
                w.gettext(
                    "Two persons found that something recorded was wrong: the outcome, or what"
                    " became of a letter."
                ),
                w.gettext(
                    "Record what is right, and serve the notice again where nothing proves any more"
                    " that it was given. Then clear the hold with a reason."
                ),
            )
        case HoldReason.RESPONSE_DISOWNED:
            return (
                w.gettext("Somebody at the client says that a response was not theirs."),
                w.gettext("Find out with the client, then clear the hold with a reason."),
            )
        case _:
            return _of_objections(reason, w)


def _of_objections(reason: HoldReason, w: Wording) -> tuple[str, str]:
    match reason:
        case HoldReason.OBJECTION_FORM:
            return (
                w.gettext("The client objected, but not in the form that its agreement asks for."),
                w.gettext(
                    "Record the letter when it arrives, or settle the objection: as it stands it"
                    " is neither valid nor ignored."
                ),
            )
        case HoldReason.OBJECTION_DISPUTED:
            return (
                w.gettext("The objection is in time by one date and late by the other."),
                w.gettext("Decide which date counts, with a reason, then settle the objection."),
            )
        case HoldReason.OBJECTION_LATE:
            return (
                w.gettext("The objection came after the deadline."),
                w.gettext("Decide whether it counts all the same, or settle it as ineffective."),
            )
        case _:
            return (
                w.gettext("An objection made in time became known after the case had closed."),
                w.gettext("Settle it: the earlier outcome no longer stands."),
            )

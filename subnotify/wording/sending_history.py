"""What an attempt to send, or a report about it, means: each as exactly as it is known."""

from subnotify.rules.words import AttemptResult, DeliveryEventKind
from subnotify.wording.language import Wording


def attempt_sentence(result: AttemptResult, w: Wording, *, is_repeated: bool = True) -> str:
    """What follows from an attempt; empty where its proof says it. is_repeated: another attempt
    follows where this one came to no end."""
    match result:
        case AttemptResult.DEFERRED if not is_repeated:
            return w.gettext("Not accepted yet.")
        case AttemptResult.UNKNOWN if not is_repeated:
            return w.gettext(
                "The connection ended before the answer came: it may have arrived, and does not"
                " count as handed over."
            )
        case AttemptResult.AUTHENTICATION_FAILED if not is_repeated:
            return w.gettext("Our own sign-in failed. That says nothing about the recipient.")
        case AttemptResult.HANDED_OVER:
            return ""
        case AttemptResult.DEFERRED:
            return w.gettext("Not accepted yet: it is tried again with the same bytes.")
        case AttemptResult.REJECTED:
            return w.gettext("Refused for good: this message reached nobody.")
        case AttemptResult.UNKNOWN:
            return w.gettext(
                "The connection ended before the answer came: it may have arrived, and does not"
                " count as handed over. It is tried again with the same bytes and Message-ID."
            )
        case AttemptResult.AUTHENTICATION_FAILED:
            return w.gettext(
                "Our own sign-in failed. That says nothing about the recipient; it is tried again."
            )


def event_sentence(kind: DeliveryEventKind, w: Wording, *, is_proof: bool) -> str:
    """What a report of delivery proves. is_proof: a proof of receipt was recorded from it."""
    match kind:
        case DeliveryEventKind.DELIVERED if is_proof:
            return w.gettext("This proves receipt by the recipient's mail server.")
        case DeliveryEventKind.DELIVERED:
            return w.gettext("It added no proof of receipt.")
        case DeliveryEventKind.RELAYED:
            return w.gettext(
                "It was passed on to a server that reports nothing: no proof that it arrived."
            )
        case DeliveryEventKind.EXPANDED:
            return w.gettext(
                "It was passed on to the members of a mailing list: no proof that the contact got"
                " it."
            )
        case DeliveryEventKind.DELAYED:
            return w.gettext("Not given up: a server on the way goes on trying. It proves nothing.")
        case DeliveryEventKind.FAILED:
            return w.gettext(
                "It failed for good: this message reached nobody, whatever was said before."
            )


def step_words(verb: str, w: Wording) -> str:
    """At which step of the session the server answered; verb: as recorded with the attempt."""
    match verb:
        case "":
            return ""
        case "connect":
            return w.gettext("while connecting")
        case "final_dot":
            return w.gettext("after the final dot")
        case "fault":
            return w.gettext("our own program failed")
        case _:
            return w.gettext("at %(verb)s", verb=verb.upper())

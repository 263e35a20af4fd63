"""Why an event of a relay was not recorded, in a sentence."""

from subnotify.rules.delivery_events import EventRefusal
from subnotify.wording.language import Wording


def refusal_sentence(refusal: EventRefusal, w: Wording) -> str:
    """The reason; for a malformed event its problems say more."""
    match refusal:
        case EventRefusal.MALFORMED:
            return w.gettext("The event cannot be read.")
        case EventRefusal.UNKNOWN_MESSAGE:
            return w.gettext("No mail of this installation has this Message-ID or envelope id.")
        case EventRefusal.NEVER_ATTEMPTED:
            return w.gettext("This mail was never handed to a server.")
        case EventRefusal.BEFORE_FIRST_ATTEMPT:
            return w.gettext("It says it happened before this mail was first sent.")
        case EventRefusal.IN_FUTURE:
            return w.gettext("It says it happened in the future.")

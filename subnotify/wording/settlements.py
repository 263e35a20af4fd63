"""What legal's decision on an objection means, as the desk offers and shows it."""

from subnotify.rules.words import SettlementKind
from subnotify.wording.language import Wording


def settlement_sentence(kind: SettlementKind, w: Wording) -> str:
    """What is recorded with this decision."""
    match kind:
        case SettlementKind.ACCOMMODATED:
            return w.gettext("The objection is met: the change is not made for this client.")
        case SettlementKind.WITHDRAWN:
            return w.gettext("The client withdrew its objection.")
        case SettlementKind.INEFFECTIVE:
            return w.gettext(
                "The objection has no effect: late, not in the agreed form, or on grounds that the"
                " terms do not admit."
            )
        case SettlementKind.TERMINATED:
            return w.gettext("A termination: the services named end on the day recorded.")

"""What proves that a notice was given. Never "read by the client": a server's 250 has no eyes."""

from subnotify.rules.words import ProofKind
from subnotify.wording.language import Wording


def proof_sentence(kind: ProofKind, w: Wording) -> str:
    """What is known from this proof, as the desk and the evidence state it."""
    match kind:
        case ProofKind.DISPATCH:
            return w.gettext("Handed over to our mail relay: this proves sending, not receipt.")
        case ProofKind.RECIPIENT_SERVER:
            return w.gettext("Accepted by the recipient's mail server.")
        case ProofKind.ACKNOWLEDGEMENT:
            return w.gettext("The client acknowledged receipt, or answered.")
        case ProofKind.REGISTERED_DELIVERY:
            return w.gettext("Registered post was delivered.")
        case ProofKind.DEEMED:
            return w.gettext("Deemed received under the clause itself.")
        case ProofKind.PUBLICATION:
            return w.gettext("The list was published: under the clause this is the notice.")


def deemed_sentence(clause: str, w: Wording) -> str:
    """A letter came back or was not collected, and yet the notice counts as given by it. clause:
    the one that says so; "" where none is on record."""
    if not clause:
        return w.gettext("Under the terms it counts as received all the same: the notice is given.")
    return w.gettext(
        "Under the terms (%(clause)s) it counts as received all the same: the notice is given.",
        clause=clause,
    )


def served_sentence(kind: ProofKind, w: Wording) -> str:
    """The same, told to the client."""
    match kind:
        case ProofKind.DISPATCH:
            return w.gettext("The notice was sent to you by email.")
        case ProofKind.RECIPIENT_SERVER:
            return w.gettext("Your mail server accepted the notice.")
        case ProofKind.ACKNOWLEDGEMENT:
            return w.gettext("You acknowledged receipt of the notice, or answered it.")
        case ProofKind.REGISTERED_DELIVERY:
            return w.gettext("Registered post delivered the notice to you.")
        case ProofKind.DEEMED:
            return w.gettext("Your agreement deems the notice received.")
        case ProofKind.PUBLICATION:
            return w.gettext("The list was published, which your agreement takes as notice.")

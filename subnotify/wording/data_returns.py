"""What becomes of a client's data after its services ended, for the desk."""

from subnotify.rules.terms_words import DataAtEnd
from subnotify.wording.language import Wording


def data_at_end_sentence(wanted: DataAtEnd, w: Wording) -> str:
    """What the terms want done with the data."""
    match wanted:
        case DataAtEnd.DESTROY:
            return w.gettext("The client's data is to be destroyed.")
        case DataAtEnd.RETURN:
            return w.gettext("The client's data is to be returned.")
        case DataAtEnd.CLIENT_CHOOSES:
            return w.gettext("The client's data is to be returned or destroyed, as it chooses.")
        case DataAtEnd.UNSPECIFIED:
            return w.gettext(
                "The agreement does not say what becomes of the client's data; GDPR art. 28(3)(g)"
                " has it deleted or returned, as the client chooses."
            )


def data_choice_words(choice: DataAtEnd, w: Wording) -> str:
    """ "Return" or "Destruction": the client's choice."""
    if choice is DataAtEnd.RETURN:
        return w.gettext("Return of the data")
    return w.gettext("Destruction of the data")

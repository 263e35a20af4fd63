"""How far the machine has read what clients may have answered by mail, in words."""

from subnotify.storage.hold_facts import MachineReading
from subnotify.storage.tables import MailboxReadingRow
from subnotify.web.incoming_views import as_plain
from subnotify.wording.language import Wording
from subnotify.wording.troubles import trouble_words

_PIPE = "pipe"


def reading_sentences(reading: MachineReading, w: Wording) -> list[str]:
    """What a person needs to know before confirming anything."""
    if not reading.places:
        return [
            w.gettext(
                "No mailbox is read by the machine: a person reads the replies and confirms it."
            )
        ]
    said = []
    if reading.read_until_at is not None:
        said.append(
            w.gettext(
                "The machine has read all mail up to %(instant)s.",
                instant=w.date_time(reading.read_until_at),
            )
        )
    else:
        said.append(w.gettext("The machine has not read every place where mail arrives yet."))
    if reading.untied:
        said.append(
            w.gettext(
                "It cannot count further: a mail of an unknown client, received on %(instant)s,"
                " waits for a person.",
                instant=w.date_time(reading.untied[0].received_at),
            )
        )
    return [*said, *(x for place in reading.places for x in place_sentences(place, w))]


def place_sentences(place: MailboxReadingRow, w: Wording) -> list[str]:
    """What is the matter with one place; nothing while it is read."""
    if place.failing_since_at is None:
        return []
    return [
        w.gettext(
            "Reading %(place)s has failed since %(instant)s: %(failure)s",
            place=mailbox_place(place.place, w),
            instant=w.date_time(place.failing_since_at),
            failure=as_plain(trouble_words(place.failure, w)),
        )
    ]


def mailbox_place(place: str, w: Wording) -> str:
    """ "the folder INBOX" or what the mail server hands over; never the account's password."""
    if place == _PIPE:
        return w.gettext("what the mail server hands over")
    parts = place.split(":", 3)
    if len(parts) == 4 and parts[0] == "imap":
        return w.gettext("the folder %(folder)s at %(host)s", folder=parts[3], host=parts[1])
    return place

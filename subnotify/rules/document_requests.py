"""Written requests for the list: what a request says, and what names the version given out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from subnotify.rules.client_lists import ClientEntry
from subnotify.rules.errors import Problem, RuleError
from subnotify.rules.responses import LONGEST_NAME, LONGEST_TEXT
from subnotify.rules.text_lengths import length_problems
from subnotify.rules.texts import LANGUAGES
from subnotify.rules.words import ChangeKind, ResponseChannel

# How a request comes in writing, and how the document goes out.
CHANNELS = (
    ResponseChannel.REPLY,
    ResponseChannel.POST,
    ResponseChannel.REGISTERED_POST,
    ResponseChannel.OTHER,
)
# The client's own way, in the portal: never chosen on the desk for a request that came otherwise.
PORTAL_CHANNEL = ResponseChannel.LINK
WAITING_AT_MOST = 5


class EnoughRequestsWait(RuleError):
    message = (
        "As many requests of this agreement wait as can be taken in here. Wait for their answers,"
        " or write to us."
    )


def ways_to_give(asked_by: ResponseChannel) -> tuple[ResponseChannel, ...]:
    """How the answer of a request that came this way may be given."""
    return (PORTAL_CHANNEL, *CHANNELS) if asked_by is PORTAL_CHANNEL else CHANNELS


class ListNotPublished(RuleError):
    message = "No list was published yet on this day. Choose a later day."


class RequestAnswered(RuleError):
    message = "This request is answered already. Record a new one to answer it again."


class NothingPrepared(RuleError):
    message = "No document is prepared yet: prepare it first, then record how it was given."


@dataclass(frozen=True)
class NewRequest:
    """What a client asked for. Days are the vendor's.

    as_of_on: the day whose list is asked for. incoming_letter_id: the letter on record that asks.
    """

    agreement_id: int
    channel: ResponseChannel
    requested_on: date
    requested_by: str
    as_of_on: date
    language: str
    note: str = ""
    incoming_letter_id: int | None = None


@dataclass(frozen=True)
class ListVersion:
    """What names the list of an instant: the publication that made it, and the latest release
    until then, which says what was announced. release_number: "" before the first release."""

    number: int
    published_at: datetime
    release_number: str = ""
    released_at: datetime | None = None

    @property
    def key(self) -> str:
        """As the register keeps it: "12/2026-003", without a release "12"."""
        return f"{self.number}/{self.release_number}" if self.release_number else str(self.number)


@dataclass(frozen=True)
class AnnouncedEntry:
    """A change announced to a client and not in force yet. found: the entry as it will be, judged
    on the day on which it is to take effect; replaced: the name of what it takes the place of."""

    kind: ChangeKind
    found: ClientEntry
    replaced: str
    commencement_on: date | None
    release_number: str
    released_at: datetime


def request_reference(request_id: int) -> str:
    """What stands on the document, and finds the request again."""
    return f"D-{request_id:06d}"


def request_problems(
    request: NewRequest, *, today: date, channels: Collection[ResponseChannel] = CHANNELS
) -> tuple[Problem, ...]:
    """What is wrong with a request, each at its field; empty when it can be recorded. channels:
    those by which it may come here."""
    found = []
    if request.channel not in channels:
        found.append(
            Problem("channel", "This is not how a request comes.", "Choose from the list.")
        )
    if request.language not in LANGUAGES:
        found.append(Problem("language", "The list is not written in it.", "Choose from the list."))
    if request.requested_on > today:
        found.append(
            Problem("requested_on", "This day has not come yet.", "Give the day it arrived.")
        )
    if request.as_of_on > today:
        found.append(
            Problem("as_of_on", "This day has not come yet.", "Choose today or an earlier day.")
        )
    if not request.requested_by.strip():
        found.append(
            Problem("requested_by", "It is not said who asks.", "Write the name of who asks.")
        )
    return (
        *found,
        *length_problems(
            ("requested_by", request.requested_by, LONGEST_NAME),
            ("note", request.note, LONGEST_TEXT),
        ),
    )


def answer_problems(
    through: ResponseChannel,
    given_on: date,
    *,
    prepared_on: date,
    today: date,
    channels: Collection[ResponseChannel] = CHANNELS,
) -> tuple[Problem, ...]:
    """What is wrong with how a document is said to have been given. Days are the vendor's."""
    found = []
    if through not in channels:
        found.append(
            Problem("through", "This is not how a document is given.", "Choose from the list.")
        )
    if given_on > today:
        found.append(
            Problem("given_on", "This day has not come yet.", "Give the day it was given.")
        )
    if given_on < prepared_on:
        found.append(
            Problem(
                "given_on",
                "The document was not prepared yet on this day.",
                "Give the day it was given, or prepare it anew.",
            )
        )
    return tuple(found)

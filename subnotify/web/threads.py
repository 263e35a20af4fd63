"""Questions and answers about a notice, in order, as the client and legal both read them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from subnotify.rules.words import ResponseChannel, ResponseKind
from subnotify.storage.legal_messages import LegalMessage
from subnotify.storage.responses import StoredResponse
from subnotify.wording.language import Wording

_ASKED = frozenset({ResponseKind.QUESTION, ResponseKind.MORE_TIME})


@dataclass(frozen=True)
class ThreadEntry:
    """What one side wrote. name: who, on the client's side with the role; of ours whoever wrote
    it. day_on: said instead of the instant where only a day is known (a letter). waits: the
    client's, not answered yet."""

    at: datetime
    is_ours: bool
    name: str
    text: str
    reference: str = ""
    answers: str = ""
    day_on: date | None = None
    waits: bool = False


def thread_entries(
    responses: Iterable[StoredResponse], messages: Iterable[LegalMessage], w: Wording
) -> list[ThreadEntry]:
    """Questions, requests and whatever else was answered, with the answers and what legal wrote
    besides."""
    entries = [
        *(entry for response in responses for entry in _of_response(response, w)),
        *(ThreadEntry(one.written_at, True, one.written_by, one.text) for one in messages),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _of_response(response: StoredResponse, w: Wording) -> Iterator[ThreadEntry]:
    if response.kind not in _ASKED and not response.answer:
        return
    is_online = response.channel is ResponseChannel.LINK
    yield ThreadEntry(
        response.received_at,
        False,
        ", ".join(word for word in (response.by_name, response.by_role) if word),
        response.text,
        reference=response.reference,
        day_on=None if is_online else w.local(response.received_at).date(),
        waits=response.kind in _ASKED and response.answer is None,
    )
    if response.answer and response.read_at is not None:
        yield ThreadEntry(response.read_at, True, "", response.answer, answers=response.reference)

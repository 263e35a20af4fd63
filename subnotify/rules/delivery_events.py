"""Reports of delivery: what a relay, a file or a bounce says became of one of our mails.

The kinds are those of RFC 3464, 2.3.3. Only `delivered`, said of a named host, proves receipt
(DESIGN section 9): a relay's own acceptance proves dispatch.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from subnotify.rules.words import DeliveryEventKind


@dataclass(frozen=True, slots=True)
class ReportedEvent:
    """One report about one mail, as told.

    external_id: the teller's own, unique for its source. The mail is named by at least one of
    message_id (its row, where a signed tag named it), message_id_header (`<...@...>`) and
    envelope_id (the ENVID of RFC 3461, the left part of that header); all that are given must
    name the same mail. happened_at: aware. status: RFC 3463, like 5.1.1, or empty. host: the
    server that had the mail then, or empty. incoming_mail_id: the mail that told.
    """

    external_id: str
    kind: DeliveryEventKind
    happened_at: datetime
    message_id: int | None = None
    message_id_header: str = ""
    envelope_id: str = ""
    status: str = ""
    host: str = ""
    words: str = ""
    incoming_mail_id: int | None = None


class EventAnswer(StrEnum):
    """What became of a reported event. known: the same source told it before."""

    RECORDED = "recorded"
    KNOWN = "known"
    REFUSED = "refused"


class EventRefusal(StrEnum):
    """Why an event is not recorded. malformed: it could not be read, so it never gets here."""

    MALFORMED = "malformed"
    UNKNOWN_MESSAGE = "unknown_message"
    NEVER_ATTEMPTED = "never_attempted"
    BEFORE_FIRST_ATTEMPT = "before_first_attempt"
    IN_FUTURE = "in_future"


@dataclass(frozen=True, slots=True)
class AnsweredEvent:
    """refusal: exactly where the answer is `refused`."""

    external_id: str
    answer: EventAnswer
    refusal: EventRefusal | None = None


@dataclass(frozen=True, slots=True)
class RecordedEvents:
    """One answer for each event that was given, in the same order."""

    answers: tuple[AnsweredEvent, ...]

    def count(self, answer: EventAnswer) -> int:
        return sum(one.answer is answer for one in self.answers)

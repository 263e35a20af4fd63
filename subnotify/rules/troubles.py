"""What goes wrong with our clock, our public address and our mailbox: facts, told in any language.

What is stored is the code with its figures and the words of the server or system that said no, not
a sentence: whoever reads it reads their own language, and the server's own words as they came.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from subnotify.rules.errors import N_

# On a message whose stored bytes no seal key of ours opens; the log says which key it takes.
SEAL_DOES_NOT_OPEN = N_("The stored mail does not open with our seal keys.")


class TroubleCode(StrEnum):
    """Each fact that is told apart."""

    CLOCK_JUMPED_FORWARD = "clock_jumped_forward"
    CLOCK_JUMPED_BACK = "clock_jumped_back"
    CLOCK_BEHIND_DATABASE = "clock_behind_database"
    CLOCK_AHEAD_OF_DATABASE = "clock_ahead_of_database"
    CLOCK_BEHIND_RECORD = "clock_behind_record"

    NO_CONNECTION = "no_connection"
    ANSWERED_STATUS = "answered_status"
    SENT_ELSEWHERE = "sent_elsewhere"
    SOMETHING_ELSE_ANSWERS = "something_else_answers"

    MAILBOX_CONNECTION = "mailbox_connection"
    MAILBOX_SIGN_IN = "mailbox_sign_in"
    MAILBOX_FOLDER = "mailbox_folder"
    MAILBOX_NO_UIDVALIDITY = "mailbox_no_uidvalidity"
    MAILBOX_SEARCH = "mailbox_search"
    MAILBOX_FETCH = "mailbox_fetch"
    TOKEN_TOO_SLOW = "token_too_slow"
    TOKEN_NOT_RUN = "token_not_run"
    TOKEN_ENDED_BADLY = "token_ended_badly"
    TOKEN_EMPTY = "token_empty"
    MAIL_NOT_STORED = "mail_not_stored"


# Clauses: they stand after a colon, or become a sentence of their own. `length` is of time,
# `instant` an instant, `words` what a server or the system said.
CLAUSES: Mapping[TroubleCode, str] = {
    TroubleCode.CLOCK_JUMPED_FORWARD: N_(
        "the clock jumped forward by %(length)s against the monotonic clock"
    ),
    TroubleCode.CLOCK_JUMPED_BACK: N_(
        "the clock jumped back by %(length)s against the monotonic clock"
    ),
    TroubleCode.CLOCK_BEHIND_DATABASE: N_("the clock is %(length)s behind the database's clock"),
    TroubleCode.CLOCK_AHEAD_OF_DATABASE: N_(
        "the clock is %(length)s ahead of the database's clock"
    ),
    TroubleCode.CLOCK_BEHIND_RECORD: N_(
        "the clock is %(length)s behind %(instant)s, when a worker ran"
    ),
    TroubleCode.NO_CONNECTION: N_("no connection: “%(words)s”"),
    TroubleCode.ANSWERED_STATUS: N_("answered with status %(status)s: “%(words)s”"),
    TroubleCode.SENT_ELSEWHERE: N_(
        "answered with status %(status)s and sent on to %(location)s: “%(words)s”"
    ),
    TroubleCode.SOMETHING_ELSE_ANSWERS: N_("something else answers at this address"),
    TroubleCode.MAILBOX_CONNECTION: N_("no connection to %(host)s: “%(words)s”"),
    TroubleCode.MAILBOX_SIGN_IN: N_("the sign-in failed: “%(words)s”"),
    TroubleCode.MAILBOX_FOLDER: N_("the folder %(folder)s cannot be opened: “%(words)s”"),
    TroubleCode.MAILBOX_NO_UIDVALIDITY: N_(
        "the mail server gives no UIDVALIDITY for the folder %(folder)s"
    ),
    TroubleCode.MAILBOX_SEARCH: N_("the mails cannot be listed: “%(words)s”"),
    TroubleCode.MAILBOX_FETCH: N_("the mails cannot be fetched: “%(words)s”"),
    TroubleCode.TOKEN_TOO_SLOW: N_(
        "the command for the access token took longer than %(seconds)s s"
    ),
    TroubleCode.TOKEN_NOT_RUN: N_("the command for the access token cannot run: “%(words)s”"),
    TroubleCode.TOKEN_ENDED_BADLY: N_(
        "the command for the access token ended with %(status)s: “%(words)s”"
    ),
    TroubleCode.TOKEN_EMPTY: N_("the command for the access token gave no token: “%(words)s”"),
    TroubleCode.MAIL_NOT_STORED: N_(
        "the mail %(uid)s in the folder %(folder)s cannot be stored: “%(words)s”"
    ),
}


@dataclass(frozen=True)
class Trouble:
    """figures: what the clause of the code names; a length of time in whole seconds (`length`),
    an instant in ISO 8601 (`instant`). words: of the server or system, in its own language.

    str() is the English clause, for logs and terminals.
    """

    code: TroubleCode
    figures: Mapping[str, int | str] = field(default_factory=dict)
    words: str = ""

    @property
    def length(self) -> timedelta | None:
        seconds = self.figures.get("length")
        return None if seconds is None else timedelta(seconds=int(seconds))

    @property
    def instant(self) -> datetime | None:
        said = self.figures.get("instant")
        return None if said is None else datetime.fromisoformat(str(said)).astimezone(UTC)

    def __str__(self) -> str:
        told: dict[str, object] = {**self.figures, "words": self.words}
        if self.length is not None:
            told["length"] = self.length
        if self.instant is not None:
            told["instant"] = self.instant.strftime("%Y-%m-%d %H:%M:%SZ")
        return CLAUSES[self.code] % told

    def as_mapping(self) -> dict[str, object]:
        """For evidence, and what is stored."""
        return {"code": self.code.value, "figures": dict(self.figures), "words": self.words}


def stored_text(trouble: Trouble) -> str:
    """What `read_trouble` reads; without any sign that a database would refuse."""
    return json.dumps(trouble.as_mapping())


def read_trouble(text: str) -> Trouble | None:
    """None for anything but a fact that is stored: words of before, or of a newer program."""
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
        trouble = Trouble(TroubleCode(found["code"]), dict(found["figures"]), str(found["words"]))
        str(trouble)  # whatever the clause needs is there
    except (ValueError, KeyError, TypeError):
        return None
    return trouble


def english_words(text: str) -> str:
    """A stored fact in English; words of before as they are."""
    return str(read_trouble(text) or text)

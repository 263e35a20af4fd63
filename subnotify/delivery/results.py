"""What came of one try to hand a mail over. Kept apart, because each asks for something else."""

from dataclasses import dataclass
from enum import StrEnum


class DeliveryState(StrEnum):
    """What is known after one try. Only `HANDED_OVER` means that the server took the mail."""

    HANDED_OVER = "handed_over"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    AUTHENTICATION_FAILED = "authentication_failed"


class Verb(StrEnum):
    """The step of the session that gave the result."""

    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    FINAL_DOT = "final_dot"
    # No verb of the protocol: our own program failed on the way, nobody knows where.
    FAULT = "fault"


_SESSION_VERBS = frozenset({Verb.CONNECT, Verb.EHLO, Verb.STARTTLS, Verb.AUTH})


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result of one try to hand one mail over.

    `code` is the reply code, None where no reply came; `reply` the server's text, or the error in
    words; `host` the server as configured and the address it answered from.
    """

    state: DeliveryState
    verb: Verb
    code: int | None
    reply: str
    host: str

    @property
    def concerns_server(self) -> bool:
        """Whether the next mail would meet the same fate: the server, not the recipient, failed."""
        return self.verb in _SESSION_VERBS or self.state is DeliveryState.AUTHENTICATION_FAILED

"""What came of one try to hand a mail over. Kept apart, because each asks for something else."""

from dataclasses import dataclass
from enum import StrEnum

from subnotify.delivery.refusals import Concern, Verb, concern_of

__all__ = ["Concern", "DeliveryResult", "DeliveryState", "Verb"]


class DeliveryState(StrEnum):
    """What is known after one try. Only `HANDED_OVER` means that the server took the mail."""

    HANDED_OVER = "handed_over"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    AUTHENTICATION_FAILED = "authentication_failed"


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
    def concern(self) -> Concern:
        """Whom it concerns that the mail was not taken; `MAIL` where it was, or never will be."""
        if self.state in (DeliveryState.HANDED_OVER, DeliveryState.REJECTED):
            return Concern.MAIL
        if self.state is DeliveryState.AUTHENTICATION_FAILED:
            return Concern.SERVER
        return concern_of(self.verb, self.code, self.reply)

    @property
    def concerns_server(self) -> bool:
        """Whether the next mail would meet the same fate: the server, not the recipient, failed."""
        return self.concern is Concern.SERVER

    @property
    def concerns_us(self) -> bool:
        """The host that we hand mail to, or we as its sender: nothing here is the recipient's."""
        return self.concern is not Concern.MAIL

    @property
    def concerns_sender(self) -> bool:
        """We as the sender failed, so that most of the next mails would as well."""
        return self.concern is Concern.SENDER

    @property
    def refuses_sender(self) -> bool:
        """The host refuses us for good, until a person mends our account, sender or domain."""
        refused = self.code is not None and self.code >= 500
        return refused and self.concerns_sender

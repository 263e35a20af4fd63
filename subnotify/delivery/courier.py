"""What hands mails over: the one interface that sending knows. SMTP is the one that ships."""

from dataclasses import dataclass
from typing import Protocol

from subnotify.delivery.results import DeliveryResult


@dataclass(frozen=True, slots=True)
class Envelope:
    """Of one mail to one recipient; the same for every repeat.

    envelope_id: what reports of delivery quote. report_success: whether a report is wanted also
    when the mail arrived (RFC 3461); failures and delays are always wanted.
    """

    sender: str
    recipient: str
    envelope_id: str = ""
    report_success: bool = False


class Courier(Protocol):
    """One connection, used by one thread at a time."""

    def deliver(self, envelope: Envelope, raw: bytes) -> DeliveryResult:
        """Try once to hand a mail over; raises nothing for what servers and networks do."""
        ...

    def sign_in(self, sender: str) -> DeliveryResult | None:
        """Open the session, sign in and name the sender, but send nothing; None if the server
        takes all of it, else what it refused. Raises nothing for servers and networks."""
        ...

    def close(self) -> None:
        """Take leave. What the other side answers changes nothing."""
        ...

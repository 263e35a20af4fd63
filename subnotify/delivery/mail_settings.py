"""How fast mail leaves, and where the mailbox is that takes what comes back: values that the
configuration reads from the environment."""

from dataclasses import dataclass, field
from datetime import timedelta

from subnotify.delivery.retries import GIVE_UP_AFTER
from subnotify.delivery.smtp_settings import LOOPBACK, Security

MOST_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class MailFlow:
    """How mail leaves.

    connections: at once to the mail host. per_hour: at most so many mails in any hour (None: no
    quota). per_domain_per_minute: at most so many to the addresses of one domain (None: no pace).
    give_up_after: how long a mail is retried that the recipients' side puts off. Raises
    `ValueError` for values that are not positive.
    """

    connections: int = 4
    per_hour: int | None = None
    per_domain_per_minute: int | None = None
    give_up_after: timedelta = GIVE_UP_AFTER

    def __post_init__(self) -> None:
        if not 1 <= self.connections <= MOST_CONNECTIONS:
            raise ValueError(f"mail: connections must be 1 to {MOST_CONNECTIONS}")
        for limit in (self.per_hour, self.per_domain_per_minute):
            if limit is not None and limit < 1:
                raise ValueError("mail: a limit must be 1 or more; leave it out for none")
        if self.give_up_after <= timedelta(0):
            raise ValueError("mail: the time to give up after must be more than nothing")


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """The mailbox that takes bounces and replies.

    Signed in to with `password`, or by XOAUTH2 with the access token that `token_command` (a
    command line) prints. `folders`: all that may hold such mail, the one for junk among them.
    Raises `ValueError` for half a sign-in, both kinds of it, or a password in the clear to
    another host.
    """

    host: str
    port: int
    username: str
    security: Security = Security.TLS
    password: str | None = field(default=None, repr=False)
    token_command: str | None = field(default=None, repr=False)
    folders: tuple[str, ...] = ("INBOX",)
    timeout_seconds: float = 60.0

    def __post_init__(self) -> None:
        if (self.password is None) == (self.token_command is None):
            raise ValueError("IMAP: give either a password or a command that prints a token")
        if self.security is Security.NONE and self.host not in LOOPBACK:
            raise ValueError("IMAP: a password is only sent over TLS; set the security to tls")
        if not self.folders:
            raise ValueError("IMAP: name at least one folder, such as INBOX")

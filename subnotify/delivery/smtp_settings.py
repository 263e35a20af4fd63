"""Where and how mail is handed over: the values that config.py reads from the environment."""

from dataclasses import dataclass, field
from enum import StrEnum

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Security(StrEnum):
    """How the connection is protected: not at all, from STARTTLS on, or from the first octet."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where mail is handed over.

    `security` other than none is a demand: without TLS nothing is sent. `local_hostname` is what
    we call ourselves in EHLO (None: this host's full name, or an address literal). Raises
    `ValueError` for contradictory values: half of a sign-in, a password over an unprotected
    connection to another host, a timeout that is not positive.
    """

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0
    local_hostname: str | None = None

    def __post_init__(self) -> None:
        if (self.username is None) != (self.password is None):
            raise ValueError("SMTP: user name and password belong together")
        if self.username and self.security is Security.NONE and self.host not in LOOPBACK:
            raise ValueError("SMTP: a password is only sent over TLS; set the security to starttls")
        if self.timeout_seconds <= 0:
            raise ValueError("SMTP: the timeout must be more than 0 seconds")

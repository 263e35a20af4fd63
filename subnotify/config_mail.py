"""Settings of sending, of what comes back, and of the watch over both."""

from dataclasses import dataclass
from datetime import timedelta

from subnotify.config_environment import LOCAL, PREFIX, Environment, SettingsError
from subnotify.delivery.mail_settings import MOST_CONNECTIONS, ImapSettings, MailFlow
from subnotify.delivery.mail_tags import LONGEST_BASE
from subnotify.delivery.smtp_settings import Security


@dataclass(frozen=True)
class ReminderTimes:
    """When clients that have not answered are reminded. days_before: the deadline; 0 is never."""

    at_half_time: bool = True
    days_before: int = 3


@dataclass(frozen=True)
class WatchLimits:
    """tolerated: down for longer in the last 48 hours of a window holds silence.

    longest_pause: a longer pause between two probes of the public address counts as down.
    """

    tolerated: timedelta = timedelta(hours=1)
    longest_pause: timedelta = timedelta(minutes=10)


def return_address_from(read: Environment) -> str | None:
    """The address whose tagged forms take bounces and replies; needed by whatever reads them."""
    if not read.optional("RETURN_ADDRESS"):
        for reader in ("IMAP_HOST", "MAIL_PIPE"):
            if read.optional(reader):
                raise SettingsError(
                    f"{PREFIX}RETURN_ADDRESS is missing: {PREFIX}{reader} reads what comes to it"
                )
        return None
    address = read.sender_address("RETURN_ADDRESS")
    local = address.partition("@")[0]
    if "+" in local or len(local) > LONGEST_BASE:
        raise SettingsError(
            f"{PREFIX}RETURN_ADDRESS must have at most {LONGEST_BASE} characters before the @,"
            " and no + there: a tag is added after a +"
        )
    return address


def mail_flow_from(read: Environment) -> MailFlow:
    per_hour = read.number("MAIL_PER_HOUR", 0, least=0, most=10_000_000)
    per_domain = read.number("MAIL_PER_DOMAIN_PER_MINUTE", 0, least=0, most=100_000)
    return MailFlow(
        connections=read.number("SMTP_CONNECTIONS", 4, least=1, most=MOST_CONNECTIONS),
        per_hour=per_hour or None,
        per_domain_per_minute=per_domain or None,
        give_up_after=timedelta(days=read.number("MAIL_GIVE_UP_DAYS", 5, least=1, most=14)),
    )


def imap_from(read: Environment) -> ImapSettings | None:
    """The mailbox, or None where no host is named."""
    host = read.optional("IMAP_HOST")
    if not host:
        return None
    security = Security(read.one_of("IMAP_SECURITY", tuple(Security), Security.TLS))
    if security is Security.NONE and host not in LOCAL:
        raise SettingsError(f"{PREFIX}IMAP_SECURITY may be none only for this machine: use tls")
    password = read.optional("IMAP_PASSWORD")
    command = read.optional("IMAP_TOKEN_COMMAND")
    if bool(password) == bool(command):
        raise SettingsError(
            f"{PREFIX}IMAP_PASSWORD or {PREFIX}IMAP_TOKEN_COMMAND is needed, and not both"
        )
    folders = tuple(x.strip() for x in (read.optional("IMAP_FOLDERS") or "INBOX").split(","))
    return ImapSettings(
        host=host,
        port=read.number("IMAP_PORT", 993, least=1, most=65535),
        username=read.required("IMAP_USERNAME", "who signs in to the mailbox"),
        security=security,
        password=password or None,
        token_command=command or None,
        folders=tuple(x for x in folders if x),
        timeout_seconds=read.number("IMAP_TIMEOUT_SECONDS", 60, least=1, most=600),
    )


def reminders_from(read: Environment) -> ReminderTimes:
    return ReminderTimes(
        at_half_time=read.flag("REMIND_AT_HALF_TIME", default=True),
        days_before=read.number("REMIND_DAYS_BEFORE", 3, least=0, most=60),
    )


def watch_from(read: Environment) -> WatchLimits:
    return WatchLimits(
        tolerated=timedelta(minutes=read.number("OUTAGE_MINUTES", 60, least=1, most=2_880)),
        longest_pause=timedelta(
            minutes=read.number("PROBE_PAUSE_MINUTES", 10, least=2, most=1_440)
        ),
    )

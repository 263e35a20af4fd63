"""Settings from the environment. A start with a missing or weak setting is refused by its name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from subnotify.config_environment import LOCAL, PREFIX, Environment, SettingsError
from subnotify.config_mail import (
    ReminderTimes,
    WatchLimits,
    imap_from,
    mail_flow_from,
    reminders_from,
    return_address_from,
    watch_from,
)
from subnotify.delivery.mail_settings import ImapSettings, MailFlow
from subnotify.delivery.sealing import SealKey
from subnotify.delivery.smtp_settings import SmtpSettings
from subnotify.rules.texts import LANGUAGES
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import MailHost

__all__ = ["Settings", "SettingsError", "database_url_from", "settings_from"]


@dataclass(frozen=True)
class Settings:
    """All settings of one installation.

    secret_key signs cookies and codes; seal_key encrypts mails at rest. mail_host: whether the
    configured host is a relay (its 250 proves dispatch) or the recipients' own server (its 250
    proves receipt). vendor_time_zone: of the vendor's days (commencement, confirmations).

    legal_language: of the mails to legal_email, en or fr; each agreement has its own.

    return_address: where bounces and replies come, with a signed tag after a plus sign; None:
    bounces and replies go to mail_from, and a person reads them. mail_pipe: the mail server
    pipes what comes to return_address into `subnotify mail receive`.
    """

    # It may hold a password.
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    seal_key: SealKey
    public_url: str
    smtp: SmtpSettings
    mail_from: str
    legal_email: str
    legal_language: str = "en"
    mail_host: MailHost = MailHost.RELAY
    vendor_time_zone: str = "Europe/Paris"
    one_person_release: bool = False
    trusted_proxies: int = 0
    demo_mailbox: Path | None = None
    return_address: str | None = None
    flow: MailFlow = field(default_factory=MailFlow)
    imap: ImapSettings | None = None
    mail_pipe: bool = False
    webhook_secret: str | None = field(default=None, repr=False)
    dns_resolver: str | None = None
    dkim_selectors: tuple[str, ...] = ()
    reminders: ReminderTimes = field(default_factory=ReminderTimes)
    watch: WatchLimits = field(default_factory=WatchLimits)
    # Where batches of letters are put for the printer; None: they are only downloaded.
    letters_folder: Path | None = None

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.vendor_time_zone)

    @property
    def public_host(self) -> str:
        """Host and port of the public address, as a browser sends them."""
        return urlsplit(self.public_url).netloc

    @property
    def is_https(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Settings from SUBNOTIFY_* variables; raises SettingsError with the variable's name."""
    read = Environment(environment)
    demo_mailbox = read.optional("DEMO_MAILBOX")
    public_url = read.public_url("PUBLIC_URL")
    if demo_mailbox and urlsplit(public_url).hostname not in LOCAL:
        # Its page shows every mail, with links and password resets, to whoever opens it.
        raise SettingsError(f"{PREFIX}DEMO_MAILBOX is only for this machine itself: remove it")
    return Settings(
        database_url=read.database_url(),
        secret_key=read.secret("SECRET_KEY"),
        seal_key=read.seal_key("SEAL_KEY"),
        public_url=public_url,
        smtp=read.smtp(),
        mail_from=read.sender_address("MAIL_FROM"),
        legal_email=read.address("LEGAL_EMAIL"),
        legal_language=read.one_of("LEGAL_LANGUAGE", LANGUAGES, "en"),
        mail_host=MailHost(read.one_of("MAIL_HOST_IS", tuple(MailHost), MailHost.RELAY)),
        vendor_time_zone=read.zone("TIME_ZONE", "Europe/Paris"),
        one_person_release=read.flag("ONE_PERSON_RELEASE"),
        trusted_proxies=read.number("TRUSTED_PROXIES", 0, least=0, most=5),
        demo_mailbox=Path(demo_mailbox) if demo_mailbox else None,
        return_address=return_address_from(read),
        flow=mail_flow_from(read),
        imap=imap_from(read),
        mail_pipe=read.flag("MAIL_PIPE"),
        webhook_secret=read.secret("WEBHOOK_SECRET") if read.optional("WEBHOOK_SECRET") else None,
        dns_resolver=read.optional("DNS_RESOLVER") or None,
        dkim_selectors=tuple(read.optional("DKIM_SELECTORS").replace(",", " ").split()),
        reminders=reminders_from(read),
        watch=watch_from(read),
        letters_folder=read.folder("LETTERS_FOLDER"),
    )


def database_url_from(environment: Mapping[str, str]) -> str:
    """The database alone: what migrations need."""
    return Environment(environment).database_url()

"""Settings from the environment. A start with a missing or weak setting is refused by its name."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from subnotify.delivery.sealing import SealKey
from subnotify.delivery.smtp_settings import Security, SmtpSettings
from subnotify.rules.time_limits import zone_of
from subnotify.rules.words import MailHost
from subnotify.storage.database import normalise_url

PREFIX = "SUBNOTIFY_"
SHORTEST_SECRET = 32
_LOCAL = ("localhost", "127.0.0.1", "::1")
_YES = frozenset({"yes", "true", "1", "on"})
_NO = frozenset({"no", "false", "0", "off", ""})


class SettingsError(Exception):
    """A setting is missing, weak or contradictory; the text names it and the remedy."""


@dataclass(frozen=True)
class Settings:
    """All settings of one installation.

    secret_key signs cookies and codes; seal_key encrypts mails at rest. mail_host: whether the
    configured host is a relay (its 250 proves dispatch) or the recipients' own server (its 250
    proves receipt). vendor_time_zone: of the vendor's days (commencement, confirmations).
    """

    # It may hold a password.
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    seal_key: SealKey
    public_url: str
    smtp: SmtpSettings
    mail_from: str
    legal_email: str
    mail_host: MailHost = MailHost.RELAY
    vendor_time_zone: str = "Europe/Paris"
    one_person_release: bool = False
    trusted_proxies: int = 0
    demo_mailbox: Path | None = None

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
    read = _Environment(environment)
    demo_mailbox = read.optional("DEMO_MAILBOX")
    public_url = read.public_url("PUBLIC_URL")
    if demo_mailbox and urlsplit(public_url).hostname not in _LOCAL:
        # Its page shows every mail, with links and password resets, to whoever opens it.
        raise SettingsError(f"{PREFIX}DEMO_MAILBOX is only for this machine itself: remove it")
    return Settings(
        database_url=read.database_url(),
        secret_key=read.secret("SECRET_KEY"),
        seal_key=read.seal_key("SEAL_KEY"),
        public_url=public_url,
        smtp=read.smtp(),
        mail_from=read.address("MAIL_FROM"),
        legal_email=read.address("LEGAL_EMAIL"),
        mail_host=MailHost(read.one_of("MAIL_HOST_IS", tuple(MailHost), MailHost.RELAY)),
        vendor_time_zone=read.zone("TIME_ZONE", "Europe/Paris"),
        one_person_release=read.flag("ONE_PERSON_RELEASE"),
        trusted_proxies=read.number("TRUSTED_PROXIES", 0, least=0, most=5),
        demo_mailbox=Path(demo_mailbox) if demo_mailbox else None,
    )


def database_url_from(environment: Mapping[str, str]) -> str:
    """The database alone: what migrations need."""
    return _Environment(environment).database_url()


class _Environment:
    """Reads one variable at a time and refuses it by name."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def optional(self, name: str) -> str:
        return self._environment.get(PREFIX + name, "").strip()

    def required(self, name: str, remedy: str) -> str:
        value = self.optional(name)
        if not value:
            raise SettingsError(f"{PREFIX}{name} is missing: {remedy}")
        return value

    def database_url(self) -> str:
        remedy = "for example sqlite:////var/lib/subnotify/subnotify.sqlite"
        value = self.required("DATABASE_URL", remedy)
        try:
            return normalise_url(value).render_as_string(hide_password=False)
        except Exception as error:
            raise SettingsError(f"{PREFIX}DATABASE_URL is not usable: {error}") from error

    def secret(self, name: str) -> str:
        remedy = "make one with `python -c 'import secrets; print(secrets.token_urlsafe(48))'`"
        value = self.required(name, remedy)
        if len(value) < SHORTEST_SECRET or len(set(value)) < 10:
            raise SettingsError(f"{PREFIX}{name} is too weak: {remedy}")
        return value

    def seal_key(self, name: str) -> SealKey:
        remedy = "make one with `openssl rand -base64 32`"
        value = self.required(name, remedy)
        try:
            raw = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            raise SettingsError(f"{PREFIX}{name} is not base64: {remedy}") from error
        if len(raw) != 32 or len(set(raw)) < 10:
            raise SettingsError(f"{PREFIX}{name} must hold 32 random bytes: {remedy}")
        return SealKey(raw)

    def public_url(self, name: str) -> str:
        value = self.required(name, "for example https://subprocessors.example.com").rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise SettingsError(f"{PREFIX}{name} must be scheme and host only, like https://host")
        local = parts.hostname in _LOCAL
        if parts.scheme == "http" and not local:
            raise SettingsError(f"{PREFIX}{name} must be https: personal links travel over it")
        return value

    def smtp(self) -> SmtpSettings:
        host = self.required("SMTP_HOST", "the host that takes your mail")
        security = self.one_of("SMTP_SECURITY", tuple(Security), Security.STARTTLS)
        if security == Security.NONE and host not in ("localhost", "127.0.0.1", "::1"):
            raise SettingsError(
                f"{PREFIX}SMTP_SECURITY may be none only for this machine itself: use starttls"
            )
        username = self.optional("SMTP_USERNAME")
        password = self.optional("SMTP_PASSWORD")
        if bool(username) != bool(password):
            raise SettingsError(f"{PREFIX}SMTP_USERNAME and {PREFIX}SMTP_PASSWORD go together")
        return SmtpSettings(
            host=host,
            port=self.number("SMTP_PORT", 587, least=1, most=65535),
            security=Security(security),
            username=username or None,
            password=password or None,
            timeout_seconds=self.number("SMTP_TIMEOUT_SECONDS", 60, least=1, most=600),
        )

    def address(self, name: str) -> str:
        value = self.required(name, "an email address")
        if value.count("@") != 1 or any(c.isspace() or c in '<>,;"' for c in value):
            raise SettingsError(f"{PREFIX}{name} must be one bare email address")
        return value

    def one_of(self, name: str, known: tuple[str, ...], default: str) -> str:
        value = self.optional(name) or default
        if value not in known:
            raise SettingsError(f"{PREFIX}{name} must be one of: {', '.join(known)}")
        return value

    def zone(self, name: str, default: str) -> str:
        value = self.optional(name) or default
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise SettingsError(
                f"{PREFIX}{name} is not an IANA time zone, like Europe/Paris"
            ) from error
        return value

    def flag(self, name: str) -> bool:
        value = self.optional(name).lower()
        if value not in _YES | _NO:
            raise SettingsError(f"{PREFIX}{name} must be yes or no")
        return value in _YES

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self.optional(name) or str(default)
        if not value.isdecimal() or not least <= int(value) <= most:
            raise SettingsError(f"{PREFIX}{name} must be a number from {least} to {most}")
        return int(value)

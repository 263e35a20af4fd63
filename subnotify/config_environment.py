"""Reads settings from environment variables, one at a time; refuses each by its name."""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from subnotify.delivery.sealing import SealKey
from subnotify.delivery.smtp_settings import Security, SmtpSettings
from subnotify.storage.database import normalise_url

PREFIX = "SUBNOTIFY_"
SHORTEST_SECRET = 32
LOCAL = ("localhost", "127.0.0.1", "::1")
_YES = frozenset({"yes", "true", "1", "on"})
_NO = frozenset({"no", "false", "0", "off", ""})


class SettingsError(Exception):
    """A setting is missing, weak or contradictory; the text names it and the remedy."""


def _ascii_form(domain: str) -> str:
    """The xn-- form as far as Python's older rules and today's agree on it, to be shown; else
    nothing: a domain that is not ours must not be proposed (IDNA 2008 took four letters anew)."""
    if any(letter in domain for letter in "ßς\u200c\u200d"):
        return ""
    try:
        return f", {domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return ""


class Environment:
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
        local = parts.hostname in LOCAL
        if parts.scheme == "http" and not local:
            raise SettingsError(f"{PREFIX}{name} must be https: personal links travel over it")
        return value

    def smtp(self) -> SmtpSettings:
        host = self.required("SMTP_HOST", "the host that takes your mail")
        security = self.one_of("SMTP_SECURITY", tuple(Security), Security.STARTTLS)
        if security == Security.NONE and host not in LOCAL:
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
        domain = value.partition("@")[2]
        if not domain.isascii():
            raise SettingsError(
                f"{PREFIX}{name} has a domain beyond ASCII, which many mail servers refuse:"
                f" write it in its xn-- form{_ascii_form(domain)}"
            )
        return value

    def sender_address(self, name: str) -> str:
        """An address that mail comes from: plain in whole, or every server on the way to every
        recipient had to know SMTPUTF8 (RFC 6531, 3.1)."""
        value = self.address(name)
        if not value.isascii():
            raise SettingsError(
                f"{PREFIX}{name} has characters beyond ASCII before the @, which many mail servers"
                " refuse: use an address in plain letters"
            )
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

    def folder(self, name: str) -> Path | None:
        """A folder that is there and may be written into; None where none is named."""
        value = self.optional(name)
        if not value:
            return None
        path = Path(value)
        if not path.is_absolute() or not path.is_dir() or not os.access(path, os.W_OK):
            raise SettingsError(
                f"{PREFIX}{name} must be a folder that exists, named in full, into which this"
                " program may write"
            )
        return path

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.optional(name).lower() or ("yes" if default else "no")
        if value not in _YES | _NO:
            raise SettingsError(f"{PREFIX}{name} must be yes or no")
        return value in _YES

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self.optional(name) or str(default)
        if not value.isdecimal() or not least <= int(value) <= most:
            raise SettingsError(f"{PREFIX}{name} must be a number from {least} to {most}")
        return int(value)

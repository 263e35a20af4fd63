"""Signing in to the client portal by a link in a mail: how long it lasts, how often it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from subnotify.rules.errors import RuleError

LINK_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=12)
ASKING_COUNTS_FOR = timedelta(hours=1)
# Somebody whose mail is slow asks again; an office shares one network.
ASKINGS_PER_ADDRESS = 5
ASKINGS_PER_NETWORK = 30
# Long enough to see afterwards who was signed in when.
KEPT_FOR = timedelta(days=30)
# A provider gives each household or office a /64 of its own.
_IPV6_PREFIX = 64


class PortalLinkInvalid(RuleError):
    """Unknown, used or too old: which of them is not said."""

    message = "This link has been used or has expired. Ask for a new one."


class PortalAskingThrottled(RuleError):
    """Whether the address is known to us changes nothing about it."""

    message = "Too many links were asked for. Wait an hour, then ask again."


@dataclass(frozen=True)
class SignInLink:
    """A link as stored. browser_digest: SHA-256 of the cookie of the browser that asked for it."""

    mailbox: str
    browser_digest: str
    expires_at: datetime
    used_at: datetime | None

    def is_valid(self, at: datetime) -> bool:
        """Whether it may still be used, in the browser that asked for it."""
        return self.used_at is None and at < self.expires_at


def mailbox_key(address: str) -> str:
    """The address by which we know a mailbox: case and white space around it do not count."""
    return address.strip().lower()


def network_of(address: str) -> str:
    """What counts as one network: an IPv4 address, or the /64 of an IPv6 address.

    What is no address (a proxy that hides it) counts as one network of its own.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> _IPV6_PREFIX << _IPV6_PREFIX)) + f"/{_IPV6_PREFIX}"

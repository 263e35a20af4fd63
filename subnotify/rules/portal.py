"""Signing in to the client portal by a link in a mail: how long it lasts, how often it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from subnotify.rules.errors import Problem, RuleError

LINK_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=12)
ASKING_COUNTS_FOR = timedelta(hours=1)
# Somebody whose mail is slow asks again; an office shares one network.
ASKINGS_PER_ADDRESS = 5
ASKINGS_PER_NETWORK = 30
# Whoever is to read along fits in; a portal left open is no way to write to strangers.
CONTACTS_AT_MOST = 10
COPIES_PER_DAY = 3
COPIES_COUNT_FOR = timedelta(days=1)
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


def copy_contact_problems(
    email: str, on_file: Sequence[str], *, is_notice_contact: bool, lately: int
) -> tuple[Problem, ...]:
    """Why this address cannot be added to an agreement as a copy contact, at "email"; else empty.

    on_file: the addresses of the agreement's contacts. is_notice_contact: whoever asks is one of
    the agreement. lately: how many were added within COPIES_COUNT_FOR.
    """
    if not is_notice_contact:
        return (
            Problem(
                "email",
                "Only a notice contact of this agreement adds addresses.",
                "Ask a notice contact to add it.",
            ),
        )
    if mailbox_key(email) in {mailbox_key(one) for one in on_file}:
        return (
            Problem(
                "email",
                "This address is on file for this agreement already.",
                "Give another address.",
            ),
        )
    if len(on_file) >= CONTACTS_AT_MOST:
        return (
            Problem(
                "email",
                "This agreement has %(n)s contacts, as many as can be kept here.",
                "Write to us to remove one first.",
                (("n", str(CONTACTS_AT_MOST)),),
            ),
        )
    if lately >= COPIES_PER_DAY:
        return (
            Problem(
                "email",
                "%(n)s addresses were added to this agreement within a day.",
                "Add this one tomorrow.",
                (("n", str(COPIES_PER_DAY)),),
            ),
        )
    return ()

"""The text of SPF records (RFC 7208): read, or refused with the term that is wrong."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

VERSION = "v=spf1"
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)=(.*)\Z", re.DOTALL)
_DIRECTIVE = re.compile(
    r"([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?::(.+?))?"
    r"(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?\Z",
    re.IGNORECASE | re.DOTALL,
)
_IP_DIRECTIVE = re.compile(r"([+?~-]?)(ip4|ip6):(.+)\Z", re.IGNORECASE | re.DOTALL)
_MACRO = re.compile(r"%(?:\{[slodiphv][0-9]*r?[.+,/_=-]*\}|%|_|-)", re.IGNORECASE)
_ENDS_IN_MACRO = re.compile(rf"(?:{_MACRO.pattern})\Z", re.IGNORECASE)
_TOP_LABEL = re.compile(r"(?=.*[A-Za-z-])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\Z")
_VISIBLE = re.compile(r"[!-~]*\Z")
_PREFIX = re.compile(r"(0|[1-9][0-9]{0,2})\Z")


class Mechanism(StrEnum):
    ALL = "all"
    INCLUDE = "include"
    A = "a"
    MX = "mx"
    PTR = "ptr"
    IP4 = "ip4"
    IP6 = "ip6"
    EXISTS = "exists"


_NEED_DOMAIN = frozenset({Mechanism.INCLUDE, Mechanism.EXISTS})
_MAY_HAVE_PREFIX = frozenset({Mechanism.A, Mechanism.MX})


class SpfSyntaxError(ValueError):
    """A term that no reader of SPF accepts: the whole record is void (permerror)."""

    def __init__(self, term: str) -> None:
        super().__init__(term)
        self.term = term


@dataclass(frozen=True, slots=True)
class Directive:
    """One mechanism with its qualifier (+ - ~ ?).

    domain: its domain-spec, may hold macros, "" for the record's own. prefixes: of a and mx, in
    bits for IPv4 and IPv6. network: of ip4 and ip6.
    """

    qualifier: str
    mechanism: Mechanism
    domain: str = ""
    prefixes: tuple[int, int] = (32, 128)
    network: IpNetwork | None = None

    @property
    def has_macro(self) -> bool:
        return "%" in self.domain


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """directives: up to and including `all`, beyond which nothing is read. redirect: only where
    there is no `all`. after_all: terms that nobody reads."""

    text: str
    directives: tuple[Directive, ...]
    redirect: str = ""
    after_all: tuple[str, ...] = ()

    @property
    def all_qualifier(self) -> str:
        """The qualifier of `all`, "" without one."""
        last = self.directives[-1] if self.directives else None
        return last.qualifier if last and last.mechanism is Mechanism.ALL else ""


def is_spf(text: str) -> bool:
    """Whether a TXT record is an SPF record (RFC 7208, 4.5)."""
    version = text[: len(VERSION)].lower()
    return version == VERSION and text[len(VERSION) : len(VERSION) + 1] in ("", " ")


def read_spf(text: str) -> SpfRecord:
    """Read a record for which `is_spf` holds. Raises `SpfSyntaxError`."""
    directives: list[Directive] = []
    modifiers: dict[str, str] = {}
    after_all: list[str] = []
    ended = False
    for term in text[len(VERSION) :].split(" "):
        if not term:
            continue
        modifier = _MODIFIER.match(term)
        if modifier:
            _keep_modifier(modifiers, modifier, term)
            if ended and modifier[1].lower() == "redirect":
                after_all.append(term)
            continue
        directive = _read_directive(term)
        if ended:
            after_all.append(term)
            continue
        directives.append(directive)
        ended = directive.mechanism is Mechanism.ALL
    redirect = "" if ended else modifiers.get("redirect", "")
    return SpfRecord(text, tuple(directives), redirect, tuple(after_all))


def _keep_modifier(modifiers: dict[str, str], found: re.Match[str], term: str) -> None:
    name, value = found[1].lower(), found[2]
    if name in ("redirect", "exp"):
        if name in modifiers or not is_domain_spec(value):
            raise SpfSyntaxError(term)
        modifiers[name] = value
    elif value and not _is_macro_string(value):
        raise SpfSyntaxError(term)


def _read_directive(term: str) -> Directive:
    of_address = _IP_DIRECTIVE.match(term)
    if of_address:
        mechanism = Mechanism(of_address[2].lower())
        return Directive(
            of_address[1] or "+", mechanism, network=_network(mechanism, of_address[3], term)
        )
    found = _DIRECTIVE.match(term)
    if not found:
        raise SpfSyntaxError(term)
    sign, name, domain, prefix4, prefix6 = found.groups()
    mechanism = Mechanism(name.lower())
    if mechanism in (Mechanism.IP4, Mechanism.IP6):
        raise SpfSyntaxError(term)
    has_prefix = prefix4 is not None or prefix6 is not None
    if has_prefix and mechanism not in _MAY_HAVE_PREFIX:
        raise SpfSyntaxError(term)
    if domain is None and mechanism in _NEED_DOMAIN:
        raise SpfSyntaxError(term)
    if domain is not None and (mechanism is Mechanism.ALL or not is_domain_spec(domain)):
        raise SpfSyntaxError(term)
    prefixes = (int(prefix4 or 32), int(prefix6 or 128))
    if prefixes[0] > 32 or prefixes[1] > 128:
        raise SpfSyntaxError(term)
    return Directive(sign or "+", mechanism, domain or "", prefixes)


def _network(mechanism: Mechanism, text: str, term: str) -> IpNetwork:
    written, slash, prefix = text.partition("/")
    if slash and not _PREFIX.match(prefix):
        raise SpfSyntaxError(term)
    try:
        if mechanism is Mechanism.IP4:
            return ipaddress.IPv4Network(f"{written}/{prefix or 32}", strict=False)
        if "%" in written:  # a zone, which no mail server has
            raise SpfSyntaxError(term)
        return ipaddress.IPv6Network(f"{written}/{prefix or 128}", strict=False)
    except ValueError as error:
        raise SpfSyntaxError(term) from error


def is_domain_spec(text: str) -> bool:
    """RFC 7208, 7.1: macros and visible characters that end in a top label or a macro."""
    if not text or not _is_macro_string(text):
        return False
    if _ENDS_IN_MACRO.search(text):
        return True
    _, dot, label = text.removesuffix(".").rpartition(".")
    return bool(dot) and _TOP_LABEL.match(label) is not None


def _is_macro_string(text: str) -> bool:
    return _VISIBLE.match(text) is not None and "%" not in _MACRO.sub("", text)

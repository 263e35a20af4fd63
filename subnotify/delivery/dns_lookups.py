"""Questions to the name servers: what they answer, and each way in which they do not."""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import dns.exception
import dns.rcode
import dns.rdatatype
import dns.resolver

TIMEOUT_SECONDS = 3.0
LIFETIME_SECONDS = 8.0


class RecordType(StrEnum):
    A = "A"
    AAAA = "AAAA"
    MX = "MX"
    TXT = "TXT"


class LookupState(StrEnum):
    """found, or why not. empty: the name exists without such a record. no_name: NXDOMAIN.
    failed: the servers answer with an error. silent: no answer in time. bad_name: no such name can
    exist, so nobody was asked."""

    FOUND = "found"
    EMPTY = "empty"
    NO_NAME = "no_name"
    FAILED = "failed"
    SILENT = "silent"
    BAD_NAME = "bad_name"


@dataclass(frozen=True, slots=True)
class Looked:
    """The answer to one question.

    values: texts (TXT, their strings joined), addresses, or "10 mx.example.org" (MX, "." for the
    root). alias_of: the name that has the records, where the one asked for is an alias (CNAME).
    said: the error in words.
    """

    name: str
    type: RecordType
    state: LookupState
    values: tuple[str, ...] = ()
    alias_of: str = ""
    said: str = ""

    @property
    def is_void(self) -> bool:
        """No records, for certain (RFC 7208, 4.6.4)."""
        return self.state in (LookupState.EMPTY, LookupState.NO_NAME, LookupState.BAD_NAME)

    @property
    def is_unanswered(self) -> bool:
        """Nobody knows: the next question may be answered."""
        return self.state in (LookupState.FAILED, LookupState.SILENT)


Ask = Callable[[str, RecordType], Looked]


class ResolverUnusable(ValueError):
    """The configured resolver is not of the form host or host:port, or there is none."""


class DnsLookups:
    """Asks one resolver; each question once, however often it comes up.

    server: "host" or "host:port" (an IPv6 address with a port in brackets); None: the system's.
    Raises `ResolverUnusable`.
    """

    def __init__(
        self,
        server: str | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        lifetime_seconds: float = LIFETIME_SECONDS,
    ) -> None:
        try:
            self._resolver = dns.resolver.Resolver(configure=server is None)
        except dns.resolver.NoResolverConfiguration as error:
            raise ResolverUnusable("this machine has no resolver; set one") from error
        if server is not None:
            host, port = _host_and_port(server)
            self._resolver.nameservers = [host]
            self._resolver.port = port
        self._resolver.timeout = timeout_seconds
        self._resolver.lifetime = lifetime_seconds
        self._known: dict[tuple[str, RecordType], Looked] = {}

    def ask(self, name: str, of_type: RecordType) -> Looked:
        """Ask for the records of a type; raises nothing for what names and servers do."""
        key = (name.casefold().rstrip("."), of_type)
        if key not in self._known:
            self._known[key] = self._asked(key[0], of_type)
        return self._known[key]

    def _asked(self, name: str, of_type: RecordType) -> Looked:
        def without(state: LookupState, said: str = "") -> Looked:
            return Looked(name, of_type, state, said=said)

        if not name:
            return without(LookupState.BAD_NAME)
        try:
            answer = self._resolver.resolve(
                f"{name}.", of_type.value, raise_on_no_answer=False, search=False
            )
        except dns.resolver.NXDOMAIN:
            return without(LookupState.NO_NAME)
        except dns.resolver.NoNameservers as error:
            return without(LookupState.FAILED, _error_words(error))
        except dns.exception.Timeout:
            return without(LookupState.SILENT)
        except dns.resolver.YXDOMAIN:
            return without(LookupState.FAILED, "YXDOMAIN")
        except (dns.exception.DNSException, UnicodeError):
            # A label that is empty, too long, or no international name.
            return without(LookupState.BAD_NAME)
        except OSError as error:
            return without(LookupState.FAILED, str(error))
        return _found(name, of_type, answer)


def _found(name: str, of_type: RecordType, answer: dns.resolver.Answer) -> Looked:
    canonical = str(answer.canonical_name).rstrip(".").casefold()
    alias_of = canonical if canonical != _written(str(answer.qname)) else ""
    if answer.rrset is None:
        return Looked(name, of_type, LookupState.EMPTY, alias_of=alias_of)
    values = tuple(sorted(_value(record, of_type) for record in answer.rrset))
    return Looked(name, of_type, LookupState.FOUND, values, alias_of)


def _value(record: object, of_type: RecordType) -> str:
    if of_type is RecordType.TXT:
        return b"".join(getattr(record, "strings", ())).decode("utf-8", "replace")
    if of_type is RecordType.MX:
        host = str(getattr(record, "exchange", ".")).casefold()
        return f"{getattr(record, 'preference', 0)} {_written(host) or '.'}"
    return str(record)


def _written(name: str) -> str:
    return name.rstrip(".").casefold()


def _error_words(error: dns.resolver.NoNameservers) -> str:
    """SERVFAIL, REFUSED, or what the network said, of the server asked last."""
    said = error.kwargs.get("errors", ())
    for _server, _tcp, _port, what, response in reversed(list(said)):
        if response is not None:
            return dns.rcode.to_text(response.rcode())
        return str(what)
    return "SERVFAIL"


def _host_and_port(server: str) -> tuple[str, int]:
    host, port = server.strip(), "53"
    if host.startswith("["):
        host, closed, rest = host[1:].partition("]")
        port = rest.removeprefix(":") or (port if closed else "")
    elif host.count(":") == 1:
        host, _, port = host.partition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ResolverUnusable(f"“{server}” is not of the form host or host:port")
    return _address_of(host, server), int(port)


def _address_of(host: str, server: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        raise ResolverUnusable(f"the address of the resolver “{server}” is not found") from error

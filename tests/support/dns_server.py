"""A real name server on loopback, over UDP and TCP, for the zones that a test gives it.

Written with dnspython. A name may be made to fail, or never to answer; what does not fit a UDP
packet is cut off with the mark to ask over TCP.
"""

import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Iterator

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest

_TTL = 60


class DnsServer:
    """`put` records, `fail` or `silence` names; `asked` lists (transport, name, type)."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self._records: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._failing: dict[str, str] = {}
        self._silent: set[str] = set()
        self._stopped = threading.Event()
        self._tcp = socket.create_server(("127.0.0.1", 0), backlog=20)
        self.port = int(self._tcp.getsockname()[1])
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._serve_udp, self._serve_tcp)
        ]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def put(self, name: str, of_type: str, *values: str) -> None:
        """Records in the form of a zone file; TXT as the text itself."""
        for value in values:
            self._records[_key(name)][of_type].append(_quoted(value) if of_type == "TXT" else value)

    def take(self, name: str, of_type: str) -> None:
        """Remove the records of a type."""
        self._records[_key(name)].pop(of_type, None)
        if not self._records[_key(name)]:
            del self._records[_key(name)]

    def fail(self, name: str, rcode: str = "SERVFAIL") -> None:
        self._failing[_key(name)] = rcode

    def silence(self, name: str) -> None:
        self._silent.add(_key(name))

    def __enter__(self) -> "DnsServer":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopped.set()
        # A packet to itself, and a closed listener: both threads end at once.
        self._udp.sendto(b"", ("127.0.0.1", self.port))
        self._tcp.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._udp.close()
        self._tcp.close()

    def _serve_udp(self) -> None:
        while True:
            packet, sender = self._udp.recvfrom(4096)
            if self._stopped.is_set():
                return
            query = _read(packet)
            response = self._response(query, "udp") if query else None
            if query is None or response is None:
                continue
            most = max(512, query.payload or 512)
            try:
                wire = response.to_wire(max_size=most)
            except dns.exception.TooBig:
                short = dns.message.make_response(query)
                short.flags |= dns.flags.TC
                wire = short.to_wire()
            self._udp.sendto(wire, sender)

    def _serve_tcp(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as reader:
                (length,) = struct.unpack("!H", reader.read(2).ljust(2, b"\0"))
                query = _read(reader.read(length))
                response = self._response(query, "tcp") if query else None
                if response is not None:
                    wire = response.to_wire()
                    connection.sendall(struct.pack("!H", len(wire)) + wire)

    def _response(self, query: dns.message.Message, transport: str) -> dns.message.Message | None:
        question = query.question[0]
        key, of_type = _key(str(question.name)), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((transport, key, of_type))
        if key in self._silent:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        if key in self._failing:
            response.set_rcode(dns.rcode.from_text(self._failing[key]))
            return response
        for _ in range(8):
            records = self._records.get(key, {})
            if "CNAME" not in records:
                break
            response.answer.append(_rrset(key, "CNAME", records["CNAME"]))
            key = _key(records["CNAME"][0])
        if key not in self._records and not any(x.endswith(f".{key}") for x in self._records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif of_type in self._records.get(key, {}):
            response.answer.append(_rrset(key, of_type, self._records[key][of_type]))
        return response


def _read(packet: bytes) -> dns.message.Message | None:
    try:
        return dns.message.from_wire(packet)
    except dns.exception.DNSException:
        return None


def _rrset(key: str, of_type: str, values: list[str]) -> dns.rrset.RRset:
    return dns.rrset.from_text_list(f"{key}.", _TTL, "IN", of_type, values)


def _key(name: str) -> str:
    return name.casefold().rstrip(".")


def _quoted(text: str) -> str:
    """Strings of 255 octets at most, every octet escaped that a zone file treats specially."""
    octets = text.encode()
    parts = [octets[start : start + 255] for start in range(0, len(octets), 255)] or [b""]
    return " ".join('"' + "".join(f"\\{octet:03d}" for octet in part) + '"' for part in parts)


@pytest.fixture
def dns_server() -> Iterator[DnsServer]:
    with DnsServer() as server:
        yield server

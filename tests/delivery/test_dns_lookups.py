"""What name servers answer, and each way in which they do not, over real packets."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subnotify.delivery.dns_lookups import (
    DnsLookups,
    LookupState,
    RecordType,
    ResolverUnusable,
)
from tests.support.dns_server import DnsServer


@pytest.fixture
def lookups(dns_server: DnsServer) -> DnsLookups:
    return DnsLookups(dns_server.address, timeout_seconds=0.2, lifetime_seconds=0.5)


def test_records_are_read(dns_server: DnsServer, lookups: DnsLookups) -> None:
    dns_server.put("v.example", "TXT", "v=spf1 -all", 'with "quotes" and \\ é')
    dns_server.put("v.example", "MX", "20 b.v.example.", "10 A.V.example.")
    dns_server.put("null.example", "MX", "0 .")
    dns_server.put("v.example", "A", "192.0.2.1")
    dns_server.put("v.example", "AAAA", "2001:db8::1")
    assert lookups.ask("V.example.", RecordType.TXT).values == (
        "v=spf1 -all",
        'with "quotes" and \\ é',
    )
    assert lookups.ask("v.example", RecordType.MX).values == ("10 a.v.example", "20 b.v.example")
    assert lookups.ask("null.example", RecordType.MX).values == ("0 .",)
    assert lookups.ask("v.example", RecordType.A).values == ("192.0.2.1",)
    assert lookups.ask("v.example", RecordType.AAAA).values == ("2001:db8::1",)


def test_an_answer_too_large_for_a_packet_comes_over_tcp(
    dns_server: DnsServer,
    lookups: DnsLookups,
) -> None:
    texts = tuple(sorted(f"{number:03d} " + "x" * 900 for number in range(8)))
    dns_server.put("large.example", "TXT", *texts)
    assert lookups.ask("large.example", RecordType.TXT).values == texts
    assert [one[0] for one in dns_server.asked] == ["udp", "tcp"]


def test_no_such_name_no_such_record_error_and_silence_are_told_apart(
    dns_server: DnsServer,
    lookups: DnsLookups,
) -> None:
    dns_server.put("v.example", "A", "192.0.2.1")
    dns_server.put("a.b.example", "A", "192.0.2.1")
    dns_server.fail("broken.example")
    dns_server.fail("refused.example", "REFUSED")
    dns_server.silence("silent.example")

    def state(name: str) -> LookupState:
        return lookups.ask(name, RecordType.TXT).state

    assert state("gone.example") is LookupState.NO_NAME
    assert state("v.example") is LookupState.EMPTY
    assert state("b.example") is LookupState.EMPTY  # nothing but names below it
    assert state("broken.example") is LookupState.FAILED
    assert lookups.ask("broken.example", RecordType.TXT).said == "SERVFAIL"
    assert lookups.ask("refused.example", RecordType.TXT).said == "REFUSED"
    assert state("silent.example") is LookupState.SILENT
    for name in (
        "",
        ".",
        "a..b",
        "x" * 64 + ".example",
        ".".join(["x" * 60] * 5),
        "\ud800.example",
    ):
        assert state(name) is LookupState.BAD_NAME, name


def test_an_alias_is_followed_and_named(dns_server: DnsServer, lookups: DnsLookups) -> None:
    dns_server.put("alias.example", "CNAME", "real.example.")
    dns_server.put("real.example", "A", "192.0.2.1")
    looked = lookups.ask("alias.example", RecordType.A)
    assert (looked.values, looked.alias_of) == (("192.0.2.1",), "real.example")
    looked = lookups.ask("alias.example", RecordType.AAAA)
    assert (looked.state, looked.alias_of) == (LookupState.EMPTY, "real.example")
    assert lookups.ask("real.example", RecordType.A).alias_of == ""


def test_each_question_is_asked_once(dns_server: DnsServer, lookups: DnsLookups) -> None:
    dns_server.put("v.example", "A", "192.0.2.1")
    for name in ("v.example", "V.EXAMPLE", "v.example."):
        lookups.ask(name, RecordType.A)
    assert len(dns_server.asked) == 1


def test_a_name_in_another_script_is_asked_in_its_ascii_form(
    dns_server: DnsServer,
    lookups: DnsLookups,
) -> None:
    dns_server.put("xn--bcher-kva.example", "A", "192.0.2.1")
    looked = lookups.ask("bücher.example", RecordType.A)
    assert (looked.values, looked.alias_of) == (("192.0.2.1",), "")


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    yield port


def test_a_resolver_that_is_not_there_leaves_the_question_open(closed_port: int) -> None:
    lookups = DnsLookups(f"127.0.0.1:{closed_port}", timeout_seconds=0.2, lifetime_seconds=0.5)
    assert lookups.ask("v.example", RecordType.A).is_unanswered


def test_a_resolver_that_answers_nonsense_leaves_the_question_open() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)

        def answer() -> None:
            packet, sender = server.recvfrom(4096)
            for nonsense in (b"", b"\0", packet[:2] + b"\xff" * 40, bytes(600)):
                server.sendto(nonsense, sender)

        thread = threading.Thread(target=answer)
        thread.start()
        port = server.getsockname()[1]
        lookups = DnsLookups(f"127.0.0.1:{port}", timeout_seconds=0.3, lifetime_seconds=0.5)
        began = time.monotonic()
        assert lookups.ask("v.example", RecordType.A).is_unanswered
        assert time.monotonic() - began < 5
        thread.join()


@pytest.mark.parametrize(
    "server", ["", ":53", "host:", "1.2.3.4:0", "1.2.3.4:70000", "[::1", "::1]:x", "a b", "[::1]:x"]
)
def test_a_resolver_that_is_none_is_refused(server: str) -> None:
    with pytest.raises(ResolverUnusable):
        DnsLookups(server)


@pytest.mark.parametrize("server", ["127.0.0.1", "localhost", "localhost:53", "::1", "[::1]:53"])
def test_hosts_with_and_without_a_port_are_taken(server: str) -> None:
    DnsLookups(server)


@given(st.text(max_size=300))
def test_no_name_makes_it_raise(name: str) -> None:
    lookups = DnsLookups("127.0.0.1:9", timeout_seconds=0.001, lifetime_seconds=0.001)
    assert lookups.ask(name, RecordType.A).state is not LookupState.FOUND

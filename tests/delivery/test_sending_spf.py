"""The check of the sending domain: each finding about SPF, from records of a real name server."""

import json

import pytest

from subnotify.rules.mail_findings import FindingCode, MailCheck, Severity
from tests.support.dns_server import DnsServer
from tests.support.sending_names import (
    codes,
    judge,
    one,
    spf_of,
)

Code = FindingCode


def test_spf_missing_says_what_to_publish(names: DnsServer) -> None:
    names.take("relay.example", "A")
    names.put("relay.example", "A", "9.9.9.9")
    for texts in (("other=text",), ("v=spf10 -all",), ("v=spf1-all",), (" v=spf1 -all",)):
        found = one(spf_of(names, *texts), Code.SPF_MISSING)
        assert found.record == 'vendor.example. TXT "v=spf1 mx ip4:9.9.9.9 -all"'
        assert found.severity is Severity.FAIL


def test_spf_twice(names: DnsServer) -> None:
    found = one(spf_of(names, "v=spf1 -all", "V=SPF1"), Code.SPF_SEVERAL)
    assert found.severity is Severity.FAIL


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("v=spf1 ip4:192.0.2.999 -all", "ip4:192.0.2.999"),
        ("v=spf1 ip4:192.0.2.1/33 -all", "ip4:192.0.2.1/33"),
        ("v=spf1 ip4:192.0.2.1/ -all", "ip4:192.0.2.1/"),
        ("v=spf1 ip4:192.0.2.1/024 -all", "ip4:192.0.2.1/024"),
        ("v=spf1 ip4:192.0.2.1/255.255.255.0 -all", "ip4:192.0.2.1/255.255.255.0"),
        ("v=spf1 ip4 -all", "ip4"),
        ("v=spf1 ip6:192.0.2.1 -all", "ip6:192.0.2.1"),
        ("v=spf1 ip6:fe80::1%eth0 -all", "ip6:fe80::1%eth0"),
        ("v=spf1 include -all", "include"),
        ("v=spf1 include: -all", "include:"),
        ("v=spf1 include:x.example/24 -all", "include:x.example/24"),
        ("v=spf1 include:nodot -all", "include:nodot"),
        ("v=spf1 include:a.b} -all", "include:a.b}"),
        ("v=spf1 all:x.example", "all:x.example"),
        ("v=spf1 -all/24", "-all/24"),
        ("v=spf1 a/33 -all", "a/33"),
        ("v=spf1 a//129 -all", "a//129"),
        ("v=spf1 ptr/24 -all", "ptr/24"),
        ("v=spf1 exists -all", "exists"),
        ("v=spf1 exists:%{x}.example -all", "exists:%{x}.example"),
        ("v=spf1 exists:100%.example -all", "exists:100%.example"),
        ("v=spf1 ipv4:192.0.2.1 -all", "ipv4:192.0.2.1"),
        ("v=spf1 -ALL -al", "-al"),
        ("v=spf1 ip4:192.0.2.1, -all", "ip4:192.0.2.1,"),
        ("v=spf1 redirect=a.example redirect=b.example", "redirect=b.example"),
        ("v=spf1 redirect= -all", "redirect="),
        ("v=spf1 +-all", "+-all"),
        ("v=spf1 mx\t-all", "mx\t-all"),
        ("v=spf1 include:bücher.example -all", "include:bücher.example"),
    ],
)
def test_spf_that_no_reader_takes(names: DnsServer, text: str, term: str) -> None:
    found = one(spf_of(names, text), Code.SPF_SYNTAX)
    assert (found.severity, dict(found.params)["term"]) == (Severity.FAIL, term)


@pytest.mark.parametrize(
    "text",
    [
        "V=SPF1  IP4:192.0.2.20  -ALL ",
        "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all",
        "v=spf1 ip4:192.0.2.20 unknown=%{d} exp=explain.%{d} -all",
        "v=spf1 a:relay.example/28//64 -all",
        "v=spf1 mx/24 exists:%{ir}.%{v}._spf.%{d2} -all",
        "v=spf1 mx:vendor.example ?ip4:192.0.2.20 -all",
    ],
)
def test_spf_that_readers_take(names: DnsServer, text: str) -> None:
    assert Code.SPF_OK in codes(spf_of(names, text))


def test_spf_lookups_are_counted_through_includes_and_redirects(names: DnsServer) -> None:
    for number in range(4):
        names.put(f"i{number}.example", "TXT", f"v=spf1 a:relay.example include:j{number}.example")
        names.put(f"j{number}.example", "TXT", "v=spf1 ip4:192.0.2.1")
    names.put("r.example", "TXT", "v=spf1 -all")
    terms = "include:i0.example include:i1.example include:i2.example"
    found = spf_of(names, f"v=spf1 {terms} redirect=r.example")
    assert dict(one(found, Code.SPF_OK).params)["lookups"] == "10"
    found = spf_of(names, f"v=spf1 {terms} include:i3.example -all")
    assert dict(one(found, Code.SPF_LOOKUPS).params)["count"] == "12"
    assert Code.SPF_OK not in codes(found)
    # What readers that stop at a match never reach is counted all the same.
    found = spf_of(names, f"v=spf1 ip4:192.0.2.20 {terms} mx ptr -all")
    assert dict(one(found, Code.SPF_LOOKUPS).params)["count"] == "11"


def test_spf_with_endless_includes_ends(names: DnsServer) -> None:
    names.put("loop.example", "TXT", "v=spf1 include:vendor.example -all")
    found = spf_of(names, "v=spf1 include:loop.example include:VENDOR.example. -all")
    assert [x.code for x in found if x.severity is Severity.FAIL] == [Code.SPF_LOOP, Code.SPF_LOOP]
    # A tree that grows at each step: 3 ** 8 records, were they all followed.
    for number in range(8):
        terms = " ".join(f"include:t{number + 1}.example" for _ in range(3))
        names.put(f"t{number}.example", "TXT", f"v=spf1 {terms} -all")
    found = spf_of(names, "v=spf1 include:t0.example -all")
    assert int(dict(one(found, Code.SPF_LOOKUPS).params)["count"]) == 40
    assert len(names.asked) < 200


def test_spf_void_lookups(names: DnsServer) -> None:
    found = spf_of(names, "v=spf1 a:x1.example mx:x2.example -all")
    assert Code.SPF_VOID not in codes(found)
    found = spf_of(names, "v=spf1 a:x1.example mx:x2.example exists:x3.example -all")
    found_void = one(found, Code.SPF_VOID)
    assert dict(found_void.params)["names"] == "x1.example, x2.example, x3.example"
    assert found_void.severity is Severity.FAIL


def test_spf_targets_without_a_record_of_their_own(names: DnsServer) -> None:
    names.put("two.example", "TXT", "v=spf1 -all", "v=spf1 ~all")
    names.put("bad.example", "TXT", "v=spf1 foo -all")
    names.fail("broken.example")
    found = spf_of(
        names,
        "v=spf1 include:gone.example include:two.example include:bad.example"
        " include:broken.example -all",
    )
    failed = [x for x in found if x.check is MailCheck.SPF and x.severity is Severity.FAIL]
    assert [(x.code, dict(x.params).get("target") or dict(x.params).get("domain"))
            for x in failed] == [
        (Code.LOOKUP_FAILED, None),
        (Code.SPF_SYNTAX, "bad.example"),
        (Code.SPF_TARGET_MISSING, "gone.example"),
        (Code.SPF_TARGET_MISSING, "two.example"),
    ]  # fmt: skip


def test_spf_with_too_many_exchanges(names: DnsServer) -> None:
    names.put("many.example", "MX", *[f"10 m{number}.example." for number in range(11)])
    found = spf_of(names, "v=spf1 mx:many.example -all")
    assert one(found, Code.SPF_MANY_EXCHANGES).severity is Severity.FAIL


def test_spf_last_words(names: DnsServer) -> None:
    assert one(spf_of(names, "v=spf1 +all"), Code.SPF_ALLOWS_ALL).severity is Severity.FAIL
    assert one(spf_of(names, "v=spf1 all"), Code.SPF_ALLOWS_ALL).severity is Severity.FAIL
    assert one(spf_of(names, "v=spf1 mx ?all"), Code.SPF_NEUTRAL).severity is Severity.WARN
    found = one(spf_of(names, "v=spf1 ip4:192.0.2.20"), Code.SPF_NO_ALL)
    assert found.record == 'vendor.example. TXT "v=spf1 ip4:192.0.2.20 -all"'
    names.put("r.example", "TXT", "v=spf1 +all")
    assert Code.SPF_ALLOWS_ALL in codes(spf_of(names, "v=spf1 redirect=r.example"))
    found = one(spf_of(names, "v=spf1 -all mx redirect=r.example"), Code.SPF_AFTER_ALL)
    assert dict(found.params)["terms"] == "mx redirect=r.example"


def test_spf_with_ptr(names: DnsServer) -> None:
    assert one(spf_of(names, "v=spf1 ptr -all"), Code.SPF_PTR).severity is Severity.WARN


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("v=spf1 ip4:192.0.2.16/28 -all", Code.SPF_HOST_COVERED),
        ("v=spf1 a:relay.example -all", Code.SPF_HOST_COVERED),
        ("v=spf1 a:relay.example/24 -all", Code.SPF_HOST_COVERED),
        ("v=spf1 mx/27 -all", Code.SPF_HOST_COVERED),
        ("v=spf1 include:inc.example -all", Code.SPF_HOST_COVERED),
        ("v=spf1 redirect=inc.example", Code.SPF_HOST_COVERED),
        ("v=spf1 exists:relay.example -all", Code.SPF_HOST_COVERED),
        ("v=spf1 -ip4:192.0.2.20 ip4:192.0.2.0/24 -all", Code.SPF_HOST_NOT_COVERED),
        ("v=spf1 mx -all", Code.SPF_HOST_NOT_COVERED),
        ("v=spf1 ip6:2001:db8::/32 ~all", Code.SPF_HOST_NOT_COVERED),
        ("v=spf1 exists:%{i}.example -all", Code.SPF_HOST_UNKNOWN),
        ("v=spf1 ip4:192.0.2.20 exists:%{i}.example -all", Code.SPF_HOST_COVERED),
    ],
)  # fmt: skip
def test_spf_and_the_relay(names: DnsServer, text: str, code: FindingCode) -> None:
    names.put("inc.example", "TXT", "v=spf1 ip4:192.0.2.20 -all")
    found = one(spf_of(names, text), code)
    # A relay may send from other addresses than it is reached at: never more than a note.
    assert found.severity is (Severity.OK if code is Code.SPF_HOST_COVERED else Severity.NOTE)


def test_spf_and_a_host_that_is_here(names: DnsServer) -> None:
    for host in ("127.0.0.1", "::1", "gone.example"):
        assert one(judge(names, relay_host=host), Code.SPF_HOST_HERE).severity is Severity.NOTE
    assert one(judge(names, relay_host=None), Code.SPF_SENT_FROM_HERE).severity is Severity.NOTE
    found = judge(names, relay_host="192.0.2.20")
    assert Code.SPF_HOST_COVERED in codes(found)


def test_records_are_written_as_a_zone_file_takes_them(names: DnsServer) -> None:
    found = [x.record for x in spf_of(names, "v=spf1 " + "ip4:192.0.2.1 " * 30 + "ip4:192.0.2.20")]
    (record,) = [x for x in found if "spf1" in x]
    strings = [json.loads(f'"{part}"') for part in record.split('"')[1::2]]
    assert max(map(len, strings)) <= 255
    assert "".join(strings).endswith("ip4:192.0.2.20 -all")

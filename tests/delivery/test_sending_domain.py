"""Each finding about the sending domain, from the records that a real name server gives."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from subnotify.delivery.dns_lookups import DnsLookups
from subnotify.delivery.sending_domain import SendingDomain, judge_sending_domain
from subnotify.rules.mail_findings import Finding, FindingCode, MailCheck, Severity
from subnotify.wording.language import wording_for
from subnotify.wording.mail_findings import SENTENCES, finding_words
from tests.support.dns_server import DnsServer

Code = FindingCode
RSA_2048 = rsa.generate_private_key(65537, 2048).public_key()
RSA_1024 = rsa.generate_private_key(65537, 1024).public_key()


def der(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, form: PublicFormat | None = None) -> str:
    octets = key.public_bytes(Encoding.DER, form or PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(octets).decode()


def bare_rsa(bits: int) -> str:
    """An RSAPublicKey of a length that no library makes any more: SEQUENCE of two INTEGERs."""
    modulus = (1 << (bits - 1)) | 1
    octets = modulus.to_bytes(bits // 8 + 1, "big")
    integer = b"\x02" + bytes([len(octets)]) + octets
    inner = integer + b"\x02\x03\x01\x00\x01"
    return base64.b64encode(b"\x30" + bytes([len(inner)]) + inner).decode()


KEY = f"v=DKIM1; k=rsa; p={der(RSA_2048)}"
RAW_ED25519 = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
ED25519 = base64.b64encode(RAW_ED25519).decode()


@pytest.fixture
def names(dns_server: DnsServer) -> DnsServer:
    """A domain that is set up as it should be."""
    dns_server.put("vendor.example", "MX", "10 mx.vendor.example.")
    dns_server.put("mx.vendor.example", "A", "192.0.2.10")
    dns_server.put("vendor.example", "TXT", "v=spf1 ip4:192.0.2.20 -all", "another=text")
    dns_server.put("s1._domainkey.vendor.example", "TXT", KEY)
    dns_server.put(
        "_dmarc.vendor.example", "TXT", "v=DMARC1; p=reject; rua=mailto:dmarc@vendor.example"
    )
    dns_server.put("relay.example", "A", "192.0.2.20")
    return dns_server


def judge(names: DnsServer, **changed: object) -> tuple[Finding, ...]:
    given: dict[str, object] = {
        "from_address": "privacy@vendor.example",
        "return_address": "notices@vendor.example",
        "relay_host": "relay.example",
        "selectors": ("s1",),
    }
    sending = SendingDomain(**(given | changed))  # type: ignore[arg-type]
    lookups = DnsLookups(names.address, timeout_seconds=0.2, lifetime_seconds=0.4)
    found = judge_sending_domain(sending, lookups.ask)
    for one in found:  # every finding can be said, in both languages
        for language in ("en", "fr"):
            assert "%(" not in finding_words(one, wording_for(language)).fact
    return found


def one(found: tuple[Finding, ...], code: FindingCode) -> Finding:
    (only,) = [x for x in found if x.code is code]
    return only


def codes(found: tuple[Finding, ...], check: MailCheck | None = None) -> list[FindingCode]:
    return [x.code for x in found if check is None or x.check is check]


def test_a_domain_as_it_should_be(names: DnsServer) -> None:
    found = judge(names)
    assert codes(found) == [
        Code.MX_OK,
        Code.SPF_OK,
        Code.SPF_HOST_COVERED,
        Code.DKIM_OK,
        Code.DMARC_OK,
        Code.DMARC_SPF_ALIGNED,
        Code.DMARC_DKIM_ALIGNED,
    ]
    assert {x.severity for x in found} == {Severity.OK}
    assert finding_words(found[0], wording_for("en")).fact == (
        "Mail for vendor.example goes to mx.vendor.example (192.0.2.10)."
    )


def test_every_code_has_its_sentence() -> None:
    assert set(SENTENCES) == set(FindingCode)


# -- MX ---------------------------------------------------------------------------------------


def mx_of(names: DnsServer, *records: str) -> tuple[Finding, ...]:
    names.take("vendor.example", "MX")
    names.put("vendor.example", "MX", *records)
    return judge(names)


def test_mx_null(names: DnsServer) -> None:
    found = one(mx_of(names, "0 ."), Code.MX_NULL)
    assert found.severity is Severity.FAIL
    assert found.record == "vendor.example. MX 10 mail.vendor.example."


def test_mx_null_beside_another(names: DnsServer) -> None:
    found = mx_of(names, "0 .", "10 mx.vendor.example.")
    assert codes(found, MailCheck.MX) == [Code.MX_NULL_AMONG_OTHERS, Code.MX_OK]


def test_mx_that_is_an_alias(names: DnsServer) -> None:
    names.put("alias.vendor.example", "CNAME", "mx.vendor.example.")
    found = mx_of(names, "10 alias.vendor.example.")
    assert codes(found, MailCheck.MX) == [Code.MX_ALIAS, Code.MX_OK]
    assert found[0].severity is Severity.WARN
    assert found[0].record == "vendor.example. MX 10 mx.vendor.example."


def test_mx_without_an_address_beside_one_with(names: DnsServer) -> None:
    found = mx_of(names, "10 gone.vendor.example.", "20 mx.vendor.example.", "30 192.0.2.1.")
    assert codes(found, MailCheck.MX) == [
        Code.MX_HOST_MISSING,
        Code.MX_HOST_IS_ADDRESS,
        Code.MX_OK,
    ]


def test_mx_of_which_none_can_be_reached(names: DnsServer) -> None:
    found = mx_of(names, "10 gone.vendor.example.")
    assert codes(found, MailCheck.MX) == [Code.MX_HOST_MISSING, Code.MX_NO_HOST]
    assert one(found, Code.MX_NO_HOST).severity is Severity.FAIL


def test_mx_whose_host_nobody_answers_for(names: DnsServer) -> None:
    names.fail("broken.vendor.example")
    found = mx_of(names, "10 broken.vendor.example.", "20 mx.vendor.example.")
    assert codes(found, MailCheck.MX) == [Code.LOOKUP_FAILED, Code.MX_OK]


def test_without_mx_the_domains_own_address_is_tried(names: DnsServer) -> None:
    names.take("vendor.example", "MX")
    assert one(judge(names), Code.MX_MISSING).severity is Severity.FAIL
    names.put("vendor.example", "AAAA", "2001:db8::25")
    found = one(judge(names), Code.MX_IMPLICIT)
    assert found.severity is Severity.WARN
    assert dict(found.params)["address"] == "2001:db8::25"


def test_mx_is_that_of_the_return_address(names: DnsServer) -> None:
    found = judge(names, return_address="x@gone.example")
    assert one(found, Code.MX_DOMAIN_MISSING).severity is Severity.FAIL
    assert one(found, Code.SPF_DOMAIN_MISSING).severity is Severity.FAIL


# -- lookups ----------------------------------------------------------------------------------


def test_error_and_silence_are_failures_of_their_own(names: DnsServer) -> None:
    names.fail("vendor.example")
    names.silence("s1._domainkey.vendor.example")
    names.fail("_dmarc.vendor.example", "REFUSED")
    found = judge(names)
    assert codes(found) == [
        Code.LOOKUP_FAILED,
        Code.LOOKUP_FAILED,
        Code.LOOKUP_TIMED_OUT,
        Code.LOOKUP_FAILED,
    ]
    assert [x.check for x in found] == list(MailCheck)[:4]
    assert {x.severity for x in found} == {Severity.FAIL}
    assert dict(found[3].params)["said"] == "REFUSED"


def test_what_cannot_be_a_name(names: DnsServer) -> None:
    found = judge(names, selectors=("x" * 64,), return_address="a@b..c")
    assert codes(found)[:3] == [Code.BAD_NAME, Code.BAD_NAME, Code.BAD_NAME]


# -- SPF --------------------------------------------------------------------------------------


def spf_of(names: DnsServer, *texts: str) -> tuple[Finding, ...]:
    names.take("vendor.example", "TXT")
    names.put("vendor.example", "TXT", *texts)
    return judge(names)


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


# -- DKIM -------------------------------------------------------------------------------------


def dkim_of(names: DnsServer, *texts: str) -> tuple[Finding, ...]:
    names.take("s1._domainkey.vendor.example", "TXT")
    names.put("s1._domainkey.vendor.example", "TXT", *texts)
    return judge(names)


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        (f"p={der(RSA_2048)}", Code.DKIM_OK, Severity.OK),
        (f"v=DKIM1;k=rsa;h=sha1:sha256;s=*;t=s;n=x;p={der(RSA_2048)};", Code.DKIM_OK, Severity.OK),
        (f"v=DKIM1; p={der(RSA_2048, PublicFormat.PKCS1)}", Code.DKIM_OK, Severity.OK),
        (f"v=DKIM1; p= {der(RSA_2048)[:90]} {der(RSA_2048)[90:]} ", Code.DKIM_OK, Severity.OK),
        (f"v=DKIM1; p={der(RSA_1024)}", Code.DKIM_KEY_MODEST, Severity.WARN),
        (f"v=DKIM1; p={bare_rsa(768)}", Code.DKIM_KEY_SHORT, Severity.FAIL),
        (f"v=DKIM1; p={bare_rsa(512)}", Code.DKIM_KEY_SHORT, Severity.FAIL),
        (f"v=DKIM1; k=ed25519; p={ED25519}", Code.DKIM_OK, Severity.OK),
        ("v=DKIM1; k=ed25519; p=AAAA", Code.DKIM_KEY_UNREADABLE, Severity.FAIL),
        (f"v=DKIM1; p={der(RSA_2048)[:100]}", Code.DKIM_KEY_UNREADABLE, Severity.FAIL),
        ("v=DKIM1; p=not base64!", Code.DKIM_KEY_UNREADABLE, Severity.FAIL),
        (f"v=DKIM1; p={der(ec.generate_private_key(ec.SECP256R1()).public_key())}",
         Code.DKIM_KEY_UNREADABLE, Severity.FAIL),
        ("v=DKIM1; p=", Code.DKIM_REVOKED, Severity.FAIL),
        ("v=DKIM1; k=rsa", Code.DKIM_SYNTAX, Severity.FAIL),
        ("v=DKIM1; p=AA; p=BB", Code.DKIM_SYNTAX, Severity.FAIL),
        ("some text", Code.DKIM_SYNTAX, Severity.FAIL),
        ("", Code.DKIM_SYNTAX, Severity.FAIL),
        (f"k=rsa; v=DKIM1; p={der(RSA_2048)}", Code.DKIM_VERSION, Severity.FAIL),
        (f"v=DKIM2; p={der(RSA_2048)}", Code.DKIM_VERSION, Severity.FAIL),
        (f"v=dkim1; p={der(RSA_2048)}", Code.DKIM_VERSION, Severity.FAIL),
        (f"v=DKIM1; k=dsa; p={der(RSA_2048)}", Code.DKIM_KEY_TYPE, Severity.FAIL),
        (f"v=DKIM1; h=sha1; p={der(RSA_2048)}", Code.DKIM_HASH, Severity.FAIL),
        (f"v=DKIM1; s=tlsrpt; p={der(RSA_2048)}", Code.DKIM_SERVICE, Severity.FAIL),
        (f"v=DKIM1; t=s:y; p={der(RSA_2048)}", Code.DKIM_TESTING, Severity.WARN),
    ],
)  # fmt: skip
def test_dkim(names: DnsServer, text: str, code: FindingCode, severity: Severity) -> None:
    assert one(dkim_of(names, text), code).severity is severity


def test_dkim_missing_and_twice(names: DnsServer) -> None:
    assert one(dkim_of(names, KEY, KEY + ";"), Code.DKIM_SEVERAL).severity is Severity.FAIL
    names.take("s1._domainkey.vendor.example", "TXT")
    found = one(judge(names), Code.DKIM_MISSING)
    assert found.record == 's1._domainkey.vendor.example. TXT "v=DKIM1; k=rsa; p=..."'


def test_dkim_without_selectors_is_not_known(names: DnsServer) -> None:
    found = judge(names, selectors=())
    assert one(found, Code.DKIM_NO_SELECTORS).severity is Severity.WARN
    # SPF speaks for the mail: nothing is known to fail.
    assert not any(x.severity is Severity.FAIL for x in found)


def test_dkim_with_ed25519_alone(names: DnsServer) -> None:
    text = f"v=DKIM1; k=ed25519; p={ED25519}"
    assert one(dkim_of(names, text), Code.DKIM_ED25519_ALONE).severity is Severity.WARN
    names.put("s2._domainkey.vendor.example", "TXT", KEY)
    assert Code.DKIM_ED25519_ALONE not in codes(judge(names, selectors=("s1", "s2")))


def test_a_key_that_the_relay_keeps_behind_an_alias(names: DnsServer) -> None:
    names.take("s1._domainkey.vendor.example", "TXT")
    names.put("s1._domainkey.vendor.example", "CNAME", "k.relay.example.")
    names.put("k.relay.example", "TXT", KEY)
    assert Code.DKIM_OK in codes(judge(names))


# -- DMARC ------------------------------------------------------------------------------------


def dmarc_of(names: DnsServer, *texts: str, **changed: object) -> tuple[Finding, ...]:
    names.take("_dmarc.vendor.example", "TXT")
    names.put("_dmarc.vendor.example", "TXT", *texts)
    return judge(names, **changed)


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        ("v=DMARC1; p=none; rua=mailto:a@b.example", Code.DMARC_NONE, Severity.WARN),
        ("v = DMARC1 ; p = Quarantine", Code.DMARC_OK, Severity.OK),
        ("v=DMARC1; p=reject", Code.DMARC_NO_REPORTS, Severity.WARN),
        ("v=DMARC1; p=reject; pct=20", Code.DMARC_PART, Severity.WARN),
        ("v=DMARC1; p=reject; pct=many", Code.DMARC_SYNTAX, Severity.WARN),
        ("v=DMARC1; p=reject; pct=٣", Code.DMARC_SYNTAX, Severity.FAIL),
        ("v=DMARC1; p=reject; t=y", Code.DMARC_TESTING, Severity.WARN),
        ("v=DMARC1; p=reject; rua=dmarc@b.example", Code.DMARC_REPORT_ADDRESS, Severity.WARN),
        ("v=DMARC1; p=reject; rua=mailto:b.example", Code.DMARC_REPORT_ADDRESS, Severity.WARN),
        ("v=DMARC1; p=reject; adkim=x", Code.DMARC_SYNTAX, Severity.WARN),
        ("v=DMARC1; p=rejected", Code.DMARC_POLICY, Severity.FAIL),
        ("v=DMARC1; rua=mailto:a@b.example", Code.DMARC_POLICY, Severity.FAIL),
        ("v=DMARC1", Code.DMARC_POLICY, Severity.FAIL),
        ("v=DMARC1; p=reject; p=none", Code.DMARC_SYNTAX, Severity.FAIL),
        ("v=DMARC1; p reject", Code.DMARC_SYNTAX, Severity.FAIL),
        ("p=reject; v=DMARC1", Code.DMARC_MISSING, Severity.FAIL),
        ("v=DMARC12; p=reject", Code.DMARC_MISSING, Severity.FAIL),
        ("v=spf1 -all", Code.DMARC_MISSING, Severity.FAIL),
    ],
)
def test_dmarc(names: DnsServer, text: str, code: FindingCode, severity: Severity) -> None:
    assert one(dmarc_of(names, text), code).severity is severity


def test_dmarc_twice_and_missing(names: DnsServer) -> None:
    record = "v=DMARC1; p=reject"
    assert one(dmarc_of(names, record, record + ";"), Code.DMARC_SEVERAL).severity is Severity.FAIL
    names.take("_dmarc.vendor.example", "TXT")
    found = one(judge(names), Code.DMARC_MISSING)
    assert found.record == (
        '_dmarc.vendor.example. TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@vendor.example"'
    )


def subdomain(names: DnsServer, envelope: str = "mail.vendor.example") -> tuple[Finding, ...]:
    """Mail from a name below: with a key of its own, and an envelope at `envelope`."""
    names.put("s1._domainkey.legal.vendor.example", "TXT", KEY)
    names.put(envelope, "TXT", "v=spf1 ip4:192.0.2.20 -all")
    names.put(envelope, "MX", "10 mx.vendor.example.")
    return judge(names, from_address="a@legal.vendor.example", return_address=f"b@{envelope}")


def test_the_record_of_the_organisation_counts_below_it(names: DnsServer) -> None:
    found = subdomain(names)
    above = one(found, Code.DMARC_ORGANISATION)
    assert dict(above.params)["organisation"] == "vendor.example"
    assert "the highest name above it" in finding_words(above, wording_for("en")).fact
    assert one(found, Code.DMARC_SPF_ALIGNED).severity is Severity.OK
    names.take("_dmarc.vendor.example", "TXT")
    names.put(
        "_dmarc.vendor.example", "TXT", "v=DMARC1; p=reject; sp=none; aspf=s; rua=mailto:a@b.c"
    )
    found = subdomain(names)
    assert Code.DMARC_NONE in codes(found)
    assert dict(one(found, Code.DMARC_SPF_NOT_ALIGNED).params)["mode"] == "strict"


def test_a_public_suffix_is_no_organisation(names: DnsServer) -> None:
    names.take("_dmarc.vendor.example", "TXT")
    names.put("_dmarc.example", "TXT", "v=DMARC1; p=none; psd=y; rua=mailto:a@b.c")
    found = subdomain(names)
    assert Code.DMARC_MISSING in codes(found)
    # All the same it is known where organisations begin: below it.
    assert Code.DMARC_SPF_ALIGNED in codes(found)
    found = subdomain(names, envelope="mail.other.example")
    assert Code.DMARC_SPF_NOT_ALIGNED in codes(found)


def test_a_name_that_says_it_is_the_organisation(names: DnsServer) -> None:
    names.put("_dmarc.example", "TXT", "v=DMARC1; p=none")
    names.put("_dmarc.legal.vendor.example", "TXT", "v=DMARC1; p=reject; psd=n; rua=mailto:a@b.c")
    found = subdomain(names)
    assert Code.DMARC_SPF_NOT_ALIGNED in codes(found)
    assert Code.DMARC_OK in codes(found)


def test_the_walk_up_asks_eight_names_at_most(names: DnsServer) -> None:
    deep = ".".join(f"l{number}" for number in range(30)) + ".vendor.example"
    judge(names, from_address=f"a@{deep}", selectors=())
    walked = {name for _, name, _ in names.asked if name.startswith("_dmarc.l")}
    assert f"_dmarc.{deep}" in walked
    assert len(walked) + len({"vendor.example", "example"}) == 8


def test_neither_spf_nor_dkim_speaks_for_the_mail(names: DnsServer) -> None:
    names.put("bounces.relay.example", "TXT", "v=spf1 ip4:192.0.2.20 -all")
    names.put("bounces.relay.example", "MX", "10 mx.vendor.example.")
    elsewhere = "x@bounces.relay.example"
    found = judge(names, return_address=elsewhere)
    assert one(found, Code.DMARC_SPF_NOT_ALIGNED).severity is Severity.WARN
    assert Code.DMARC_DKIM_ALIGNED in codes(found)
    found = judge(names, return_address=elsewhere, selectors=())
    assert one(found, Code.DMARC_NOTHING_ALIGNED).severity is Severity.FAIL
    names.take("s1._domainkey.vendor.example", "TXT")
    assert Code.DMARC_SPF_ALONE in codes(judge(names))
    found = spf_of(names, "v=spf1 +all")
    assert one(found, Code.DMARC_NOTHING_ALIGNED).severity is Severity.FAIL


def test_records_are_written_as_a_zone_file_takes_them(names: DnsServer) -> None:
    found = [x.record for x in spf_of(names, "v=spf1 " + "ip4:192.0.2.1 " * 30 + "ip4:192.0.2.20")]
    (record,) = [x for x in found if "spf1" in x]
    strings = [json.loads(f'"{part}"') for part in record.split('"')[1::2]]
    assert max(map(len, strings)) <= 255
    assert "".join(strings).endswith("ip4:192.0.2.20 -all")

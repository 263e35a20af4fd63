"""The check of the sending domain: each finding about DKIM, from records of a real name server."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PublicFormat

from subnotify.rules.mail_findings import Finding, FindingCode, Severity
from tests.support.dns_server import DnsServer
from tests.support.sending_names import (
    ED25519,
    KEY,
    RSA_1024,
    RSA_2048,
    bare_rsa,
    codes,
    der,
    judge,
    one,
)

Code = FindingCode


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
    # Keys are drawn anew by each worker, and all must give the tests the same names.
    ids=lambda value: "" if isinstance(value, str) and " p=" in f" {value}" else None,
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

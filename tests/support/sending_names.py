"""A domain that is set up for mail as it should be, on a name server of the test, and its check."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from subnotify.delivery.dns_lookups import DnsLookups
from subnotify.delivery.sending_domain import SendingDomain, judge_sending_domain
from subnotify.rules.mail_findings import Finding, FindingCode, MailCheck
from subnotify.wording.language import wording_for
from subnotify.wording.mail_findings import finding_words
from tests.support.dns_server import DnsServer

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


def put_good_domain(dns_server: DnsServer) -> None:
    """vendor.example, sending through relay.example, signing under the selector s1."""
    dns_server.put("vendor.example", "MX", "10 mx.vendor.example.")
    dns_server.put("mx.vendor.example", "A", "192.0.2.10")
    dns_server.put("vendor.example", "TXT", "v=spf1 ip4:192.0.2.20 -all", "another=text")
    dns_server.put("s1._domainkey.vendor.example", "TXT", KEY)
    dns_server.put(
        "_dmarc.vendor.example", "TXT", "v=DMARC1; p=reject; rua=mailto:dmarc@vendor.example"
    )
    dns_server.put("relay.example", "A", "192.0.2.20")


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


def spf_of(names: DnsServer, *texts: str) -> tuple[Finding, ...]:
    """What is found where these are the texts of vendor.example."""
    names.take("vendor.example", "TXT")
    names.put("vendor.example", "TXT", *texts)
    return judge(names)

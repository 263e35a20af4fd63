"""Judges the keys that our mail is signed under (RFC 6376, RFC 8301, RFC 8463)."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from subnotify.delivery.dns_lookups import Ask, Looked, LookupState, RecordType
from subnotify.delivery.dns_tags import TagSyntaxError, read_tags
from subnotify.delivery.sending_mx import unanswered
from subnotify.rules.mail_findings import (
    Finding,
    FindingCode,
    MailCheck,
    Severity,
    finding,
    txt_record,
)

LEAST_BITS = 1024  # RFC 8301, 3.2: verifiers take no shorter key as valid
GOOD_BITS = 2048
_ED25519_OCTETS = 32
_DKIM = MailCheck.DKIM
_USABLE = (FindingCode.DKIM_OK, FindingCode.DKIM_KEY_MODEST)


class KeyUnreadable(ValueError):
    """What `p=` holds is no public key of its kind."""


def judge_dkim(domains: Sequence[str], selectors: Sequence[str], ask: Ask) -> tuple[Finding, ...]:
    """The keys under the selectors that our mail is signed with.

    domains: that may sign (d=) for it, the From domain first, then its organisational domain.
    """
    domain = domains[0]
    if not selectors:
        return (
            finding(
                _DKIM,
                FindingCode.DKIM_NO_SELECTORS,
                Severity.WARN,
                _proposed(f"selector._domainkey.{domain}"),
                domain=domain,
            ),
        )
    found = [one for selector in selectors for one in _judge_selector(selector, domains, ask)]
    kinds = {dict(one.params)["kind"] for one in found if one.code in _USABLE}
    if kinds == {"ed25519"}:
        found.append(finding(_DKIM, FindingCode.DKIM_ED25519_ALONE, Severity.WARN, domain=domain))
    return tuple(found)


def signing_domains(findings: Sequence[Finding]) -> frozenset[str]:
    """The domains with a key under which a signature can hold."""
    return frozenset(dict(one.params)["domain"] for one in findings if one.code in _USABLE)


def _proposed(name: str) -> str:
    return txt_record(name, "v=DKIM1; k=rsa; p=...")


def _judge_selector(selector: str, domains: Sequence[str], ask: Ask) -> tuple[Finding, ...]:
    for domain in domains:
        looked = ask(f"{selector}._domainkey.{domain}", RecordType.TXT)
        if not looked.is_void:
            return _judge_found(looked, domain)
    name = f"{selector}._domainkey.{domains[0]}"
    if ask(name, RecordType.TXT).state is LookupState.BAD_NAME:
        return (finding(_DKIM, FindingCode.BAD_NAME, Severity.FAIL, name=name),)
    return (finding(_DKIM, FindingCode.DKIM_MISSING, Severity.FAIL, _proposed(name), name=name),)


def _judge_found(looked: Looked, domain: str) -> tuple[Finding, ...]:
    name = looked.name
    if looked.is_unanswered:
        return (unanswered(_DKIM, looked),)
    if len(looked.values) > 1:
        code = FindingCode.DKIM_SEVERAL
        return (finding(_DKIM, code, Severity.FAIL, name=name, count=len(looked.values)),)
    try:
        tags = read_tags(looked.values[0])
    except TagSyntaxError as error:
        return (finding(_DKIM, FindingCode.DKIM_SYNTAX, Severity.FAIL, name=name, part=error.part),)
    fault = _fault(name, tags)
    return (fault,) if fault else tuple(_judge_key(name, domain, tags))


def _fault(name: str, tags: Mapping[str, str]) -> Finding | None:
    """What makes verifiers ignore the record, whatever its key."""

    def failed(code: FindingCode, **params: object) -> Finding:
        return finding(_DKIM, code, Severity.FAIL, _proposed(name), name=name, **params)

    version = tags.get("v")
    if version is not None and (version != "DKIM1" or next(iter(tags)) != "v"):
        return failed(FindingCode.DKIM_VERSION, version=version)
    if "p" not in tags:
        return failed(FindingCode.DKIM_SYNTAX, part="p=")
    if not tags["p"]:
        return failed(FindingCode.DKIM_REVOKED)
    if tags.get("k", "rsa") not in ("rsa", "ed25519"):
        return failed(FindingCode.DKIM_KEY_TYPE, kind=tags["k"])
    if "h" in tags and "sha256" not in _listed(tags["h"]):
        return failed(FindingCode.DKIM_HASH, hashes=tags["h"])
    if "s" in tags and not {"*", "email"} & set(_listed(tags["s"])):
        return failed(FindingCode.DKIM_SERVICE, services=tags["s"])
    return None


def _listed(value: str) -> list[str]:
    return [one.strip() for one in value.split(":")]


def _judge_key(name: str, domain: str, tags: Mapping[str, str]) -> Iterator[Finding]:
    kind = tags.get("k", "rsa")
    try:
        bits = key_bits(kind, tags["p"])
    except KeyUnreadable:
        code = FindingCode.DKIM_KEY_UNREADABLE
        yield finding(_DKIM, code, Severity.FAIL, _proposed(name), name=name, kind=kind)
        return
    if kind == "rsa" and bits < GOOD_BITS:
        too_short = bits < LEAST_BITS
        yield finding(
            _DKIM,
            FindingCode.DKIM_KEY_SHORT if too_short else FindingCode.DKIM_KEY_MODEST,
            Severity.FAIL if too_short else Severity.WARN,
            _proposed(name),
            name=name,
            domain=domain,
            kind=kind,
            bits=bits,
            least=LEAST_BITS,
            good=GOOD_BITS,
        )
    else:
        code = FindingCode.DKIM_OK
        yield finding(_DKIM, code, Severity.OK, name=name, domain=domain, kind=kind, bits=bits)
    if "y" in _listed(tags.get("t", "")):
        yield finding(_DKIM, FindingCode.DKIM_TESTING, Severity.WARN, name=name)


def key_bits(kind: str, text: str) -> int:
    """The length of a public key as `p=` writes it, white space left out.

    RSA: SubjectPublicKeyInfo, as everybody publishes it, or the bare RSAPublicKey of which the text
    of RFC 6376, 3.6.1 speaks. Ed25519: its 32 octets (RFC 8463). Raises `KeyUnreadable`.
    """
    try:
        octets = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyUnreadable from error
    if kind == "ed25519":
        if len(octets) != _ED25519_OCTETS:
            raise KeyUnreadable
        return 8 * _ED25519_OCTETS
    try:
        key = load_der_public_key(octets)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnreadable from error
    if not isinstance(key, RSAPublicKey):
        raise KeyUnreadable
    return key.key_size

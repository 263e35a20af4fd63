"""The check of the sending domain: each finding about DMARC, from records of a real name server."""

import pytest

from subnotify.rules.mail_findings import Finding, FindingCode, Severity
from subnotify.wording.language import wording_for
from subnotify.wording.mail_findings import finding_words
from tests.support.dns_server import DnsServer
from tests.support.sending_names import (
    KEY,
    codes,
    judge,
    one,
    spf_of,
)

Code = FindingCode


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


def test_a_walk_that_ends_without_an_answer_is_told(names: DnsServer) -> None:
    names.put("m.o.example", "MX", "10 mx.vendor.example.")
    names.fail("_dmarc.o.example")
    found = judge(names, return_address="x@m.o.example")
    assert dict(one(found, Code.LOOKUP_FAILED).params)["name"] == "_dmarc.o.example"
    names.take("_dmarc.vendor.example", "TXT")
    names.fail("_dmarc.example")
    assert Code.DMARC_MISSING not in codes(judge(names))


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


def test_a_key_of_the_organisation_signs_for_the_names_below_it(names: DnsServer) -> None:
    below = {"from_address": "a@legal.vendor.example"}
    found = judge(names, **below)
    assert dict(one(found, Code.DKIM_OK).params)["name"] == "s1._domainkey.vendor.example"
    aligned = one(found, Code.DMARC_DKIM_ALIGNED)
    assert dict(aligned.params)["signed"] == "vendor.example"
    record = "v=DMARC1; p=reject; adkim=s; rua=mailto:a@b.c"
    found = dmarc_of(names, record, **below)
    assert one(found, Code.DMARC_DKIM_NOT_ALIGNED).severity is Severity.WARN
    assert Code.DMARC_SPF_ALONE in codes(found)
    # A key of its own is preferred; without any the From domain is where it is asked for.
    names.put("s1._domainkey.legal.vendor.example", "TXT", KEY)
    assert Code.DMARC_DKIM_ALIGNED in codes(dmarc_of(names, record, **below))
    found = judge(names, selectors=("s9",), **below)
    assert dict(one(found, Code.DKIM_MISSING).params)["name"] == (
        "s9._domainkey.legal.vendor.example"
    )


def test_reports_to_another_organisation_need_its_consent(names: DnsServer) -> None:
    for address in ("mailto:d@reports.example!10m", "mailto:d@REPORTS.example"):
        found = dmarc_of(names, f"v=DMARC1; p=reject; rua={address}")
        unwanted = one(found, Code.DMARC_REPORTS_UNWANTED)
        assert unwanted.severity is Severity.WARN
        assert unwanted.record == ('vendor.example._report._dmarc.reports.example. TXT "v=DMARC1"')
    names.put("vendor.example._report._dmarc.reports.example", "TXT", "v=spf1 -all")
    record = "v=DMARC1; p=reject; rua=mailto:d@reports.example, mailto:x@mail.vendor.example"
    assert Code.DMARC_REPORTS_UNWANTED in codes(dmarc_of(names, record))
    names.put("vendor.example._report._dmarc.reports.example", "TXT", "v=DMARC1;")
    assert Code.DMARC_REPORTS_UNWANTED not in codes(dmarc_of(names, record))

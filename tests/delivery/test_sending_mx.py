"""The check of the sending domain: MX, and what name servers do not answer, on a real one."""

from subnotify.rules.mail_findings import Finding, FindingCode, MailCheck, Severity
from subnotify.wording.language import wording_for
from subnotify.wording.mail_findings import SENTENCES, finding_words
from tests.support.dns_server import DnsServer
from tests.support.sending_names import codes, judge, one

Code = FindingCode


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

"""What the check of the sending domain finds: its words, before any sentence is made of them."""

from dataclasses import dataclass
from enum import StrEnum


class MailCheck(StrEnum):
    """What a finding is about."""

    MX = "mx"
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    TEST_MAIL = "test_mail"


class Severity(StrEnum):
    """ok: as it should be. note: to know, nothing to do. warn: mail may suffer or be forged.
    fail: mail, or what comes back of it, will be lost or refused; or nobody can tell."""

    OK = "ok"
    NOTE = "note"
    WARN = "warn"
    FAIL = "fail"


class FindingCode(StrEnum):
    """Each fact that the check tells apart."""

    LOOKUP_FAILED = "lookup_failed"
    LOOKUP_TIMED_OUT = "lookup_timed_out"
    BAD_NAME = "bad_name"

    MX_OK = "mx_ok"
    MX_DOMAIN_MISSING = "mx_domain_missing"
    MX_MISSING = "mx_missing"
    MX_IMPLICIT = "mx_implicit"
    MX_NULL = "mx_null"
    MX_NULL_AMONG_OTHERS = "mx_null_among_others"
    MX_ALIAS = "mx_alias"
    MX_HOST_MISSING = "mx_host_missing"
    MX_HOST_IS_ADDRESS = "mx_host_is_address"
    MX_NO_HOST = "mx_no_host"

    SPF_OK = "spf_ok"
    SPF_DOMAIN_MISSING = "spf_domain_missing"
    SPF_MISSING = "spf_missing"
    SPF_SEVERAL = "spf_several"
    SPF_SYNTAX = "spf_syntax"
    SPF_LOOKUPS = "spf_lookups"
    SPF_VOID = "spf_void"
    SPF_TARGET_MISSING = "spf_target_missing"
    SPF_LOOP = "spf_loop"
    SPF_MANY_EXCHANGES = "spf_many_exchanges"
    SPF_ALLOWS_ALL = "spf_allows_all"
    SPF_NEUTRAL = "spf_neutral"
    SPF_NO_ALL = "spf_no_all"
    SPF_AFTER_ALL = "spf_after_all"
    SPF_PTR = "spf_ptr"
    SPF_HOST_COVERED = "spf_host_covered"
    SPF_HOST_NOT_COVERED = "spf_host_not_covered"
    SPF_HOST_UNKNOWN = "spf_host_unknown"
    SPF_HOST_HERE = "spf_host_here"
    SPF_SENT_FROM_HERE = "spf_sent_from_here"

    DKIM_OK = "dkim_ok"
    DKIM_NO_SELECTORS = "dkim_no_selectors"
    DKIM_MISSING = "dkim_missing"
    DKIM_SEVERAL = "dkim_several"
    DKIM_SYNTAX = "dkim_syntax"
    DKIM_VERSION = "dkim_version"
    DKIM_REVOKED = "dkim_revoked"
    DKIM_KEY_TYPE = "dkim_key_type"
    DKIM_KEY_UNREADABLE = "dkim_key_unreadable"
    DKIM_KEY_SHORT = "dkim_key_short"
    DKIM_KEY_MODEST = "dkim_key_modest"
    DKIM_HASH = "dkim_hash"
    DKIM_SERVICE = "dkim_service"
    DKIM_TESTING = "dkim_testing"
    DKIM_ED25519_ALONE = "dkim_ed25519_alone"

    DMARC_OK = "dmarc_ok"
    DMARC_ORGANISATION = "dmarc_organisation"
    DMARC_MISSING = "dmarc_missing"
    DMARC_SEVERAL = "dmarc_several"
    DMARC_SYNTAX = "dmarc_syntax"
    DMARC_POLICY = "dmarc_policy"
    DMARC_NONE = "dmarc_none"
    DMARC_PART = "dmarc_part"
    DMARC_TESTING = "dmarc_testing"
    DMARC_NO_REPORTS = "dmarc_no_reports"
    DMARC_REPORT_ADDRESS = "dmarc_report_address"
    DMARC_REPORTS_UNWANTED = "dmarc_reports_unwanted"
    DMARC_SPF_ALIGNED = "dmarc_spf_aligned"
    DMARC_SPF_NOT_ALIGNED = "dmarc_spf_not_aligned"
    DMARC_DKIM_ALIGNED = "dmarc_dkim_aligned"
    DMARC_DKIM_NOT_ALIGNED = "dmarc_dkim_not_aligned"
    DMARC_SPF_ALONE = "dmarc_spf_alone"
    DMARC_NOTHING_ALIGNED = "dmarc_nothing_aligned"

    TEST_MAIL_HANDED_OVER = "test_mail_handed_over"
    TEST_MAIL_DEFERRED = "test_mail_deferred"
    TEST_MAIL_REJECTED = "test_mail_rejected"
    TEST_MAIL_UNKNOWN = "test_mail_unknown"
    TEST_MAIL_SIGN_IN = "test_mail_sign_in"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about the domain that mail is sent from.

    params fill its sentences. record: what to publish, as a line of a zone file, where that can
    be written out.
    """

    check: MailCheck
    code: FindingCode
    severity: Severity
    params: tuple[tuple[str, str], ...] = ()
    record: str = ""


def finding(
    check: MailCheck, code: FindingCode, severity: Severity, record: str = "", **params: object
) -> Finding:
    """A finding with its params as texts."""
    return Finding(
        check, code, severity, tuple((name, str(value)) for name, value in params.items()), record
    )


def has_failed(findings: tuple[Finding, ...]) -> bool:
    return any(one.severity is Severity.FAIL for one in findings)


def txt_record(name: str, text: str) -> str:
    """A TXT record as a line of a zone file; strings of 255 octets at most (RFC 1035, 3.3.14)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    parts = [escaped[start : start + 250] for start in range(0, len(escaped), 250)] or [""]
    return f"{name}. TXT " + " ".join(f'"{part}"' for part in parts)

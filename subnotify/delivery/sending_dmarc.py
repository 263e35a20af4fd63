"""Judges DMARC of the From domain: the policy, and whether SPF and DKIM speak for that domain.

RFC 9989, which replaced RFC 7489; where older readers ask for more (p=), it is asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from subnotify.delivery.dmarc_records import (
    DmarcText,
    Organisation,
    find_dmarc,
    find_organisation,
    find_report_consent,
)
from subnotify.delivery.dns_lookups import Ask
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

POLICIES = ("none", "quarantine", "reject")
_DMARC = MailCheck.DMARC


@dataclass(frozen=True, slots=True)
class Authenticated:
    """What the other checks found. spf_usable: a record without faults. signing: the domains with
    a usable key. knows_dkim: selectors are configured, so that keys could be looked up."""

    envelope_domain: str
    spf_usable: bool
    signing: frozenset[str]
    knows_dkim: bool


def judge_dmarc(domain: str, known: Authenticated, ask: Ask) -> tuple[Finding, ...]:
    """The policy for mail From `domain`, and what is aligned with it."""
    proposed = txt_record(f"_dmarc.{domain}", f"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}")
    own = find_dmarc(domain, ask)
    if own.looked.is_unanswered:
        return (unanswered(_DMARC, own.looked),)
    organisation = find_organisation(domain, ask)
    found = _judge_found(domain, own, organisation, proposed, ask)
    tags = _tags_that_count(own, organisation)
    return (*found, *_judge_alignment(domain, tags, known, organisation, ask))


def _judge_found(
    domain: str, own: DmarcText, organisation: Organisation, proposed: str, ask: Ask
) -> tuple[Finding, ...]:
    if len(own.texts) > 1:
        code = FindingCode.DMARC_SEVERAL
        name = f"_dmarc.{domain}"
        return (finding(_DMARC, code, Severity.FAIL, name=name, count=len(own.texts)),)
    if own.texts:
        return tuple(_judge_record(own, domain, proposed, ask))
    if organisation.record is not None:
        above = finding(
            _DMARC,
            FindingCode.DMARC_ORGANISATION,
            Severity.NOTE,
            domain=domain,
            organisation=organisation.domain,
            how=organisation.how.value,
        )
        return (above, *_judge_record(organisation.record, domain, proposed, ask))
    if organisation.unanswered is not None:
        return (unanswered(_DMARC, organisation.unanswered),)
    code = FindingCode.DMARC_MISSING
    return (finding(_DMARC, code, Severity.FAIL, proposed, domain=domain),)


def _tags_that_count(own: DmarcText, organisation: Organisation) -> Mapping[str, str]:
    if own.texts:
        return own.tags
    return organisation.record.tags if organisation.record else {}


def _judge_record(record: DmarcText, domain: str, proposed: str, ask: Ask) -> Iterator[Finding]:
    name = f"_dmarc.{record.domain}"
    try:
        tags = read_tags(record.texts[0])
    except TagSyntaxError as error:
        code = FindingCode.DMARC_SYNTAX
        yield finding(_DMARC, code, Severity.FAIL, proposed, name=name, part=error.part)
        return
    # The policy for subdomains, where the record is that of a domain above.
    policy = tags.get("p", "")
    if record.domain != domain:
        policy = tags.get("sp", policy)
    if policy.lower() not in POLICIES or tags.get("p", "").lower() not in POLICIES:
        code = FindingCode.DMARC_POLICY
        yield finding(_DMARC, code, Severity.FAIL, proposed, name=name, policy=policy)
        return
    for tag in ("adkim", "aspf"):
        if tags.get(tag, "r").lower() not in ("r", "s"):
            part = f"{tag}={tags[tag]}"
            yield finding(_DMARC, FindingCode.DMARC_SYNTAX, Severity.WARN, name=name, part=part)
    yield from _judge_policy(name, policy.lower(), tags, proposed)
    yield from _judge_reports(record.domain, tags, proposed, ask)


def _judge_policy(
    name: str, policy: str, tags: Mapping[str, str], proposed: str
) -> Iterator[Finding]:
    if policy == "none":
        yield finding(_DMARC, FindingCode.DMARC_NONE, Severity.WARN, proposed, name=name)
    else:
        yield finding(_DMARC, FindingCode.DMARC_OK, Severity.OK, name=name, policy=policy)
    part = tags.get("pct", "100")
    if not (part.isascii() and part.isdecimal() and int(part) <= 100):
        wrong = f"pct={part}"
        yield finding(_DMARC, FindingCode.DMARC_SYNTAX, Severity.WARN, name=name, part=wrong)
    elif int(part) < 100 and policy != "none":
        yield finding(_DMARC, FindingCode.DMARC_PART, Severity.WARN, name=name, percent=part)
    if tags.get("t", "n").lower() == "y" and policy != "none":
        yield finding(_DMARC, FindingCode.DMARC_TESTING, Severity.WARN, name=name)


def _judge_reports(
    domain: str, tags: Mapping[str, str], proposed: str, ask: Ask
) -> Iterator[Finding]:
    name = f"_dmarc.{domain}"
    addresses = [one.strip() for one in tags.get("rua", "").split(",") if one.strip()]
    if not addresses:
        yield finding(_DMARC, FindingCode.DMARC_NO_REPORTS, Severity.WARN, proposed, name=name)
    for address in addresses:
        host = _report_host(address)
        if not host:
            code = FindingCode.DMARC_REPORT_ADDRESS
            yield finding(_DMARC, code, Severity.WARN, proposed, name=name, address=address)
        elif not _takes_reports(domain, host, ask):
            yield finding(
                _DMARC,
                FindingCode.DMARC_REPORTS_UNWANTED,
                Severity.WARN,
                txt_record(f"{domain}._report._dmarc.{host}", "v=DMARC1"),
                name=name,
                address=address,
                host=host,
            )


def _report_host(address: str) -> str:
    """The domain of a mailto address, "" where it is none. Older readers take a
    size after "!"."""
    scheme, _, target = address.partition(":")
    local, _, host = target.partition("!")[0].rpartition("@")
    return host.casefold() if scheme.lower() == "mailto" and local else ""


def _takes_reports(domain: str, host: str, ask: Ask) -> bool:
    """Whether reports about `domain` are sent to `host`: within one organisation always, elsewhere
    where it says so (RFC 7489, 7.1). What nobody answers is not held against it."""
    if (
        host == domain
        or find_organisation(host, ask).domain == find_organisation(domain, ask).domain
    ):
        return True
    return not find_report_consent(domain, host, ask).is_void


def _judge_alignment(
    domain: str,
    tags: Mapping[str, str],
    known: Authenticated,
    organisation: Organisation,
    ask: Ask,
) -> Iterator[Finding]:
    envelope = known.envelope_domain
    strict = tags.get("aspf", "r").lower() == "s"
    of_envelope = find_organisation(envelope, ask)
    same = of_envelope.domain == organisation.domain
    aligned = envelope == domain or (same and not strict)
    if not aligned and not strict and of_envelope.unanswered is not None:
        yield unanswered(_DMARC, of_envelope.unanswered)
    mode = "strict" if strict else "relaxed"
    if aligned:
        code, severity = FindingCode.DMARC_SPF_ALIGNED, Severity.OK
    else:
        code, severity = FindingCode.DMARC_SPF_NOT_ALIGNED, Severity.WARN
    yield finding(_DMARC, code, severity, domain=domain, envelope=envelope, mode=mode)
    spf_counts = aligned and known.spf_usable
    dkim = tuple(_judge_signing(domain, tags, known.signing))
    yield from dkim
    if any(one.severity is Severity.OK for one in dkim):
        return
    if not spf_counts:
        code = FindingCode.DMARC_NOTHING_ALIGNED
        yield finding(_DMARC, code, Severity.FAIL, domain=domain, envelope=envelope)
    elif known.knows_dkim:
        yield finding(_DMARC, FindingCode.DMARC_SPF_ALONE, Severity.WARN, domain=domain)


def _judge_signing(
    domain: str, tags: Mapping[str, str], signing: frozenset[str]
) -> Iterator[Finding]:
    """signing: the From domain or its organisational domain, or both."""
    strict = tags.get("adkim", "r").lower() == "s"
    for signed in sorted(signing):
        if strict and signed != domain:
            code, severity = FindingCode.DMARC_DKIM_NOT_ALIGNED, Severity.WARN
        else:
            code, severity = FindingCode.DMARC_DKIM_ALIGNED, Severity.OK
        mode = "strict" if strict else "relaxed"
        yield finding(_DMARC, code, severity, domain=domain, signed=signed, mode=mode)

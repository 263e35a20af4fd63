"""Judges the SPF record of the envelope's domain (RFC 7208)."""

import ipaddress
from collections.abc import Iterator, Sequence

from subnotify.delivery.dns_lookups import Ask, LookupState, RecordType
from subnotify.delivery.sending_mx import unanswered
from subnotify.delivery.spf_evaluation import (
    MOST_LOOKUPS,
    MOST_VOID,
    SpfCost,
    SpfResult,
    list_spf,
    spf_cost,
    spf_result,
)
from subnotify.delivery.spf_records import IpAddress, SpfRecord, SpfSyntaxError, read_spf
from subnotify.rules.mail_findings import (
    Finding,
    FindingCode,
    MailCheck,
    Severity,
    finding,
    txt_record,
)

_SPF = MailCheck.SPF


def judge_spf(domain: str, ask: Ask, *, addresses: Sequence[IpAddress] = ()) -> tuple[Finding, ...]:
    """Whether the record of the envelope's domain can be used, and says something.

    addresses: of the host that mail is handed to, for the record that is proposed.
    """
    proposed = txt_record(domain, proposed_spf(addresses))
    found = list_spf(domain, ask)
    if found.looked.is_unanswered:
        return (unanswered(_SPF, found.looked),)
    if found.looked.state is LookupState.BAD_NAME:
        return (finding(_SPF, FindingCode.BAD_NAME, Severity.FAIL, name=domain),)
    if found.looked.state is LookupState.NO_NAME:
        code = FindingCode.SPF_DOMAIN_MISSING
        return (finding(_SPF, code, Severity.FAIL, proposed, domain=domain),)
    if not found.texts:
        return (finding(_SPF, FindingCode.SPF_MISSING, Severity.FAIL, proposed, domain=domain),)
    if len(found.texts) > 1:
        return (
            finding(
                _SPF,
                FindingCode.SPF_SEVERAL,
                Severity.FAIL,
                domain=domain,
                count=len(found.texts),
                records=" | ".join(found.texts),
            ),
        )
    try:
        record = read_spf(found.texts[0])
    except SpfSyntaxError as error:
        return (_syntax(domain, error.term),)
    return tuple(_judge_record(domain, record, ask))


def proposed_spf(addresses: Sequence[IpAddress]) -> str:
    """A record for a domain that sends through hosts at these addresses."""
    terms = [f"ip{address.version}:{address}" for address in addresses if address.is_global]
    return " ".join(["v=spf1", "mx", *terms, "-all"])


def _syntax(domain: str, term: str) -> Finding:
    return finding(_SPF, FindingCode.SPF_SYNTAX, Severity.FAIL, domain=domain, term=term[:200])


def _judge_record(domain: str, record: SpfRecord, ask: Ask) -> Iterator[Finding]:
    cost = spf_cost(domain, record, ask)
    faults = [*_faults(domain, cost), *_last_word(domain, record, cost)]
    yield from faults
    if record.after_all:
        yield finding(
            _SPF,
            FindingCode.SPF_AFTER_ALL,
            Severity.WARN,
            domain=domain,
            terms=" ".join(record.after_all),
        )
    for at in dict.fromkeys(cost.ptr_at):
        yield finding(_SPF, FindingCode.SPF_PTR, Severity.WARN, domain=at)
    if not any(one.severity is Severity.FAIL for one in faults):
        yield finding(
            _SPF,
            FindingCode.SPF_OK,
            Severity.OK,
            domain=domain,
            spf=record.text,
            lookups=cost.lookups,
        )


def _faults(domain: str, cost: SpfCost) -> Iterator[Finding]:
    """What makes readers give the record up (permerror), or ask again in vain."""
    for looked in cost.unanswered:
        yield unanswered(_SPF, looked)
    for target, term in cost.wrong:
        yield _syntax(target, term)
    for target in dict.fromkeys(cost.missing):
        code = FindingCode.SPF_TARGET_MISSING
        yield finding(_SPF, code, Severity.FAIL, domain=domain, target=target)
    for target in dict.fromkeys(cost.looped):
        yield finding(_SPF, FindingCode.SPF_LOOP, Severity.FAIL, domain=domain, target=target)
    for target in dict.fromkeys(cost.crowded):
        code = FindingCode.SPF_MANY_EXCHANGES
        yield finding(_SPF, code, Severity.FAIL, domain=domain, target=target)
    if cost.lookups > MOST_LOOKUPS:
        code = FindingCode.SPF_LOOKUPS
        yield finding(
            _SPF, code, Severity.FAIL, domain=domain, count=cost.lookups, most=MOST_LOOKUPS
        )
    if len(cost.voids) > MOST_VOID:
        yield finding(
            _SPF,
            FindingCode.SPF_VOID,
            Severity.FAIL,
            domain=domain,
            count=len(cost.voids),
            names=", ".join(dict.fromkeys(cost.voids)),
            most=MOST_VOID,
        )


def _last_word(domain: str, record: SpfRecord, cost: SpfCost) -> Iterator[Finding]:
    if cost.all_qualifier == "+":
        yield finding(_SPF, FindingCode.SPF_ALLOWS_ALL, Severity.FAIL, domain=domain)
    elif cost.all_qualifier == "?":
        yield finding(_SPF, FindingCode.SPF_NEUTRAL, Severity.WARN, domain=domain)
    elif not cost.all_qualifier:
        ended = txt_record(domain, f"{record.text.strip()} -all") if not record.redirect else ""
        yield finding(_SPF, FindingCode.SPF_NO_ALL, Severity.WARN, ended, domain=domain)


def addresses_of(host: str, ask: Ask) -> tuple[IpAddress, ...]:
    """The addresses of a host, or of itself where it is one; none where nobody knows."""
    try:
        return (ipaddress.ip_address(host),)
    except ValueError:
        pass
    kinds = (RecordType.A, RecordType.AAAA)
    return tuple(ipaddress.ip_address(value) for kind in kinds for value in ask(host, kind).values)


def judge_host(
    domain: str, host: str, addresses: Sequence[IpAddress], ask: Ask
) -> tuple[Finding, ...]:
    """Whether the record covers the relay that mail is handed to.

    Only a note where it does not: a relay may send from other addresses, which it documents.
    """
    if not addresses or all(address.is_loopback for address in addresses):
        return (finding(_SPF, FindingCode.SPF_HOST_HERE, Severity.NOTE, domain=domain, host=host),)
    return tuple(
        _judge_address(domain, host, address, spf_result(domain, address, ask))
        for address in addresses
    )


def _judge_address(domain: str, host: str, address: IpAddress, result: SpfResult) -> Finding:
    code = FindingCode.SPF_HOST_NOT_COVERED
    if result is SpfResult.PASS:
        code = FindingCode.SPF_HOST_COVERED
    elif result is SpfResult.UNKNOWN:
        code = FindingCode.SPF_HOST_UNKNOWN
    return finding(
        _SPF,
        code,
        Severity.OK if result is SpfResult.PASS else Severity.NOTE,
        domain=domain,
        host=host,
        address=address,
        result=result.value,
        term=f"ip{address.version}:{address}",
    )


def sent_from_here(domain: str) -> Finding:
    """Without a relay between, this machine sends: its public address cannot be seen from here."""
    return finding(_SPF, FindingCode.SPF_SENT_FROM_HERE, Severity.NOTE, domain=domain)

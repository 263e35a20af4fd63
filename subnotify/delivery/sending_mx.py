"""Judges where mail to our own domain goes: bounces and replies must arrive (RFC 5321, 5.1)."""

import ipaddress
from collections.abc import Iterator

from subnotify.delivery.dns_lookups import Ask, Looked, LookupState, RecordType
from subnotify.rules.mail_findings import Finding, FindingCode, MailCheck, Severity, finding

_MX = MailCheck.MX


def unanswered(check: MailCheck, looked: Looked) -> Finding:
    """Nobody knows what is published there: neither we nor those who get our mail."""
    if looked.state is LookupState.SILENT:
        return finding(
            check,
            FindingCode.LOOKUP_TIMED_OUT,
            Severity.FAIL,
            name=looked.name,
            type=looked.type.value,
        )
    return finding(
        check,
        FindingCode.LOOKUP_FAILED,
        Severity.FAIL,
        name=looked.name,
        type=looked.type.value,
        said=looked.said,
    )


def judge_mx(domain: str, ask: Ask) -> tuple[Finding, ...]:
    """Whether servers find where to bring mail for `domain`."""
    record = f"{domain}. MX 10 mail.{domain}."
    looked = ask(domain, RecordType.MX)
    if looked.is_unanswered:
        return (unanswered(_MX, looked),)
    if looked.state is LookupState.BAD_NAME:
        return (finding(_MX, FindingCode.BAD_NAME, Severity.FAIL, name=domain),)
    if looked.state is LookupState.NO_NAME:
        return (finding(_MX, FindingCode.MX_DOMAIN_MISSING, Severity.FAIL, record, domain=domain),)
    if looked.state is LookupState.EMPTY:
        return (_without_mx(domain, record, ask),)
    hosts = [value.partition(" ")[2] for value in _by_preference(looked.values)]
    if hosts == ["."]:
        return (finding(_MX, FindingCode.MX_NULL, Severity.FAIL, record, domain=domain),)
    return tuple(_judge_hosts(domain, hosts, ask))


def _by_preference(values: tuple[str, ...]) -> list[str]:
    return sorted(values, key=lambda value: (int(value.partition(" ")[0]), value))


def _without_mx(domain: str, record: str, ask: Ask) -> Finding:
    for kind in (RecordType.A, RecordType.AAAA):
        looked = ask(domain, kind)
        if looked.is_unanswered:
            return unanswered(_MX, looked)
        if looked.state is LookupState.FOUND:
            return finding(
                _MX,
                FindingCode.MX_IMPLICIT,
                Severity.WARN,
                record,
                domain=domain,
                address=looked.values[0],
            )
    return finding(_MX, FindingCode.MX_MISSING, Severity.FAIL, record, domain=domain)


def _judge_hosts(domain: str, hosts: list[str], ask: Ask) -> Iterator[Finding]:
    reached = []
    for host in hosts:
        if host == ".":
            yield finding(_MX, FindingCode.MX_NULL_AMONG_OTHERS, Severity.WARN, domain=domain)
        elif _is_address(host):
            yield finding(
                _MX, FindingCode.MX_HOST_IS_ADDRESS, Severity.WARN, domain=domain, host=host
            )
        else:
            found = [ask(host, kind) for kind in (RecordType.A, RecordType.AAAA)]
            alias = next((one.alias_of for one in found if one.alias_of), "")
            if alias:
                yield finding(
                    _MX,
                    FindingCode.MX_ALIAS,
                    Severity.WARN,
                    f"{domain}. MX 10 {alias}.",
                    domain=domain,
                    host=host,
                    target=alias,
                )
            addresses = [value for one in found for value in one.values]
            silent = next((one for one in found if one.is_unanswered), None)
            if addresses:
                reached.append(f"{host} ({', '.join(addresses)})")
            elif silent is not None:
                yield unanswered(_MX, silent)
            else:
                yield finding(
                    _MX, FindingCode.MX_HOST_MISSING, Severity.WARN, domain=domain, host=host
                )
    if reached:
        yield finding(_MX, FindingCode.MX_OK, Severity.OK, domain=domain, hosts="; ".join(reached))
    else:
        yield finding(_MX, FindingCode.MX_NO_HOST, Severity.FAIL, domain=domain)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

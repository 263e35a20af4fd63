"""Judges everything that the domain of our mail publishes, by asking name servers."""

from collections.abc import Sequence
from dataclasses import dataclass

from subnotify.delivery.dmarc_records import find_organisation
from subnotify.delivery.dns_lookups import Ask
from subnotify.delivery.sending_dkim import judge_dkim, signing_domains
from subnotify.delivery.sending_dmarc import Authenticated, judge_dmarc
from subnotify.delivery.sending_mx import judge_mx
from subnotify.delivery.sending_spf import addresses_of, judge_host, judge_spf, sent_from_here
from subnotify.rules.mail_findings import Finding, FindingCode


@dataclass(frozen=True, slots=True)
class SendingDomain:
    """What is configured. from_address: of the mails; return_address: where bounces go.

    relay_host: the host that mail is handed to, None where mail goes straight to the recipients'
    own server. selectors: those that the mail is signed under, at the From domain or
    at its organisational domain.
    """

    from_address: str
    return_address: str
    relay_host: str | None
    selectors: Sequence[str]


def judge_sending_domain(sending: SendingDomain, ask: Ask) -> tuple[Finding, ...]:
    """The findings in the order MX, SPF, DKIM, DMARC. Raises nothing for what is published."""
    from_domain = _domain_of(sending.from_address)
    envelope_domain = _domain_of(sending.return_address)
    relay = sending.relay_host
    addresses = addresses_of(relay, ask) if relay is not None else ()
    spf = judge_spf(envelope_domain, ask, addresses=addresses)
    spf_usable = any(one.code is FindingCode.SPF_OK for one in spf)
    if spf_usable and relay is not None:
        spf = (*spf, *judge_host(envelope_domain, relay, addresses, ask))
    elif spf_usable:
        spf = (*spf, sent_from_here(envelope_domain))
    organisation = find_organisation(from_domain, ask).domain
    signing = tuple(dict.fromkeys((from_domain, organisation)))
    dkim = judge_dkim(signing, sending.selectors, ask)
    known = Authenticated(
        envelope_domain, spf_usable, signing_domains(dkim), knows_dkim=bool(sending.selectors)
    )
    return (
        *judge_mx(envelope_domain, ask),
        *spf,
        *dkim,
        *judge_dmarc(from_domain, known, ask),
    )


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2].casefold().rstrip(".")

"""Sentences about SPF (RFC 7208): the fact, and the remedy."""

from subnotify.rules.errors import N_
from subnotify.rules.mail_findings import FindingCode as Code

_PUBLISH = N_(
    "Publish the record below, with the hosts that send your mail: your relay documents its own"
    " “include:”."
)
_FEWER = N_(
    "Remove “include:”, “a”, “mx”, “exists:” and “redirect=” terms that are not needed, or write"
    " “ip4:” and “ip6:” in their place."
)

SPF_SENTENCES: dict[Code, tuple[str, str]] = {
    Code.SPF_OK: (
        N_("%(domain)s publishes “%(spf)s”, read with %(lookups)s lookups of 10 at most."),
        "",
    ),
    Code.SPF_DOMAIN_MISSING: (
        N_("The domain %(domain)s of the envelope sender does not exist (NXDOMAIN): servers refuse"
           " mail from it."),
        _PUBLISH,
    ),
    Code.SPF_MISSING: (
        N_("%(domain)s, the domain of the envelope sender, has no SPF record."),
        _PUBLISH,
    ),
    Code.SPF_SEVERAL: (
        N_("%(domain)s has %(count)s SPF records, so that none counts: %(records)s"),
        N_("Join them into one record, and remove the others."),
    ),
    Code.SPF_SYNTAX: (
        N_("The SPF record of %(domain)s cannot be read at “%(term)s”, so that none of it counts."),
        N_("Correct that term (RFC 7208, section 12)."),
    ),
    Code.SPF_LOOKUPS: (
        N_("The SPF record of %(domain)s asks for %(count)s lookups; readers give it up after"
           " %(most)s."),
        _FEWER,
    ),
    Code.SPF_VOID: (
        N_("%(count)s names in the SPF record of %(domain)s have no records (%(names)s); readers"
           " give it up after %(most)s."),
        _FEWER,
    ),
    Code.SPF_TARGET_MISSING: (
        N_("The SPF record of %(domain)s includes %(target)s, which has no SPF record, or several:"
           " none of it counts."),
        N_("Correct the name, or remove the term."),
    ),
    Code.SPF_LOOP: (
        N_("The SPF record of %(domain)s leads back to itself over %(target)s, so that none of it"
           " counts."),
        N_("Remove the term that closes the circle."),
    ),
    Code.SPF_MANY_EXCHANGES: (
        N_("The SPF record of %(domain)s asks for the mail exchangers of %(target)s, which are more"
           " than 10: none of it counts."),
        _FEWER,
    ),
    Code.SPF_ALLOWS_ALL: (
        N_("The SPF record of %(domain)s lets everybody send in its name (+all)."),
        N_("End it with “-all”, after the hosts that send your mail."),
    ),
    Code.SPF_NEUTRAL: (
        N_("The SPF record of %(domain)s says nothing of other senders (?all)."),
        N_("End it with “-all”, or with “~all” while you try it out."),
    ),
    Code.SPF_NO_ALL: (
        N_("The SPF record of %(domain)s does not end with “all”: it says nothing of other"
           " senders."),
        N_("End it with “-all”, or with “~all” while you try it out."),
    ),
    Code.SPF_AFTER_ALL: (
        N_("Nobody reads what stands beside “all” in the SPF record of %(domain)s: %(terms)s."),
        N_("Put these terms before “all”, or remove them."),
    ),
    Code.SPF_PTR: (
        N_("The SPF record of %(domain)s uses “ptr”, which RFC 7208 advises against and large"
           " receivers skip."),
        N_("Write the addresses with “ip4:” and “ip6:” in its place."),
    ),
    Code.SPF_HOST_COVERED: (
        N_("The SPF record of %(domain)s covers the relay %(host)s at %(address)s."),
        "",
    ),
    Code.SPF_HOST_NOT_COVERED: (
        N_("The SPF record of %(domain)s does not cover the relay %(host)s at %(address)s"
           " (%(result)s). That is right only if the relay sends from other addresses."),
        N_("Ask the relay which addresses it sends from. If from this one, add “%(term)s”."),
    ),
    Code.SPF_HOST_UNKNOWN: (
        N_("Whether the SPF record of %(domain)s covers the relay %(host)s at %(address)s depends"
           " on the mail (macros or ptr)."),
        N_("Send a test mail and look for “spf=pass” in its header Authentication-Results."),
    ),
    Code.SPF_HOST_HERE: (
        N_("The relay %(host)s is this machine, or its address is not known: whether the SPF record"
           " of %(domain)s covers what others see of it cannot be told from here."),
        N_("Send a test mail and look for “spf=pass” in its header Authentication-Results."),
    ),
    Code.SPF_SENT_FROM_HERE: (
        N_("Mail goes from this machine straight to the recipients' server: whether the SPF record"
           " of %(domain)s covers its public address cannot be told from here."),
        N_("Send a test mail and look for “spf=pass” in its header Authentication-Results."),
    ),
}  # fmt: skip

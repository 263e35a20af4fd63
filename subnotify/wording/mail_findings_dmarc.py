"""Sentences about DMARC (RFC 9989, before it RFC 7489): the fact, and the remedy."""

from subnotify.rules.errors import N_
from subnotify.rules.mail_findings import FindingCode as Code

_PUBLISH = N_("Publish the record below.")

# How the organisational domain was found.
ORGANISATION_REASONS = {
    "itself": N_("no name above it has a DMARC record"),
    "record": N_("the highest name above it with a DMARC record"),
    "psd": N_("its record says so with psd=n"),
    "below_suffix": N_("the name above it is a public suffix, as its record says with psd=y"),
}

DMARC_SENTENCES: dict[Code, tuple[str, str]] = {
    Code.DMARC_OK: (
        N_("The policy at %(name)s for mail that is not aligned is “%(policy)s”."),
        "",
    ),
    Code.DMARC_ORGANISATION: (
        N_("%(domain)s has no DMARC record of its own; that of its organisational domain"
           " %(organisation)s counts (%(how)s)."),
        "",
    ),
    Code.DMARC_MISSING: (
        N_("Neither %(domain)s nor a name above it has a DMARC record: anybody may write in its"
           " name, and large receivers refuse bulk mail without one."),
        _PUBLISH,
    ),
    Code.DMARC_SEVERAL: (
        N_("There are %(count)s DMARC records at %(name)s, so that none counts."),
        N_("Remove all but one."),
    ),
    Code.DMARC_SYNTAX: (
        N_("The DMARC record at %(name)s cannot be read at “%(part)s”."),
        N_("Write it as a list of tags, like “v=DMARC1; p=quarantine; rua=mailto:...”."),
    ),
    Code.DMARC_POLICY: (
        N_("The DMARC record at %(name)s names no policy that receivers know (“%(policy)s”)."),
        N_("Write “p=quarantine” or “p=reject”; “p=none” only watches."),
    ),
    Code.DMARC_NONE: (
        N_("The DMARC record at %(name)s only watches (p=none): a forged notice in your name is"
           " delivered."),
        N_("Once the reports show no mail of your own that fails, ask for quarantine as below."),
    ),
    Code.DMARC_PART: (
        N_("The policy at %(name)s is asked for %(percent)s%% of the mail only (pct=)."),
        N_("Take “pct=” out of the record; RFC 9989 no longer knows it."),
    ),
    Code.DMARC_TESTING: (
        N_("The policy at %(name)s is marked as a trial (t=y): receivers apply a milder one."),
        N_("Take “t=y” out of the record."),
    ),
    Code.DMARC_NO_REPORTS: (
        N_("The DMARC record at %(name)s asks for no reports: nobody tells you which of your mail"
           " fails."),
        N_("Add “rua=mailto:” and an address that somebody reads, as below."),
    ),
    Code.DMARC_REPORT_ADDRESS: (
        N_("The DMARC record at %(name)s sends reports to “%(address)s”, which is no mailto"
           " address."),
        N_("Write it like “rua=mailto:dmarc@example.com”."),
    ),
    Code.DMARC_REPORTS_UNWANTED: (
        N_("The DMARC record at %(name)s sends reports to “%(address)s”, but %(host)s does not say"
           " that it takes them: most receivers send none."),
        N_("Have %(host)s publish the record below, or name an address of your own domain."),
    ),
    Code.DMARC_SPF_ALIGNED: (
        N_("The envelope sender's domain %(envelope)s is aligned with %(domain)s (%(mode)s)."),
        "",
    ),
    Code.DMARC_SPF_NOT_ALIGNED: (
        N_("The envelope sender's domain %(envelope)s is not aligned with %(domain)s (%(mode)s):"
           " SPF does not speak for your mail."),
        N_("Set SUBNOTIFY_RETURN_ADDRESS to an address of %(domain)s, or rely on DKIM alone."),
    ),
    Code.DMARC_DKIM_ALIGNED: (
        N_("Signatures with d=%(signed)s are aligned with %(domain)s (%(mode)s)."),
        "",
    ),
    Code.DMARC_DKIM_NOT_ALIGNED: (
        N_("The DKIM key stands at %(signed)s, while the DMARC record asks for d=%(domain)s itself"
           " (adkim=s)."),
        N_("Have your relay sign with d=%(domain)s, or take “adkim=s” out of the record."),
    ),
    Code.DMARC_SPF_ALONE: (
        N_("Only SPF speaks for mail of %(domain)s: what is forwarded fails DMARC."),
        N_("Have your relay sign with d=%(domain)s, and publish its key."),
    ),
    Code.DMARC_NOTHING_ALIGNED: (
        N_("Neither SPF (%(envelope)s) nor DKIM is known to speak for mail of %(domain)s: it fails"
           " DMARC, and is refused or put aside where the policy asks for it."),
        N_("Have your relay sign with d=%(domain)s and publish its key, or mend SPF for an envelope"
           " sender in that domain."),
    ),
}  # fmt: skip

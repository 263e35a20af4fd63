"""Sentences about lookups, mail exchangers and the test mail: the fact, and the remedy."""

from subnotify.rules.errors import N_
from subnotify.rules.mail_findings import FindingCode as Code

_LOST = N_("Publish the record below, or set SUBNOTIFY_RETURN_ADDRESS to a domain that takes mail.")

NAME_SENTENCES: dict[Code, tuple[str, str]] = {
    Code.LOOKUP_FAILED: (
        N_("The name servers answer the question for %(type)s of %(name)s with an error:"
           " %(said)s."),
        N_("Have the zone and its DNSSEC signatures mended, then check again: those who get your"
           " mail meet the same error."),
    ),
    Code.LOOKUP_TIMED_OUT: (
        N_("Nobody answered the question for %(type)s of %(name)s in time."),
        N_("Check the name servers of the domain and the resolver of this machine, then check"
           " again."),
    ),
    Code.BAD_NAME: (
        N_("%(name)s cannot be a domain name."),
        N_("Correct the address or the selector in the settings."),
    ),
    Code.MX_OK: (N_("Mail for %(domain)s goes to %(hosts)s."), ""),
    Code.MX_DOMAIN_MISSING: (
        N_("The domain %(domain)s does not exist (NXDOMAIN): bounces and replies are lost."),
        _LOST,
    ),
    Code.MX_MISSING: (
        N_("%(domain)s has no mail exchanger (MX) and no address: bounces and replies are lost."),
        _LOST,
    ),
    Code.MX_IMPLICIT: (
        N_("%(domain)s has no mail exchanger (MX): servers try its own address, %(address)s."),
        N_("Publish the MX record of the server that takes your mail."),
    ),
    Code.MX_NULL: (
        N_("%(domain)s says that it takes no mail (a null MX, RFC 7505): bounces and replies are"
           " lost, and servers may refuse mail from it."),
        _LOST,
    ),
    Code.MX_NULL_AMONG_OTHERS: (
        N_("%(domain)s has a null MX (“.”) beside others, which contradicts them (RFC 7505)."),
        N_("Remove the MX record “.”."),
    ),
    Code.MX_ALIAS: (
        N_("The mail exchanger %(host)s of %(domain)s is an alias (CNAME) of %(target)s, which"
           " RFC 2181 forbids: some servers do not deliver to it."),
        N_("Name the host itself in the MX record."),
    ),
    Code.MX_HOST_MISSING: (
        N_("The mail exchanger %(host)s of %(domain)s has no address."),
        N_("Give it an A or AAAA record, or remove the MX record."),
    ),
    Code.MX_HOST_IS_ADDRESS: (
        N_("The MX record of %(domain)s holds the address %(host)s where a host's name must stand:"
           " no server delivers to it."),
        N_("Name a host there, and give that host an A record."),
    ),
    Code.MX_NO_HOST: (
        N_("No mail exchanger of %(domain)s can be reached: bounces and replies are lost."),
        N_("Publish the MX record of a host that has an address."),
    ),
    Code.TEST_MAIL_HANDED_OVER: (
        N_("%(host)s took the test mail to %(address)s: “%(said)s”."),
        N_("Open it there and look for “spf=pass”, “dkim=pass” and “dmarc=pass” in its header"
           " Authentication-Results. It came from %(sender)s."),
    ),
    Code.TEST_MAIL_DEFERRED: (
        N_("%(host)s did not take the test mail to %(address)s for now, at %(verb)s:"
           " “%(said)s”."),
        N_("Mend what the words say, or try again later. Notices are retried by themselves."),
    ),
    Code.TEST_MAIL_REJECTED: (
        N_("%(host)s refused the test mail to %(address)s at %(verb)s: “%(said)s”."),
        N_("Mend what the words say: the sender, the recipient, or the rights of the sign-in."),
    ),
    Code.TEST_MAIL_UNKNOWN: (
        N_("The connection to %(host)s was lost after the test mail to %(address)s was sent whole:"
           " nobody knows whether it was taken (%(said)s)."),
        N_("Look whether it arrived, then try again."),
    ),
    Code.TEST_MAIL_SIGN_IN: (
        N_("%(host)s refused our sign-in: “%(said)s”."),
        N_("Correct SUBNOTIFY_SMTP_USERNAME and SUBNOTIFY_SMTP_PASSWORD."),
    ),
}  # fmt: skip

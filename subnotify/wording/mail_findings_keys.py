"""Sentences about DKIM (RFC 6376): the fact, and the remedy."""

from subnotify.rules.errors import N_
from subnotify.rules.mail_findings import FindingCode as Code

_PUBLISH_KEY = N_(
    "Publish the key that your relay shows you, as below, or take the selector out of"
    " SUBNOTIFY_DKIM_SELECTORS."
)
_NEW_KEY = N_("Have a new key of 2048 bits made, and publish it under a new selector.")

DKIM_SENTENCES: dict[Code, tuple[str, str]] = {
    Code.DKIM_OK: (N_("The key %(name)s is published: %(kind)s, %(bits)s bits."), ""),
    Code.DKIM_NO_SELECTORS: (
        N_("The selectors under which mail of %(domain)s is signed are not known here: nothing of"
           " DKIM was checked."),
        N_("Set SUBNOTIFY_DKIM_SELECTORS to those that your relay names (s= in the header"
           " DKIM-Signature), and publish their keys as below."),
    ),
    Code.DKIM_MISSING: (
        N_("There is no key at %(name)s: signatures under it are void."),
        _PUBLISH_KEY,
    ),
    Code.DKIM_SEVERAL: (
        N_("There are %(count)s records at %(name)s: which one counts is left to chance."),
        N_("Remove all but the one with the present key."),
    ),
    Code.DKIM_SYNTAX: (
        N_("The record at %(name)s cannot be read at “%(part)s”."),
        N_("Write it as a list of tags: “v=DKIM1; k=rsa; p=...”."),
    ),
    Code.DKIM_VERSION: (
        N_("The record at %(name)s does not begin with “v=DKIM1” (v=%(version)s), so that it is"
           " ignored."),
        N_("Begin it with “v=DKIM1;”."),
    ),
    Code.DKIM_REVOKED: (
        N_("The key at %(name)s is revoked (p= is empty): signatures under it are void."),
        _PUBLISH_KEY,
    ),
    Code.DKIM_KEY_TYPE: (
        N_("The key at %(name)s is of a kind that nobody reads (k=%(kind)s)."),
        _PUBLISH_KEY,
    ),
    Code.DKIM_KEY_UNREADABLE: (
        N_("The key at %(name)s cannot be read as %(kind)s: it may be cut off."),
        N_("Publish it whole; a TXT record may hold several strings of 255 characters."),
    ),
    Code.DKIM_KEY_SHORT: (
        N_("The key at %(name)s has %(bits)s bits; signatures count only from %(least)s on (RFC"
           " 8301)."),
        _NEW_KEY,
    ),
    Code.DKIM_KEY_MODEST: (
        N_("The key at %(name)s has %(bits)s bits; %(good)s are advised (RFC 8301)."),
        _NEW_KEY,
    ),
    Code.DKIM_HASH: (
        N_("The key at %(name)s does not let SHA-256 be used (h=%(hashes)s); nobody takes others."),
        N_("Take “h=” out of the record."),
    ),
    Code.DKIM_SERVICE: (
        N_("The key at %(name)s is not for mail (s=%(services)s)."),
        N_("Take “s=” out of the record."),
    ),
    Code.DKIM_TESTING: (
        N_("The key at %(name)s is marked as a trial (t=y): some treat its mail as unsigned."),
        N_("Take “t=y” out of the record."),
    ),
    Code.DKIM_ED25519_ALONE: (
        N_("Mail of %(domain)s is signed with Ed25519 alone, which many receivers do not check."),
        N_("Have it signed with an RSA key of 2048 bits too."),
    ),
}  # fmt: skip

"""Whom a refusal of the mail host concerns: the host itself, us as the sender, or this one mail.

The table, with its sources. A reply is final for a mail only where it speaks of that mail or of
its recipient; in doubt it is ours to mend, and the mail waits: a client is not "not served"
because our account, our domain or our host was refused.

=================  ==========================  =======  ===========================================
verb               reply                       concern  source
=================  ==========================  =======  ===========================================
connect to AUTH    any, or none                server   RFC 5321, 3.1 and 4.3.2; RFC 4954, 6
MAIL               any but those below, none   sender   RFC 5321, 3.3: no recipient is named yet
MAIL               x.2.3, x.3.4                mail     RFC 3463: message length, message too big
MAIL               552 that says "size"        mail     RFC 1870, 6.1, without an enhanced code
MAIL               x.1.7                       mail     RFC 3463: syntax of the sender's address,
                                                        which is sealed with the mail
MAIL               x.6.*                       mail     RFC 3463: content; x.6.7, x.6.9: RFC 6531
MAIL               550, 553, 555 to SMTPUTF8   mail     RFC 6531, 3.5: an address beyond ASCII
MAIL               x.1.8, 552, 550 5.7.1 ...   sender   our domain, quota, permission
later              530, 534, 535, 538, 525,    sender   RFC 4954, 6; RFC 5248 (x.7.10, x.7.13)
                   523
later              x.1.8, x.7.8 to x.7.14,     sender   IANA's registry of RFC 5248: the sender's
                   x.7.20 to x.7.29                     domain, sign-in, SPF, DKIM, reverse DNS
later              x.7.1 or none, with words   sender   Postfix refuses a sender and a client only
                   for a refused sender                 at RCPT (smtpd_delay_reject)
later              any other, or none          mail     RFC 5321, 4.2.2 and 4.3.2
=================  ==========================  =======  ===========================================

x.1.8 (the domain of our sender is not found) is put off, since name servers can be mended while
a mail waits. 452 and 552 at RCPT are no "too many recipients" (RFC 5321, 4.5.3.1.10): each mail
has one. Postfix itself returns a mail that was refused at MAIL at once, because a person
gets it back; GOV.UK Notify keeps trying for all that is not the fault of this one mail.
"""

import re
from enum import StrEnum


class Verb(StrEnum):
    """The step of the session that gave the result."""

    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    FINAL_DOT = "final_dot"
    # No verb of the protocol: our own program failed on the way, nobody knows where.
    FAULT = "fault"


class Concern(StrEnum):
    """What a failed try speaks of: the host (every mail would meet the same fate), us as the
    sender (most would), or this mail and its recipient."""

    SERVER = "server"
    SENDER = "sender"
    MAIL = "mail"


SESSION_VERBS = frozenset({Verb.CONNECT, Verb.EHLO, Verb.STARTTLS, Verb.AUTH})
# RFC 4954, 6; 530 comes at any verb. 525: the account was disabled (RFC 5248, X.7.13).
AUTHENTICATION_CODES = frozenset({525, 530, 534, 535, 538})
_ENCRYPTION_NEEDED = 523
_EXCEEDS = 552
_UTF8_REFUSED = (550, 553, 555)

_ENHANCED = re.compile(r"\s*[245]\.(\d{1,3})\.(\d{1,3})(?!\d)")
_OF_THIS_MAIL = frozenset({(1, 7), (2, 3), (3, 4)})
_CONTENT = 6
_OF_THE_SENDER = frozenset({(1, 8), *((7, detail) for detail in (*range(8, 15), *range(20, 30)))})
_NOT_AUTHORISED = (7, 1)
# Postfix, Sendmail, Exim and Exchange, in this order.
_REFUSED_SENDER = re.compile(
    r"sender address rejected|client host rejected|relay access denied"
    r"|relaying denied|relay not permitted|unable to relay",
    re.IGNORECASE,
)


def concern_of(verb: Verb, code: int | None, reply: str, *, beyond_ascii: bool = False) -> Concern:
    """Whom a failed try concerns, by the table above.

    code: None where no reply came. reply: its text, with the enhanced code at its beginning where
    the server gives one. beyond_ascii: an address of the envelope asked for SMTPUTF8.
    """
    if verb in SESSION_VERBS:
        return Concern.SERVER
    enhanced = _enhanced_code(reply)
    if verb is Verb.MAIL:
        of_this_mail = _is_of_this_mail(code, enhanced, reply, beyond_ascii)
        return Concern.MAIL if of_this_mail else Concern.SENDER
    if verb is Verb.FAULT or code is None:
        return Concern.MAIL
    return Concern.SENDER if _is_of_the_sender(code, enhanced, reply) else Concern.MAIL


def _enhanced_code(reply: str) -> tuple[int, int] | None:
    """Subject and detail (RFC 2034, 4): "5.7.1 no" is (7, 1)."""
    found = _ENHANCED.match(reply)
    return (int(found[1]), int(found[2])) if found else None


def _is_of_this_mail(
    code: int | None, enhanced: tuple[int, int] | None, reply: str, beyond_ascii: bool
) -> bool:
    if beyond_ascii and code in _UTF8_REFUSED and enhanced in (None, (1, 0), (5, 4)):
        return True
    if enhanced is None:
        return code == _EXCEEDS and "size" in reply.lower()
    return enhanced in _OF_THIS_MAIL or enhanced[0] == _CONTENT


def _is_of_the_sender(code: int, enhanced: tuple[int, int] | None, reply: str) -> bool:
    if code in AUTHENTICATION_CODES or code == _ENCRYPTION_NEEDED or enhanced in _OF_THE_SENDER:
        return True
    speaks_of_rights = enhanced in (None, _NOT_AUTHORISED, (1, 0), (7, 0))
    return speaks_of_rights and _REFUSED_SENDER.search(reply) is not None

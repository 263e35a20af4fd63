"""Whether a server that says *delivered* speaks of the address that we wrote to.

Only the recipient domain's own server proves receipt. A mail that was passed on to a mailbox
elsewhere, or a block about somebody else in the same report, proves nothing of our contact.
"""

import re

from subnotify.delivery.incoming_mail import Report

_XTEXT = re.compile(r"\+([0-9A-F]{2})")


def is_delivered_to(report: Report, address: str | None) -> bool:
    """Does this report of a delivery name `address`, to which the mail was sent?

    Either as its final recipient, or as its original one (RFC 3464, 2.3.1) where the mailbox that
    got it, or the server that says so, is of the same domain. Capital letters, the two spellings
    of a domain beyond ASCII and the encoding of RFC 3461, 4 make no difference. False where the
    report names nobody.
    """
    if not address:
        return False
    ours = _spelt(address)
    final = _spelt(report.final_recipient)
    if ours == final:
        return True
    if ours not in {_spelt(report.recipient), _spelt(_decoded(report.recipient))}:
        return False
    domain = ours.rpartition("@")[2]
    says = {final.rpartition("@")[2], _domain(report.host)} - {""}
    return not final or any(one == domain or one.endswith(f".{domain}") for one in says)


def _spelt(address: str) -> str:
    local, at, domain = address.strip().rpartition("@")
    return f"{local.casefold()}@{_domain(domain)}" if at else ""


def _domain(name: str) -> str:
    name = name.strip().rstrip(".").casefold()
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def _decoded(address: str) -> str:
    return _XTEXT.sub(lambda found: chr(int(found[1], 16)), address)

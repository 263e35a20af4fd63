"""The mails to an address on file: it is one no longer, or a further one gets copies."""

from datetime import date

from subnotify.rules.vendor import VendorProfile
from subnotify.wording.language import Wording
from subnotify.wording.lines import one_line
from subnotify.wording.mails import MailText, render_mail


def address_changed_mail(
    client: str, vendor: VendorProfile, changed_on: date, w: Wording, *, is_postal: bool
) -> MailText:
    """Whose notices, since when, whom to tell if it is wrong; never where they go now.

    is_postal: the postal address changed, and mails still come to this address.
    """
    said = {"client": one_line(client), "vendor": one_line(vendor.name)}
    if is_postal:
        title = w.gettext("Letters to %(client)s go to another postal address", **said)
        what = w.gettext(
            "The letters in which %(vendor)s tells %(client)s of changes of its subprocessors go to"
            " another postal address from now on. Mails still come to this address.",
            **said,
        )
    else:
        title = w.gettext("Notices to %(client)s no longer come to this address", **said)
        what = w.gettext(
            "The mails in which %(vendor)s tells %(client)s of changes of its subprocessors no"
            " longer come to this address.",
            **said,
        )
    return render_mail(
        "address_changed",
        w,
        vendor=vendor,
        title=title,
        what=what,
        recorded=w.gettext(
            "%(vendor)s recorded the change on %(day)s. For safety this mail does not name the new"
            " address.",
            day=w.date(changed_on),
            **said,
        ),
        wrong=w.gettext(
            "If nobody at %(client)s asked for it, tell %(vendor)s at once: answer this mail, or"
            " write to %(address)s. Notices may be waiting for your answer at the new address.",
            address=vendor.contact_email,
            **said,
        ),
    )


def copy_contact_mail(client: str, vendor: VendorProfile, added_on: date, w: Wording) -> MailText:
    """To a notice contact: somebody added an address that gets copies; never which one."""
    said = {"client": one_line(client), "vendor": one_line(vendor.name)}
    return render_mail(
        "address_changed",
        w,
        vendor=vendor,
        title=w.gettext("One more address gets copies of the notices to %(client)s", **said),
        what=w.gettext(
            "One more address gets copies of the mails in which %(vendor)s tells %(client)s of"
            " changes of its subprocessors. Your notices still come to this address, and their"
            " deadlines still count from it.",
            **said,
        ),
        recorded=w.gettext(
            "A contact of %(client)s added it in the client portal on %(day)s. For safety this mail"
            " does not name it: the portal shows all contacts on file.",
            day=w.date(added_on),
            **said,
        ),
        wrong=w.gettext(
            "If nobody at %(client)s wanted it, tell %(vendor)s at once: answer this mail, or"
            " write to %(address)s. The address is then removed.",
            address=vendor.contact_email,
            **said,
        ),
    )

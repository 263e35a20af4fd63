"""The code that makes count what gives up protection. It is mailed and never stored."""

from collections.abc import Sequence
from datetime import datetime

from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import ResponseKind, StepKind
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailText, render_mail


def code_mail(
    code: str,
    kind: ResponseKind | StepKind,
    change_titles: Sequence[str],
    party: Party,
    vendor: VendorProfile,
    w: Wording,
    *,
    expires_at: datetime,
) -> MailText:
    """The mail with the code, to the contact who answered; its subject does not show the code.

    kind: no objection, waiver, withdrawal, or a proposal accepted. `w` tells `expires_at` in its
    zone, the agreement's.
    """
    return render_mail(
        "code",
        w,
        **party.values,
        vendor=vendor,
        kind=label(w, kind),
        what=_what(kind, w),
        titles=change_titles,
        code=code,
        until=w.date_time(expires_at),
    )


def _what(kind: ResponseKind | StepKind, w: Wording) -> str:
    if kind is StepKind.ACCEPTED:
        return w.gettext(
            "You accept our proposal. Once you have entered the code, your objection is settled."
        )
    if kind is ResponseKind.WITHDRAWAL:
        return w.gettext("The objection is withdrawn.")
    if kind is ResponseKind.WAIVER:
        return w.gettext("There is no objection, and the rest of the objection period is given up.")
    return w.gettext("There is no objection.")

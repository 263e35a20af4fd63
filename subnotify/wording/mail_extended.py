"""The mail that tells a client that legal gave it more time to object."""

from dataclasses import dataclass
from datetime import datetime

from subnotify.rules.vendor import VendorProfile
from subnotify.wording.deadlines import deadline_sentence
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailText, render_mail


@dataclass(frozen=True)
class ExtendedFacts:
    """before_at: what the client was told until now; both ends are told in the zone."""

    name: str
    change_title: str
    before_at: datetime
    closes_at: datetime
    zone: str


def extended_mail(
    facts: ExtendedFacts, party: Party, vendor: VendorProfile, link: str, w: Wording
) -> MailText:
    """The mail to one contact."""
    return render_mail(
        "window_extended",
        w,
        **party.values,
        vendor=vendor,
        link=link,
        title=w.gettext("You have more time to object"),
        name=facts.name,
        change_title=facts.change_title,
        deadline=w.until(facts.closes_at),
        sentences=extended_sentences(facts, w),
    )


def extended_sentences(facts: ExtendedFacts, w: Wording) -> tuple[str, ...]:
    """The later end and the one that it takes the place of."""
    return (
        deadline_sentence(facts.closes_at, facts.zone, w),
        w.gettext(
            "Before, we told you: until %(day)s.", day=w.in_zone(facts.zone).until(facts.before_at)
        ),
    )

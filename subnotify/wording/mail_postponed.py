"""The mail that tells a client that a change commences later than announced."""

from dataclasses import dataclass
from datetime import date, datetime

from subnotify.rules.vendor import VendorProfile
from subnotify.wording.deadlines import deadline_sentence
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailText, render_mail


@dataclass(frozen=True)
class PostponedFacts:
    """closes_at: until when the client can object, in the zone; None where no window runs."""

    name: str
    change_title: str
    commencement_on: date
    closes_at: datetime | None
    zone: str


def postponed_mail(
    facts: PostponedFacts, party: Party, vendor: VendorProfile, link: str, w: Wording
) -> MailText:
    """The mail to one contact."""
    sentences = [postponed_sentence(facts, w)]
    if facts.closes_at is not None:
        sentences.append(deadline_sentence(facts.closes_at, facts.zone, w))
    return render_mail(
        "postponed",
        w,
        **party.values,
        vendor=vendor,
        link=link,
        title=w.gettext("A change of subprocessor is postponed"),
        name=facts.name,
        change_title=facts.change_title,
        day=w.date(facts.commencement_on),
        sentences=sentences,
    )


def postponed_sentence(facts: PostponedFacts, w: Wording) -> str:
    return w.gettext(
        "It takes effect later than announced: on %(day)s at the earliest.",
        day=w.date(facts.commencement_on, "weekday"),
    )

"""The answer to a client's question."""

from datetime import datetime

from subnotify.rules.vendor import VendorProfile
from subnotify.wording.deadlines import deadline_sentence
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mail_receipt import RecordedResponse, received_words
from subnotify.wording.mails import MailText, render_mail


def answer_mail(
    response: RecordedResponse,
    reply: str,
    party: Party,
    vendor: VendorProfile,
    link: str,
    w: Wording,
    *,
    at: datetime,
) -> MailText:
    """The answer to one contact, with the question and the deadline if it has not passed."""
    closes_at = response.facts.closes_at
    runs = closes_at is not None and at < closes_at
    return render_mail(
        "answer",
        w,
        **party.values,
        vendor=vendor,
        title=w.gettext("Our answer"),
        response_reference=response.reference,
        reply=reply,
        answer_text=response.text,
        received=received_words(response, w),
        deadline=deadline_sentence(closes_at, response.facts.zone, w) if runs and closes_at else "",
        link=link,
    )

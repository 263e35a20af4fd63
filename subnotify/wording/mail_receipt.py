"""The receipt of a response: what was said, when, and what we took it as."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from subnotify.rules.vendor import VendorProfile
from subnotify.rules.words import ResponseChannel
from subnotify.wording.change_facts import FactRow
from subnotify.wording.labels import label
from subnotify.wording.language import Wording
from subnotify.wording.mail_party import Party
from subnotify.wording.mails import MailText, render_mail
from subnotify.wording.responses import (
    ResponseFacts,
    letter_deadline_sentence,
    response_sentences,
)


@dataclass(frozen=True)
class RecordedResponse:
    """A response as it stands in the record. change_titles: what it speaks of.

    service_names: those it names. dispatched_on: of a letter. named: whom to ask instead.
    """

    facts: ResponseFacts
    reference: str
    digest: str
    channel: ResponseChannel
    received_at: datetime
    dispatched_on: date | None
    letter_reference: str
    by_name: str
    by_role: str
    text: str
    change_titles: Sequence[str]
    service_names: Sequence[str]
    conditions: str = ""
    named: Sequence[str] = ()


def receipt_mail(
    response: RecordedResponse, party: Party, vendor: VendorProfile, link: str, w: Wording
) -> MailText:
    """The receipt to one contact; instants in the zone of `w`, the agreement's.

    link: the contact's personal link; the page to disown the response is below it.
    """
    return render_mail(
        "receipt",
        w,
        **party.values,
        vendor=vendor,
        title=w.gettext("Receipt of your answer"),
        kind=label(w, response.facts.kind),
        response_reference=response.reference,
        sentences=response_sentences(response.facts, w),
        letter=letter_deadline_sentence(response.facts, w),
        rows=(*response_rows(response, w), FactRow(w.gettext("Digest"), (response.digest,))),
        answer_text=response.text,
        link=link,
        disown_link=f"{link}/disown",
    )


def response_rows(response: RecordedResponse, w: Wording) -> tuple[FactRow, ...]:
    """What is recorded of a response, row by row; no empty rows."""
    sender = ", ".join(part for part in (response.by_name, response.by_role) if part)
    rows = (
        (w.gettext("Reference"), [response.reference]),
        (w.gettext("Answer"), [label(w, response.facts.kind)]),
        (w.gettext("Change"), list(response.change_titles)),
        (w.gettext("Services"), [w.listed(response.service_names)]),
        (w.gettext("Received"), [received_words(response, w)]),
        (w.gettext("Sent"), [_sent(response, w)]),
        (w.gettext("Way"), [label(w, response.channel)]),
        (w.gettext("Letter"), [response.letter_reference]),
        (w.gettext("From"), [sender]),
        (w.gettext("No objection if"), response.conditions.splitlines()),
        (w.gettext("Right person"), list(response.named)),
    )
    filled = ((name, tuple(line for line in lines if line)) for name, lines in rows)
    return tuple(FactRow(name, lines) for name, lines in filled if lines)


def received_words(response: RecordedResponse, w: Wording) -> str:
    """The instant; of what a person recorded only the day is known."""
    if response.channel is ResponseChannel.LINK:
        return w.date_time(response.received_at, "weekday")
    return w.date(w.local(response.received_at).date(), "weekday")


def _sent(response: RecordedResponse, w: Wording) -> str:
    """Online it is the same instant; for a letter the day of posting."""
    if response.channel is ResponseChannel.LINK or response.dispatched_on is None:
        return ""
    return w.date(response.dispatched_on, "weekday")

"""Letters from clients in a notice's line of time."""

from collections.abc import Iterator

from flask import url_for

from subnotify.rules.time_limits import start_of_day, zone_of
from subnotify.storage.notice_history import NoticeHistory
from subnotify.web.timeline_words import TimelineEntry
from subnotify.wording.labels import label
from subnotify.wording.language import Wording


def letter_entries(found: NoticeHistory, w: Wording, *, is_legal: bool) -> Iterator[TimelineEntry]:
    """Each on the day on which it was received, with both of its days and its number.

    is_legal: others see that it came, not the page of it nor its scan.
    """
    zone = zone_of(found.zone or w.zone_name())
    for letter in found.letters:
        days = [w.gettext("Received on %(day)s.", day=w.date(letter.received_on, "weekday"))]
        if letter.dispatched_on is not None:
            days.append(w.gettext("Sent on %(day)s.", day=w.date(letter.dispatched_on, "weekday")))
        if not letter.is_filed:
            days.append(w.gettext("Silence of this client waits until a person has filed it."))
        scan = letter.document_id if is_legal else None
        yield TimelineEntry(
            at=start_of_day(letter.received_on, zone),
            title=w.gettext("Letter came in: %(kind)s", kind=label(w, letter.kind)),
            about=letter.from_name,
            tag=label(w, letter.channel) if letter.is_filed else w.gettext("waits for a person"),
            tone="" if letter.is_filed else "warn",
            said=tuple(days),
            source=letter.letter_reference,
            address=url_for("incoming_letters.show_letter", letter_id=letter.id)
            if is_legal
            else "",
            scan_address=url_for("documents.download_document", document_id=scan) if scan else "",
        )

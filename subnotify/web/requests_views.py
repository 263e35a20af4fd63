"""Written requests for the list as their pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from subnotify.storage.database import db
from subnotify.storage.document_requests import Request, RequestList, list_requests_of
from subnotify.web.language import page_wording
from subnotify.wording.document_requests import age_words, list_version_words, way_words
from subnotify.wording.language import Wording


@dataclass(frozen=True)
class RequestView:
    """A request in the page's language. age: how long it waits, "" once answered."""

    request: Request
    channel: str
    through: str
    language: str
    version: str
    age: str
    days_waiting: int

    @property
    def tone(self) -> str:
        """Of its age. Neither the contracts read nor the law set a term: after two weeks a client
        asks again, after a month it complains."""
        if self.days_waiting < 14:
            return "info"
        return "warn" if self.days_waiting < 30 else "stop"


def request_view(found: Request, today: date, w: Wording) -> RequestView:
    """today: the vendor's."""
    days = (today - found.requested_on).days
    through = found.answered_through
    return RequestView(
        request=found,
        channel=way_words(found.channel, w),
        through=way_words(through, w) if through else "",
        language=w.language_name(found.language),
        version=list_version_words(found.list_version, w) if found.list_version else "",
        age=age_words(days, w) if found.answered_at is None else "",
        days_waiting=days,
    )


def views_of(agreement_ids: Iterable[int], today: date) -> list[RequestView]:
    """The requests under these agreements, in the page's language. today: the vendor's."""
    w = page_wording()
    return [request_view(x, today, w) for x in list_requests_of(db.session(), agreement_ids)]


def list_name(shown: RequestList, w: Wording) -> str:
    match shown:
        case RequestList.OPEN:
            return w.gettext("Waiting")
        case RequestList.ANSWERED:
            return w.gettext("Answered")
        case RequestList.ALL:
            return w.gettext("All")

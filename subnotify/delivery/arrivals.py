"""When our server took a mail, as far as the mail itself shows it."""

from datetime import datetime, timedelta

from subnotify.delivery.mime_headers import read_headers
from subnotify.delivery.reports import read_instant

# Mail servers give up after five days (RFC 5321, 4.5.4.1): an older trace is of something else.
LONGEST_WAY = timedelta(days=5)
_LONGEST_HEADER = 256 * 1024


def arrived_at(raw: bytes, known_at: datetime) -> datetime:
    """The instant of the topmost trace, which the last server wrote, or `known_at`.

    known_at: when the mail was certainly there (aware). A trace after that, or more than five
    days before, is not believed; an earlier one is, because an objection is in time by it.
    """
    head = raw[:_LONGEST_HEADER].replace(b"\r\n", b"\n")
    headers, _ = read_headers(head, 0, len(head), len(head))
    traced_at = read_instant(headers.first("received").rpartition(";")[2])
    if traced_at is not None and known_at - LONGEST_WAY <= traced_at <= known_at:
        return traced_at
    return known_at

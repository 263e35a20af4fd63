"""Which mails an incoming mail says it is about: a hint for a person, no proof."""

import re
from collections.abc import Sequence

from subnotify.delivery.mime_headers import Headers

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,996}>")
_IN_WORDS = re.compile(r"^[ \t>]{0,20}message-id:[ \t]*(<[^<>\s]{1,996}>)", re.I | re.M)
_LONGEST_REPORT = 100_000
_MOST = 50


def list_message_ids(headers: Headers, returned: Sequence[Headers], report: str) -> tuple[str, ...]:
    """Message-IDs with their brackets, each once: of returned mails first, then the nearest.

    `report`: the words of a report, which may hold the head of the mail it returns; else empty.
    """
    found = [one for inner in returned for one in _ids(inner.first("message-id"))]
    found += _IN_WORDS.findall(report[:_LONGEST_REPORT])
    found += _ids(headers.first("in-reply-to"))
    found += reversed(_ids(headers.first("references")))
    return tuple(dict.fromkeys(found))[:_MOST]


def _ids(value: str) -> list[str]:
    return _MESSAGE_ID.findall(value)

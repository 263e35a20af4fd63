"""What letters say, read out of their data; notices to write them from."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from subnotify.rules.terms import NoticeTerms
from subnotify.rules.words import ChangeKind, ContactKind
from subnotify.wording.change_facts import ChangeFacts
from subnotify.wording.mail_notice import NoticeFacts
from tests.support.announced_facts import COMMENCEMENT, FIFTEEN_DAYS, IONOS, OVH, SENTRY, VENDOR

REPLACEMENT = ChangeFacts(
    ChangeKind.REPLACEMENT, OVH, ("Monitoring",), COMMENCEMENT, replaced=IONOS
)
ADDITION = ChangeFacts(ChangeKind.ADDITION, SENTRY, ("Monitoring", "Backup"), COMMENCEMENT)
AMENDMENT = ChangeFacts(
    ChangeKind.AMENDMENT,
    replace(SENTRY, address="1 Quay Street, Dublin", agreement_signed_on=date(2026, 2, 16)),
    ("Monitoring",),
    COMMENCEMENT,
    before=SENTRY,
)


def notice(terms: NoticeTerms | None = FIFTEEN_DAYS, **changed: Any) -> NoticeFacts:
    given: dict[str, Any] = {
        "vendor": VENDOR,
        "changes": (REPLACEMENT, ADDITION),
        "terms": terms,
        "window": None,
        "example": None,
        "contact_kind": ContactKind.NOTICE,
        "contact_clause": "annexe 2",
        "reason": "Costs of hosting.",
        "paragraph": "Nothing moves outside the EU.",
    }
    return NoticeFacts(**{**given, **changed})


def words_of(data: Any) -> Iterator[str]:
    """Every text of a letter, but the names of its parts."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            if key not in ("kind", "announced"):
                yield from words_of(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from words_of(value)


def squeezed(text: str) -> str:
    """Without any white space: lines are broken elsewhere in a letter than in a mail."""
    return "".join(text.split())

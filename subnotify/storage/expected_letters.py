"""How many letters a release would make: counted as it would write them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, select
from sqlalchemy.orm import Session

from subnotify.rules.words import Channel, ContactKind
from subnotify.storage.concerned import concerned
from subnotify.storage.notice_ways import (
    copy_channel,
    has_postal_address,
    is_letter_needed,
    postal_channel,
)
from subnotify.storage.release_messages import contacts_now
from subnotify.storage.tables import ContactRow, TermsVersionRow


@dataclass(frozen=True)
class LetterCount:
    plain: int = 0
    registered: int = 0

    @property
    def total(self) -> int:
        return self.plain + self.registered


def count_letters(session: Session, change_ids: Sequence[int], on: date) -> LetterCount:
    """The letters to notice contacts, and the copies on paper, if these changes were released."""
    people = contacts_now(on)
    served = and_(people.c.kind == ContactKind.NOTICE.value, is_letter_needed())
    found: Counter[str] = Counter()
    for channel, condition in (
        (postal_channel(), served),
        (copy_channel(), copy_channel().is_not(None)),
    ):
        found.update(_by_channel(session, concerned(change_ids, on), people, channel, condition))
    return LetterCount(found[Channel.POST.value], found[Channel.REGISTERED_POST.value])


def _by_channel(
    session: Session,
    agreements: Subquery,
    people: Subquery,
    channel: ColumnElement[Any],
    condition: ColumnElement[bool],
) -> dict[str, int]:
    label = channel.label("channel")
    rows = session.execute(
        select(label, func.count())
        .select_from(agreements)
        .join(people, people.c.agreement_id == agreements.c.id)
        .join(ContactRow, ContactRow.id == people.c.contact_id)
        .join(TermsVersionRow, TermsVersionRow.id == agreements.c.terms_id)
        .where(condition, has_postal_address())
        .group_by(label)
    )
    return {row[0]: row[1] for row in rows}

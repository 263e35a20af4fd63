"""The letters that a release would make, as it would write them: how many, and to whom."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, select
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
from subnotify.storage.tables import AgreementRow, ClientRow, ContactRow, TermsVersionRow


@dataclass(frozen=True)
class ExpectedLetters:
    plain: int = 0
    registered: int = 0

    @property
    def total(self) -> int:
        return self.plain + self.registered


@dataclass(frozen=True)
class Addressee:
    """Whom a letter would go to, and what it would be addressed with."""

    client_id: int
    client_name: str
    agreement_reference: str
    contact_name: str
    postal_address: str


def count_letters(session: Session, change_ids: Sequence[int], on: date) -> ExpectedLetters:
    """The letters to notice contacts, and the copies on paper, if these changes were released."""
    found: Counter[str] = Counter()
    for letters in _letters(change_ids, on):
        channel = letters.selected_columns.channel
        counted = letters.with_only_columns(channel, func.count(), maintain_column_froms=True)
        found.update({row[0]: row[1] for row in session.execute(counted.group_by(channel))})
    return ExpectedLetters(found[Channel.POST.value], found[Channel.REGISTERED_POST.value])


def list_addressees(session: Session, change_ids: Sequence[int], on: date) -> Iterator[Addressee]:
    """Of the same letters, by the names of the clients."""
    for letters in _letters(change_ids, on):
        listed = letters.join(ClientRow, ClientRow.id == ContactRow.client_id).with_only_columns(
            ClientRow.id,
            ClientRow.name,
            AgreementRow.reference,
            ContactRow.name,
            ContactRow.postal_address,
            maintain_column_froms=True,
        )
        for row in session.execute(listed.order_by(ClientRow.name, AgreementRow.reference)):
            yield Addressee(*row)


def _letters(change_ids: Sequence[int], on: date) -> list[Select[Any]]:
    """The channels of those to notice contacts, and of the copies."""
    agreements, people = concerned(change_ids, on), contacts_now(on)
    served = and_(people.c.kind == ContactKind.NOTICE.value, is_letter_needed())
    return [
        select(channel.label("channel"))
        .select_from(agreements)
        .join(AgreementRow, AgreementRow.id == agreements.c.id)
        .join(people, people.c.agreement_id == agreements.c.id)
        .join(ContactRow, ContactRow.id == people.c.contact_id)
        .join(TermsVersionRow, TermsVersionRow.id == agreements.c.terms_id)
        .where(condition, has_postal_address())
        for channel, condition in (
            (postal_channel(), served),
            (copy_channel(), copy_channel().is_not(None)),
        )
    ]

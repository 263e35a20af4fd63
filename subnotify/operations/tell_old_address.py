"""Tell the old address of a contact that notices go elsewhere from now on.

Whoever changed it without a right to is found out by who reads there. A known dead address is told
as well: a bounce may have been temporary. Nobody is alarmed where that mail fails.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from subnotify.rules.words import Channel, ContactKind, MessagePurpose, MessageState
from subnotify.storage.insert_once import insert_once
from subnotify.storage.moved_contacts import list_addressees
from subnotify.storage.tables import ContactRow, MessageRow


class Moved(StrEnum):
    """Which address changed. Stored in keys of messages."""

    EMAIL = "email"
    POST = "post"
    # None changed: another one gets copies from now on.
    COPY = "copy"


@dataclass(frozen=True)
class MovedContact:
    """told: the email address that was on record until now."""

    contact_id: int
    what: Moved
    told: str


def find_move(
    contact_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> MovedContact | None:
    """Whether the old address of a contact is to be told of this change of its `email` and
    `postal_address`; one without an email address cannot be. White space at the ends of lines, or
    capitals, make no other address."""
    told = before["email"] or ""
    if not told:
        return None
    if told.casefold() != (after["email"] or "").casefold():
        return MovedContact(contact_id, Moved.EMAIL, told)
    if before["postal_address"] and _lines(before) != _lines(after):
        return MovedContact(contact_id, Moved.POST, told)
    return None


def is_untold(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether nobody can be told of this change of `email` and `postal_address`: the contact had
    a postal address alone, and only mails tell of such changes."""
    had_post_alone = bool(before["postal_address"]) and not before["email"]
    return had_post_alone and (bool(after["email"]) or _lines(before) != _lines(after))


def tell_old_addresses(
    session: Session, moved: Collection[MovedContact], *, on: date, at: datetime
) -> None:
    """Queue a mail to each old address, once for each change, within the caller's transaction.

    Only to contacts that an agreement names on that day: the others got nothing so far.
    """
    if not moved:
        return
    named = list_addressees(session, [one.contact_id for one in moved], on=on)
    rows = []
    for one in moved:
        addressee = named.get(one.contact_id)
        if addressee is not None:
            rows.append(_message(one, addressee.language, addressee.kind.value, at))
    insert_once(session, MessageRow, rows)


def tell_of_copy_contact(
    session: Session, told: Collection[ContactRow], *, language: str, at: datetime
) -> None:
    """Queue a mail to each of these notice contacts of an agreement: a further address gets
    copies. Within the caller's transaction; language: the agreement's."""
    moved = [MovedContact(one.id, Moved.COPY, one.email) for one in told if one.email]
    kind = ContactKind.NOTICE.value
    insert_once(session, MessageRow, [_message(one, language, kind, at) for one in moved])


def what_moved(logical_key: str) -> Moved:
    """What such a mail tells of, from its key."""
    return Moved(logical_key.split(":")[2])


def _message(one: MovedContact, language: str, kind: str, at: datetime) -> dict[str, Any]:
    return {
        "logical_key": f"address_changed:{one.contact_id}:{one.what.value}:{at:%Y%m%dT%H%M%S.%f}",
        "purpose": MessagePurpose.ADDRESS_CHANGED.value,
        "channel": Channel.EMAIL.value,
        "contact_id": one.contact_id,
        "contact_kind": kind,
        "serving_number": 1,
        "to_address": one.told,
        "language": language,
        "state": MessageState.QUEUED.value,
        "queued_at": at,
        "next_attempt_at": at,
        "attempt_count": 0,
    }


def _lines(address: Mapping[str, Any]) -> list[str]:
    return [" ".join(line.split()) for line in (address["postal_address"] or "").splitlines()]

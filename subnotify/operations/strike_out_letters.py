"""Letters to a contact or an address that a client struck out: none posted from that day on serves.

A step of whoever keeps the registry, inside its transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from subnotify.operations.serve_notices import serve_notices
from subnotify.storage.former_letters import list_former_references, mark_former


@dataclass(frozen=True)
class StruckOut:
    """A contact of an agreement is not designated any more, or has another name or address.

    since: the first day, the vendor's, on which a letter to the former one does not serve.
    is_whole: the contact; else only letters whose name or address is not the present one.
    """

    agreement_id: int
    contact_id: int
    since: date
    is_whole: bool


def strike_out_letters(
    session: Session, struck_out: Sequence[StruckOut], *, at: datetime
) -> list[str]:
    """Note it on the letters to these contacts, and judge anew the notices of those that left.

    The references of the notices that are to be served anew: one of their letters waits or
    travels to the former contact or address, or was posted there too late.
    """
    left: set[int] = set()
    for one in struck_out:
        left |= mark_former(
            session, one.agreement_id, one.contact_id, since=one.since, is_whole=one.is_whole
        )
    if left:
        serve_notices(session, sorted(left), at=at)
    return list_former_references(session, {one.agreement_id for one in struck_out})

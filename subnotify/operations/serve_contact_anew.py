"""Serve anew what waits for a contact, once its address is mended."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.serve_anew import serve_anew
from subnotify.rules.errors import RuleError
from subnotify.storage.unreachable import list_waiting_of_contact


@dataclass(frozen=True)
class ServedAnew:
    """References of notices; refused: with what still stands in the way."""

    served: tuple[str, ...]
    refused: tuple[tuple[str, RuleError], ...]


def serve_contact_anew(
    session: Session,
    contact_id: int,
    *,
    note: str,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
) -> ServedAnew:
    """Every notice that failed because of an address, of agreements that designate the contact.

    Each in a transaction of its own: what cannot be served yet stops none of the others, and stays
    on the list of agreements out of reach. note: the reason, for the evidence.
    """
    notices = list_waiting_of_contact(session, contact_id, on=at.astimezone(zone).date())
    session.rollback()
    served: list[str] = []
    refused: list[tuple[str, RuleError]] = []
    for notice_id, reference in notices:
        try:
            serve_anew(session, notice_id, note=note, by=by, actor=actor, zone=zone, at=at)
        except RuleError as error:
            refused.append((reference, error))
        else:
            served.append(reference)
    return ServedAnew(tuple(served), tuple(refused))

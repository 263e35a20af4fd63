"""How far the machine has read what clients may have answered by mail, and what waits unread."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from subnotify.storage.id_lists import among
from subnotify.storage.insert_once import insert_once
from subnotify.storage.tables import (
    AgreementRow,
    IncomingLetterRow,
    IncomingMailRow,
    MailboxReadingRow,
)

PIPE = "pipe"
# Where a day begins first.
_EASTERNMOST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class FolderReading:
    """How far a folder was read. uid_validity None: never."""

    uid_validity: int | None
    last_uid: int


@dataclass(frozen=True, slots=True)
class Unread:
    """What may be an objection of anybody, and nobody has read. untied: mails of unknown clients
    that wait for a person; failing_places: where mail arrives and cannot be read now."""

    untied: int
    failing_places: int

    @property
    def is_any(self) -> bool:
        return bool(self.untied or self.failing_places)


def waits_for_person() -> ColumnElement[bool]:
    return IncomingMailRow.filed_at.is_(None)


def letter_waits() -> ColumnElement[bool]:
    """A letter that a person has still to file."""
    return IncomingLetterRow.filed_at.is_(None)


def nothing_waits(client_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """No mail or letter of the client, a column of the query around, waits for a person."""
    mails = select(IncomingMailRow.id).where(
        IncomingMailRow.client_id == client_id, waits_for_person()
    )
    letters = select(IncomingLetterRow.id).where(
        IncomingLetterRow.client_id == client_id, letter_waits()
    )
    return and_(~mails.exists(), ~letters.exists())


def find_read_until(session: Session) -> datetime | None:
    """Every mail that our server took before this instant is read, and tied to its client.

    None where no place is read, or one of them not yet. A mail or a letter of an unknown client
    that waits for a person stops it: it may be an objection of anybody.
    """
    places, read, until = session.execute(
        select(
            func.count(),
            func.count(MailboxReadingRow.read_until_at),
            func.min(MailboxReadingRow.read_until_at),
        )
    ).one()
    if not places or read < places or until is None:
        return None
    oldest = find_oldest_untied(session)
    return until if oldest is None else min(until, oldest)


def find_oldest_untied(session: Session) -> datetime | None:
    """When the oldest mail or letter of an unknown client came that waits for a person; a letter
    counts from the first instant that is its day anywhere."""
    mail_at = session.scalar(
        select(func.min(IncomingMailRow.received_at)).where(
            waits_for_person(), IncomingMailRow.client_id.is_(None)
        )
    )
    letter_on = find_oldest_untied_letter(session)
    found = [mail_at]
    if letter_on is not None:
        found.append(datetime.combine(letter_on, time(), UTC) - _EASTERNMOST)
    return min((x for x in found if x is not None), default=None)


def find_oldest_untied_letter(session: Session) -> date | None:
    """The day on which the oldest letter of an unknown client came that waits for a person."""
    return session.scalar(
        select(func.min(IncomingLetterRow.received_on)).where(
            letter_waits(), IncomingLetterRow.client_id.is_(None)
        )
    )


def count_untied_letters(session: Session, up_to_on: date) -> int:
    """How many letters of unknown clients wait that came on this day or before."""
    untied = select(func.count()).where(
        letter_waits(),
        IncomingLetterRow.client_id.is_(None),
        IncomingLetterRow.received_on <= up_to_on,
    )
    return session.scalar(untied) or 0


def find_unread(session: Session) -> Unread:
    untied = select(func.count()).where(waits_for_person(), IncomingMailRow.client_id.is_(None))
    failing = select(func.count()).where(MailboxReadingRow.failing_since_at.is_not(None))
    return Unread(session.scalar(untied) or 0, session.scalar(failing) or 0)


def list_waiting_agreements(session: Session, agreement_ids: Collection[int]) -> set[int]:
    """Those of these agreements of whose clients a mail or a letter lies unread."""
    by_mail = (
        select(AgreementRow.id)
        .join(IncomingMailRow, IncomingMailRow.client_id == AgreementRow.client_id)
        .where(among(AgreementRow.id, agreement_ids), waits_for_person())
    )
    by_letter = (
        select(AgreementRow.id)
        .join(IncomingLetterRow, IncomingLetterRow.client_id == AgreementRow.client_id)
        .where(among(AgreementRow.id, agreement_ids), letter_waits())
    )
    return set(session.scalars(by_mail.union(by_letter)))


def keep_places(session: Session, places: Collection[str]) -> None:
    """A row for each place that is read, and none for a place that is read no more: it would
    stand still for ever, and with it how far everything is read."""
    if set(session.scalars(select(MailboxReadingRow.place))) == set(places):
        return
    session.execute(delete(MailboxReadingRow).where(MailboxReadingRow.place.not_in(places)))
    insert_once(
        session, MailboxReadingRow, [{"place": x, "last_uid": 0, "failure": ""} for x in places]
    )


def get_folder_reading(session: Session, place: str) -> FolderReading:
    row = session.execute(
        select(MailboxReadingRow.uid_validity, MailboxReadingRow.last_uid).where(
            MailboxReadingRow.place == place
        )
    ).one_or_none()
    return FolderReading(row.uid_validity, row.last_uid) if row else FolderReading(None, 0)


def note_read_up_to(session: Session, place: str, uid_validity: int, uid: int) -> None:
    """Every mail of the folder up to this number is stored. Of two readers the further counts."""
    session.execute(
        update(MailboxReadingRow)
        .where(MailboxReadingRow.place == place)
        .values(
            uid_validity=uid_validity,
            last_uid=case(
                (
                    (MailboxReadingRow.uid_validity == uid_validity)
                    & (MailboxReadingRow.last_uid > uid),
                    MailboxReadingRow.last_uid,
                ),
                else_=uid,
            ),
        )
    )


def note_read_until(session: Session, places: Collection[str], until: datetime) -> None:
    """All that our server took before `until` is stored; an earlier instant changes nothing."""
    session.execute(
        update(MailboxReadingRow)
        .where(
            MailboxReadingRow.place.in_(places),
            or_(
                MailboxReadingRow.read_until_at.is_(None),
                MailboxReadingRow.read_until_at < until,
            ),
        )
        .values(read_until_at=until)
    )


def forget_future_readings(session: Session, *, at: datetime) -> None:
    """Places that a clock that ran ahead called read until an instant after `at` count as never
    read: nobody knows how far they were. The next reading says so anew.

    Else they would count as read until that instant comes, even if no reading works any more.
    """
    session.execute(
        update(MailboxReadingRow)
        .where(MailboxReadingRow.read_until_at > at)
        .values(read_until_at=None)
        .execution_options(synchronize_session=False)
    )


def note_reading_worked(session: Session, places: Collection[str], *, at: datetime) -> None:
    session.execute(
        update(MailboxReadingRow)
        .where(MailboxReadingRow.place.in_(places))
        .values(tried_at=at, failing_since_at=None, failure="")
    )


def note_reading_failed(
    session: Session, places: Collection[str], words: str, *, at: datetime
) -> None:
    """Reading these places failed; since when is kept from the first failure on.

    words: a fact as `rules/troubles.py` stores it.
    """
    session.execute(
        update(MailboxReadingRow)
        .where(MailboxReadingRow.place.in_(places))
        .values(
            tried_at=at,
            failing_since_at=func.coalesce(MailboxReadingRow.failing_since_at, at),
            failure=words,
        )
    )

"""Read what came to the mailbox since the last time, and say up to when everything is read.

Each mail is committed before the mark of its folder moves, so a killed reader repeats mails, which
are stored once, and misses none. While the mailbox cannot be read the mark stays, and silence is
held with it (DESIGN section 3 item 1).
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from subnotify.delivery.arrivals import arrived_at
from subnotify.delivery.imap_mailbox import FetchedMail, ListedMail, MailboxFailure, MailboxRefusal
from subnotify.delivery.mail_settings import ImapSettings
from subnotify.operations.read_arrived import LARGEST_READ, ArrivedMail, ReturnSettings
from subnotify.operations.receive_mail import receive_mails
from subnotify.operations.transaction import transaction
from subnotify.rules.troubles import Trouble, TroubleCode, stored_text
from subnotify.rules.words import IncomingSource
from subnotify.storage.mail_readings import (
    get_folder_reading,
    keep_places,
    note_read_until,
    note_read_up_to,
    note_reading_failed,
    note_reading_worked,
)

log = logging.getLogger(__name__)

MAILS_AT_ONCE = 100
OCTETS_AT_ONCE = 8 * 1024 * 1024
# All folders are read again until nothing is new: mail may be moved between them meanwhile.
MOST_ROUNDS = 10
_LONGEST_PLACE = 300


class Mailbox(Protocol):
    """A signed-in mailbox; see `delivery.imap_mailbox.ImapMailbox`."""

    def open_folder(self, name: str) -> int: ...
    def list_uids(self, after: int) -> list[int]: ...
    def list_sizes(self, uids: Sequence[int]) -> list[ListedMail]: ...
    def fetch(self, uids: Sequence[int], *, whole: bool = True) -> list[FetchedMail]: ...


@dataclass
class ReadingReport:
    """failures: what could not be read, and why, in English; then nothing is said about up to
    when."""

    stored: int = 0
    failures: list[str] = field(default_factory=list)


def places_of(settings: ImapSettings) -> dict[str, str]:
    """The name of each folder by its place, as readings are kept."""
    return {_place(settings, folder): folder for folder in settings.folders}


def read_mailbox(
    session_factory: Callable[[], Session],
    *,
    imap: ImapSettings,
    open_mailbox: Callable[[], AbstractContextManager[Mailbox]],
    settings: ReturnSettings,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
) -> ReadingReport:
    """Store the new mails of all folders. `clock`: reading takes time, so one `at` would not do.

    Once nothing new is found, everything that came before the beginning counts as read. What goes
    wrong is in the report and on record with the place; only the database's failures are raised.
    """
    reading = _Reading(session_factory, settings, clock, stop)
    places = places_of(imap)
    began_at = clock()
    try:
        with open_mailbox() as mailbox:
            is_done = reading.read_folders(mailbox, places)
    except MailboxFailure as failure:
        is_done = False
        reading.failed.update(dict.fromkeys(places, failure.trouble))
    reading.note_result(places, began_at, is_done)
    return reading.report


def take_up_places(session: Session, places: Sequence[str]) -> None:
    """These places are read from now on, and no others."""
    with transaction(session):
        keep_places(session, places)


class _Reading:
    """The state of one call of `read_mailbox`. failed: by place, why it could not be read."""

    def __init__(
        self,
        session_factory: Callable[[], Session],
        settings: ReturnSettings,
        clock: Callable[[], datetime],
        stop: Callable[[], bool],
    ) -> None:
        self.report = ReadingReport()
        self.failed: dict[str, Trouble] = {}
        self._session_factory = session_factory
        self._settings = settings
        self._clock = clock
        self._stop = stop

    def read_folders(self, mailbox: Mailbox, places: dict[str, str]) -> bool:
        """Whether a whole round found nothing new, and nothing failed."""
        for number in range(MOST_ROUNDS):
            found = 0
            for place, folder in places.items():
                if place not in self.failed:
                    found += self._try_folder(mailbox, place, folder)
                if self._stop():
                    return False
            # A single round may miss a mail that went to a folder it had looked at.
            if not found and (number > 0 or len(places) == 1):
                return not self.failed
        return False

    def note_result(self, places: dict[str, str], began_at: datetime, is_done: bool) -> None:
        at = self._clock()
        sound = [place for place in places if place not in self.failed]
        with self._session_factory() as session, transaction(session):
            note_reading_worked(session, sound, at=at)
            for place, trouble in self.failed.items():
                note_reading_failed(session, [place], stored_text(trouble), at=at)
            if is_done:
                note_read_until(session, list(places), began_at)
        self.report.failures = sorted({str(trouble) for trouble in self.failed.values()})

    def _try_folder(self, mailbox: Mailbox, place: str, folder: str) -> int:
        try:
            return self._read_folder(mailbox, place, folder)
        except MailboxRefusal as refusal:
            # The other folders are read all the same.
            self.failed[place] = refusal.trouble
            return 0

    def _read_folder(self, mailbox: Mailbox, place: str, folder: str) -> int:
        """How many mails were new in the folder."""
        uid_validity = mailbox.open_folder(folder)
        with self._session_factory() as session:
            known = get_folder_reading(session, place)
        # Numbers of another validity say nothing: all is read again, and stored once.
        after = known.last_uid if known.uid_validity == uid_validity else 0
        uids = mailbox.list_uids(after)
        for start in range(0, len(uids), MAILS_AT_ONCE):
            if self._stop():
                break
            part = uids[start : start + MAILS_AT_ONCE]
            if not self._read_part(mailbox, place, folder, part):
                # What follows is stored in the same run, but the mark stays before the gap.
                self._read_rest(mailbox, place, folder, uids[start + MAILS_AT_ONCE :])
                break
            self._note(place, uid_validity, part[-1])
        if not uids and known.uid_validity != uid_validity:
            self._note(place, uid_validity, 0)
        return len(uids)

    def _read_rest(self, mailbox: Mailbox, place: str, folder: str, uids: Sequence[int]) -> None:
        for start in range(0, len(uids), MAILS_AT_ONCE):
            self._read_part(mailbox, place, folder, uids[start : start + MAILS_AT_ONCE])

    def _read_part(self, mailbox: Mailbox, place: str, folder: str, uids: Sequence[int]) -> bool:
        """Store these mails; whether all of them are stored now (or gone from the folder)."""
        listed = mailbox.list_sizes(uids)
        large = [mail.uid for mail in listed if mail.size > LARGEST_READ]
        small = [mail for mail in listed if mail.size <= LARGEST_READ]
        is_complete = True
        for group in _groups(small):
            is_complete &= self._store(mailbox, place, folder, group, whole=True)
        for uid in large:
            is_complete &= self._store(mailbox, place, folder, [uid], whole=False)
        return is_complete

    def _store(
        self, mailbox: Mailbox, place: str, folder: str, uids: Sequence[int], *, whole: bool
    ) -> bool:
        try:
            fetched = mailbox.fetch(uids, whole=whole)
            at = self._clock()
            self._receive([_arrived(one, folder, whole, at) for one in fetched], at)
            return True
        except (OperationalError, MailboxFailure) as error:
            # The database or the mailbox is away: nothing more can be done in this run.
            if not isinstance(error, MailboxRefusal):
                raise
            refusal: Exception = error
        except Exception as error:
            refusal = error
        if len(uids) == 1:
            log.error("the mail %s in %s cannot be stored", uids[0], folder, exc_info=refusal)
            is_theirs = isinstance(refusal, MailboxRefusal) and refusal.trouble.words
            said = is_theirs or type(refusal).__name__
            figures: dict[str, int | str] = {"uid": uids[0], "folder": folder}
            self.failed[place] = Trouble(TroubleCode.MAIL_NOT_STORED, figures, said)
            return False
        # One of them is the reason: each by itself, so that the others are stored.
        stored = [self._store(mailbox, place, folder, [uid], whole=whole) for uid in uids]
        return all(stored)

    def _receive(self, arrived: Sequence[ArrivedMail], at: datetime) -> None:
        if arrived:
            with self._session_factory() as session:
                receive_mails(
                    session,
                    arrived,
                    source=IncomingSource.IMAP,
                    settings=self._settings,
                    at=at,
                )
            self.report.stored += len(arrived)

    def _note(self, place: str, uid_validity: int, uid: int) -> None:
        with self._session_factory() as session, transaction(session):
            note_read_up_to(session, place, uid_validity, uid)


def _groups(listed: Sequence[ListedMail]) -> Iterator[list[int]]:
    """Numbers of mails that are small enough to be fetched together."""
    group: list[int] = []
    octets = 0
    for mail in listed:
        if group and octets + mail.size > OCTETS_AT_ONCE:
            yield group
            group, octets = [], 0
        group.append(mail.uid)
        octets += mail.size
    if group:
        yield group


def _arrived(mail: FetchedMail, folder: str, whole: bool, at: datetime) -> ArrivedMail:
    """The mail server's clock may be ahead of ours: nothing was received after now."""
    said_at = mail.internal_at or at
    note = f"the mail server dates it {said_at.isoformat()}" if said_at > at else ""
    return ArrivedMail(
        raw=mail.raw,
        received_at=arrived_at(mail.raw, min(said_at, at)),
        place=f"{folder}:{mail.uid}",
        is_whole=whole,
        note=note,
    )


def _place(settings: ImapSettings, folder: str) -> str:
    place = f"imap:{settings.host}:{settings.username}:{folder}"
    if len(place) <= _LONGEST_PLACE:
        return place
    return f"imap:{settings.host[:100]}:{hashlib.sha256(place.encode()).hexdigest()}"

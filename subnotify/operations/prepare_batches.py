"""Writes the letters that wait, and merges them into batches for the printer.

What takes long is done between two short transactions: read which letters wait; write and merge
their pages; then lock the letters and store all of it, if they wait still as they were read. There
is no claim that could be left behind: whoever dies before the last commit has changed nothing, and
of two who prepare the same letters the second one finds them taken and begins anew. That costs
pages written in vain, now and then; a lease would cost a column and its clearing up.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey, seal
from subnotify.operations.append_evidence import (
    NewEvidence,
    append_evidence,
    append_evidence_many,
)
from subnotify.operations.build_mails import CONTACT_CHANGED
from subnotify.operations.cancel_overtaken import cancel_overtaken
from subnotify.operations.press_letters import LetterPress
from subnotify.operations.take_back_untrue import take_back_untrue
from subnotify.operations.transaction import transaction
from subnotify.operations.write_letters import BuiltLetter
from subnotify.rules.errors import N_
from subnotify.rules.letter_manifests import ManifestLine, write_manifest
from subnotify.rules.words import LetterProduct
from subnotify.storage.letter_batches import (
    SealedBatch,
    SealedLetter,
    add_batch,
    append_sealed,
    fill_batch,
)
from subnotify.storage.outbox import StoredSeal
from subnotify.storage.overtaken_mails import list_overtaken_of
from subnotify.storage.told_letters import readdress
from subnotify.storage.waiting_letters import (
    WaitingLetter,
    list_former,
    list_waiting,
    lock_waiting,
    set_aside,
)

log = logging.getLogger(__name__)

# Bounds the memory that one merged document takes, and what one wrong batch can spoil.
MOST_LETTERS = 100
_TURNS = 5
MISSING_CHARACTERS = N_(
    "A name, the address or a text of this letter has characters that letters cannot be printed"
    " with, such as Chinese or Arabic ones. Correct the client or the contact in Latin, Greek or"
    " Cyrillic letters, then serve the notice anew."
)


@dataclass
class Prepared:
    """batches: keys of the new ones. letters: in them. electronic: letters written for a person
    who sends them. set_aside: letters that cannot be written, or whose contact changed."""

    batches: list[str] = field(default_factory=list)
    letters: int = 0
    electronic: int = 0
    set_aside: int = 0


@dataclass(frozen=True)
class _Written:
    """Letters in the order of their batch, with what was made of each."""

    letters: Sequence[WaitingLetter]
    pressed: Mapping[int, BuiltLetter]
    merged: bytes


def prepare_batches(
    session: Session,
    press: LetterPress,
    *,
    seal_key: SealKey,
    by: str,
    actor: str,
    zone: ZoneInfo,
    at: datetime,
    stop: Callable[[], bool] = lambda: False,
    most: int = MOST_LETTERS,
) -> Prepared:
    """Prepare all letters that wait, in batches of `most` letters of one product.

    Electronic registered letters are written too, and wait for a person. by: who prepares, for
    people to read. zone: the vendor's. `stop` is asked between batches. Raises what the
    database raises; what was prepared before stays.
    """
    take_back_untrue(session, actor=actor, at=at)
    run = Preparation(session, press, seal_key, by, actor, zone, at)
    for product in LetterProduct:
        stale = 0
        while not stop() and stale < _TURNS:
            letters = run.choose(product, most)
            if not letters:
                break
            written = run.write(letters)
            stale = 0 if written is None or run.store(product, written) else stale + 1
    return run.report


@dataclass
class Preparation:
    """One call of `prepare_batches`, or the writing of one electronic letter."""

    session: Session
    press: LetterPress
    seal_key: SealKey
    by: str
    actor: str
    zone: ZoneInfo
    at: datetime
    report: Prepared = field(default_factory=Prepared)

    def choose(self, product: LetterProduct, most: int) -> list[WaitingLetter]:
        """The next letters, without those of which nothing stands any more and those whose
        contact changed; these are cancelled, and set aside."""
        session = self.session
        while True:
            with transaction(session):
                found = list_waiting(session, product, most=most, at=self.at)
                ids = [one.message_id for one in found]
                if readdress(session, ids):
                    continue
                former = list_former(session, ids, on=self.at.astimezone(self.zone).date())
                ended = list_overtaken_of(session, ids, {one.notice_id for one in found})
                if not former and not ended:
                    return found
                lock_waiting(session, ids)
                cancel_overtaken(session, ended, actor=self.actor, at=self.at)
                cancelled = {mail.id for mail in ended}
                self._set_aside([(x, CONTACT_CHANGED) for x in former if x not in cancelled])

    def write(self, letters: Sequence[WaitingLetter]) -> _Written | None:
        """None where each of them had to be set aside."""
        pressed, reasons = self._press_all(letters)
        # A notice with holes in its words is not the notice: nobody prints it.
        unprintable = {x for x, one in pressed.items() if one.has_missing}
        reasons |= dict.fromkeys(unprintable, MISSING_CHARACTERS)
        if reasons:
            with transaction(self.session):
                waiting = lock_waiting(self.session, reasons)
                self._set_aside([(x, why) for x, why in reasons.items() if x in waiting])
        written = [one for one in letters if one.message_id not in reasons]
        if not written:
            return None
        printed = written[0].product is not LetterProduct.REGISTERED_ELECTRONIC
        in_order = [pressed[one.message_id] for one in written]
        return _Written(written, pressed, self.press.merge(in_order) if printed else b"")

    def store(self, product: LetterProduct, written: _Written) -> bool:
        """All of it, or nothing; False where the letters do not wait any more as they were read."""
        session = self.session
        ids = [one.message_id for one in written.letters]
        with transaction(session):
            if lock_waiting(session, ids) != {one.message_id: one for one in written.letters}:
                return False
            sealed = [self._seal(one, written) for one in written.letters]
            append_sealed(session, sealed, at=self.at)
            batch = ""
            if product is not LetterProduct.REGISTERED_ELECTRONIC:
                batch = self._add_batch(product, written)
            self._append_sealed_evidence(written, sealed, batch)
        if batch:
            self.report.batches.append(batch)
            self.report.letters += len(sealed)
        else:
            self.report.electronic += len(sealed)
        return True

    def _press_all(
        self, letters: Sequence[WaitingLetter]
    ) -> tuple[Mapping[int, BuiltLetter], dict[int, str]]:
        """The letters as written, and why others cannot be: one by one if all at once fails."""
        try:
            return self._press([one.message_id for one in letters]), {}
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("%d letters cannot be written together", len(letters))
        pressed: dict[int, BuiltLetter] = {}
        reasons: dict[int, str] = {}
        for one in letters:
            try:
                pressed |= self._press([one.message_id])
            except SQLAlchemyError:
                raise
            except Exception as error:
                log.exception("letter %s cannot be written and is set aside", one.logical_key)
                reason = f"{type(error).__name__}: {error}"[:1000].replace("\0", "\ufffd")
                reasons[one.message_id] = reason
        return pressed, reasons

    def _press(self, message_ids: Sequence[int]) -> dict[int, BuiltLetter]:
        try:
            built = self.press.press(self.session, message_ids)
        finally:
            # It only read: nothing is held while the pages are set and merged.
            self.session.rollback()
        return {one.message_id: one for one in built}

    def _set_aside(self, letters: Sequence[tuple[int, str]]) -> None:
        """They stop nothing else; the job that sends mails judges their notices."""
        for message_id, reason in letters:
            set_aside(self.session, message_id, reason)
        self.report.set_aside += len(letters)

    def _seal(self, letter: WaitingLetter, written: _Written) -> SealedLetter:
        pressed = written.pressed[letter.message_id]
        sealed = seal(pressed.pdf, self.seal_key, owner=letter.logical_key)
        return SealedLetter(
            message_id=letter.message_id,
            seal=StoredSeal(sealed.digest, sealed.ciphertext),
            link_digest=pressed.link_digest,
            pages=pressed.pages,
            told_closes_at=pressed.data.told_closes_at,
        )

    def _add_batch(self, product: LetterProduct, written: _Written) -> str:
        session = self.session
        row = add_batch(session, product, by=self.by, at=self.at)
        lines = [
            ManifestLine(
                one.logical_key,
                written.pressed[one.message_id].pages,
                one.address_lines,
                one.reference,
                one.language,
            )
            for one in written.letters
        ]
        manifest = write_manifest(row.key, product, lines)
        sealed = seal(written.merged, self.seal_key, owner=row.key)
        batch = SealedBatch(
            seal=StoredSeal(sealed.digest, sealed.ciphertext),
            manifest=manifest.decode(),
            manifest_digest=hashlib.sha256(manifest).hexdigest(),
            pages=sum(line.pages for line in lines),
        )
        fill_batch(session, row, [one.message_id for one in written.letters], batch)
        append_evidence(
            session,
            "letter_batch_prepared",
            actor=self.actor,
            object_type="letter_batch",
            object_id=row.id,
            content={
                "batch": row.key,
                "product": product,
                "letters": len(lines),
                "pages": batch.pages,
                "pdf": sealed.digest,
                "manifest": batch.manifest_digest,
                "by": self.by,
            },
            at=self.at,
        )
        return row.key

    def _append_sealed_evidence(
        self, written: _Written, sealed: Sequence[SealedLetter], batch: str
    ) -> None:
        append_evidence_many(
            self.session,
            [
                NewEvidence(
                    "letter_sealed",
                    "message",
                    one.message_id,
                    {
                        "logical_key": letter.logical_key,
                        "sha256": one.seal.digest,
                        "pages": one.pages,
                        "product": letter.product,
                        "batch": batch,
                        "address": list(letter.address_lines),
                    },
                )
                for letter, one in zip(written.letters, sealed, strict=True)
            ],
            actor=self.actor,
            at=self.at,
        )

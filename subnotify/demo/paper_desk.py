"""What the vendor's people do in the history with paper, through the operations the pages call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.demo.desk import LEGAL, actor_of
from subnotify.demo.stage import Stage
from subnotify.operations.answer_request import prepare_document, record_answer
from subnotify.operations.correct_letter_event import propose_event_correction
from subnotify.operations.hand_over_batch import hand_over_batch
from subnotify.operations.import_letter_events import import_letter_events
from subnotify.operations.keep_document import GivenFile
from subnotify.operations.record_incoming_letter import record_incoming_letter
from subnotify.operations.record_request import record_request
from subnotify.rules.document_requests import NewRequest
from subnotify.rules.incoming_letters import GivenLetter
from subnotify.rules.letter_manifests import TableEvent, write_events
from subnotify.rules.words import BatchState, LetterEventKind, ResponseChannel
from subnotify.storage.tables import (
    AgreementRow,
    LetterBatchRow,
    LetterRow,
    MessageRow,
    NoticeRow,
)


@dataclass(frozen=True)
class ToldEvent:
    """What the printer or the post tells of the latest letter of a notice."""

    agreement: str
    kind: LetterEventKind
    on: date
    number: str = ""
    note: str = ""


@dataclass(frozen=True)
class PaperDesk:
    """The vendor's desk, where it is about letters."""

    stage: Stage

    def hand_over(self, release_id: int, *, at: datetime) -> None:
        """The batches with letters of a release go to the post office."""
        by = self.stage.operator(LEGAL)
        with self.stage.session() as session:
            batch_ids = session.scalars(
                select(LetterBatchRow.id)
                .join(LetterRow, LetterRow.batch_id == LetterBatchRow.id)
                .join(MessageRow, MessageRow.id == LetterRow.message_id)
                .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
                .where(
                    NoticeRow.release_id == release_id,
                    LetterBatchRow.state == BatchState.PREPARED,
                )
                .distinct()
                .order_by(LetterBatchRow.id)
            ).all()
            session.rollback()
            for batch_id in batch_ids:
                hand_over_batch(
                    session,
                    batch_id,
                    by=by.name,
                    actor=actor_of(by),
                    legal_email=self.stage.settings.legal_email,
                    vendor_time_zone=self.stage.settings.vendor_time_zone,
                    at=at,
                )

    def tell(self, release_id: int, events: Sequence[ToldEvent], *, at: datetime) -> None:
        """Import a table of what became of the letters of a release."""
        by = self.stage.operator(LEGAL)
        with self.stage.session() as session:
            lines = [
                TableEvent(
                    "",
                    _find_letter(session, release_id, told.agreement).logical_key,
                    told.kind,
                    told.on,
                    told.number,
                    told.note,
                )
                for told in events
            ]
            session.rollback()
            found = import_letter_events(
                session,
                "letters.csv",
                write_events(lines),
                by=by.name,
                actor=actor_of(by),
                legal_email=self.stage.settings.legal_email,
                vendor_time_zone=self.stage.settings.vendor_time_zone,
                at=at,
            )
        if found.refused:
            raise LookupError(f"not recorded of release {release_id}: {found.refused}")
        self.stage.send()

    def propose_day(
        self,
        release_id: int,
        agreement: str,
        kind: LetterEventKind,
        on: date,
        reason: str,
        *,
        at: datetime,
    ) -> None:
        """Propose that something happened to a letter on another day: another person confirms."""
        by = self.stage.operator(LEGAL)
        with self.stage.session() as session:
            message_id = _find_letter(session, release_id, agreement).id
            session.rollback()
            propose_event_correction(
                session,
                message_id,
                kind,
                on=on,
                reason=reason,
                by=by.name,
                actor=actor_of(by),
                vendor_time_zone=self.stage.settings.vendor_time_zone,
                at=at,
            )

    def record_letter(
        self, given: GivenLetter, scan: GivenFile, *, notice_id: int, at: datetime
    ) -> None:
        """A client's letter about a notice, with its scan."""
        self._record(given, scan, notice_id, None, at)

    def record_letter_of(
        self, agreement: str, given: GivenLetter, scan: GivenFile, *, at: datetime
    ) -> None:
        """A client's letter about no notice."""
        with self.stage.session() as session:
            client_id = session.execute(
                select(AgreementRow.client_id).where(AgreementRow.key == agreement)
            ).scalar_one()
        self._record(given, scan, None, client_id, at)

    def _record(
        self,
        given: GivenLetter,
        scan: GivenFile,
        notice_id: int | None,
        client_id: int | None,
        at: datetime,
    ) -> None:
        by, settings = self.stage.operator(LEGAL), self.stage.settings
        with self.stage.session() as session:
            record_incoming_letter(
                session,
                given,
                notice_id=notice_id,
                client_id=client_id,
                scan=scan,
                seal_key=settings.seal_key,
                zone=settings.zone,
                by=by.name,
                actor=actor_of(by),
                at=at,
            )
        self.stage.send()

    def ask_for_list(
        self,
        agreement: str,
        channel: ResponseChannel,
        asked_by: str,
        *,
        language: str,
        note: str = "",
        at: datetime,
    ) -> int:
        """Register a written request that came today for the list of today; its id."""
        by, zone = self.stage.operator(LEGAL), self.stage.zone
        today = at.astimezone(zone).date()
        with self.stage.session() as session:
            agreement_id = session.execute(
                select(AgreementRow.id).where(AgreementRow.key == agreement)
            ).scalar_one()
            session.rollback()
            return record_request(
                session,
                NewRequest(agreement_id, channel, today, asked_by, today, language, note),
                zone=zone,
                by=by.name,
                actor=actor_of(by),
                at=at,
            )

    def give_list(self, request_id: int, through: ResponseChannel, *, at: datetime) -> None:
        """Prepare the document, and record that it was given today."""
        by, settings, timeline = (
            self.stage.operator(LEGAL),
            self.stage.settings,
            self.stage.timeline,
        )
        with self.stage.session() as session:
            document_id = prepare_document(
                session,
                request_id,
                in_place_of=None,
                zone=settings.zone,
                seal_key=settings.seal_key,
                by=by.name,
                actor=actor_of(by),
                at=at,
            )
            record_answer(
                session,
                request_id,
                document_id=document_id,
                through=through,
                given_on=at.astimezone(settings.zone).date(),
                zone=settings.zone,
                by=by.name,
                actor=actor_of(by),
                at=timeline.now(),
            )


def _find_letter(session: Session, release_id: int, agreement: str) -> MessageRow:
    """The latest letter of a release to an agreement."""
    found = session.scalars(
        select(MessageRow)
        .join(LetterRow, LetterRow.message_id == MessageRow.id)
        .join(NoticeRow, NoticeRow.id == MessageRow.notice_id)
        .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
        .where(NoticeRow.release_id == release_id, AgreementRow.key == agreement)
        .order_by(MessageRow.id.desc())
    ).first()
    if found is None:
        raise LookupError(f"{agreement} has no letter of release {release_id}")
    return found

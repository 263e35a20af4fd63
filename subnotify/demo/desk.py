"""What the vendor's people do in the history, each step through the operation that a page calls."""

from datetime import date, datetime, timedelta

from subnotify.demo.amendments import amended, subprocessor_id
from subnotify.demo.cast import WrittenRelease, read_changes, read_sample
from subnotify.demo.stage import Stage
from subnotify.operations.approve_release import approve_release
from subnotify.operations.confirm_read import confirm_read
from subnotify.operations.draft_release import draft_release
from subnotify.operations.draft_removal import draft_removal
from subnotify.operations.extend_window import extend_case_window
from subnotify.operations.file_mail import file_mail
from subnotify.operations.gate_out_client import gate_out_client
from subnotify.operations.import_registry import import_registry
from subnotify.operations.preview_release import preview_release
from subnotify.operations.publish_list import publish_list
from subnotify.operations.read_response import answer_response, mark_response_read
from subnotify.operations.release_changes import release_changes
from subnotify.operations.settle_objection import Settlement, settle_objection
from subnotify.operations.take_objection_step import LegalStep, take_objection_step
from subnotify.operations.write_to_client import write_to_client
from subnotify.rules.releases import ReleaseTexts
from subnotify.rules.texts import local_text
from subnotify.rules.words import ConfirmationKind, FiledAs
from subnotify.storage.operators import Operator
from subnotify.storage.releases import get_release

PUBLISHER, LEGAL = "Paule Vidal", "Lucie Garnier"


class Desk:
    """The vendor's desk."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def import_file(self, name: str, *, at: datetime) -> None:
        """Import a sample file."""
        self._import(read_sample(name), at)

    def import_dated(self, name: str, today: date, *, at: datetime) -> None:
        """Import a file of changes whose days count from `today`, on whatever day that is done."""
        self._import(read_changes(name, today), at)

    def _import(self, content: bytes, at: datetime) -> None:
        by = self._stage.operator(PUBLISHER)
        with self._stage.session() as session:
            import_registry(
                session,
                content,
                by=by.name,
                at=at,
                zone=self._stage.zone,
                actor=actor_of(by),
            )

    def publish_list(self, *, at: datetime) -> None:
        """Legal publishes what the publisher has imported: four eyes."""
        by = self._stage.operator(LEGAL)
        with self._stage.session() as session:
            publish_list(
                session,
                by=by.name,
                at=at,
                zone=self._stage.zone,
                actor=actor_of(by),
                four_eyes=True,
            )

    def draft(self, written: WrittenRelease, commencement_on: date | None, *, at: datetime) -> int:
        """Import the changes and draft their release; its id."""
        today = at.astimezone(self._stage.zone).date()
        with self._stage.session() as session:
            content = amended(session, read_changes(written.changes_file, today))
        self._import(content, at)
        texts = ReleaseTexts(
            reason=local_text(written.reason),
            paragraph=local_text(written.paragraph),
            commencement_on=commencement_on,
            commences_by_itself=written.commences_by_itself,
        )
        by = self._stage.operator(PUBLISHER)
        with self._stage.session() as session:
            for key in written.removals:
                draft_removal(session, subprocessor_id(session, key), by=by.name, at=at)
            keys = (*written.changes, *written.removals)
            change_ids = self._stage.draft_change_ids(session, keys)
            session.rollback()
            return draft_release(session, change_ids=change_ids, texts=texts, by=by, at=at)

    def approve(self, release_id: int, *, at: datetime) -> None:
        """Legal approves, with the agreements that the preview says cannot be served."""
        zone = self._stage.zone
        with self._stage.session() as session:
            preview = preview_release(session, release_id, zone=zone, at=at)
            session.rollback()
            approve_release(
                session,
                release_id,
                revision=preview.release.revision,
                confirmed_unservable=[x.id for x in preview.unservable],
                confirmed_late=[x.agreement.id for x in preview.late],
                by=self._stage.operator(LEGAL),
                zone=zone,
                at=at,
            )

    def release(self, release_id: int, *, at: datetime) -> None:
        with self._stage.session() as session:
            revision = get_release(session, release_id).revision
            session.rollback()
            release_changes(
                session,
                release_id,
                revision=revision,
                by=self._stage.operator(PUBLISHER),
                zone=self._stage.zone,
                at=at,
            )
        self._stage.send()

    def confirm_all_read(self, *, at: datetime) -> None:
        """Legal confirms that replies and registered post were read up to the day before."""
        by = self._stage.operator(LEGAL)
        yesterday = at.astimezone(self._stage.zone).date() - timedelta(days=1)
        with self._stage.session() as session:
            for kind in ConfirmationKind:
                confirm_read(
                    session,
                    kind,
                    yesterday,
                    zone=self._stage.zone,
                    by=by.name,
                    actor=actor_of(by),
                    at=at,
                )
        self._stage.run_jobs_for_ended(at)

    def settle(self, case_id: int, decision: Settlement, *, at: datetime) -> None:
        by = self._stage.operator(LEGAL)
        with self._stage.session() as session:
            settle_objection(session, case_id, decision, by=by.name, actor=actor_of(by), at=at)
        self._stage.send()

    def take_step(self, case_id: int, step: LegalStep, *, at: datetime) -> None:
        """A step about an objection; its mail leaves with what is sent ten minutes later."""
        by = self._stage.operator(LEGAL)
        with self._stage.session() as session:
            take_objection_step(session, case_id, step, by=by.name, actor=actor_of(by), at=at)

    def file_mail(self, mail_id: int, filed_as: FiledAs, *, at: datetime) -> tuple[int, ...]:
        """Say what an incoming mail is; the ids of the responses recorded from it."""
        by = self._stage.operator(LEGAL)
        with self._stage.session() as session:
            recorded = file_mail(
                session,
                mail_id,
                filed_as,
                by=by.name,
                actor=actor_of(by),
                legal_email=self._stage.settings.legal_email,
                at=at,
            )
        self._stage.send()
        return recorded

    def answer(self, response_id: int, text: str, *, at: datetime) -> None:
        by = self._stage.operator(LEGAL)
        with self._stage.session() as session:
            answer_response(session, response_id, text, by=by.name, actor=actor_of(by), at=at)
        self._stage.send()

    def write(self, case_id: int, text: str, *, at: datetime) -> None:
        """Write to the client unasked."""
        by = self._stage.operator(LEGAL)
        with self._stage.session() as session:
            write_to_client(
                session,
                case_id,
                text,
                form_key=f"demo-{case_id}",
                by=by.name,
                actor=actor_of(by),
                at=at,
            )
        self._stage.send()

    def extend(self, case_id: int, response_id: int, days: int, note: str, *, at: datetime) -> None:
        """Grant the time that a client asked for, and note its request as dealt with."""
        by = self._stage.operator(LEGAL)
        with self._stage.session() as session:
            last_day = self._stage.last_day(session, case_id) + timedelta(days=days)
            session.rollback()
            extend_case_window(
                session, case_id, last_day, note=note, by=by.name, actor=actor_of(by), at=at
            )
            mark_response_read(
                session, response_id, note=note, by=by.name, actor=actor_of(by), at=at
            )
        self._stage.send()

    def gate_out(self, case_id: int, note: str, *, at: datetime) -> None:
        by = self._stage.operator(LEGAL)
        with self._stage.session() as session:
            gate_out_client(session, case_id, note=note, by=by.name, actor=actor_of(by), at=at)


def actor_of(by: Operator) -> str:
    """As the record names an operator."""
    return f"operator:{by.id}"

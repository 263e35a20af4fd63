"""Record a letter from a client as it came: what, from whom, both days, its scan, its notice."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.delivery.sealing import SealKey
from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.apply_standings import apply_standings
from subnotify.operations.keep_document import GivenFile, keep_document
from subnotify.operations.letter_answers import (
    append_answers,
    letter_content,
    letter_values,
    lock_tied,
    require_sound,
)
from subnotify.operations.transaction import taking_turns, transaction
from subnotify.rules.errors import NotFound, RuleError
from subnotify.rules.incoming_letters import ABOUT_A_NOTICE, TASKS, GivenLetter
from subnotify.storage.incoming import list_running_cases
from subnotify.storage.incoming_letters import (
    LetterTie,
    append_letter_row,
    find_by_form_token,
    find_client_of_notice,
    get_client_name,
    list_letter_responses,
    lock_letter,
)
from subnotify.storage.tables import IncomingLetterRow


class ScanOnRecord(RuleError):
    message = "A scan of this letter is on record already. It stays as it is."


@dataclass(frozen=True)
class RecordedLetter:
    """response_ids: what was recorded from it at once, where it is an answer to a notice."""

    id: int
    response_ids: tuple[int, ...]


def record_incoming_letter(
    session: Session,
    given: GivenLetter,
    *,
    notice_id: int | None = None,
    client_id: int | None = None,
    scan: GivenFile | None = None,
    seal_key: SealKey,
    zone: ZoneInfo,
    by: str,
    actor: str,
    at: datetime,
) -> RecordedLetter:
    """Record a letter; where it answers a notice that is known, it is filed at once.

    client_id: of a letter about no notice that is known, or None where nobody knows whose it is.
    Then it waits for a person, and silence waits with it: of its client, or of every client.
    zone: the vendor's. The same form twice is one letter. Raises ProblemsFound, NotFound.
    """

    def record() -> RecordedLetter:
        with transaction(session):
            return _record(
                session, given, notice_id, client_id, scan, seal_key, zone, by, actor, at
            )

    return taking_turns(record)


def attach_scan(
    session: Session,
    letter_id: int,
    scan: GivenFile,
    *,
    seal_key: SealKey,
    by: str,
    actor: str,
    at: datetime,
) -> int:
    """Keep the scan of a letter that was recorded without one; the document's id.

    Raises ScanOnRecord, ProblemsFound, NotFound.
    """
    with transaction(session):
        row = lock_letter(session, letter_id)
        document_id, digest = _keep(session, row, scan, seal_key, by, at)
        append_evidence(
            session,
            "incoming_letter_scanned",
            actor=actor,
            object_type="incoming_letter",
            object_id=row.id,
            content={"scan_sha256": digest, "by": by},
            at=at,
        )
        return document_id


def _record(
    session: Session,
    given: GivenLetter,
    notice_id: int | None,
    client_id: int | None,
    scan: GivenFile | None,
    seal_key: SealKey,
    zone: ZoneInfo,
    by: str,
    actor: str,
    at: datetime,
) -> RecordedLetter:
    tie = _tie_of(session, notice_id, client_id)
    clients = lock_tied(session, tie)
    known = find_by_form_token(session, given.form_token)
    if known is not None:
        return RecordedLetter(known, list_letter_responses(session, known))
    require_sound(given, zone=zone, at=at)
    is_answer = given.kind in ABOUT_A_NOTICE
    is_filed = tie.notice_id is not None if is_answer else given.kind not in TASKS
    letter_id = append_letter_row(session, _columns(given, tie, is_filed, by, at))
    if letter_id is None:
        known = find_by_form_token(session, given.form_token)
        if known is None:
            raise NotFound
        return RecordedLetter(known, list_letter_responses(session, known))
    row = lock_letter(session, letter_id)
    digest = _keep(session, row, scan, seal_key, by, at)[1] if scan is not None else None
    recorded = tuple[int, ...]()
    if is_answer and tie.notice_id is not None:
        recorded = append_answers(session, row, given, by=by, actor=actor, zone=zone, at=at)
    _append_recorded(session, row, digest, recorded, actor, at)
    apply_standings(session, list_running_cases(session, clients), actor=actor, at=at)
    return RecordedLetter(letter_id, recorded)


def _columns(
    given: GivenLetter, tie: LetterTie, is_filed: bool, by: str, at: datetime
) -> dict[str, object]:
    return {
        **letter_values(given),
        "notice_id": tie.notice_id,
        "client_id": tie.client_id,
        "form_token": given.form_token or None,
        "recorded_at": at,
        "recorded_by": by,
        "filed_at": at if is_filed else None,
        "filed_by": by if is_filed else None,
        "filed_note": given.note.strip(),
    }


def _tie_of(session: Session, notice_id: int | None, client_id: int | None) -> LetterTie:
    """Raises NotFound for a notice or client that does not exist."""
    if notice_id is not None:
        owner = find_client_of_notice(session, notice_id)
        if owner is None:
            raise NotFound
        return LetterTie(notice_id, owner)
    if client_id is not None:
        get_client_name(session, client_id)
    return LetterTie(None, client_id)


def _keep(
    session: Session,
    row: IncomingLetterRow,
    scan: GivenFile,
    seal_key: SealKey,
    by: str,
    at: datetime,
) -> tuple[int, str]:
    if row.document_id is not None:
        raise ScanOnRecord
    kept = keep_document(
        session, scan, fallback_name=f"letter-{row.id}", seal_key=seal_key, by=by, at=at
    )
    row.document_id = kept.id
    session.flush()
    return kept.id, kept.digest


def _append_recorded(
    session: Session,
    row: IncomingLetterRow,
    scan_digest: str | None,
    recorded: tuple[int, ...],
    actor: str,
    at: datetime,
) -> None:
    append_evidence(
        session,
        "incoming_letter_recorded",
        actor=actor,
        object_type="incoming_letter",
        object_id=row.id,
        content={
            **letter_content(row),
            "scan_sha256": scan_digest,
            "responses": list(recorded),
            "is_filed": row.filed_at is not None,
            "note": row.filed_note,
            "by": row.recorded_by,
        },
        at=at,
    )

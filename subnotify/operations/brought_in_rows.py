"""The rows of a notice that was given before: notice, case, messages, proofs, evidence."""

from collections.abc import Sequence
from datetime import datetime

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.import_run import ImportRun
from subnotify.operations.judge_countries import judge_countries
from subnotify.operations.record_proof import record_proofs
from subnotify.rules.brought_in import GivenNotice, GivenZones
from subnotify.rules.words import (
    CaseState,
    Channel,
    ContactKind,
    MessagePurpose,
    MessageState,
    NoticeState,
)
from subnotify.storage.brought_in import GivenAgreement
from subnotify.storage.case_copies import copy_filters
from subnotify.storage.tables import (
    BroughtInNoticeRow,
    CaseRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
)


def write_notice(
    run: ImportRun,
    release: ReleaseRow,
    change_id: int,
    agreement: GivenAgreement,
    rows: Sequence[GivenNotice],
    zones: GivenZones,
    *,
    actor: str,
) -> int:
    """A notice with its case, given to the contacts of these rows; the notice's id.

    Its messages are handed over at the instants recorded, none from here. The caller serves it.
    """
    notice = NoticeRow(
        reference=f"{release.number}-{agreement.id:05d}",
        release_id=release.id,
        agreement_id=agreement.id,
        terms_id=agreement.terms_id,
        language=agreement.language,
        state=NoticeState.QUEUED.value,
        serving_number=1,
        # Letters of the client may be as old as the notice.
        created_at=min(row.dispatched_since(zones) for row in rows),
    )
    run.session.add(notice)
    run.session.flush()
    case = CaseRow(
        change_id=change_id,
        agreement_id=agreement.id,
        notice_id=notice.id,
        state=CaseState.WAITING.value,
        holds=[],
    )
    run.session.add(case)
    run.session.flush()
    copy_filters(run.session, CaseRow.notice_id == notice.id)
    if agreement.terms is not None and agreement.terms.allowed_countries:
        run.session.flush()
        judge_countries(run.session, [case.id], today=run.today, actor=actor, at=run.at)
    for row in rows:
        _write_message(run, notice, agreement.contacts[row.contact], row, zones)
    _append_evidence(run, notice, rows, zones, actor)
    return notice.id


def _write_message(
    run: ImportRun, notice: NoticeRow, contact: ContactRow, row: GivenNotice, zones: GivenZones
) -> None:
    dispatched_at, received_at = row.dispatched_at(zones), row.received_at(zones)
    message = MessageRow(
        logical_key=f"notice:{notice.id}:{contact.id}:{row.way.value}:1",
        purpose=MessagePurpose.NOTICE.value,
        channel=row.way.value,
        notice_id=notice.id,
        contact_id=contact.id,
        contact_kind=ContactKind.NOTICE.value,
        serving_number=1,
        to_address=contact.email if row.way is Channel.EMAIL else None,
        language=notice.language,
        state=MessageState.HANDED_OVER.value,
        queued_at=dispatched_at,
        handed_over_at=dispatched_at,
    )
    run.session.add(message)
    run.session.flush()
    run.session.add(
        BroughtInNoticeRow(
            message_id=message.id,
            notice_id=notice.id,
            dispatched_at=dispatched_at,
            received_at=received_at,
            proof=row.proof.value if row.proof else None,
            proof_reference=row.proof_reference,
            at=run.at,
            by=run.by,
        )
    )
    if row.proof is not None and received_at is not None:
        record_proofs(run.session, {message.id: notice.id}, row.proof, at=received_at)


def _append_evidence(
    run: ImportRun,
    notice: NoticeRow,
    rows: Sequence[GivenNotice],
    zones: GivenZones,
    actor: str,
) -> None:
    def instant(value: datetime | None) -> str | None:
        return value.isoformat() if value else None

    append_evidence(
        run.session,
        "notice_brought_in",
        actor=actor,
        object_type="notice",
        object_id=notice.id,
        content={
            "by": run.by,
            "reference": notice.reference,
            "source": "brought in",
            "given": [
                {
                    "contact": row.contact,
                    "channel": row.way,
                    "dispatched_at": instant(row.dispatched_at(zones)),
                    "received_at": instant(row.received_at(zones)),
                    "proof": row.proof,
                    "proof_reference": row.proof_reference,
                }
                for row in rows
            ],
        },
        at=run.at,
    )

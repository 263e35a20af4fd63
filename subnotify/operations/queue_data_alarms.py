"""Tell legal of a client's data that is to be returned or destroyed soon, and again once it is due.

A mail for each of the two, once: a run repeated doubles nothing.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import case, exists, literal, null, select
from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import NewEvidence, append_evidence_many
from subnotify.operations.queue_alarms import columns_to_legal
from subnotify.operations.queue_messages import insert_messages, logical_key
from subnotify.operations.step_mails import DATA_ALARM
from subnotify.operations.transaction import transaction
from subnotify.rules.words import MessagePurpose
from subnotify.storage.data_returns import is_owed
from subnotify.storage.tables import CaseRow, DataReturnRow, MessageRow

DAYS_AHEAD = 14


def queue_data_alarms(session: Session, legal_email: str, *, zone: ZoneInfo, at: datetime) -> int:
    """Queue what is due within DAYS_AHEAD, and what is due today or overdue; how many were new.

    zone: the vendor's, in which a day is today.
    """
    today = at.astimezone(zone).date()
    stage = case((DataReturnRow.due_on > today, literal("soon")), else_=literal("due"))
    key = logical_key(DATA_ALARM, DataReturnRow.case_id, DataReturnRow.due_on, stage)
    with transaction(session):
        due = (
            *is_owed(),
            DataReturnRow.due_on <= today + timedelta(days=DAYS_AHEAD),
            ~exists().where(MessageRow.logical_key == key),
        )
        of_cases = select(DataReturnRow.case_id, DataReturnRow.due_on).join(
            CaseRow, CaseRow.id == DataReturnRow.case_id
        )
        told = session.execute(of_cases.where(*due)).all()
        if not told:
            return 0
        rows = (
            select(
                *columns_to_legal(
                    MessagePurpose.STEP_ALARM,
                    key,
                    notice_id=CaseRow.notice_id,
                    case_id=CaseRow.id,
                    response_id=null(),
                    serving_number=literal(1),
                    address=legal_email,
                    at=at,
                )
            )
            .select_from(DataReturnRow)
            .join(CaseRow, CaseRow.id == DataReturnRow.case_id)
            .where(*due)
        )
        queued = insert_messages(session, rows)
        if queued:
            append_evidence_many(
                session,
                [
                    NewEvidence("data_alarm_queued", "case", one.case_id, {"due_on": one.due_on})
                    for one in told
                ],
                actor="job:queue_data_alarms",
                at=at,
            )
        return queued

"""Queues mails to legal in the outbox, within the caller's transaction. Queued twice is queued
once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, literal, null, select
from sqlalchemy.orm import Session

from subnotify.operations.queue_messages import insert_messages, logical_key
from subnotify.rules.words import Channel, MessagePurpose, MessageState
from subnotify.storage.overtaken_mails import is_overtaken
from subnotify.storage.tables import CaseRow, NoticeRow, ObjectionStepRow, ResponseRow, UtcDateTime

# What the row of a mail to legal says; it is sent in the language of the setting (`build_mails`).
LANGUAGE_OF_ALARMS = "en"


def queue_step_alarm(session: Session, step_id: int, legal_email: str, *, at: datetime) -> None:
    """Tell legal that the client answered a proposal."""
    rows = (
        select(
            *columns_to_legal(
                MessagePurpose.STEP_ALARM,
                logical_key("step_alarm", ObjectionStepRow.id),
                notice_id=CaseRow.notice_id,
                case_id=CaseRow.id,
                response_id=null(),
                serving_number=literal(1),
                address=legal_email,
                at=at,
            )
        )
        .join(CaseRow, CaseRow.id == ObjectionStepRow.case_id)
        .where(ObjectionStepRow.id == step_id)
    )
    insert_messages(session, rows)


def queue_objection_alarm(
    session: Session, response_id: int, legal_email: str, *, at: datetime
) -> None:
    """Tell legal of an objection; or, once it is disowned, that a response was."""
    said = case(
        (ResponseRow.disowned_at.is_(None), literal("objection")), else_=literal("disowned")
    )
    rows = select(
        *columns_to_legal(
            MessagePurpose.OBJECTION_ALARM,
            logical_key("objection_alarm", ResponseRow.id, said),
            notice_id=ResponseRow.notice_id,
            case_id=ResponseRow.case_id,
            response_id=ResponseRow.id,
            serving_number=literal(1),
            address=legal_email,
            at=at,
        )
    ).where(ResponseRow.id == response_id)
    insert_messages(session, rows)


def queue_delivery_alarm(
    session: Session, notice_ids: Sequence[int], legal_email: str, *, at: datetime
) -> None:
    """Tell legal that these notices are not served: one mail for each notice and serving.

    Not of those of which nothing stands any more: nobody has to serve them.
    """
    rows = (
        select(
            *columns_to_legal(
                MessagePurpose.DELIVERY_ALARM,
                logical_key("delivery_alarm", NoticeRow.id, NoticeRow.serving_number),
                notice_id=NoticeRow.id,
                case_id=null(),
                response_id=null(),
                serving_number=NoticeRow.serving_number,
                address=legal_email,
                at=at,
            )
        )
        .where(NoticeRow.id.in_(notice_ids), ~is_overtaken(NoticeRow.id))
        .order_by(NoticeRow.id)
    )
    if notice_ids:
        insert_messages(session, rows)


def queue_transfer_alarm(
    session: Session, tellings: tuple[int, int], legal_email: str, *, at: datetime
) -> None:
    """Tell legal of transfer bases that end: one mail for the tellings from one number to
    another."""
    rows = select(
        *columns_to_legal(
            MessagePurpose.TRANSFER_ALARM,
            logical_key("transfer_alarm", *map(literal, tellings)),
            notice_id=null(),
            case_id=null(),
            response_id=null(),
            serving_number=literal(1),
            address=legal_email,
            at=at,
        )
    )
    insert_messages(session, rows)


def columns_to_legal(
    purpose: MessagePurpose,
    key: ColumnElement[str],
    *,
    notice_id: Any,
    case_id: Any,
    response_id: Any,
    serving_number: Any,
    address: str,
    at: datetime,
) -> list[Any]:
    """The columns of a message to legal."""
    instant = literal(at, UtcDateTime())
    return [
        key,
        literal(purpose.value),
        literal(Channel.EMAIL.value),
        notice_id,
        case_id,
        response_id,
        null(),
        null(),
        serving_number,
        literal(address),
        literal(LANGUAGE_OF_ALARMS),
        literal(MessageState.QUEUED.value),
        instant,
        instant,
        literal(0),
    ]

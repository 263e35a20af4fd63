"""Answers through a notice's link, for tests of what they lead to."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.record_response import Recorded, record_response
from subnotify.rules.responses import Answer
from subnotify.rules.words import MessagePurpose, ResponseKind
from subnotify.storage.tables import CaseRow, MessageRow
from tests.support.scenario import Announced, digest_of

LEGAL = "legal@hexapode.example"
KEY = b"a key of the tests"


def objection(announced: Announced, **given) -> Answer:
    said = {"by_name": "Camille Perrin", "by_role": "DPO", "case_ids": announced.case_ids[:1]}
    return Answer(ResponseKind.OBJECTION, **(said | given))


def give(
    session: Session,
    announced: Announced,
    answer: Answer,
    *,
    at: datetime,
    form_key: str = "form-1",
    token: str | None = None,
) -> Recorded:
    return record_response(
        session,
        digest_of(token or announced.token),
        answer,
        form_key=form_key,
        code_key=KEY,
        legal_email=LEGAL,
        at=at,
    )


def case_of(session: Session, case_id: int) -> CaseRow:
    return session.scalars(
        select(CaseRow).where(CaseRow.id == case_id).execution_options(populate_existing=True)
    ).one()


def messages(session: Session, purpose: MessagePurpose) -> list[MessageRow]:
    return list(
        session.scalars(
            select(MessageRow).where(MessageRow.purpose == purpose).order_by(MessageRow.id)
        )
    )

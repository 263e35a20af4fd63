"""What tests of blocked countries share: a Swiss-only client, and the steps around its case."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from subnotify.operations.close_windows import close_windows
from subnotify.operations.record_country_exception import (
    ExceptionFacts,
    record_country_exception,
)
from subnotify.operations.serve_notices import serve_notices
from subnotify.operations.transaction import transaction
from subnotify.rules.words import (
    CaseState,
    HoldReason,
    MessageState,
    ProofKind,
)
from subnotify.storage.tables import (
    CaseRow,
    MessageRow,
    NoticeRow,
    ReceiptProofRow,
)
from tests.operations.desk import LEGAL, case_of
from tests.operations.test_close_windows import confirm_all
from tests.support.release_world import FIFTEEN, PARIS, ReleaseWorld
from tests.support.scenario import terms_of

DAY = timedelta(days=1)
URL = "https://sub.example"
BLOCKED = (CaseState.HOLD, [HoldReason.COUNTRY_NOT_ALLOWED], None)
SWISS = replace(terms_of(FIFTEEN), allowed_countries=frozenset({"CH"}))
AGREED = ExceptionFacts("FR", None, date(2026, 3, 1), None, "Amendment 3 of 2026-03-01")


def released(world: ReleaseWorld) -> int:
    """Orage, which sits and hosts in France, is announced; its change."""
    change = world.add_change("orage", services=("mail",))
    release = world.draft([change], commences_by_itself=True)
    world.approve(release)
    world.release(release)
    return change


def case_under(session: Session, agreement: int) -> int:
    case = session.scalars(select(CaseRow.id).where(CaseRow.agreement_id == agreement)).one()
    session.rollback()
    return case


def serve_all(session: Session, at: datetime) -> None:
    """The recipients' own servers accept all mails."""
    with transaction(session):
        for message in session.scalars(select(MessageRow)):
            message.state, message.handed_over_at = MessageState.HANDED_OVER.value, at
            for kind in (ProofKind.DISPATCH, ProofKind.RECIPIENT_SERVER):
                session.add(
                    ReceiptProofRow(
                        notice_id=message.notice_id, message_id=message.id, kind=kind, at=at
                    )
                )
        serve_notices(session, session.scalars(select(NoticeRow.id)).all(), at=at)


def except_from(session: Session, agreement: int, at: datetime, **changed: object) -> None:
    record_country_exception(
        session, agreement, replace(AGREED, **changed), **LEGAL, at=at, zone=PARIS
    )


def close_all(session: Session, case_id: int) -> datetime:
    silent_at = case_of(session, case_id).silence_after_at
    confirm_all(session, silent_at)
    close_windows(session, at=silent_at)
    return silent_at

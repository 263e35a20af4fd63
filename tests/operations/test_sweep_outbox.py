"""What is missing or stuck in the outbox is found, on both databases."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from subnotify.operations.sweep_outbox import Swept, sweep_outbox
from subnotify.operations.transaction import transaction
from subnotify.rules.words import ContactKind, MessageState, PauseCause
from subnotify.storage import mail_queue
from subnotify.storage.claims import claim_due
from subnotify.storage.tables import AgreementContactRow, MessageRow, NoticeRow, ReleaseRow
from tests.support.outbox import AT, queue_notices

PARIS = ZoneInfo("Europe/Paris")


def _sweep(session: Session, after: timedelta = timedelta(0)) -> Swept:
    return sweep_outbox(session, zone=PARIS, at=AT + after)


def _states(session: Session) -> list[str]:
    states = list(session.scalars(select(MessageRow.state).order_by(MessageRow.id)))
    session.rollback()
    return states


def test_a_designated_contact_without_a_mail_gets_one(session: Session) -> None:
    ids = queue_notices(session, 3)
    with transaction(session):
        keys = set(session.scalars(select(MessageRow.logical_key)))
        session.execute(delete(MessageRow).where(MessageRow.id == ids[1]))
    assert _sweep(session).queued == 1
    assert set(session.scalars(select(MessageRow.logical_key))) == keys
    queued = session.scalars(select(MessageRow).order_by(MessageRow.id.desc())).first()
    assert queued is not None
    assert (queued.state, queued.to_address) == ("queued", "dpo1@client.example")
    assert queued.next_attempt_at == AT
    session.rollback()
    assert _sweep(session).queued == 0


def test_who_needs_none_gets_none(session: Session) -> None:
    """A copy contact, a designation that ended, a notice that is served or all handed over."""
    ids = queue_notices(session, 4)
    with transaction(session):
        session.execute(delete(MessageRow))
        people = list(session.scalars(select(AgreementContactRow).order_by("id")))
        notices = list(session.scalars(select(NoticeRow).order_by("id")))
        people[0].kind = ContactKind.COPY
        people[1].ended_on = AT.date()
        notices[2].state = "served"
        notices[3].state, notices[3].dispatched_at = "serving", AT
    assert len(ids) == 4
    assert _sweep(session).queued == 0


def test_what_nobody_sends_becomes_due(session: Session) -> None:
    ids = queue_notices(session, 2)
    with transaction(session):
        session.execute(
            update(MessageRow)
            .where(MessageRow.id == ids[0])
            .values(state=MessageState.SENDING, next_attempt_at=AT + timedelta(days=1))
        )
    assert _sweep(session).freed == 1
    assert _sweep(session).freed == 0
    with transaction(session):
        claim = claim_due(session, by="x", until=AT + timedelta(minutes=9), limit=9, at=AT)
    assert [(x.id, x.state) for x in claim.messages] == [
        (ids[0], MessageState.UNKNOWN),
        (ids[1], MessageState.QUEUED),
    ]
    assert _sweep(session).freed == 0


def test_mails_of_a_release_that_is_not_paused_any_more_are_freed(session: Session) -> None:
    queue_notices(session, 2)
    with transaction(session):
        session.execute(update(ReleaseRow).values(sending_paused_at=AT, sending_paused_by="Ada"))
        session.execute(
            update(MessageRow).values(state=MessageState.PAUSED, paused_from=MessageState.DEFERRED)
        )
    assert _sweep(session).freed == 0
    with transaction(session):
        session.execute(update(ReleaseRow).values(sending_paused_at=None))
    assert _sweep(session).freed == 2
    assert _states(session) == ["deferred", "deferred"]


def test_the_state_of_the_outbox(session: Session) -> None:
    ids = queue_notices(session, 3)
    with transaction(session):
        session.execute(
            update(MessageRow).where(MessageRow.id == ids[0]).values(state=MessageState.PARKED)
        )
    state = _sweep(session, timedelta(minutes=59)).state
    assert (state.stuck, state.parked, state.oldest_due_at) == (0, 1, AT)
    assert _sweep(session, timedelta(hours=1)).state.stuck == 2
    with transaction(session):
        mail_queue.pause_queue(session, by="Ada", cause=PauseCause.OPERATOR, note="", at=AT)
    assert _sweep(session, timedelta(hours=1)).state.stuck == 0

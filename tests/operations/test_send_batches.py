"""Between its claim and the storing of the bytes: a runner that stood still loses its mails, and
others count them in the quota."""

from datetime import timedelta

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from subnotify.operations.build_mails import MailBuilder
from subnotify.operations.send_batches import begin_attempts, claim_batch
from subnotify.operations.transaction import transaction
from subnotify.rules.words import MessageState
from subnotify.storage.claims import quota_left
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.tables import AttemptRow, MessageRow, SealedMailRow
from tests.support.outbox import AT, SETTINGS, load_texts, queue_notices

SECOND = timedelta(seconds=1)


def _claim(session: Session, runner: str, at: object) -> list[object]:
    with transaction(session):
        return claim_batch(session, runner=runner, settings=SETTINGS, limit=9, at=at).messages


def test_what_another_runner_has_claimed_since_is_left_to_it(session: Session) -> None:
    queue_notices(session, 3)
    builder = MailBuilder(SETTINGS, load_texts)
    mine = _claim(session, "slow", AT)
    slow = builder.build(session, mine, at=AT)

    later = AT + SETTINGS.lease + SECOND
    theirs = _claim(session, "other", later)
    assert [one.id for one in theirs] == [one.id for one in mine]
    # Nothing had begun: they wait as they did.
    assert {one.state for one in theirs} == {MessageState.QUEUED}
    with transaction(session):
        assert begin_attempts(session, slow, runner="slow", at=later) == []
    assert session.scalar(select(func.count()).select_from(SealedMailRow)) == 0
    assert session.scalar(select(func.count()).select_from(AttemptRow)) == 0
    session.rollback()

    other = builder.build(session, theirs, at=later)
    with transaction(session):
        begun = begin_attempts(session, other, runner="other", at=later)
    assert [mail.message.id for mail in begun] == [one.id for one in theirs]
    stored = dict(session.execute(select(MessageRow.id, MessageRow.message_id_header)).all())
    assert stored == {one.message_id: one.message_id_header for one in other.new}

    # Those that were sealed before are left to whoever holds them as well.
    last = later + SETTINGS.lease + SECOND
    repeated = builder.build(session, _claim(session, "third", last), at=last)
    _claim(session, "fourth", last + SETTINGS.lease + SECOND)
    with transaction(session):
        assert begin_attempts(session, repeated, runner="third", at=last) == []
    attempts = session.execute(select(AttemptRow.message_id, AttemptRow.number)).all()
    assert sorted(attempts) == [(one.id, 1) for one in theirs]


def test_the_quota_counts_mails_whose_attempts_begin_at_that_moment(postgresql_url: str) -> None:
    """PostgreSQL lets another worker commit between two statements; on SQLite it would wait."""
    engine = create_engine_for(postgresql_url)
    make = session_factory(engine)
    with make() as session:
        queue_notices(session, 3)
        mine = _claim(session, "building", AT)
        built = MailBuilder(SETTINGS, load_texts).build(session, mine, at=AT)
    begun: list[int] = []

    def begin_meanwhile(*_given: object) -> None:
        if not begun:
            begun.append(len(mine))
            with make() as other, transaction(other):
                begin_attempts(other, built, runner="building", at=AT)

    with make() as counting:
        event.listen(counting.connection(), "after_cursor_execute", begin_meanwhile)
        assert quota_left(counting, per_hour=10, at=AT) == (7, None)
        assert quota_left(counting, per_hour=10, at=AT) == (7, None)
    assert begun == [3]
    engine.dispose()

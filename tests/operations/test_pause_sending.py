"""Pausing a release or the whole queue: what is held back, what goes on, what comes back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.pause_sending import (
    ReleaseNotSent,
    pause_queue,
    pause_release_sending,
    resume_queue,
    resume_release_sending,
)
from subnotify.operations.send_messages import SendReport, send_messages
from subnotify.operations.serve_anew import serve_anew
from subnotify.operations.sweep_notices import sweep_notices
from subnotify.operations.written_reasons import ReasonMissing
from subnotify.rules.errors import NotFound
from subnotify.rules.words import (
    CaseState,
    MailHost,
    MessagePurpose,
    MessageState,
    NoticeState,
    PauseCause,
)
from subnotify.storage import mail_queue
from subnotify.storage.claims import claim_due
from subnotify.storage.database import session_factory
from subnotify.storage.sending_pauses import hold_back_claimed
from subnotify.storage.tables import (
    CaseRow,
    EvidenceContentRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
)
from tests.operations.desk import PARIS
from tests.support.outbox import AT, SETTINGS, load_texts, message_values, queue_notices
from tests.support.release_world import LEGAL, PUBLISHER, Person, ReleaseWorld
from tests.support.smtp_server import ScriptedSmtpServer

WHY = "A word is wrong"
DAY = timedelta(days=1)


def states(session: Session) -> dict[int, MessageState]:
    session.rollback()
    rows = session.execute(select(MessageRow.id, MessageRow.state).order_by(MessageRow.id))
    return {row.id: MessageState(row.state) for row in rows}


def put(session: Session, message_id: int, state: MessageState, **values: object) -> None:
    session.execute(
        update(MessageRow).where(MessageRow.id == message_id).values(state=state, **values)
    )
    session.commit()


def release_of(session: Session, message_id: int) -> int:
    return session.scalars(
        select(NoticeRow.release_id)
        .join(MessageRow, MessageRow.notice_id == NoticeRow.id)
        .where(MessageRow.id == message_id)
    ).one()


def facts(session: Session, type_: str) -> list[dict[str, object]]:
    rows = session.scalars(
        select(EvidenceContentRow.content)
        .join(EvidenceRow, EvidenceRow.id == EvidenceContentRow.evidence_id)
        .where(EvidenceRow.type == type_)
        .order_by(EvidenceRow.id)
    )
    return [dict(content) for content in rows]


EVERY_STATE = (
    MessageState.QUEUED,
    MessageState.SENDING,
    MessageState.DEFERRED,
    MessageState.UNKNOWN,
    MessageState.REJECTED,
    MessageState.PARKED,
    MessageState.HANDED_OVER,
    MessageState.CANCELLED,
)
HELD = {MessageState.QUEUED, MessageState.DEFERRED, MessageState.UNKNOWN}


@pytest.fixture
def mails(session: Session) -> list[int]:
    """One notice mail in each state; the ids in the order of EVERY_STATE."""
    ids = queue_notices(session, len(EVERY_STATE))
    for message_id, state in zip(ids, EVERY_STATE, strict=True):
        put(session, message_id, state)
    return ids


def test_what_has_not_left_is_held_back_and_comes_back_as_it_was(
    session: Session, mails: list[int]
):
    release_id = release_of(session, mails[0])
    before = states(session)
    held = pause_release_sending(session, release_id, reason=WHY, by=PUBLISHER, at=AT)
    assert held == len(HELD)
    for message_id, state in states(session).items():
        was = before[message_id]
        assert state is (MessageState.PAUSED if was in HELD else was)
    release = session.get_one(ReleaseRow, release_id)
    assert (release.sending_paused_at, release.sending_paused_by) == (AT, "ines")
    freed = resume_release_sending(session, release_id, reason="It is right", by=LEGAL, at=AT + DAY)
    assert freed == len(HELD)
    assert states(session) == before
    session.refresh(release)
    assert (release.sending_paused_at, release.sending_paused_by) == (None, None)
    assert facts(session, "release_sending_paused") == [
        {"reason": WHY, "by": "ines", "messages": len(HELD)}
    ]
    assert facts(session, "release_sending_resumed") == [
        {"reason": "It is right", "by": "marc", "messages": len(HELD)}
    ]


def test_twice_is_once(session: Session, mails: list[int]):
    release_id = release_of(session, mails[0])
    assert resume_release_sending(session, release_id, reason=WHY, by=LEGAL, at=AT) is None
    assert pause_release_sending(session, release_id, reason=WHY, by=LEGAL, at=AT)
    held = states(session)
    again = pause_release_sending(session, release_id, reason=WHY, by=PUBLISHER, at=AT + DAY)
    assert again is None
    assert states(session) == held
    assert session.get_one(ReleaseRow, release_id).sending_paused_at == AT
    assert len(facts(session, "release_sending_paused")) == 1
    assert resume_release_sending(session, release_id, reason=WHY, by=LEGAL, at=AT)
    assert resume_release_sending(session, release_id, reason=WHY, by=LEGAL, at=AT) is None
    assert len(facts(session, "release_sending_resumed")) == 1


def test_other_releases_and_other_mails_go_on(session: Session):
    (first,) = queue_notices(session, 1)
    queue_notices(session, 1)
    notice_id = session.get_one(MessageRow, first).notice_id
    for purpose in MessagePurpose:
        key = f"{purpose}:of-the-first"
        session.add(MessageRow(**message_values(key, purpose=purpose, notice_id=notice_id)))
    session.commit()
    release_id = release_of(session, first)
    held = pause_release_sending(session, release_id, reason=WHY, by=LEGAL, at=AT)
    paused = session.execute(
        select(MessageRow.logical_key, MessageRow.purpose).where(
            MessageRow.state == MessageState.PAUSED
        )
    ).all()
    assert {row.purpose for row in paused} == {"notice", "reminder"}
    assert len(paused) == held == 3
    due = claim_due(session, by="r", until=AT + DAY, limit=50, at=AT).messages
    assert len(due) == len(MessagePurpose) - 2 + 1


def test_nothing_held_back_is_claimed(session: Session, mails: list[int]):
    pause_release_sending(session, release_of(session, mails[0]), reason=WHY, by=LEGAL, at=AT)
    put(session, mails[1], MessageState.SENDING, claimed_by="other", claimed_until_at=AT + 9 * DAY)
    later = AT + 6 * DAY
    assert claim_due(session, by="r", until=later, limit=50, at=later).messages == []


def test_what_is_queued_or_put_off_while_paused_is_held_back_when_claimed(
    session: Session, mails: list[int]
):
    (free,) = set(queue_notices(session, 1)) - set(mails)
    pause_release_sending(session, release_of(session, mails[0]), reason=WHY, by=LEGAL, at=AT)
    # It was under way when the pause came, and its server puts it off.
    put(session, mails[1], MessageState.DEFERRED)
    due = claim_due(session, by="r", until=AT + DAY, limit=50, at=AT).messages
    held = hold_back_claimed(session, {one.id: one.state for one in due}, by="r")
    session.commit()
    assert held == {mails[1]}
    row = session.get_one(MessageRow, mails[1])
    assert (row.state, row.paused_from, row.claimed_by) == ("paused", "deferred", None)
    assert states(session)[free] is MessageState.SENDING
    resume_release_sending(session, release_of(session, mails[0]), reason=WHY, by=LEGAL, at=AT)
    assert states(session)[mails[1]] is MessageState.DEFERRED


def test_served_anew_while_paused_the_former_mail_never_comes_back(
    session: Session, world: ReleaseWorld
):
    world.add_agreement()
    release_id = world.draft([world.add_change()])
    world.approve(release_id)
    world.release(release_id)
    notice = session.scalars(select(NoticeRow)).one()
    (message_id,) = states(session)
    pause_release_sending(session, release_id, reason=WHY, by=LEGAL, at=world.at)
    notice.state = NoticeState.NOT_SERVED
    session.commit()
    serve_anew(session, notice.id, note=WHY, by="marc", actor="operator:2", zone=PARIS, at=world.at)
    resume_release_sending(session, release_id, reason=WHY, by=LEGAL, at=world.at)
    assert states(session)[message_id] is MessageState.CANCELLED


def test_no_window_opens_and_none_closes_while_paused(session: Session, world: ReleaseWorld):
    for _ in range(3):
        world.add_agreement()
    release_id = world.draft([world.add_change()])
    world.approve(release_id)
    world.release(release_id)
    pause_release_sending(session, release_id, reason=WHY, by=LEGAL, at=world.at)
    evidence = session.scalar(select(func.count()).select_from(EvidenceRow))
    for days in (1, 16, 90):
        at = world.at + days * DAY
        sweep_notices(session, legal_email="legal@vendor.example", at=at)
        close_windows(session, at=at)
    cases = session.execute(
        select(CaseRow.state, CaseRow.opens_at, CaseRow.closes_at, CaseRow.outcome)
    ).all()
    assert [tuple(row) for row in cases] == [(CaseState.WAITING, None, None, None)] * 3
    assert set(session.scalars(select(NoticeRow.state))) == {NoticeState.QUEUED}
    assert session.scalar(select(func.count()).select_from(EvidenceRow)) == evidence


@pytest.mark.parametrize("act", [pause_release_sending, resume_release_sending])
def test_refused(session: Session, mails: list[int], act: Callable[..., object]):
    before = states(session)
    with pytest.raises(ReasonMissing):
        act(session, release_of(session, mails[0]), reason=" ", by=LEGAL, at=AT)
    with pytest.raises(NotFound):
        act(session, 4711, reason=WHY, by=LEGAL, at=AT)
    assert states(session) == before


def test_a_draft_has_nothing_to_pause(session: Session, world: ReleaseWorld):
    world.add_agreement()
    release_id = world.draft([world.add_change()])
    with pytest.raises(ReleaseNotSent):
        pause_release_sending(session, release_id, reason=WHY, by=LEGAL, at=AT)


def test_the_whole_queue(session: Session):
    who = {"by": "zoe", "actor": "operator:3"}
    assert not resume_queue(session, reason=WHY, at=AT, **who)
    assert pause_queue(session, reason=WHY, at=AT, **who)
    assert not pause_queue(session, reason="again", at=AT + DAY, **who)
    pause = mail_queue.find_pause(session)
    assert pause is not None
    assert (pause.at, pause.by, pause.cause, pause.note) == (AT, "zoe", PauseCause.OPERATOR, WHY)
    assert resume_queue(session, reason="Mended", at=AT + DAY, **who)
    assert not resume_queue(session, reason="Mended", at=AT + DAY, **who)
    assert mail_queue.find_pause(session) is None
    assert len(facts(session, "mail_queue_paused")) == 1
    (ended,) = facts(session, "mail_queue_resumed")
    assert (ended["reason"], ended["cause"], ended["was"]) == ("Mended", "operator", WHY)


def test_a_person_takes_over_a_pause_for_refused_credentials(session: Session):
    mail_queue.pause_queue(
        session, by="", cause=PauseCause.CREDENTIALS, note="535 no", next_sign_in_at=AT, at=AT
    )
    session.commit()
    assert pause_queue(session, reason=WHY, by="zoe", actor="operator:3", at=AT + DAY)
    pause = mail_queue.find_pause(session)
    assert pause is not None
    # It would have ended by itself with the first sign-in that works.
    assert (pause.cause, pause.next_sign_in_at) == (PauseCause.OPERATOR, None)
    assert facts(session, "mail_queue_paused")[0]["was_paused_by"] == "credentials"


@pytest.fixture
def world(session: Session, at: datetime) -> ReleaseWorld:
    return ReleaseWorld(session, at=at)


def test_windows_open_with_the_mail_that_left_after_the_pause(
    engine: Engine, session: Session, world: ReleaseWorld, smtp_server: ScriptedSmtpServer
):
    for number in range(4):
        world.add_agreement(people=[Person(address=f"dpo{number}@client.example")])
    release_id = world.draft([world.add_change()])
    world.approve(release_id)
    world.release(release_id)
    pause_release_sending(session, release_id, reason=WHY, by=LEGAL, at=world.at)
    assert send(engine, smtp_server, world.at).handed_over == 0
    assert smtp_server.mails == []
    later = world.at + 30 * DAY
    close_windows(session, at=later)
    resume_release_sending(session, release_id, reason=WHY, by=LEGAL, at=later)
    assert send(engine, smtp_server, later).handed_over == 4
    assert len({mail.recipient for mail in smtp_server.mails}) == len(smtp_server.mails) == 4
    rows = session.execute(select(CaseRow.state, CaseRow.opens_at, CaseRow.closes_at)).all()
    assert {row.state for row in rows} == {CaseState.OPEN}
    assert all(row.opens_at >= later and row.closes_at >= later + 15 * DAY for row in rows)
    # Once it has left, a pause changes nothing.
    assert pause_release_sending(session, release_id, reason=WHY, by=LEGAL, at=later) == 0
    assert set(states(session).values()) == {MessageState.HANDED_OVER}


def send(engine: Engine, server: ScriptedSmtpServer, at: datetime) -> SendReport:
    smtp = SmtpSettings(server.host, server.port, Security.NONE)
    return send_messages(
        session_factory(engine),
        open_courier=lambda: SmtpConnection(smtp),
        load_texts=load_texts,
        settings=replace(SETTINGS, mail_host=MailHost.RECIPIENT_SERVER),
        runner="test",
        clock=lambda: at,
    )

"""What a withdrawn change, or an ended agreement, does to mails that have not left."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.orm import Session

from subnotify.delivery.smtp import SmtpConnection
from subnotify.operations import cancel_overtaken
from subnotify.operations.end_agreement import end_agreement
from subnotify.operations.pause_sending import pause_release_sending, resume_release_sending
from subnotify.operations.postpone_commencement import postpone_commencement
from subnotify.operations.record_delivery_events import record_delivery_events
from subnotify.operations.serve_anew import NothingToServeAnew, serve_anew
from subnotify.operations.transaction import transaction
from subnotify.rules.delivery_events import ReportedEvent
from subnotify.rules.words import (
    CaseState,
    ContactKind,
    DeliveryEventKind,
    EventSource,
    MessagePurpose,
    MessageState,
    NoticeState,
    Outcome,
    ResponseChannel,
    ResponseKind,
    ResponseState,
    SettlementKind,
)
from subnotify.storage.tables import (
    AttemptRow,
    CaseRow,
    MessageRow,
    NoticeRow,
    ReleaseRow,
    ResponseRow,
    SealedMailRow,
    SettlementRow,
)
from tests.operations.test_reminder_mails import words_of
from tests.support.release_outbox import DIRECT, WHY, Outbox
from tests.support.release_world import LEGAL, PARIS, PUBLISHER, ReleaseWorld
from tests.support.smtp_server import ScriptedSmtpServer

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def outbox(
    engine: Engine, session: Session, at: datetime, smtp_server: ScriptedSmtpServer
) -> Outbox:
    world = ReleaseWorld(session, at=at)
    return Outbox(engine, world, smtp_server)


def assert_nothing_more_leaves(outbox: Outbox, known: int = 0) -> None:
    """However often the jobs run: no notice, no alarm, and nothing that waits for a person."""
    for _ in range(3):
        outbox.at += 2 * DAY
        outbox.sweep()
        outbox.send()
    assert len(outbox.server.mails) == known
    assert MessagePurpose.DELIVERY_ALARM not in outbox.purposes()
    assert set(outbox.states()) <= {MessageState.CANCELLED, MessageState.HANDED_OVER}


def test_paused_withdrawn_resumed_drained_nothing_is_sent(outbox: Outbox):
    release_id, (change_id,) = outbox.release(people=2, agreements=3)
    session = outbox.world.session
    pause_release_sending(session, release_id, reason=WHY, by=PUBLISHER, at=outbox.at)
    assert outbox.withdraw(release_id, change_id) == 3
    assert outbox.states() == [MessageState.CANCELLED] * 6
    assert outbox.outcomes() == [Outcome.CHANGE_WITHDRAWN] * 3
    resume_release_sending(session, release_id, reason=WHY, by=LEGAL, at=outbox.at)
    assert_nothing_more_leaves(outbox)
    # Nobody heard of the change, so nobody is told that it was withdrawn.
    assert outbox.purposes() == {MessagePurpose.NOTICE: 6}
    for notice in outbox.notices():
        assert notice.state == NoticeState.NOT_SERVED
        assert notice.failure == cancel_overtaken.CHANGE_WITHDRAWN
    assert outbox.outcomes() == [Outcome.CHANGE_WITHDRAWN] * 3
    cancelled = outbox.facts("message_cancelled")
    assert len(cancelled) == 6
    assert {x["was"] for x in cancelled} == {MessageState.PAUSED}
    assert not any(x["may_have_arrived"] for x in cancelled)
    with pytest.raises(NothingToServeAnew):
        serve_anew(
            session,
            outbox.notices()[0].id,
            note=WHY,
            by="marc",
            actor="operator:2",
            zone=PARIS,
            at=outbox.at,
        )


@pytest.mark.parametrize(
    "state", [MessageState.QUEUED, MessageState.DEFERRED, MessageState.UNKNOWN, MessageState.PARKED]
)
def test_what_has_not_left_is_cancelled(outbox: Outbox, state: MessageState):
    release_id, (change_id,) = outbox.release(agreements=2)
    outbox.put(state, last_reply="as it was", next_attempt_at=outbox.at + HOUR)
    outbox.withdraw(release_id, change_id)
    assert outbox.states() == [MessageState.CANCELLED] * 2
    assert [x["was"] for x in outbox.facts("message_cancelled")] == [state] * 2
    assert [x["reply"] for x in outbox.facts("message_cancelled")] == ["as it was"] * 2
    assert_nothing_more_leaves(outbox)


@pytest.mark.parametrize("state", [MessageState.REJECTED, MessageState.HANDED_OVER])
def test_what_has_ended_stays_as_it_ended(outbox: Outbox, state: MessageState):
    release_id, (change_id,) = outbox.release()
    outbox.put(state, next_attempt_at=None)
    outbox.withdraw(release_id, change_id)
    assert outbox.states() == [state]
    assert outbox.facts("message_cancelled") == []


def test_who_got_the_notice_is_told_and_nobody_else(outbox: Outbox):
    release_id, (change_id,) = outbox.release(agreements=3)
    outbox.server.answer("rcpt", 451, "later", address="dpo1-0@client.example")
    outbox.server.drop("final_dot", address="dpo2-0@client.example")
    outbox.send()
    assert outbox.states() == ["handed_over", "deferred", "unknown"]
    outbox.server.forget_rules()
    outbox.withdraw(release_id, change_id)
    assert outbox.states() == ["handed_over", "cancelled", "cancelled"]
    before = len(outbox.server.mails)
    outbox.at += DAY
    outbox.send()
    # The unknown one may have arrived: it is not repeated, but its client is told.
    told = [mail.recipient for mail in outbox.server.mails[before:]]
    assert sorted(told) == ["dpo0-0@client.example", "dpo2-0@client.example"]
    assert all(
        "The change was withdrawn" in words_of(mail.parsed) for mail in outbox.server.mails[before:]
    )
    in_doubt = [x["may_have_arrived"] for x in outbox.facts("message_cancelled")]
    assert in_doubt == [False, True]
    assert [x.failure for x in outbox.notices()][1:] == [
        cancel_overtaken.CHANGE_WITHDRAWN,
        cancel_overtaken.WITHDRAWN_IN_DOUBT,
    ]
    assert_nothing_more_leaves(outbox, known=before + 2)


def test_one_contact_that_has_it_is_enough_for_all_to_be_told(outbox: Outbox):
    release_id, (change_id,) = outbox.release(people=2)
    outbox.server.answer("rcpt", 451, "later", address="dpo0-1@client.example")
    outbox.send()
    outbox.server.forget_rules()
    outbox.withdraw(release_id, change_id)
    assert outbox.states() == ["handed_over", "cancelled"]
    assert outbox.purposes()[MessagePurpose.WITHDRAWN] == 2
    assert outbox.notices()[0].state == NoticeState.NOT_SERVED
    assert_nothing_more_leaves(outbox, known=3)


def test_an_unknown_one_that_had_arrived_is_handed_over_and_serves(outbox: Outbox):
    release_id, (change_id,) = outbox.release()
    outbox.server.drop("final_dot")
    outbox.send()
    outbox.withdraw(release_id, change_id)
    with outbox.sessions() as session:
        message_id, header = session.execute(
            select(MessageRow.id, MessageRow.message_id_header).where(
                MessageRow.purpose == MessagePurpose.NOTICE
            )
        ).one()
        session.rollback()
        told = ReportedEvent(
            external_id="e1",
            kind=DeliveryEventKind.DELIVERED,
            happened_at=outbox.at,
            message_id=message_id,
            message_id_header=header,
            host="mx.client.example",
        )
        record_delivery_events(
            session,
            [told],
            source=EventSource.WEBHOOK,
            actor="relay",
            legal_email=DIRECT.legal_email,
            at=outbox.at + HOUR,
        )
    assert outbox.states() == [MessageState.HANDED_OVER]
    assert outbox.notices()[0].state == NoticeState.SERVED
    assert outbox.outcomes() == [Outcome.CHANGE_WITHDRAWN]


@pytest.mark.parametrize(
    ("code", "becomes", "notice"),
    [
        (250, MessageState.HANDED_OVER, NoticeState.SERVED),
        (451, MessageState.CANCELLED, NoticeState.NOT_SERVED),
        (550, MessageState.REJECTED, NoticeState.NOT_SERVED),
    ],
)
def test_withdrawn_while_a_mail_is_under_way(
    outbox: Outbox, code: int, becomes: MessageState, notice: NoticeState
):
    release_id, (change_id,) = outbox.release()
    outbox.server.answer("rcpt", code, "told so", address="dpo0-0@client.example", times=1)
    begun = threading.Event()

    class Slow(SmtpConnection):
        def deliver(self, envelope, raw):  # type: ignore[no-untyped-def]
            if not begun.is_set():
                begun.set()
                outbox.withdraw(release_id, change_id)
                assert outbox.states() == [MessageState.SENDING]
            return super().deliver(envelope, raw)

    outbox.send(lambda: Slow(outbox.smtp()))
    outbox.at += DAY
    outbox.sweep()
    outbox.send()
    outbox.sweep()
    assert outbox.states() == [becomes]
    assert outbox.notices()[0].state == notice
    assert MessagePurpose.DELIVERY_ALARM not in outbox.purposes()
    # It was under way, so it may have arrived: the client is told that it no longer holds.
    assert outbox.states(MessagePurpose.WITHDRAWN) == [MessageState.HANDED_OVER]
    assert outbox.outcomes() == [Outcome.CHANGE_WITHDRAWN]


def test_withdrawn_while_a_killed_worker_held_the_mails(outbox: Outbox):
    release_id, (change_id,) = outbox.release(agreements=3)
    assert outbox.claim() == 3
    outbox.withdraw(release_id, change_id)
    assert outbox.states() == [MessageState.SENDING] * 3
    outbox.at += HOUR  # past the lease
    report = outbox.send()
    # Named unknown, as ever, and not repeated.
    assert (report.repeated, report.handed_over) == (3, 3)
    assert outbox.states() == [MessageState.CANCELLED] * 3
    assert outbox.states(MessagePurpose.WITHDRAWN) == [MessageState.HANDED_OVER] * 3
    assert all(x["may_have_arrived"] for x in outbox.facts("message_cancelled"))
    assert_nothing_more_leaves(outbox, known=3)
    assert {x.state for x in outbox.notices()} == {NoticeState.NOT_SERVED}


def test_withdrawing_waits_for_who_claims_the_mail(outbox: Outbox):
    release_id, (change_id,) = outbox.release()
    done = threading.Event()

    def withdraw() -> None:
        outbox.withdraw(release_id, change_id)
        done.set()

    with outbox.sessions() as session:
        with transaction(session):
            messages = outbox.claim_within(session)
            assert len(messages) == 1
            other = threading.Thread(target=withdraw)
            other.start()
            assert not done.wait(0.3)
        other.join(30)
        assert done.is_set()
        # It is being built now, so its client is told as well.
        assert outbox.states() == [MessageState.SENDING]
        assert outbox.states(MessagePurpose.WITHDRAWN) == [MessageState.QUEUED]
        outbox.begin(session, messages)
    assert outbox.states() == [MessageState.SENDING]
    outbox.at += HOUR
    outbox.send()
    assert outbox.states() == [MessageState.CANCELLED]
    assert [x["may_have_arrived"] for x in outbox.facts("message_cancelled")] == [True]


def test_a_worker_killed_before_it_began_left_nothing_in_doubt(outbox: Outbox):
    release_id, (change_id,) = outbox.release()
    with outbox.sessions() as session, transaction(session):
        assert len(outbox.claim_within(session)) == 1
    outbox.withdraw(release_id, change_id)
    outbox.at += HOUR
    outbox.send()
    assert outbox.states() == [MessageState.CANCELLED]
    assert [x["may_have_arrived"] for x in outbox.facts("message_cancelled")] == [False]
    assert_nothing_more_leaves(outbox, known=1)


def test_other_changes_of_the_notice_are_announced_and_the_withdrawn_one_is_named(
    outbox: Outbox,
):
    release_id, (first, second) = outbox.release("orage", "tempete")
    outbox.withdraw(release_id, first)
    assert outbox.states() == [MessageState.QUEUED]
    # The notice itself says it: no mail about the end of what was not announced before it.
    assert outbox.send().handed_over == 1
    (mail,) = outbox.server.mails
    words = words_of(mail.parsed)
    assert "Of the same release, and withdrawn since: Orage will be added for Mail." in words
    assert words.startswith("Notice of a change of subprocessor ")
    assert words.count("Orage will be added") == 1
    assert words.count("Tempete will be added") == 2  # in the list, and over its facts
    assert outbox.purposes() == {MessagePurpose.NOTICE: 1}
    assert outbox.outcomes() == [Outcome.CHANGE_WITHDRAWN, None]
    # Then the other one too, which the client knows of now.
    outbox.withdraw(release_id, second)
    assert outbox.purposes() == {MessagePurpose.NOTICE: 1, MessagePurpose.WITHDRAWN: 1}
    assert outbox.outcomes() == [Outcome.CHANGE_WITHDRAWN] * 2


def test_sealed_bytes_go_out_as_they_are_and_the_client_is_told(outbox: Outbox):
    release_id, (first, _) = outbox.release("orage", "tempete")
    outbox.server.answer("rcpt", 451, "later", times=1)
    outbox.send()
    assert outbox.states() == [MessageState.DEFERRED]
    outbox.withdraw(release_id, first)
    assert outbox.states() == [MessageState.DEFERRED]
    assert outbox.purposes()[MessagePurpose.WITHDRAWN] == 1
    with outbox.sessions() as session:
        digest = session.scalars(select(SealedMailRow.digest)).one()
    outbox.at += DAY
    assert outbox.send().handed_over == 2
    notice = next(m for m in outbox.server.mails if "Notice of" in words_of(m.parsed))
    assert "withdrawn since" not in words_of(notice.parsed)
    sent = [x for x in outbox.facts("message_handed_over") if x["purpose"] == "notice"]
    assert [x["mail_sha256"] for x in sent] == [digest]


def test_the_last_change_that_stood_takes_the_notice_with_it(outbox: Outbox):
    release_id, changes = outbox.release("orage", "tempete", agreements=2)
    for change_id in changes:
        outbox.withdraw(release_id, change_id)
    assert outbox.outcomes() == [Outcome.CHANGE_WITHDRAWN] * 4
    assert outbox.purposes() == {MessagePurpose.NOTICE: 2}
    assert_nothing_more_leaves(outbox)


def test_a_termination_stands_and_its_notice_still_goes_out(outbox: Outbox):
    release_id, (change_id,) = outbox.release(agreements=2)
    terminate(outbox)
    outbox.withdraw(release_id, change_id)
    assert outbox.outcomes() == [None, Outcome.CHANGE_WITHDRAWN]
    assert outbox.states() == [MessageState.QUEUED, MessageState.CANCELLED]
    assert outbox.send().handed_over == 2
    # Its day may hang on the window that the notice opens; it says that nothing will come. A mail
    # of its own says that the termination stands.
    said = [words_of(mail.parsed) for mail in outbox.server.mails]
    words = next(x for x in said if x.startswith("Notice of"))
    told = next(x for x in said if not x.startswith("Notice of"))
    assert "A termination that you have declared because of this change stands." in told
    assert "Of the same release, and withdrawn since: Orage" in words
    assert outbox.outcomes() == [None, Outcome.CHANGE_WITHDRAWN]
    with outbox.sessions() as session:
        assert session.scalars(select(CaseRow.state).order_by(CaseRow.id)).first() == (
            CaseState.OBJECTED
        )


def terminate(outbox: Outbox) -> None:
    """The first client has terminated by letter."""
    with outbox.sessions() as session, transaction(session):
        case = session.scalars(select(CaseRow).order_by(CaseRow.id)).first()
        assert case is not None
        objection = ResponseRow(
            reference="R-1",
            notice_id=case.notice_id,
            case_id=case.id,
            kind=ResponseKind.OBJECTION,
            channel=ResponseChannel.REGISTERED_POST,
            state=ResponseState.EFFECTIVE,
            received_at=outbox.at,
            digest="0" * 64,
        )
        session.add(objection)
        session.flush()
        session.add(
            SettlementRow(
                case_id=case.id,
                response_id=objection.id,
                kind=SettlementKind.TERMINATED,
                takes_effect_on=outbox.at.date() + timedelta(days=40),
                decided_at=outbox.at,
                decided_by="marc",
            )
        )


def test_reminders_and_mails_about_a_later_day_are_cancelled(outbox: Outbox):
    release_id, (change_id,) = outbox.release()
    outbox.send()
    outbox.at += DAY
    with outbox.sessions() as session, transaction(session):
        notice = session.scalars(select(NoticeRow)).one()
        session.add(reminder(session, notice.id, outbox.at))
    later = (outbox.at + timedelta(days=90)).date()
    with outbox.sessions() as session:
        postpone_commencement(
            session, release_id, change_id, later, reason=WHY, by=LEGAL, at=outbox.at
        )
    outbox.withdraw(release_id, change_id)
    assert outbox.states(MessagePurpose.REMINDER) == [MessageState.CANCELLED]
    assert outbox.states(MessagePurpose.POSTPONED) == [MessageState.CANCELLED]
    assert outbox.send().handed_over == 1
    assert "The change was withdrawn" in words_of(outbox.server.mails[-1].parsed)
    assert outbox.notices()[0].state == NoticeState.SERVED


def reminder(session: Session, notice_id: int, at: datetime) -> MessageRow:
    mail = session.scalars(select(MessageRow).where(MessageRow.notice_id == notice_id)).one()
    return MessageRow(
        logical_key=f"reminder:{notice_id}:1",
        purpose=MessagePurpose.REMINDER,
        channel=mail.channel,
        notice_id=notice_id,
        contact_id=mail.contact_id,
        contact_kind=ContactKind.NOTICE,
        to_address=mail.to_address,
        language="en",
        state=MessageState.QUEUED,
        queued_at=at,
        next_attempt_at=at,
    )


def test_the_end_of_an_agreement_ends_its_mails_too(outbox: Outbox):
    outbox.release(agreements=2)
    outbox.at += 2 * DAY
    with outbox.sessions() as session:
        agreement_id = session.scalars(select(NoticeRow.agreement_id)).first()
        assert agreement_id is not None
        end_agreement(
            session,
            agreement_id,
            (outbox.at - DAY).date(),
            note="Ended by both.",
            by="marc",
            actor="operator:2",
            at=outbox.at,
            zone=PARIS,
        )
    assert outbox.outcomes() == [Outcome.AGREEMENT_ENDED, None]
    outbox.send()
    outbox.sweep()
    assert [mail.recipient for mail in outbox.server.mails] == ["dpo1-0@client.example"]
    assert outbox.states() == [MessageState.CANCELLED, MessageState.HANDED_OVER]
    assert outbox.purposes() == {MessagePurpose.NOTICE: 2}
    assert outbox.notices()[0].failure == cancel_overtaken.AGREEMENT_ENDED


def test_what_a_sweep_finds_missing_of_a_withdrawn_notice_stays_away(outbox: Outbox):
    release_id, (change_id,) = outbox.release()
    outbox.claim()
    outbox.withdraw(release_id, change_id)
    # The notice still counts as on its way: a mail of it is.
    with outbox.sessions() as session, transaction(session):
        session.execute(update(MessageRow).values(contact_id=None))
    outbox.sweep()
    assert outbox.purposes()[MessagePurpose.NOTICE] == 1


def test_withdrawing_a_large_release_takes_no_statement_for_each_mail(
    outbox: Outbox, engine: Engine
):
    def statements(agreements: int) -> int:
        with outbox.sessions() as session:
            changes = session.scalar(select(func.count()).select_from(ReleaseRow)) or 0
        release_id, (change_id,) = outbox.release(f"key{changes}", agreements=agreements)
        ran: list[str] = []

        def count(_c, _cursor, statement, _p, _x, _many):  # type: ignore[no-untyped-def]
            ran.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        try:
            outbox.withdraw(release_id, change_id)
        finally:
            event.remove(engine, "before_cursor_execute", count)
        return len(ran)

    statements(1)
    assert statements(2) == statements(30)


def test_attempts_stay_on_record(outbox: Outbox):
    release_id, (change_id,) = outbox.release()
    outbox.server.drop("final_dot")
    outbox.send()
    outbox.withdraw(release_id, change_id)
    with outbox.sessions() as session:
        assert session.scalars(select(AttemptRow.result)).all() == ["unknown"]

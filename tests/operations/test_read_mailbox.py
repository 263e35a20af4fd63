"""The mailbox over IMAP: nothing missed, nothing doubled, nothing changed, and when it fails."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from subnotify.delivery.imap_mailbox import ImapMailbox, MailboxFailure
from subnotify.delivery.mail_settings import ImapSettings
from subnotify.delivery.smtp_settings import Security
from subnotify.operations import read_mailbox as module
from subnotify.operations.close_windows import close_windows
from subnotify.operations.file_mail import file_mail
from subnotify.operations.read_mailbox import (
    ReadingReport,
    places_of,
    read_mailbox,
    take_up_places,
)
from subnotify.rules.words import CaseState, FiledAs, HoldReason
from subnotify.storage.database import session_factory
from subnotify.storage.mail_readings import find_read_until
from subnotify.storage.tables import IncomingMailRow, MailboxReadingRow
from tests.operations.desk import LEGAL, case_of, standing_of
from tests.support.imap_server import ScriptedImapServer
from tests.support.returned import RETURN, automatic_reply, reply_to
from tests.support.scenario import FIFTEEN, Scenario
from tests.support.smtp_server import TlsPair

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def server() -> Iterator[ScriptedImapServer]:
    with ScriptedImapServer() as made:
        yield made


def settings_for(server: ScriptedImapServer, **changed: object) -> ImapSettings:
    values = {
        "host": server.host,
        "port": server.port,
        "username": "notices",
        "password": "secret",
        "security": Security.NONE,
        "timeout_seconds": 10.0,
        **changed,
    }
    return ImapSettings(**values)  # type: ignore[arg-type]


def read(
    engine: Engine, imap: ImapSettings, at: datetime = AT, tls: TlsPair | None = None
) -> ReadingReport:
    factory = session_factory(engine)
    with factory() as session:
        take_up_places(session, list(places_of(imap)))
    context = tls.client if tls else None
    return read_mailbox(
        factory,
        imap=imap,
        open_mailbox=lambda: ImapMailbox(imap, tls_context=context),
        settings=RETURN,
        clock=lambda: at,
    )


def plain(number: int) -> bytes:
    return f"From: a@b.example\nSubject: Mail {number}\n\nText {number}\n".encode()


def subjects(engine: Engine) -> list[str]:
    with session_factory(engine)() as session:
        return list(session.scalars(select(IncomingMailRow.subject).order_by(IncomingMailRow.id)))


def reading(engine: Engine) -> MailboxReadingRow:
    with session_factory(engine)() as session:
        row = session.scalars(select(MailboxReadingRow)).one()
        session.expunge(row)
        return row


def test_new_mails_are_stored_and_the_rest_is_not_asked_for(engine, server):
    for number in range(3):
        server.add(plain(number), AT - HOUR)
    report = read(engine, settings_for(server))
    assert (report.stored, report.failures) == (3, [])
    assert subjects(engine) == ["Mail 0", "Mail 1", "Mail 2"]
    row = reading(engine)
    assert (row.uid_validity, row.last_uid, row.read_until_at) == (1, 3, AT)
    server.lines.clear()
    server.add(plain(3), AT)
    assert read(engine, settings_for(server), AT + HOUR).stored == 1
    assert not [line for line in server.lines if "FETCH 1" in line]
    with session_factory(engine)() as session:
        received = session.scalars(select(IncomingMailRow.received_at)).all()
        places = session.scalars(select(IncomingMailRow.place)).all()
    assert set(received) == {AT - HOUR, AT} and places[0] == "INBOX:1"


def test_a_mail_of_no_octets_is_none_that_is_gone(engine, session, server):
    """It waits for a person like whatever else cannot be read."""
    for raw in (b"", b'Subject: "quoted"', plain(1)):
        server.add(raw, AT - HOUR)
    assert read(engine, settings_for(server)).stored == 3
    assert subjects(engine) == ["", '"quoted"', "Mail 1"]
    empty = session.scalars(select(IncomingMailRow).where(IncomingMailRow.subject == "")).one()
    assert empty.filed_at is None and "could not be read" in empty.reason


def test_other_numbers_are_read_again_and_stored_once(engine, server):
    for number in range(3):
        server.add(plain(number), AT - HOUR)
    read(engine, settings_for(server))
    server.folders["INBOX"].mails.pop(0)
    server.add(plain(9), AT)
    server.renumber()
    read(engine, settings_for(server), AT + HOUR)
    assert subjects(engine) == ["Mail 0", "Mail 1", "Mail 2", "Mail 9"]
    assert (reading(engine).uid_validity, reading(engine).last_uid) == (2, 3)


def test_a_mailbox_down_over_a_deadline_holds_silence(engine, session, server, at):
    scenario = Scenario(session, at=at)
    announced, other = scenario.announce(preset=FIFTEEN), scenario.announce(preset=FIFTEEN)
    case = case_of(session, announced.case_ids[0])
    imap = settings_for(server)
    read(engine, imap, at)
    server.is_down = True
    server.add(reply_to(announced, "We object."), case.closes_at - timedelta(minutes=5))
    for days in range(3):
        report = read(engine, imap, case.silence_after_at + days * DAY)
        assert report.failures
    row = reading(engine)
    assert row.read_until_at == at
    assert (row.failing_since_at, row.tried_at) == (
        case.silence_after_at,
        case.silence_after_at + 2 * DAY,
    )
    late = case.silence_after_at + 3 * DAY
    close_windows(session, at=late)
    for case_id in (case.id, *other.case_ids):
        assert standing_of(session, case_id) == (
            CaseState.HOLD,
            [HoldReason.REPLIES_NOT_READ],
            None,
        )
    server.is_down = False
    assert read(engine, imap, late).failures == []
    assert (reading(engine).failing_since_at, reading(engine).failure) == (None, "")
    close_windows(session, at=late)
    assert standing_of(session, other.case_ids[0])[0] is CaseState.CLOSED
    assert standing_of(session, case.id) == (CaseState.HOLD, [HoldReason.REPLY_WAITS], None)
    mail_id = session.scalar(select(IncomingMailRow.id))
    session.rollback()
    file_mail(
        session,
        mail_id,
        FiledAs.OBJECTION,
        announced.case_ids,
        legal_email="legal@vendor.example",
        at=late,
        **LEGAL,
    )
    assert standing_of(session, case.id) == (CaseState.OBJECTED, [], None)


def test_a_poison_mail_stops_nobody_else(engine, server):
    for number in range(5):
        server.add(plain(number), AT)
    server.refuse = ["FETCH 3 (UID INTERNALDATE", "FETCH 1,2,3,4,5 (UID INTERNALDATE"]
    report = read(engine, settings_for(server))
    assert report.failures == ["the mail 3 in the folder INBOX cannot be stored: “told so”"]
    assert subjects(engine) == ["Mail 0", "Mail 1", "Mail 3", "Mail 4"]
    row = reading(engine)
    # Not everything is in: the machine vouches for nothing, and says so.
    assert (row.read_until_at, row.failing_since_at, row.last_uid) == (None, AT, 0)
    server.refuse = []
    assert read(engine, settings_for(server), AT + HOUR).failures == []
    assert sorted(subjects(engine)) == [f"Mail {x}" for x in range(5)]
    assert (reading(engine).read_until_at, reading(engine).last_uid) == (AT + HOUR, 5)


def test_a_lost_connection_keeps_what_was_stored(engine, server, monkeypatch):
    monkeypatch.setattr(module, "MAILS_AT_ONCE", 2)
    for number in range(5):
        server.add(plain(number), AT)
    server.drop_at = ["FETCH 3,4 (UID INTERNALDATE"]
    report = read(engine, settings_for(server))
    assert report.stored == 2 and report.failures
    assert (reading(engine).last_uid, reading(engine).read_until_at) == (2, None)
    server.drop_at = []
    read(engine, settings_for(server), AT + HOUR)
    assert subjects(engine) == [f"Mail {x}" for x in range(5)]


def test_killed_between_the_store_and_the_mark(engine, server, monkeypatch):
    server.add(plain(0), AT)

    class Killed(BaseException):
        pass

    def kill(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, "note_read_up_to", kill)
        with pytest.raises(Killed):
            read(engine, settings_for(server))
    assert subjects(engine) == ["Mail 0"]
    assert (reading(engine).last_uid, reading(engine).read_until_at) == (0, None)
    read(engine, settings_for(server), AT + HOUR)
    assert subjects(engine) == ["Mail 0"]
    assert reading(engine).last_uid == 1


def test_a_mail_moved_while_it_reads_is_found(engine, server):
    server.folders["Junk"] = type(server.folders["INBOX"])()
    server.add(plain(0), AT)
    imap = settings_for(server, folders=("Junk", "INBOX"))

    def move(line: str) -> None:
        # Junk was looked at first; now the mail goes there, out of sight.
        if "EXAMINE INBOX" in line.replace('"', "") and server.folders["INBOX"].mails:
            server.move(1, "INBOX", "Junk")

    server.on_line = move
    read(engine, imap)
    assert subjects(engine) == ["Mail 0"]


def test_a_clock_that_is_ahead_dates_nothing_into_the_future(engine, server):
    server.add(plain(0), AT + DAY)
    read(engine, settings_for(server))
    with session_factory(engine)() as session:
        assert session.scalar(select(IncomingMailRow.received_at)) == AT


def test_the_trace_of_our_server_is_earlier_than_the_folder(engine, server):
    trace = b"Received: from a.example by mx.vendor.example; Wed, 04 Mar 2026 08:00:00 +0000\n"
    server.add(trace + plain(0), AT)
    read(engine, settings_for(server))
    with session_factory(engine)() as session:
        assert session.scalar(select(IncomingMailRow.received_at)) == AT - 4 * HOUR


def test_a_large_mail_is_kept_by_its_header(engine, session, server, at, monkeypatch):
    announced = Scenario(session, at=at).announce()
    monkeypatch.setattr(module, "LARGEST_READ", 2_000)
    server.add(reply_to(announced, "We object. " + "x" * 900 * 3), at + DAY)
    server.add(automatic_reply(announced), at + DAY)
    read(engine, settings_for(server), at + 2 * DAY)
    rows = session.scalars(select(IncomingMailRow).order_by(IncomingMailRow.filed_at)).all()
    (large,) = [row for row in rows if row.filed_at is None]
    assert "large" in large.reason and large.notice_id == announced.notice_id
    session.rollback()
    assert standing_of(session, announced.case_ids[0])[1] == [HoldReason.REPLY_WAITS]
    assert reading(engine).last_uid == 2


def test_a_missing_folder_stops_the_mark_and_not_the_other_folder(engine, server):
    server.add(plain(0), AT)
    imap = settings_for(server, folders=("Gone", "INBOX"))
    report = read(engine, imap)
    assert subjects(engine) == ["Mail 0"] and len(report.failures) == 1
    with session_factory(engine)() as session:
        assert find_read_until(session) is None
    # No longer configured: its row must not stand still for ever.
    read(engine, settings_for(server), AT + HOUR)
    with session_factory(engine)() as session:
        assert session.scalar(select(func.count()).select_from(MailboxReadingRow)) == 1
        # The untied mail still waits for a person.
        assert find_read_until(session) == AT


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_over_tls(sqlite_url, tls_pair, security):
    from subnotify.storage.database import create_engine_for

    engine = create_engine_for(sqlite_url)
    is_tls = security is Security.TLS
    with ScriptedImapServer(tls_context=tls_pair.server, implicit_tls=is_tls) as server:
        server.add(plain(0), AT)
        imap = settings_for(server, security=security)
        assert read(engine, imap, tls=tls_pair).failures == []
        # Without its authority the certificate is refused.
        assert "certificate" in read(engine, imap).failures[0].lower()
    engine.dispose()


def test_a_stripped_starttls_says_nothing_in_the_clear() -> None:
    with ScriptedImapServer(offer_starttls=False) as server:
        imap = settings_for(server, security=Security.STARTTLS)
        with pytest.raises(MailboxFailure), ImapMailbox(imap):
            pass
        assert not [line for line in server.lines if "LOGIN" in line]


def test_sign_in_by_token_and_its_failures(server, tmp_path: Path) -> None:
    script = tmp_path / "token.py"
    script.write_text("import sys; print(sys.argv[1]); sys.exit(int(sys.argv[2]))")
    command = f"'{sys.executable}' '{script}'"

    def enter(arguments: str) -> None:
        with ImapMailbox(
            settings_for(server, password=None, token_command=f"{command} {arguments}")
        ) as mailbox:
            assert mailbox.open_folder("INBOX") == 1

    enter("token 0")
    with pytest.raises(MailboxFailure, match="sign-in"):
        enter("expired 0")
    # What it printed may be a token: it is never repeated.
    with pytest.raises(MailboxFailure, match="ended with 3") as failure:
        enter("half-a-token 3")
    assert "half-a-token" not in str(failure.value)
    with (
        pytest.raises(MailboxFailure, match="cannot run"),
        ImapMailbox(settings_for(server, password=None, token_command="/absent/command; true")),
    ):
        pass
    with (
        pytest.raises(MailboxFailure, match="sign-in") as failure,
        ImapMailbox(settings_for(server, password="wrong-secret")),
    ):
        pass
    assert "wrong-secret" not in str(failure.value)

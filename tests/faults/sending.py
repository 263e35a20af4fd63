"""Sending from this process under a clock that the test moves: what the fault tests share."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings
from subnotify.operations.build_mails import OutboxSettings
from subnotify.operations.send_messages import SendReport, send_messages
from subnotify.rules.words import MessageState
from subnotify.storage.database import session_factory
from subnotify.storage.tables import AttemptRow, MessageRow
from tests.support.fault_checks import Arrived, check_fault
from tests.support.outbox import AT, SETTINGS, load_texts, queue_notices
from tests.support.smtp_server import ScriptedSmtpServer

# Tests wait for no pause between connections.
QUICK = replace(SETTINGS, reconnect_pause=timedelta(0))
_OPEN = (MessageState.QUEUED, MessageState.DEFERRED, MessageState.UNKNOWN, MessageState.SENDING)


@dataclass
class Outbox:
    """The outbox of one database, sent to one scripted server."""

    engine: Engine
    server: ScriptedSmtpServer
    at: datetime = AT
    settings: OutboxSettings = QUICK
    timeout_seconds: float = 2
    mails: int = field(init=False, default=0)

    def queue(self, number: int) -> None:
        self.mails = number
        with session_factory(self.engine)() as session:
            queue_notices(session, number)

    def send(self, *, runner: str = "test", smtp: SmtpSettings | None = None) -> SendReport:
        used = smtp or SmtpSettings(
            self.server.host,
            self.server.port,
            Security.NONE,
            timeout_seconds=self.timeout_seconds,
        )
        return send_messages(
            session_factory(self.engine),
            open_courier=lambda: SmtpConnection(used),
            load_texts=load_texts,
            settings=self.settings,
            runner=runner,
            clock=lambda: self.at,
        )

    def send_all(self) -> None:
        """Run after run, each when the next mail is due, until nothing is open."""
        for _ in range(60):
            self.send()
            with session_factory(self.engine)() as session:
                query = select(func.count(), func.min(MessageRow.next_attempt_at))
                left, due_at = session.execute(query.where(MessageRow.state.in_(_OPEN))).one()
            if not left:
                return
            self.at = max(due_at or self.at, self.at + timedelta(minutes=1))
        raise AssertionError("something is never sent")

    def count(self, state: MessageState) -> int:
        with session_factory(self.engine)() as session:
            query = select(func.count()).where(MessageRow.state == state)
            return session.scalars(query).one()

    def check(self, *, refused: tuple[str, ...] = (), most_repeats: int = 0) -> Arrived:
        with session_factory(self.engine)() as session:
            return check_fault(
                session, self.server.mails, refused=refused, most_repeats=most_repeats
            )

    def log(self, address: str) -> list[tuple[str | None, str | None, int | None, str | None]]:
        """What the log says of the mail to this mailbox: result, verb, code, reply."""
        with session_factory(self.engine)() as session:
            rows = session.execute(
                select(AttemptRow.result, AttemptRow.verb, AttemptRow.code, AttemptRow.reply)
                .join(MessageRow, MessageRow.id == AttemptRow.message_id)
                .where(MessageRow.to_address == address)
                .order_by(AttemptRow.number)
            ).all()
        return [tuple(row) for row in rows]

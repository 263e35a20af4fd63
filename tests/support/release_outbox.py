"""A released world whose mails go to a scripted server, with the texts of the product."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from subnotify.delivery.courier import Courier
from subnotify.delivery.smtp import Security, SmtpConnection, SmtpSettings
from subnotify.operations.build_mails import MailBuilder
from subnotify.operations.close_windows import close_windows
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.operations.send_batches import begin_attempts, claim_batch
from subnotify.operations.send_messages import SendReport, send_messages
from subnotify.operations.sweep_notices import sweep_notices
from subnotify.operations.sweep_outbox import sweep_outbox
from subnotify.operations.transaction import transaction
from subnotify.operations.withdraw_change import withdraw_change
from subnotify.rules.words import MailHost, MessagePurpose, MessageState
from subnotify.storage.database import session_factory
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.tables import (
    CaseRow,
    EvidenceContentRow,
    EvidenceRow,
    MessageRow,
    NoticeRow,
)
from tests.support.outbox import SETTINGS
from tests.support.release_world import LEGAL, PARIS, Person, ReleaseWorld
from tests.support.scenario_facts import ORAGE
from tests.support.smtp_server import ScriptedSmtpServer

DIRECT = replace(SETTINGS, mail_host=MailHost.RECIPIENT_SERVER)
CONTEXT = MailContext("https://list.vendor.example", "Europe/Paris")
WHY = "Not needed after all"


class Outbox:
    """`at`: the present, which the test moves."""

    def __init__(self, engine: Engine, world: ReleaseWorld, server: ScriptedSmtpServer) -> None:
        self.sessions, self.world, self.server = session_factory(engine), world, server
        self.at = world.at

    def release(self, *keys: str, people: int = 1, agreements: int = 1) -> tuple[int, list[int]]:
        """The release and its changes, announced to new agreements, nothing sent yet."""
        for number in range(agreements):
            self.world.add_agreement(
                people=[
                    Person(address=f"dpo{number}-{place}@client.example") for place in range(people)
                ]
            )
        changes = [
            self.world.add_change(key, facts=replace(ORAGE, name=key.title()))
            for key in keys or ("orage",)
        ]
        release_id = self.world.draft(changes)
        self.world.approve(release_id)
        self.world.release(release_id)
        return release_id, changes

    def withdraw(self, release_id: int, change_id: int) -> int:
        with self.sessions() as session:
            return withdraw_change(session, release_id, change_id, reason=WHY, by=LEGAL, at=self.at)

    def smtp(self) -> SmtpSettings:
        return SmtpSettings(self.server.host, self.server.port, Security.NONE, timeout_seconds=5)

    def send(self, open_courier: Callable[[], Courier] | None = None) -> SendReport:
        return send_messages(
            self.sessions,
            open_courier=open_courier or (lambda: SmtpConnection(self.smtp())),
            load_texts=mail_texts(CONTEXT, lambda: self.at),
            settings=DIRECT,
            runner="test",
            clock=lambda: self.at,
        )

    def claim(self) -> int:
        """A worker claims what is due, and records that its attempts begin."""
        with self.sessions() as session:
            with transaction(session):
                messages = self.claim_within(session)
            self.begin(session, messages)
            return len(messages)

    def claim_within(self, session: Session) -> list[OutgoingMessage]:
        batch = claim_batch(session, runner="held", settings=DIRECT, limit=100, at=self.at)
        return batch.messages

    def begin(self, session: Session, messages: list[OutgoingMessage]) -> None:
        """What was claimed is built, and its attempts are on record."""
        builder = MailBuilder(DIRECT, mail_texts(CONTEXT, lambda: self.at))
        built = builder.build(session, messages, at=self.at)
        with transaction(session):
            begin_attempts(session, built, runner="held", at=self.at)

    def sweep(self) -> None:
        with self.sessions() as session:
            sweep_outbox(session, zone=PARIS, at=self.at)
            sweep_notices(session, legal_email=DIRECT.legal_email, at=self.at)
            close_windows(session, at=self.at)

    def states(self, purpose: MessagePurpose = MessagePurpose.NOTICE) -> list[str]:
        with self.sessions() as session:
            rows = session.scalars(
                select(MessageRow.state)
                .where(MessageRow.purpose == purpose)
                .order_by(MessageRow.id)
            )
            return list(rows)

    def purposes(self) -> Counter[str]:
        with self.sessions() as session:
            return Counter(session.scalars(select(MessageRow.purpose)))

    def put(self, state: MessageState, **values: object) -> None:
        with self.sessions() as session, transaction(session):
            session.execute(update(MessageRow).values(state=state, **values))

    def notices(self) -> list[NoticeRow]:
        with self.sessions() as session:
            return list(session.scalars(select(NoticeRow).order_by(NoticeRow.id)))

    def outcomes(self) -> list[str | None]:
        with self.sessions() as session:
            return list(session.scalars(select(CaseRow.outcome).order_by(CaseRow.id)))

    def facts(self, type_: str) -> list[dict[str, object]]:
        with self.sessions() as session:
            found = session.scalars(
                select(EvidenceContentRow.content)
                .join(EvidenceRow, EvidenceRow.id == EvidenceContentRow.evidence_id)
                .where(EvidenceRow.type == type_)
                .order_by(EvidenceRow.id)
            )
            return [dict(content) for content in found]

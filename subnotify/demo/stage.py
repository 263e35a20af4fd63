"""What the history is played with: the operations, as the desk, the clients and the jobs call them.

No row is inserted here: whatever the demonstration shows has come about as it does in use.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from subnotify.config import Settings
from subnotify.demo.timeline import Timeline
from subnotify.jobs.catalogue import JOBS, JobContext
from subnotify.rules.words import CaseState, ChangeState, ContactKind, MessagePurpose
from subnotify.storage.cases import load_case_facts
from subnotify.storage.operators import Operator, list_operators
from subnotify.storage.tables import (
    AgreementRow,
    CaseRow,
    ChangeRow,
    ContactRow,
    MessageRow,
    NoticeRow,
    SubprocessorRow,
)

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class PlayedNotice:
    """A notice with what its contact has of it. cases: by key of the subprocessor."""

    id: int
    cases: dict[str, int]
    link_digest: str
    contact_name: str
    contact_role: str
    language: str


@dataclass
class Stage:
    """The database, the clock of the past, and the jobs on it."""

    settings: Settings
    session_factory: Callable[[], Session]
    timeline: Timeline
    code_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def __post_init__(self) -> None:
        self._jobs = JobContext(self.settings, self.session_factory, clock=self.timeline.now)
        self._operators: dict[str, Operator] = {}
        self._night_at = _LONG_AGO

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone

    def session(self) -> Session:
        return self.session_factory()

    def operator(self, name: str) -> Operator:
        if not self._operators:
            with self.session() as session:
                self._operators = {found.name: found for found in list_operators(session)}
        return self._operators[name]

    def run_jobs(self) -> None:
        """All jobs once, in their order, as the worker runs them.

        But nobody can ask in the past whether the public address answers: that is not known of
        the time before the worker starts, and holds nothing. And the mornings' summaries for
        legal are sent by `sum_up`.
        """
        for job in JOBS:
            if job.name not in ("probe_service", "queue_digest"):
                job.work(self._jobs)

    def pass_night(self, at: datetime) -> None:
        """What the jobs do in a night; most nights have nothing for them.

        A case that they left open on its night waits for a person, and then they run again.
        """
        since, self._night_at = self._night_at, at
        ends = _ended_between(since, at)
        begins = select(ChangeRow.id).where(
            ChangeRow.state == ChangeState.RELEASED,
            ChangeRow.commencement_on <= at.astimezone(self.zone).date(),
        )
        with self.session() as session:
            is_due = session.scalar(select(or_(ends.exists(), begins.exists())))
        if is_due:
            self.run_jobs()

    def run_jobs_for_ended(self, at: datetime) -> None:
        """All jobs once, where a case waits whose window has ended: something about it is new."""
        with self.session() as session:
            is_due = session.scalar(select(_ended_between(_LONG_AGO, at).exists()))
        if is_due:
            self.run_jobs()

    def remind(self, at: datetime) -> None:
        """The job that reminds clients, once a day."""
        if self._work("queue_reminders") != "queued 0":
            self.send()

    def sum_up(self, at: datetime) -> None:
        """The summary for legal, in a morning."""
        self._work("queue_digest")
        self.send()

    def climb_ladder(self, _at: datetime) -> None:
        """The job that queues a registered letter where a mail has proved nothing."""
        self._work("climb_ladder")

    def print_letters(self, _at: datetime) -> None:
        """The job that prepares the letters that wait, and puts them into the printer's folder."""
        self._work("prepare_letters")

    def send(self) -> None:
        """The job that sends, as it runs a few seconds after every event."""
        self._work("send_messages")

    def _work(self, name: str) -> str:
        return next(job for job in JOBS if job.name == name).work(self._jobs)

    def find_notice(self, session: Session, release_id: int, agreement: str) -> PlayedNotice:
        """The notice of a release to an agreement, as its first designated contact has it."""
        notice = session.execute(
            select(
                NoticeRow.id,
                ContactRow.name,
                ContactRow.role_title,
                MessageRow.link_digest,
                MessageRow.language,
            )
            .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
            .join(MessageRow, MessageRow.notice_id == NoticeRow.id)
            .join(ContactRow, ContactRow.id == MessageRow.contact_id)
            .where(
                NoticeRow.release_id == release_id,
                AgreementRow.key == agreement,
                MessageRow.purpose == MessagePurpose.NOTICE,
                MessageRow.contact_kind == ContactKind.NOTICE,
            )
            .order_by(MessageRow.id)
        ).first()
        if notice is None:
            raise LookupError(f"{agreement} has no notice of release {release_id}")
        cases = session.execute(
            select(SubprocessorRow.key, CaseRow.id)
            .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
            .join(SubprocessorRow, SubprocessorRow.id == ChangeRow.subprocessor_id)
            .where(CaseRow.notice_id == notice.id)
        ).all()
        return PlayedNotice(
            id=notice.id,
            cases={case.key: case.id for case in cases},
            link_digest=notice.link_digest or "",
            contact_name=notice.name,
            contact_role=notice.role_title or "",
            language=notice.language,
        )

    def find_case(self, session: Session, release_id: int, agreement: str, key: str) -> int:
        """The case of an agreement for one change, whether its notice was sent or not."""
        return session.execute(
            select(CaseRow.id)
            .join(NoticeRow, NoticeRow.id == CaseRow.notice_id)
            .join(AgreementRow, AgreementRow.id == NoticeRow.agreement_id)
            .join(ChangeRow, ChangeRow.id == CaseRow.change_id)
            .join(SubprocessorRow, SubprocessorRow.id == ChangeRow.subprocessor_id)
            .where(
                NoticeRow.release_id == release_id,
                AgreementRow.key == agreement,
                SubprocessorRow.key == key,
            )
        ).scalar_one()

    def last_day(self, session: Session, case_id: int) -> date:
        """The last day of a case's window, in the agreement's zone."""
        window = load_case_facts(session, [case_id], at=self.timeline.now())[case_id].window
        if window is None:
            raise LookupError(f"no window runs for case {case_id}")
        return window.last_day

    def draft_change_ids(self, session: Session, keys: Sequence[str]) -> list[int]:
        """The draft changes of these subprocessors, in the order given."""
        rows = session.execute(
            select(SubprocessorRow.key, ChangeRow.id)
            .join(ChangeRow, ChangeRow.subprocessor_id == SubprocessorRow.id)
            .where(SubprocessorRow.key.in_(keys), ChangeRow.state == ChangeState.DRAFT)
        )
        found = {row.key: row.id for row in rows}
        return [found[key] for key in keys]


def _ended_between(since: datetime, until: datetime) -> Select[int]:
    """Cases that are not closed and whose window or silence ended then."""
    return select(CaseRow.id).where(
        CaseRow.state != CaseState.CLOSED,
        or_(
            CaseRow.closes_at.between(since, until),
            CaseRow.silence_after_at.between(since, until),
        ),
    )

"""The jobs: what runs by itself, and how often. What each does is an operation.

All are idempotent and read the tables, which are the truth: a missed run is caught by the next
one, and two runners at once share the work.
"""

import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from subnotify import clock as system_clock
from subnotify.config import Settings
from subnotify.delivery.public_probe import ask_public_address
from subnotify.jobs.letter_printing import print_letters
from subnotify.jobs.mail_reading import read_what_came
from subnotify.jobs.mail_sending import send_what_is_due
from subnotify.operations.build_mails import LoadTexts
from subnotify.operations.climb_ladder import climb_ladder
from subnotify.operations.close_windows import close_windows
from subnotify.operations.commence_changes import commence_changes
from subnotify.operations.end_phased_out import end_phased_out
from subnotify.operations.find_lapses import find_lapses
from subnotify.operations.judge_countries import judge_countries_of_all
from subnotify.operations.notify_late import notify_late
from subnotify.operations.probe_service import probe_service
from subnotify.operations.propose_import import forget_imports
from subnotify.operations.queue_data_alarms import queue_data_alarms
from subnotify.operations.queue_digest import queue_digest
from subnotify.operations.queue_reminders import queue_reminders
from subnotify.operations.reassess_terms import reassess_terms
from subnotify.operations.recompute_windows import recompute_windows
from subnotify.operations.release_at_hour import release_at_hour
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.operations.sweep_notices import sweep_notices
from subnotify.operations.sweep_outbox import sweep_outbox
from subnotify.operations.watch_clock import Clocks, ClockWatch
from subnotify.storage.service_watch import read_database_clock

DAILY = 86_400
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _runner_name() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True)
class JobContext:
    """What the jobs of one process share.

    stop: asked between batches; once it says yes, a job ends after the batch it is in. runner:
    this process, for what it claims. monotonic, database_clock: what the clock is compared with;
    where a caller brings a clock of its own and not these, they agree with it.
    """

    settings: Settings
    session_factory: Callable[[], Session]
    clock: Callable[[], datetime] = system_clock.now
    stop: Callable[[], bool] = lambda: False
    runner: str = field(default_factory=_runner_name)
    monotonic: Callable[[], timedelta] | None = None
    database_clock: Callable[[Session], datetime | None] | None = None
    load_texts: LoadTexts = field(init=False)
    clock_watch: ClockWatch = field(init=False)

    def __post_init__(self) -> None:
        mails = MailContext(self.settings.public_url, self.settings.vendor_time_zone)
        # Kept for the life of the process: what many mails have in common is rendered once.
        object.__setattr__(self, "load_texts", mail_texts(mails, self.clock))
        object.__setattr__(self, "clock_watch", ClockWatch(self._clocks(), runner=self.runner))

    def _clocks(self) -> Clocks:
        is_real = self.clock is system_clock.now
        monotonic = system_clock.monotonic if is_real else lambda: self.clock() - _LONG_AGO
        database = read_database_clock if is_real else lambda _session: None
        return Clocks(self.clock, self.monotonic or monotonic, self.database_clock or database)


@dataclass(frozen=True)
class Job:
    """work does it once and says in one line what it did."""

    name: str
    every_seconds: int
    work: Callable[[JobContext], str]


def _probe_service(context: JobContext) -> str:
    settings = context.settings
    with context.session_factory() as session:
        return probe_service(
            session,
            ask=lambda: ask_public_address(settings.public_url, settings.secret_key),
            longest_pause=settings.watch.longest_pause,
            tolerated=settings.watch.tolerated,
            clock=context.clock,
        )


def _watch_clock(context: JobContext) -> str:
    with context.session_factory() as session:
        frozen = context.clock_watch.look(session).frozen
    return f"frozen: {frozen}" if frozen else "the clocks agree"


def _concluding(work: Callable[[JobContext, datetime], str]) -> Callable[[JobContext], str]:
    """A job that concludes from the passing of time: with the instant that was compared with
    the other clocks, and not at all while the clock is in doubt."""

    def conclude(context: JobContext) -> str:
        with context.session_factory() as session:
            finding = context.clock_watch.look(session)
        return f"frozen: {finding.frozen}" if finding.frozen else work(context, finding.at)

    return conclude


def _read_mailbox(context: JobContext) -> str:
    return read_what_came(
        context.settings, context.session_factory, clock=context.clock, stop=context.stop
    )


def _reassess_terms(context: JobContext) -> str:
    with context.session_factory() as session:
        report = reassess_terms(session, at=context.clock(), stop=context.stop)
    judged = [f"{code} {count}" for code, count in sorted(report.became.items())]
    return (
        f"judged {report.became.total() + report.others} versions of terms anew"
        + (f" ({', '.join(judged)})" if judged else "")
        + f", notices to serve anew {report.to_serve_anew}"
    )


def _recompute_windows(context: JobContext) -> str:
    with context.session_factory() as session:
        report = recompute_windows(session, at=context.clock(), stop=context.stop)
    found = [f"{kind.value} {count}" for kind, count in sorted(report.found.items())]
    return f"recomputed {report.found.total()}" + (f" ({', '.join(found)})" if found else "")


def _sweep_notices(context: JobContext) -> str:
    with context.session_factory() as session:
        judged = sweep_notices(
            session, legal_email=context.settings.legal_email, at=context.clock()
        )
        swept = sweep_outbox(session, zone=context.settings.zone, at=context.clock())
    found = {"missing": swept.queued, "freed": swept.freed, "stuck": swept.state.stuck}
    return ", ".join([f"judged {judged}", *(f"{what} {n}" for what, n in found.items() if n)])


def _climb_ladder(context: JobContext, at: datetime) -> str:
    with context.session_factory() as session:
        zone = context.settings.zone
        return str(climb_ladder(session, zone=zone, at=at, stop=context.stop))


def _close_windows(context: JobContext, at: datetime) -> str:
    with context.session_factory() as session:
        report = close_windows(session, at=at, stop=context.stop)
    closed = [f"{outcome.value} {count}" for outcome, count in sorted(report.closed.items())]
    return (
        f"closed {report.closed.total()}"
        + (f" ({', '.join(closed)})" if closed else "")
        + f", put on hold {report.held}, otherwise moved {report.moved}"
    )


def _release_at_hour(context: JobContext, at: datetime) -> str:
    settings = context.settings
    with context.session_factory() as session:
        kept = release_at_hour(
            session,
            zone=settings.zone,
            legal_email=settings.legal_email,
            one_person_release=settings.one_person_release,
            at=at,
            stop=context.stop,
        )
    return f"released {kept.released}, refused {kept.refused}"


def _judge_countries(context: JobContext, at: datetime) -> str:
    with context.session_factory() as session:
        judged = judge_countries_of_all(session, zone=context.settings.zone, at=at)
    return f"judged {judged}"


def _commence_changes(context: JobContext, at: datetime) -> str:
    with context.session_factory() as session:
        commenced = commence_changes(session, zone=context.settings.zone, at=at)
    return f"commenced {len(commenced)}"


def _end_phased_out(context: JobContext, at: datetime) -> str:
    with context.session_factory() as session:
        ended = end_phased_out(session, zone=context.settings.zone, at=at)
    return f"ended {ended}"


def _find_lapses(context: JobContext) -> str:
    settings = context.settings
    with context.session_factory() as session:
        found = find_lapses(
            session, zone=settings.zone, legal_email=settings.legal_email, at=context.clock()
        )
    return f"opened {found.opened}, told {found.told}, closed {found.closed}"


def _notify_late(context: JobContext) -> str:
    settings = context.settings
    with context.session_factory() as session:
        made = notify_late(
            session, zone=settings.zone, legal_email=settings.legal_email, at=context.clock()
        )
    return f"notified late {made}"


def _forget_imports(context: JobContext) -> str:
    with context.session_factory() as session:
        return f"forgot {forget_imports(session, at=context.clock())}"


def _queue_reminders(context: JobContext) -> str:
    times = context.settings.reminders
    with context.session_factory() as session:
        queued = queue_reminders(session, times=times, at=context.clock(), stop=context.stop)
    return f"queued {queued}"


def _queue_data_alarms(context: JobContext) -> str:
    settings = context.settings
    with context.session_factory() as session:
        queued = queue_data_alarms(
            session, settings.legal_email, zone=settings.zone, at=context.clock()
        )
    return f"queued {queued}"


def _queue_digest(context: JobContext) -> str:
    settings = context.settings
    with context.session_factory() as session:
        queued = queue_digest(
            session, zone=settings.zone, legal_email=settings.legal_email, at=context.clock()
        )
    return "queued 1" if queued else "nothing to tell now"


def _prepare_letters(context: JobContext) -> str:
    return print_letters(
        context.settings, context.session_factory, clock=context.clock, stop=context.stop
    )


def _send_messages(context: JobContext) -> str:
    return send_what_is_due(
        context.settings,
        context.session_factory,
        load_texts=context.load_texts,
        runner=context.runner,
        clock=context.clock,
        stop=context.stop,
    )


# In this order `jobs run --once` goes: what closes and commences queues mails.
JOBS = (
    # First: what closes must know that nobody asked until now.
    Job("probe_service", 60, _probe_service),
    Job("watch_clock", 60, _watch_clock),
    # What came is stored before silence closes anything.
    Job("read_mailbox", 60, _read_mailbox),
    # Both find nothing to do but after an upgrade of the program or of its data.
    Job("reassess_terms", DAILY, _reassess_terms),
    Job("recompute_windows", DAILY, _recompute_windows),
    Job("sweep_notices", 60, _sweep_notices),
    # After what judges notices.
    Job("climb_ladder", 300, _concluding(_climb_ladder)),
    Job("notify_late", 300, _notify_late),
    Job("release_at_hour", 60, _concluding(_release_at_hour)),
    # Exceptions to allowed countries begin and end by the day.
    Job("judge_countries", 3_600, _concluding(_judge_countries)),
    Job("close_windows", 60, _concluding(_close_windows)),
    Job("commence_changes", 60, _concluding(_commence_changes)),
    Job("end_phased_out", 3_600, _concluding(_end_phased_out)),
    # After the commencements: what they mend needs nobody any more.
    Job("find_lapses", DAILY, _find_lapses),
    # Uploaded files that nobody confirmed.
    Job("forget_imports", 3_600, _forget_imports),
    # After what closes: of a window that has just ended nobody is reminded.
    Job("queue_reminders", 900, _queue_reminders),
    # Data of clients whose services ended.
    Job("queue_data_alarms", 3_600, _queue_data_alarms),
    # In the morning, once.
    Job("queue_digest", 600, _queue_digest),
    Job("prepare_letters", 900, _prepare_letters),
    # Mails that could not be handed over are retried by the same job, once they are due again.
    Job("send_messages", 5, _send_messages),
)

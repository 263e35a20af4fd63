"""The jobs: what runs by itself, and how often. What each does is an operation.

All are idempotent and read the tables, which are the truth: a missed run is caught by the next
one, and two runners at once share the work.
"""

import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify import clock as system_clock
from subnotify.config import Settings
from subnotify.delivery.headers import Mailbox
from subnotify.delivery.public_probe import ask_public_address
from subnotify.delivery.smtp import SmtpConnection
from subnotify.operations.build_mails import LoadTexts, OutboxSettings
from subnotify.operations.close_windows import close_windows
from subnotify.operations.commence_changes import commence_changes
from subnotify.operations.end_phased_out import end_phased_out
from subnotify.operations.find_lapses import find_lapses
from subnotify.operations.judge_countries import judge_countries_of_all
from subnotify.operations.notify_late import notify_late
from subnotify.operations.probe_service import probe_service
from subnotify.operations.propose_import import forget_imports
from subnotify.operations.reassess_terms import reassess_terms
from subnotify.operations.recompute_windows import recompute_windows
from subnotify.operations.render_messages import MailContext, mail_texts
from subnotify.operations.send_messages import SendReport, send_messages
from subnotify.operations.sweep_notices import sweep_notices

DAILY = 86_400


def _runner_name() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True)
class JobContext:
    """What the jobs of one process share.

    stop: asked between batches; once it says yes, a job ends after the batch it is in. runner:
    this process, for what it claims.
    """

    settings: Settings
    session_factory: Callable[[], Session]
    clock: Callable[[], datetime] = system_clock.now
    stop: Callable[[], bool] = lambda: False
    runner: str = field(default_factory=_runner_name)
    load_texts: LoadTexts = field(init=False)

    def __post_init__(self) -> None:
        mails = MailContext(self.settings.public_url, self.settings.vendor_time_zone)
        # Kept for the life of the process: what many mails have in common is rendered once.
        object.__setattr__(self, "load_texts", mail_texts(mails, self.clock))


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
    return f"judged {judged}"


def _close_windows(context: JobContext) -> str:
    with context.session_factory() as session:
        report = close_windows(session, at=context.clock(), stop=context.stop)
    closed = [f"{outcome.value} {count}" for outcome, count in sorted(report.closed.items())]
    return (
        f"closed {report.closed.total()}"
        + (f" ({', '.join(closed)})" if closed else "")
        + f", put on hold {report.held}, otherwise moved {report.moved}"
    )


def _judge_countries(context: JobContext) -> str:
    with context.session_factory() as session:
        judged = judge_countries_of_all(session, zone=context.settings.zone, at=context.clock())
    return f"judged {judged}"


def _commence_changes(context: JobContext) -> str:
    with context.session_factory() as session:
        commenced = commence_changes(session, zone=context.settings.zone, at=context.clock())
    return f"commenced {len(commenced)}"


def _end_phased_out(context: JobContext) -> str:
    with context.session_factory() as session:
        ended = end_phased_out(session, zone=context.settings.zone, at=context.clock())
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


def _send_messages(context: JobContext) -> str:
    settings = context.settings
    with SmtpConnection(settings.smtp) as courier:
        report = send_messages(
            context.session_factory,
            courier=courier,
            load_texts=context.load_texts,
            settings=OutboxSettings(
                sender=(sender := Mailbox(settings.mail_from)),
                seal_key=settings.seal_key,
                legal_email=settings.legal_email,
                mail_host=settings.mail_host,
                list_id=f"subprocessors.{sender.domain}",
                return_address=settings.return_address,
                give_up_after=settings.flow.give_up_after,
            ),
            runner=context.runner,
            clock=context.clock,
            stop=context.stop,
        )
    return _sent(report)


def _sent(report: SendReport) -> str:
    counts = {
        "handed over": report.handed_over,
        "deferred": report.deferred,
        "rejected": report.rejected,
        "unknown": report.unknown,
        "set aside": report.parked,
        "repeated": report.repeated,
    }
    said = ", ".join(f"{what} {count}" for what, count in counts.items() if count)
    halted = f"; the server stopped it: {report.halted}" if report.halted else ""
    return (said or "nothing was due") + halted


# In this order `jobs run --once` goes: what closes and commences queues mails.
JOBS = (
    # First: what closes must know that nobody asked until now.
    Job("probe_service", 60, _probe_service),
    # Both find nothing to do but after an upgrade of the program or of its data.
    Job("reassess_terms", DAILY, _reassess_terms),
    Job("recompute_windows", DAILY, _recompute_windows),
    Job("sweep_notices", 60, _sweep_notices),
    Job("notify_late", 300, _notify_late),
    # Exceptions to allowed countries begin and end by the day.
    Job("judge_countries", 3_600, _judge_countries),
    Job("close_windows", 60, _close_windows),
    Job("commence_changes", 60, _commence_changes),
    Job("end_phased_out", 3_600, _end_phased_out),
    # After the commencements: what they mend needs nobody any more.
    Job("find_lapses", DAILY, _find_lapses),
    # Uploaded files that nobody confirmed.
    Job("forget_imports", 3_600, _forget_imports),
    # Mails that could not be handed over are retried by the same job, once they are due again.
    Job("send_messages", 5, _send_messages),
)

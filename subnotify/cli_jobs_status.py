"""What `subnotify jobs status` tells: sending, reading, the watch and the jobs, for people and for
machines, and what of it needs a person."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy.orm import Session

from subnotify.config import Settings
from subnotify.jobs.catalogue import JOBS
from subnotify.operations.foresee_sending import ReleaseSending, foresee_release
from subnotify.rules.sending_estimates import SendingLimits, SendingSpeed
from subnotify.rules.troubles import english_words
from subnotify.rules.words import MessageState, PauseCause
from subnotify.storage.job_runs import JobRun, list_job_runs
from subnotify.storage.mail_queue import QueuePause, SenderRefusal, find_pause, find_sender_refusal
from subnotify.storage.outbox import count_by_state
from subnotify.storage.queue_state import (
    LateMails,
    MailboxReading,
    Watch,
    count_late,
    count_parked,
    find_watch,
    list_readings,
)
from subnotify.storage.sending_progress import MailCounts, list_on_their_way, measure_speed
from subnotify.storage.service_watch import ClockFreeze, list_open_freezes
from subnotify.storage.unopened_mails import UnopenedMails, count_unopened
from subnotify.wording.language import wording_for
from subnotify.wording.sending import end_sentence, rate_words, verdict_sentences

BAR = 40
RELEASES_SHOWN = 20


@dataclass(frozen=True)
class JobsStatus:
    """Everything at one instant. parked: mails set aside for a person."""

    at: datetime
    zone: str
    outbox: dict[MessageState, int]
    pause: QueuePause | None
    refusal: SenderRefusal | None
    limits: SendingLimits
    speed: SendingSpeed
    late: LateMails
    parked: int
    unopened: UnopenedMails
    releases: tuple[ReleaseSending, ...]
    readings: Sequence[MailboxReading]
    watch: Watch | None
    freezes: Sequence[ClockFreeze]
    runs: tuple[JobRun, ...]

    @property
    def failing_jobs(self) -> list[JobRun]:
        return [one for one in self.runs if has_failed_last(one)]

    @property
    def needs_person(self) -> list[str]:
        """What does not mend itself; the exit code says whether there is any."""
        said = []
        if self.pause is not None and self.pause.cause is PauseCause.CREDENTIALS:
            said.append("the mail host refuses our sign-in")
        if self.refusal is not None:
            said.append("the mail host refuses us as the sender")
        if self.freezes:
            said.append("the clock is in doubt")
        if any(one.failing_since_at is not None for one in self.readings):
            said.append("the mailbox cannot be read")
        if self.unopened.count:
            said.append("mails do not open with our seal keys")
        said += [f"{one.name} fails" for one in self.failing_jobs]
        return said


def has_failed_last(run: JobRun) -> bool:
    """The last run failed: it did not finish after that."""
    if run.failed_at is None:
        return False
    return run.finished_at is None or run.failed_at > run.finished_at


def read_status(session: Session, settings: Settings, *, at: datetime) -> JobsStatus:
    """The state of everything at `at`. Reads only."""
    flow = settings.flow
    limits = SendingLimits(flow.per_hour, flow.per_domain_per_minute, flow.connections)
    moving = list_on_their_way(session)[:RELEASES_SHOWN]
    runs = list_job_runs(session)
    return JobsStatus(
        at=at,
        zone=settings.vendor_time_zone,
        outbox=count_by_state(session),
        pause=find_pause(session),
        refusal=find_sender_refusal(session),
        limits=limits,
        speed=measure_speed(session, at=at),
        late=count_late(session, at=at),
        parked=count_parked(session),
        unopened=count_unopened(session),
        releases=tuple(
            foresee_release(session, x, limits, zone=settings.zone, at=at) for x in moving
        ),
        readings=list_readings(session),
        watch=find_watch(session),
        freezes=list_open_freezes(session),
        runs=tuple(runs.get(job.name, JobRun(job.name, *[None] * 5)) for job in JOBS),
    )


def status_lines(status: JobsStatus) -> Iterator[str]:
    """For a terminal: the jobs, the watch, the releases, and the outbox last."""
    yield from _job_lines(status)
    yield ""
    yield from _watch_lines(status)
    for one in status.releases:
        yield ""
        yield from _release_lines(status, one)
    yield ""
    yield from _queue_lines(status)


def _job_lines(status: JobsStatus) -> Iterator[str]:
    rows = [("job", "started", "finished", "result")]
    rows += [
        (one.name, _moment(one.started_at), _moment(one.finished_at), one.result or "-")
        for one in status.runs
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    for row in rows:
        columns = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        yield "  ".join([*columns, row[3]])
    for one in status.runs:
        if one.failed_at is not None:
            again = "" if has_failed_last(one) else " (and ran since)"
            yield f"{one.name} failed last at {_moment(one.failed_at)}{again}: {one.failure}"


def _watch_lines(status: JobsStatus) -> Iterator[str]:
    watch = status.watch
    if watch is None:
        yield "public address: not asked yet"
    elif watch.down_since is not None:
        why = english_words(watch.words)
        yield f"public address: DOWN since {_moment(watch.down_since)}: {why}"
    else:
        overdue = "; NOT ASKED for too long" if watch.is_overdue(status.at) else ""
        yield f"public address: up, asked last at {_moment(watch.last_probe_at)}{overdue}"
    for freeze in status.freezes:
        yield f"CLOCK IN DOUBT since {_moment(freeze.noticed_at)}: {english_words(freeze.words)}"
        yield "  nothing closes; set the clock right, then: subnotify jobs unfreeze --reason ..."
    for one in status.readings:
        if one.failing_since_at is not None:
            why = english_words(one.failure)
            yield f"mailbox {one.place}: FAILS since {_moment(one.failing_since_at)}: {why}"
        else:
            yield f"mailbox {one.place}: read until {_moment(one.read_until_at)}"


def _release_lines(status: JobsStatus, sending: ReleaseSending) -> Iterator[str]:
    w, mails = wording_for("en", status.zone), sending.progress.notice_mails
    yield f"release {sending.release.number}: {_bar(mails)} {mails.handed_over}/{mails.total}"
    counts = {
        "put off": mails.deferred,
        "paused": mails.count(MessageState.PAUSED),
        "refused": mails.failed,
        "came back": mails.bounced,
        "not sent any more": mails.cancelled,
    }
    said = [f"{what} {count}" for what, count in counts.items() if count]
    if sending.paused_at is not None:
        said.insert(0, f"PAUSED by {sending.paused_by} at {_moment(sending.paused_at)}")
    if sending.is_moving and sending.rate is not None:
        said.append(rate_words(sending.rate, w))
    if said:
        yield f"  {', '.join(said)}"
    ends = end_sentence(sending.estimate, w, is_held_back=sending.is_held_back, at=status.at)
    verdicts = verdict_sentences(sending.verdict, w, is_held_back=sending.is_held_back)
    for sentence in (ends, *verdicts):
        yield f"  {sentence}"


def _bar(mails: MailCounts) -> str:
    """# handed over, ~ put off, x refused, = paused, - not sent any more, . queued."""
    parts = (
        ("#", mails.handed_over),
        ("~", mails.deferred),
        ("x", mails.failed),
        ("=", mails.count(MessageState.PAUSED)),
        ("-", mails.cancelled),
    )
    bar, reached = "", 0
    for sign, count in parts:
        reached += count
        bar += sign * (reached * BAR // max(1, mails.total) - len(bar))
    return f"[{bar.ljust(BAR, '.')}]"


def _queue_lines(status: JobsStatus) -> Iterator[str]:
    if status.pause is not None:
        yield from _pause_lines(status.pause)
    if status.refusal is not None:
        yield f"MAILS WAIT since {_moment(status.refusal.at)}: the host refuses us as the sender"
        yield f"  it said: {status.refusal.reply} (see Sending on the desk)"
    limits, used = status.limits, status.speed.used
    yield f"quota: {used} of {limits.per_hour or 'any number'} an hour used"
    late = status.late
    if late.late:
        oldest = _moment(late.oldest_due_at)
        yield f"late: {late.late} should have been tried, the oldest at {oldest}"
    if late.stuck:
        yield f"stuck: {late.stuck} begun by a worker that did not come back"
    if status.unopened.count:
        since = _moment(status.unopened.oldest_queued_at)
        yield f"CANNOT BE OPENED: {status.unopened.count}, the oldest queued at {since}"
        yield "  sealed with another key: put it back as SUBNOTIFY_SEAL_KEY, restart the worker"
    if status.parked:
        yield f"set aside for a person: {status.parked} (see Sending on the desk)"
    counts = ", ".join(f"{state.value} {n}" for state, n in sorted(status.outbox.items()))
    yield f"outbox: {counts or 'empty'}"


def _pause_lines(pause: QueuePause) -> Iterator[str]:
    if pause.cause is PauseCause.CREDENTIALS:
        yield f"ALL MAIL PAUSED since {_moment(pause.at)}: the mail host refuses our sign-in"
        yield f"  it said: {pause.note}"
        yield "  correct SUBNOTIFY_SMTP_USERNAME and SUBNOTIFY_SMTP_PASSWORD, restart the worker;"
        yield f"  tried next at {_moment(pause.next_sign_in_at)}"
    else:
        yield f"ALL MAIL PAUSED since {_moment(pause.at)} by {pause.by}: {pause.note}"


def status_as_data(status: JobsStatus) -> dict[str, Any]:
    """For machines: instants are ISO 8601 in UTC, lengths of time seconds."""
    found: dict[str, Any] = plain_data(
        {
            "at": status.at,
            "needs_person": status.needs_person,
            "jobs": [asdict(one) for one in status.runs],
            "outbox": {state.value: n for state, n in sorted(status.outbox.items())},
            "pause": asdict(status.pause) if status.pause else None,
            "sender_refused": asdict(status.refusal) if status.refusal else None,
            "quota": {"per_hour": status.limits.per_hour, "used": status.speed.used},
            "late": asdict(status.late),
            "set_aside": status.parked,
            "cannot_be_opened": asdict(status.unopened),
            "releases": [_release_as_data(one) for one in status.releases],
            "mailbox": [
                {**asdict(x), "failure": english_words(x.failure)} for x in status.readings
            ],
            "public_address": {**asdict(status.watch), "words": english_words(status.watch.words)}
            if status.watch
            else None,
            "clock_freezes": [
                {**asdict(x), "words": english_words(x.words)} for x in status.freezes
            ],
        }
    )
    return found


def _release_as_data(sending: ReleaseSending) -> dict[str, Any]:
    mails, verdict = sending.progress.notice_mails, sending.verdict
    return {
        "release": sending.release.number,
        "paused_at": sending.paused_at,
        "paused_by": sending.paused_by or None,
        "notices": dict(sending.progress.notices),
        "mails": dict(mails.states),
        "came_back": mails.bounced,
        "not_sent_any_more": mails.cancelled,
        "rate_per_minute": None if sending.rate is None else round(sending.rate * 60, 1),
        "takes_seconds": ceil(sending.estimate.takes.total_seconds()),
        "expected_end_at": None if sending.is_held_back else sending.estimate.ends_at,
        "first_needed_before": verdict.nearest.before_at if verdict.nearest else None,
        "agreements_at_risk": verdict.at_risk_count,
        "agreements_too_late": verdict.missed_count,
    }


def plain_data(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): plain_data(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_data(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value


def _moment(instant: datetime | None) -> str:
    return "-" if instant is None else instant.strftime("%Y-%m-%d %H:%M:%SZ")

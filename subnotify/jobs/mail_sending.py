"""Sends what is due in the outbox, as the settings say; one line about it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.config import Settings
from subnotify.delivery.headers import Mailbox
from subnotify.delivery.smtp import SmtpConnection
from subnotify.operations.build_mails import LoadTexts, OutboxSettings
from subnotify.operations.send_messages import SendReport, send_messages


def send_what_is_due(
    settings: Settings,
    session_factory: Callable[[], Session],
    *,
    load_texts: LoadTexts,
    runner: str,
    clock: Callable[[], datetime],
    stop: Callable[[], bool],
) -> str:
    """One run of sending. runner: who claims."""
    sender = Mailbox(settings.mail_from)
    report = send_messages(
        session_factory,
        open_courier=lambda: SmtpConnection(settings.smtp),
        load_texts=load_texts,
        settings=OutboxSettings(
            sender=sender,
            seal_key=settings.seal_key,
            legal_email=settings.legal_email,
            legal_language=settings.legal_language,
            mail_host=settings.mail_host,
            list_id=f"subprocessors.{sender.domain}",
            return_address=settings.return_address,
            flow=settings.flow,
        ),
        runner=runner,
        clock=clock,
        stop=stop,
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
    if report.halted:
        said = f"{said or 'nothing sent'}; the server stopped it: {report.halted}"
    elif report.paused:
        said = f"{said or 'nothing sent'}; all mail is paused"
    if report.waits_until:
        said += f"; the next may go at {report.waits_until:%Y-%m-%d %H:%M:%S} UTC"
    return said.removeprefix("; ") or "nothing was due"

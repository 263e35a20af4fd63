"""A person confirms that replies were read, or registered post opened, up to a day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.append_evidence import append_evidence
from subnotify.operations.transaction import transaction
from subnotify.operations.watch_clock import require_trusted_clock
from subnotify.rules.errors import RuleError
from subnotify.rules.time_limits import start_of_day
from subnotify.rules.words import ConfirmationKind
from subnotify.storage.incoming import count_waiting_before
from subnotify.storage.mail_readings import count_untied_letters
from subnotify.storage.tables import ConfirmationRow

OLDEST_DAYS = 366


class DayInFuture(RuleError):
    message = "This day has not come yet. Confirm up to today (%(today)s) at most."


class DayTooOld(RuleError):
    message = "This is more than a year ago. Check the date."


class MailsWait(RuleError):
    """What lies there unread may be an objection."""

    message = (
        "Incoming mails that came by then still wait for a person: %(count)s. Say of each what it"
        " is, then confirm, or confirm up to a day before them."
    )


class LettersWait(RuleError):
    """Of an unknown client: each of them may be an objection of anybody."""

    message = (
        "Letters that came by then still wait, and nobody has said whose they are: %(count)s. Say"
        " it of each, then confirm, or confirm up to a day before them."
    )


def confirm_read(
    session: Session,
    kind: ConfirmationKind,
    up_to_on: date,
    *,
    zone: ZoneInfo,
    by: str,
    actor: str,
    at: datetime,
) -> datetime:
    """Confirm up to the end of a day in the vendor's zone; the instant confirmed (exclusive).

    For today that is `at`: what comes later today nobody has read. Cases held for nothing else
    are decided by the next `close_windows`, which the page calls at once. Raises DayInFuture,
    DayTooOld, ClockInDoubt, MailsWait for replies while mails of that time are not filed, and
    LettersWait while letters of that time are nobody's.
    """
    today = at.astimezone(zone).date()
    if up_to_on > today:
        raise DayInFuture(today=today.isoformat())
    if (today - up_to_on).days > OLDEST_DAYS:
        raise DayTooOld
    up_to_at = min(start_of_day(up_to_on + timedelta(days=1), zone), at)
    with transaction(session):
        require_trusted_clock(session)
        waiting = count_waiting_before(session, up_to_at)
        if kind is ConfirmationKind.REPLIES_READ and waiting:
            raise MailsWait(count=waiting)
        letters = count_untied_letters(session, up_to_on)
        if letters:
            raise LettersWait(count=letters)
        row = ConfirmationRow(kind=kind.value, up_to_at=up_to_at, up_to_on=up_to_on, at=at, by=by)
        session.add(row)
        session.flush()
        append_evidence(
            session,
            f"{kind.value}_confirmed",
            actor=actor,
            object_type="confirmation",
            object_id=row.id,
            content={"up_to_at": up_to_at, "up_to_on": up_to_on, "by": by},
            at=at,
        )
    return up_to_at

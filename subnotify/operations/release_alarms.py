"""The alarms about releases refused at their hour: queued, and what each tells."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import literal, null, select
from sqlalchemy.orm import Session

from subnotify.operations.queue_alarms import columns_to_legal
from subnotify.operations.queue_messages import insert_messages, logical_key
from subnotify.rules.words import MessagePurpose
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.release_hours import hour_of
from subnotify.storage.releases import list_release_names
from subnotify.storage.tables import ReleaseRow
from subnotify.wording.mail_release_alarm import RefusedHour


def queue_release_alarm(
    session: Session, release_id: int, addresses: Iterable[str], *, at: datetime
) -> None:
    """Tell publisher and legal that a release was refused at its planned hour."""
    for number, address in enumerate(dict.fromkeys(addresses), start=1):
        rows = select(
            *columns_to_legal(
                MessagePurpose.RELEASE_ALARM,
                logical_key(
                    "release_alarm",
                    literal(release_id),
                    literal(int(at.timestamp())),
                    literal(number),
                ),
                notice_id=null(),
                case_id=null(),
                response_id=null(),
                serving_number=literal(1),
                address=address,
                at=at,
            )
        )
        insert_messages(session, rows)


def load_refused_hours(
    session: Session, messages: Iterable[OutgoingMessage]
) -> Mapping[str, RefusedHour]:
    """By the message's key; without the reason where somebody has dealt with it since."""
    wanted = {
        one.logical_key: int(one.logical_key.split(":")[1])
        for one in messages
        if one.purpose is MessagePurpose.RELEASE_ALARM
    }
    if not wanted:
        return {}
    rows = session.scalars(select(ReleaseRow).where(ReleaseRow.id.in_(wanted.values())))
    names = list_release_names(session, wanted.values())
    told = {row.id: _told(row, names.get(row.id, ())) for row in rows}
    return {key: told[number] for key, number in wanted.items() if number in told}


def _told(row: ReleaseRow, names: Iterable[str]) -> RefusedHour:
    hour = hour_of(row)
    message, values = hour.refusal if hour and hour.refusal else ("", ())
    return RefusedHour(
        release_id=row.id,
        names=tuple(names),
        planned_for=hour.at if hour else None,
        planned_by=hour.by if hour else "",
        message=message,
        values=values,
    )

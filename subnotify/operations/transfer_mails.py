"""The mails to legal about transfer bases that end: what each tells, loaded for a batch."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from subnotify.operations.describe_lapses import LapseTask, describe_lapses
from subnotify.rules.words import LapseState
from subnotify.storage.outbox import OutgoingMessage
from subnotify.storage.transfer_lapses import list_told
from subnotify.wording.language import Wording
from subnotify.wording.mail_transfers import LapseFacts, transfer_alarm_mail
from subnotify.wording.mails import MailText


def load_told_lapses(
    session: Session, messages: Iterable[OutgoingMessage], zone: str
) -> Mapping[str, Sequence[LapseTask]]:
    """What these alarms tell, by the message's key; what was closed since is left out."""
    told: dict[str, Sequence[LapseTask]] = {}
    for message in messages:
        first, last = (int(part) for part in message.logical_key.split(":")[1:])
        stored = list_told(session, first, last)
        still_open = [one for one in stored if one.state is LapseState.OPEN]
        on = _day(message, zone)
        told[message.logical_key] = describe_lapses(session, still_open or stored, on=on)
    return told


def told_mail(
    message: OutgoingMessage, told: Sequence[LapseTask], w: Wording, *, public_url: str, zone: str
) -> MailText:
    """The text of one alarm; told: not empty."""
    desk = f"{public_url}/desk/lapses"
    facts = [
        LapseFacts(
            name=task.facts.name,
            location=task.location,
            law=task.stored.key.law,
            rested_on=task.rested_on,
            lapses_on=task.stored.key.lapses_on,
            clients=task.concerned.clients,
            replacements=task.replacements,
            to_come=task.to_come,
            link=f"{desk}/{task.stored.id}",
        )
        for task in told
    ]
    return transfer_alarm_mail(facts, desk, w, on=_day(message, zone))


def _day(message: OutgoingMessage, zone: str) -> date:
    """The vendor's day on which it was told."""
    return message.queued_at.astimezone(ZoneInfo(zone)).date()

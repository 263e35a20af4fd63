"""The history of the demonstration, played into a folder of its own."""

from dataclasses import dataclass
from datetime import UTC, datetime

from subnotify.config import Settings, settings_from
from subnotify.delivery.mail_folder import MailFolder
from subnotify.demo.cast import Cast, read_cast
from subnotify.demo.folder import DemoFolder
from subnotify.demo.history import play_history
from subnotify.demo.mailbox_server import MailboxServer
from subnotify.demo.stage import Stage
from subnotify.demo.timeline import Timeline
from subnotify.holiday_calendars import get_calendar
from subnotify.storage import migrate
from subnotify.storage.database import create_engine_for, session_factory
from tests.support.sockets import free_port

# A Saturday, a weekday in winter, and the first working day after the days around New Year.
FIRST_STARTS = (
    datetime(2026, 11, 21, 15, tzinfo=UTC),
    datetime(2026, 3, 4, 7, tzinfo=UTC),
    datetime(2027, 1, 4, 6, tzinfo=UTC),
)


@dataclass(frozen=True)
class Played:
    folder: DemoFolder
    settings: Settings
    cast: Cast
    at: datetime


def play(folder: DemoFolder, at: datetime) -> Played:
    folder.path.mkdir(parents=True)
    cast, smtp_port = read_cast(), free_port()
    settings = settings_from(folder.environment(cast, port=8000, smtp_port=smtp_port))
    migrate.upgrade(settings.database_url)
    engine = create_engine_for(settings.database_url)
    today = at.astimezone(settings.zone).date()
    timeline = Timeline(today, settings.zone, get_calendar("FR"))
    try:
        with MailboxServer(
            MailFolder(folder.mails), port=smtp_port, dead_addresses=cast.dead_addresses
        ):
            stage = Stage(settings, session_factory(engine), timeline)
            play_history(stage, cast, today=today, at=at)
    finally:
        engine.dispose()
    return Played(folder, settings, cast, at)

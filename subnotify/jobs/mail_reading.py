"""Which places the settings name for what comes back, and reading them once."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from subnotify.config import Settings
from subnotify.delivery.arrivals import arrived_at
from subnotify.delivery.imap_mailbox import ImapMailbox
from subnotify.operations.read_arrived import LARGEST_READ, ArrivedMail, ReturnSettings
from subnotify.operations.read_mailbox import places_of, read_mailbox, take_up_places
from subnotify.operations.read_pipe import read_pipe
from subnotify.operations.receive_mail import receive_mails
from subnotify.rules.words import IncomingSource
from subnotify.storage.mail_readings import PIPE


def return_settings_of(settings: Settings) -> ReturnSettings:
    return ReturnSettings(
        return_address=settings.return_address,
        keys=(settings.seal_key,),
        legal_email=settings.legal_email,
        own_addresses=(settings.mail_from, settings.legal_email),
    )


def store_piped(
    session: Session, settings: Settings, raw: bytes, *, recipient: str, at: datetime
) -> int:
    """Store one mail that the mail server hands over, whole however large it is: the server
    forgets it now. Its id. Raises what the database raises: the server must keep it then."""
    arrived = ArrivedMail(
        raw, arrived_at(raw, at), recipient=recipient, is_whole=len(raw) <= LARGEST_READ
    )
    return receive_mails(
        session,
        [arrived],
        source=IncomingSource.PIPE,
        settings=return_settings_of(settings),
        at=at,
    )[0]


def read_what_came(
    settings: Settings,
    session_factory: Callable[[], Session],
    *,
    clock: Callable[[], datetime],
    stop: Callable[[], bool],
) -> str:
    """Read the mailbox and move the pipe's mark, as far as they are set up; one line about it."""
    imap = settings.imap
    places = list(places_of(imap)) if imap else []
    with session_factory() as session:
        take_up_places(session, [*places, *([PIPE] if settings.mail_pipe else [])])
    said = []
    if imap is not None:
        report = read_mailbox(
            session_factory,
            imap=imap,
            open_mailbox=lambda: ImapMailbox(imap),
            settings=return_settings_of(settings),
            clock=clock,
            stop=stop,
        )
        said.append(f"mails read {report.stored}")
        said += [f"the mailbox cannot be read: {words}" for words in report.failures]
    if settings.mail_pipe:
        with session_factory() as session:
            until = read_pipe(session, at=clock())
        said.append(
            f"the pipe is read until {until:%Y-%m-%d %H:%MZ}"
            if until
            else "nothing new is known of the pipe"
        )
    return "; ".join(said) or "nothing to read is set up"

"""`subnotify mail receive`: the mail server hands over what came to the return address."""

import sys
import traceback

import click

from subnotify import clock
from subnotify.cli_session import read_settings
from subnotify.config import SettingsError
from subnotify.jobs.mail_reading import store_piped
from subnotify.storage.database import create_engine_for, session_factory

# sysexits.h: the mail server keeps the mail and tries again. Anything else would bounce it.
EX_TEMPFAIL = 75


@click.command("receive", context_settings={"ignore_unknown_options": True})
@click.option("--recipient", default="", help="To whom the mail server took it, if it says.")
@click.argument("ignored", nargs=-1, type=click.UNPROCESSED)
def receive(recipient: str, ignored: tuple[str, ...]) -> None:
    """Store one mail from standard input, for the mail server's pipe.

    Ends with 0 once the mail is stored (or was before), and with 75 for whatever is wrong on our
    side, the database or a setting: the mail server then keeps the mail and tries again.
    """
    try:
        mail_id = _receive(sys.stdin.buffer.read(), recipient, ignored)
    except Exception as error:
        # The mail server quotes the beginning of what is said here.
        said = " ".join(str(error).split())
        click.echo(f"try again later: {type(error).__name__}: {said}", err=True)
        if not isinstance(error, (SettingsError, click.UsageError)):
            traceback.print_exc()
        raise SystemExit(EX_TEMPFAIL) from error
    click.echo(f"stored as mail {mail_id}")


def _receive(raw: bytes, recipient: str, ignored: tuple[str, ...]) -> int:
    if ignored:
        raise click.UsageError(f"unknown: {' '.join(ignored)}")
    if not raw:
        raise click.UsageError("there is no mail on standard input")
    settings = read_settings()
    engine = create_engine_for(settings.database_url)
    try:
        with session_factory(engine)() as session:
            return store_piped(session, settings, raw, recipient=recipient, at=clock.now())
    finally:
        engine.dispose()

"""`subnotify letters ...`: batches for the printer, and what became of the letters."""

from datetime import datetime
from pathlib import PurePath
from typing import BinaryIO

import click

from subnotify import clock
from subnotify.cli_session import open_session, read_settings
from subnotify.cli_yaml import READING_FAILED
from subnotify.jobs.letter_printing import BatchesNotTaken, print_letters
from subnotify.operations.hand_over_batch import hand_over_batch
from subnotify.operations.import_letter_events import import_letter_events
from subnotify.rules.errors import ProblemsFound, RuleError
from subnotify.storage.database import create_engine_for, session_factory
from subnotify.storage.letter_batch_pages import count_batches
from subnotify.storage.letter_batches import find_batch
from subnotify.storage.letter_pages import count_waiting
from subnotify.wording.labels import label
from subnotify.wording.language import wording_for


@click.group("letters")
def letters() -> None:
    """Notices on paper: prepare batches, record what became of the letters."""


@letters.command("prepare")
def prepare() -> None:
    """Prepare all letters that wait, and put the batches into SUBNOTIFY_LETTERS_FOLDER.

    The job prepare_letters does the same by itself once the oldest letter has waited for an hour.
    Ends with exit code 1 where the folder refuses a batch; it is prepared all the same.
    """
    settings = read_settings()
    engine = create_engine_for(settings.database_url)
    try:
        factory = session_factory(engine)
        click.echo(print_letters(settings, factory, clock=clock.now, at_once=True))
    except BatchesNotTaken as error:
        raise click.ClickException(_plain(str(error))) from error
    finally:
        engine.dispose()


@letters.command("events")
@click.argument("file", type=click.File("rb"))
def events(file: BinaryIO) -> None:
    """Record what became of letters from a CSV FILE, or a manifest that was filled in.

    Columns: letter, event (handed_over, printed, posted, presented, received, unclaimed,
    returned), on (like 2026-03-02), proof_number, note. A file may be imported again, and in any
    order. What is refused is said on standard error with its line (exit code 1), and so is what
    contradicts the record: it is kept, and the cases wait on hold until two persons have corrected
    one of the two. The rest is recorded; a file that is no such table changes nothing (exit code
    2).
    """
    settings, now = read_settings(), clock.now()
    name = PurePath(str(getattr(file, "name", "<stdin>"))).name
    with open_session() as session:
        try:
            found = import_letter_events(
                session,
                name,
                file.read(),
                by="command",
                actor="command",
                legal_email=settings.legal_email,
                vendor_time_zone=settings.vendor_time_zone,
                at=now,
            )
        except ProblemsFound as error:
            for problem in error.problems:
                click.echo(_plain(str(problem)), err=True)
            raise SystemExit(READING_FAILED) from error
    for line in found.refused:
        for problem in line.problems:
            said = f"{problem.message} {problem.remedy}" % dict(problem.params)
            click.echo(_plain(f"{line.where}: {said}"), err=True)
    for told in found.contested:
        for problem in told.problems:
            said = f"{problem.message} {problem.remedy}" % dict(problem.params)
            click.echo(_plain(f"{told.event.where}: kept in doubt: {said}"), err=True)
    click.echo(
        f"recorded {len(found.new)}, unchanged {found.unchanged}, without an event {found.silent},"
        f" refused {len(found.refused)}, in doubt {len(found.contested)}"
    )
    if found.refused or found.contested:
        raise SystemExit(1)


@letters.command("hand-over")
@click.argument("batch")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day (like 2026-03-02) on which the printer or the post office took it; else today.",
)
@click.option(
    "--beyond-reach",
    is_flag=True,
    help="Nobody can stop letters any more that are not to be sent: they are recorded as well.",
)
def hand_over(batch: str, on: datetime | None, beyond_reach: bool) -> None:
    """Record that BATCH (like L-000042) was handed over, with each of its letters."""
    settings = read_settings()
    with open_session() as session:
        batch_id = find_batch(session, batch)
        if batch_id is None:
            raise click.ClickException(f"there is no batch {_plain(batch)}")
        session.rollback()
        try:
            done = hand_over_batch(
                session,
                batch_id,
                on=on.date() if on else None,
                is_beyond_reach=beyond_reach,
                by="command",
                actor="command",
                legal_email=settings.legal_email,
                vendor_time_zone=settings.vendor_time_zone,
                at=clock.now(),
            )
        except RuleError as error:
            raise click.ClickException(str(error)) from error
    click.echo("handed over" if done else "it was handed over before")


@letters.command("status")
def status() -> None:
    """What waits for the printer, by product and reason, and the batches by state."""
    w = wording_for("en")
    with open_session() as session:
        waiting, batches = count_waiting(session), count_batches(session)
    for one in waiting:
        click.echo(
            f"waiting  {one.letters:>6}  {label(w, one.product)}, {label(w, one.reason)},"
            f" the oldest since {one.oldest_at:%Y-%m-%d %H:%M} UTC"
        )
    for state, number in sorted(batches.items()):
        click.echo(f"batches  {number:>6}  {label(w, state)}")
    if not waiting and not batches:
        click.echo("no letter waits, and no batch was prepared")


def _plain(line: str) -> str:
    """Without control characters: whoever wrote a file must not steer a terminal."""
    return "".join(x if x.isprintable() else "\ufffd" for x in line)

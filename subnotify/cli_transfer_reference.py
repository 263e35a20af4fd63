"""`subnotify transfers load|lapses`: newer reference data, and what on the list ends by them."""

from typing import BinaryIO

import click

from subnotify import clock
from subnotify.cli_session import open_session, read_settings
from subnotify.cli_yaml import end_with, print_json
from subnotify.operations.describe_lapses import describe_lapses
from subnotify.operations.find_lapses import LapsesFound, find_lapses
from subnotify.operations.load_transfer_reference import reference_in_use, store_reference
from subnotify.rules.errors import NotFound, ProblemsFound
from subnotify.storage.transfer_lapses import list_open_lapses, place_of


@click.command("load")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--by",
    default="command line",
    show_default=True,
    help="Who loads it: kept with the data.",
)
def load_reference(file: BinaryIO, by: str) -> None:
    """Use the reference data of a YAML FILE from now on, in place of older ones.

    The file has the form of the package's own. The web and the jobs take it up at once, without a
    restart; entries whose basis ends by it are found, and legal is told. Older data than those in
    use are refused; the same data twice change nothing. A file with problems changes nothing
    (exit code 2): they are said on standard error, with their lines.
    """
    settings, now = read_settings(), clock.now()
    with open_session() as session:
        before = reference_in_use(session).version
        session.rollback()
        try:
            loaded = store_reference(session, file.read(), by=by, at=now, actor="command")
        except ProblemsFound as error:
            end_with(file, error.problems)
        except NotFound as error:
            raise click.ClickException("Nothing is imported yet: import the vendor first.") from (
                error
            )
        if loaded.version == before:
            click.echo(f"in use already: {before}; nothing changed")
            return
        click.echo(f"in use: {loaded.version}")
        click.echo(f"before: {before}")
        found = find_lapses(session, zone=settings.zone, legal_email=settings.legal_email, at=now)
        _say(found)


def _say(found: LapsesFound) -> None:
    if found.opened == found.told == found.closed == 0:
        click.echo("no place of the list is concerned")
        return
    click.echo(
        f"places of the list that lose their basis: {found.opened} new, {found.closed} closed;"
        f" legal is told of {found.told}"
    )


@click.command("lapses")
def list_lapses() -> None:
    """The places of the list without a basis today or within 180 days, one JSON object a line."""
    settings = read_settings()
    today = clock.now().astimezone(settings.zone).date()
    with open_session() as session:
        stored = sorted(list_open_lapses(session), key=lambda x: (x.key.lapses_on, x.id))
        for task in describe_lapses(session, stored, on=today):
            key = task.stored.key
            print_json(
                {
                    "entry": task.entry_key,
                    "name": task.facts.name,
                    "place": place_of(task.location),
                    "law": key.law.value,
                    "instrument": key.instrument or None,
                    "lapses_on": key.lapses_on.isoformat(),
                    "days_left": task.days_left(today),
                    "clients": task.concerned.clients,
                    "agreements": task.concerned.agreements,
                    "replacements": [one.code for one in task.replacements],
                }
            )

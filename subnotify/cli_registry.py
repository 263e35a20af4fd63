"""`subnotify import FILE`: the registry from a file."""

from typing import BinaryIO

import click

from subnotify import clock
from subnotify.cli_session import open_session, read_settings
from subnotify.operations.import_registry import import_registry
from subnotify.operations.import_run import ImportReport
from subnotify.rules.errors import ProblemsFound


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--by",
    default="command line",
    show_default=True,
    help="Who imports it: kept with what is new or changed.",
)
def import_file(file: BinaryIO, by: str) -> None:
    """Import vendor, services, subprocessors, clients and agreements from a YAML FILE.

    Everything or nothing: a file with problems changes nothing and every problem is named. The
    same file twice changes nothing. What a file leaves out stays as it is. `-` is standard input.
    """
    zone = read_settings().zone
    with open_session() as session:
        try:
            report = import_registry(
                session, file.read(), by=by, at=clock.now(), zone=zone, actor="command"
            )
        except ProblemsFound as error:
            count = len(error.problems)
            listed = "\n".join(f"  {file.name}: {problem}" for problem in error.problems)
            summary = "1 problem" if count == 1 else f"{count} problems"
            raise click.ClickException(
                f"{summary} found; nothing was imported.\n{listed}"
            ) from error
    _say(report)


def _say(report: ImportReport) -> None:
    width = max(len(line.section) for line in report.lines)
    for line in report.lines:
        click.echo(
            f"{line.section:<{width}}  {line.new} new, {line.changed} changed,"
            f" {line.unchanged} unchanged"
        )
    if not report.changes:
        click.echo("nothing changed")

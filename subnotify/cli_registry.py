"""`subnotify import FILE...`: the registry from files, or what they would change; and
`subnotify export`: the registry as a file."""

from collections.abc import Sequence
from typing import BinaryIO

import click

from subnotify import clock
from subnotify.cli_session import open_session, read_settings
from subnotify.operations.export_registry import RegistryFormat, export_csv, export_registry
from subnotify.operations.import_differences import Effect, EntryChange
from subnotify.operations.import_files import Importer, import_files, preview_files
from subnotify.operations.import_run import ImportReport
from subnotify.operations.source_files import TABLE_ENDINGS, SourceFile, recognise_file
from subnotify.rules.csv_layouts import EXPORTED, ImportKind
from subnotify.rules.errors import ProblemsFound


@click.command("import")
@click.argument("files", type=click.File("rb"), nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--by",
    default="command line",
    show_default=True,
    help="Who imports it: kept with what is new or changed.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
def import_file(files: Sequence[BinaryIO], by: str, dry_run: bool) -> None:
    """Import vendor, services, subprocessors, clients and agreements from a YAML or JSON FILE.

    Or from tables: subprocessors.csv, locations.csv, bases.csv, clients.csv, contacts.csv,
    agreements.csv, designations.csv, several at once; or windows that run already, from a table
    by itself. The desk's page of imports says which columns they have. Everything or nothing: a
    file with problems changes nothing and every problem is named. The same file twice changes
    nothing. What a file leaves out stays as it is. `-` is standard input (YAML).
    """
    zone = read_settings().zone
    who = Importer(by, "command")
    with open_session() as session:
        try:
            given = [_source(file) for file in files]
            run = preview_files if dry_run else import_files
            report = run(session, given, by=who, at=clock.now(), zone=zone)
        except ProblemsFound as error:
            raise click.ClickException(_refusal(files, error)) from error
    if dry_run:
        for entry in report.entries:
            _say_entry(entry)
    _say(report)


@click.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice([x.value for x in RegistryFormat]),
    default=RegistryFormat.YAML.value,
    show_default=True,
    help="Vendor, services and list as one file of this kind.",
)
@click.option(
    "--table",
    type=click.Choice([x.value for x in EXPORTED]),
    help="One table as CSV instead.",
)
def export_file(form: str, table: str | None) -> None:
    """Write the registry to standard output: `subnotify import` of it changes nothing.

    The list stands as it is drafted, with internal notes: the file is for the vendor's own
    people, and no publication. Clients and agreements go out as tables.
    """
    with open_session() as session:
        if table is not None:
            content = export_csv(session, ImportKind(table))
        else:
            content = export_registry(session, RegistryFormat(form))
    click.echo(content, nl=False)


def _source(file: BinaryIO) -> SourceFile:
    """A table by its ending; anything else is the registry's file."""
    name = _name(file)
    if name.lower().endswith(TABLE_ENDINGS):
        return recognise_file(name, file.read())
    return SourceFile(name, ImportKind.REGISTRY, file.read())


def _name(file: BinaryIO) -> str:
    return str(getattr(file, "name", "<stdin>"))


def _refusal(files: Sequence[BinaryIO], error: ProblemsFound) -> str:
    count = len(error.problems)
    summary = "1 problem" if count == 1 else f"{count} problems"
    name = _name(files[0])
    # Problems of a table name their file themselves.
    names_itself = name.lower().endswith(TABLE_ENDINGS)
    listed = [str(x) if names_itself else f"{name}: {x}" for x in error.problems]
    return "\n".join([f"{summary} found; nothing was imported.", *(f"  {x}" for x in listed)])


def _say_entry(entry: EntryChange) -> None:
    mark = "+" if entry.effect is Effect.NEW else "~"
    click.echo(f"{mark} {entry.section} {entry.key}".rstrip())
    for field in entry.fields:
        after = _line(field.after)
        if entry.effect is Effect.NEW:
            click.echo(f"    {field.name}: {after}")
        else:
            click.echo(f"    {field.name}: {_line(field.before)} -> {after}")


def _line(text: str) -> str:
    """On one line, and never a control sequence of the terminal."""
    shown = "".join(x if x.isprintable() else f"\\x{ord(x):02x}" for x in text)
    return shown or "(empty)"


def _say(report: ImportReport) -> None:
    width = max((len(line.section) for line in report.lines), default=0)
    for line in report.lines:
        click.echo(
            f"{line.section:<{width}}  {line.new} new, {line.changed} changed,"
            f" {line.unchanged} unchanged"
        )
    if not report.changes:
        click.echo("nothing changed")

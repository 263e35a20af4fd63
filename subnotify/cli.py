"""The `subnotify` command. Each subcommand calls one operation, and reads the clock once for it."""

import os
from typing import Any

import click
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from subnotify.cli_deadlines import deadlines
from subnotify.cli_demo import demo
from subnotify.cli_gate import gate, token
from subnotify.cli_jobs import jobs
from subnotify.cli_letters import letters
from subnotify.cli_mail import mail
from subnotify.cli_mail_receive import receive
from subnotify.cli_operator import operator
from subnotify.cli_registry import export_file, import_file
from subnotify.cli_release import release
from subnotify.cli_session import read_settings
from subnotify.cli_terms import terms
from subnotify.cli_transfer_reference import list_lapses, load_reference
from subnotify.cli_transfers import transfers
from subnotify.config import SettingsError, database_url_from
from subnotify.storage import migrate


class SubnotifyGroup(click.Group):
    """Says a missing setting or an absent database in one line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.ClickException(str(error)) from error
        except (OperationalError, ProgrammingError) as error:
            if _lacks_tables(error):
                raise click.ClickException(
                    f"the database is not up to date, run `subnotify db upgrade`: {error.orig}"
                ) from error
            if isinstance(error, ProgrammingError):
                raise
            raise click.ClickException(f"the database does not answer: {error.orig}") from error


def _lacks_tables(error: DBAPIError) -> bool:
    """A table or a column is missing: it was never migrated, or not since the program was."""
    # PostgreSQL says it with a code of its own, SQLite with words only.
    code = getattr(error.orig, "sqlstate", None)
    return code in ("42P01", "42703") or str(error.orig).startswith(
        ("no such table", "no such column")
    )


@click.group(cls=SubnotifyGroup)
@click.version_option(package_name="subnotify")
def main() -> None:
    """Announce changes of subprocessors to every client as its contract says.

    Settings come from environment variables named SUBNOTIFY_...; the README lists them.
    """


main.add_command(operator)
main.add_command(import_file)
main.add_command(export_file)
main.add_command(release)
main.add_command(jobs)
main.add_command(gate)
main.add_command(token)
mail.add_command(receive)
main.add_command(mail)
main.add_command(letters)
main.add_command(deadlines)
main.add_command(terms)
transfers.add_command(load_reference)
transfers.add_command(list_lapses)
main.add_command(transfers)
main.add_command(demo)


@main.group("db")
def database() -> None:
    """The database's schema."""


@database.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the newest schema, whole or not at all."""
    url = database_url_from(os.environ)
    before = migrate.current(url)
    migrate.upgrade(url)
    after = migrate.current(url)
    if before == after:
        click.echo(f"the database is up to date ({after})")
    else:
        click.echo(f"the database went from {before or 'nothing'} to {after}")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="The port.")
@click.option("--workers", default=1, show_default=True, help="Processes that answer requests.")
@click.option(
    "--threads",
    default=8,
    show_default=True,
    type=click.IntRange(1, 15),
    help="Requests at once per process.",
)
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages until Ctrl-C. The jobs run apart: `subnotify jobs run`."""
    # The worker processes would only say so in a traceback each.
    read_settings()
    from granian import Granian
    from granian.constants import Interfaces

    server = Granian(
        "subnotify.wsgi:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        # Each holds one database connection; SQLAlchemy's pool gives out 15 at most.
        blocking_threads=threads,
        websockets=False,
    )
    server.serve()

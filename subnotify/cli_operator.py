"""`subnotify operator ...`: who may sign in."""

from typing import TextIO

import click

from subnotify import clock
from subnotify.cli_session import open_session
from subnotify.operations.add_operator import add_operator
from subnotify.rules.errors import RuleError
from subnotify.rules.words import Role


@click.group()
def operator() -> None:
    """The vendor's people who sign in."""


@operator.command("add")
@click.option("--name", required=True, help="What the person signs in with.")
@click.option("--email", required=True, help="Where reset links and alarms go.")
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="May be given several times.",
)
@click.option(
    "--password-file",
    type=click.File("r", encoding="utf-8"),
    help="Read the password from the first line of this file; - is standard input.",
)
def add(name: str, email: str, roles: tuple[str, ...], password_file: TextIO | None) -> None:
    """Add a person who may sign in. Without --password-file the password is asked for."""
    # Never an option of its own: the list of running commands would show it.
    password = (
        password_file.readline().rstrip("\r\n")
        if password_file is not None
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    with open_session() as session:
        try:
            added = add_operator(
                session,
                name=name,
                email=email,
                roles=[Role(role) for role in roles],
                password=password,
                actor="command",
                at=clock.now(),
            )
        except RuleError as error:
            raise click.ClickException(str(error)) from error
    listed = ", ".join(sorted(added.roles))
    click.echo(f"{added.name} <{added.email}> may sign in as {listed}")

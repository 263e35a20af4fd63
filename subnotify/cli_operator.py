"""`subnotify operator ...`: who may sign in."""

from typing import TextIO

import click

from subnotify import clock
from subnotify.app import create_app
from subnotify.cli_session import open_session, read_settings
from subnotify.delivery.one_off import OneOffMailFailed
from subnotify.operations.add_operator import add_operator
from subnotify.operations.reset_second_factor import reset_second_factor
from subnotify.rules.errors import RuleError
from subnotify.rules.words import Role
from subnotify.web.operator_mails import tell_of_reset


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


@operator.command("reset-second-factor")
@click.argument("name")
def reset(name: str) -> None:
    """Take the second factor of NAME away: for somebody who lost telephone and recovery codes.

    Make sure first that it is this person who asks. All sessions end, the operator is told by
    mail, and sets up a new telephone at the next sign-in. Ends with exit code 1 where the mail
    could not be sent; the factor is reset then all the same.
    """
    settings = read_settings()
    at = clock.now()
    with open_session() as session:
        try:
            found = reset_second_factor(session, name, actor="command", at=at)
        except RuleError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"The second factor of {found.name} is reset; all sessions have ended.")
    try:
        with create_app(settings).app_context():
            tell_of_reset(found, at=at)
    except OneOffMailFailed as error:
        raise click.ClickException(
            f"The mail to {found.email} was not sent ({error}): tell {found.name} yourself."
        ) from error
    click.echo(f"{found.email} is told by mail.")
